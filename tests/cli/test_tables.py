"""Tables stay readable on a terminal of any width."""

import re
from pathlib import Path

import numpy as np
import pytest

from moodscore.affect import Affect, Spread
from moodscore.cli import tables
from moodscore.jobs import Seen
from moodscore.media import Photo
from moodscore.reading import Part, Reading
from moodscore.schemes import mood_labels


def seen(name: str, fused: bool) -> Seen:
    affect, spread = Affect(-0.4, 0.3), Spread(0.3, 0.2)
    alone = Reading(affect, mood_labels(affect, 0.3, 0.2), 0.5, "tiny-affect@1", spread)
    parts = (Part("scene", 0.6, alone), Part("face 1", 0.4, alone)) if fused else ()
    reading = Reading(affect, alone.labels, 0.5, "tiny-affect@1", spread, parts)
    return Seen(Path(name), reading, Photo(np.zeros((4, 4, 3), np.uint8), name, (4, 4)), (), None)


@pytest.mark.parametrize("starts", [None, [0.0, 12.5]])
@pytest.mark.parametrize("fused", [False, True])
@pytest.mark.parametrize("columns", [80, 100, 140])
def test_a_photo_is_one_line_with_its_numbers_whole(columns, fused, starts, capsys, monkeypatch):
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", str(columns))
    tables.readings([seen("a-photo-with-a-rather-long-name-as-they-come.jpg", fused), seen("b.jpg", False)], starts)
    lines = re.sub(r"\x1b\[[0-9;]*m", "", capsys.readouterr().out).splitlines()
    assert len(lines) == 3
    for line in lines[1:]:
        assert "-0.40 ±0.30" in line
        assert "+0.30 ±0.20" in line
        assert "50%" in line
