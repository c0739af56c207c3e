"""Pictures of sound show what is there: tones at their height, notes at their time, for any tune and score."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moodscore.draw.sound import WIDTH, pianoroll, spectrogram
from moodscore.media import Note, Score, Track, Tune

RATE = 44100
LEFT, RIGHT = 62, WIDTH - 24


def tone(hertz, seconds=4.0, start_s=0.0, rate=RATE):
    times = np.arange(round(seconds * rate)) / rate
    wave = 0.5 * np.sin(2 * np.pi * hertz * times) * (times >= start_s)
    return Tune(np.repeat(wave[:, None], 2, axis=1).astype(np.float32), rate)


def brightness(picture):
    return np.asarray(picture.convert("L"), np.float32)


@pytest.mark.parametrize("hertz", [100, 440, 1000, 5000])
def test_a_tone_is_a_bright_line_at_its_height(hertz):
    seen = brightness(spectrogram(tone(hertz)))[46:380, 300:900]
    row = seen.mean(axis=1).argmax() + 46
    top, bottom = 44, 520 - 40 - 84 - 10
    expected = bottom - (bottom - top) * np.log(hertz / 30) / np.log(16000 / 30)
    assert abs(row - expected) < 6
    assert np.median(seen) < 40  # and dark elsewhere


def test_a_sound_begins_where_it_begins():
    seen = brightness(spectrogram(tone(3000, start_s=2.0)))[46:380, LEFT:RIGHT].max(axis=0)
    start = np.argmax(seen > 150) / (RIGHT - LEFT)
    assert start == pytest.approx(0.5, abs=0.02)


def test_a_note_is_drawn_at_its_time_in_its_colour_and_louder_is_stronger():
    score = Score(
        (
            Track("piano", 0, (Note(1, 1, 60, 120), Note(5, 1, 60, 20))),
            Track("bass", 32, (Note(3, 1, 48, 120),)),
            Track("kit", 0, (Note(7, 0.1, 36, 100),), drums=True),
        ),
        8.0,
        marks=((0.0, "intro 시작"),),
    )
    seen = np.asarray(pianoroll(score), np.float32)
    chroma = np.ptp(seen, axis=2)[80:400, LEFT:RIGHT].max(axis=0)
    per_s = (RIGHT - LEFT) / 8

    def around(time_s):
        return chroma[int((time_s + 0.2) * per_s) : int((time_s + 0.8) * per_s)].mean()

    assert around(1) > 1.5 * around(5) > 3 * around(6)
    colours = [seen[80:400, LEFT + int(t * per_s)] for t in (1.5, 3.5)]
    vivid = [c[np.ptp(c, axis=1).argmax()] for c in colours]
    assert np.abs(vivid[0] - vivid[1]).max() > 60


notes = st.builds(Note, st.floats(0, 20), st.floats(0.001, 30), st.integers(0, 127), st.integers(1, 127))
tracks = st.builds(
    Track, st.text(max_size=9), st.integers(0, 127), st.lists(notes, max_size=5).map(tuple), st.booleans()
)
tempos = st.lists(st.tuples(st.floats(0.1, 20), st.floats(10, 400)), max_size=4)


@given(st.lists(tracks, max_size=5), st.floats(0.05, 4000), tempos, st.integers(1, 9))
@settings(max_examples=12, deadline=None)
def test_any_score_can_be_drawn(parts, duration_s, changes, beats):
    score = Score(tuple(parts), duration_s, ((0.0, 100.0), *sorted(changes)), beats, ((0.0, "a"), (duration_s, "b")))
    assert pianoroll(score).size == (WIDTH, 560)


@pytest.mark.parametrize("seconds", [0.0001, 0.01, 1.0, 300.0])
def test_any_tune_can_be_drawn(seconds):
    assert spectrogram(tone(440, seconds, rate=8000)).size == (WIDTH, 520)
    silence = Tune(np.zeros((max(1, int(seconds * 8000)), 2), np.float32), 8000)
    assert spectrogram(silence).mode == "RGB"
