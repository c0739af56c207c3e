"""Pieces of a run's page: the plane with what was asked and what was heard, piano rolls and waveforms, all as SVG.

They take their colours from the page's style sheet, so that they are light on a light page and dark on a dark one.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import numpy as np
from numpy.typing import NDArray

from moodscore.affect import Affect, Spread
from moodscore.media import Score, Track
from moodscore.schemes import MOODS, Label, mood_of

ROLL = (1000.0, 240.0)  # the piano roll's own units
DRUMS_SHARE = 0.16  # of its height, where there are drums
COLOURS = 10  # hues that tracks take in turn
BEFORE = 0.09  # plane units between a number and the dot that it would cover


@dataclass(frozen=True, slots=True)
class Mark:
    """A tune on the plane: its number, the point asked for, and the one the judge heard, if it heard any."""

    number: int
    asked: Affect
    heard: Affect | None


def both(english: str, korean: str, tag: str = "span") -> str:
    """A text in both languages, of which the page shows one."""
    texts = (("en", english), ("ko", korean))
    return "".join(f'<{tag} class="{name}" lang="{name}">{escape(text)}</{tag}>' for name, text in texts)


def mood_class(affect: Affect) -> str:
    """The style sheet's class for the mood of a feeling: m0 .. m7 in the order of the ring."""
    return f"m{MOODS.labels.index(mood_of(affect))}"


def plane(felt: Affect, spread: Spread, marks: Sequence[Mark]) -> str:
    """The plane: the photo's place with its spread, numbered rings where music was asked for, dots where it was heard."""
    parts = [_wheel(), *(_name(mood) for mood in MOODS.labels), _axes()]
    if min(spread.valence, spread.arousal) > 0:
        x, y = _at(felt)
        parts.append(f'<ellipse class="spread" cx="{x}" cy="{y}" rx="{spread.valence:.3f}" ry="{spread.arousal:.3f}"/>')
    parts += [_way(mark) for mark in marks]
    parts += [_heard(mark) for mark in marks]
    x, y = _at(felt)
    parts.append(f'<circle class="felt" cx="{x}" cy="{y}" r=".058"/>')
    parts += [_asked(mark, felt) for mark in marks]
    said = escape(_told(felt, marks))
    return f'<svg viewBox="-1.43 -1.2 2.86 2.4" role="img" aria-label="{said}">{"".join(parts)}</svg>'


def _told(felt: Affect, marks: Sequence[Mark]) -> str:
    """The drawing in words."""
    said = [
        f"Valence from left to right, arousal from bottom to top. The photo: {mood_of(felt).name}, {_numbers(felt)}."
    ]
    for mark in marks:
        heard = f", heard at {_numbers(mark.heard)}" if mark.heard else ""
        said.append(f"Tune {mark.number}: asked for at {_numbers(mark.asked)}{heard}.")
    return " ".join(said)


def _numbers(affect: Affect) -> str:
    return f"valence {affect.valence:+.2f}, arousal {affect.arousal:+.2f}"


def _at(affect: Affect) -> tuple[float, float]:
    return round(affect.valence, 3), round(-affect.arousal, 3)


def _wheel() -> str:
    """Eight wedges in the hues of their moods, fading to the page in the middle."""
    out = []
    for k in range(8):
        ends = [math.radians(45 * k + turn) for turn in (-22.5, 22.5)]
        (x0, y0), (x1, y1) = ((math.cos(a), -math.sin(a)) for a in ends)
        out.append(f'<path class="wedge m{k}" d="M0 0L{x0:.4f} {y0:.4f}A1 1 0 0 0 {x1:.4f} {y1:.4f}Z"/>')
    return "".join(out) + '<circle class="hole" r=".62"/><circle class="hole" r=".36"/>'


def _axes() -> str:
    lines = '<path class="axis" d="M-1 0H1M0 -1V1"/><circle class="ring" r="1"/><circle class="ring" r=".5"/>'
    words = (
        (0.96, -0.055, "left", "pleasant", "유쾌"),
        (-0.96, -0.055, "right", "unpleasant", "불쾌"),
        (0.04, -0.92, "right", "excited", "흥분"),
        (0.04, 0.93, "right", "calm", "차분"),
    )
    return lines + "".join(f'<text class="{at}" x="{x}" y="{y}">{_lines(en, ko)}</text>' for x, y, at, en, ko in words)


def _lines(english: str, korean: str) -> str:
    return both(english, korean, "tspan")


def _name(mood: Label) -> str:
    angle = math.radians(mood.hue)
    x, y = 1.05 * math.cos(angle), -1.1 * math.sin(angle)
    side = "right" if x > 0.3 else "left" if x < -0.3 else "middle"
    classes = f"name {side} {mood_class(mood.place)}"
    return f'<text class="{classes}" x="{x:.3f}" y="{y:.3f}">{_lines(mood.name, mood.korean)}</text>'


def _way(mark: Mark) -> str:
    if mark.heard is None:
        return ""
    (x0, y0), (x1, y1) = _at(mark.asked), _at(mark.heard)
    return f'<path class="way" d="M{x0} {y0}L{x1} {y1}"/>'


def _heard(mark: Mark) -> str:
    if mark.heard is None:
        return ""
    x, y = _at(mark.heard)
    return f'<circle class="heard {mood_class(mark.asked)}" cx="{x}" cy="{y}" r=".042"/>'


def _asked(mark: Mark, felt: Affect) -> str:
    """A numbered ring; the photo's own dot stays seen inside the one that is asked for there, its number beside it."""
    x, y = _at(mark.asked)
    own = mark.asked.distance(felt) < BEFORE
    veil = ' fill-opacity="0"' if own else ""
    ring = f'<circle class="asked {mood_class(mark.asked)}" cx="{x}" cy="{y}" r=".082"{veil}/>'
    dx, dy = (0.14, -0.09) if own else (0.0, 0.005)
    return f'{ring}<text class="number" x="{x + dx:.3f}" y="{y + dy:.3f}">{mark.number}</text>'


def roll(score: Score) -> str:
    """A score's notes over time, a colour for each track, drums below; decoration, as the parts are told in words."""
    pitched = [track for track in score.tracks if not track.drums and track.notes]
    drums = [track for track in score.tracks if track.drums and track.notes]
    wide, high = ROLL
    foot = high * (1 - DRUMS_SHARE) if drums else high
    pitches = [note.pitch for track in pitched for note in track.notes] or [60]
    low, count = min(pitches) - 2, max(pitches) - min(pitches) + 5
    row, per_s = foot / count, wide / score.duration_s
    parts = []
    for track in sorted(pitched, key=_mean_length_s, reverse=True):  # short notes are drawn over long ones
        boxes = "".join(
            f"M{n.start_s * per_s:.1f} {foot - (n.pitch - low + 1) * row:.1f}"
            f"h{max(2.0, n.duration_s * per_s - 1):.1f}v{max(2.0, row * 0.86):.1f}H{n.start_s * per_s:.1f}z"
            for n in track.notes
        )
        parts.append(f'<path class="{colour_class(score, track)}" d="{boxes}"/>')
    if drums:
        parts.append(_drums(drums, foot, per_s))
    return _filling("".join(parts))


def colour_class(score: Score, track: Track) -> str:
    """The style sheet's class for a track's colour."""
    return "drums" if track.drums else f"t{score.tracks.index(track) % COLOURS}"


def _mean_length_s(track: Track) -> float:
    return sum(note.duration_s for note in track.notes) / len(track.notes)


def _drums(tracks: Sequence[Track], top: float, per_s: float) -> str:
    """Each drum a row of ticks, the lowest key at the bottom; louder strokes are taller."""
    notes = [note for track in tracks for note in track.notes]
    pitches = sorted({note.pitch for note in notes})
    row = (ROLL[1] - top - 6) / len(pitches)
    ticks = []
    for note in notes:
        tall = row * (0.35 + 0.6 * note.velocity / 127)
        y = ROLL[1] - 2 - row * (pitches.index(note.pitch) + 0.5) - tall / 2
        ticks.append(f"M{note.start_s * per_s:.1f} {y:.1f}h2.4v{tall:.1f}h-2.4z")
    return f'<path class="drums" d="{"".join(ticks)}"/>'


def wave(samples: NDArray[np.float32], columns: int = 250) -> str:
    """The loudness of sound (frames, channels) over time, mirrored at the middle; decoration."""
    edges = np.linspace(0, len(samples), columns + 1).astype(int)
    spans = itertools.pairwise(edges.tolist())
    peaks = np.array([np.abs(samples[a : max(b, a + 1)]).max(initial=0) for a, b in spans])
    high, step = ROLL[1], ROLL[0] / columns
    tall = np.maximum(2.0, peaks / max(float(peaks.max(initial=0)), 1e-6) * (high - 12))
    bars = "".join(
        f"M{k * step:.1f} {(high - h) / 2:.1f}h{0.62 * step:.1f}v{h:.1f}h-{0.62 * step:.1f}z"
        for k, h in enumerate(tall)
    )
    return _filling(f'<path class="wave" d="{bars}"/>')


def _filling(drawn: str) -> str:
    """A drawing in the roll's units that fills whatever box it is put in."""
    size = f"0 0 {ROLL[0]:g} {ROLL[1]:g}"
    return f'<svg viewBox="{size}" preserveAspectRatio="none" aria-hidden="true">{drawn}</svg>'
