"""Matching: music that is brought along, a sound file or a library, fitted to a feeling over time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from moodscore.jobs.values import Progress, Scored, silent
from moodscore.media import Tune
from moodscore.music import library_default, library_index, library_sound, loudness, match, mix
from moodscore.music.library import Library
from moodscore.prepare import sound
from moodscore.trajectory import Trajectory

DEFAULT_LIBRARY = "default"
LOUDNESS_TOLERANCE_LU = 1.0
Brought = Tune | Library


def library_of(folder: Path, progress: Progress = silent) -> Library:
    """The library of a folder, read where it is new; "default" is the one that ships. Raises BadMedia without any music."""
    if str(folder) == DEFAULT_LIBRARY:
        return library_default.library(partial(progress, "index"))
    return library_index.index(folder, partial(progress, "index"))


def bring(music: Path | None, progress: Progress = silent) -> Brought | None:
    """What --music names: a folder or "default" as a library, a file as a tune. Raises BadMedia when it cannot be used."""
    if music is None:
        return None
    if str(music) == DEFAULT_LIBRARY or music.is_dir():
        library = library_of(music, progress)
        match.check(library)
        return library
    return sound.open(music)


def fitted(
    music: Brought, trajectory: Trajectory, changes_s: Sequence[float] = (), seed: int = 0, progress: Progress = silent
) -> Scored:
    """Music for a trajectory from what was brought: pieces picked from a library, or a tune cut or looped to length."""
    if isinstance(music, Tune):
        return Scored(None, levelled(sound.fit(music, trajectory.duration_s, seed)))
    cues = match.pick(music, trajectory, changes_s, seed)
    tune = library_sound.soundtrack(cues, progress=partial(progress, "match"))
    recipe = {"library": music.name, "seed": seed, **tune.recipe}
    return Scored(None, replace(tune, recipe=recipe), cues)


def levelled(tune: Tune) -> Tune:
    """A tune from elsewhere at the loudness of our own; what was already that loud stays as it is."""
    if abs(loudness.integrated(tune.samples, tune.rate) - mix.TARGET_LUFS) <= LOUDNESS_TOLERANCE_LU:
        return tune
    samples = tune.samples.copy()
    mix.master(samples, tune.rate)
    return replace(tune, samples=samples)
