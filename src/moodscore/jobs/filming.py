"""Filming: photos -> a planned film -> a film on disk."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from moodscore.errors import BadMedia, BadValue
from moodscore.film import arc, render, timeline
from moodscore.jobs.looking import look_all
from moodscore.jobs.matching import bring
from moodscore.jobs.tuning import origin, score
from moodscore.jobs.values import MusicChoices, Progress, Scored, Seen, Skipped, silent
from moodscore.jobs.writing import check_film
from moodscore.media import Film
from moodscore.music import composers, plan
from moodscore.see import people
from moodscore.trajectory import Trajectory

ORDERS = ("given", "time", "arc")


@dataclass(frozen=True, slots=True)
class FilmChoices:
    """What a user may choose about a film. Times in seconds; `seconds` is the whole film's length and wins over the other.

    `order` is given, time (EXIF capture time) or arc (a smooth path over the plane). `composer` is rules, neural, diffusion
    or auto; `music` is used instead of composing: a sound file, a folder of music to pick from, or "default", the library
    that ships. `strict` refuses bad photos instead of skipping them.
    """

    seconds_per_photo: float = 4.0
    seconds: float | None = None
    fade_s: float = 1.0
    transition: str = "crossfade"
    order: str = "given"
    size: str = "720p"
    music: Path | None = None
    composer: str = composers.AUTO
    seed: int = 0
    strict: bool = False

    def __post_init__(self) -> None:
        if self.order not in ORDERS:
            raise BadValue(f"order: expected one of {', '.join(ORDERS)}, got {self.order!r}")
        render.Settings.named(self.size)
        _ = self.options, self.of_music

    @property
    def of_music(self) -> MusicChoices:
        """What of it the music wants to know."""
        return MusicChoices(self.seed, self.composer, self.music)

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


def in_order(seen: Sequence[Seen], order: str) -> list[Seen]:
    """The photos in the order asked for; photos without a capture time keep their place after those with one."""
    if order == "arc":
        return [seen[k] for k in arc.order([s.reading.affect for s in seen])]
    if order == "time":
        return sorted(seen, key=lambda s: (s.taken_at is None, s.taken_at or ""))
    return list(seen)


def photos_to_cut(paths: Sequence[Path], choices: FilmChoices, progress: Progress = silent) -> Cut:
    """Photos -> a planned film: look at each, arrange them in time, find their music."""
    brought = bring(choices.music, progress)  # first, so that a wrong file is told at once
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
    scored = score(feeling, choices.of_music, cut.changes_s, progress, ordered, brought)
    return Cut(tuple(ordered), tuple(skipped), cut, feeling, scored, choices)


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
        **origin(cut.seen),
        "seed": cut.choices.seed,
        "size": cut.choices.size,
        "order": cut.choices.order,
        "skipped": [{"photo": s.path.name, "reason": s.reason.replace(str(s.path), s.path.name)} for s in cut.skipped],
        "plan": cut.scored.plan.as_dict() if cut.scored.plan else _brought(cut),
        "timeline": _without_folders(cut.timeline.as_dict()),
    }


def _brought(cut: Cut) -> dict[str, Any]:
    """What stands for the plan of music that was not composed: the file's or folder's name, and what was picked from it."""
    name = cut.choices.music and (cut.choices.music.name or cut.choices.music.resolve().name)
    return {"music": name, **({"pieces": [cue.as_dict() for cue in cut.scored.cues]} if cut.scored.cues else {})}


def _without_folders(planned: dict[str, Any]) -> dict[str, Any]:
    """A timeline as JSON-ready values whose photos are named without the folders they lie in."""
    items = [{**item, "path": Path(item["path"]).name} for item in planned["items"]]
    return {**planned, "items": items}


def _nothing_left(paths: Sequence[Path], skipped: Sequence[Skipped]) -> str:
    if not paths:
        return "film: expected at least one photo, got none; name a folder with photos or the photos themselves"
    if len(paths) == 1:
        return skipped[0].reason
    return f"film: none of the {len(paths)} files could be used; the first: {skipped[0].reason}"
