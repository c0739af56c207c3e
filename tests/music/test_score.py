"""A score becomes a MIDI file any sequencer understands, and comes back from it."""

from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
import symusic
from hypothesis import given, settings
from hypothesis import strategies as st

from moodscore.errors import BadMedia
from moodscore.media import Note, Score, Track
from moodscore.music import midi
from moodscore.music.score import RECIPE_PREFIX, from_midi, to_midi

GOLDEN = Path(__file__).parent / "golden" / "small.mid"

SMALL = Score(
    (
        Track(
            "피아노",
            0,
            (Note(0, 0.5, 60, 80), Note(0.5, 0.5, 64, 70), Note(1, 1, 67, 90)),
            pan=-0.5,
            pedals=((0.1, 1.9),),
        ),
        Track("bass", 32, (Note(0, 2, 36, 100),), level_db=-6.0, reverb=0.0),
        Track("kit", 0, (Note(0, 0.1, 36, 90), Note(1, 0.1, 38, 60)), drums=True),
    ),
    4.0,
    ((0.0, 120.0), (2.0, 90.0)),
    3,
    ((0.0, "intro"), (2.0, "절 1")),
    {"seed": 7, "mood": "즐거운"},
)


@st.composite
def tracks(draw):
    """A track whose notes of one pitch never overlap, as an instrument plays them."""
    notes = []
    for pitch in draw(st.lists(st.integers(0, 127), unique=True, max_size=4)):
        time_s = draw(st.floats(0, 3))
        for _ in range(draw(st.integers(0, 4))):
            duration_s = draw(st.floats(0.01, 2))
            notes.append(Note(time_s, duration_s, pitch, draw(st.integers(1, 127))))
            time_s += duration_s + draw(st.floats(0.01, 1))
    return Track(
        draw(st.text(st.characters(codec="utf-8"), max_size=8)),
        draw(st.integers(0, 127)),
        tuple(sorted(notes, key=lambda n: (n.start_s, n.pitch))),
        draw(st.booleans()),
        pan=draw(st.floats(-1, 1)),
        level_db=draw(st.floats(-24, 4)),
        reverb=draw(st.floats(0, 1)),
    )


@st.composite
def scores(draw):
    times = sorted(draw(st.sets(st.floats(0.5, 20), max_size=4)))
    tempos = ((0.0, draw(st.floats(30, 240))), *((t, draw(st.floats(30, 240))) for t in times))
    parts = tuple(draw(st.lists(tracks(), max_size=4)))
    return Score(parts, draw(st.floats(15, 40)), tempos, draw(st.integers(2, 7)), recipe={"seed": draw(st.integers())})


@given(scores())
@settings(max_examples=60, deadline=None)
def test_a_score_survives_midi_to_a_millisecond(score):
    back = from_midi(to_midi(score))
    heard = [t for t in score.tracks if t.notes]
    assert len(back.tracks) == len(heard)
    for before, after in zip(heard, back.tracks, strict=True):
        assert (after.name or "", after.program, after.drums) == (
            before.name or after.name,
            before.program,
            before.drums,
        )
        assert [(n.pitch, n.velocity) for n in after.notes] == [
            (n.pitch, n.velocity) for n in _by_pitch_at(before.notes, after)
        ]
        for a, b in zip(_by_pitch_at(before.notes, after), after.notes, strict=True):
            assert abs(a.start_s - b.start_s) < 1e-3
            assert abs(a.end_s - b.end_s) < 2e-3
        assert abs(after.pan - before.pan) < 0.01
        assert abs(after.level_db - before.level_db) < 0.7
        assert abs(after.reverb - before.reverb) < 0.005
    assert back.recipe == score.recipe
    assert back.beats_per_bar == score.beats_per_bar
    assert abs(back.duration_s - max([score.duration_s, *(n.end_s for n in score.notes)])) < 1e-3


def _by_pitch_at(notes, after):
    """The notes in the order they have after rounding to ticks: starts less than a tick apart may swap."""
    queues = {}
    for note in notes:
        queues.setdefault(note.pitch, []).append(note)
    return [queues[n.pitch].pop(0) for n in after.notes]


@given(scores())
@settings(max_examples=20, deadline=None)
def test_equal_scores_give_equal_bytes(score):
    assert to_midi(score) == to_midi(replace(score))


def test_the_bytes_of_a_small_score_stay_what_they_were():
    assert to_midi(SMALL) == GOLDEN.read_bytes()


def test_another_reader_finds_the_same_music():
    read = symusic.Score.from_midi(to_midi(SMALL)).to("second")
    assert [t.name for t in read.tracks] == ["피아노", "bass", "kit"]
    assert [t.is_drum for t in read.tracks] == [False, False, True]
    piano = sorted(read.tracks[0].notes, key=lambda n: n.time)
    assert [n.pitch for n in piano] == [60, 64, 67]
    assert [n.time for n in piano] == pytest.approx([0, 0.5, 1.0], abs=1e-3)
    assert [round(t.qpm) for t in read.tempos] == [120, 90]
    assert (read.time_signatures[0].numerator, read.time_signatures[0].denominator) == (3, 4)
    assert [m.text for m in read.markers] == ["intro", "절 1"]
    assert {(c.number, c.value) for c in read.tracks[0].controls} >= {(10, 32), (64, 127), (64, 0)}


def test_beats_fall_on_the_grid_when_the_tempo_changes_at_a_bar():
    bars = Score(
        (Track("x", 0, (Note(0, 1, 60, 80), Note(2, 1, 60, 80), Note(2 + 8 / 3, 1, 60, 80))),),
        9.0,
        ((0.0, 120.0), (2.0, 90.0)),
    )
    starts = [e.tick / 1920 for e in midi.read(to_midi(bars)).tracks[1] if e.kind == midi.ON]
    assert starts == [0.0, 4.0, 8.0]


def test_drums_play_on_channel_ten_and_nothing_else_does():
    events = [e for t in midi.read(to_midi(SMALL)).tracks for e in t if e.kind == midi.ON]
    assert {e.channel for e in events if e.data[0] in (36, 38) and e.data[1] != 100} == {9}
    assert sum(e.channel == 9 for e in events) == 2


def test_forty_tracks_keep_their_instruments():
    many = Score(tuple(Track(f"t{k}", k, (Note(0, 1, 60, 80),)) for k in range(40)), 2.0)
    assert [t.program for t in from_midi(to_midi(many)).tracks] == list(range(40))
    same = Score(tuple(Track(f"t{k}", k % 10, (Note(0, 1, 40 + k, 80),)) for k in range(40)), 2.0)
    channels = {e.channel for t in midi.read(to_midi(same)).tracks for e in t if e.kind == midi.ON}
    assert len(channels) == 10
    assert [t.program for t in from_midi(to_midi(same)).tracks] == [k % 10 for k in range(40)]


def test_overlapping_notes_of_one_pitch_are_shortened_not_lost():
    score = Score((Track("x", 0, (Note(0, 2, 60, 80), Note(1, 2, 60, 90))),), 4.0)
    notes = from_midi(to_midi(score)).tracks[0].notes
    assert [(n.start_s, n.duration_s, n.velocity) for n in notes] == [(0, 1, 80), (1, 2, 90)]


def test_pedals_come_back():
    assert from_midi(to_midi(SMALL)).tracks[0].pedals[0] == pytest.approx((0.1, 1.9), abs=1e-3)


def _file(body, head=b"MThd\0\0\0\6\0\0\0\1\1\xe0"):
    return head + b"MTrk" + len(body).to_bytes(4, "big") + body


def test_foreign_habits_are_understood():
    # Running status, note on with velocity 0 as note off, sysex, a note that never ends, a RIFF wrapper.
    body = b"\0\xf0\x02\x7e\xf7" + b"\0\x90\x3c\x40" + b"\x83\x60\x3c\0" + b"\0\x40\x50" + b"\x83\x60\xff\x2f\0"
    plain = _file(body)
    for data in (plain, b"RIFF\0\0\0\0RMIDdata\0\0\0\0" + plain):
        notes = from_midi(data).tracks[0].notes
        assert [(n.pitch, n.start_s, n.duration_s) for n in notes] == [(60, 0, 0.5), (64, 0.5, 0.5)]
    smpte = from_midi(_file(body, b"MThd\0\0\0\6\0\0\0\1\xe7\x28"))  # 25 frames of 40: milliseconds
    assert smpte.tracks[0].notes[0].duration_s == pytest.approx(0.48)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"not midi at all",
        to_midi(SMALL)[:60],
        b"MThd\0\0\0\6\0\2\0\1\1\xe0",
        b"MThd\0\0\0\6\0\1\0\0\0\0",
        b"MThd\0\0\0\6\0\1\0\0\1\xe0",
        _file(b"\0\xff\x2f\0"),
        _file(b"\0\x05\x05"),
        _file(b"\xff\xff\xff\xff\xff\x7f\x90\x3c\x40"),
    ],
)
def test_what_is_no_music_is_refused_with_a_remedy(data):
    with pytest.raises(BadMedia, match=r"MIDI: expected .+, got"):
        from_midi(data)


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_damaged_files_are_read_or_refused_but_never_crash(data):
    damaged = bytearray(GOLDEN.read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    with suppress(BadMedia):
        assert from_midi(bytes(damaged)).duration_s > 0


def test_the_recipe_is_readable_text():
    assert f'{RECIPE_PREFIX}{{"mood":"즐거운","seed":7}}'.encode() in to_midi(SMALL)
