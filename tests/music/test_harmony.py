import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moodscore.errors import BadValue
from moodscore.music.harmony import MODES, chord, pivot, progression, voicing

keys = st.tuples(st.integers(0, 11), st.sampled_from(sorted(MODES)))


def test_chords_are_spelled_in_their_key():
    assert chord("V7", "D", 0, "ionian").pcs == (7, 11, 2, 5)
    assert chord("bVI", "P", 9, "aeolian").pcs == (5, 9, 0)
    first = chord("ii°/3", "P", 0, "harmonic")
    assert (first.root, first.bass, first.pcs) == (2, 5, (2, 5, 8))


def test_a_major_dominant_raises_the_leading_tone_of_a_minor_scale():
    scale = chord("V", "D", 0, "aeolian").scale
    assert 11 in scale
    assert 10 not in scale


def test_an_unknown_name_is_refused():
    with pytest.raises(BadValue, match="Roman"):
        chord("H7", "T", 0, "ionian")


@settings(deadline=None)
@given(keys, st.integers(2, 9), st.floats(0, 1), st.floats(-1, 1), st.integers(0, 99))
def test_authentic_cadences_go_from_dominant_to_tonic(key, count, dissonance, shade, seed):
    chords = progression(count, key, "authentic", (dissonance, shade), np.random.default_rng(seed))
    assert len(chords) == count
    assert chords[-2].function == "C"
    assert chords[-1].root == key[0]


@given(keys, st.integers(3, 9), st.integers(0, 99))
def test_half_cadences_stay_open_and_deceptive_ones_go_elsewhere(key, count, seed):
    half = progression(count, key, "half", (0.2, 0.0), np.random.default_rng(seed))
    deceptive = progression(count, key, "deceptive", (0.2, 0.0), np.random.default_rng(seed))
    assert half[-1].function == "D"
    assert deceptive[-1].root != key[0]


def test_bright_music_prefers_major_chords():
    def majors(shade):
        rng = np.random.default_rng(1)
        chords = [c for _ in range(60) for c in progression(6, (0, "ionian"), "half", (0.0, shade), rng)]
        return np.mean([(c.third - c.root) % 12 == 4 for c in chords])

    assert majors(0.9) > majors(0.0) > majors(-0.9)


@settings(deadline=None)
@given(keys, st.integers(0, 200))
def test_voices_move_little_and_hold_the_chord(key, seed):
    rng = np.random.default_rng(seed)
    chords = progression(8, key, "half", (0.3, 0.0), rng)
    before, moves = (), []
    for c in chords:
        now = voicing(c, before, (40, 40), (52, 68))
        assert list(now) == sorted(now)
        assert {p % 12 for p in now} <= set(c.pcs)
        assert c.third in {p % 12 for p in now}
        if before:
            moves += [abs(a - b) for a, b in zip(before, now, strict=True)]
        before = now
    assert np.mean(moves) <= 4.0
    assert max(moves) <= 9


def test_common_tones_stay():
    second = voicing(chord("vi", "T", 0, "ionian"), (55, 60, 64), (36, 45), (52, 71))
    assert second == (57, 60, 64)


def test_outer_parallels_are_avoided():
    scale = ("I", "ii", "iii", "IV", "V", "vi")
    found = total = 0
    for a, b in itertools.permutations(scale, 2):
        one, two = chord(a, "T", 0, "ionian"), chord(b, "T", 0, "ionian")
        bass = (36 + one.bass, 36 + two.bass)
        first = voicing(one, (), (bass[0], bass[0]), (55, 71))
        second = voicing(two, first, bass, (55, 71))
        total += 1
        moved = second[-1] != first[-1]
        same = (first[-1] - bass[0]) % 12 == (second[-1] - bass[1]) % 12 and (second[-1] - bass[1]) % 12 in (0, 7)
        found += moved and same
    assert found <= 0.1 * total


def test_a_pivot_ends_on_the_new_dominant():
    chords = progression(4, (0, "ionian"), "half", (0.0, 0.0), np.random.default_rng(0))
    moved = pivot(chords, (9, "aeolian"))
    assert moved[-1].root == 4
    assert set(moved[-2].pcs) <= set(chords[0].scale)
