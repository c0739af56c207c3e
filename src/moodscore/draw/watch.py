"""A film's feeling over time in one picture: filmstrip, mood colours, curves, cuts, sound and genre."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from moodscore.draw.colour import FAINT, INK, PAPER, RGB, mood_rgb
from moodscore.draw.genre import clock, colours, seconds_under, stream
from moodscore.draw.small_plane import GREY, SCALE, Canvas, font
from moodscore.media import Photo, Shot
from moodscore.schemes import GENRES, Labels, mood_of
from moodscore.trajectory import Trajectory

WIDTH, LEFT, RIGHT = 1280, 92, 24
ACROSS = WIDTH - LEFT - RIGHT
STRIP, BAND, CURVES, SOUND, GENRE = 72, 22, 220, 56, 46
VALENCE, AROUSAL = (28, 110, 190), (214, 84, 40)
SPEECH, MUSIC, NOISE = (84, 120, 200), (70, 160, 110), (176, 176, 182)
LOUDEST_DB, FAINTEST_DB = 0.0, -60.0

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Sounding:
    """A film's sound for drawing, a value every `step_s`: level in dBFS, and the shares 0..1 of speech and music."""

    step_s: float
    loudness_db: Floats
    speech: Floats
    music: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Story:
    """All that is drawn of a film: strip frames with their times, shots, feeling, genres at moments, sound if any."""

    name: str
    strip: tuple[tuple[float, Photo], ...]
    shots: tuple[Shot, ...]
    trajectory: Trajectory
    genre_times_s: tuple[float, ...]
    genres: tuple[Labels, ...]
    genre: str
    sound: Sounding | None = None


def watch_png(story: Story) -> Image.Image:
    """The picture of a film's feeling over time; RGB, 1280 pixels wide."""
    tops = np.cumsum([44, STRIP + 8, BAND + 10, CURVES + 14, SOUND + 12 if story.sound else 0]).tolist()
    height = tops[-1] + GENRE + 56
    page = Image.new("RGB", (WIDTH * SCALE, height * SCALE), PAPER)
    _title(page, story)
    _strip(page, tops[0], story)
    _moods(page, tops[1], story.trajectory)
    _curves(page, tops[2], story)
    if story.sound is not None:
        _sound(page, tops[3], story.sound, story.trajectory.duration_s)
    box = (LEFT, tops[4], ACROSS, GENRE)
    stream(page, box, story.genre_times_s, story.genres, story.trajectory.duration_s)
    _label(page, tops[4] + GENRE / 2, "genre")
    seconds_under(page, box, story.trajectory.duration_s)
    _legend(page, height - 16)
    return page.reduce(SCALE)


def _title(page: Canvas, story: Story) -> None:
    pen = ImageDraw.Draw(page)
    feeling = story.trajectory.mean()
    count = len(story.shots)
    facts = (
        f"{clock(story.trajectory.duration_s)}, {count} shot{'s' if count != 1 else ''}, on the whole "
        f"{mood_of(feeling).name} ({feeling.valence:+.2f} / {feeling.arousal:+.2f}), most like {story.genre}"
    )
    pen.text((LEFT * SCALE, 22 * SCALE), story.name, fill=INK, font=font(17, True), anchor="lm")
    over = LEFT * SCALE + pen.textlength(story.name + "   ", font=font(17, True))
    pen.text((over, 22 * SCALE), facts, fill=FAINT, font=font(13), anchor="lm")


def _label(page: Canvas, middle: float, text: str, colour: RGB = FAINT) -> None:
    place = ((LEFT - 10) * SCALE, middle * SCALE)
    ImageDraw.Draw(page).text(place, text, fill=colour, font=font(12), anchor="rm")


def _strip(page: Canvas, top: int, story: Story) -> None:
    """The frames side by side, each cut to its share of the width."""
    count = max(1, len(story.strip))
    for number, (_, photo) in enumerate(story.strip):
        left = LEFT * SCALE + round(number * ACROSS * SCALE / count)
        right = LEFT * SCALE + round((number + 1) * ACROSS * SCALE / count)
        page.paste(_filled(photo, right - left, STRIP * SCALE), (left, top * SCALE))


def _filled(photo: Photo, width: int, height: int) -> Canvas:
    """The middle of a frame at exactly this size."""
    across, down = photo.size
    scale = max(width / across, height / down)
    size = max(width, round(across * scale)), max(height, round(down * scale))
    picture = Image.fromarray(photo.pixels).resize(size, Image.Resampling.BICUBIC)
    left, top = (size[0] - width) // 2, (size[1] - height) // 2
    return picture.crop((left, top, left + width, top + height))


def _moods(page: Canvas, top: int, feeling: Trajectory) -> None:
    """The colour of the feeling at every moment; what is felt weakly is pale."""
    columns = ACROSS
    row = np.zeros((1, columns, 3), np.uint8)
    for k in range(columns):
        affect = feeling.at((k + 0.5) / columns * feeling.duration_s)
        row[0, k] = mood_rgb(
            affect, 0.72, 0.04 + 0.13 * min(1.0, float(np.hypot(affect.valence, affect.arousal)) / 0.6)
        )
    band = Image.fromarray(row).resize((ACROSS * SCALE, BAND * SCALE), Image.Resampling.NEAREST)
    page.paste(band, (LEFT * SCALE, top * SCALE))
    _label(page, top + BAND / 2, "mood")


def _curves(page: Canvas, top: int, story: Story) -> None:
    """Valence and arousal over time, -1 .. 1, with a fine line at every cut."""
    pen = ImageDraw.Draw(page)
    feeling = story.trajectory
    for shot in story.shots[1:]:
        x = (LEFT + ACROSS * shot.start_s / feeling.duration_s) * SCALE
        pen.line([x, top * SCALE, x, (top + CURVES) * SCALE], fill=(228, 226, 220), width=SCALE)
    for value in (-1.0, -0.5, 0.0, 0.5, 1.0):
        y = (top + CURVES * (1 - value) / 2) * SCALE
        shade = GREY if value == 0 else (222, 220, 214)
        pen.line([LEFT * SCALE, y, (LEFT + ACROSS) * SCALE, y], fill=shade, width=SCALE)
        if value in (-1.0, 0.0, 1.0):
            _label(page, top + CURVES * (1 - value) / 2, f"{value:+.0f}" if value else "0")
    times = np.linspace(0.0, feeling.duration_s, ACROSS)
    felt = [feeling.at(float(t)) for t in times]
    for values, colour in (([a.valence for a in felt], VALENCE), ([a.arousal for a in felt], AROUSAL)):
        line = [((LEFT + k) * SCALE, (top + CURVES * (1 - v) / 2) * SCALE) for k, v in enumerate(values)]
        pen.line(line, fill=colour, width=3 * SCALE, joint="curve")


def _sound(page: Canvas, top: int, sound: Sounding, duration_s: float) -> None:
    """The level as a hill, coloured by whether speech, music or neither is heard."""
    pen = ImageDraw.Draw(page)
    times = np.arange(len(sound.loudness_db)) * sound.step_s
    for k in range(ACROSS * SCALE):
        at = int(np.searchsorted(times, k / (ACROSS * SCALE) * duration_s, side="right")) - 1
        level = (float(sound.loudness_db[at]) - FAINTEST_DB) / (LOUDEST_DB - FAINTEST_DB)
        high = min(1.0, max(0.0, level)) * SOUND * SCALE
        heard = SPEECH if sound.speech[at] > 0.5 else MUSIC if sound.music[at] > 0.5 else NOISE
        x = LEFT * SCALE + k
        pen.line([x, (top + SOUND) * SCALE - high, x, (top + SOUND) * SCALE], fill=heard)
    _label(page, top + SOUND / 2, "sound")


def _legend(page: Canvas, middle: int) -> None:
    pen = ImageDraw.Draw(page)
    entries: Sequence[tuple[str, RGB]] = [
        ("valence", VALENCE), ("arousal", AROUSAL), ("speech", SPEECH), ("music", MUSIC), ("other sound", NOISE),
        *((name, colours()[name]) for name in GENRES.names),
    ]  # fmt: skip
    x = float(LEFT * SCALE)
    for text, colour in entries:
        y = middle * SCALE
        pen.rounded_rectangle([x, y - 5 * SCALE, x + 10 * SCALE, y + 5 * SCALE], 3 * SCALE, fill=colour)
        pen.text((x + 16 * SCALE, y), text, fill=FAINT, font=font(12), anchor="lm")
        x += 16 * SCALE + pen.textlength(text, font=font(12)) + 20 * SCALE
