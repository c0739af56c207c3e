import itertools
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from moodscore.affect import Affect
from moodscore.music import critic, harmony, neural, neural_arrange, neural_decode, plan
from moodscore.music.instruments import INSTRUMENTS
from moodscore.music.neural_decode import Choices
from moodscore.music.neural_limits import conditions, key_of, limits, ranges_of
from moodscore.music.tokens import BASS, MELODY, VOCABULARY, decode
from moodscore.trajectory import Trajectory

MOODS = ((0.7, 0.6), (0.6, -0.6), (-0.6, -0.6), (-0.7, 0.7))


def outlined(valence=0.6, arousal=0.3, seconds=6.0, seed=0, changes=()):
    return plan.plan(Trajectory.hold(Affect(valence, arousal), seconds), seed, changes)


@pytest.fixture(scope="module")
def pieces():
    plans = [outlined(v, a, 6.0, seed=3) for v, a in MOODS]
    return [(p, neural.compose(p, 3)) for p in plans]


def test_a_piece_is_as_long_as_its_plan_and_no_note_hangs_over_its_end(pieces):
    for p, score in pieces:
        assert score.duration_s == p.duration_s
        assert max(n.end_s for n in score.notes) < p.duration_s
        assert max(n.duration_s for n in score.notes) <= p.duration_s


def test_no_bar_is_empty(pieces):
    for p, score in pieces:
        starts = np.array([n.start_s for t in score.tracks if not t.drums for n in t.notes])
        for bar in p.bars:
            assert ((starts >= bar.start_s - 0.03) & (starts < bar.end_s)).any()


def test_the_same_seed_writes_the_same_piece_and_another_seed_another(pieces):
    p, score = pieces[0]
    assert neural.compose(p, 3) == score
    assert neural.compose(p, 4).notes != score.notes


def test_notes_stay_in_the_scale_of_the_chord_that_sounds(pieces):
    for p, score in pieces:
        chords = [(time, text.split()[1]) for time, text in score.marks if text.startswith("chord")]
        inside = []
        for note in score.notes:
            if note not in {n for t in score.tracks if t.drums for n in t.notes}:
                at = note.start_s + 0.06
                name = [name for time, name in chords if time <= at][-1]
                section = [s for s in p.sections if s.start_s <= at][-1]
                inside.append(note.pitch % 12 in harmony.chord(name, "T", section.tonic, section.mode).scale)
        assert np.mean(inside) > 0.93


def test_every_instrument_plays_in_its_range(pieces):
    for _, score in pieces:
        for track in score.tracks:
            if not track.drums:
                played = INSTRUMENTS[track.name.split(" (")[0]]
                assert all(played.low <= n.pitch <= played.high for n in track.notes), track.name


def test_the_piece_ends_on_its_tonic(pieces):
    for p, score in pieces:
        last = max(
            (n for t in score.tracks if "bass" in t.name.split("(")[-1] for n in t.notes), key=lambda n: n.start_s
        )
        assert last.pitch % 12 == p.sections[-1].tonic
        assert last.start_s == pytest.approx(p.bars[-1].start_s, abs=0.06)
        assert ("cadence final" in [text for _, text in score.marks]) == (p.sections[-1].cadence == "final")


def test_the_recipe_names_the_composer_the_seed_and_the_card(pieces):
    p, score = pieces[0]
    assert score.recipe["composer"] == "neural"
    assert score.recipe["seed"] == 3
    assert score.recipe["card"].startswith("music-transformer@")
    assert score.recipe["plan"] == p.as_dict()


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.floats(-0.9, 0.9),
    st.floats(-0.9, 0.9),
    st.floats(0.5, 5.0),
    st.lists(st.floats(0.3, 4.5), max_size=3),
    st.integers(0, 1000),
)
def test_whatever_is_written_keeps_the_grammar_the_bars_and_the_picture_changes(
    valence, arousal, seconds, changes, seed
):
    p = outlined(valence, arousal, seconds, seed, [c for c in changes if c < seconds])
    score = neural.compose(p, seed)  # decoding raises where the grammar is broken or bars are missing
    assert score.duration_s == p.duration_s
    chords = [time for time, text in score.marks if text.startswith("chord")]
    for bar in p.bars:
        for hit in bar.hits:
            assert min(abs(time - bar.beats_s[hit]) for time in chords) < 1e-6


def written(p, index, choices, seed=0, count=1):
    bounds = limits(p, index)
    first = p.sections[index].first_bar
    asked = conditions(p)[first : first + len(bounds)]
    rngs = [np.random.default_rng([seed, k]) for k in range(count)]
    readings = neural_decode.write(([], asked[:0]), bounds, asked, rngs, choices)
    return [decode([t for bar in bars for t in bar], [b.beats for b in bounds]) for bars in readings]


def test_a_reading_has_the_bars_asked_for_in_the_ranges_asked_for():
    p = outlined(0.5, 0.4, 12.0)
    index = next(k for k, s in enumerate(p.sections) if s.label == "A")
    ranges = ranges_of(p.sections[index])
    for bars in written(p, index, Choices(), count=2):
        assert [bar.beats for bar in bars] == [bar.beats for bar in p.bars_of(p.sections[index])]
        assert all(ranges[n.voice][0] <= n.pitch <= ranges[n.voice][1] for bar in bars for n in bar.notes)
        assert any(n.voice == MELODY for bar in bars for n in bar.notes)
        assert all(any(n.voice == BASS and n.tick == 0 for n in bar.notes) for bar in bars)


def test_readings_do_not_depend_on_their_neighbours():
    p = outlined(0.5, 0.4, 6.0)
    alone, together = written(p, 0, Choices(), count=1), written(p, 0, Choices(), count=3)
    assert alone[0] == together[0]


def test_music_moves_to_the_tonic_of_its_section():
    p = outlined(0.5, 0.4, 6.0)
    (bars,) = written(p, 0, Choices())
    section = p.sections[0]
    moved = replace(p, sections=(replace(section, tonic=(section.tonic + 1) % 12), *p.sections[1:]))
    here, there = ([e.stroke.pitch for e in neural_arrange.events(q, 0, bars)] for q in (p, moved))
    assert {(b - a) % 12 for a, b in zip(here, there, strict=True)} == {1}
    assert all((up - s.tonic) % 12 == 0 for s in p.sections for up in key_of(s).up)


def test_a_theme_comes_back_and_ends_differently():
    p = outlined(0.6, 0.3, 18.0, seed=2)
    labels = [s.label for s in p.sections]
    first, again = (p.sections[labels.index(label)] for label in ("A", "A'"))
    assert neural._alike(first, again)
    score = neural.compose(p, 2)
    lead = {name for s in (first, again) for role, name in s.instruments if role == "melody"}
    notes = [n for t in score.tracks if t.name.split(" (")[0] in lead and "melody" in t.name for n in t.notes]
    bars = [p.bars_of(s)[0] for s in (first, again)]
    sung = [[n.pitch for n in notes if b.start_s - 0.03 <= n.start_s < b.end_s - 0.03] for b in bars]
    assert sung[0]
    assert sung[0][:3] == sung[1][:3]


def test_a_theme_returns_in_the_mode_of_its_section():
    p = outlined(0.6, 0.3, 6.0)
    (bars,) = written(p, 0, Choices())
    major, minor = replace(p.sections[0], mode="ionian"), replace(p.sections[0], mode="aeolian")
    sunk = neural_arrange.recalled(bars, major, minor)
    assert not {n.pitch % 12 for bar in sunk for n in bar.notes} & {4, 9, 11}
    assert [bar.beats for bar in sunk] == [bar.beats for bar in bars]


def test_the_reading_nearest_to_the_target_is_chosen(monkeypatch):
    p = outlined(0.6, 0.3, 12.0)
    index = next(k for k, s in enumerate(p.sections) if s.bars >= 2)
    several = written(p, index, Choices(), count=3)
    target = p.sections[index].affect
    for best in range(3):
        heard = tuple(target if k == best else Affect(-0.9, -0.9) for k in range(3))
        monkeypatch.setattr(critic, "hear_all", lambda scores, heard=heard: heard)
        assert neural._nearest(p, index, several) is several[best]


def test_guidance_moves_what_the_critic_hears_towards_what_was_asked(monkeypatch):
    def arousal(guidance, asked):
        monkeypatch.setattr(neural, "CHOICES", Choices(guidance=guidance, count=1))
        calm = outlined(0.2, 0.0, 6.0)
        told = replace(calm, bar_affects=tuple(Affect(0.2, asked) for _ in calm.bar_affects))
        return np.mean([critic.hear_all((neural.compose(told, seed),))[0].arousal for seed in range(2)])

    gap = {guidance: arousal(guidance, 0.8) - arousal(guidance, -0.7) for guidance in (0.0, 3.0)}
    assert gap[3.0] > gap[0.0]
    assert gap[3.0] > 0.05


def test_time_grows_no_faster_than_length_and_themes_are_not_written_twice(monkeypatch):
    read, steps = [], []

    def guessing(session, ids, said, count):
        read.append(len(ids))
        return Guess(), np.zeros((2 * count, VOCABULARY), np.float32)

    class Guess:
        def step(self, ids, conditions):
            steps.append(len(ids))
            return np.zeros((len(ids), VOCABULARY), np.float32)

        def keep(self, rows):
            assert len(rows) % 2 == 0

    monkeypatch.setattr(neural_decode, "_read", guessing)
    spent = []
    for seconds in (45.0, 300.0):
        p = outlined(0.1, -0.5, seconds, seed=1)
        score = neural.compose(p, 1)
        assert score.duration_s == seconds
        spent.append(len(steps) / len(p.bars))
        steps.clear()
    assert max(read) <= neural.CONTEXT + 1
    assert spent[1] < 1.2 * spent[0]


def test_context_is_bounded_and_ends_with_the_last_bar():
    p = outlined(0.1, 0.2, 30.0)
    draft = neural._Draft(p, 0, conditions(p))
    for k, section in itertools.islice(enumerate(p.sections), 2):
        draft.add(written(p, k, Choices(), count=1)[0])
        ids, asked = draft.context([])
        assert len(ids) == len(asked) <= neural.CONTEXT
        assert ids[-len(draft.tokens[-1]) :] == draft.tokens[-1]
        assert section.bars == len(draft.sections[k])
