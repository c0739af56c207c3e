"""How well film genres are guessed: every figure from what was said of each film, intervals by film.

Pairs of frames of one film look alike, so ten thousand pairs of six films are six observations and not ten thousand. What is
kept of a film is how often each genre was said of its pairs; every measure here starts from that.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from moodscore.errors import BadValue
from moodscore.schemes import GENRES

Integers = NDArray[np.integer[Any]]
CHANCE = 1 / len(GENRES.labels)
Z95 = 1.959964  # deviations of a normal distribution that hold 95 % of it
LEAST_FILMS = 10  # fewer than these are too few to redraw
ROUNDS = 2000

# What the study of film genres from two frames printed, all by pairs of frames (its test frames came from six films).
PUBLISHED: Mapping[str, float] = {
    "fc": 0.367,
    "vgg16": 0.441,
    "resnet50": 0.484,
    "flownet_s": 0.518,
    "inception_v3": 0.592,
    "inception_v3 (batch 64)": 0.52,
    "two_frame_inception": 0.538,
    "double_stack": 0.527,
    "motion_magnitude": 0.552,
}
PUBLISHED_BY_GENRE: Mapping[str, float] = {
    "ani2d": 0.958,
    "sf": 0.923,
    "ani3d": 0.892,
    "action": 0.41,
    "romance": 0.26,
    "horror": 0.16,
}


@dataclass(frozen=True, slots=True)
class FilmGuesses:
    """One film, its genre, and how many of its pairs each genre was said of, in the order of `schemes.GENRES`."""

    film: str
    genre: str
    counts: tuple[int, ...]

    def __post_init__(self) -> None:
        GENRES[self.genre]
        if len(self.counts) != len(GENRES.labels) or min(self.counts) < 0 or not sum(self.counts):
            raise BadValue(
                f"{self.film}: expected counts of {len(GENRES.labels)} genres, at least one pair, got {self.counts}"
            )

    @property
    def pairs(self) -> int:
        return sum(self.counts)

    @property
    def right(self) -> int:
        """Pairs of which the film's genre was said."""
        return self.counts[GENRES.names.index(self.genre)]

    @property
    def verdict(self) -> str:
        """The genre said most often; the first of equals."""
        return GENRES.names[int(np.argmax(self.counts))]


Films = Sequence[FilmGuesses]


@dataclass(frozen=True, slots=True)
class Interval:
    """Where a share lies with 95 % confidence, both 0..1; `how` is "bootstrap" or "wilson", both over `films` films."""

    low: float
    high: float
    how: str
    films: int


def tally(said: Integers, truth: Integers, films: Sequence[str]) -> tuple[FilmGuesses, ...]:
    """What was said of each film, from the genre said of each pair (n,), the true one (n,) and the pair's film.

    Genres are positions in `schemes.GENRES`. Raises BadValue when the lengths differ, a position is no genre, or a film has
    pairs of two genres.
    """
    if not len(said) == len(truth) == len(films) or len(films) == 0:
        raise BadValue(
            f"genre: expected as many guesses as truths and films, and some, got {len(said)}, {len(truth)}, {len(films)}"
        )
    validate(said, truth)
    names, place = np.unique(np.asarray(films, dtype=str), return_inverse=True)
    found = []
    for k, name in enumerate(names):
        own = truth[place == k]
        if own.min() != own.max():
            raise BadValue(f"{name}: expected one genre for all pairs of a film, got {len(set(own.tolist()))}")
        counts = np.bincount(said[place == k], minlength=len(GENRES.labels))
        found.append(FilmGuesses(str(name), GENRES.names[int(own[0])], tuple(int(c) for c in counts)))
    return tuple(found)


def validate(said: Integers, truth: Integers) -> None:
    """Raise BadValue unless every guess and every truth is the position of a genre."""
    for name, values in (("guesses", said), ("truths", truth)):
        if values.min() < 0 or values.max() >= len(GENRES.labels):
            raise BadValue(f"{name}: expected 0..{len(GENRES.labels) - 1}, got {values.min()}..{values.max()}")


def accuracy(films: Films) -> float:
    """Share of pairs of which the film's genre was said, 0..1; nan without films."""
    pairs = sum(film.pairs for film in films)
    return sum(film.right for film in films) / pairs if pairs else math.nan


def verdict_accuracy(films: Films) -> float:
    """Share of films of which their genre was said most often, 0..1; nan without films."""
    return sum(film.verdict == film.genre for film in films) / len(films) if films else math.nan


def of_genre(films: Films, genre: str) -> tuple[FilmGuesses, ...]:
    """The films of a genre."""
    return tuple(film for film in films if film.genre == genre)


def confusion(films: Films) -> NDArray[np.int64]:
    """Pairs (6, 6): rows are true genres, columns the genres said."""
    table = np.zeros((len(GENRES.labels),) * 2, np.int64)
    for film in films:
        table[GENRES.names.index(film.genre)] += np.array(film.counts)
    return table


def frequent_guess(films: Films) -> float:
    """What always saying the genre with the most pairs would score, 0..1."""
    rows = confusion(films).sum(1)
    return float(rows.max() / rows.sum())


def wilson(share: float, count: int, z: float = Z95) -> tuple[float, float]:
    """The interval of a share 0..1 seen in `count` independent observations; z = 1.96 holds 95 %.

    Source: E. B. Wilson, "Probable inference, the law of succession, and statistical inference" (1927).
    """
    if not (0 <= share <= 1 and count > 0):
        raise BadValue(f"wilson: expected a share 0..1 and a count > 0, got {share!r} and {count!r}")
    grown = 1 + z * z / count
    centre = (share + z * z / (2 * count)) / grown
    reach = z / grown * math.sqrt(share * (1 - share) / count + z * z / (4 * count * count))
    return max(0.0, centre - reach), min(1.0, centre + reach)


def bootstrap(films: Films, seed: int = 0, rounds: int = ROUNDS) -> tuple[float, float]:
    """The middle 95 % of the accuracy when the films are redrawn with replacement `rounds` times.

    Source: B. Efron, "Bootstrap methods: another look at the jackknife" (1979), with films as the unit.
    """
    right, pairs = (np.array([getattr(film, name) for film in films], np.float64) for name in ("right", "pairs"))
    drawn = np.random.default_rng(seed).integers(len(films), size=(rounds, len(films)))
    low, high = np.quantile(right[drawn].sum(1) / pairs[drawn].sum(1), (0.025, 0.975))
    return float(low), float(high)


def interval(films: Films, seed: int = 0) -> Interval:
    """Where the accuracy lies with 95 % confidence, films being what was observed.

    From ten films on they are redrawn. Fewer, or films that all score the same, get Wilson's interval as though each film
    were a single guess, which is wide and honest.
    """
    shares = {film.right / film.pairs for film in films}
    if len(films) >= LEAST_FILMS and len(shares) > 1:
        return Interval(*bootstrap(films, seed), "bootstrap", len(films))
    return Interval(*wilson(accuracy(films), len(films)), "wilson", len(films))


def difference(one: Films, other: Films, seed: int = 0) -> tuple[float, float, float]:
    """Accuracy of one minus the other on the same films, with the middle 95 % when films are redrawn: mean, low, high.

    Raises BadValue when the films are not the same.
    """
    theirs = {film.film: film for film in other}
    if sorted(theirs) != sorted(film.film for film in one):
        raise BadValue("difference: expected both to have judged the same films; measure them on the same folder")
    gap = np.array([film.right / film.pairs - theirs[film.film].right / theirs[film.film].pairs for film in one])
    drawn = np.random.default_rng(seed).integers(len(gap), size=(ROUNDS, len(gap)))
    low, high = np.quantile(gap[drawn].mean(1), (0.025, 0.975))
    return float(gap.mean()), float(low), float(high)


def evaluate(films: Films, seed: int = 0) -> dict[str, Any]:
    """Every figure of this file for what was said of some films, JSON-ready, rounded to 4 decimals."""
    if not films:
        raise BadValue("genre: expected at least one film that was judged, got none")
    return {
        "films": len(films),
        "pairs": sum(film.pairs for film in films),
        **_figures(films, seed),
        "verdict_accuracy": round(verdict_accuracy(films), 4),
        "chance": round(CHANCE, 4),
        "most_frequent": round(frequent_guess(films), 4),
        "by_genre": {
            name: {"films": len(own), "pairs": sum(film.pairs for film in own), **_figures(own, seed)}
            for name in GENRES.names
            if (own := of_genre(films, name))
        },
        "confusion": confusion(films).tolist(),
        "by_film": [{"film": film.film, "genre": film.genre, "said": list(film.counts)} for film in films],
    }


def _figures(films: Films, seed: int) -> dict[str, Any]:
    found = interval(films, seed)
    return {
        "accuracy": round(accuracy(films), 4),
        "interval": [round(found.low, 4), round(found.high, 4)],
        "interval_by": f"{found.how} over {found.films} films",
    }


def stored(by_film: Sequence[Mapping[str, Any]]) -> tuple[FilmGuesses, ...]:
    """What `evaluate` kept of each film, read back. Raises BadValue when it is not that."""
    try:
        return tuple(FilmGuesses(str(row["film"]), str(row["genre"]), tuple(map(int, row["said"]))) for row in by_film)
    except (KeyError, TypeError, ValueError) as error:
        raise BadValue(f"films: expected film, genre and said of each, got {error}") from error
