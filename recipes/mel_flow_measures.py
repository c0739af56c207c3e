"""Measures of drawn tunes: asked and heard by the audio judge, genres told apart, chords kept, seams, seconds of a core."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from moodscore.affect import Affect
from moodscore.measure.composers import GRID
from moodscore.music import audio_judge, composers, diffusion, pitch_bands, plan, synth
from moodscore.music import diffusion_wishes as asking
from moodscore.trajectory import Trajectory

Array = NDArray[np.float32]
Doubles = NDArray[np.float64]
Player = Callable[[plan.Plan, int], tuple[Array, int]]
SECONDS = 10.24


def drawn(planned: plan.Plan, seed: int) -> tuple[Array, int]:
    """A plan's tune by the shipped net."""
    return diffusion.compose(planned, seed).samples, diffusion.RATE


def composed(name: str) -> Player:
    """A plan's tune by a composer of scores, played."""

    def play(planned: plan.Plan, seed: int) -> tuple[Array, int]:
        return synth.play(composers.compose(planned, seed, name), pitch_bands.RATE).samples, pitch_bands.RATE

    return play


def through_bands(planned: plan.Plan, seed: int) -> tuple[Array, int]:
    """The rule composer's tune, taken to levels and back: what the road costs without any net."""
    sound, _ = composed("rules")(planned, seed)
    mono = pitch_bands.sound_of(pitch_bands.levels(sound.mean(axis=1)), seed)
    return np.repeat(mono[:, None], 2, axis=1), diffusion.RATE


def heard(play: Player, seeds: Sequence[int] = (0,)) -> list[list[float]]:
    """[asked valence, arousal, heard valence, arousal, seconds of a core to make it] over the 5 x 5 grid of targets."""
    rows = []
    for seed in seeds:
        for target in GRID:
            planned = plan.plan(Trajectory.hold(target, SECONDS), seed)
            began = time.process_time()
            sound, rate = play(planned, seed)
            spent = time.process_time() - began
            found = audio_judge.hear(sound, rate).affect
            rows.append([target.valence, target.arousal, found.valence, found.arousal, spent])
    return rows


def follows(rows: list[list[float]]) -> dict[str, float]:
    """How what is heard follows what was asked."""
    table = np.array(rows)
    asked, found = table[:, :2], table[:, 2:4]
    sides = (asked != 0).all(1)
    return {
        "tunes": len(rows),
        "valence_r": round(float(np.corrcoef(asked[:, 0], found[:, 0])[0, 1]), 3),
        "arousal_r": round(float(np.corrcoef(asked[:, 1], found[:, 1])[0, 1]), 3),
        "distance": round(float(np.hypot(*(asked - found).T).mean()), 3),
        "valence_off_by": round(float((found - asked)[:, 0].mean()), 3),
        "arousal_off_by": round(float((found - asked)[:, 1].mean()), 3),
        "quadrant": round(float((np.sign(asked) == np.sign(found))[sides].all(1).mean()), 3),
        "core_seconds": round(float(np.median(table[:, 4])), 2),
    }


def portrait(levels: Array) -> Doubles:
    """Mean and spread of each band (192,), as loud as any other, and how abruptly they change."""
    centred = levels - levels.mean()
    steps = np.abs(np.diff(levels, axis=0)).mean(axis=0)
    return np.concatenate([centred.mean(axis=0), levels.std(axis=0), steps]).astype(np.float64)


def genre_reader(portraits: Doubles, genres: NDArray[np.int64]) -> Callable[[Doubles], NDArray[np.int64]]:
    """A ridge classifier from portraits (n, k) to genres, fitted to played excerpts."""
    mean, spread = portraits.mean(0), portraits.std(0) + 1e-6
    x = np.column_stack([(portraits - mean) / spread, np.ones(len(portraits))])
    y = (genres[:, None] == np.arange(len(asking.GENRE_NAMES))) * 1.0
    weights = np.linalg.solve(x.T @ x + 30.0 * np.eye(x.shape[1]), x.T @ y)
    return lambda rows: np.argmax(np.column_stack([(rows - mean) / spread, np.ones(len(rows))]) @ weights, axis=1)


def chord_share(levels: Array, wishes: Array) -> float:
    """The share of what stands out of its neighbours, between 65 and 1,000 Hz, that lies on the chord asked for.

    Levels (4 * t, 96), wishes (t, WIDTH). Three or four pitch classes of twelve would have .25 to .33 by chance.
    """
    strength = levels.reshape(len(wishes), -1, pitch_bands.BANDS).mean(axis=1)
    beside = np.maximum(np.roll(strength, 1, axis=1), np.roll(strength, -1, axis=1))
    out = np.where(strength > beside, 10.0 ** (1.65 * (strength + 1.0)), 0.0)
    bands = np.arange(8, 56)
    classes = wishes[:, asking.CHORD.start : asking.CHORD.start + 12]
    on = classes[:, (bands + pitch_bands.LOWEST) % 12]
    said = wishes[:, asking.CHORD.stop - 1] > 0
    total = out[:, bands].sum(axis=1)
    keep = said & (total > 0)
    return float(((out[:, bands] * on).sum(axis=1)[keep] / total[keep]).mean())


def seam(levels: Array, count: int) -> float:
    """How much more levels change where a window begins or ends than where other stretches meet; 1 is no seam."""
    steps = np.abs(np.diff(levels, axis=0)).mean(axis=1)[diffusion.FRAMES - 1 :: diffusion.FRAMES]
    first = [int(places[0] + np.argmin(known)) for places, known in diffusion.windows(count, False)[1:]]
    borders = np.unique([k + more for k in first for more in range(diffusion.BLEND + 1)]) - 1
    elsewhere = np.setdiff1d(np.arange(len(steps)), borders)
    return float(steps[borders].mean() / steps[elsewhere].mean())


def flutter(levels: Array) -> float:
    """How much more levels change where stretches meet than inside them; 1 is as music does."""
    steps = np.abs(np.diff(levels, axis=0)).mean(axis=1)
    inside = np.arange(len(steps)) % diffusion.FRAMES != diffusion.FRAMES - 1
    return float(steps[~inside].mean() / steps[inside].mean())


def drawing(reader: Callable[[Doubles], NDArray[np.int64]], seeds: Sequence[int] = (0, 1)) -> dict[str, Any]:
    """Genres told apart, chords kept, seams: over tunes of every genre, each for one of four feelings."""
    spots = [Affect(v, a) for v in (-0.5, 0.5) for a in (-0.5, 0.5)]
    right, shares, seams, flutters = [], [], [], []
    for seed in seeds:
        for k, genre in enumerate(asking.GENRE_NAMES):
            planned = plan.plan(Trajectory.hold(spots[(k + seed) % 4], 2 * SECONDS), seed)
            wishes = diffusion.wishes_of(planned, seed, genre).vectors()
            levels = diffusion.drawn(wishes, seed, diffusion.Choices(genre=genre))
            right.append(int(reader(portrait(levels)[None])[0]) == k)
            shares.append(chord_share(levels, wishes))
            seams.append(seam(levels, len(wishes)))
            flutters.append(flutter(levels))
    return {
        "genre_told": round(float(np.mean(right)), 3),
        "chord_share": round(float(np.mean(shares)), 3),
        "change_at_seams": round(float(np.mean(seams)), 2),
        "change_between_stretches": round(float(np.mean(flutters)), 2),
    }


def clip_seconds() -> dict[str, float]:
    """Seconds of a core for a clip of 5.12 s, and its parts: the best of five, the model already open."""
    planned = plan.plan(Trajectory.hold(Affect(0.3, 0.2), 5.12), 0)
    diffusion.compose(planned, 0)
    whole, drawing_s = [], []
    for seed in range(5):
        began = time.process_time()
        diffusion.drawn(diffusion.wishes_of(planned, seed).vectors(), seed, diffusion.Choices())
        drawing_s.append(time.process_time() - began)
        began = time.process_time()
        diffusion.compose(planned, seed)
        whole.append(time.process_time() - began)
    return {"drawing": round(min(drawing_s), 2), "whole": round(min(whole), 2)}
