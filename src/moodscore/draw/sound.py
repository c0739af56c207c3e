"""Pictures of sound: a tune as a spectrogram with its loudness, a score as a piano roll with its chords and sections."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from moodscore.draw.colour import FAINT, INK, PAPER, RGB, even_rgb, mixed
from moodscore.draw.lettering import font
from moodscore.media import Score, Track, Tune

Picture = Image.Image
Floats = NDArray[np.float64]

WIDTH = 1200
SCALE = 2  # everything is drawn this much larger and shrunk once, so that edges are smooth
_LEFT, _RIGHT, _TOP, _BOTTOM = 62, 24, 44, 40
_BLACK_KEYS = (1, 3, 6, 8, 10)
_LOWEST_HZ, _HIGHEST_HZ = 30.0, 16000.0
_DEEP_DB = 84.0
_TICKS_HZ = (50, 100, 200, 500, 1000, 2000, 5000, 10000)
# Magma-like: dark to light with even steps of lightness, so that what looks louder is louder.
_RAMP = ((6, 4, 20), (48, 18, 96), (120, 30, 122), (190, 56, 104), (240, 110, 84), (253, 180, 110), (252, 250, 200))


def spectrogram(tune: Tune, height: int = 520) -> Picture:
    """A tune's spectrogram (log frequency, 84 dB deep, colour), its waveform below; RGB, 1200 wide, `height` tall."""
    wave = 84
    page = Image.new("RGB", (WIDTH * SCALE, height * SCALE), PAPER)
    plot = (_LEFT, _TOP, WIDTH - _RIGHT, height - _BOTTOM - wave - 10)
    columns, rows = ((plot[2] - plot[0]) * SCALE, (plot[3] - plot[1]) * SCALE)
    cells = _coloured(_levels(tune, columns // SCALE, rows // SCALE))
    page.paste(cells.resize((columns, rows), Image.Resampling.BICUBIC), (plot[0] * SCALE, plot[1] * SCALE))
    pen = ImageDraw.Draw(page)
    for hz in _TICKS_HZ:
        share = math.log(hz / _LOWEST_HZ) / math.log(_top_hz(tune) / _LOWEST_HZ)
        if share < 1:
            _left_label(pen, plot[3] - share * (plot[3] - plot[1]), f"{hz // 1000} kHz" if hz >= 1000 else f"{hz} Hz")
    strip = (plot[0], plot[3] + 10, plot[2], height - _BOTTOM)
    _waveform(pen, tune, strip)
    _seconds(pen, tune.duration_s, (plot[0], plot[1], plot[2], strip[3]), grid=False)
    _title(pen, f"{tune.duration_s:.1f} s, {tune.rate / 1000:g} kHz stereo")
    return page.reduce(SCALE)


def pianoroll(score: Score, height: int = 560) -> Picture:
    """A score's notes over time, one colour a track, louder notes darker, drums as ticks below, marks above; RGB.

    1200 wide, `height` tall. Grey bands are black keys, vertical lines bars.
    """
    page = Image.new("RGB", (WIDTH * SCALE, height * SCALE), PAPER)
    pen = ImageDraw.Draw(page)
    pitched = [t for t in score.tracks if not t.drums and t.notes]
    drums = [t for t in score.tracks if t.drums and t.notes]
    foot = _BOTTOM + 22 + (70 if drums else 0)
    plot = (_LEFT, _TOP + 34, WIDTH - _RIGHT, height - foot)
    low, high = _range(pitched)
    y = _heights(plot, low, high)
    _keys(pen, plot, low, high, y)
    _bars(pen, score, plot)
    colours = _track_colours(score.tracks)
    for track in sorted(pitched, key=_mean_length_s, reverse=True):  # short notes are drawn over long ones
        _notes(pen, track, colours[id(track)], score.duration_s, (plot, y))
    if drums:
        _drums(pen, drums, score.duration_s, (plot[0], plot[3] + 8, plot[2], plot[3] + 70))
    _marks(pen, score, plot)
    _seconds(pen, score.duration_s, (plot[0], plot[1], plot[2], height - _BOTTOM - 22), grid=True)
    _legend(pen, score.tracks, colours, height)
    _title(pen, f"{score.duration_s:.1f} s, {score.tempos[0][1]:.0f} beats per minute, {len(score.notes)} notes")
    return page.reduce(SCALE)


def _mean_length_s(track: Track) -> float:
    return sum(n.duration_s for n in track.notes) / len(track.notes)


def _top_hz(tune: Tune) -> float:
    return min(_HIGHEST_HZ, tune.rate / 2)


def _levels(tune: Tune, columns: int, rows: int) -> Floats:
    """Level in dB below the loudest of each cell (rows, columns), low frequencies in the last row."""
    size = 8192 if tune.rate > 30000 else 4096
    mono = np.pad(tune.samples.mean(axis=1), (size // 2, size))
    starts = np.linspace(0, max(len(tune.samples) - 1, 0), columns).astype(int)
    edges = np.geomspace(_LOWEST_HZ, _top_hz(tune), rows + 1) / tune.rate * size
    middle = (edges[:-1] + edges[1:]) / 2
    out = np.empty((rows, columns))
    short = 2048  # high frequencies are read from a shorter window: sharp in time where the ear is
    for k, start in enumerate(starts):
        long_power = _power(mono[start : start + size], size)
        at = start + (size - short) // 2
        short_power = _power(mono[at : at + short], short)
        fine = np.interp(middle, np.arange(len(long_power)), long_power)
        quick = np.interp(middle * short / size, np.arange(len(short_power)), short_power)
        blend = np.clip((middle / size * tune.rate - 500) / 1500, 0, 1)
        out[::-1, k] = fine * (1 - blend) + quick * blend
    level = 10 * np.log10(np.maximum(out, 1e-14))
    return np.asarray(level - max(level.max(), -90.0))


def _power(heard: NDArray[np.float32], size: int) -> Floats:
    window = np.hanning(size)
    return np.asarray(np.abs(np.fft.rfft(heard * window)) ** 2 / window.sum() ** 2, np.float64)


def _coloured(level_db: Floats) -> Picture:
    share = np.clip(1 + level_db / _DEEP_DB, 0, 1) * (len(_RAMP) - 1)
    ramp = np.asarray(_RAMP, np.float64)
    channels = [np.interp(share, np.arange(len(_RAMP)), ramp[:, c]) for c in range(3)]
    return Image.fromarray(np.stack(channels, axis=-1).round().astype(np.uint8))


def _waveform(pen: ImageDraw.ImageDraw, tune: Tune, place: tuple[float, float, float, float]) -> None:
    """Peaks (light) and root-mean-square level (dark) of each column, full scale at the strip's edges."""
    left, top, right, bottom = place
    columns = int((right - left) * SCALE)
    edges = np.linspace(0, len(tune.samples), columns + 1).astype(int)
    middle, half = (top + bottom) / 2 * SCALE, (bottom - top) / 2 * SCALE
    pen.rectangle([left * SCALE, top * SCALE, right * SCALE, bottom * SCALE], fill=(240, 239, 234))
    for k in range(columns):
        heard = tune.samples[edges[k] : max(edges[k + 1], edges[k] + 1)]
        x = left * SCALE + k
        peak, mean = float(np.abs(heard).max()), float(np.sqrt((heard**2).mean()))
        pen.line([x, middle - peak * half, x, middle + peak * half], fill=(176, 150, 200))
        pen.line([x, middle - mean * half, x, middle + mean * half], fill=(96, 52, 130))
    for level in (-1.0, 1.0):
        pen.line([left * SCALE, middle + level * half, right * SCALE, middle + level * half], fill=(200, 190, 200))


def _title(pen: ImageDraw.ImageDraw, text: str) -> None:
    pen.text((_LEFT * SCALE, 14 * SCALE), text, font=font(15 * SCALE), fill=INK)


def _left_label(pen: ImageDraw.ImageDraw, y: float, text: str) -> None:
    pen.text(((_LEFT - 9) * SCALE, y * SCALE), text, font=font(12 * SCALE), fill=FAINT, anchor="rm")
    pen.line([(_LEFT - 5) * SCALE, y * SCALE, _LEFT * SCALE, y * SCALE], fill=FAINT, width=SCALE)


def _seconds(
    pen: ImageDraw.ImageDraw, duration_s: float, plot: tuple[float, float, float, float], *, grid: bool
) -> None:
    """Time labels under the plot at a round step."""
    left, _, right, bottom = plot
    steps = (0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1200, 3600)
    step = next((s for s in steps if duration_s / s <= 16), 7200)
    for k in range(int(duration_s / step + 1e-9) + 1):
        x = left + (right - left) * k * step / duration_s
        pen.line([x * SCALE, bottom * SCALE, x * SCALE, (bottom + 5) * SCALE], fill=FAINT, width=SCALE)
        label = f"{k * step:g} s" if duration_s < 180 else f"{int(k * step // 60)}:{int(k * step % 60):02d}"
        pen.text((x * SCALE, (bottom + 8) * SCALE), label, font=font(12 * SCALE), fill=FAINT, anchor="ma")
    if grid:
        pen.line([left * SCALE, bottom * SCALE, right * SCALE, bottom * SCALE], fill=FAINT, width=SCALE)


def _range(tracks: list[Track]) -> tuple[int, int]:
    pitches = [n.pitch for t in tracks for n in t.notes] or [60]
    low, high = min(pitches) - 2, max(pitches) + 2
    spare = max(0, 24 - (high - low)) // 2
    return low - spare, high + spare


def _heights(plot: tuple[float, float, float, float], low: int, high: int) -> Callable[[float], float]:
    return lambda pitch: plot[3] - (pitch - low) / (high - low + 1) * (plot[3] - plot[1])


def _keys(
    pen: ImageDraw.ImageDraw,
    plot: tuple[float, float, float, float],
    low: int,
    high: int,
    y: Callable[[float], float],
) -> None:
    for pitch in range(low, high + 1):
        shade = (243, 242, 238) if pitch % 12 in _BLACK_KEYS else (251, 250, 247)
        pen.rectangle([plot[0] * SCALE, y(pitch + 1) * SCALE, plot[2] * SCALE, y(pitch) * SCALE - 1], fill=shade)
        if pitch % 12 == 0:
            pen.line([plot[0] * SCALE, y(pitch) * SCALE, plot[2] * SCALE, y(pitch) * SCALE], fill=(214, 212, 206))
            _left_label(pen, (y(pitch) + y(pitch + 1)) / 2, f"C{pitch // 12 - 1}")


def _bar_times(score: Score) -> Iterator[float]:
    """When each bar begins in seconds, as the tempo map says."""
    time_s, beat = 0.0, 0
    tempos = [*score.tempos, (math.inf, 1.0)]
    k = 0
    while time_s < score.duration_s - 1e-6 and beat < 100_000:
        if beat % max(1, score.beats_per_bar) == 0:
            yield time_s
        left = 1.0
        while time_s + left * 60 / tempos[k][1] > tempos[k + 1][0] + 1e-9:
            left -= (tempos[k + 1][0] - time_s) * tempos[k][1] / 60
            time_s, k = tempos[k + 1][0], k + 1
        time_s += left * 60 / tempos[k][1]
        beat += 1


def _bars(pen: ImageDraw.ImageDraw, score: Score, plot: tuple[float, float, float, float]) -> None:
    bars = list(_bar_times(score))
    for time_s in bars[:: max(1, len(bars) // 120)]:
        x = (plot[0] + (plot[2] - plot[0]) * time_s / score.duration_s) * SCALE
        pen.line([x, plot[1] * SCALE, x, plot[3] * SCALE], fill=(224, 222, 216))


def _track_colours(tracks: tuple[Track, ...]) -> dict[int, RGB]:
    """A colour for each track: hues a golden angle apart, so that neighbours differ most."""
    out = {}
    for k, track in enumerate(tracks):
        red, green, blue = even_rgb((212 + 137.5 * k) % 360, 0.58, 0.16)
        out[id(track)] = (int(red), int(green), int(blue))
    return out


def _toned(colour: RGB, velocity: int) -> RGB:
    return mixed(PAPER, colour, 0.45 + 0.55 * min(1.0, velocity / 105))


def _notes(
    pen: ImageDraw.ImageDraw,
    track: Track,
    colour: RGB,
    duration_s: float,
    scale: tuple[tuple[float, float, float, float], Callable[[float], float]],
) -> None:
    plot, y = scale
    per_s = (plot[2] - plot[0]) / duration_s
    for note in track.notes:
        left = plot[0] + note.start_s * per_s
        right = max(left + 1.5, min(plot[2], plot[0] + note.end_s * per_s))
        top, bottom = y(note.pitch + 1) + 0.5, y(note.pitch) - 0.5
        box = [left * SCALE, top * SCALE, right * SCALE - 1, max(bottom, top + 1.5) * SCALE]
        pen.rounded_rectangle(box, radius=2, fill=_toned(colour, note.velocity))


def _drums(
    pen: ImageDraw.ImageDraw, tracks: list[Track], duration_s: float, place: tuple[float, float, float, float]
) -> None:
    """Each drum on a line of its own, the lowest key at the bottom; louder strokes taller."""
    left, top, right, bottom = place
    pitches = sorted({n.pitch for t in tracks for n in t.notes})
    pen.rectangle([left * SCALE, top * SCALE, right * SCALE, bottom * SCALE], fill=(243, 242, 238))
    row = (bottom - top) / len(pitches)
    for note in (n for t in tracks for n in t.notes):
        x = (left + (right - left) * note.start_s / duration_s) * SCALE
        y = bottom - row * (pitches.index(note.pitch) + 0.5)
        half = row * 0.45 * (0.35 + 0.65 * note.velocity / 127)
        pen.line([x, (y - half) * SCALE, x, (y + half) * SCALE], fill=(70, 70, 80), width=SCALE)
    pen.text(((left - 9) * SCALE, (top + bottom) / 2 * SCALE), "drums", font=font(12 * SCALE), fill=FAINT, anchor="rm")


def _marks(pen: ImageDraw.ImageDraw, score: Score, plot: tuple[float, float, float, float]) -> None:
    """The marks' texts above the plot in two rows, those left out that would lie on another."""
    free = [0.0, 0.0]
    for time_s, text in sorted(score.marks):
        x = (plot[0] + (plot[2] - plot[0]) * time_s / score.duration_s) * SCALE
        row = 0 if len(text) > 6 else 1
        text = _printable(text)
        width = pen.textlength(text, font=font(11 * SCALE))
        if x < free[row] or x + width > (WIDTH - 4) * SCALE:
            continue
        free[row] = x + width + 5 * SCALE
        y = (plot[1] - 32 + 16 * row) * SCALE
        pen.text((x, y), text, font=font(11 * SCALE), fill=INK if row == 0 else FAINT)
        if row == 0:
            pen.line([x, y + 14 * SCALE, x, plot[3] * SCALE], fill=(150, 150, 160))


def _printable(text: str) -> str:
    return "".join(c if c.isprintable() else " " for c in text)


def _legend(pen: ImageDraw.ImageDraw, tracks: tuple[Track, ...], colours: dict[int, RGB], height: int) -> None:
    x, y = float(_LEFT * SCALE), (height - 26) * SCALE
    for track in tracks:
        if not track.notes or track.drums:
            continue
        name = _printable(track.name)
        width = 16 * SCALE + pen.textlength(name, font=font(12 * SCALE)) + 18 * SCALE
        if x + width > WIDTH * SCALE:
            break
        pen.rounded_rectangle([x, y + 2 * SCALE, x + 11 * SCALE, y + 13 * SCALE], radius=3, fill=colours[id(track)])
        pen.text((x + 16 * SCALE, y), name, font=font(12 * SCALE), fill=INK)
        x += width
