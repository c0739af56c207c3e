"""Looking: photo -> reading, of the scene, of the faces, or of many photos at once."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import TypeVar

from moodscore.errors import BadMedia, NoFace
from moodscore.jobs.values import Faced, Progress, Seen, Skipped, silent
from moodscore.media import Face, Photo
from moodscore.prepare import image
from moodscore.reading import Reading
from moodscore.see import explain as see_explain
from moodscore.see import face as see_face
from moodscore.see import focus, people
from moodscore.see import photo as see_photo

Found = TypeVar("Found")

FACE_SIDE = 720
THUMBNAIL_SIDE = 192


def photos_of(named: str | os.PathLike[str] | Iterable[str | os.PathLike[str]]) -> list[Path]:
    """The photos that were named, folders opened into the photos in them; raises BadMedia for a folder without any."""
    given = [named] if isinstance(named, str | os.PathLike) else list(named)
    found: list[Path] = []
    for path in map(Path, given):
        inside = image.photos_in(path) if path.is_dir() else [path]
        if not inside:
            raise BadMedia(f"{path}: expected a folder with photos, got none in it; name another folder or the photos")
        found += inside
    return found


def look(path: Path) -> Seen:
    """Photo -> reading: open, perceive the scene and its people, find what must stay in frame."""
    photo = image.open(path, want_side=see_photo.want_side())
    watched = people.watch(photo)
    return seen_of(path, photo, watched.reading, watched.faces)


def look_at_scene(path: Path) -> Seen:
    """Photo -> reading of the picture alone, whoever is in it."""
    photo = image.open(path, want_side=see_photo.want_side())
    return seen_of(path, photo, see_photo.perceive(photo))


def look_at_faces(path: Path) -> Faced:
    """Photo -> its faces, each with a reading; raises NoFace, naming the file, when there is none."""
    photo = image.open(path, want_side=FACE_SIDE)
    return Faced(path, image.thumbnail(photo, FACE_SIDE), see_face.perceive_all(photo), photo.taken_at)


def explain(path: Path, progress: Progress = silent) -> tuple[Seen, Photo, see_explain.Explanation]:
    """Photo -> reading, the same as `look` gives, the picture for drawing, and what each part and region contributed."""
    photo = image.open(path, want_side=see_photo.want_side())
    why = see_explain.explain(photo, partial(progress, "explain"))
    return seen_of(path, photo, why.reading, why.faces), image.open(path, want_side=FACE_SIDE), why


def seen_of(path: Path, photo: Photo, reading: Reading, faces: Sequence[Face] = ()) -> Seen:
    """A photo that was read, with its thumbnail and what must stay in frame."""
    kept = focus.regions(photo, faces)
    return Seen(path, reading, image.thumbnail(photo, THUMBNAIL_SIDE), kept, photo.taken_at)


def look_all(
    paths: Sequence[Path], strict: bool = False, progress: Progress = silent
) -> tuple[list[Seen], list[Skipped]]:
    """Look at every photo on all cores; bad ones are named and skipped, or raise BadMedia when `strict`."""
    return _each(look, paths, strict, progress)


def look_at_all_faces(
    paths: Sequence[Path], strict: bool = False, progress: Progress = silent
) -> tuple[list[Faced], list[Skipped]]:
    """Read the faces of every photo; those that are bad or show none are named and skipped, or raise when `strict`."""
    return _each(look_at_faces, paths, strict, progress)


def _each(
    one: Callable[[Path], Found], paths: Sequence[Path], strict: bool, progress: Progress
) -> tuple[list[Found], list[Skipped]]:
    found: list[Found] = []
    skipped: list[Skipped] = []
    with ThreadPoolExecutor(max_workers=os.cpu_count() or 1) as pool:
        try:
            for done, result in enumerate(pool.map(partial(_or_skip, one, strict), paths), start=1):
                if isinstance(result, Skipped):
                    skipped.append(result)
                else:
                    found.append(result)
                progress("look", done / len(paths))
        finally:
            pool.shutdown(cancel_futures=True)  # after Ctrl-C or a bad photo nobody waits for the rest
    return found, skipped


def _or_skip(one: Callable[[Path], Found], strict: bool, path: Path) -> Found | Skipped:
    try:
        return one(path)
    except (BadMedia, NoFace) as error:
        if strict:
            raise
        return Skipped(path, str(error))
