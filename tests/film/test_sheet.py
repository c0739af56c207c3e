from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from moodscore.errors import BadMedia, BadValue, RenderFailed
from moodscore.film.render import Settings, contact_sheet, render
from moodscore.film.timeline import Options, arrange
from moodscore.media import Tune

COLOURS = ((220, 30, 30), (30, 180, 30), (40, 40, 220))


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("film")
    paths = []
    for k, colour in enumerate(COLOURS):
        paths.append(folder / f"{k}.png")
        Image.new("RGB", (64, 36), colour).save(paths[-1])
    timeline = arrange(paths, Options(seconds_per_photo=1.0, fade_s=0.2))
    tune = Tune(np.zeros((round(timeline.duration_s * 44_100), 2), np.float32), 44_100)
    return render(timeline, tune, folder / "film.mp4", Settings(size=(64, 36), fps=10, preset="ultrafast")).path


def test_the_sheet_shows_the_photos_in_order(film: Path, tmp_path: Path) -> None:
    out = contact_sheet(film, tmp_path / "sheet.png", columns=2, count=3, width=64)
    sheet = np.asarray(Image.open(out))
    assert sheet.shape == (2 * 38 + 2, 2 * 66 + 2, 3)
    for k, colour in enumerate(COLOURS):
        seen = sheet[2 + (k // 2) * 38 + 18, 2 + (k % 2) * 66 + 32]
        assert np.abs(seen.astype(int) - colour).max() < 8


def test_what_is_no_film_is_named(tmp_path: Path) -> None:
    (tmp_path / "no.mp4").write_bytes(b"nothing")
    for name in ("no.mp4", "missing.mp4"):
        with pytest.raises(BadMedia, match=name):
            contact_sheet(tmp_path / name, tmp_path / "sheet.png")


def test_a_sheet_that_cannot_be_written_is_named(film: Path, tmp_path: Path) -> None:
    with pytest.raises(RenderFailed, match="nowhere"):
        contact_sheet(film, tmp_path / "nowhere" / "sheet.png")
    with pytest.raises(BadValue, match="columns"):
        contact_sheet(film, tmp_path / "sheet.png", columns=0)
