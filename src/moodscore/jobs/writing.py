"""Writing: small results to disk, whole or not at all."""

from __future__ import annotations

import io
from pathlib import Path

from PIL.Image import Image as Picture

from moodscore.film import render
from moodscore.prepare.whole import check_writable, whole


def check_film(out: Path) -> None:
    """Fail before the work when a film cannot be written to `out`, or its name promises another kind; RenderFailed."""
    render.check_name(out)
    check_writable(out)


def write_text(out: Path, text: str) -> None:
    """Write a text file whole or not at all; raises RenderFailed when `out` cannot be written."""
    _write(out, text.encode("utf-8"))


def write_picture(out: Path, picture: Picture) -> None:
    """Write a PNG whole or not at all; raises RenderFailed when `out` cannot be written."""
    drawn = io.BytesIO()
    picture.save(drawn, format="PNG")
    _write(out, drawn.getvalue())


def _write(out: Path, data: bytes) -> None:
    with whole(out) as part:
        part.write_bytes(data)
