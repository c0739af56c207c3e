"""Cuts are found at the frame where the new shot begins; camera moves, flashes and changing light are no cuts."""

import cv2
import numpy as np
import pytest

from moodscore.errors import BadValue
from moodscore.media import Shot
from moodscore.prepare import clip
from moodscore.see import shots
from moodscore.see.blends import likeness

WIDTH, HEIGHT, FPS = 160, 90, 25


def landscape(seed):
    """A soft random picture, larger than a frame, to move a camera over."""
    rng = np.random.default_rng(seed)
    coarse = rng.uniform(0, 255, (10, 16, 3)).astype(np.float32)
    fine = rng.normal(0, 12, (270, 480, 1)).astype(np.float32)
    return np.clip(cv2.resize(coarse, (480, 270), interpolation=cv2.INTER_CUBIC) + fine, 0, 255).astype(np.uint8)


def shot(seed, count=30, pan=0.0, shake=0.0):
    """Frames of one landscape under a camera that pans by `pan` pixels a frame and trembles by `shake`."""
    rng = np.random.default_rng(seed + 1000)
    wide = landscape(seed)
    out = []
    for n in range(count):
        x, y = (int(v) for v in np.clip(80 + pan * n + rng.normal(0, shake + 1e-9, 2), 0, 180))
        out.append(wide[y // 2 : y // 2 + HEIGHT, x : x + WIDTH])
    return out


def cuts_of(frames, min_shot_s=0.4, fps=FPS):
    cutter = shots.Cutter(min_shot_s)
    for number, pixels in enumerate(frames):
        cutter.see(number / fps, pixels)
    return [round(s.start_s * fps) for s in cutter.shots(len(frames) / fps)][1:]


def test_hard_cuts_are_found_to_the_frame():
    frames = [*shot(1), *shot(2, 20), *shot(3, 25)]
    assert cuts_of(frames) == [30, 50]


@pytest.mark.parametrize("moves", [{"pan": 3.0}, {"pan": -4.0}, {"shake": 4.0}])
def test_camera_moves_are_no_cuts(moves):
    assert cuts_of(shot(4, 40, **moves)) == []


@pytest.mark.parametrize("length", [1, 2, 3, 4])
def test_a_flash_is_no_cut(length):
    frames = shot(5, 40, shake=1)
    for n in range(20, 20 + length):
        frames[n] = np.full_like(frames[n], 250)
    assert cuts_of(frames) == []


def test_the_same_picture_in_another_light_is_no_cut():
    frames = shot(6, 40, shake=1)
    assert cuts_of([f if n < 20 else (f * 0.6).astype(np.uint8) for n, f in enumerate(frames)]) == []


def test_a_cut_in_the_dark_is_a_cut():
    frames = [(f * 0.2).astype(np.uint8) for f in (*shot(7), *shot(8))]
    assert cuts_of(frames) == [30]


def test_a_cut_in_a_film_without_colour_is_a_cut():
    grey = [np.repeat(f.mean(axis=2, keepdims=True) * 0.6, 3, axis=2).astype(np.uint8) for f in (*shot(7), *shot(8))]
    assert cuts_of(grey) == [30]


def test_a_dissolve_is_one_cut_in_its_middle():
    one, other = shot(9, 50, shake=0.5), shot(10, 50, shake=0.5)
    share = np.clip((np.arange(50) - 15) / 20, 0, 1)
    frames = [*one[:10], *((a * (1 - s) + b * s).astype(np.uint8) for a, b, s in zip(one, other, share, strict=True))]
    (found,) = cuts_of([*frames, *other[:10]])
    assert found == pytest.approx(35, abs=6)


def test_a_fade_through_black_is_a_cut():
    level = np.abs(np.linspace(-1.2, 1.2, 60)) - 0.2
    frames = [*shot(11, 20), *shot(11, 30), *shot(12, 50)]
    dimmed = [(f * v).astype(np.uint8) for f, v in zip(frames[20:80], np.clip(level, 0, 1), strict=True)]
    found = cuts_of([*frames[:20], *dimmed, *frames[80:]])
    assert len(found) in (1, 2)
    assert all(30 <= cut <= 70 for cut in found)


def test_shots_shorter_than_asked_are_joined():
    frames = [*shot(1), *shot(2, 8), *shot(3)]
    assert cuts_of(frames, min_shot_s=0.0) == [30, 38]
    assert cuts_of(frames) == [30]


def test_a_film_is_covered_from_end_to_end(tmp_path, film_maker):
    frames = [*shot(1, 15), *shot(2, 15), *shot(3, 15)]
    path = film_maker.write(
        tmp_path / "a.mp4", frames=45, size=(WIDTH, HEIGHT), picture=lambda n, size: np.ascontiguousarray(frames[n])
    )
    assert shots.cut(clip.open(path)) == (Shot(0.0, 0.6), Shot(0.6, 1.2), Shot(1.2, 1.8))


def test_cuts_are_told_soon_after_they_happen():
    cutter, told = shots.Cutter(), {}
    for number, pixels in enumerate([*shot(1), *shot(2)]):
        for cut in cutter.see(number / FPS, pixels):
            told[round(cut * FPS)] = number
    assert told == {30: pytest.approx(36, abs=2)}
    assert cutter.cuts == (30 / FPS,)


def test_a_clock_that_changes_pace_does_not_matter():
    cutter = shots.Cutter()
    times = np.cumsum(np.where(np.arange(60) % 7 == 0, 0.3, 0.02))
    for time_s, pixels in zip(times, [*shot(1), *shot(2)], strict=True):
        cutter.see(float(time_s), pixels)
    assert cutter.shots(10.0)[1].start_s == pytest.approx(times[30])


def test_nothing_seen_is_no_shot_and_time_runs_forward():
    assert shots.Cutter().shots(3.0) == ()
    cutter = shots.Cutter()
    cutter.see(1.0, shot(1, 1)[0])
    with pytest.raises(BadValue, match="after 1 s"):
        cutter.see(1.0, shot(1, 1)[0])
    with pytest.raises(BadValue, match="shortest shot"):
        shots.Cutter(-1)


def test_what_is_looked_at_is_small_and_keeps_its_shape():
    assert shots.small((1920, 1080)) == (160, 90)
    assert shots.small((1080, 1920)) == (90, 160)
    assert shots.small((64, 48)) == (64, 48)


def test_likeness_is_about_patterns_not_about_light():
    one = shot(1, 1)[0].astype(np.float32)
    assert likeness(one, one * 0.5) == pytest.approx(1)
    assert abs(likeness(one, np.full_like(one, 200.0))) == 0
