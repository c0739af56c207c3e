"""A played score is exactly as long as it says, loud but never over, the same every time, and sounds what is written."""

import hashlib
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pyloudnorm
import pytest
import soxr
from hypothesis import given, settings
from hypothesis import strategies as st

from moodscore.errors import BadValue
from moodscore.media import Note, Score, Track
from moodscore.music import synth
from moodscore.music.loudness import integrated, true_peak_db

RATE = 44100


def band(bars=2):
    """Two seconds a bar: piano with pedal, bass, strings, flute and drums."""
    piano, bass, strings, flute, drums = [], [], [], [], []
    for bar in range(bars):
        t, root = 2.0 * bar, (48, 45, 41, 43)[bar % 4]
        chord = (root + 12, root + 16, root + 19)
        piano += [Note(t + k * 0.25, 0.2, chord[k % 3], 60 + k) for k in range(8)]
        bass += [Note(t, 0.9, root - 12, 85), Note(t + 1, 0.9, root - 5, 75)]
        strings += [Note(t, 2.0, p + 12, 55) for p in chord]
        flute += [Note(t + k * 0.5, 0.45, 72 + 2 * k, 80) for k in range(4)]
        drums += [Note(t + k * 0.25, 0.1, 42, 50 + 20 * (k % 2)) for k in range(8)]
        drums += [Note(t + k, 0.1, 36, 95) for k in range(2)] + [Note(t + k + 0.5, 0.1, 38, 85) for k in range(2)]
    tracks = (
        Track("piano", 0, tuple(piano), pan=-0.2, pedals=((0.0, 1.9),)),
        Track("bass", 32, tuple(bass)),
        Track("strings", 48, tuple(strings), pan=0.2, level_db=-3, reverb=0.4),
        Track("flute", 73, tuple(flute), level_db=-2),
        Track("drums", 0, tuple(drums), drums=True, reverb=0.1),
    )
    return Score(tracks, 2.0 * bars + 1.0, recipe={"seed": 5})


def one(program, *notes, duration_s=3.0, **track):
    return Score((Track("x", program, notes, **track),), duration_s)


def pitch_hz(samples, low, high):
    mono = samples.mean(axis=1) * np.hanning(len(samples))
    spectrum = np.abs(np.fft.rfft(mono, 1 << 19))
    hertz = np.fft.rfftfreq(1 << 19, 1 / RATE)
    inside = (hertz > low) & (hertz < high)
    return hertz[inside][spectrum[inside].argmax()]


def level_db(samples):
    return 10 * np.log10(float((samples.astype(np.float64) ** 2).mean()) + 1e-20)


notes = st.builds(Note, st.floats(0, 1.5), st.floats(0.01, 1), st.integers(0, 127), st.integers(1, 127))
tracks = st.builds(
    Track,
    st.just("x"),
    st.integers(0, 127),
    st.lists(notes, max_size=5).map(tuple),
    st.booleans(),
    st.floats(-1, 1),
    st.floats(-24, 6),
    st.floats(0, 1),
)


@given(st.builds(Score, st.lists(tracks, max_size=3).map(tuple), st.floats(0.01, 2.5)))
@settings(max_examples=25, deadline=None)
def test_any_score_is_played_exactly_as_long_as_it_is_and_never_over(score):
    tune = synth.play(score, 22050)
    assert tune.samples.shape == (max(1, round(score.duration_s * 22050)), 2)
    assert tune.samples.dtype == np.float32
    assert np.isfinite(tune.samples).all()
    assert true_peak_db(tune.samples) <= -1.0
    assert tune.score is score


def test_a_tune_is_as_loud_as_broadcast_asks_and_its_true_peak_stays_below_minus_one():
    tune = synth.play(band())
    assert pyloudnorm.Meter(RATE).integrated_loudness(tune.samples.astype(np.float64)) == pytest.approx(-16, abs=0.3)
    assert 20 * np.log10(np.abs(soxr.resample(tune.samples, RATE, 4 * RATE)).max()) <= -1.0
    assert np.abs(tune.samples.mean(axis=0)).max() < 1e-4  # no DC


@pytest.mark.parametrize("program", [0, 11, 24, 40, 52, 73, 89])
def test_one_soft_instrument_alone_reaches_the_loudness(program):
    score = one(program, *(Note(k * 0.5, 0.45, 60 + k, 40) for k in range(6)), duration_s=4.0)
    assert integrated(synth.play(score).samples, RATE) == pytest.approx(-16, abs=1)


def test_the_same_score_gives_the_same_bytes_whatever_was_played_before():
    score = band(1)
    first = synth.play(score).samples
    synth.play(one(0, Note(0, 2.5, 60, 90), Note(0, 2.5, 67, 20)))
    assert np.array_equal(first, synth.play(replace(score)).samples)


def test_another_process_with_other_threads_gives_the_same_bytes():
    code = (
        "import sys, hashlib; sys.path.insert(0, sys.argv[1]);"
        "from test_synth import band; from moodscore.music import synth;"
        "print(hashlib.sha256(synth.play(band(1)).samples.tobytes()).hexdigest())"
    )
    here = str(__import__("pathlib").Path(__file__).parent)
    ours = hashlib.sha256(synth.play(band(1)).samples.tobytes()).hexdigest()
    env = {"PATH": "", "OMP_NUM_THREADS": "3", "OPENBLAS_NUM_THREADS": "3", "PYTHONHASHSEED": "99"}
    said = subprocess.run([sys.executable, "-c", code, here], capture_output=True, text=True, env=env, check=True)
    assert said.stdout.strip() == ours


@pytest.mark.parametrize(("program", "pitch"), [(0, 45), (0, 81), (48, 69), (73, 76), (32, 33), (89, 57), (11, 70)])
def test_every_instrument_plays_in_tune(program, pitch):
    tune = synth.play(one(program, Note(0, 2.5, pitch, 90), reverb=0.0))
    written = 440 * 2 ** ((pitch - 69) / 12)
    heard = pitch_hz(tune.samples[RATE // 4 : 2 * RATE], written * 0.94, written * 1.06)
    assert abs(1200 * np.log2(heard / written)) < 15


def test_notes_start_when_they_are_written():
    tune = synth.play(one(0, Note(0.5, 0.3, 38, 110), Note(1.5, 0.3, 38, 110), drums=True, reverb=0.0))
    power = (tune.samples**2).sum(axis=1)
    for start_s in (0.5, 1.5):
        around = power[int((start_s - 0.2) * RATE) : int((start_s + 0.2) * RATE)]
        onset = np.argmax(around > 0.05 * around.max()) / RATE - 0.2
        assert -0.002 < onset < 0.015


def test_louder_notes_are_louder_by_the_general_midi_curve():
    score = one(73, Note(0, 1, 72, 127), Note(1.5, 1, 72, 64), reverb=0.0)
    heard = synth.play(score).samples
    loud, soft = heard[int(0.3 * RATE) : int(0.9 * RATE)], heard[int(1.8 * RATE) : int(2.4 * RATE)]
    assert level_db(loud) - level_db(soft) == pytest.approx(11.9, abs=2)


def test_the_pedal_holds_notes_until_it_comes_up():
    held = synth.play(one(0, Note(0, 0.2, 60, 90), Note(2, 0.9, 72, 90), pedals=((0.1, 1.5),), reverb=0.0)).samples
    short = synth.play(one(0, Note(0, 0.2, 60, 90), Note(2, 0.9, 72, 90), reverb=0.0)).samples
    ringing = slice(int(1.0 * RATE), int(1.4 * RATE))
    assert level_db(held[ringing]) > level_db(short[ringing]) + 12


def test_pan_puts_instruments_left_and_right():
    for pan in (-1.0, 1.0):
        left, right = synth.play(one(73, Note(0, 2, 62, 90), pan=pan, reverb=0.0)).samples.T
        assert np.sign(level_db(right) - level_db(left)) == pan


def test_a_closing_hi_hat_chokes_the_open_one():
    open_only = one(0, Note(0, 0.1, 46, 110), duration_s=2.0, drums=True, reverb=0.0)
    choked = one(0, Note(0, 0.1, 46, 110), Note(0.15, 0.1, 42, 1), duration_s=2.0, drums=True, reverb=0.0)
    after = slice(int(0.3 * RATE), int(0.5 * RATE))
    before = slice(0, int(0.1 * RATE))
    falls = [level_db(t[before]) - level_db(t[after]) for t in (synth.play(s).samples for s in (open_only, choked))]
    assert falls[1] > falls[0] + 10


def test_it_begins_and_ends_in_silence_without_a_click():
    samples = synth.play(band(1)).samples
    assert not samples[0].any()
    assert not samples[-1].any()
    tail = np.abs(samples[-RATE // 200 :]).max()
    assert tail < 0.01


def test_silence_stays_silence():
    assert not synth.play(Score((), 1.0)).samples.any()
    assert not synth.play(one(0, Note(5.0, 1, 60, 90), duration_s=1.0)).samples.any()


def test_progress_rises_to_one():
    said = []
    synth.play(band(2), progress=said.append)
    assert said == sorted(said)
    assert said[-1] == 1.0


def test_unheard_of_rates_are_refused():
    with pytest.raises(BadValue, match=r"rate: expected 8000\.\.192000 Hz, got 100"):
        synth.play(band(1), 100)
