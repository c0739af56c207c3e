"""The Python API: look at a photo, compose a tune, make a film."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from moodscore import jobs
from moodscore.affect import Affect
from moodscore.errors import BadValue
from moodscore.results import ClipLook, FacesLook, FilmResult, Look, SoundtrackResult, TuneResult
from moodscore.schemes import MOODS

Feeling = str | os.PathLike[str] | Affect


def look(photo: str | os.PathLike[str]) -> Look:
    """Read the feeling in a photo.

    Raises BadMedia, naming the file, when it cannot be read.
    """
    return Look(jobs.look(Path(photo)))


def faces(photo: str | os.PathLike[str]) -> FacesLook:
    """Find the faces in a photo and read what their expressions show, which is not what a person feels inside.

    Raises BadMedia when the photo cannot be read and NoFace when it shows nobody, both naming the file.
    """
    return FacesLook(jobs.look_at_faces(Path(photo)))


def tune(
    feeling: Feeling, seconds: float = 30.0, seed: int = 0, source: str = "both", composer: str = "auto"
) -> TuneResult:
    """Compose a tune for a photo, a mood's name (English or Korean) or a point on the plane.

    `seconds` is the exact length, 1 .. 3600. `source` says what of a photo to go by: its "scene", its "face" (all of
    them), or "both". `composer` is "rules", "neural", "auto", or "diffusion", whose tunes have no score. The same arguments
    give the same samples. Raises BadMedia for a photo that cannot be read, NoFace for one without a face when asked to go by
    it, and BadValue for a length, source or composer out of range.
    """
    if source not in jobs.PHOTO_TO_TUNE:
        raise BadValue(f"source: expected one of {', '.join(jobs.PHOTO_TO_TUNE)}, got {source!r}")
    if not 1.0 <= seconds <= 3600.0:
        raise BadValue(f"seconds: expected a length from 1 to 3600, got {seconds!r}")
    choices = jobs.MusicChoices(seed, composer)
    if isinstance(feeling, Affect):
        return TuneResult(feeling, jobs.affect_to_tune(feeling, seconds, choices))
    name = os.fspath(feeling)
    moods = {text: label for label in MOODS.labels for text in (label.name, label.korean)}
    if name.lower() in moods:
        place = moods[name.lower()].place
        return TuneResult(place, jobs.affect_to_tune(place, seconds, choices))
    seen, scored = jobs.PHOTO_TO_TUNE[source](Path(name), seconds, choices)
    return TuneResult(seen.reading.affect, scored, seen)


def film(
    photos: str | os.PathLike[str] | Iterable[str | os.PathLike[str]],
    out: str | os.PathLike[str] = "film.mp4",
    choices: jobs.FilmChoices | None = None,
    **changes: Any,  # noqa: ANN401 - the fields of FilmChoices
) -> FilmResult:
    """Make a film with music of its own from a folder of photos, or from the photos named.

    `choices` and `changes` are the fields of FilmChoices (seconds_per_photo, seconds, fade_s, transition, order, size,
    music, seed, strict). Bad photos are skipped and named in the result, unless `strict`. Raises BadMedia when no photo
    is left, BadValue for a choice out of range, RenderFailed when the film cannot be written.
    """
    known = replace(choices or jobs.FilmChoices(), **changes)
    if known.music is not None:
        known = replace(known, music=Path(known.music))
    cut, written = jobs.photos_to_film(jobs.photos_of(photos), Path(out), known)
    return FilmResult(written, cut)


def watch(clip: str | os.PathLike[str]) -> ClipLook:
    """Watch a film: what is felt in it over time, its shots, and the genre it looks like.

    Raises BadMedia, naming the file, when it is no film or cannot be read.
    """
    return ClipLook(jobs.clip_to_trajectory(Path(clip)))


def soundtrack(
    clip: str | os.PathLike[str],
    out: str | os.PathLike[str] = "soundtrack.mp4",
    mix: str = "duck",
    **music: Any,  # noqa: ANN401 - the fields of MusicChoices
) -> SoundtrackResult:
    """Give a film music that follows its feeling, with beats on its cuts; its pictures are copied.

    `mix` is "duck" (music gives way to speech), "original" (the film's sound leads) or "replace". `music` are the fields of
    MusicChoices (seed, composer, music: a sound file, a folder, or "default"). Raises BadMedia for a film or music that
    cannot be read, BadValue for a choice out of range, RenderFailed when the film cannot be written.
    """
    known = {**music, **({"music": Path(music["music"])} if music.get("music") else {})}
    choices = jobs.SoundtrackChoices(mix, jobs.MusicChoices(**known))
    return SoundtrackResult(jobs.clip_to_soundtrack(Path(clip), Path(out), choices))
