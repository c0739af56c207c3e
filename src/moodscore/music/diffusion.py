"""Diffusion: a plan becomes sound that a flow net draws, window by window, without a score.

The plan gives beats, chords and the feeling of every bar; what is played on them, and by whom, the net makes up, out of
noise, in a few steps along a straight flow. A long tune is drawn in windows of 5.12 s, each of which begins with what was
drawn before, so there is no seam. It can be a loop: then the last window also knows the beginning.

Its sound is that of our own player, whose renderings it learned. It has no score: no MIDI, no parts.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from moodscore.affect import Affect
from moodscore.errors import BadValue
from moodscore.media import Tune
from moodscore.music import diffusion_wishes as asking
from moodscore.music import mix, pitch_bands
from moodscore.music.arrange import harmonise
from moodscore.music.diffusion_wishes import STRETCH_S, Asked
from moodscore.music.plan import Plan
from moodscore.music.prompt_genres import fitting, named
from moodscore.weights import store

NAME = "mel-flow"
WINDOW, FRAMES = 64, 4  # stretches the net learned on, frames of `pitch_bands` in each
KNOWN = 24  # stretches of a window that were drawn before
CLOSING = 12  # stretches of the beginning that the last window of a loop knows
SCALE = 2.0  # the net's numbers beside levels of -1 .. 1
_SEAM_S = 0.5

Array = NDArray[np.float32]
Net = Callable[[Array, Array, Array, Array], Array]
"""Noisy stretches (n, t, 384), time (n,), known (n, t), wishes (n, t, WIDTH) -> clean stretches (n, t, 384)."""


@dataclass(frozen=True, slots=True)
class Choices:
    """How to draw: steps of the flow, how much more is asked than wished (1 is as much), a genre or None, whether to loop.

    Raises BadValue for steps outside 1..100, guidance outside 0..10, and for an unknown genre.
    """

    steps: int = 8
    guidance: float = 2.0
    genre: str | None = None
    loop: bool = False

    def __post_init__(self) -> None:
        if not 1 <= self.steps <= 100:
            raise BadValue(f"steps: expected 1..100, got {self.steps!r}")
        if not 0 <= self.guidance <= 10:
            raise BadValue(f"guidance: expected 0..10, got {self.guidance!r}")
        if self.genre is not None and named(self.genre) is None:
            raise BadValue(f"genre: expected one of {', '.join(asking.GENRE_NAMES)}, got {self.genre!r}")


def compose(plan: Plan, seed: int = 0, choices: Choices | None = None) -> Tune:
    """The tune a plan asks for, as long as the plan to the sample; the same plan and seed give the same samples.

    Both sides are the same; -16 LUFS +-1; ends faded, unless it loops. Raises BadWeights when the weights are damaged.
    """
    wanted = choices or Choices()
    asked = wishes_of(plan, seed, wanted.genre)
    levels = drawn(asked.vectors(), seed, wanted)
    samples = _mixed(levels, round(plan.duration_s * pitch_bands.RATE * 2), seed, wanted.loop)
    recipe = {
        "composer": "diffusion",
        "seed": seed,
        "genre": asking.GENRE_NAMES[asked.genre],
        "steps": wanted.steps,
        "guidance": wanted.guidance,
        "loop": wanted.loop,
        "plan": plan.as_dict(),
        "card": store.card(NAME).source,
    }
    return Tune(samples, pitch_bands.RATE * 2, None, recipe)


def wishes_of(plan: Plan, seed: int, genre: str | None = None) -> Asked:
    """What a plan asks of every 80 ms; the genre is the one that fits the feeling unless another is named."""
    count = max(1, -(-round(plan.duration_s * 1000) // round(STRETCH_S * 1000)))
    times = STRETCH_S * np.arange(count)
    starts = np.array([bar.start_s for bar in plan.bars])
    bar = np.clip(np.searchsorted(starts, times + 1e-6, "right") - 1, 0, len(starts) - 1)
    edges = np.array([t for b in plan.bars for t in b.beats_s[:-1]] + [plan.bars[-1].end_s])
    beat = np.interp(times, edges, np.arange(len(edges)))
    first = np.cumsum([0, *(b.beats for b in plan.bars)])
    chords = harmonise(plan, seed)
    which = np.searchsorted([c.beat for c in chords], beat + 1e-6, "right") - 1
    classes = np.zeros((count, 12))
    for row, k in enumerate(which):
        classes[row, list(chords[k].chord.pcs)] = 1.0
    feeling = [(a.valence, a.arousal) for a in plan.bar_affects]
    style = named(genre) if genre else fitting(_mean(plan), (), 1)[0]
    bars = [(b.beats, 60.0 * b.beats / (b.end_s - b.start_s)) for b in plan.bars]
    return Asked(
        affects=np.array(feeling)[bar],
        genre=asking.GENRE_NAMES.index(style.name if style else asking.GENRE_NAMES[0]),
        classes=classes,
        roots=np.array([chords[k].chord.root for k in which]),
        beats=beat - first[bar],
        bar_beats=np.array([b for b, _ in bars], float)[bar],
        tempo_bpm=np.array([bpm for _, bpm in bars])[bar],
        density_hz=np.ones(count),
    )


def _mean(plan: Plan) -> Affect:
    lengths = np.array([bar.end_s - bar.start_s for bar in plan.bars])
    feeling = np.array([(a.valence, a.arousal) for a in plan.bar_affects])
    valence, arousal = lengths @ feeling / lengths.sum()
    return Affect.clipped(float(valence), float(arousal))


def drawn(wishes: Array, seed: int, choices: Choices, net: Net | None = None) -> Array:
    """Levels (4 * t, 96) of `pitch_bands` for wishes (t, WIDTH), drawn window by window."""
    ask = net or _net()
    count = len(wishes)
    sound = np.zeros((max(count, WINDOW), FRAMES * pitch_bands.BANDS), np.float32)
    said = np.pad(wishes, ((0, len(sound) - count), (0, 0)), mode="edge")
    for number, (places, known) in enumerate(windows(count, choices.loop)):
        rng = np.random.default_rng([seed % 2**32, number, 41])
        sound[places] = _flow(ask, (sound[places], known, said[places]), rng, choices)
    levels: Array = np.clip(sound[:count] / np.float32(SCALE), -1.0, 1.0)
    return levels.reshape(-1, pitch_bands.BANDS)


def windows(count: int, loop: bool) -> list[tuple[NDArray[np.int64], Array]]:
    """Which stretches each window draws, and which of them (WINDOW,) are known (1) because they were drawn before.

    Of a loop, the last window knows how it begins again.
    """
    out = [(np.arange(WINDOW), np.zeros(WINDOW, np.float32))]
    done, known = WINDOW, (np.arange(WINDOW) < KNOWN).astype(np.float32)
    end = count - (WINDOW - KNOWN - CLOSING) if loop else count
    while done < end:
        start = min(done - KNOWN, max(0, end - WINDOW))
        out.append((start + np.arange(WINDOW), (start + np.arange(WINDOW) < done).astype(np.float32)))
        done = start + WINDOW
    if loop and count >= 2 * WINDOW:
        closing = known + (np.arange(WINDOW) >= WINDOW - CLOSING)
        out.append(((count + CLOSING - WINDOW + np.arange(WINDOW)) % count, closing))
    return out


def _flow(ask: Net, window: tuple[Array, Array, Array], rng: np.random.Generator, choices: Choices) -> Array:
    """One window (WINDOW, 384): straight steps from noise to sound; what is known stays as it is."""
    clean, known, wishes = window
    keep = known[:, None] > 0
    found = rng.standard_normal(clean.shape, np.float32)
    found[keep[:, 0]] = clean[keep[:, 0]]
    guided = choices.guidance != 1.0
    said = np.stack([wishes, asking.without(wishes)]) if guided else wishes[None]
    times = np.linspace(0.0, 1.0, choices.steps + 1)
    for now, then in itertools.pairwise(times):
        n = len(said)
        answer = ask(np.stack([found] * n), np.full(n, now, np.float32), np.stack([known] * n), said)
        aim = answer[1] + np.float32(choices.guidance) * (answer[0] - answer[1]) if guided else answer[0]
        step = np.float32((then - now) / (1.0 - now))
        found = np.where(keep, clean, found + step * (aim - found))
    return found


def _net() -> Net:
    session = store.session(NAME)

    def ask(noisy: Array, time: Array, known: Array, wishes: Array) -> Array:
        return session.run({"noisy": noisy, "time": time, "known": known, "wishes": wishes})["clean"]

    return ask


def _mixed(levels: Array, frames: int, seed: int, loop: bool) -> Array:
    """Samples (frames, 2) at 44,100 Hz."""
    rate = pitch_bands.RATE * 2
    seam = round(_SEAM_S * rate) if loop else 0
    again = -(-seam // (pitch_bands.HOP * 2))
    dry = pitch_bands.sound_of(np.concatenate([levels, levels[:again]]), seed)[: frames + seam]
    dry = np.pad(dry, (0, frames + seam - len(dry)))
    if loop:
        share = np.linspace(0.0, 1.0, seam, dtype=np.float32)
        dry[:seam] = dry[:seam] * np.sqrt(share) + dry[frames:] * np.sqrt(1.0 - share)
        dry = dry[:frames]
    samples = np.repeat(dry[:, None], 2, axis=1)
    if not loop:
        mix.fade_ends(samples, rate)
    mix.master(samples, rate)
    return samples
