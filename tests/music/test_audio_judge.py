"""Recordings are heard by file, whole and along the time; long ones by excerpts, and what is no music is refused."""

import wave

import numpy as np
import pytest
import soundfile

from moodscore.errors import BadMedia, BadValue
from moodscore.learn.data.renderings import worn
from moodscore.music import audio_judge, synth
from moodscore.music.audio_features import NAMES
from moodscore.weights import store

from .test_features import piece

RATE = 22050


@pytest.fixture(scope="module")
def fast():
    return synth.play(piece([(72, 76, 79), (77, 81, 84), (79, 83, 86)] * 24, step=0.15, velocity=100), RATE).samples


@pytest.fixture(scope="module")
def slow():
    return synth.play(piece([(48, 51, 55), (53, 56, 60), (55, 58, 62)] * 3, step=1.2, velocity=40), RATE).samples


def test_the_card_verifies_and_knows_its_features():
    card = store.card(audio_judge.NAME)
    assert store.checked_bytes(card)
    assert tuple(card.input["features"]) == NAMES


def test_fast_and_high_against_slow_and_low(fast, slow):
    happy, sad = audio_judge.hear(fast, RATE), audio_judge.hear(slow, RATE)
    assert happy.affect.arousal > 0.2 > -0.2 > sad.affect.arousal
    assert happy.affect.valence > sad.affect.valence
    card = store.card(audio_judge.NAME)
    assert happy.source == card.source
    assert (happy.spread.valence, happy.spread.arousal) == (card.scores["valence_rmse"], card.scores["arousal_rmse"])


def test_gain_and_wear_leave_the_feeling_near(fast, slow):
    for samples in (fast, slow):
        clean = audio_judge.hear(samples, RATE).affect
        assert audio_judge.hear(samples * np.float32(0.05), RATE).affect.distance(clean) < 0.03
        old = worn(samples.mean(axis=1), RATE, 5)
        assert abs(audio_judge.hear(np.stack([old, old], axis=1), RATE).affect.arousal - clean.arousal) < 0.5


def test_the_feeling_along_the_time_follows_the_music(fast, slow):
    both = np.concatenate([slow, np.zeros((RATE * 2, 2), np.float32), fast])
    along = audio_judge.hear_over_time(both, RATE, window_s=5.0, hop_s=2.5)
    assert along.duration_s == pytest.approx(len(both) / RATE)
    assert along.at(along.duration_s).arousal > along.at(0.0).arousal + 0.4


def test_a_short_file_is_heard_whole(tmp_path, fast):
    soundfile.write(tmp_path / "a.flac", fast, RATE)
    from_file, direct = audio_judge.hear_file(tmp_path / "a.flac"), audio_judge.hear(fast, RATE)
    assert from_file.affect.distance(direct.affect) < 0.02


def test_three_hours_are_heard_by_excerpts(tmp_path, slow):
    """A sparse file of three hours that is music only in one of the places looked at: little is read, little is kept."""
    import resource

    path, frames = tmp_path / "long.wav", 3 * 3600 * RATE
    with wave.open(str(path), "wb") as out:
        out.setnchannels(1), out.setsampwidth(2), out.setframerate(RATE)
        out.setnframes(frames)
        out.writeframesraw(b"")
    with path.open("r+b") as file:
        header = bytearray(file.read(44))
        header[4:8] = (36 + frames * 2).to_bytes(4, "little")
        header[40:44] = (frames * 2).to_bytes(4, "little")
        file.seek(0)
        file.write(header)
        file.truncate(44 + frames * 2)
        file.seek(44 + 2 * round((frames - 15 * RATE) * 0.5))
        file.write(np.round(slow[: 10 * RATE, 0] * 30000).astype("<i2").tobytes())
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert audio_judge.hear_file(path).affect.arousal < 0
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 120_000  # KiB; whole it would be 900 MB


def test_what_is_no_music_is_refused_with_the_reason(tmp_path):
    soundfile.write(tmp_path / "silent.wav", np.zeros((RATE * 2, 2)), RATE)
    soundfile.write(tmp_path / "blip.wav", np.ones(1000) * 0.1, RATE)
    (tmp_path / "text.mp3").write_text("no sound")
    for name, reason in (("silent.wav", "silence"), ("blip.wav", r"less than 0\.5 s"), ("text.mp3", "sound")):
        with pytest.raises(BadMedia, match=reason) as caught:
            audio_judge.hear_file(tmp_path / name)
        assert name in str(caught.value)
    with pytest.raises(BadMedia, match="silence"):
        audio_judge.hear(np.zeros((RATE * 3, 2), np.float32), RATE)


def test_windows_that_make_no_sense_are_refused(fast):
    with pytest.raises(BadValue, match="window"):
        audio_judge.hear_over_time(fast, RATE, window_s=0.1)
    with pytest.raises(BadValue, match="hop"):
        audio_judge.hear_over_time(fast, RATE, hop_s=0.0)
