"""The plane as SVG: one self-contained element for notebooks and pages, readable by screen readers."""

from __future__ import annotations

import base64
import hashlib
import io
from html import escape

import numpy as np
from numpy.typing import NDArray

from moodscore.affect import Affect
from moodscore.draw.colour import FAINT, INK, PAPER, RGB, even_rgb, hex_of, mixed, mood_rgb
from moodscore.draw.layout import Frame, Name, axis_words, mood_names, path_through
from moodscore.draw.painted import FULL, RING, SOFT
from moodscore.draw.points import PlanePoint, Scene, arrow_head, disc_picture
from moodscore.schemes import MOODS, mood_of

WEDGES = 72
PICTURED = 60  # at most so many photos travel inside the SVG; with more, all are plain discs
FACES = "'Noto Sans KR','Apple SD Gothic Neo','Malgun Gothic',system-ui,sans-serif"


def write(scene: Scene) -> str:
    """The drawing as an SVG element."""
    frame = scene.frame
    parts = [_ground(frame), _axes(frame), _mood_names(frame)]
    if scene.shows_spread:
        parts += [_spread(scene, k) for k in range(len(scene.points))]
    parts.append(_path(scene))
    parts += [_line_home(scene, k) for k in scene.moved]
    parts += [_point(scene, k) for k in reversed(range(len(scene.points)))]
    parts += [_text(n, INK, halo=True) for n in scene.placed.names if n]
    if scene.title:
        u = frame.unit
        parts.append(f'<text x="{28 * u:.1f}" y="{46 * u:.1f}" font-size="{30 * u:.1f}">{escape(scene.title)}</text>')
    body = "".join(parts)
    key = "m" + hashlib.sha256(body.encode()).hexdigest()[:8]  # several drawings may stand on one page
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {frame.width} {frame.height}" role="img" '
        f'aria-labelledby="{key}-t {key}-d" font-family="{FACES}" fill="{hex_of(INK)}" '
        f'style="width:100%;max-width:{frame.width}px;height:auto;background:{hex_of(PAPER)}">'
        f'<title id="{key}-t">{escape(scene.title or "Feelings on the valence-arousal plane")}</title>'
        f'<desc id="{key}-d">{escape(_description(scene))}</desc>'
    )
    return head + body.replace("KEY-", f"{key}-") + "</svg>"


def _description(scene: Scene) -> str:
    """The drawing in words: every point with its mood and both numbers, in the path's order if there is one."""
    order = scene.order or range(len(scene.points))
    told = [_told(scene.points[k]) for k in order]
    if not told:
        return "The empty plane: valence from left to right, arousal from bottom to top, eight moods round it."
    joined = "; ".join(told)
    return f"Valence from left to right, arousal from bottom to top. {'In order: ' if scene.order else ''}{joined}."


def _told(point: PlanePoint) -> str:
    a = point.affect
    name = f"{point.name}: " if point.name else ""
    return f"{name}{mood_of(a).name}, valence {a.valence:+.2f}, arousal {a.arousal:+.2f}"


def _ground(frame: Frame) -> str:
    """Wedges of hue under a veil that is thick in the middle, and the ring."""
    (x, y), r = frame.centre, frame.radius
    step = 360 / WEDGES
    hues = (np.arange(WEDGES) + 0.5) * step
    soft, full = even_rgb(hues, *SOFT), even_rgb(hues, *FULL)
    wedges, arcs = [], []
    for k in range(WEDGES):
        start, end = (frame.at(Affect.polar(step * k + d)) for d in (-0.15, step + 0.15))
        ends = f"{start[0]:.1f} {start[1]:.1f}A{r:.1f} {r:.1f} 0 0 0 {end[0]:.1f} {end[1]:.1f}"
        wedges.append(f'<path fill="{_hex(soft[k])}" d="M{x:.1f} {y:.1f}L{ends}"/>')
        arcs.append(f'<path stroke="{_hex(full[k])}" d="M{ends}"/>')
    stops = "".join(
        f'<stop offset="{s:.2f}" stop-color="{hex_of(PAPER)}" stop-opacity="{1 - s**1.5:.3f}"/>'
        for s in (0, 0.15, 0.3, 0.45, 0.6, 0.75, 0.9, 1)
    )
    return (
        f'<defs><radialGradient id="KEY-v">{stops}</radialGradient><clipPath id="KEY-c" '
        'clipPathUnits="objectBoundingBox"><circle cx=".5" cy=".5" r=".5"/></clipPath></defs>'
        f'<g>{"".join(wedges)}</g><circle cx="{x:.1f}" cy="{y:.1f}" r="{r + 0.5:.1f}" fill="url(#KEY-v)"/>'
        f'<g fill="none" stroke-width="{(RING - 1) * r:.1f}" transform="translate({x:.1f} {y:.1f}) '
        f'scale({(RING + 1) / 2:.4f}) translate({-x:.1f} {-y:.1f})">{"".join(arcs)}</g>'
    )


def _axes(frame: Frame) -> str:
    (x, y), r, u = frame.centre, frame.radius, frame.unit
    cross = f"M{x - r:.1f} {y:.1f}H{x + r:.1f}M{x:.1f} {y - r:.1f}V{y + r:.1f}"
    words = "".join(_text(word, FAINT) for word in axis_words(frame))
    return (
        f'<g fill="none" stroke="{hex_of(INK)}" stroke-width="{1.2 * u:.2f}"><path d="{cross}" opacity=".18"/>'
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{r / 2:.1f}" opacity=".1"/></g>{words}'
    )


def _mood_names(frame: Frame) -> str:
    lines = []
    for mood in mood_names(frame):
        place = MOODS.labels[mood.index].place
        lines.append(_text(mood.english, mood_rgb(place, 0.5, 0.14), bold=True))
        lines.append(_text(mood.korean, mood_rgb(place, 0.6, 0.09)))
    return "".join(lines)


def _spread(scene: Scene, k: int) -> str:
    point, (x, y), r = scene.points[k], scene.placed.homes[k], scene.frame.radius
    if not point.spread or min(point.spread.valence, point.spread.arousal) <= 0:
        return ""
    colour = hex_of(mood_rgb(point.affect))
    return (
        f'<ellipse cx="{x:.1f}" cy="{y:.1f}" rx="{point.spread.valence * r:.1f}" ry="{point.spread.arousal * r:.1f}" '
        f'fill="{colour}" fill-opacity=".12" stroke="{colour}" stroke-opacity=".4"/>'
    )


def _path(scene: Scene) -> str:
    u = scene.frame.unit
    legs = path_through([scene.placed.discs[k] for k in scene.order])
    if not legs:
        return ""
    points = [legs[0][0], *(p for leg in legs for p in leg[2::2])]
    line = "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
    heads = [head for head in (arrow_head(leg, 13 * u, scene.placed.radius) for leg in legs) if head]
    arrows = "".join("M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in head) + "Z" for head in heads)
    return (
        f'<path d="{line}" fill="none" stroke="{hex_of(INK)}" stroke-opacity=".45" stroke-width="{1.8 * u:.2f}" '
        f'stroke-linejoin="round"/><path d="{arrows}" fill="{hex_of(mixed(INK, PAPER, 0.35))}"/>'
    )


def _line_home(scene: Scene, k: int) -> str:
    (x, y), home, u = scene.placed.discs[k], scene.placed.homes[k], scene.frame.unit
    colour = hex_of(mixed(mood_rgb(scene.points[k].affect), INK, 0.3))
    return (
        f'<path d="M{home[0]:.1f} {home[1]:.1f}L{x:.1f} {y:.1f}" stroke="{colour}" stroke-width="{1.4 * u:.2f}"/>'
        f'<circle cx="{home[0]:.1f}" cy="{home[1]:.1f}" r="{3.4 * u:.1f}" fill="{colour}" stroke="{hex_of(PAPER)}"/>'
    )


def _point(scene: Scene, k: int) -> str:
    """A point: picture or plain disc in a ring of its mood's colour, its number; a tooltip on top."""
    point, u = scene.points[k], scene.frame.unit
    (x, y), radius = scene.placed.discs[k], scene.placed.radius
    colour = mood_rgb(point.affect)
    out = [f"<g><title>{escape(_told(point))}</title>"]
    out.append(
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius - 0.5 * u:.1f}" fill="{hex_of(colour)}" '
        f'stroke="{hex_of(PAPER)}" stroke-width="{1.2 * u:.2f}"/>'
    )
    if point.thumbnail is not None and len(scene.points) <= PICTURED:
        inner = radius - u - max(2.5 * u, 0.09 * radius)
        out.append(
            f'<image x="{x - inner:.1f}" y="{y - inner:.1f}" width="{2 * inner:.1f}" height="{2 * inner:.1f}" '
            f'clip-path="url(#KEY-c)" href="{_jpeg(point.thumbnail, inner)}"/>'
        )
    return "".join(out) + (_rank(scene, k) if k in scene.ranks else "") + "</g>"


def _rank(scene: Scene, k: int) -> str:
    u, radius = scene.frame.unit, scene.placed.radius
    size = min(max(0.34 * radius, 8 * u), 13 * u)
    x, y = (c - 0.72 * radius for c in scene.placed.discs[k])
    deep = hex_of(mixed(mood_rgb(scene.points[k].affect), INK, 0.35))
    return (
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{0.92 * size:.1f}" fill="{deep}" stroke="{hex_of(PAPER)}"/>'
        f'<text x="{x:.1f}" y="{y + 0.36 * size:.1f}" font-size="{size:.1f}" text-anchor="middle" font-weight="700" '
        f'fill="{hex_of(PAPER)}">{scene.ranks[k]}</text>'
    )


def _text(name: Name, colour: RGB, bold: bool = False, halo: bool = False) -> str:
    x, y = (name.box.left + name.box.right) / 2, (name.box.top + name.box.bottom) / 2 + 0.36 * name.size
    style = ' font-weight="700"' if bold else ""
    if halo:
        style += f' stroke="{hex_of(PAPER)}" stroke-width="{0.28 * name.size:.1f}" paint-order="stroke"'
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="{name.size:.1f}" text-anchor="middle" '
        f'fill="{hex_of(colour)}"{style}>{escape(name.text)}</text>'
    )


def _jpeg(pixels: NDArray[np.uint8], radius: float) -> str:
    """A picture as a data URI, with pixels to spare for dense screens."""
    buffer = io.BytesIO()
    disc_picture(pixels, min(128, max(24, round(3 * radius)))).save(buffer, "JPEG", quality=80)
    return "data:image/jpeg;base64," + base64.b64encode(buffer.getvalue()).decode("ascii")


def _hex(colour: NDArray[np.uint8]) -> str:
    red, green, blue = (int(v) for v in colour)
    return hex_of((red, green, blue))
