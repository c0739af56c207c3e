import math

from hypothesis import given
from hypothesis import strategies as st

from moodscore.affect import Affect
from moodscore.schemes import MOODS
from moodscore.see.live import Hysteresis, Smoothed


def test_a_feeling_is_followed_at_any_pace_of_readings():
    slow, fast = Smoothed(1.5), Smoothed(1.5)
    for one in (slow, fast):
        one.see(0.0, Affect(0, 0))
    slow.see(3.0, Affect(1, 0))
    for k in range(1, 31):
        fast.see(k / 10, Affect(1, 0))
    assert math.isclose(slow.affect.valence, fast.affect.valence, abs_tol=1e-9)
    assert 0.8 < slow.affect.valence < 0.9


@given(st.lists(st.floats(-0.05, 0.05), min_size=20, max_size=60))
def test_a_feeling_that_trembles_on_a_border_changes_nothing(trembles):
    standing = Hysteresis()
    border = Affect.polar(22.5, 0.6)
    turns = [standing.see(k / 5, Affect(border.valence + d, border.arousal - d)) for k, d in enumerate(trembles)]
    assert not any(turns)


def test_a_feeling_that_has_truly_moved_changes_the_mood_once_and_not_at_once():
    standing = Hysteresis(hold_s=2.0)
    assert not standing.see(0.0, MOODS["joyful"].place)
    turns = [(k / 5, standing.see(k / 5, MOODS["sad"].place)) for k in range(1, 40)]
    when = [t for t, turned in turns if turned]
    assert len(when) == 1
    assert 2.0 <= when[0] <= 2.5
    assert standing.mood.name == "sad"


def test_a_short_fright_does_not_turn_the_music():
    standing = Hysteresis(hold_s=2.0)
    standing.see(0.0, MOODS["quiet"].place)
    frights = [standing.see(1.0 + k / 5, MOODS["tense"].place) for k in range(5)]
    calm = [standing.see(2.2 + k / 5, MOODS["quiet"].place) for k in range(20)]
    again = [standing.see(7.0 + k / 5, MOODS["tense"].place) for k in range(5)]
    assert not any([*frights, *calm, *again])
