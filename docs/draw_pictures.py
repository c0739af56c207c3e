"""Make the pictures of the documentation with moodscore itself, from the example photographs.

    .venv/bin/python docs/draw_pictures.py

Run it when the readings, the music or the drawing change; it takes about as long as `make demo`.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from PIL import Image

from moodscore import cli
from moodscore.film.sheet import contact_sheet

HOME = Path(__file__).parent.parent
PHOTOS = HOME / "examples" / "photos"
PICTURES = HOME / "docs" / "pictures"
MOST_BYTES = 400_000
WIDEST = 1200


def moodscore(*words: object) -> None:
    """Run a command as a user would; raises RuntimeError when it fails."""
    if cli.main([str(word) for word in words]) != 0:
        raise RuntimeError(f"moodscore {' '.join(map(str, words))} failed")


def keep(picture: Path, name: str) -> None:
    """Save a picture for the web, at most `WIDEST` pixels wide; `name` says in which format."""
    with Image.open(picture) as opened:
        image = opened.convert("RGB")
    if image.width > WIDEST:
        image = image.resize((WIDEST, round(image.height * WIDEST / image.width)), Image.Resampling.LANCZOS)
    image.save(PICTURES / name, quality=85, optimize=True)
    size = (PICTURES / name).stat().st_size
    if size > MOST_BYTES:
        raise RuntimeError(f"{name}: expected at most {MOST_BYTES} bytes, got {size}")


def main() -> int:
    """Make the demo film and keep its contact sheet, its plane, the notes of a tune and the library that ships."""
    PICTURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        moodscore("film", PHOTOS, "--order", "arc", "-o", work / "film.mp4", "--parts")
        keep(contact_sheet(work / "film.mp4", work / "sheet.png", columns=5, count=20, width=320), "contact-sheet.jpg")
        moodscore("watch", work / "film.mp4", "-o", work / "watched.png", "-q")
        keep(work / "watched.png", "watched.jpg")
        keep(work / "plane.png", "plane.jpg")
        meadow = PHOTOS / "18-autumn-meadow.jpg"
        moodscore("tune", meadow, "--seconds", 20, "-o", work / "tune.wav", "--plot", work / "notes.png")
        keep(work / "notes.png", "pianoroll.png")
        moodscore("library", "show", "-o", work / "library.png", "--quiet")
        keep(work / "library.png", "library.jpg")
    return 0


if __name__ == "__main__":
    sys.exit(main())
