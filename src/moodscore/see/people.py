"""People: a photo with faces is read as a whole picture and face by face, and the readings are fused by a written rule.

The rule. A face matters when its box covers more than `smallest_share` of the picture. What it can say, 0..1, is its size
(rising in a straight line from there, full at `full_share`) times the detector's score times the confidence of its
expression. All faces together get `most_weight` x (1 - product of (1 - each)), so that they never outvote the scene; they
share it by area beyond `smallest_share`, score and confidence; the scene keeps the rest. About arousal they say only
`arousal_share` of that: expressions tell raters how pleasant a photo is, much less how exciting. Fear, anger and surprise
are the exception and count in full, so that a frightened face, often taken for a surprised one, is not given calm music.
The fused feeling is the weighted mean, its spread that of the weighted mixture. recipes/people_fusion.py measures the rule
against human ratings.
A face's reading is of its expression, not of what the person feels inside.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from moodscore.affect import Affect, Spread
from moodscore.errors import UnknownModel
from moodscore.media import Face, Photo
from moodscore.reading import Part, Reading
from moodscore.schemes import Labels, mood_labels, music5_labels
from moodscore.see import face as see_face
from moodscore.see import photo as see_photo
from moodscore.weights import store

ReadFace = tuple[Face, Reading]
FACE_SCHEMES = ("expression", "music5")
ALARM = ("angry", "fear", "surprise")  # a frightened face is often taken for a surprised one


@dataclass(frozen=True, slots=True)
class Rule:
    """How much faces say: shares of the picture where a face begins to matter and says all it can; weight of all faces.

    `arousal_share` 0..1 is how much of that weight counts for arousal, except where a face shows alarm.
    """

    smallest_share: float = 0.005
    full_share: float = 0.05
    most_weight: float = 0.5
    arousal_share: float = 0.3


RULE = Rule()


@dataclass(frozen=True, slots=True)
class Watched:
    """What was read in a photo with people: the fused reading, and every face that was found, the largest first."""

    reading: Reading
    faces: tuple[Face, ...]


def matters(face: Face, rule: Rule = RULE) -> bool:
    """Whether a face is large enough in the picture to have a say."""
    return face.box.area > rule.smallest_share


def say(face: Face, reading: Reading, rule: Rule = RULE) -> float:
    """What one face can say, 0..1: size times detector score times confidence of its expression."""
    size = (face.box.area - rule.smallest_share) / (rule.full_share - rule.smallest_share)
    return min(1.0, max(0.0, size)) * min(1.0, max(0.0, face.score)) * reading.confidence


def fuse(scene: Reading, faces: Sequence[ReadFace], rule: Rule = RULE) -> Reading:
    """The reading of a whole photo: the scene's, and those of the faces that matter, weighted by the rule above.

    Without a face that matters it is `scene` itself. `parts` are "scene" and "face N", N counting `faces` from 1; their
    weights sum to 1 and are those for valence.
    """
    says = [say(face, reading, rule) for face, reading in faces]
    together = rule.most_weight * (1.0 - math.prod(1.0 - s for s in says))
    if together <= 0.0:
        return scene
    claims = [
        max(0.0, face.box.area - rule.smallest_share) * max(0.0, face.score) * reading.confidence
        for face, reading in faces
    ]
    total = math.fsum(claims)
    parts = [Part("scene", 1.0 - together, scene)]
    parts += [
        Part(f"face {number}", together * claim / total, reading)
        for number, (claim, (_, reading)) in enumerate(zip(claims, faces, strict=True), start=1)
        if claim > 0.0
    ]
    return blend(parts, [part.weight * _arousal_say(part.reading, rule) for part in parts[1:]])


def _arousal_say(reading: Reading, rule: Rule) -> float:
    """How much of its weight a face has for arousal: all of it as far as it shows alarm, else the rule's share."""
    alarm = sum(reading.labels[name] for name in ALARM) if reading.labels.scheme == "expression" else 0.0
    return rule.arousal_share + (1.0 - rule.arousal_share) * alarm


def of_faces(faces: Sequence[ReadFace]) -> Reading:
    """The reading of the faces alone, however small: weighted by area, score, confidence; one alone is unchanged.

    `faces` holds at least one.
    """
    if len(faces) == 1:
        return faces[0][1]
    claims = [f.box.area * max(1e-3, f.score) * max(1e-3, reading.confidence) for f, reading in faces]
    total = math.fsum(claims)
    return blend(
        [
            Part(f"face {number}", claim / total, reading)
            for number, (claim, (_, reading)) in enumerate(zip(claims, faces, strict=True), start=1)
        ]
    )


def blend(parts: Sequence[Part], arousal_weights: Sequence[float] | None = None) -> Reading:
    """The weighted mixture of parts whose weights sum to 1; `source` joins the sources of all parts with "+".

    `arousal_weights` are those of all parts but the first for arousal, if they differ; the first takes what is left. Labels
    of one scheme are mixed; parts with labels of different schemes give the moods around the mixture's feeling.
    """
    for_valence = [p.weight for p in parts]
    others = for_valence[1:] if arousal_weights is None else list(arousal_weights)
    for_arousal = [1.0 - math.fsum(others), *others]
    valence, valence_sd = _mixed(parts, for_valence, "valence")
    arousal, arousal_sd = _mixed(parts, for_arousal, "arousal")
    affect, spread = Affect.clipped(valence, arousal), Spread(valence_sd, arousal_sd)
    schemes = {p.reading.labels.scheme for p in parts}
    if len(schemes) == 1:
        rows = zip(*(tuple(p.weight * prob for prob in p.reading.labels.probs) for p in parts), strict=True)
        labels = Labels.of(schemes.pop(), [math.fsum(row) for row in rows])
    else:
        labels = mood_labels(affect, spread.valence, spread.arousal)
    confidence = min(1.0, math.fsum(p.weight * p.reading.confidence for p in parts))
    source = "+".join(dict.fromkeys(p.reading.source for p in parts))
    return Reading(affect, labels, confidence, source, spread, tuple(parts))


def _mixed(parts: Sequence[Part], weights: Sequence[float], axis: str) -> tuple[float, float]:
    """Mean and standard deviation on one axis of the mixture of the parts: within each part and between them."""
    means = [getattr(p.reading.affect, axis) for p in parts]
    sds = [getattr(p.reading.spread, axis) for p in parts]
    mean = math.fsum(w * m for w, m in zip(weights, means, strict=True))
    power = math.fsum(w * (sd**2 + (m - mean) ** 2) for w, m, sd in zip(weights, means, sds, strict=True))
    return mean, math.sqrt(power)


def watch(photo: Photo, scene: Reading | None = None) -> Watched:
    """Read a photo as a picture and face by face, and fuse the readings; `scene` is the picture's when it was read already.

    An install without the face models reads the picture alone, as the reading's source then says.
    """
    scene = scene or see_photo.perceive(photo)
    try:
        faces = see_face.find(photo)
        return Watched(fuse(scene, [(f, see_face.perceive(photo, f)) for f in faces if matters(f)]), faces)
    except UnknownModel:
        return Watched(scene, ())


def perceive(photo: Photo) -> Reading:
    """The feeling of a photo, faces included when they matter; `parts` says what each contributed."""
    return watch(photo).reading


def in_music5(reading: Reading) -> Reading:
    """A face's reading in the five-label mode: labels joined into music5, the feeling their mean place.

    In this mode fear, disgust and neutral are all "others", whose place is calm; the default mode has no such gap.
    Raises BadValue when the reading is not over expressions.
    """
    labels = music5_labels(reading.labels)
    parts = tuple(replace(p, reading=in_music5(p.reading)) for p in reading.parts)
    return replace(reading, affect=labels.expectation, labels=labels, spread=labels.spread, parts=parts)


def cards_of(reading: Reading) -> tuple[str, ...]:
    """The weights behind a reading as name@version, sorted: those of its parts, and the detector's if a face has a say."""
    said = [p.reading for p in reading.parts] or [reading]
    sources = {one.source for one in said}
    if any(one.labels.scheme in FACE_SCHEMES for one in said):
        sources.add(store.card(see_face.DETECTOR).source)
    return tuple(sorted(sources))


def rest() -> None:
    """Close the models between looking and long work of another kind; the next look opens them again (about .3 s)."""
    store.release()
