"""Styles: each genre is arranged as itself wherever on the plane, and without one nothing changes."""

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moodscore.affect import Affect
from moodscore.errors import BadValue
from moodscore.music import composers, plan, rules, style_patterns, styles
from moodscore.music.instruments import INSTRUMENTS
from moodscore.music.prompt_genres import GENRES
from moodscore.music.score import to_midi
from moodscore.trajectory import Trajectory

NAMES = tuple(genre.name for genre in GENRES)
few = settings(max_examples=6)
axis = st.floats(-1, 1)


def composed(name, affect, seed=0, seconds=16.0):
    planned = plan.plan(Trajectory.hold(affect, seconds), seed, style=styles.style(name))
    return planned, rules.compose(planned, seed)


def players_of(score):
    return {track.name.split(" (")[0] for track in score.tracks if not track.drums}


@pytest.mark.parametrize("name", NAMES)
def test_a_style_names_what_exists(name):
    one = styles.style(name)
    assert one.instruments <= set(INSTRUMENTS)
    for ensemble in one.ensembles:
        assert set(ensemble.figures) <= set(style_patterns.FIGURES)
        assert set(ensemble.basses) <= set(style_patterns.BASSES)
        assert not ensemble.kit or ensemble.kit in style_patterns.KITS
        assert not ensemble.strike or ensemble.strikes in style_patterns.STRIKES


@pytest.mark.parametrize("name", NAMES)
@few
@given(valence=axis, arousal=axis, seed=st.integers(0, 2**31), seconds=st.floats(20, 60))
def test_everywhere_on_the_plane_it_keeps_its_players_and_its_tempo(name, valence, arousal, seed, seconds):
    planned, score = composed(name, Affect(valence, arousal), seed, seconds)
    slow, fast = styles.style(name).bounds_bpm
    assert slow - 1e-6 <= score.tempos[0][1] <= fast + 1e-6
    assert players_of(score) <= styles.style(name).instruments
    assert score.duration_s == planned.duration_s
    for track in score.tracks:
        if not track.drums:
            played = INSTRUMENTS[track.name.split(" (")[0]]
            assert all(played.low - 12 <= note.pitch <= played.high + 12 for note in track.notes)


@pytest.mark.parametrize("name", NAMES)
def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(name):
    affect = Affect(0.2, 0.3)
    assert to_midi(composed(name, affect, 7)[1]) == to_midi(composed(name, affect, 7)[1])
    assert to_midi(composed(name, affect, 7)[1]) != to_midi(composed(name, affect, 8)[1])


def test_no_two_styles_sound_alike():
    grooves = {}
    for name in NAMES:
        planned, score = composed(name, Affect(0.1, 0.4), 1)
        drums = tuple(sorted({(t.program, n.pitch) for t in score.tracks if t.drums for n in t.notes}))
        figures = tuple(sorted({section.figure for section in planned.sections}))
        grooves[name] = (frozenset(players_of(score)), drums, figures)
    for one, other in itertools.combinations(NAMES, 2):
        mine, yours = grooves[one], grooves[other]
        assert len(mine[0] & yours[0]) <= len(mine[0] | yours[0]) / 2, (one, other)
        assert mine[1:] != yours[1:], (one, other)


def test_drums_play_where_the_style_has_them():
    loud, calm = Affect(0.2, 0.7), Affect(0.2, -0.8)
    assert {n for n in NAMES if any(t.drums for t in composed(n, loud)[1].tracks)} == {
        "lo-fi", "orchestral", "synthwave", "acoustic folk", "jazz trio", "rock",
    }  # fmt: skip
    assert not any(t.drums for n in ("ambient", "piano ballad", "orchestral") for t in composed(n, calm)[1].tracks)


def test_an_orchestra_brings_timpani_and_brass_when_it_is_roused():
    roused, calm = (players_of(composed("orchestral", Affect(0.1, a))[1]) for a in (0.8, -0.8))
    assert {"timpani", "brass"} <= roused
    assert not {"timpani", "brass"} & calm


def test_a_jazz_trio_is_three_and_its_bass_walks():
    planned, score = composed("jazz trio", Affect(0.5, 0.4), seconds=30.0)
    assert players_of(score) == {"piano", "upright bass"}
    assert {track.program for track in score.tracks if track.drums} == {styles.BRUSH_KIT}
    bass = next(track for track in score.tracks if "bass" in track.name)
    walking = [s for s in planned.sections if s.instrument("bass") and s.cadence != "final"]
    beats = sum(bar.beats for s in walking for bar in planned.bars_of(s))
    assert len(bass.notes) >= 0.9 * beats


def test_rock_plays_roots_and_fifths():
    _, score = composed("rock", Affect(-0.4, 0.8), seconds=20.0)
    guitar = next(track for track in score.tracks if "figure" in track.name)
    at = {}
    for note in guitar.notes:
        at.setdefault(round(note.start_s * 8), []).append(note.pitch)
    apart = [max(chord) - min(chord) for chord in at.values() if len(chord) > 1]
    assert sum(step in (7, 12) for step in apart) >= 0.8 * len(apart)


def test_the_net_sings_and_the_style_accompanies():
    planned = plan.plan(Trajectory.hold(Affect(0.4, 0.3), 8.0), 1, style=styles.style("synthwave"))
    score = composers.compose(planned, 1, "neural")
    assert players_of(score) <= styles.style("synthwave").instruments
    figure = next(track for track in score.tracks if "figure" in track.name)
    by_rule = next(track for track in rules.compose(planned, 1).tracks if "figure" in track.name)
    assert len(figure.notes) == pytest.approx(len(by_rule.notes), rel=0.15)  # the sequencer's sixteenths, not the net's
    assert score == composers.compose(planned, 1, "neural")


def test_a_plan_says_its_style_only_where_it_has_one():
    trajectory = Trajectory.hold(Affect(0, 0), 12.0)
    assert plan.plan(trajectory, style=styles.style("rock")).as_dict()["style"] == "rock"
    assert "style" not in plan.plan(trajectory).as_dict()


def test_a_style_goes_by_its_korean_name_and_an_unknown_one_is_refused():
    assert styles.style("재즈 트리오") is styles.style("jazz trio")
    with pytest.raises(BadValue, match="expected one of lo-fi"):
        styles.style("polka")
