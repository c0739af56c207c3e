"""Contrast: the colours the studio puts upon one another, computed from its style sheets for all hues and both schemes."""

import importlib.util
import re
from pathlib import Path

import numpy as np
import pytest

from moodscore.draw.colour import _linear
from moodscore.studio.rendering import STATIC

ROOT = Path(__file__).parents[2]
SCHEMES = ("light", "dark")
TEXT, SHAPES = 4.5, 3.0  # WCAG 2.2 AA: text (1.4.3), and what must be seen to use something (1.4.11)
PAIRS = (
    *((ink, ground, TEXT) for ink in ("ink", "soft", "accent") for ground in ("paper", "surface", "sunken")),
    *((ink, "tint", TEXT) for ink in ("ink", "on-tint", "accent", "soft")),
    ("on-accent", "accent", TEXT),
    ("danger", "paper", TEXT),
    ("danger", "surface", TEXT),
    ("danger", "tint", TEXT),
    ("on-danger", "danger", TEXT),
    ("good", "surface", TEXT),
    ("paper", "ink", TEXT),
    *(("edge", ground, SHAPES) for ground in ("paper", "surface")),
)


def hues():
    """The 24 sets of --hue, --vivid-light, --vivid-dark, and the one of pages without a mood."""
    css = (STATIC / "hues.css").read_text() + (STATIC / "tokens.css").read_text()
    found = re.findall(r"--hue: ([\d.]+); --vivid-light: ([\d.]+); --vivid-dark: ([\d.]+);", css)
    return [tuple(map(float, values)) for values in found]


def tokens(scheme, hue):
    """Every colour of tokens.css as linear sRGB, in one scheme and for one hue."""
    css = (STATIC / "tokens.css").read_text()
    for name, value in zip(("hue", "vivid-light", "vivid-dark"), hue, strict=True):
        css = css.replace(f"var(--{name})", str(value))
    found = re.findall(r"--([\w-]+): light-dark\((oklch\([^)]*\)), (oklch\([^)]*\))\);", css)
    return {name: colour(light if scheme == "light" else dark) for name, light, dark in found}


def colour(oklch):
    lightness, chroma, hue = map(float, re.findall(r"[\d.]+", oklch)[:3])
    return np.clip(_linear(np.radians(np.array(hue)), lightness, np.array(chroma)), 0, 1)


def contrast(one, other):
    """The WCAG contrast ratio of two linear sRGB colours."""
    light, dark = sorted((float(c @ [0.2126, 0.7152, 0.0722]) for c in (one, other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def encoded(linear):
    return np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)


def decoded(srgb):
    return np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_what_is_read_stands_out_for_every_mood(scheme):
    assert len(hues()) == 25
    weak = []
    for hue in hues():
        found = tokens(scheme, hue)
        weak += [
            f"{ink} on {ground} at hue {hue[0]}: {ratio:.2f}"
            for ink, ground, least in PAIRS
            if (ratio := contrast(found[ink], found[ground])) < least
        ]
    assert not weak


@pytest.mark.parametrize("scheme", SCHEMES)
def test_moods_can_be_read_on_the_plane(scheme):
    css = (STATIC / "plane.css").read_text()
    opacity = float(
        re.findall(r"opacity: (\.\d+); mask", css)[0]
        if scheme == "light"
        else re.findall(r"dark.*opacity: (\.\d+)", css)[0]
    )
    found = tokens(scheme, hues()[0])
    for wheel in set(re.findall(r"oklch\(\.78 [^)]*\)", css)):
        ground = decoded(encoded(found["surface"]) * (1 - opacity) + encoded(colour(wheel)) * opacity)
        assert contrast(found["ink"], ground) >= TEXT, wheel


def test_hues_are_those_the_recipe_writes():
    spec = importlib.util.spec_from_file_location("draw_hues", ROOT / "docs" / "draw_hues.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert (STATIC / "hues.css").read_text() == module.css()
