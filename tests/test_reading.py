import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moodscore.affect import Affect, Spread
from moodscore.errors import BadValue, MissingExtra, MoodscoreError
from moodscore.reading import Part, Reading
from moodscore.schemes import Labels, mood_labels

LABELS = Labels.of("mood", [1] * 8)


@given(st.floats(-1, 1), st.floats(-1, 1), st.floats(0, 1), st.floats(0, 0.8))
def test_survives_json_to_four_decimals(valence, arousal, confidence, spread):
    affect = Affect(valence, arousal)
    reading = Reading(affect, mood_labels(affect, spread, spread), confidence, "photo@1", Spread(spread, spread))
    whole = Reading(affect, reading.labels, confidence, "fused@1", parts=(Part("scene", 0.25, reading),))
    back = Reading.from_dict(json.loads(json.dumps(whole.as_dict())))
    assert back.affect.distance(affect) < 2e-4
    assert back.parts[0].weight == 0.25
    assert back.parts[0].reading.source == "photo@1"
    assert Reading.from_dict(back.as_dict()).as_dict() == back.as_dict()


@pytest.mark.parametrize("source", ["photo", "@1", "photo@", ""])
def test_a_reading_without_the_version_of_its_weights_is_refused(source):
    with pytest.raises(BadValue, match="name@version"):
        Reading(Affect(0, 0), LABELS, 0.5, source)


@pytest.mark.parametrize("confidence", [-0.1, 1.1, float("nan")])
def test_confidence_is_a_probability(confidence):
    with pytest.raises(BadValue, match="confidence"):
        Reading(Affect(0, 0), LABELS, confidence, "a@1")


def test_a_missing_extra_names_the_command_that_adds_it():
    error = MissingExtra("training", "learn")
    assert isinstance(error, MoodscoreError)
    assert "pip install 'moodscore[learn]'" in str(error)
