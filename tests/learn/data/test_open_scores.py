import zipfile

import numpy as np
import pytest

from moodscore.errors import BadMedia
from moodscore.learn.data import open_scores, score_bars
from moodscore.learn.data.score_roles import Part, outermost, with_roles
from moodscore.music import midi
from moodscore.music import tokens as t

Q = 480


def midi_bytes(parts, metre=(4, 2), bpm=120, signature_at=0):
    """A file of parts (name, program, channel, [(onset, length, pitch, velocity) in quarters])."""
    head = [midi.meta(signature_at, midi.METRE, bytes((*metre, 24, 8)))]
    head.append(midi.meta(0, midi.TEMPO, round(60e6 / bpm).to_bytes(3, "big")))
    tracks = [[*sorted(head, key=lambda e: e.tick), midi.meta(signature_at, midi.END, b"")]]
    for name, program, channel, notes in parts:
        events = [midi.Event(0, midi.PROGRAM, channel, bytes((program,)))]
        for onset, length, pitch, velocity in notes:
            events.append(midi.Event(round(onset * Q), midi.ON, channel, bytes((pitch, velocity))))
            events.append(midi.Event(round((onset + length) * Q), midi.OFF, channel, bytes((pitch, 0))))
        events.sort(key=lambda e: (e.tick, e.kind))
        tracks.append([midi.meta(0, midi.NAME, name.encode()), *events, midi.meta(events[-1].tick, midi.END, b"")])
    return midi.write(tracks, Q)


def song(bars=12, beats=4, offset=0.0):
    """A voice on every beat, chords on the middle of each, a bass on every first beat."""
    voice = [(offset + k, 0.9, (72, 74, 76, 79)[k % 4], 64) for k in range(bars * beats)]
    piano = [(offset + k * beats, beats * 0.95, 36, 64) for k in range(bars)]
    piano += [(offset + k + 0.5, 0.4, p, 64) for k in range(bars * beats) for p in (60, 64, 67)]
    return [("Voice", 68, 0, voice), ("Piano", 0, 1, sorted(piano))]


def archive(folder, name, files):
    with zipfile.ZipFile(folder / name, "w") as out:
        for member, data in files.items():
            out.writestr(member, data)


def read(folder):
    return list(open_scores.load(folder))


def test_a_song_lies_on_its_bars_with_its_roles(tmp_path):
    archive(tmp_path, "openscore_lieder_cc0.zip", {"a.mid": midi_bytes(song())})
    (piece,) = read(tmp_path)
    assert (piece.name, piece.source, piece.licence, piece.flat) == ("a", "lieder", "CC0", True)
    assert piece.beats.tolist() == [4] * 12
    assert piece.times_s[:3].tolist() == [0.0, 2.0, 4.0]
    bars = score_bars.bar_notes(piece)
    assert [t.VOICES[n.voice] for n in bars[0].notes[:2]] == ["melody", "bass"]
    assert [n.pitch for n in bars[3].notes if n.voice == t.MELODY] == [72, 74, 76, 79]
    assert [n.tick for n in bars[3].notes if n.voice == t.INNER] == [6] * 3 + [18] * 3 + [30] * 3 + [42] * 3
    assert t.CHORDS[bars[0].chords[0][1]] == "C"


def test_an_upbeat_moves_the_bar_lines(tmp_path):
    parts = song(offset=1.0)
    parts[0][3].insert(0, (0.0, 0.9, 67, 64))
    archive(tmp_path, "openscore_lieder_cc0.zip", {"a.mid": midi_bytes(parts)})
    bars = score_bars.bar_notes(read(tmp_path)[0])
    assert [n.tick for n in bars[0].notes] == [36]
    assert {n.tick for n in bars[1].notes if n.voice == t.BASS} == {0}


def test_a_performance_with_a_constant_offset_finds_its_beats(tmp_path):
    rng = np.random.default_rng(3)
    parts = song(bars=16, offset=0.37)
    shaken = [
        (name, p, c, sorted((o + rng.normal(0, 0.01), n, *rest) for o, n, *rest in notes))
        for name, p, c, notes in parts
    ]
    shaken[0] = ("MELODY", *shaken[0][1:])
    archive(tmp_path, "pop909_mit.zip", {"001.mid": midi_bytes(shaken, metre=(1, 2))})
    (piece,) = read(tmp_path)
    bars = score_bars.bar_notes(piece)
    assert {n.tick for bar in bars for n in bar.notes if n.voice == t.BASS} == {0}
    assert {n.tick for bar in bars for n in bar.notes if n.voice == t.MELODY} == {0, 12, 24, 36}


@pytest.mark.parametrize(
    ("metre", "beats"), [((3, 2), 3), ((6, 3), 2), ((12, 3), 4), ((2, 1), 4), ((7, 3), 4), ((3, 3), 3)]
)
def test_metres_have_the_beats_one_counts(tmp_path, metre, beats):
    archive(tmp_path, "openscore_lieder_cc0.zip", {"a.mid": midi_bytes(song(bars=20), metre=metre)})
    assert read(tmp_path)[0].beats[1] in {beats, 3 if metre == (7, 3) else beats}


def test_licences_come_by_piece_and_no_said_tempo_is_a_middling_one(tmp_path):
    archive(tmp_path, "mutopia_pd_ccby.zip", {"x.mid": midi_bytes(song(), bpm=60), "y.mid": midi_bytes(song(), bpm=90)})
    (tmp_path / "mutopia_pd_ccby.csv").write_text("file,licence\nx.mid,CC BY 4.0\n", "utf-8")
    x, y = read(tmp_path)
    assert (x.licence, y.licence) == ("CC BY 4.0", "Public Domain")
    assert x.times_s[1] == pytest.approx(2.5)
    assert y.times_s[1] == pytest.approx(240 / 90)


def test_drums_stay_drums_and_what_is_broken_is_passed_over(tmp_path):
    drums = [(k / 2, 0.1, 36 if k % 2 else 42, 100) for k in range(96)]
    files = {
        "g.mid": midi_bytes([*song(), ("Drums", 0, 9, drums)]),
        "bad.mid": b"nothing",
        "short.mid": midi_bytes(song(2)),
    }
    archive(tmp_path, "freedoom_bsd.zip", files)
    (piece,) = read(tmp_path)
    assert (piece.notes[:, 1] == t.DRUMS).sum() == 96


def test_a_folder_without_scores_is_refused(tmp_path):
    with pytest.raises(BadMedia, match="expected one of"):
        read(tmp_path)
    (tmp_path / "freedoom_bsd.zip").write_bytes(b"no zip")
    with pytest.raises(BadMedia, match=r"freedoom_bsd\.zip"):
        read(tmp_path)


def test_the_top_line_of_a_piano_sings_and_its_lowest_notes_carry():
    upper = np.array([[0, 1, 72, 64], [0, 1, 67, 64], [1, 1, 74, 64], [1.5, 0.5, 65, 64]], float)
    lower = np.array([[0, 2, 40, 64], [0, 2, 47, 64], [1, 1, 52, 64]], float)
    assert outermost(upper, highest=True).tolist() == [True, False, True, False]
    found = dict(with_roles([Part("up", 0, False, upper), Part("down", 0, False, lower)], "mutopia"))
    assert found[t.MELODY][:, 2].tolist() == [72, 74]
    assert 40 in found[t.BASS][:, 2]
    assert set(found[t.INNER][:, 2]) == {67, 65, 47, 52}
