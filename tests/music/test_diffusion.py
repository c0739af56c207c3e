"""Diffusion draws a plan's sound window by window, in a few steps, the same for the same seed."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moodscore.affect import Affect
from moodscore.errors import BadValue
from moodscore.jobs import MusicChoices, affect_to_tune
from moodscore.music import diffusion, plan, styles
from moodscore.music import diffusion_wishes as asking
from moodscore.music.arrange import harmonise
from moodscore.music.diffusion import KNOWN, WINDOW, Choices
from moodscore.trajectory import Trajectory
from moodscore.weights import store


def planned(seconds=4.0, valence=0.5, arousal=0.3, seed=0):
    return plan.plan(Trajectory.hold(Affect(valence, arousal), seconds), seed)


@given(st.integers(1, 700), st.booleans())
def test_every_stretch_is_drawn_and_only_what_was_drawn_is_known(count, loop):
    count += 2 * WINDOW * loop
    drawn = np.zeros(max(count, WINDOW), int)
    for places, known in diffusion.windows(count, loop):
        assert len(places) == len(known) == WINDOW
        assert (drawn[places[known > 0]] > 0).all()
        drawn[places[known == 0]] += 1
    assert drawn[:count].min() == 1
    assert (drawn - 1).sum() <= diffusion.BLEND * len(diffusion.windows(count, loop))


@given(st.integers(2 * WINDOW, 700))
def test_the_last_window_of_a_loop_runs_into_its_beginning(count):
    places, known = diffusion.windows(count, loop=True)[-1]
    assert places[-diffusion.CLOSING :].tolist() == list(range(diffusion.CLOSING))
    assert known[diffusion.BLEND - diffusion.CLOSING :].all()
    assert (np.diff(places) % count == 1).all()


class Oracle:
    """A net that knows what is to be drawn: `target` where something is asked, and its opposite where nothing is."""

    def __init__(self, target):
        self.target, self.calls, self.known = target, [], []

    def __call__(self, noisy, time, known, wishes):
        self.calls.append((len(noisy), float(time[0])))
        self.known.append(known[0])
        return np.stack([self.target if said.any() else -self.target for said in wishes])


@settings(max_examples=10)
@given(st.integers(1, 12))
def test_a_net_that_knows_is_followed_in_any_number_of_steps(steps):
    target = np.random.default_rng(0).uniform(-1, 1, (WINDOW, 384)).astype(np.float32)
    oracle = Oracle(target)
    wishes = np.ones((WINDOW, asking.WIDTH), np.float32)
    levels = diffusion.drawn(wishes, 0, Choices(steps=steps, guidance=1.0, feeling=0.0), oracle)
    assert levels.shape == (4 * WINDOW, 96)
    truth = diffusion.evened(target.reshape(-1, 96) / np.float32(diffusion.SCALE))
    assert np.allclose(levels, truth, atol=1e-5)
    assert [n for n, _ in oracle.calls] == [1] * steps
    assert oracle.calls[0][1] == 0.0


def test_guidance_goes_beyond_what_is_asked_and_beyond_what_the_feeling_changes():
    def net(noisy, time, known, wishes):
        felt = wishes[:, :1, asking.AFFECT.start, None] * 0.1
        return np.broadcast_to(felt + 0.3 * wishes[:, :1, asking.GENRE.start, None], noisy.shape).astype(np.float32)

    wishes = np.ones((WINDOW, asking.WIDTH), np.float32)
    for guidance, feeling, found in ((1.0, 0.0, 0.4), (1.5, 0.0, 0.6), (1.0, 2.0, 0.6), (2.0, 1.0, 0.9)):
        levels = diffusion.drawn(wishes, 0, Choices(steps=3, guidance=guidance, feeling=feeling), net)
        assert np.allclose(levels * diffusion.SCALE, found, atol=1e-5)


def test_later_windows_begin_with_what_was_drawn():
    def first_frame(noisy, time, known, wishes):
        seen.append((known[0].copy(), noisy[0].copy()))
        return np.full_like(noisy, len(seen) / 100)

    seen = []
    diffusion.drawn(
        np.ones((2 * WINDOW, asking.WIDTH), np.float32), 0, Choices(steps=1, guidance=1.0, feeling=0.0), first_frame
    )
    known, noisy = seen[1]
    assert known[: KNOWN - diffusion.BLEND].all()
    assert np.allclose(noisy[known > 0], 0.01)


def test_where_windows_meet_one_turns_into_the_other():
    calls = []

    def net(noisy, time, known, wishes):
        calls.append(0)
        return np.full_like(noisy, 0.2 * len(calls))

    levels = diffusion.drawn(np.ones((100, asking.WIDTH), np.float32), 0, Choices(1, 1.0, 0.0), net)
    stretches = levels.reshape(100, -1).mean(axis=1) * diffusion.SCALE
    assert np.allclose(stretches[[0, 58, 66, 99]], [0.2, 0.2, 0.4, 0.4])
    assert (np.diff(stretches[60:65]) > 0.04).all()


def test_small_steps_between_stretches_are_evened_and_strokes_of_notes_stay():
    flawed = np.repeat([0.0, 0.1, 0.0, 0.9], 4)[:, None] * np.ones((1, 96), np.float32)
    found = np.diff(diffusion.evened(flawed.astype(np.float32)), axis=0)
    assert np.abs(found[[3, 7]]).max() < 0.04
    assert found[11].min() > 0.89


def test_wishes_are_the_plans_chords_beats_and_feeling():
    outline = plan.plan(Trajectory.of([(0, Affect(-0.5, -0.5)), (8, Affect(0.5, 0.5))], 8.0), 2)
    asked = diffusion.wishes_of(outline, 2)
    assert len(asked.roots) == 100
    assert asked.affects[0].sum() < asked.affects[-1].sum()
    roots = [chord.chord.root for chord in harmonise(outline, 2)]
    heard = [int(root) for k, root in enumerate(asked.roots) if not k or root != asked.roots[k - 1]]
    assert heard == [root for k, root in enumerate(roots) if not k or root != roots[k - 1]]
    starts = asked.beats < np.roll(asked.beats, 1)
    assert abs(int(starts.sum()) - len(outline.bars)) <= 1


def test_the_genre_is_the_one_named_or_the_styles_or_the_one_that_fits():
    assert asking.GENRE_NAMES[diffusion.wishes_of(planned(), 0, "rock").genre] == "rock"
    styled = replace(planned(), style=styles.style("synthwave"))
    assert asking.GENRE_NAMES[diffusion.wishes_of(styled, 0).genre] == "synthwave"
    assert asking.GENRE_NAMES[diffusion.wishes_of(planned(valence=0, arousal=-0.6), 0).genre] == "ambient"


def test_genres_are_numbered_as_the_net_learned_them():
    learned = store.card(diffusion.NAME).input
    assert list(asking.GENRE_NAMES) == learned["genres"]
    assert (learned["window"], learned["wishes"]) == (WINDOW, asking.WIDTH)


@pytest.fixture(scope="module")
def tune():
    return diffusion.compose(planned(3.321), 3)


def test_a_tune_is_as_long_as_asked_and_says_how_it_was_made(tune):
    assert tune.samples.shape == (round(3.321 * 44100), 2)
    assert np.isfinite(tune.samples).all()
    assert 0.1 < np.abs(tune.samples).max() <= 0.9
    assert tune.score is None
    assert tune.recipe["composer"] == "diffusion"
    assert tune.recipe["card"].startswith("mel-flow@")


def test_the_same_seed_gives_the_same_bytes_and_another_does_not(tune):
    assert diffusion.compose(planned(3.321), 3).samples.tobytes() == tune.samples.tobytes()
    assert diffusion.compose(planned(3.321), 4).samples.tobytes() != tune.samples.tobytes()


def test_the_chord_that_was_asked_for_stands_out():
    wishes = diffusion.wishes_of(planned(5.12), 0, "piano ballad").vectors()
    levels = diffusion.drawn(wishes, 0, Choices()).reshape(WINDOW, 4, 96).mean(axis=1)
    classes = wishes[:, asking.CHORD.start : asking.CHORD.start + 12] > 0
    bands = np.arange(20, 56)
    on = classes[:, (bands + 28) % 12]
    assert levels[:, bands][on].mean() > levels[:, bands][~on].mean() + 0.1


def test_more_excited_music_is_louder_inside_or_moves_more():
    def movement(arousal):
        wishes = diffusion.wishes_of(planned(5.12, 0.0, arousal), 0, "orchestral").vectors()
        return np.abs(np.diff(diffusion.drawn(wishes, 0, Choices()), axis=0)).mean()

    assert movement(0.8) > 1.1 * movement(-0.8)


def test_of_a_loop_the_end_sounds_on_in_the_beginning():
    looped = diffusion.compose(planned(10.24), 1, Choices(loop=True)).samples[:, 0]
    steps = np.abs(np.diff(looped))
    assert abs(looped[0] - looped[-1]) <= np.quantile(steps, 0.9999)
    assert np.abs(looped[:2000]).max() > 0.02
    with pytest.raises(BadValue, match=r"10\.24"):
        diffusion.compose(planned(8.0), 1, Choices(loop=True))


def test_choices_and_lengths_out_of_range_are_refused():
    for wrong, name in (({"steps": 0}, "steps"), ({"feeling": 11}, "feeling"), ({"genre": "polka"}, "genre")):
        with pytest.raises(BadValue, match=name):
            Choices(**wrong)
    with pytest.raises(BadValue, match="600"):
        diffusion.compose(planned(601.0))


def test_it_is_asked_like_any_composer_and_has_no_score():
    scored = affect_to_tune(Affect(0.2, -0.4), 3.0, MusicChoices(composer="diffusion"))
    assert scored.tune.score is None
    assert scored.tune.duration_s == 3.0
    assert scored.plan is not None
