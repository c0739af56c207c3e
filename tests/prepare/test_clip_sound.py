"""The sound of a film comes in blocks that cover its time to the sample, silent where there is none."""

import numpy as np
import pytest

from moodscore.errors import BadMedia, BadValue
from moodscore.prepare import clip, clip_sound

RATE = 8000


@pytest.fixture(scope="module")
def film(film_maker, tmp_path_factory):
    """A film of 1.6 s: 0.8 s of silence, then a tone."""
    path = tmp_path_factory.mktemp("film") / "a.mkv"
    return clip.open(film_maker.write(path, frames=40, sound_s=1.6))


def test_blocks_cover_the_picture_to_the_sample(film):
    found = list(clip_sound.blocks(film, RATE, 0.5))
    assert [b.shape for b in found] == [(4000, 2)] * 3 + [(round(film.duration_s * RATE) - 12000, 2)]
    assert all(b.dtype == np.float32 for b in found)


def test_sound_is_where_it_is_on_the_clock(film):
    whole = np.concatenate(list(clip_sound.blocks(film, RATE)))
    assert np.abs(whole[: round(0.75 * RATE)]).max() < 0.02
    assert np.abs(whole[round(0.85 * RATE) : round(0.95 * RATE)]).max() > 0.4
    assert np.array_equal(whole[:, 0], whole[:, 1])
    part = np.concatenate(list(clip_sound.blocks(film, RATE, 0.1, start_s=1.0, end_s=1.3)))
    assert np.abs(part - whole[RATE : RATE + len(part)]).max() < 0.02


def test_a_silent_film_and_sound_that_ends_early_are_filled_with_silence(film_maker, tmp_path):
    silent = clip.open(film_maker.write(tmp_path / "a.mp4"))
    assert not np.concatenate(list(clip_sound.blocks(silent, RATE))).any()
    short = clip.open(film_maker.write(tmp_path / "b.mkv", frames=40, sound_s=0.5))
    whole = np.concatenate(list(clip_sound.blocks(short, RATE)))
    assert len(whole) == round(short.duration_s * RATE)
    assert np.abs(whole[round(0.6 * RATE) :]).max() < 1e-3


def test_times_outside_the_film_are_refused(film):
    for wrong in ({"start_s": -1}, {"start_s": 1, "end_s": 0.5}, {"end_s": 9}, {"block_s": 0}):
        with pytest.raises(BadValue, match=r"a\.mkv: expected 0 <= start"):
            clip_sound.blocks(film, RATE, **wrong)


def test_a_film_that_is_gone_is_named(film_maker, tmp_path):
    opened = clip.open(film_maker.write(tmp_path / "a.mkv", sound_s=0.8))
    opened.path.unlink()
    with pytest.raises(BadMedia, match=r"a\.mkv: expected the sound"):
        list(clip_sound.blocks(opened, RATE))
