"""Curves: the feeling of a clip or a film over time, as a page draws it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from moodscore.affect import Affect
from moodscore.schemes import GENRES, mood_of
from moodscore.studio.here import Here
from moodscore.studio.posts import Post
from moodscore.studio.refusals import N_

WIDTH, HEIGHT = 400.0, 100.0
SAYS = N_("From %(first)s at the beginning to %(last)s at the end, over %(seconds)s seconds.")


@dataclass(frozen=True, slots=True)
class Curve:
    """Two lines as SVG points in a box of 400 by 100, where cuts are, frames under them, the genre, and it all in words."""

    valence: str
    arousal: str
    cuts: tuple[float, ...]
    frames: tuple[str, ...]
    genre: str
    says: str


def curve_of(post: Post, here: Here) -> Curve | None:
    """The curve of a post, or None for one that has none."""
    told = post.trajectory
    if not told or not told.get("times_s"):
        return None
    times, length_s = told["times_s"], max(told.get("duration_s", 0.0), told["times_s"][-1], 0.1)
    ends = [mood_of(Affect(told["valence"][k], told["arousal"][k])) for k in (0, -1)]
    first, last = (mood.korean if here.language == "ko" else mood.name for mood in ends)
    genre = told.get("genre", "")
    if genre and here.language == "ko":
        genre = GENRES[genre].korean
    return Curve(
        valence=_line(times, told["valence"], length_s),
        arousal=_line(times, told["arousal"], length_s),
        cuts=tuple(round(c / length_s * WIDTH, 1) for c in told.get("cuts_s", ())),
        frames=tuple(sorted((n for n in post.renditions if n.startswith("frame-")), key=lambda n: int(n[6:]))),
        genre=genre,
        says=here._(SAYS, first=first, last=last, seconds=round(length_s)),
    )


def _line(times: Sequence[float], values: Sequence[float], length_s: float) -> str:
    places = [(t / length_s * WIDTH, (1 - v) / 2 * HEIGHT) for t, v in zip(times, values, strict=True)]
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in [*places, (WIDTH, places[-1][1])])
