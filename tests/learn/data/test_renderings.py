"""A piece stays the same music, whoever plays it and however it was recorded."""

import numpy as np
import pytest

from moodscore.learn.data import renderings
from moodscore.media import Note, Score, Track

RATE = 22050
NOTES = tuple(Note(k * 0.5, 0.4, p, 80) for k in range(8) for p in (40, 60, 64, 72))
PIECE = Score((Track("piano", 0, NOTES, pedals=((0.0, 1.0),)),), 4.0)


@pytest.mark.parametrize("seed", range(8))
def test_every_note_is_played_once_by_the_families_asked_for(seed):
    out = renderings.arranged(PIECE, seed, ("brass", "reed"))
    allowed = {*renderings.FAMILIES["brass"], *renderings.FAMILIES["reed"], *renderings.BASSES}
    assert {t.program for t in out.tracks} <= allowed
    assert len(out.notes) == len(NOTES)
    assert 0.9 < out.duration_s / PIECE.duration_s < 1.11
    shift = min(n.pitch for n in out.notes) - 40
    assert abs(shift) <= 3
    assert sorted(n.pitch - shift for n in out.notes) == sorted(n.pitch for n in NOTES)


def test_percussion_strikes_with_the_notes():
    out = renderings.arranged(PIECE, 1, ("piano",), drums=1.0)
    (kit,) = (t for t in out.tracks if t.drums)
    onsets = {n.start_s for t in out.tracks if not t.drums for n in t.notes}
    assert {n.start_s for n in kit.notes} <= onsets
    assert not any(t.drums for t in renderings.arranged(PIECE, 1, ("piano",)).tracks)


@pytest.mark.parametrize("name", renderings.WEAR)
def test_wear_changes_the_sound_and_not_its_length(name):
    wave = (0.3 * np.sin(np.arange(RATE) * 0.1)).astype(np.float32) * np.linspace(0.1, 1, RATE, dtype=np.float32)
    out = renderings.WEAR[name](wave, RATE, np.random.default_rng(0))
    assert (out.dtype, out.shape) == (np.float32, wave.shape)
    assert np.isfinite(out).all()
    assert not np.array_equal(out, wave)


def test_the_same_seed_wears_the_same():
    wave = np.random.default_rng(0).standard_normal(RATE).astype(np.float32)
    assert np.array_equal(renderings.worn(wave, RATE, 4), renderings.worn(wave, RATE, 4))
    assert not np.array_equal(renderings.worn(wave, RATE, 4), renderings.worn(wave, RATE, 5))
