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
BLEND = 3  # stretches of what was drawn before that are drawn again, and blended
CLOSING = 12  # stretches of the beginning that the last window of a loop knows
RATE = 2 * pitch_bands.RATE
SCALE = 2.0  # the net's numbers beside levels of -1 .. 1
LONGEST_S = 600.0
SHORTEST_LOOP_S = 2 * WINDOW * STRETCH_S
_SEAM_S = 0.5
_STROKE = 0.3  # a step of level, 10 dB, that is more likely a note than a flaw
_HALL = 0.1  # of the sound is sent to the hall, which makes it stereo
_HALL_S = 2.5  # before the beginning of a loop that the hall hears its end

Array = NDArray[np.float32]
Net = Callable[[Array, Array, Array, Array], Array]
"""Noisy stretches (n, t, 384), time (n,), known (n, t), wishes (n, t, WIDTH) -> clean stretches (n, t, 384)."""


@dataclass(frozen=True, slots=True)
class Choices:
    """How to draw: steps of the flow, how much more is asked than wished, a genre or None, whether to loop.

    `guidance` is for everything that is asked together, 1 being as much as wished; `feeling` is what valence, arousal and
    density get besides. Raises BadValue for steps outside 1..100, either of these outside 0..10, and an unknown genre.
    """

    steps: int = 8
    guidance: float = 2.0
    feeling: float = 2.0
    genre: str | None = None
    loop: bool = False

    def __post_init__(self) -> None:
        for name, low, high in (("steps", 1, 100), ("guidance", 0, 10), ("feeling", 0, 10)):
            if not low <= getattr(self, name) <= high:
                raise BadValue(f"{name}: expected {low}..{high}, got {getattr(self, name)!r}")
        if self.genre is not None and named(self.genre) is None:
            raise BadValue(f"genre: expected one of {', '.join(asking.GENRE_NAMES)}, got {self.genre!r}")

    @property
    def plain(self) -> bool:
        """Whether nothing is asked beyond what is wished."""
        return self.guidance == 1.0 and self.feeling == 0.0


def compose(
    plan: Plan, seed: int = 0, choices: Choices | None = None, progress: Callable[[float], None] = lambda share: None
) -> Tune:
    """The tune a plan asks for, as long as the plan to the sample; the same plan and seed give the same samples.

    -16 LUFS +-1; ends faded, unless it loops; a loop is whole stretches of 80 ms. `progress` is told the share 0..1 that is
    done. Raises BadValue for more than ten minutes and for a loop of less than 10.24 s, BadWeights for damaged weights.
    """
    if plan.duration_s > LONGEST_S:
        raise BadValue(
            f"diffusion: expected at most {LONGEST_S:g} s, got {plan.duration_s:g}; let another composer write it"
        )
    wanted = choices or Choices()
    if wanted.loop and plan.duration_s < SHORTEST_LOOP_S:
        raise BadValue(f"loop: expected at least {SHORTEST_LOOP_S:g} s, got {plan.duration_s:g}")
    asked = wishes_of(plan, seed, wanted.genre)
    wishes = asked.vectors()[: int(plan.duration_s / STRETCH_S + 0.5) if wanted.loop else None]
    levels = drawn(wishes, seed, wanted, progress=lambda share: progress(0.7 * share))
    frames = round((len(wishes) * STRETCH_S if wanted.loop else plan.duration_s) * RATE)
    samples = _mixed(levels, frames, seed, wanted.loop)
    progress(1.0)
    recipe = {
        "composer": "diffusion",
        "seed": seed,
        "genre": asking.GENRE_NAMES[asked.genre],
        "steps": wanted.steps,
        "guidance": wanted.guidance,
        "feeling": wanted.feeling,
        "loop": wanted.loop,
        "plan": plan.as_dict(),
        "card": store.card(NAME).source,
    }
    return Tune(samples, RATE, None, recipe)


def wishes_of(plan: Plan, seed: int, genre: str | None = None) -> Asked:
    """What a plan asks of every 80 ms.

    The genre is the one named, that of the plan's style, or the one that fits the feeling.
    """
    count = max(1, -(-round(plan.duration_s * 1000) // round(STRETCH_S * 1000)))
    times = STRETCH_S * np.arange(count)
    starts = np.array([bar.start_s for bar in plan.bars])
    bar = np.clip(np.searchsorted(starts, times + 1e-6, "right") - 1, 0, len(starts) - 1)
    section = np.searchsorted([s.first_bar for s in plan.sections], bar, "right") - 1
    edges = np.array([t for b in plan.bars for t in b.beats_s[:-1]] + [plan.bars[-1].end_s])
    beat = np.interp(times, edges, np.arange(len(edges)))
    first = np.cumsum([0, *(b.beats for b in plan.bars)])
    chords = harmonise(plan, seed)
    which = np.searchsorted([c.beat for c in chords], beat + 1e-6, "right") - 1
    classes = np.zeros((count, 12))
    for row, k in enumerate(which):
        classes[row, list(chords[k].chord.pcs)] = 1.0
    feeling = [(a.valence, a.arousal) for a in plan.bar_affects]
    style = named(genre) if genre else plan.style.genre if plan.style else fitting(_mean(plan), (), 1)[0]
    bars = [(b.beats, 60.0 * b.beats / (b.end_s - b.start_s)) for b in plan.bars]
    return Asked(
        affects=np.array(feeling)[bar],
        genre=asking.GENRE_NAMES.index(style.name if style else asking.GENRE_NAMES[0]),
        classes=classes,
        roots=np.array([chords[k].chord.root for k in which]),
        beats=beat - first[bar],
        bar_beats=np.array([b for b, _ in bars], float)[bar],
        tempo_bpm=np.array([bpm for _, bpm in bars])[bar],
        density_hz=np.array([s.density for s in plan.sections])[section],
    )


def _mean(plan: Plan) -> Affect:
    lengths = np.array([bar.end_s - bar.start_s for bar in plan.bars])
    feeling = np.array([(a.valence, a.arousal) for a in plan.bar_affects])
    valence, arousal = lengths @ feeling / lengths.sum()
    return Affect.clipped(float(valence), float(arousal))


def drawn(
    wishes: Array,
    seed: int,
    choices: Choices,
    net: Net | None = None,
    progress: Callable[[float], None] = lambda share: None,
) -> Array:
    """Levels (4 * t, 96) of `pitch_bands` for wishes (t, WIDTH), drawn window by window."""
    ask = net or _net()
    count = len(wishes)
    sound = np.zeros((max(count, WINDOW), FRAMES * pitch_bands.BANDS), np.float32)
    said = np.pad(wishes, ((0, len(sound) - count), (0, 0)), mode="edge")
    done = np.zeros(len(sound), bool)
    order = windows(count, choices.loop)
    for number, (places, known) in enumerate(order):
        rng = np.random.default_rng([seed % 2**32, number, 41])
        fresh = _flow(ask, (sound[places], known, said[places]), rng, choices)
        share = _share(known, done[places])[:, None]
        sound[places] = (1 - share) * sound[places] + share * fresh.reshape(len(share), -1)
        done[places] = True
        progress((number + 1) / len(order))
    levels: Array = np.clip(sound[:count] / np.float32(SCALE), -1.0, 1.0)
    return evened(levels.reshape(-1, pitch_bands.BANDS))


def evened(levels: Array) -> Array:
    """Levels (4 * t, 96) without the small steps that the net leaves where its stretches meet; strokes of notes stay.

    As pictures are deblocked (P. List et al., "Adaptive deblocking filter", IEEE CSVT 2003): a step is spread over two
    frames on either side, the less the larger it is.
    """
    out = levels.copy()
    after = np.arange(FRAMES, len(levels), FRAMES)
    step = levels[after] - levels[after - 1]
    slope = (levels[after + 1] - levels[after] + levels[after - 1] - levels[after - 2]) / 2
    excess = (step - slope) * np.exp(-((step / _STROKE) ** 2))
    for place, share in ((after - 2, 0.125), (after - 1, 0.375), (after, -0.375), (after + 1, -0.125)):
        out[place] += np.float32(share) * excess
    return out


def windows(count: int, loop: bool) -> list[tuple[NDArray[np.int64], Array]]:
    """Which stretches each window draws, and which of them (WINDOW,) are known (1) because they were drawn before.

    `BLEND` stretches beside what is known are drawn again, to be blended. Of a loop, of at least two windows, the last knows
    how it begins again.
    """
    number = np.arange(WINDOW)
    out, done = [(number, np.zeros(WINDOW, np.float32))], WINDOW
    end = count - (WINDOW - KNOWN - CLOSING) if loop else count
    while done < end:
        start = min(done - KNOWN, max(0, end - WINDOW))
        out.append((start + number, (start + number < done - BLEND).astype(np.float32)))
        done = start + WINDOW
    if loop:
        known = (number < KNOWN - BLEND) | (number >= WINDOW - CLOSING + BLEND)
        out.append(((count + CLOSING - WINDOW + number) % count, known.astype(np.float32)))
    return out


def _share(known: Array, done: NDArray[np.bool_]) -> Array:
    """How much of each stretch (WINDOW,) is what was drawn now: all of what is new, less and less towards what is known."""
    share = 1.0 - known
    for again, ramp in ((slice(0, WINDOW // 2), 1), (slice(WINDOW // 2, WINDOW), -1)):
        both = np.flatnonzero(done[again] & (known[again] == 0)) + again.start
        share[both] = np.linspace(0.0, 1.0, len(both) + 2)[1:-1][::ramp]
    return np.asarray(share, np.float32)


def _flow(ask: Net, window: tuple[Array, Array, Array], rng: np.random.Generator, choices: Choices) -> Array:
    """One window (WINDOW, 384): straight steps from noise to sound; what is known stays as it is."""
    clean, known, wishes = window
    keep = known[:, None] > 0
    found = rng.standard_normal(clean.shape, np.float32)
    found[keep[:, 0]] = clean[keep[:, 0]]
    said = wishes[None] if choices.plain else _three(wishes)
    n = len(said)
    for now, then in itertools.pairwise(np.linspace(0.0, 1.0, choices.steps + 1)):
        answers = ask(np.stack([found] * n), np.full(n, now, np.float32), np.stack([known] * n), said)
        aim = answers[0] if choices.plain else _beyond(answers, choices)
        step = np.float32((then - now) / (1.0 - now))
        found = np.where(keep, clean, found + step * (aim - found))
    return found


def _three(wishes: Array) -> Array:
    """What is asked, the same without the feeling, and nothing, (3, t, WIDTH)."""
    return np.stack([wishes, asking.without(wishes, asking.AFFECT, asking.DENSITY), asking.without(wishes)])


def _beyond(answers: Array, choices: Choices) -> Array:
    """The way that leads from nothing, and from no feeling, to what is asked, gone further."""
    asked, unfelt, nothing = answers
    out: Array = (
        nothing + np.float32(choices.guidance) * (asked - nothing) + np.float32(choices.feeling) * (asked - unfelt)
    )
    return out


def _net() -> Net:
    session = store.session(NAME)

    def ask(noisy: Array, time: Array, known: Array, wishes: Array) -> Array:
        return session.run({"noisy": noisy, "time": time, "known": known, "wishes": wishes})["clean"]

    return ask


def _mixed(levels: Array, frames: int, seed: int, loop: bool) -> Array:
    """Samples (frames, 2) at 44,100 Hz; of a loop everything goes on over its end."""
    seam = round(_SEAM_S * RATE) if loop else 0
    again = -(-seam // (pitch_bands.HOP * 2))
    dry = pitch_bands.sound_of(np.concatenate([levels, levels[:again]]), seed)[: frames + seam]
    dry = np.pad(dry, (0, frames + seam - len(dry)))
    if loop:
        share = np.linspace(0.0, 1.0, seam, dtype=np.float32)
        dry[:seam] = dry[:seam] * np.sqrt(share) + dry[frames:] * np.sqrt(1.0 - share)
        before = np.arange(-round(_HALL_S * RATE), frames + seam) % frames
        samples = _in_hall(dry[before])
        mix.master(samples, RATE)
        return np.ascontiguousarray(samples[-frames - seam : -seam])
    samples = _in_hall(dry)
    mix.fade_ends(samples, RATE)
    mix.master(samples, RATE)
    return samples


def _in_hall(dry: Array) -> Array:
    """Mono (frames,) as stereo (frames, 2), with a little hall around it."""
    bus = mix.Bus(RATE)
    parts = [dry[k : k + bus.block] for k in range(0, len(dry), bus.block)]
    return np.concatenate([bus.mix(np.stack([p, p], 1), p * np.float32(_HALL)) for p in parts])
