"""Make the picture of a played photo for the documentation: the photo, its notes and its sound over one axis of time.

    .venv/bin/python docs/draw_heard_photo.py

Run it when the way photos are played changes.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

from PIL import Image, ImageDraw

from moodscore import jobs
from moodscore.draw import sound
from moodscore.media import Note, Score, Track
from moodscore.music import sonify

HOME = Path(__file__).parent.parent
PHOTO = HOME / "examples" / "photos" / "20-sunset-over-the-hills.jpg"
OUT = HOME / "docs" / "pictures" / "heard-photo.jpg"
LEFT, RIGHT = 62, 24  # the margins of the drawings of sound
HIGH = 330


def by_player(score: Score) -> Score:
    """The score with the many tracks of a player, one for each place, as one."""
    notes: dict[str, list[Note]] = {}
    first: dict[str, Track] = {}
    for track in score.tracks:
        first.setdefault(track.name, track)
        notes.setdefault(track.name, []).extend(track.notes)
    return replace(score, tracks=tuple(replace(first[name], notes=tuple(notes[name])) for name in first))


def main() -> int:
    """Play the photo and draw it above its notes and its spectrogram."""
    played = jobs.play_photo(PHOTO)
    score = by_player(played.tune.score)
    parts = [sound.pianoroll(score, 470), sound.spectrogram(played.tune, 430)]
    width = parts[0].width
    span = round((width - LEFT - RIGHT) * sonify.SWEEP_S / score.duration_s)
    page = Image.new("RGB", (width, HIGH + sum(part.height for part in parts)), (252, 251, 248))
    with Image.open(PHOTO) as opened:
        photo = opened.convert("RGB").resize((span, HIGH - 20), Image.Resampling.LANCZOS)
    pen = ImageDraw.Draw(photo)
    for k in (1, 2):
        y = photo.height * k // 3
        for x in range(0, span, 12):
            pen.line([x, y, x + 5, y], fill=(255, 255, 255), width=1)
    page.paste(photo, (LEFT, 20))
    top = HIGH
    for part in parts:
        page.paste(part, (0, top))
        top += part.height
    page.save(OUT, quality=85, optimize=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
