"""Defined results for every kind of picture: many faces, none, half a face, covered, drawn, tiny, a crowd of a hundred.

All pictures are made from one photograph in the public domain (NASA's portrait of Eileen Collins) or drawn here.
"""

from pathlib import Path

import cv2
import numpy as np
import pytest

from moodscore.errors import NoFace
from moodscore.media import Photo
from moodscore.prepare import image
from moodscore.see import face, people
from moodscore.see import photo as see_photo

ASTRONAUT = Path(__file__).parents[2] / "examples" / "photos" / "03-astronaut-smiling.jpg"


def photo(pixels: np.ndarray, name: str = "made.png") -> Photo:
    return Photo(np.ascontiguousarray(pixels, np.uint8), name, (pixels.shape[1], pixels.shape[0]))


@pytest.fixture(scope="module")
def portrait() -> np.ndarray:
    return image.open(ASTRONAUT).pixels


@pytest.fixture(scope="module")
def largest(portrait):
    return face.find(photo(portrait))[0]


@pytest.fixture(scope="module")
def head(portrait, largest) -> np.ndarray:
    """The head alone, 80 pixels a side."""
    height, width = portrait.shape[:2]
    half = int(0.95 * (largest.box.bottom - largest.box.top) * height)
    x, y = int(largest.box.centre[0] * width), int(largest.box.centre[1] * height)
    return cv2.resize(portrait[y - half : y + half, x - half : x + half], (80, 80), interpolation=cv2.INTER_AREA)


def well_formed(seen: Photo) -> people.Watched:
    """Watch a photo and check what must hold of every answer; returns the answer."""
    watched = people.watch(seen)
    assert list(watched.faces) == sorted(watched.faces, key=lambda f: -f.box.area)
    if watched.reading.parts:
        assert sum(p.weight for p in watched.reading.parts) == pytest.approx(1)
    else:
        assert watched.reading == see_photo.perceive(seen)
    return watched


def test_one_smiling_face_is_found_read_and_pulls_the_photo_towards_pleasant(portrait):
    watched = well_formed(photo(portrait))
    names = [p.name for p in watched.reading.parts]
    assert names[:2] == ["scene", "face 1"]
    said = {p.name: p.reading for p in watched.reading.parts}
    assert said["face 1"].labels.top.name == "happy"
    assert watched.reading.affect.valence > said["scene"].affect.valence


@pytest.mark.parametrize(("rows", "columns"), [(1, 2), (2, 2), (3, 3)])
def test_every_face_of_a_group_is_found_and_has_its_part(head, rows, columns):
    watched = well_formed(photo(np.tile(head, (rows, columns, 1))))
    assert len(watched.faces) == rows * columns
    assert len(watched.reading.parts) == 1 + rows * columns


def test_a_crowd_of_a_hundred_is_found_and_each_is_too_small_to_have_a_say(head):
    crowd = photo(np.tile(head, (10, 10, 1)))
    watched = well_formed(crowd)
    assert 95 <= len(watched.faces) <= 105
    assert watched.reading.parts == ()
    together = people.of_faces(face.perceive_all(crowd))
    assert together.labels.top.name == "happy"
    assert len(together.parts) == len(watched.faces)


NOBODY = {
    "white": np.full((30, 40, 3), 255),
    "one-pixel": np.full((1, 1, 3), 200),
    "one-row": np.full((1, 3000, 3), 200),
    "one-column": np.full((3000, 1, 3), 90),
    "noise": np.random.default_rng(0).integers(0, 255, (300, 400, 3)),
    "slope": np.linspace(0, 255, 200)[None, :, None] * np.ones((150, 1, 3)),
}


@pytest.mark.parametrize("name", NOBODY)
def test_a_picture_without_faces_is_read_as_a_scene_and_refused_as_a_face(name):
    seen = photo(NOBODY[name], f"{name}.png")
    assert well_formed(seen).faces == ()
    with pytest.raises(NoFace, match=rf"{name}\.png.*--from scene"):
        face.perceive_all(seen)


@pytest.mark.parametrize("share", [0.25, 0.5, 0.75])
@pytest.mark.parametrize("side", ["left", "right", "top", "bottom"])
def test_a_face_cut_by_the_edge_has_its_box_inside_the_picture(portrait, largest, side, share):
    height, width = portrait.shape[:2]
    box = largest.box
    x = int(width * (box.left + (share if side == "left" else 1 - share) * (box.right - box.left)))
    y = int(height * (box.top + (share if side == "top" else 1 - share) * (box.bottom - box.top)))
    cut = {"left": portrait[:, :x], "right": portrait[:, x:], "top": portrait[:y], "bottom": portrait[y:]}[side]
    for found in well_formed(photo(cut)).faces:
        assert 0 <= found.box.left < found.box.right <= 1
        assert 0 <= found.box.top < found.box.bottom <= 1


def test_three_quarters_of_a_face_are_still_a_face(portrait, largest):
    x = int(portrait.shape[1] * (largest.box.left + 0.75 * (largest.box.right - largest.box.left)))
    assert any(people.matters(found) for found in well_formed(photo(portrait[:, :x])).faces)


def covered(portrait, largest, what: str) -> np.ndarray:
    """The portrait with dark glasses or a cloth over nose and mouth."""
    out, (height, width), box = portrait.copy(), portrait.shape[:2], largest.box
    wide, high = (box.right - box.left) * width, (box.bottom - box.top) * height
    if what == "glasses":
        for x, y in largest.landmarks[:2]:
            cv2.ellipse(
                out, (int(x * width), int(y * height)), (int(0.22 * wide), int(0.13 * high)), 0, 0, 360, (9, 9, 9), -1
            )
    else:
        top, bottom = int(box.top * height + 0.55 * high), int(box.bottom * height) + 6
        out[top:bottom, int(box.left * width) : int(box.right * width)] = (200, 220, 240)
    return out


def test_dark_glasses_leave_the_smile_and_a_mask_takes_it(portrait, largest):
    """What the guide promises: often found; what is covered cannot be read, and the answer is then less sure."""
    glasses = well_formed(photo(covered(portrait, largest, "glasses")))
    assert {p.name: p.reading for p in glasses.reading.parts}["face 1"].labels["happy"] > 0.5
    plain = face.perceive(photo(portrait), largest)
    masked = face.perceive(photo(covered(portrait, largest, "mask")), largest)
    assert masked.labels["happy"] < plain.labels["happy"] - 0.3
    assert masked.confidence < plain.confidence


def test_a_drawn_face_is_read_like_any_other(portrait):
    grey = cv2.cvtColor(portrait, cv2.COLOR_RGB2GRAY)
    pencil = cv2.divide(grey, 255 - cv2.GaussianBlur(255 - grey, (0, 0), 6), scale=256)
    watched = well_formed(photo(np.repeat(pencil[..., None], 3, axis=2)))
    assert {p.name: p.reading for p in watched.reading.parts}["face 1"].labels.top.name == "happy"


def test_a_face_upside_down_is_no_face(portrait):
    assert not any(people.matters(found) for found in well_formed(photo(portrait[::-1])).faces)


def test_the_same_photo_is_read_the_same_twice(portrait):
    assert people.watch(photo(portrait)) == people.watch(photo(portrait))


def test_every_set_of_weights_behind_a_reading_is_named(portrait):
    names = [card.partition("@")[0] for card in people.cards_of(people.perceive(photo(portrait)))]
    assert names == ["expression", "face-detector", "photo-affect"]
    assert [c.partition("@")[0] for c in people.cards_of(people.perceive(photo(NOBODY["white"])))] == ["photo-affect"]
