"""A photo that is played can be heard: left is left and first, bright is high, height is who plays, faces are told."""

import itertools
from dataclasses import replace

import numpy as np
import pyloudnorm
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moodscore.errors import BadValue
from moodscore.media import Box, Photo, Score
from moodscore.music import sonify, synth
from moodscore.music.cues import _MODES_BY_VALENCE
from moodscore.schemes import MOODS

RATE = 44100
PEACEFUL = MOODS["peaceful"].place
WIDE, HIGH = 192, 96


def photo(pixels):
    pixels = np.broadcast_to(np.asarray(pixels, np.float64), (HIGH, WIDE, 3))
    return Photo(np.ascontiguousarray(pixels.astype(np.uint8)), "made.png", (WIDE, HIGH))


def across(start, end):
    """A picture that runs from one grey to another, left to right."""
    return photo(np.linspace(start, end, WIDE)[None, :, None])


def stacked(*greys):
    """A picture of bands of grey, the top first."""
    return photo(np.repeat(np.array(greys, float), HIGH // len(greys))[:, None, None])


def heard(picture, affect=PEACEFUL, **more):
    return synth.play(sonify.compose(sonify.sweep(picture, affect, **more)), width=0.0).samples.astype(np.float64)


def windows(samples, count=8, seconds=8.0):
    return [samples[int(k * RATE * seconds / count) : int((k + 1) * RATE * seconds / count)] for k in range(count)]


def centroid_octaves(window):
    """The mean pitch of a sound: log2 of the frequencies, weighted by energy."""
    power = np.abs(np.fft.rfft(window.sum(1))) ** 2
    hertz = np.fft.rfftfreq(len(window), 1 / RATE)
    inside = (hertz > 30) & (hertz < 12000)
    return float((np.log2(hertz[inside]) * power[inside]).sum() / power[inside].sum())


def right_share(window):
    left, right = (window**2).sum(0)
    return right / (left + right)


def band_pitches(score, band):
    notes = [n for t in score.tracks if f"({band})" in t.name for n in t.notes]
    return [n.pitch for n in sorted(notes, key=lambda n: n.start_s)]


@pytest.mark.parametrize("mood", MOODS.names)
def test_from_dark_to_bright_one_hears_the_pitch_rise(mood):
    rising = [centroid_octaves(w) for w in windows(heard(across(0, 255), MOODS[mood].place))]
    assert np.mean(rising[-2:]) > np.mean(rising[:2]) + 0.45
    assert np.corrcoef(rising, range(8))[0, 1] > 0.7


def test_from_bright_to_dark_one_hears_it_fall():
    falling = [centroid_octaves(w) for w in windows(heard(across(255, 0)))]
    assert np.mean(falling[-2:]) < np.mean(falling[:2]) - 0.45


def test_the_sound_walks_from_the_left_ear_to_the_right():
    shares = [right_share(w) for w in windows(heard(photo(128)))]
    assert shares[0] < 0.05
    assert shares[-1] > 0.95
    assert all(a < b for a, b in itertools.pairwise(shares))


def test_half_black_half_white_is_a_leap_in_the_middle():
    half = photo(np.where(np.arange(WIDE) < WIDE // 2, 0, 255)[None, :, None])
    pitch = [centroid_octaves(w) for w in windows(heard(half))]
    assert np.ptp(pitch[:4]) < 0.2
    assert np.ptp(pitch[4:]) < 0.2
    assert min(pitch[4:]) > max(pitch[:4]) + 0.6
    strokes = [(n.start_s, n.velocity) for n in sonify.compose(sonify.sweep(half, PEACEFUL)).notes]
    assert {t for t, v in strokes if v == max(v for _, v in strokes)} == {4.0}


def test_a_bright_sky_over_a_dark_sea_is_high_above_and_low_below():
    day = sonify.compose(sonify.sweep(stacked(230, 128, 10), PEACEFUL))
    night = sonify.compose(sonify.sweep(stacked(10, 128, 230), PEACEFUL))
    for band, sign in (("top", 1), ("middle", 0), ("bottom", -1)):
        apart = np.mean(band_pitches(day, band)) - np.mean(band_pitches(night, band))
        assert apart == 0 if sign == 0 else sign * apart > 12


@pytest.mark.parametrize("mood", MOODS.names)
def test_pitch_never_falls_while_brightness_rises(mood):
    score = sonify.compose(sonify.sweep(across(0, 255), MOODS[mood].place))
    for band in sonify.BANDS:
        pitches = band_pitches(score, band)
        assert pitches == sorted(pitches)
        assert pitches[-1] - pitches[0] >= 19


def test_fine_detail_is_struck_more_often_than_a_plain_wall():
    board = photo((np.indices((HIGH, WIDE)).sum(0) % 2 * 255)[..., None])
    counts = [len(sonify.compose(sonify.sweep(p, PEACEFUL)).notes) for p in (photo(128), board)]
    assert counts[1] == 4 * counts[0]


def test_a_face_is_a_voice_and_the_main_thing_a_bell_at_their_time_and_place():
    face, thing = Box(0.1, 0.2, 0.3, 0.5), Box(0.7, 0.5, 0.9, 0.9)
    score = sonify.compose(sonify.sweep(photo(128), PEACEFUL, [face], thing))
    (voice,) = [t for t in score.tracks if "face" in t.name]
    (bell,) = [t for t in score.tracks if "main thing" in t.name]
    assert voice.notes[0].start_s == pytest.approx(0.2 * 8)
    assert voice.notes[1].pitch == voice.notes[0].pitch + 7
    assert voice.pan == pytest.approx(-0.6, abs=0.05)
    assert bell.notes[0].start_s == pytest.approx(0.8 * 8)
    assert bell.pan == pytest.approx(0.6, abs=0.05)
    plain = heard(photo(128))
    marked = synth.play(score, width=0.0).samples.astype(np.float64)
    gain = np.sqrt((plain[:40000] ** 2).sum() / (marked[:40000] ** 2).sum())
    for at_s in (0.2 * 8, 0.8 * 8):
        span = slice(int(at_s * RATE), int((at_s + 0.4) * RATE))
        assert (gain**2 * marked[span] ** 2).sum() > 2 * (plain[span] ** 2).sum()


def test_signs_are_played_by_nobody_else():
    assert not {"choir", "glockenspiel"} & {player for three in sonify.PLAYERS.values() for player in three}
    assert set(sonify.PLAYERS) == set(MOODS.names)
    assert len(set(sonify.PLAYERS.values())) == 8
    assert {mode for _, modes in _MODES_BY_VALENCE for mode in modes} <= set(sonify.SCALES)


@pytest.mark.parametrize("mood", MOODS.names)
def test_no_band_drowns_another(mood):
    """Two bands of a grey picture, one in each ear, measured in LUFS."""
    score = sonify.compose(sonify.sweep(photo(119), MOODS[mood].place))
    meter = pyloudnorm.Meter(RATE)
    for band in ("top", "bottom"):
        sides = {band: -1.0, "middle": 1.0}
        tracks = [
            replace(t, pan=side, reverb=0.0) for t in score.tracks for b, side in sides.items() if f"({b})" in t.name
        ]
        samples = synth.play(replace(score, tracks=tuple(tracks)), width=0.0).samples.astype(np.float64)
        left, right = (meter.integrated_loudness(samples[:, k]) for k in (0, 1))
        assert abs(left - right) < 3.0, band


pictures = st.builds(
    lambda seed, size, ends: photo(
        np.kron(
            np.random.default_rng(seed).uniform(*sorted(ends), (HIGH // size, WIDE // size, 1)),
            np.ones((size, size, 1)),
        )
    ),
    st.integers(0, 999),
    st.sampled_from([1, 3, 8, 32]),
    st.tuples(st.integers(0, 255), st.integers(0, 255)),
)


@given(pictures, st.sampled_from(MOODS.names), st.floats(5, 10))
@settings(max_examples=40)
def test_whatever_the_photo_its_time_place_and_scale_hold(picture, mood, sweep_s):
    read = sonify.sweep(picture, MOODS[mood].place, sweep_s=sweep_s)
    score = sonify.compose(read)
    assert isinstance(score, Score)
    assert score.duration_s == pytest.approx(sweep_s + 1)
    for track in score.tracks:
        band = track.name.split("(")[1].rstrip(")")
        for note in track.notes:
            assert note.pitch in sonify.pitches(read.mode, band)
            assert 0 <= note.start_s < note.end_s <= sweep_s + 1e-9
            assert track.pan == pytest.approx(2 * note.start_s / sweep_s - 1, abs=0.06)
    for band in sonify.BANDS:
        notes = sorted((n for t in score.tracks if f"({band})" in t.name for n in t.notes), key=lambda n: n.start_s)
        assert notes[0].start_s == 0
        assert notes[-1].end_s == pytest.approx(sweep_s)
        assert all(a.end_s == pytest.approx(b.start_s) for a, b in itertools.pairwise(notes))
    assert sonify.compose(sonify.sweep(picture, MOODS[mood].place, sweep_s=sweep_s)) == score


@given(pictures, st.sampled_from(MOODS.names), st.integers(0, 60))
@settings(max_examples=30)
def test_more_light_never_lowers_a_band(picture, mood, more):
    lighter = photo(np.minimum(255, picture.pixels.astype(int) + more))
    one, other = (sonify.compose(sonify.sweep(p, MOODS[mood].place)) for p in (picture, lighter))
    for band in sonify.BANDS:
        scale = sonify.pitches(sonify.sweep(picture, MOODS[mood].place).mode, band)
        steps = [np.mean([scale.index(p) for p in band_pitches(s, band)]) for s in (one, other)]
        assert steps[1] >= steps[0] - 1.0  # a tone may wait for most of a step before it moves


@pytest.mark.parametrize("seconds", [4.9, 10.1, float("nan")])
def test_a_sweep_too_short_or_too_long_is_refused(seconds):
    with pytest.raises(BadValue, match=r"5\.\.10 s"):
        sonify.sweep(photo(0), PEACEFUL, sweep_s=seconds)
