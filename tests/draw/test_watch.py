import numpy as np
import pytest

from moodscore.affect import Affect
from moodscore.draw import watch
from moodscore.media import Photo, Shot
from moodscore.schemes import GENRES, Labels
from moodscore.trajectory import Trajectory


def story(affects, sound=None, seconds=10.0):
    times = np.linspace(0, seconds, len(affects), endpoint=False)
    even = Labels.of("genre", [1 / len(GENRES.names)] * len(GENRES.names))
    frame = Photo(np.full((90, 160, 3), 120, np.uint8), "film", (160, 90))
    feeling = Trajectory.of(zip(times.tolist(), affects, strict=True), seconds)
    return watch.Story(
        "film.mp4", ((0.5, frame),) * 8, (Shot(0, 4), Shot(4, seconds)), feeling, (0.0, 5.0), (even, even), "sf", sound
    )


def heights(picture, colour):
    """The rows, per column, where a curve's colour is."""
    pixels = np.asarray(picture)[150:380, watch.LEFT + 5 : watch.LEFT + watch.ACROSS - 5].astype(int)
    near = np.abs(pixels - np.array(colour)).sum(2) < 60
    rows = np.arange(near.shape[0])[:, None]
    return (near * rows).sum(0) / np.maximum(near.sum(0), 1), near.any(0)


def test_curves_rise_and_fall_with_the_feeling():
    picture = watch.watch_png(story([Affect(-0.8, 0.6), Affect(0.8, -0.6)]))
    valence, seen = heights(picture, watch.VALENCE)
    assert seen.mean() > 0.95
    assert valence[20] > valence[-20] + 60
    arousal, _ = heights(picture, watch.AROUSAL)
    assert arousal[20] < arousal[-20] - 40


def test_the_mood_band_has_the_colour_of_the_feeling():
    one, other = (np.asarray(watch.watch_png(story([a] * 2))) for a in (Affect(0.8, 0.0), Affect(-0.8, 0.0)))
    row = 44 + watch.STRIP + 8 + watch.BAND // 2
    assert np.abs(one[row, 600].astype(int) - other[row, 600]).sum() > 80


@pytest.mark.parametrize("seconds", [0.6, 10.0, 4000.0])
def test_any_length_can_be_drawn_with_and_without_sound(seconds):
    steps = max(1, int(seconds / 0.5))
    sound = watch.Sounding(0.5, np.full(steps, -20.0), np.zeros(steps), np.ones(steps))
    felt = [Affect(0, 0), Affect(0.5, 0.5)]
    plain, full = (watch.watch_png(story(felt, s, seconds)) for s in (None, sound))
    assert plain.width == full.width == 1280
    assert full.height == plain.height + watch.SOUND + 12
