"""Tuning: a photo, a face, a point on the plane -> a tune."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from moodscore import __version__
from moodscore.affect import Affect
from moodscore.jobs.looking import look, look_at_faces, look_at_scene, seen_of
from moodscore.jobs.matching import Brought, bring, fitted
from moodscore.jobs.values import MusicChoices, Progress, Scored, Seen, silent
from moodscore.music import composers, diffusion, plan, synth
from moodscore.see import people
from moodscore.trajectory import Trajectory

MAKER = f"moodscore {__version__}"


def score(
    trajectory: Trajectory,
    choices: MusicChoices | None = None,
    changes_s: Sequence[float] = (),
    progress: Progress = silent,
    seen: Sequence[Seen] = (),
    brought: Brought | None = None,
) -> Scored:
    """Trajectory -> plan -> score -> tune; what was `seen` travels in the tune's recipe.

    By diffusion a plan becomes a tune at once, without a score. Music that the choices name, or that was `brought` already,
    is fitted instead.
    """
    wanted = choices or MusicChoices()
    music = brought or bring(wanted.music, progress)
    if music is not None:
        found = fitted(music, trajectory, changes_s, wanted.seed, progress)
        return replace(found, tune=replace(found.tune, recipe={**origin(seen), **found.tune.recipe}))
    progress("compose", 0.0)
    planned = plan.plan(trajectory, wanted.seed, changes_s)
    if wanted.composer == composers.DIFFUSION:
        tune = diffusion.compose(planned, wanted.seed, progress=lambda share: progress("compose", share))
        return Scored(planned, replace(tune, recipe={**origin(seen), **tune.recipe}))
    written = composers.compose(planned, wanted.seed, wanted.composer)
    written = replace(written, recipe={**origin(seen), **written.recipe})
    progress("compose", 1.0)
    tune = synth.play(written, progress=lambda share: progress("play", share))
    return Scored(planned, tune)


def photo_to_tune(
    path: Path, seconds: float = 30.0, choices: MusicChoices | None = None, progress: Progress = silent
) -> tuple[Seen, Scored]:
    """Photo -> tune: what is felt in the photo stands still for `seconds` and is composed."""
    return _standing(look(path), seconds, choices, progress)


def scene_to_tune(
    path: Path, seconds: float = 30.0, choices: MusicChoices | None = None, progress: Progress = silent
) -> tuple[Seen, Scored]:
    """Scene -> tune: as a photo, but whoever is in the picture has no say."""
    return _standing(look_at_scene(path), seconds, choices, progress)


def face_to_tune(
    path: Path, seconds: float = 30.0, choices: MusicChoices | None = None, progress: Progress = silent
) -> tuple[Seen, Scored]:
    """Face -> tune: what the faces in a photo show stands still for `seconds` and is composed."""
    faced = look_at_faces(path)
    seen = seen_of(path, faced.photo, faced.reading, [face for face, _ in faced.faces])
    return _standing(seen, seconds, choices, progress)


def face_to_music5(
    path: Path, seconds: float = 30.0, choices: MusicChoices | None = None, progress: Progress = silent
) -> tuple[Seen, Scored]:
    """Face -> tune by the five-label system, in which fear is "others" and calm; kept to compare with."""
    faced = look_at_faces(path)
    seen = seen_of(path, faced.photo, people.in_music5(faced.reading), [face for face, _ in faced.faces])
    return _standing(seen, seconds, choices, progress)


def _standing(seen: Seen, seconds: float, choices: MusicChoices | None, progress: Progress) -> tuple[Seen, Scored]:
    return seen, score(Trajectory.hold(seen.reading.affect, seconds), choices, progress=progress, seen=[seen])


PHOTO_TO_TUNE = {"both": photo_to_tune, "scene": scene_to_tune, "face": face_to_tune}


def affect_to_tune(
    affect: Affect, seconds: float = 30.0, choices: MusicChoices | None = None, progress: Progress = silent
) -> Scored:
    """A point on the plane -> tune."""
    return score(Trajectory.hold(affect, seconds), choices, progress=progress)


def origin(seen: Sequence[Seen]) -> dict[str, Any]:
    """Who made it, by which weights, from what was read in which photo."""
    return {
        "made_by": MAKER,
        "machine_made": True,
        "cards": sorted({card for s in seen for card in people.cards_of(s.reading)}),
        "readings": [{"photo": s.path.name, **s.reading.as_dict()} for s in seen],
    }
