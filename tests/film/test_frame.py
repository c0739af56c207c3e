from __future__ import annotations

import numpy as np
import pytest

from moodscore.film.effects import WHOLE, Camera, Move, aim, still
from moodscore.film.frame import mixed, on_fill, picture, wanted_side
from moodscore.media import Box

SIZE = (160, 90)


def flat(colour: tuple[int, int, int], size: tuple[int, int] = (160, 90)) -> np.ndarray:
    return np.full((size[1], size[0], 3), colour, np.uint8)


def split(frame: np.ndarray, size: tuple[int, int] = SIZE) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    luma, chroma = size[0] * size[1], size[0] * size[1] // 4
    half = (size[1] // 2, size[0] // 2)
    return (
        frame[:luma].reshape(size[1], size[0]),
        frame[luma : luma + chroma].reshape(half),
        frame[luma + chroma :].reshape(half),
    )


@pytest.mark.parametrize(
    ("colour", "expected"),
    [  # ITU-R BT.709 limited range
        ((0, 0, 0), (16, 128, 128)),
        ((255, 255, 255), (235, 128, 128)),
        ((255, 0, 0), (63, 102, 240)),
        ((0, 255, 0), (173, 42, 26)),
        ((0, 0, 255), (32, 240, 118)),
        ((128, 128, 128), (126, 128, 128)),
    ],
)
def test_colours_become_bt709(colour: tuple[int, int, int], expected: tuple[int, int, int]) -> None:
    planes = split(picture(flat(colour), still(16 / 9, 16 / 9), SIZE).seen(WHOLE, SIZE))
    for plane, value in zip(planes, expected, strict=True):
        assert np.abs(plane.astype(int) - value).max() <= 1


def test_a_picture_of_the_frames_size_comes_through_untouched() -> None:
    grey = np.random.default_rng(0).integers(0, 256, (90, 160, 1), np.uint8).repeat(3, axis=2)
    luma, _, _ = split(picture(grey, still(16 / 9, 16 / 9), SIZE).seen(WHOLE, SIZE))
    assert np.abs(luma - (16 + grey[..., 0] * (219 / 255))).max() <= 1.0


def ramp(width: int, height: int) -> np.ndarray:
    """A picture whose grey level says where one is from left to right."""
    return np.linspace(0, 255, width).round().astype(np.uint8)[None, :, None].repeat(height, 0).repeat(3, 2)


def test_a_window_shows_what_lies_in_it() -> None:
    window = Box(0.25, 0.25, 0.75, 0.75)
    luma, _, _ = split(picture(ramp(640, 360), Camera(window, window), SIZE).seen(window, SIZE))
    level = (luma[45].astype(float) - 16) / 219
    assert level[0] == pytest.approx(0.25, abs=0.01)
    assert level[-1] == pytest.approx(0.75, abs=0.01)


def test_the_camera_moves_by_less_than_a_pixel_without_jitter() -> None:
    """A slow pan over a slanting soft edge: the edge, located by its grey levels, moves evenly."""
    y, x = np.mgrid[:225, :400]
    edge = (255 / (1 + np.exp(-(x - 200 - 0.137 * y) / 6))).round().astype(np.uint8)
    pixels = edge[..., None].repeat(3, 2)
    camera = Camera(Box(0.0, 0.0, 0.9, 0.9), Box(0.1, 0.1, 1.0, 1.0))
    looked_at = picture(pixels, camera, SIZE)
    places = []
    for step in np.linspace(0, 0.02, 41):  # 2 % of the picture in 41 frames: 0.09 pixels each
        luma, _, _ = split(looked_at.seen(Box(step, 0.05, step + 0.9, 0.95), SIZE))
        places.append((235.0 - luma.astype(float)).sum(axis=1).mean() / 219)
    moved = -np.diff(places)
    assert moved.mean() == pytest.approx(0.0005 * 160 / 0.9, rel=0.05)
    assert (
        np.abs(moved - moved.mean()).max() < 0.05
    )  # what rounding grey levels costs; snapping to pixels would cost 0.9


def test_chroma_stays_on_its_luma() -> None:
    """A red and a green half: where luma changes over, chroma changes over as well, to a quarter of a chroma sample."""
    pixels = flat((255, 0, 0), (320, 180))
    pixels[:, 160:] = (0, 255, 0)
    luma, _, red = split(picture(pixels, still(16 / 9, 16 / 9), SIZE).seen(WHOLE, SIZE))
    luma_edge = (luma[45].astype(float) - 63).sum() / (173 - 63)  # pixels that are green
    red_edge = (240.0 - red[22].astype(float)).sum() / (240 - 26)
    assert 160 - luma_edge == pytest.approx(80, abs=0.1)
    # Left siting: chroma sample j lies over luma sample 2 j, so the change over falls a quarter of a sample later.
    assert 80 - red_edge == pytest.approx(40.25, abs=0.1)


def test_two_photos_cross_in_equal_parts() -> None:
    black, white = (picture(flat(c), still(16 / 9, 16 / 9), SIZE).seen(WHOLE, SIZE) for c in ((0,) * 3, (255,) * 3))
    luma, blue, red = split(mixed([(black, 0.5), (white, 0.5)], SIZE))
    assert np.abs(luma.astype(float) - 125.5).max() <= 0.5
    assert (blue == 128).all()
    assert (red == 128).all()


def test_a_photo_fades_to_the_black_of_video() -> None:
    red = picture(flat((255, 0, 0)), still(16 / 9, 16 / 9), SIZE).seen(WHOLE, SIZE)
    assert mixed([(red, 1.0)], SIZE) is red
    half = [int(plane[3, 3]) for plane in split(mixed([(red, 0.5)], SIZE))]
    assert half == pytest.approx([39.5, 115, 184], abs=0.6)
    for plane, value in zip(split(mixed([], SIZE)), (16, 128, 128), strict=True):
        assert (plane == value).all()


def test_the_fill_keeps_the_photo_whole_and_darkens_around_it() -> None:
    photo = flat((200, 160, 120), (60, 90))
    filled = on_fill(photo, WHOLE, SIZE)
    assert filled.shape == (90, 160, 3)
    assert np.abs(filled[5:-5, 55:105].astype(int) - (200, 160, 120)).max() <= 1
    assert filled[:, :40].mean() < 0.5 * 160
    assert filled[:, :40].min() > 0
    assert np.allclose(filled[:, :40].mean((0, 1)), filled[:, -40:].mean((0, 1)), atol=1)


@pytest.mark.parametrize("size", [(1, 1), (3, 1), (1, 300), (301, 7), (33, 97), (960, 40)])
@pytest.mark.parametrize("move", [Move(), Move(1.16, 0.1, 200.0)])
def test_pictures_of_every_shape_fill_the_frame(size: tuple[int, int], move: Move) -> None:
    colour = (180, 90, 60)
    camera = aim(move, size[0] / size[1], 16 / 9)
    looked_at = picture(flat(colour, size), camera, SIZE)
    for share in (0.0, 0.5, 1.0):
        luma, _, _ = split(looked_at.seen(camera.at(share), SIZE))
        assert size == (1, 300) or abs(int(luma[45, 80]) - 108) <= 1  # the photo itself in the middle
        assert luma.min() > 20


@pytest.mark.parametrize(
    ("full", "zoom", "wanted"),
    [((4000, 3000), 1.0, 960), ((4000, 3000), 1.1, 1056), ((3000, 4000), 1.0, 540), ((6000, 2000), 1.0, 427)],
)
def test_a_photo_is_decoded_as_large_as_it_is_shown(full: tuple[int, int], zoom: float, wanted: int) -> None:
    camera = aim(Move(zoom), full[0] / full[1], 16 / 9)
    assert wanted_side(full, camera, (1280, 720)) == pytest.approx(wanted, abs=1)
