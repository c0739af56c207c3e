import pytest

from moodscore.affect import Affect
from moodscore.errors import BadValue
from moodscore.jobs import MusicChoices
from moodscore.music import composers, plan
from moodscore.trajectory import Trajectory


@pytest.mark.parametrize("name", composers.NAMES)
def test_every_composer_writes_a_piece_of_the_length_asked_for(name):
    outline = plan.plan(Trajectory.hold(Affect(0.6, 0.4), 8.0), 3)
    score = composers.compose(outline, 3, name)
    assert score.duration_s == 8.0
    assert max(note.end_s for note in score.notes) <= 8.0
    assert len(score.notes) > 16
    assert score.recipe["seed"] == 3


def test_the_recipe_says_who_composed():
    outline = plan.plan(Trajectory.hold(Affect(0.6, 0.4), 5.0), 0)
    said = {name: composers.compose(outline, 0, name).recipe["composer"] for name in composers.NAMES}
    assert said == {name: composers.DEFAULT if name == composers.AUTO else name for name in composers.NAMES}


def test_an_unknown_composer_is_refused_with_the_names_there_are():
    with pytest.raises(BadValue, match="auto, rules"):
        MusicChoices(composer="brahms")
