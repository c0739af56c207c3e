import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moodscore.errors import BadValue
from moodscore.music import tokens as t

PITCHES = {t.MELODY: (48, 95), t.BASS: (24, 67), t.INNER: (33, 95)}


@st.composite
def bars(draw):
    beats = draw(st.integers(1, t.MAX_BEATS))
    chords = {0: draw(st.integers(0, t.NO_CHORD))}
    for beat in draw(st.sets(st.integers(1, t.MAX_BEATS), max_size=2)):
        if beat < beats:
            chords[beat] = draw(st.integers(0, t.NO_CHORD))
    moments = [t.TICKS * beat + slot for beat in range(beats) for slot in t.SLOTS]
    notes = {}
    for tick in draw(st.lists(st.sampled_from(moments), max_size=12)):
        voice = draw(st.integers(0, 3))
        if voice == t.DRUMS:
            note = t.Struck(tick, voice, draw(st.sampled_from(t.KIT)), 3, draw(st.sampled_from(t.DRUM_LEVELS)))
        else:
            pitch = draw(st.integers(*PITCHES[voice]))
            note = t.Struck(tick, voice, pitch, draw(st.sampled_from(t.LENGTHS)), draw(st.sampled_from(t.LEVELS)))
        key = (
            (tick, voice) if voice in (t.MELODY, t.BASS) else (tick, voice, note.pitch, note.level * (voice == t.DRUMS))
        )
        notes[key] = note
    in_order = sorted(notes.values(), key=lambda n: (n.tick, t.note_token(n)))
    return t.BarNotes(beats, tuple(sorted(chords.items())), tuple(in_order))


@given(st.lists(bars(), min_size=1, max_size=4))
@settings(max_examples=60, deadline=None)
def test_bars_come_back_from_their_tokens(piece):
    assert t.decode(t.encode(piece), [bar.beats for bar in piece]) == piece


@given(st.integers(0, 2**32), st.lists(st.integers(1, t.MAX_BEATS), min_size=1, max_size=5))
@settings(max_examples=40, deadline=None)
def test_whatever_the_grammar_allows_is_music(seed, beats):
    """A drunkard who follows the grammar writes bars that decode, encode to the same tokens, and end."""
    rng = np.random.default_rng(seed)
    grammar, out, opened = t.Grammar(), [], 0
    while True:
        mask = grammar.valid()
        assert mask.any()
        assert mask[t.BAR] == mask[t.END] or not out
        if grammar.may_close and (opened == len(beats) or len(out) > 60 * opened or rng.random() < 0.1):
            token = t.END if opened == len(beats) else t.BAR
        else:
            token = int(rng.choice(np.flatnonzero(mask)))
            if token in (t.BAR, t.END):
                token = t.END if opened == len(beats) else t.BAR
        if token == t.BAR:
            grammar.begin(beats[opened])
            opened += 1
        assert mask[token]
        grammar.take(token)
        out.append(token)
        if token == t.END:
            break
    assert not grammar.valid().any()
    said = t.decode(out, beats)
    assert [bar.beats for bar in said] == beats
    assert t.encode(said) == out


def test_transposing_there_and_back_keeps_all_but_what_left_its_range():
    table = t.shifts()
    assert (table[0] == np.arange(t.VOCABULARY)).all()
    middle = t.note_token(t.Struck(0, t.MELODY, 67))
    assert table[5][middle] == t.note_token(t.Struck(0, t.MELODY, 72))
    assert table[7][middle] == t.note_token(t.Struck(0, t.MELODY, 62))
    assert table[2][t.chord_token(11, "m7")] == t.chord_token(1, "m7")
    assert (table[7][table[5]] == np.arange(t.VOCABULARY)).mean() > 0.9
    assert table[3][t.FIRST_OF[t.DRUMS]] == t.FIRST_OF[t.DRUMS]


def test_notes_out_of_range_move_by_octaves_and_drums_to_the_nearest_of_the_kit():
    assert t.struck(0, t.note_token(t.Struck(0, t.BASS, 20)), t.FIRST_LENGTH).pitch == 32
    assert t.struck(0, t.note_token(t.Struck(0, t.INNER, 108)), t.FIRST_LENGTH).pitch == 84
    assert t.struck(0, t.note_token(t.Struck(0, t.DRUMS, 57))).pitch == 49


def test_every_token_has_a_kind():
    kinds = [t.kind(k) for k in range(t.VOCABULARY)]
    assert set(kinds) == set(t.KINDS)
    with pytest.raises(BadValue, match="expected 0"):
        t.kind(t.VOCABULARY)


@pytest.mark.parametrize("ids", [[3], [t.BAR, t.END], [t.BAR, 3, t.FIRST_NOTE, t.BAR], [t.BAR, 3, t.BAR, 3, t.BAR]])
def test_broken_grammar_is_refused(ids):
    with pytest.raises(BadValue, match="tokens: expected"):
        t.decode(ids, [4, 4])


def test_bars_are_checked_when_made():
    with pytest.raises(BadValue, match=r"1\.\.6 beats"):
        t.BarNotes(7)
    with pytest.raises(BadValue, match="chord on beat 0"):
        t.BarNotes(4, ((2, 0),))
    with pytest.raises(BadValue, match=r"1\.\.6 beats"):
        t.Grammar().begin(0)
