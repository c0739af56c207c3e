"""Scoring: a film -> the same film with music that follows its feeling and its cuts."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from moodscore.errors import BadValue
from moodscore.film import soundtrack
from moodscore.jobs.clips import ClipFelt, clip_to_trajectory
from moodscore.jobs.tuning import MAKER, score
from moodscore.jobs.values import MusicChoices, Progress, Scored, silent
from moodscore.media import Film
from moodscore.music import plan
from moodscore.prepare.whole import check_writable
from moodscore.see import clip as see_clip
from moodscore.see.hearing import STEP_S


@dataclass(frozen=True, slots=True)
class SoundtrackChoices:
    """What a user may choose about a soundtrack: how it is mixed with the film's own sound, and the music.

    `mix` is duck (music leads and gives way to speech), original (the film's sound leads) or replace (music alone). Raises
    BadValue for another.
    """

    mix: str = "duck"
    music: MusicChoices = field(default_factory=MusicChoices)

    def __post_init__(self) -> None:
        if self.mix not in soundtrack.MIXES:
            raise BadValue(f"mix: expected one of {', '.join(soundtrack.MIXES)}, got {self.mix!r}")


@dataclass(frozen=True, slots=True)
class ClipScored:
    """A film with its new sound: what was felt in it, the cuts the music was to meet (seconds), the music, the film."""

    felt: ClipFelt
    cuts_s: tuple[float, ...]
    scored: Scored
    film: Film


def check_soundtrack(out: Path) -> None:
    """Fail before the work when a film cannot be written to `out`; RenderFailed."""
    soundtrack.check_name(out)
    check_writable(out)


def clip_to_soundtrack(
    path: Path, out: Path, choices: SoundtrackChoices | None = None, progress: Progress = silent
) -> ClipScored:
    """Clip -> the clip with music: watch it, compose along its feeling with beats on its cuts, mix, copy the picture.

    Raises BadMedia for a film or music that cannot be read, BadValue for a film too long to compose for, RenderFailed when
    `out` cannot be written.
    """
    wanted = choices or SoundtrackChoices()
    check_soundtrack(out)
    felt = clip_to_trajectory(path, progress)
    if wanted.music.music is None and not plan.SHORTEST_S <= felt.clip.duration_s <= plan.LONGEST_S:
        raise BadValue(
            f"{path}: expected a film of {plan.SHORTEST_S:g} s to {plan.LONGEST_S:g} s to compose for, got "
            f"{felt.clip.duration_s:.0f} s; give music of your own with --music"
        )
    cuts = see_clip.important_cuts(felt.watched, felt.trajectory)
    scored = score(felt.trajectory, wanted.music, cuts, progress)
    film = felt_to_soundtrack(felt, scored, out, wanted, progress)
    progress("film", 1.0)
    return ClipScored(felt, cuts, scored, film)


def felt_to_soundtrack(
    felt: ClipFelt, scored: Scored, out: Path, choices: SoundtrackChoices, progress: Progress = silent
) -> Film:
    """A film that was watched, and its music -> the film with it; raises as `clip_to_soundtrack` does."""
    heard = felt.heard
    nothing = np.zeros(0)
    faders = soundtrack.faders(
        choices.mix if heard is not None and not heard.silent else "replace",
        heard.loudness_db if heard is not None else nothing,
        heard.speech if heard is not None else nothing,
        STEP_S,
    )
    known = recipe_of(felt, scored, choices)
    return soundtrack.soundtrack(felt.clip, scored.tune, faders, out, known, partial(progress, "film"))


def recipe_of(felt: ClipFelt, scored: Scored, choices: SoundtrackChoices) -> dict[str, Any]:
    """Everything the soundtrack was made by, JSON-ready and the same every time: no clock, no folder names."""
    points = zip(felt.trajectory.times_s, felt.trajectory.affects, strict=True)
    return {
        "made_by": MAKER,
        "machine_made": True,
        "clip": felt.clip.path.name,
        "mix": choices.mix,
        "seed": choices.music.seed,
        "genre": felt.genre.labels.top.name,
        "cards": sorted({look.reading.source for look in felt.watched.looks} | {felt.genre.source}),
        "curve": [[round(t, 2), round(a.valence, 3), round(a.arousal, 3)] for t, a in points],
        "plan": scored.plan.as_dict() if scored.plan else dict(scored.tune.recipe),
    }
