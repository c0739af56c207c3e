"""Answers: three points that differ on purpose, wherever the photo lies."""

from hypothesis import given
from hypothesis import strategies as st

from moodscore.affect import Affect
from moodscore.music import answers
from moodscore.music.answers import CONTRAST, FAITHFUL, NEIGHBOUR
from moodscore.reading import Reading
from moodscore.schemes import EXPRESSIONS, Labels, mood_labels, mood_of, mood_steps

axis = st.floats(-1, 1)


def reading_of(valence, arousal, spread=0.25):
    affect = Affect(valence, arousal)
    return Reading(affect, mood_labels(affect, spread, spread), 0.5, "photo@1")


@given(axis, axis)
def test_the_three_are_tangibly_apart(valence, arousal):
    reading = reading_of(valence, arousal)
    faithful, neighbour, contrast = answers.three(reading)
    assert [one.role for one in (faithful, neighbour, contrast)] == [FAITHFUL, NEIGHBOUR, CONTRAST]
    assert faithful.affect == reading.affect
    assert neighbour.affect.distance(reading.affect) >= answers.TANGIBLE - 1e-9
    assert mood_steps(mood_of(neighbour.affect), reading.mood) == 1
    assert contrast.affect.distance(reading.affect) >= answers.FAR - 1e-9
    assert answers.three(reading) == (faithful, neighbour, contrast)


@given(axis, axis)
def test_the_contrast_comforts_or_turns_the_energy_and_is_never_unpleasant(valence, arousal):
    contrast = answers.three(reading_of(valence, arousal))[2].affect
    assert contrast.valence >= answers.PLEASANT - 1e-9 or contrast.valence >= valence
    if valence < answers.UNPLEASANT:
        assert contrast.valence > 0
        assert contrast.arousal <= min(arousal, -answers.SOOTHING) + 1e-9
        assert mood_of(contrast).name in ("peaceful", "quiet")
    elif abs(arousal) >= answers.MIDDLE:
        assert contrast.arousal * arousal < 0


def test_the_neighbour_is_the_one_that_the_reading_finds_likelier():
    affect = Affect(0.5, 0.05)  # joyful, a little nearer to exciting
    weights = {"joyful": 5.0, "peaceful": 4.0, "exciting": 1.0}
    likely = Labels.of("mood", [weights.get(mood.name, 0.0) for mood in answers.MOODS.labels])
    assert mood_of(answers.neighbour(Reading(affect, likely, 0.5, "photo@1")).affect).name == "peaceful"


def test_without_mood_labels_the_nearer_one_is_the_neighbour():
    face = Labels.of("expression", [1.0] * len(EXPRESSIONS.labels))
    reading = Reading(Affect.polar(10, 0.5), face, 0.5, "face@1")
    beside = answers.neighbour(reading)
    assert mood_of(beside.affect).name == "exciting"
    assert "%" not in beside.why_en


def test_a_reason_names_moods_genre_and_tempo_in_both_languages():
    english, korean = answers.reason(answers.three(reading_of(0.3, -0.2))[1], "jazz trio", "재즈 트리오", 123.6)
    assert "from peaceful to joyful" in english
    assert english.endswith("as jazz trio at 124 bpm.")
    assert "즐거운" in korean
    assert "재즈 트리오" in korean
    assert "124박" in korean
