from __future__ import annotations

import base64
import html
import io
import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from moodscore.affect import Affect
from moodscore.errors import BadValue
from moodscore.film.effects import aim, ease
from moodscore.film.preview import page
from moodscore.film.timeline import Options, Timeline, arrange
from moodscore.media import Photo
from moodscore.reading import Reading
from moodscore.schemes import mood_labels

AFFECTS = (Affect(0.7, 0.5), Affect(-0.4, -0.3), Affect(0.3, -0.6))
READINGS = [Reading(a, mood_labels(a, 0.2, 0.2), 0.6, "test@1") for a in AFFECTS]


def photos() -> list[Photo]:
    shapes = ((200, 120), (90, 160), (160, 90))
    return [Photo(np.full((h, w, 3), 60 * k + 60, np.uint8), f"{k}.jpg", (w, h)) for k, (w, h) in enumerate(shapes)]


def timeline(name: str = "crossfade") -> Timeline:
    return arrange([Path(f"{k} <b>.jpg") for k in range(3)], Options(seconds_per_photo=2.0, transition=name, seed=4))


def data(text: str) -> dict[str, Any]:
    found = re.search(r'<script type="application/json" id="film">(.*?)</script>', text, re.S)
    assert found
    return json.loads(found[1])  # type: ignore[no-any-return]


def interpolated(table: list[float], share: np.ndarray) -> np.ndarray:
    """What the page's `curve` does."""
    return np.interp(np.clip(share, 0, 1), np.linspace(0, 1, len(table)), table)


@pytest.mark.parametrize("name", ["crossfade", "dip", "cut"])
def test_the_page_has_the_films_own_envelope(name: str) -> None:
    cut = timeline(name)
    told = data(page(cut, photos(), b"ID3", READINGS))
    times = np.linspace(0, cut.duration_s, 777)[:-1]
    seen = []
    for item, own in zip(told["items"], cut.items, strict=True):
        rise = (
            interpolated(told["fade"], (times - item["start_s"]) / item["rise_s"])
            if item["rise_s"]
            else (times >= item["start_s"])
        )
        fall = (
            interpolated(told["fade"], (item["end_s"] - times) / item["fall_s"])
            if item["fall_s"]
            else (times < item["end_s"])
        )
        seen.append(np.minimum(rise, fall))
        assert np.abs(seen[-1] - own.visibility(times)).max() < 2e-5
    start, end, floor = told["floor"]
    presence = np.max(seen, axis=0)
    gain = np.where((times >= start) & (times <= end), floor + (1 - floor) * presence, presence)
    assert np.abs(gain - cut.gain(times)).max() < 2e-5
    drawn = np.linspace(0, cut.duration_s, len(told["gain"]))
    assert np.abs(np.array(told["gain"]) - cut.gain(drawn)).max() < 1e-5


def test_the_page_has_the_films_own_camera() -> None:
    cut = timeline()
    told = data(page(cut, photos(), b"ID3"))
    for item, own, photo in zip(told["items"], cut.items, photos(), strict=True):
        camera = aim(own.move, photo.size[0] / photo.size[1], 16 / 9, own.focus)
        assert item["camera"] == camera.as_dict()
    assert interpolated(told["ease"], np.array([0.3]))[0] == pytest.approx(ease(0.3), abs=1e-5)
    assert [item["camera"]["fill"] for item in told["items"]] == [None, [0, 0, 1, 1], None]


def test_the_page_asks_nothing_of_the_network() -> None:
    text = page(timeline(), photos(), b"RIFF....", READINGS)
    policy = re.search(r'content="(default-src[^"]*)"', text)
    assert policy
    assert policy[1].startswith("default-src 'none'; img-src data:; media-src data:;")
    outside = text.replace("http://www.w3.org/2000/svg", "")
    assert "http:" not in outside
    assert "https:" not in outside
    assert not re.search(r"<(link|script|img|audio)[^>]+(src|href)=", outside)
    assert data(text)["tune"].startswith("data:audio/wav;base64,")


def test_the_pictures_are_in_the_page() -> None:
    told = data(page(timeline(), photos(), b"ID3"))
    pictures = [Image.open(io.BytesIO(base64.b64decode(i["picture"].partition(",")[2]))) for i in told["items"]]
    assert [p.size for p in pictures] == [(200, 120), (1280, 720), (160, 90)]
    assert abs(int(np.asarray(pictures[1])[360, 640, 0]) - 120) <= 2


def test_names_cannot_break_the_page() -> None:
    text = page(timeline(), photos(), "tune.mp3", title="A & <script>")
    assert html.escape("A & <script>") in text
    assert data(text)["items"][0]["name"] == "0 <b>.jpg"
    assert "<b>" not in text
    assert data(text)["tune"] == "tune.mp3"


def test_the_page_tells_the_mood_and_the_way_over_the_plane() -> None:
    told = data(page(timeline(), photos(), b"ID3", READINGS))
    assert [item["mood"] for item in told["items"]] == [r.mood.name for r in READINGS]
    assert told["way"][0] == [0.0, 0.7, 0.5]
    assert "way" not in data(page(timeline(), photos(), b"ID3"))


def test_every_control_has_a_name() -> None:
    text = page(timeline(), photos(), b"ID3")
    assert all("aria-label" in tag for tag in re.findall(r"<(?:button|input)[^>]*>", text))
    assert "prefers-reduced-motion" in text


def test_counts_that_differ_are_refused() -> None:
    with pytest.raises(BadValue, match="photos: expected one per photo"):
        page(timeline(), photos()[:2], b"ID3")
    with pytest.raises(BadValue, match="readings: expected one per photo"):
        page(timeline(), photos(), b"ID3", READINGS[:1])
