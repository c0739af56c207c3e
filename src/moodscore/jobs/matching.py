"""Matching: music that is brought along, a sound file or a library, fitted to a feeling over time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from moodscore.errors import BadMedia
from moodscore.jobs.values import Progress, Scored, silent
from moodscore.media import Tune
from moodscore.music import library_default, library_index, library_sound, loudness, match, mix, synth
from moodscore.music import score as scores
from moodscore.music.library import SCORE_SUFFIXES, Library
from moodscore.prepare import sound
from moodscore.trajectory import Trajectory

DEFAULT_LIBRARY = "default"
LOUDNESS_TOLERANCE_LU = 1.0
Brought = Tune | Library


def library_of(folder: Path | None, progress: Progress = silent) -> Library:
    """The library of a folder, read where it is new; None is the one that ships. Raises BadMedia without any music."""
    if folder is None:
        return library_default.library(partial(progress, "index"))
    return library_index.index(folder, partial(progress, "index"))


def bring(music: Path | None, progress: Progress = silent) -> Brought | None:
    """What --music names: a library for a folder or the word "default" (unless there is a folder of that name), or a tune.

    The tune is that of a sound file, or of a MIDI file that is played. Raises BadMedia when it cannot be used.
    """
    if music is None:
        return None
    if music.is_dir() or str(music) == DEFAULT_LIBRARY:
        library = library_of(music if music.is_dir() else None, progress)
        match.check(library)
        return library
    if music.suffix.lower() in SCORE_SUFFIXES:
        return _played(music, progress)
    return sound.open(music)


def _played(path: Path, progress: Progress) -> Tune:
    """A MIDI file as a tune without its score, which would not be that of the tune once it is fitted."""
    try:
        written = scores.from_midi(path.read_bytes())
    except (BadMedia, OSError) as error:
        raise BadMedia(f"{path}: expected a MIDI file, got {error}; give another file") from error
    tune = synth.play(written, progress=partial(progress, "play"))
    return Tune(tune.samples, tune.rate, None, {"music": path.name})


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
