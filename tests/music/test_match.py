import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moodscore.affect import Affect
from moodscore.errors import BadMedia
from moodscore.music.library import LeftOut, Library, Stretch, honoured
from moodscore.music.match import END_SLACK_S, nearest, pick, places
from moodscore.schemes import MOODS
from moodscore.trajectory import Trajectory

from .test_library import piece

axes = st.floats(-1, 1)


def library(*pieces):
    return Library("mine", tuple(pieces))


def ring(seconds=60.0, each=1):
    """A library sorted by moods, `each` pieces of every one."""
    return library(
        *(
            honoured(piece(f"{m.name}/{k}.wav", seconds=seconds, sha256=f"{n}{k}"))
            for n, m in enumerate(MOODS.labels)
            for k in range(each)
        )
    )


@st.composite
def libraries(draw):
    pieces = []
    for k in range(draw(st.integers(1, 6))):
        seconds = draw(st.floats(3.0, 120.0))
        starts = [t * 15.0 for t in range(max(1, int(seconds // 15)))]
        stretches = tuple(Stretch(t, Affect(draw(axes), draw(axes)), -20.0) for t in starts)
        pieces.append(piece(f"{k}.wav", draw(axes), draw(axes), seconds, sha256=f"{k:012x}", stretches=stretches))
    return library(*pieces)


@st.composite
def films(draw):
    seconds = draw(st.floats(1.0, 200.0))
    changes = sorted(draw(st.lists(st.floats(0, 1), max_size=12)))
    points = {min(round(t * seconds, 3), seconds): Affect(draw(axes), draw(axes)) for t in (0.0, *changes)}
    return Trajectory.of(sorted(points.items()), seconds), [t * seconds for t in changes]


@settings(deadline=None, max_examples=20)
@given(libraries(), films(), st.integers(0, 9))
def test_any_library_covers_any_film_without_a_gap_and_stays_inside_its_pieces(music, film, seed):
    trajectory, changes = film
    cues = pick(music, trajectory, changes, seed)
    assert cues[0].start_s == 0.0
    assert cues[-1].end_s == trajectory.duration_s
    assert all(a.end_s == b.start_s for a, b in itertools.pairwise(cues))
    for cue in cues:
        assert cue.end_s > cue.start_s
        assert cue.piece.start_s <= cue.from_s
        assert cue.to_s <= cue.piece.end_s + END_SLACK_S + 1e-6
        assert not cue.fades or cue is cues[-1]
    assert pick(music, trajectory, changes, seed) == cues


@pytest.mark.parametrize("mood", MOODS.labels, ids=lambda mood: mood.name)
def test_a_mood_gets_the_music_sorted_under_it(mood):
    cues = pick(ring(), Trajectory.hold(mood.place, 40.0))
    assert [cue.piece.reading.mood.name for cue in cues] == [mood.name]
    assert cues[0].distance == pytest.approx(0.0)


def test_music_changes_where_the_feeling_does():
    film = Trajectory.of([(0, MOODS["joyful"].place), (29.9, MOODS["joyful"].place), (30, MOODS["sad"].place)], 60.0)
    cues = pick(ring(), film, [10.0, 20.0, 30.0, 40.0, 50.0])
    assert [cue.piece.reading.mood.name for cue in cues] == ["joyful", "sad"]
    assert cues[1].start_s == pytest.approx(30.0, abs=2.0)


def test_a_passing_shadow_does_not_change_the_music():
    points = [
        (0, Affect(0.5, 0)),
        (20, Affect(0.5, 0)),
        (21, Affect(0.2, 0)),
        (24, Affect(0.2, 0)),
        (25, Affect(0.5, 0)),
    ]
    cues = pick(ring(), Trajectory.of(points, 45.0), [20.0, 25.0])
    assert len(cues) == 1


def test_borders_are_joins_of_the_piece_that_leaves_and_of_the_one_that_enters():
    film = Trajectory.of([(0, Affect(0.7, 0)), (31, Affect(0.7, 0)), (33, Affect(-0.7, 0))], 63.0)
    cues = pick(ring(), film, [32.3])
    for before, after in itertools.pairwise(cues):
        assert min(abs(before.to_s - t) for t in before.piece.joins_s) < 1e-6
        assert min(abs(after.from_s - t) for t in after.piece.joins_s) < 1e-6


def test_nothing_is_heard_twice_while_there_is_something_else():
    cues = pick(ring(each=3), Trajectory.hold(MOODS["quiet"].place, 150.0))
    assert len({cue.piece.name for cue in cues}) == len(cues) == 3
    assert {cue.piece.reading.mood.name for cue in cues} == {"quiet"}


def test_with_one_short_piece_all_there_is_is_heard_again():
    cues = pick(library(piece("only.wav", seconds=9.0)), Trajectory.hold(Affect(0, 0), 60.0))
    assert {cue.piece.name for cue in cues} == {"only.wav"}
    assert len(cues) >= 6


def test_the_best_part_of_a_long_piece_is_found():
    stretches = tuple(Stretch(15.0 * k, Affect(-0.8 if k != 20 else 0.8, 0.0), -20.0) for k in range(40))
    long = piece("long.wav", -0.76, 0.0, 600.0, stretches=stretches, joins=tuple(2.5 * k for k in range(1, 239)))
    (cue,) = pick(library(long), Trajectory.hold(Affect(0.8, 0.0), 14.0))
    assert 297.0 <= cue.from_s <= 305.0
    assert cue.distance < 0.4


def test_the_last_piece_ends_with_the_picture_when_it_fits():
    (cue,) = pick(library(piece(seconds=60.0)), Trajectory.hold(Affect(0, 0), 31.0))
    assert not cue.fades
    assert cue.to_s == pytest.approx(60.0, abs=END_SLACK_S)
    (cut,) = pick(library(piece(seconds=60.0, joins=(1.0,))), Trajectory.hold(Affect(0, 0), 31.0))
    assert cut.fades


def test_another_seed_picks_another_of_equally_near_pieces_whatever_their_order():
    music = ring(each=3)
    film = Trajectory.hold(MOODS["tense"].place, 30.0)
    assert len({pick(music, film, seed=seed)[0].piece.name for seed in range(12)}) == 3
    backwards = Library("mine", tuple(reversed(music.pieces)))
    assert all(pick(music, film, seed=k)[0].piece == pick(backwards, film, seed=k)[0].piece for k in range(4))


def test_a_library_of_thousands_is_searched_and_the_nearest_found():
    pieces = [piece(f"{k}.wav", (k % 50) / 25 - 1, (k // 50) / 20 - 1, sha256=f"{k:012x}") for k in range(2000)]
    (cue,) = pick(library(*pieces), Trajectory.hold(Affect(0.4, -0.6), 30.0))
    assert cue.distance < 0.15


def test_a_library_without_pieces_says_why():
    empty = Library("mine", (), (LeftOut("a.mp3", "a.mp3: expected music, got silence"),))
    with pytest.raises(BadMedia, match=r"mine: expected a piece .* a\.mp3: expected music, got silence"):
        pick(empty, Trajectory.hold(Affect(0, 0), 10.0))
    with pytest.raises(BadMedia, match="mine"):
        nearest(empty, Affect(0, 0))


def test_the_nearest_piece_avoids_those_heard_before_as_long_as_it_can():
    music = ring()
    assert nearest(music, MOODS["sad"].place).reading.mood.name == "sad"
    assert nearest(music, MOODS["sad"].place, ["sad/0.wav"]).reading.mood.name in ("gloomy", "quiet")
    names = [p.name for p in music.pieces]
    assert nearest(music, MOODS["sad"].place, names).name == "sad/0.wav"


def test_places_are_the_picture_changes_and_even_steps_between():
    assert places(30.0, [10.0, 10.5, 29.5], 6.0) == [0.0, 5.0, 10.0, 15.0, 20.0, 25.0, 30.0]
    assert len(places(7200.0, [2.0 * k for k in range(1, 3600)], 48.0)) <= 152
