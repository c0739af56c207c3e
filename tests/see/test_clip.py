"""The feeling in a film over time, and the rule that fuses picture, motion, cuts and sound."""

import itertools

import numpy as np
import pytest

from moodscore.affect import Affect
from moodscore.media import Clip, Shot
from moodscore.prepare import clip as clips
from moodscore.reading import Reading
from moodscore.schemes import Labels, mood_labels
from moodscore.see import clip as see_clip
from moodscore.see.clip import Look, Watched
from moodscore.see.hearing import Heard
from moodscore.trajectory import Trajectory

EVEN = Labels.of("genre", [1 / 6] * 6)


def look(time_s, valence, arousal):
    affect = Affect(valence, arousal)
    reading = Reading(affect, mood_labels(affect, 0.3, 0.3), 0.5, "test@1", EVEN.spread)
    return Look(time_s, reading, Reading(EVEN.expectation, EVEN, 1 / 6, "test@1", EVEN.spread))


def watched(tmp_path, edges=(0.0, 20.0), moves=0.1, feelings=None):
    shots = tuple(Shot(a, b) for a, b in itertools.pairwise(edges))
    feelings = feelings or (lambda t: (0.2, 0.0))
    looks = tuple(look(float(t), *feelings(t)) for t in range(int(edges[-1])))
    times = np.arange(0.25, edges[-1], 0.25)
    clip = Clip(tmp_path / "film.mp4", edges[-1], (64, 48), True)
    return Watched(clip, shots, looks, (times, np.full(len(times), moves)), ())


def heard(level_db, music=1.0, seconds=20):
    full = np.full(2 * seconds, 1.0)
    return Heard(full * level_db, full * 2, full * 800, full * 0, full * music)


def arousal(found):
    return found.mean().arousal


def test_a_chase_is_more_exciting_than_a_still(tmp_path):
    still, chase = (arousal(see_clip.trajectory(watched(tmp_path, moves=m))) for m in (0.0, 1.5))
    assert chase > still + 0.3


def test_quick_cuts_are_more_exciting_than_one_long_shot(tmp_path):
    calm = watched(tmp_path)
    quick = watched(tmp_path, edges=tuple(np.arange(0, 20.5, 0.5)))
    assert arousal(see_clip.trajectory(quick)) > arousal(see_clip.trajectory(calm)) + 0.1


def test_loud_sound_excites_and_silence_changes_nothing(tmp_path):
    film = watched(tmp_path)
    plain = see_clip.trajectory(film)
    assert see_clip.trajectory(film, heard(-90.0), Trajectory.hold(Affect(1, 1), 20.0)) == plain
    soft, loud = (arousal(see_clip.trajectory(film, heard(level))) for level in (-45.0, -10.0))
    assert loud > soft + 0.15


def test_music_moves_the_feeling_towards_its_own_and_noise_less(tmp_path):
    film, sad = watched(tmp_path), Trajectory.hold(Affect(-0.8, -0.6), 20.0)
    plain, with_noise, with_music = (
        see_clip.trajectory(film, heard(-25.0, share), sad if share is not None else None).mean().valence
        for share in (1.0, 0.0, 1.0)
    )
    alone = see_clip.trajectory(film).mean().valence
    assert with_music < with_noise < alone
    assert plain == with_music


def test_a_shot_has_one_feeling_and_a_cut_a_new_one(tmp_path):
    noisy = watched(tmp_path, (0.0, 10.0, 20.0), feelings=lambda t: (0.5 + 0.2 * (-1) ** t if t < 10 else -0.5, 0.0))
    found = see_clip.trajectory(noisy)
    first = [a.valence for t, a in zip(found.times_s, found.affects, strict=True) if t < 10]
    assert np.ptp(first) < 0.15
    assert found.at(11.0).valence < -0.4


def test_music_marks_the_cuts_where_the_feeling_turns(tmp_path):
    film = watched(tmp_path, (0.0, 4.0, 5.0, 10.0, 20.0), feelings=lambda t: (0.6 if t < 10 else -0.6, 0.0))
    found = see_clip.important_cuts(film, see_clip.trajectory(film), apart_s=3.0)
    assert 10.0 in found
    assert min(np.diff(found)) >= 3.0
    assert set(found) <= {4.0, 5.0, 10.0}


def test_a_real_film_is_watched_in_one_pass(tmp_path, film_maker):
    def scene(number, size):
        rng = np.random.default_rng(0 if number < 30 else 1)
        base = rng.integers(0, 256, (6, 8, 3), np.uint8).repeat(16, 0).repeat(16, 1)
        return np.roll(base, 0 if number < 30 else 4 * number, 1)

    path = film_maker.write(tmp_path / "film.mp4", frames=60, fps=15, size=(128, 96), picture=scene, sound_s=4.0)
    told = []
    found = see_clip.watch(clips.open(path), told.append)
    assert [round(s.start_s, 2) for s in found.shots] == [0.0, 2.0]
    assert [round(one.time_s) for one in found.looks][:3] == [0, 1, 2]
    times, amounts = found.motion
    assert np.median(amounts[times > 2.3]) > 5 * np.median(amounts[times < 1.9])
    assert len(found.strip) == see_clip.STRIP_FRAMES
    assert told == sorted(told)
    assert told[-1] > 0.9
    curve = see_clip.trajectory(found)
    assert curve.duration_s == pytest.approx(4.0)
    assert curve.at(3.5).arousal > curve.at(0.5).arousal
