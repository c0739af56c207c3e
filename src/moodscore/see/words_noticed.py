"""Noticed: everything a caption may speak of, gathered in one look at a photo."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from moodscore.errors import UnknownModel
from moodscore.media import Box, Photo
from moodscore.reading import Reading
from moodscore.see import face as see_face
from moodscore.see import focus, people, words_light, words_things
from moodscore.see import photo as see_photo
from moodscore.see.people import ReadFace
from moodscore.see.words_light import Light
from moodscore.see.words_things import Named

SIDE = 720  # the shorter side in pixels that lets small faces be found
NIGHT = 20.0  # mean lightness below which the net is trusted less
LEAST_SCORE = 0.72  # of a face, to be spoken of
SURE_SCORE = 0.82  # of a face that is spoken of though the net sees an animal
ANIMAL = 0.1  # share from which it does
LARGE_FACE = 0.05  # share of the picture from which people are seen close up
SMALL_FACE = 0.006  # share below which they are small in the picture
SHOWN = 0.5  # probability from which an expression is named
REGION = 0.4  # no larger part of a picture is what the eye goes to
NEAR = ("animal", "plant", "food", "object", "musical instrument")
STEP = 12.0  # difference in lightness from the rest that makes a part lighter or darker


@dataclass(frozen=True, slots=True)
class Spot:
    """Where the eye goes: "left", "middle" or "right", what sets that part off from the rest.

    `shade` is "lighter", "darker" or "", `colour` a key of words_light.COLOURS or ""; one of them is said.
    """

    where: str
    shade: str
    colour: str


@dataclass(frozen=True, slots=True)
class Noticed:
    """What was seen in a photo: its feeling, its light, thing and place, the faces (largest first), where the eye goes.

    `brightest` is as words_light.brightest_side gives it; `maybe_more` tells that further faces were half seen.
    """

    reading: Reading
    light: Light
    named: Named = Named()
    faces: tuple[ReadFace, ...] = ()
    spot: Spot | None = None
    brightest: str = ""
    maybe_more: bool = False

    @property
    def framing(self) -> str:
        """The word "close" or "wide", or "" for neither."""
        if self.faces:
            largest = self.faces[0][0].box.area
            return "close" if largest >= LARGE_FACE else "wide" if largest < SMALL_FACE else ""
        if self.set_off and self.named.place is None:
            return "close"
        return "wide" if self.light.aspect >= words_light.WIDE_ASPECT else ""

    @property
    def set_off(self) -> bool:
        """Whether the thing is of a size that is photographed from near, and sharp before a soft background."""
        return self.named.thing is not None and self.named.thing.kind in NEAR and self.light.soft_surround

    @property
    def expression(self) -> str:
        """The expression that most faces clearly show, by its name in schemes.EXPRESSIONS; "" when there is none."""
        clear = [r.labels.top.name for _, r in self.faces if r.confidence >= SHOWN and r.labels.scheme == "expression"]
        name = max(sorted(set(clear)), key=clear.count, default="")
        return name if clear.count(name) * 2 > len(self.faces) else ""


def notice(photo: Photo) -> Noticed:
    """Look at a photo once for all that a caption needs; an install without the face models speaks of no people.

    Raises UnknownModel and BadWeights when the photo reader is not there.
    """
    scene = see_photo.look(photo)
    light = words_light.measure(photo)
    try:
        found = [(face, see_face.perceive(photo, face)) for face in see_face.find(photo)]
    except UnknownModel:
        found = []
    named = words_things.named(np.asarray(scene.imagenet, np.float32), light.lightness < NIGHT)
    least = LEAST_SCORE if named.animal_share < ANIMAL else SURE_SCORE
    faces = tuple(pair for pair in found if pair[0].score >= least)
    if found and named.thing is not None and named.thing.kind == "animal":
        # Dogs have faces to the detector, and crying babies are dogs to the net: where they disagree neither is believed.
        named = replace(named, thing=None, thing_share=0.0)
    reading = people.fuse(scene.reading, [pair for pair in found if people.matters(pair[0])])
    side = words_light.brightest_side(photo)
    return Noticed(reading, light, named, faces, _spot(photo), side, len(found) > len(faces))


def _spot(photo: Photo) -> Spot | None:
    """Where the eye goes, when that is one part of the picture which differs from the rest in light."""
    boxes = [box for box in focus.regions(photo) if box.area <= REGION]
    if not boxes:
        return None
    inside, outside = words_light.lightness_in_and_out(photo, boxes[0])
    shade = "lighter" if inside > outside + STEP else "darker" if inside < outside - STEP else ""
    colour = words_light.colour_at(photo, boxes[0])
    return Spot(_where(boxes[0]), shade, colour) if shade or colour else None


def _where(box: Box) -> str:
    across = box.centre[0]
    return "left" if across < 0.4 else "right" if across > 0.6 else "middle"
