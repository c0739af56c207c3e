"""The preview page in a real Chromium: it plays what Python planned, by the same envelope, and asks nobody for anything."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Page

from moodscore.affect import Affect
from moodscore.film.preview import page as preview_page
from moodscore.film.timeline import Options, Timeline, arrange
from moodscore.media import Photo, Tune
from moodscore.music import export
from moodscore.reading import Reading
from moodscore.schemes import mood_labels

READINGS = [
    Reading(a, mood_labels(a, 0.2, 0.2), 0.6, "test@1")
    for a in (Affect(0.7, 0.5), Affect(-0.4, -0.3), Affect(0.3, -0.6))
]


def planned(transition: str) -> Timeline:
    return arrange(
        [Path(f"{k}.jpg") for k in range(3)], Options(seconds_per_photo=2.0, fade_s=0.7, transition=transition, seed=4)
    )


@pytest.fixture(params=["crossfade", "dip", "cut"])
def opened(request: pytest.FixtureRequest, quiet_page: Callable[[Path], Page], tmp_path: Path) -> tuple[Page, Timeline]:
    line = planned(request.param)
    photos = [Photo(np.full((90, 160, 3), 60 + 60 * k, np.uint8), f"{k}.jpg", (160, 90)) for k in range(3)]
    time_s = np.arange(6 * 44100) / 44100
    wave = (0.2 * np.sin(2 * np.pi * 330 * time_s)).astype(np.float32)
    sound = export.encode(Tune(np.stack([wave, wave], 1), 44100), ".mp3")
    (tmp_path / "page.html").write_text(preview_page(line, photos, sound, READINGS), "utf-8")
    return quiet_page(tmp_path / "page.html"), line


def until(page: Page, holds: Callable[[], bool]) -> None:
    """Wait for up to ten seconds; the page's content policy forbids the strings that Playwright's own waiting evaluates."""
    for _ in range(200):
        if holds():
            return
        page.wait_for_timeout(50)
    raise AssertionError("it did not happen within ten seconds")


def test_the_page_sees_and_hears_by_the_same_envelope_as_the_film(opened: tuple[Page, Timeline]) -> None:
    page, line = opened
    times = np.linspace(0, line.duration_s, 121)
    heard = page.evaluate("times => times.map(t => moodscore.gain(t))", times.tolist())
    assert np.allclose(heard, line.gain(times), atol=1e-4)
    for k in range(3):
        seen = page.evaluate("([k, times]) => times.map(t => moodscore.visibility(k, t))", [k, times.tolist()])
        assert np.allclose(np.clip(seen, 0, 1), [line.visibility(k, float(t)) for t in times], atol=1e-4)


def test_seeking_shows_the_mood_of_the_photo_that_is_seen(opened: tuple[Page, Timeline]) -> None:
    page, _ = opened
    for k, reading in enumerate(READINGS):
        page.evaluate("t => moodscore.seek(t)", 2.0 * k + 1.0)
        until(page, lambda name=reading.mood.name: page.text_content("#mood") == name)
        assert page.inner_text("#mood_ko") == reading.mood.korean


def test_it_plays_by_keyboard_and_every_control_has_a_name(opened: tuple[Page, Timeline]) -> None:
    page, _ = opened
    page.keyboard.press("Space")
    until(page, lambda: float(page.input_value("#seek")) > 0.05)
    assert page.get_attribute("#play", "aria-label") == "Pause"
    page.keyboard.press("Space")
    until(page, lambda: page.get_attribute("#play", "aria-label") == "Play")
    for control in page.query_selector_all("button, input"):
        assert control.get_attribute("aria-label") or control.inner_text().strip()


def test_it_fits_a_phone_without_scrolling_sideways(opened: tuple[Page, Timeline]) -> None:
    page, _ = opened
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
