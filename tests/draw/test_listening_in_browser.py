"""The page of a listening test in a real Chromium: a participant goes through it by mouse and by keyboard."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Browser, Page

from moodscore.draw import listening
from moodscore.measure import listening_files
from moodscore.media import Tune
from moodscore.music import export
from moodscore.schemes import MOODS

COUNT = 4
SECONDS = 1.2


def beep(pitch_hz: float) -> bytes:
    time_s = np.arange(round(SECONDS * 44100)) / 44100
    wave = (0.2 * np.sin(2 * np.pi * pitch_hz * time_s)).astype(np.float32)
    return export.encode(Tune(np.stack([wave, wave], 1), 44100), ".mp3", 96_000)


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("test") / "page.html"
    sounds = [beep(220.0 * (k + 1)) for k in range(COUNT)]
    path.write_text(listening.page("t1", [(f"clip{k}", s) for k, s in enumerate(sounds)], sounds[0], SECONDS), "utf-8")
    return path


@pytest.fixture
def page(quiet_page: Callable[[Path], Page], written: Path) -> Page:
    return quiet_page(written)


def until(page: Page, holds: Callable[[], bool]) -> None:
    """Wait for up to a minute; the page's content policy forbids the strings that Playwright's own waiting evaluates."""
    for _ in range(600):
        if holds():
            return
        page.wait_for_timeout(100)
    raise AssertionError("it did not happen within a minute")


def state(page: Page) -> dict[str, Any]:
    found: dict[str, Any] = page.evaluate("moodscore.state()")
    return found


def begin(page: Page) -> None:
    page.check("#agree")
    page.click("#begin")


def ready(page: Page) -> bool:
    return page.get_attribute("#next", "aria-disabled") == "false"


def test_a_participant_goes_through_and_the_file_is_scored(page: Page, tmp_path: Path) -> None:
    page.dispatch_event("#begin", "click")  # a click would wait until it is enabled
    assert not state(page)["started"]  # not without consent
    begin(page)
    for position in range(COUNT - 1):
        assert page.inner_text("h2 >> nth=0") == f"Clip {position + 1} of {COUNT}"
        page.dispatch_event("#next", "click")
        assert len(state(page)["answers"]) == position  # not before it was heard and judged
        page.click("#play")
        page.click(f".mood:nth-child({position + 1})")
        page.locator("#pad").click(position={"x": 60, "y": 60})
        until(page, lambda: ready(page))
        page.click("#next")
    page.click("#skip")
    page.click("#skip")
    with page.expect_download() as download:
        page.click("#download")
    saved = json.loads(Path(download.value.path()).read_text("utf-8"))
    clips = {f"clip{k}": {"mood": "sad", "valence": -0.5, "arousal": -0.5} for k in range(COUNT)}
    key = {"format": listening_files.KEY, "version": 1, "test": "t1", "clips": clips}
    answers = listening_files.read_answers(json.dumps(saved), "saved", listening_files.read_key(json.dumps(key), "key"))
    assert [a.said for a in answers] == [*MOODS.names[: COUNT - 1], None]
    heard = answers[0].heard
    assert heard is not None
    assert heard.valence < -0.5 < 0.5 < heard.arousal  # up and to the left
    order = page.evaluate("seed => moodscore.order(4, seed)", saved["order_seed"])
    assert [a.clip for a in answers] == [f"clip{k}" for k in order]


def test_a_reload_loses_nothing(page: Page) -> None:
    begin(page)
    page.click("#skip")
    page.click("#skip")
    page.click(".mood:nth-child(3)")
    page.locator("#pad").click(position={"x": 100, "y": 100})
    before = state(page)
    page.reload()
    after = state(page)
    for kept in ("participant", "order_seed", "answers"):
        assert after[kept] == before[kept]
    assert (after["draft"]["mood"], after["draft"]["valence"]) == ("intense", before["draft"]["valence"])
    assert page.is_checked("input[value=intense]")


def test_the_order_is_a_shuffle_that_the_seed_gives_again(page: Page) -> None:
    orders = [page.evaluate("seed => moodscore.order(24, seed)", seed) for seed in (1, 2, 1)]
    assert orders[0] == orders[2] != orders[1]
    assert sorted(orders[0]) == list(range(24))
    first = page.evaluate("Array.from({ length: 400 }, (_, seed) => moodscore.order(4, seed)[0])")
    assert all(70 <= first.count(k) <= 130 for k in range(4))


def test_everything_can_be_done_by_keyboard_and_has_a_name(page: Page) -> None:
    page.focus("#agree")
    page.keyboard.press("Space")
    page.focus("#begin")
    page.keyboard.press("Enter")
    page.focus("input[value=joyful]")
    page.keyboard.press("ArrowDown")
    assert state(page)["draft"]["mood"] == "exciting"
    page.focus("#pad")
    for key in ("ArrowRight", "ArrowRight", "Shift+ArrowUp"):
        page.keyboard.press(key)
    draft = state(page)["draft"]
    assert (draft["valence"], draft["arousal"]) == (0.1, 0.2)
    assert page.text_content("#live") == "pleasant 10 %, excited 20 %"
    page.focus("#valence")
    page.keyboard.press("End")
    assert state(page)["draft"]["valence"] == 1
    for control in page.query_selector_all("button, #pad, input[type=range]"):
        named = control.get_attribute("aria-label") or control.inner_text().strip()
        assert named or page.query_selector(f"label[for={control.get_attribute('id')}]")


def test_it_speaks_korean_and_fits_a_phone(page: Page) -> None:
    page.click("#language")
    assert page.get_attribute("html", "lang") == "ko"
    begin(page)
    page.set_viewport_size({"width": 360, "height": 740})
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    assert "즐거운" in page.inner_text(".mood >> nth=0")
    for tile in page.query_selector_all(".mood"):
        box = tile.bounding_box()
        assert box is not None
        assert box["height"] >= 44  # a finger wide


def test_a_clip_that_does_not_play_is_told_and_can_be_passed_over(browser: Browser, tmp_path: Path) -> None:
    path = tmp_path / "broken.html"
    path.write_text(listening.page("t2", [("a", b"no sound at all")], beep(220), SECONDS), "utf-8")
    context = browser.new_context()
    page = context.new_page()
    page.goto(path.as_uri())
    begin(page)
    page.click("#play")
    until(page, lambda: "does not play" in page.inner_text(".player"))
    page.click("#skip")
    page.click("#skip")
    assert page.inner_text("h1") == "Thank you"
    assert state(page)["answers"][0]["unplayable"] is True
    context.close()
