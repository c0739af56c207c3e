"""The faces of a photo in one picture: numbered boxes, what each expression says as bars, and all of them on the plane."""

from __future__ import annotations

from collections.abc import Sequence

from PIL import Image, ImageDraw

from moodscore.draw.colour import FAINT, INK, PAPER, RGB
from moodscore.draw.small_plane import SCALE, Canvas, Dot, colour_of, font, small_plane
from moodscore.media import Box, Face, Photo
from moodscore.reading import Reading
from moodscore.schemes import SCHEMES

WIDTH, MARGIN, PLANE = 1200, 24, 440
PHOTO_WIDTH, PHOTO_HEIGHT = WIDTH - 3 * MARGIN - PLANE, 620
CARDS_IN_ROW, MOST_CARDS, CARD_HEIGHT = 4, 8, 216
NOTE = "What a face shows is not what a person feels inside."


def faces_png(photo: Photo, faces: Sequence[tuple[Face, Reading]]) -> Image.Image:
    """The photo with its faces numbered as given, bars for the first eight, and the plane; RGB, 1200 pixels wide.

    Bars and crosses are of the scheme of the readings' labels. `faces` holds at least one.
    """
    shown = fitted(photo, PHOTO_WIDTH, PHOTO_HEIGHT)
    for number, (face, reading) in reversed(list(enumerate(faces, start=1))):
        outline(shown, face.box, str(number), colour_of(reading.affect))
    places, height = _card_places(min(len(faces), MOST_CARDS), shown.height // SCALE)
    page = Image.new("RGB", (WIDTH * SCALE, height * SCALE), PAPER)
    page.paste(shown, ((MARGIN + (PHOTO_WIDTH - shown.width // SCALE) // 2) * SCALE, MARGIN * SCALE))
    few = len(faces) <= MOST_CARDS
    dots = [Dot(r.affect, str(k) if few else "", 11 if few else 5) for k, (_, r) in enumerate(faces, start=1)]
    plane = small_plane(PLANE, dots, SCHEMES[faces[0][1].labels.scheme])
    page.paste(plane, ((WIDTH - MARGIN - PLANE) * SCALE, MARGIN * SCALE))
    for number, (at, (_, reading)) in enumerate(zip(places, faces, strict=False), start=1):
        _card(page, at, str(number), reading)
    more = len(faces) - len(places)
    foot = (MARGIN * SCALE, (height - MARGIN) * SCALE)
    text = f"{NOTE}  {more} more without bars." if more else NOTE
    ImageDraw.Draw(page).text(foot, text, fill=FAINT, font=font(12), anchor="lm")
    return page.reduce(SCALE)


def _card_places(count: int, photo_height: int) -> tuple[list[tuple[int, int]], int]:
    """Upper left corners of the cards in finished pixels, and the page's height: one under the plane, more in rows."""
    foot = 2 * MARGIN
    if count == 1:
        under = MARGIN + PLANE + MARGIN
        return [(WIDTH - MARGIN - PLANE, under)], max(MARGIN + photo_height, under + CARD_HEIGHT) + foot
    top = MARGIN + max(photo_height, PLANE) + MARGIN
    wide = (WIDTH - 2 * MARGIN) // CARDS_IN_ROW
    places = [(MARGIN + k % CARDS_IN_ROW * wide, top + k // CARDS_IN_ROW * CARD_HEIGHT) for k in range(count)]
    return places, places[-1][1] + CARD_HEIGHT + foot


def fitted(photo: Photo, width: int, height: int) -> Canvas:
    """The photo as large as fits `width` x `height`, at most 6 times its own size; SCALE times as large for shrinking."""
    across, down = photo.size
    scale = min(width / across, height / down, 6.0) * SCALE
    size = max(SCALE, round(across * scale)), max(SCALE, round(down * scale))
    return Image.fromarray(photo.pixels).resize(size, Image.Resampling.BICUBIC)


def outline(picture: Canvas, box: Box, text: str, colour: RGB) -> None:
    """Draw a box with a numbered badge at its upper left corner into a picture that is SCALE times as large."""
    pen = ImageDraw.Draw(picture)
    left, top = box.left * picture.width, box.top * picture.height
    right, bottom = box.right * picture.width, box.bottom * picture.height
    small = min(right - left, bottom - top) < 60 * SCALE
    line = (2 if small else 3) * SCALE
    edges = [left, top, max(left + 1, right), max(top + 1, bottom)]
    pen.rounded_rectangle(edges, line * 2, outline=(255, 255, 255), width=line + SCALE)
    pen.rounded_rectangle(edges, line * 2, outline=colour, width=line)
    badge(picture, (left, top), text, 8 if small else 12, colour)


def badge(picture: Canvas, at: tuple[float, float], text: str, radius: float, colour: RGB) -> None:
    """A filled circle with a number, moved inside the picture where it would stick out; `radius` in finished pixels."""
    if not text:
        return
    reach = radius * SCALE
    x = min(max(at[0], reach), max(reach, picture.width - reach))
    y = min(max(at[1], reach), max(reach, picture.height - reach))
    pen = ImageDraw.Draw(picture)
    pen.ellipse([x - reach, y - reach, x + reach, y + reach], fill=colour, outline=(255, 255, 255), width=SCALE)
    pen.text(
        (x, y), text, fill=(255, 255, 255), font=font(radius * (1.15 if len(text) < 2 else 0.95), True), anchor="mm"
    )


def _card(page: Canvas, at: tuple[int, int], number: str, reading: Reading) -> None:
    """One face's number, likeliest label, mood, and a bar for each label; `at` in finished pixels."""
    left, top = at
    badge(page, ((left + 12) * SCALE, (top + 12) * SCALE), number, 12, colour_of(reading.affect))
    pen = ImageDraw.Draw(page)
    feeling = f"{reading.mood.name}   {reading.affect.valence:+.2f} / {reading.affect.arousal:+.2f}"
    place = ((left + 34) * SCALE, (top + 12) * SCALE)
    pen.text(place, reading.labels.top.name, fill=INK, font=font(15, True), anchor="lm")
    over = place[0] + pen.textlength(reading.labels.top.name + "   ", font=font(15, True))
    pen.text((over, place[1]), feeling, fill=FAINT, font=font(13), anchor="lm")
    bars(pen, (left, top + 32), (WIDTH - 2 * MARGIN) // CARDS_IN_ROW - 30, reading)


def bars(pen: ImageDraw.ImageDraw, at: tuple[int, int], width: int, reading: Reading) -> None:
    """A bar for each label of a reading, in the colour of the label's place, 22 pixels a row; `at` in finished pixels."""
    left, top = at
    names, room = 76, width - 76 - 40
    for row, (label, prob) in enumerate(zip(SCHEMES[reading.labels.scheme].labels, reading.labels.probs, strict=True)):
        y = (top + 22 * row + 11) * SCALE
        first = reading.labels.top is label
        pen.text(
            ((left + names - 8) * SCALE, y), label.name, fill=INK if first else FAINT, font=font(13, first), anchor="rm"
        )
        x = (left + names) * SCALE
        pen.rounded_rectangle([x, y - 6 * SCALE, x + room * SCALE, y + 6 * SCALE], 6 * SCALE, fill=(238, 236, 231))
        end = x + max(2.0, prob * room) * SCALE
        radius = min(6 * SCALE, (end - x) / 2)
        pen.rounded_rectangle([x, y - 6 * SCALE, end, y + 6 * SCALE], radius, fill=colour_of(label.place))
        at_end = ((left + width) * SCALE, y)
        pen.text(at_end, f"{prob:.0%}", fill=INK if first else FAINT, font=font(12), anchor="rm")
