"""The jobs, as straight lines: one named value passes from room to room, and no arrow goes back up."""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from PIL.Image import Image as Picture

from moodscore import __version__
from moodscore.affect import Affect
from moodscore.errors import BadMedia, BadValue, NoFace
from moodscore.film import arc, render, timeline
from moodscore.media import Box, Face, Film, Photo, Tune
from moodscore.music import loudness, mix, plan, rules, synth
from moodscore.prepare import image, sound
from moodscore.prepare.whole import check_writable, whole
from moodscore.reading import Reading
from moodscore.see import explain as see_explain
from moodscore.see import face as see_face
from moodscore.see import focus, people
from moodscore.see import photo as see_photo
from moodscore.trajectory import Trajectory

Progress = Callable[[str, float], None]
"""Told a stage's name and how much of it is done, 0 .. 1."""

Found = TypeVar("Found")

FACE_SIDE = 720
THUMBNAIL_SIDE = 192
LOUDNESS_TOLERANCE_LU = 1.0
ORDERS = ("given", "time", "arc")
MAKER = f"moodscore {__version__}"


def silent(stage: str, share: float) -> None:
    """The progress of somebody who does not want to watch."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A photo that was looked at: where it is, what it feels like, a thumbnail, what to keep in frame, when it was taken."""

    path: Path
    reading: Reading
    thumbnail: Photo
    focus: tuple[Box, ...]
    taken_at: str | None


@dataclass(frozen=True, slots=True)
class Faced:
    """A photo whose faces were read: the picture for drawing, and each face with its reading, the largest first."""

    path: Path
    photo: Photo
    faces: tuple[tuple[Face, Reading], ...]
    taken_at: str | None = None

    @property
    def reading(self) -> Reading:
        """What the faces say together: the mean, weighted by area, score and confidence."""
        return people.of_faces(self.faces)


@dataclass(frozen=True, slots=True)
class Skipped:
    """A photo that could not be used, and why in one line."""

    path: Path
    reason: str


@dataclass(frozen=True, slots=True)
class Scored:
    """Music for a trajectory: the plan (None for music that was brought along) and the tune."""

    plan: plan.Plan | None
    tune: Tune


@dataclass(frozen=True, slots=True)
class FilmChoices:
    """What a user may choose about a film. Times in seconds; `seconds` is the whole film's length and wins over the other.

    `order` is given, time (EXIF capture time) or arc (a smooth path over the plane). `music` is a sound file to use instead
    of composing. `strict` refuses bad photos instead of skipping them.
    """

    seconds_per_photo: float = 4.0
    seconds: float | None = None
    fade_s: float = 1.0
    transition: str = "crossfade"
    order: str = "given"
    size: str = "720p"
    music: Path | None = None
    seed: int = 0
    strict: bool = False

    def __post_init__(self) -> None:
        if self.order not in ORDERS:
            raise BadValue(f"order: expected one of {', '.join(ORDERS)}, got {self.order!r}")
        render.Settings.named(self.size)
        _ = self.options

    @property
    def options(self) -> timeline.Options:
        """What of it the timeline wants to know; raises BadValue for a time or transition out of range."""
        return timeline.Options(
            seconds_per_photo=self.seconds_per_photo,
            seconds=self.seconds,
            fade_s=self.fade_s,
            transition=self.transition,
            seed=self.seed,
        )


@dataclass(frozen=True, slots=True)
class Cut:
    """A film that is planned but not yet written: the photos in order, those left out, the timeline and its music."""

    seen: tuple[Seen, ...]
    skipped: tuple[Skipped, ...]
    timeline: timeline.Timeline
    trajectory: Trajectory
    scored: Scored
    choices: FilmChoices = field(default_factory=FilmChoices)


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
    return _seen(path, photo, watched.reading, watched.faces)


def look_at_scene(path: Path) -> Seen:
    """Photo -> reading of the picture alone, whoever is in it."""
    photo = image.open(path, want_side=see_photo.want_side())
    return _seen(path, photo, see_photo.perceive(photo))


def look_at_faces(path: Path) -> Faced:
    """Photo -> its faces, each with a reading; raises NoFace, naming the file, when there is none."""
    photo = image.open(path, want_side=FACE_SIDE)
    return Faced(path, image.thumbnail(photo, FACE_SIDE), see_face.perceive_all(photo), photo.taken_at)


def explain(path: Path, progress: Progress = silent) -> tuple[Photo, see_explain.Explanation]:
    """Photo -> why it reads as it does: what each part and each region contributed."""
    photo = image.open(path, want_side=FACE_SIDE)
    return photo, see_explain.explain(photo, partial(progress, "explain"))


def _seen(path: Path, photo: Photo, reading: Reading, faces: Sequence[Face] = ()) -> Seen:
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


def score(
    trajectory: Trajectory,
    seed: int = 0,
    changes_s: Sequence[float] = (),
    progress: Progress = silent,
    seen: Sequence[Seen] = (),
) -> Scored:
    """Trajectory -> plan -> score -> tune; what was `seen` travels in the tune's recipe."""
    progress("compose", 0.0)
    planned = plan.plan(trajectory, seed, changes_s)
    written = rules.compose(planned, seed)
    written = replace(written, recipe={**_origin(seen), **written.recipe})
    progress("compose", 1.0)
    tune = synth.play(written, progress=lambda share: progress("play", share))
    return Scored(planned, tune)


def photo_to_tune(path: Path, seconds: float = 30.0, seed: int = 0, progress: Progress = silent) -> tuple[Seen, Scored]:
    """Photo -> tune: what is felt in the photo stands still for `seconds` and is composed."""
    seen = look(path)
    return seen, score(Trajectory.hold(seen.reading.affect, seconds), seed, progress=progress, seen=[seen])


def scene_to_tune(path: Path, seconds: float = 30.0, seed: int = 0, progress: Progress = silent) -> tuple[Seen, Scored]:
    """Scene -> tune: as a photo, but whoever is in the picture has no say."""
    seen = look_at_scene(path)
    return seen, score(Trajectory.hold(seen.reading.affect, seconds), seed, progress=progress, seen=[seen])


def face_to_tune(path: Path, seconds: float = 30.0, seed: int = 0, progress: Progress = silent) -> tuple[Seen, Scored]:
    """Face -> tune: what the faces in a photo show stands still for `seconds` and is composed."""
    faced = look_at_faces(path)
    seen = _seen(path, faced.photo, faced.reading, [face for face, _ in faced.faces])
    return seen, score(Trajectory.hold(seen.reading.affect, seconds), seed, progress=progress, seen=[seen])


def face_to_music5(
    path: Path, seconds: float = 30.0, seed: int = 0, progress: Progress = silent
) -> tuple[Seen, Scored]:
    """Face -> tune by the five-label system, in which fear is "others" and calm; kept to compare with."""
    faced = look_at_faces(path)
    seen = _seen(path, faced.photo, people.in_music5(faced.reading), [face for face, _ in faced.faces])
    return seen, score(Trajectory.hold(seen.reading.affect, seconds), seed, progress=progress, seen=[seen])


PHOTO_TO_TUNE = {"both": photo_to_tune, "scene": scene_to_tune, "face": face_to_tune}


def affect_to_tune(affect: Affect, seconds: float = 30.0, seed: int = 0, progress: Progress = silent) -> Scored:
    """A point on the plane -> tune."""
    return score(Trajectory.hold(affect, seconds), seed, progress=progress)


def in_order(seen: Sequence[Seen], order: str) -> list[Seen]:
    """The photos in the order asked for; photos without a capture time keep their place after those with one."""
    if order == "arc":
        return [seen[k] for k in arc.order([s.reading.affect for s in seen])]
    if order == "time":
        return sorted(seen, key=lambda s: (s.taken_at is None, s.taken_at or ""))
    return list(seen)


def photos_to_cut(paths: Sequence[Path], choices: FilmChoices, progress: Progress = silent) -> Cut:
    """Photos -> a planned film: look at each, arrange them in time, find their music."""
    brought = sound.open(choices.music) if choices.music else None  # first, so that a wrong file is told at once
    length_s = choices.seconds or len(paths) * choices.seconds_per_photo
    if brought is None and length_s > plan.LONGEST_S:
        raise BadValue(
            f"film: expected at most {plan.LONGEST_S:.0f} s to compose for, got {length_s:.0f} s; shorten it"
        )
    seen, skipped = look_all(paths, choices.strict, progress)
    if not seen:
        raise BadMedia(_nothing_left(paths, skipped))
    people.rest()  # music and film need the memory now
    ordered = in_order(seen, choices.order)
    cut = timeline.arrange([s.path for s in ordered], choices.options, [s.focus for s in ordered])
    feeling = cut.trajectory([s.reading.affect for s in ordered])
    if brought is None:
        scored = score(feeling, choices.seed, cut.changes_s, progress, ordered)
    else:
        scored = Scored(None, levelled(sound.fit(brought, feeling.duration_s, choices.seed)))
    return Cut(tuple(ordered), tuple(skipped), cut, feeling, scored, choices)


def levelled(tune: Tune) -> Tune:
    """A tune from elsewhere at the loudness of our own; what was already that loud stays as it is."""
    if abs(loudness.integrated(tune.samples, tune.rate) - mix.TARGET_LUFS) <= LOUDNESS_TOLERANCE_LU:
        return tune
    samples = tune.samples.copy()
    mix.master(samples, tune.rate)
    return replace(tune, samples=samples)


def cut_to_film(cut: Cut, out: Path, progress: Progress = silent) -> Film:
    """A planned film -> a finished one on disk."""
    settings = render.Settings.named(cut.choices.size)
    return render.render(
        cut.timeline, cut.scored.tune, out, settings, recipe_of(cut), lambda share: progress("film", share)
    )


def photos_to_film(
    paths: Sequence[Path], out: Path, choices: FilmChoices | None = None, progress: Progress = silent
) -> tuple[Cut, Film]:
    """Photos -> film, whole."""
    check_film(out)
    cut = photos_to_cut(paths, choices or FilmChoices(), progress)
    return cut, cut_to_film(cut, out, progress)


def recipe_of(cut: Cut) -> dict[str, Any]:
    """Everything the film was made by, JSON-ready and the same every time: no clock, no folder names."""
    return {
        **_origin(cut.seen),
        "seed": cut.choices.seed,
        "size": cut.choices.size,
        "order": cut.choices.order,
        "skipped": [{"photo": s.path.name, "reason": s.reason.replace(str(s.path), s.path.name)} for s in cut.skipped],
        "plan": cut.scored.plan.as_dict()
        if cut.scored.plan
        else {"music": cut.choices.music and cut.choices.music.name},
        "timeline": _without_folders(cut.timeline.as_dict()),
    }


def _origin(seen: Sequence[Seen]) -> dict[str, Any]:
    """Who made it, by which weights, from what was read in which photo."""
    return {
        "made_by": MAKER,
        "machine_made": True,
        "cards": sorted({card for s in seen for card in people.cards_of(s.reading)}),
        "readings": [{"photo": s.path.name, **s.reading.as_dict()} for s in seen],
    }


def _without_folders(planned: dict[str, Any]) -> dict[str, Any]:
    """A timeline as JSON-ready values whose photos are named without the folders they lie in."""
    items = [{**item, "path": Path(item["path"]).name} for item in planned["items"]]
    return {**planned, "items": items}


def check_film(out: Path) -> None:
    """Fail before the work when a film cannot be written to `out`, or its name promises another kind; RenderFailed."""
    render.check_name(out)
    check_writable(out)


def write_text(out: Path, text: str) -> None:
    """Write a text file whole or not at all; raises RenderFailed when `out` cannot be written."""
    _write(out, text.encode("utf-8"))


def write_picture(out: Path, picture: Picture) -> None:
    """Write a PNG whole or not at all; raises RenderFailed when `out` cannot be written."""
    drawn = io.BytesIO()
    picture.save(drawn, format="PNG")
    _write(out, drawn.getvalue())


def _write(out: Path, data: bytes) -> None:
    with whole(out) as part:
        part.write_bytes(data)


def _nothing_left(paths: Sequence[Path], skipped: Sequence[Skipped]) -> str:
    if not paths:
        return "film: expected at least one photo, got none; name a folder with photos or the photos themselves"
    if len(paths) == 1:
        return skipped[0].reason
    return f"film: none of the {len(paths)} files could be used; the first: {skipped[0].reason}"
