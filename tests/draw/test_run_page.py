"""The page of a run: whole in one file, closed to the network, in both languages; and in a real browser."""

import io
import re

import numpy as np
import pytest
from PIL import Image

from moodscore.affect import Affect, Spread
from moodscore.draw import run_page, run_parts
from moodscore.draw.run_page import Run, ShownTune
from moodscore.draw.run_parts import Mark
from moodscore.errors import BadValue
from moodscore.media import Note, Photo, Score, Track, Tune
from moodscore.music import export
from moodscore.reading import Reading
from moodscore.schemes import mood_labels

FELT = Affect(0.3, -0.2)
SECONDS = 2.0
ROLES = ("faithful", "neighbour", "contrast")


def sound(pitch_hz):
    time_s = np.arange(round(SECONDS * 44100)) / 44100
    wave = (0.2 * np.sin(2 * np.pi * pitch_hz * time_s)).astype(np.float32)
    return Tune(np.stack([wave, wave], 1), 44100)


def score():
    notes = tuple(Note(0.25 * k, 0.2, 60 + k, 80) for k in range(8))
    drums = tuple(Note(0.5 * k, 0.1, 36 + 2 * (k % 2), 90) for k in range(4))
    return Score((Track("piano (melody)", 0, notes), Track("drums", 0, drums, drums=True)), SECONDS)


def shown(role, k, written=None):
    tune = sound(220.0 * (k + 1))
    return ShownTune(
        role=role,
        title=(f"genre {k}", f"장르 {k}"),
        reason=(f"Because of {k} < 9.", f"{k} 때문입니다."),
        asked=Affect(0.3, -0.2 + 0.3 * k),
        heard=Affect(0.2, -0.1 + 0.25 * k),
        seconds=SECONDS,
        sound=export.encode(tune, ".mp3", 96_000),
        samples=tune.samples,
        tempo_bpm=90.0,
        key="D ionian",
        prompt=f"prompt {k}",
        score=written,
        files=(("MP3", f"{role}.mp3"),),
    )


@pytest.fixture(scope="module")
def run():
    pixels = np.random.default_rng(1).integers(0, 255, (240, 360, 3), dtype=np.uint8)
    return Run(
        photo=Photo(pixels, "bee <b>.jpg", (360, 240)),
        reading=Reading(FELT, mood_labels(FELT, 0.2, 0.2), 0.6, "photo@1", Spread(0.2, 0.2)),
        english=("A close-up.", 'A "bee".', "It feels peaceful."),
        korean=("가까이에서 담은 사진입니다.", "벌이 있습니다.", "평화로운 느낌이 납니다."),
        sentence="A close-up; a bee; it feels peaceful.",
        keywords=("bee", "close-up"),
        tunes=tuple(shown(role, k, score()) for k, role in enumerate(ROLES)),
        library=shown("library", 3),
        told=(("seed", "시드", "0"),),
    )


@pytest.fixture(scope="module")
def written(run, tmp_path_factory):
    path = tmp_path_factory.mktemp("run") / "index.html"
    path.write_text(run_page.page(run), "utf-8")
    return path


def test_the_page_asks_nobody_for_anything_and_runs_only_its_own_script(run):
    page = run_page.page(run, "ko")
    assert "default-src 'none'" in page
    assert "unsafe-inline" not in page
    assert not re.search(r"(src|href)=[\"']?(https?:)?//", page)
    assert not re.search(r"\sstyle=", page)
    assert '<html lang="ko" data-lang="ko">' in page
    assert "{{" not in page
    assert run_page.page(run, "ko") == page


def test_what_is_said_is_escaped(run):
    page = run_page.page(run)
    assert "bee <b>" not in page
    assert "Because of 0 &lt; 9." in page
    assert 'alt="A close-up. A &quot;bee&quot;. It feels peaceful."' in page


def test_the_photo_is_small_and_carries_no_metadata():
    pixels = np.full((1500, 3000, 3), 90, np.uint8)
    picture = Image.open(io.BytesIO(run_page._jpeg(Photo(pixels, "wide.jpg", (3000, 1500)))))
    assert picture.size == (1280, 640)
    assert not picture.getexif()
    assert "exif" not in picture.info


def test_both_languages_say_everything(run):
    page = run_page.page(run)
    assert page.count('class="en"') == page.count('class="ko"')


def test_the_plane_is_told_in_words():
    drawn = run_parts.plane(FELT, Spread(0.1, 0.1), [Mark(1, FELT, Affect(0.1, 0.1)), Mark(2, Affect(0.5, 0.5), None)])
    assert "The photo: peaceful, valence +0.30, arousal -0.20." in drawn
    assert "Tune 1: asked for at valence +0.30, arousal -0.20, heard at valence +0.10, arousal +0.10." in drawn
    assert "Tune 2: asked for at valence +0.50, arousal +0.50." in drawn
    assert drawn.count('class="heard') == 1


def test_every_note_is_on_the_roll_and_silence_has_a_wave():
    drawn = run_parts.roll(score())
    assert drawn.count("M") == 12
    assert run_parts.wave(np.zeros((0, 2), np.float32)).count("M") == 250


def test_what_cannot_be_shown_is_refused(run):
    with pytest.raises(BadValue, match="language"):
        run_page.page(run, "fr")
    nobody = Run(run.photo, run.reading, run.english, run.korean, "", (), ())
    with pytest.raises(BadValue, match="tunes"):
        run_page.page(nobody)


@pytest.mark.parametrize("width", [390, 1440])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_fits_narrow_and_wide_light_and_dark(quiet_page, written, width, scheme):
    page = quiet_page(written)
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 900})
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.locator(".tune .play").count() == 3
    assert page.locator(".library .play").is_visible()
    for tune in page.locator(".tune").all():
        assert tune.locator(".roll path").count() == 2
        assert tune.inner_text()
    ground = page.evaluate("getComputedStyle(document.body.parentElement).backgroundColor")
    light = sum(map(int, re.findall(r"\d+", ground)[:3])) > 380
    assert light == (scheme == "light")
    assert page.evaluate("document.querySelector('.photo img').naturalWidth") == 360


def until(page, holds):
    for _ in range(300):
        if holds():
            return
        page.wait_for_timeout(50)
    raise AssertionError("it did not happen within fifteen seconds")


def test_one_tune_plays_at_a_time_by_mouse_and_by_keyboard(quiet_page, written):
    page = quiet_page(written)
    players = page.locator(".player")
    playing = lambda k: "playing" in players.nth(k).get_attribute("class").split()  # noqa: E731
    players.nth(0).locator(".play").click()
    until(page, lambda: playing(0))
    players.nth(3).locator(".play").focus()
    page.keyboard.press("Enter")
    until(page, lambda: playing(3) and not playing(0))
    assert players.nth(3).locator(".play").get_attribute("aria-label").startswith("Pause: From the library")
    page.keyboard.press("Enter")
    until(page, lambda: not playing(3))
    page.keyboard.press("Tab")
    page.keyboard.press("End")
    until(page, lambda: players.nth(3).locator(".clock").inner_text().startswith("0:02"))


def test_its_reader_changes_the_language(quiet_page, written):
    page = quiet_page(written)
    assert page.locator("h1").inner_text() == "One photo, three tunes"
    page.click("#language")
    assert page.locator("h1").inner_text() == "사진 한 장, 노래 세 곡"
    assert page.evaluate("document.documentElement.lang") == "ko"
    assert page.locator(".play").first.get_attribute("aria-label").startswith("재생: 사진 그대로")
    assert "Because of" not in page.locator(".tune").first.inner_text()
