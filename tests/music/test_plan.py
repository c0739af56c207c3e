import itertools
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moodscore.affect import Affect
from moodscore.errors import BadValue
from moodscore.music.casting import MAX_PARTS
from moodscore.music.plan import BRIGHT_MODES, plan
from moodscore.trajectory import Trajectory

affects = st.builds(Affect, st.floats(-1, 1), st.floats(-1, 1))


@st.composite
def films(draw):
    """A trajectory through the photos of a film, and the times at which they change."""
    stretches = draw(st.lists(st.tuples(st.floats(0.5, 20.0), affects), min_size=1, max_size=30))
    starts = [0.0, *itertools.accumulate(s for s, _ in stretches)]
    points = zip(starts, (a for _, a in stretches), strict=False)
    return Trajectory.of(points, starts[-1]), starts[1:-1]


@settings(deadline=None, max_examples=40)
@given(films(), st.integers(0, 10**6))
def test_sections_cover_the_piece_and_changes_are_on_beats(film, seed):
    trajectory, changes = film
    made = plan(trajectory, seed, changes)
    assert made.sections[0].start_s == 0.0
    assert made.sections[-1].end_s == trajectory.duration_s
    assert all(a.end_s == b.start_s for a, b in itertools.pairwise(made.sections))
    beats = {round(t, 6) for bar in made.bars for t in bar.beats_s}
    assert all(round(c, 6) in beats for c in changes)
    parts = {(r in ("melody", "double", "echo"), n) for s in made.sections for r, n in s.instruments}
    assert len(parts) <= MAX_PARTS
    json.dumps(made.as_dict(), allow_nan=False)


def test_the_same_input_gives_the_same_plan():
    trajectory = Trajectory.hold(Affect(0.3, 0.1), 30)
    assert plan(trajectory, 5) == plan(trajectory, 5)
    assert plan(trajectory, 5) != plan(trajectory, 6)


def test_arousal_quickens_and_valence_brightens():
    calm, wild = (plan(Trajectory.hold(Affect(0.0, a), 30), 1).sections[0] for a in (-0.7, 0.7))
    assert calm.tempo_bpm < wild.tempo_bpm
    assert calm.dynamics < wild.dynamics
    assert calm.density < wild.density
    dark, bright = (plan(Trajectory.hold(Affect(v, 0.0), 30), 1).sections[0] for v in (-0.7, 0.7))
    assert dark.mode not in BRIGHT_MODES
    assert bright.mode in BRIGHT_MODES
    assert dark.register < bright.register


def test_a_feeling_that_turns_takes_the_key_to_its_relative():
    turning = Trajectory.of([(0, Affect(0.8, 0)), (20, Affect(0.8, 0)), (25, Affect(-0.8, 0))], 60)
    sections = plan(turning, 3).sections
    keys = list(dict.fromkeys((s.tonic, s.mode in BRIGHT_MODES) for s in sections))
    assert (sections[0].tonic, True) in keys
    assert ((sections[0].tonic - 3) % 12, False) in keys


def test_long_pieces_change_key_and_colour():
    sections = plan(Trajectory.hold(Affect(0.5, 0.2), 300), 2).sections
    assert len({s.tonic for s in sections}) >= 3
    assert len({s.instruments for s in sections}) >= 4


@pytest.mark.parametrize("duration", [0.1, 4000.0])
def test_lengths_out_of_reach_are_refused(duration):
    with pytest.raises(BadValue, match="duration"):
        plan(Trajectory.hold(Affect(0, 0), duration))
