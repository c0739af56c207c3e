import struct

import numpy as np
import pytest

from moodscore.affect import Affect
from moodscore.errors import BadMedia
from moodscore.media import Note, Score, Track, Tune
from moodscore.music import export
from moodscore.music.library_reading import bar_lines, between, read
from moodscore.music.score import to_midi

from .test_library_index import Listener, melody, pulses


def put(tune, path):
    export.write(tune, path)
    return path


def test_places_to_cut_a_recording_lie_in_its_gaps(tmp_path):
    one = read(put(pulses(12.0), tmp_path / "a.wav"), "a.wav", "0", Listener().ears)
    assert one.joins_s[0] == one.start_s
    assert one.joins_s[-1] == one.end_s
    inner = np.array(one.joins_s[1:-1])
    assert len(inner) >= 4
    assert all((inner % 0.5 > 0.3) | (inner % 0.5 < 0.03))  # notes begin every half second and have died away by then


def test_silence_at_both_ends_is_no_music(tmp_path):
    tune = pulses(6.0)
    tune.samples[: tune.rate] = 0
    tune.samples[-tune.rate :] = 0
    one = read(put(tune, tmp_path / "a.wav"), "a.wav", "0", Listener().ears)
    assert one.start_s == pytest.approx(1.0, abs=0.05)
    assert one.end_s == pytest.approx(4.97, abs=0.1)


def test_a_recording_is_read_in_stretches_with_their_feeling_and_loudness(tmp_path):
    tune = pulses(36.0, 0.1)
    tune.samples[: 15 * tune.rate] *= 8
    one = read(put(tune, tmp_path / "a.wav"), "a.wav", "0", Listener().ears)
    assert [s.start_s for s in one.stretches] == pytest.approx([0.0, 15.0])
    assert one.stretches[0].affect.arousal > 0.5 > 0 > one.stretches[1].affect.arousal
    assert one.stretches[0].lufs - one.stretches[1].lufs == pytest.approx(18.06, abs=0.6)
    assert one.reading.affect.arousal == pytest.approx(np.mean([s.affect.arousal for s in one.stretches]), abs=0.01)


def test_a_passage_of_silence_takes_the_feeling_of_its_neighbour(tmp_path):
    tune = pulses(45.0)
    tune.samples[14 * tune.rate : 31 * tune.rate] = 0
    one = read(put(tune, tmp_path / "a.wav"), "a.wav", "0", Listener().ears)
    assert one.stretches[1].affect in (one.stretches[0].affect, one.stretches[2].affect)
    assert one.stretches[1].lufs == -70.0


@pytest.mark.parametrize(("seconds", "told"), [(0.4, "at least 3 s, got 0.4 s"), (2.0, "at least 3 s, got 2.0 s")])
def test_short_files_are_refused(tmp_path, seconds, told):
    with pytest.raises(BadMedia, match=told):
        read(put(pulses(seconds), tmp_path / "a.wav"), "a.wav", "0", Listener().ears)


def test_three_hours_are_refused_by_their_header_without_being_heard(tmp_path):
    path, count = tmp_path / "long.wav", 3 * 3600 * 8000
    head = b"WAVEfmt " + struct.pack("<IHHIIHH", 16, 1, 1, 8000, 8000, 1, 8) + b"data" + struct.pack("<I", count)
    with path.open("wb") as file:
        file.write(b"RIFF" + struct.pack("<I", 4 + len(head) + count) + head)
        file.truncate(12 + len(head) + count)
    with pytest.raises(BadMedia, match=r"long\.wav: expected a piece of at most 60 min, got 3\.0 h"):
        read(path, "long.wav", "0", Listener().ears)


def test_a_broken_score_is_refused_by_name(tmp_path):
    path = tmp_path / "a.mid"
    path.write_bytes(b"MThd no score")
    with pytest.raises(BadMedia, match=r"a\.mid"):
        read(path, "a.mid", "0", Listener().ears)


def test_a_score_is_cut_at_its_bars(tmp_path):
    path = tmp_path / "a.mid"
    path.write_bytes(to_midi(melody(40.0)))
    one = read(path, "a.mid", "0", Listener().ears)
    assert one.score
    assert one.joins_s == pytest.approx([2.0 * k for k in range(21)], abs=0.01)
    assert [s.start_s for s in one.stretches] == pytest.approx([0.0, 16.0, 32.0], abs=0.01)
    assert one.stretches[0].affect == Affect(-0.5, 0.0)


def test_bar_lines_follow_changes_of_tempo():
    notes = (Note(0.0, 9.0, 60, 80),)
    score = Score((Track("a", 0, notes),), 9.0, ((0.0, 120.0), (4.0, 240.0), (6.0, 120.0)), 4)
    assert bar_lines(score) == pytest.approx([0.0, 2.0, 4.0, 5.0, 6.0, 8.0])
    assert bar_lines(Score((), 4.5, ((0.0, 120.0), (1.0, 60.0)), 4)) == pytest.approx([0.0, 3.0])


def test_a_part_of_a_score_counts_from_its_own_beginning():
    score = Score(
        (Track("a", 0, tuple(Note(float(k), 1.5, 60 + k, 80) for k in range(6))),), 8.0, ((0.0, 120.0), (3.0, 60.0))
    )
    part = between(score, 2.0, 4.0)
    assert [(n.start_s, n.duration_s, n.pitch) for n in part.notes] == [(0.0, 1.5, 62), (1.0, 1.0, 63)]
    assert part.tempos == ((0.0, 120.0), (1.0, 60.0))


def test_unreadable_sound_in_the_middle_of_a_tune_is_named(tmp_path):
    path = put(pulses(6.0), tmp_path / "a.flac")
    data = bytearray(path.read_bytes())
    path.write_bytes(bytes(data[:60]) + b"\0" * 400)
    with pytest.raises(BadMedia, match=r"a\.flac"):
        read(path, "a.flac", "0", Listener().ears)


def test_noise_without_gaps_can_still_be_cut(tmp_path):
    noise = np.random.default_rng(0).normal(0, 0.1, (22050 * 12, 2)).astype(np.float32)
    one = read(put(Tune(noise, 22050), tmp_path / "a.wav"), "a.wav", "0", Listener().ears)
    assert np.diff(one.joins_s).max() < 4.1


@pytest.mark.parametrize("kept", [1, 27, 28, 60, 120])
def test_a_file_that_ends_within_its_header_is_broken_and_nothing_worse(tmp_path, kept):
    path = put(pulses(4.0), tmp_path / "a.opus")
    path.write_bytes(path.read_bytes()[:kept])
    with pytest.raises(BadMedia, match=r"a\.opus: expected"):
        read(path, "a.opus", "0", Listener().ears)
