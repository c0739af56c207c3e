"""Answers: three points of the plane from which music answers a photo, and why each was chosen, in a line.

- faithful: what was read in the photo.
- neighbour: the mood beside it on the ring. Of the two neighbours the one that the reading finds likelier (or, where it
  gives them alike, the nearer one), at the nearest place that lies `TANGIBLE` from the photo.
- contrast: what the photo lacks. An unpleasant photo is answered with comfort: as pleasant as the photo is not, and calm.
  Any other is answered with the opposite energy, no less pleasant: calm wakes up, excitement comes to rest. The axis that
  turns moves by at least `FAR`.

The rule is this project's own choice. That the neighbour nuances and the contrast turns one axis, not both, keeps all three
music for the same photo.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from moodscore.affect import Affect
from moodscore.reading import Reading
from moodscore.schemes import MOODS, Label, mood_of

FAITHFUL, NEIGHBOUR, CONTRAST = "faithful", "neighbour", "contrast"
ROLES = (FAITHFUL, NEIGHBOUR, CONTRAST)
TANGIBLE = 0.4  # plane units between the photo and its neighbour; the judge is .3 off on either axis
FAR = 0.7  # by which the contrast turns an axis at least
UNPLEASANT = -0.1  # valence below which a photo is comforted
SOOTHING, CALM_SHARE = 0.3, 0.45  # how calm what comforts is at least, and for each bit that it is pleasant: peaceful
PLEASANT = 0.2  # valence of what wakes up or comes to rest, at least
MIDDLE = 0.15  # arousal to either side of 0 from which neither calm nor excited leads
_RADII = tuple(0.35 + 0.05 * k for k in range(13))
_TURNS_DEG = (0.0, 7.5, 15.0)  # of the mood's middle, away from the photo
_EVEN = 0.02  # probabilities that differ by less are alike


@dataclass(frozen=True, slots=True)
class Answer:
    """A point that music is asked for: its role (one of `ROLES`), and why, in English and in Korean, without a full stop."""

    role: str
    affect: Affect
    why_en: str
    why_ko: str


def three(reading: Reading) -> tuple[Answer, Answer, Answer]:
    """The faithful, the neighbouring and the contrasting point for what was read in a photo; always the same for it."""
    beside = neighbour(reading)
    return _faithful(reading), beside, _contrast(reading.affect, beside)


def _faithful(reading: Reading) -> Answer:
    mood = reading.mood
    said = f"says what the photo says: {mood.name}"
    return Answer(FAITHFUL, reading.affect, said, f"사진의 느낌 그대로, {mood.korean} 음악입니다")


def neighbour(reading: Reading) -> Answer:
    """The neighbouring mood, at the nearest place of its octant that is tangibly away from the photo."""
    home, felt = MOODS.labels.index(reading.mood), reading.affect
    pair = {step: MOODS.labels[(home + step) % 8] for step in (1, -1)}
    nearer = 1 if _turned(felt.angle_deg - reading.mood.hue) >= 0 else -1
    step, shares = nearer, {s: _share(reading, label) for s, label in pair.items()}
    if abs(shares[1] - shares[-1]) >= _EVEN:
        step = max(shares, key=shares.__getitem__)
    places = (Affect.polar(pair[step].hue + step * turn, radius) for turn in _TURNS_DEG for radius in _RADII)
    away = [place for place in places if place.distance(felt) >= TANGIBLE]
    mood, place = pair[step], min(away, key=lambda p: (round(p.distance(felt), 6), p.radius))
    share = shares[step]
    sure = f" ({round(100 * share)}\u00a0% likely)" if share >= _EVEN else ""
    sure_ko = f" (가능성 {round(100 * share)}\u00a0%)" if share >= _EVEN else ""
    return Answer(
        NEIGHBOUR,
        place,
        f"goes one step along the ring of moods, from {reading.mood.name} to {mood.name}, the photo's next feeling{sure}",
        f"느낌의 고리에서 한 걸음 옆, {reading.mood.korean} 느낌 다음으로 가까운 {mood.korean} 음악입니다{sure_ko}",
    )


def _share(reading: Reading, mood: Label) -> float:
    """How likely the reading finds a mood; 0 where it speaks of other labels."""
    return reading.labels[mood.name] if reading.labels.scheme == MOODS.name else 0.0


def _turned(angle_deg: float) -> float:
    """An angle as -180 .. 180 degrees."""
    return (angle_deg + 180.0) % 360.0 - 180.0


def _contrast(felt: Affect, beside: Answer) -> Answer:
    """Comfort for what is unpleasant, the opposite energy for the rest."""
    if felt.valence < UNPLEASANT:
        pleasant = felt.valence + max(FAR, -2 * felt.valence)
        place = Affect.clipped(pleasant, min(felt.arousal, -max(SOOTHING, CALM_SHARE * pleasant)))
        mood = mood_of(place)
        return Answer(
            CONTRAST,
            place,
            f"comforts: as pleasant as the photo is not, and calm: {mood.name} where it is {mood_of(felt).name}",
            f"사진과 반대로 밝고 차분하게 위로하는, {mood.korean} 음악입니다",
        )
    up = felt.arousal < 0 if abs(felt.arousal) >= MIDDLE else beside.affect.arousal < felt.arousal
    turn = max(FAR, 2 * abs(felt.arousal))
    place = Affect.clipped(max(felt.valence, PLEASANT), felt.arousal + math.copysign(turn, 1 if up else -1))
    mood = mood_of(place)
    if up:
        return Answer(
            CONTRAST,
            place,
            f"wakes the photo up: no less pleasant, with the energy it lacks, {mood.name}",
            f"사진에 없는 힘을 더해 깨우는, {mood.korean} 음악입니다",
        )
    return Answer(
        CONTRAST,
        place,
        f"lets the photo come to rest: no less pleasant, as calm as it is not, {mood.name}",
        f"사진의 들뜬 기운을 가라앉히는, {mood.korean} 음악입니다",
    )


def reason(answer: Answer, genre: str, genre_ko: str, tempo_bpm: float) -> tuple[str, str]:
    """Why this tune, in one line: English and Korean."""
    pace = round(tempo_bpm)
    english = f"{answer.why_en[:1].upper()}{answer.why_en[1:]}; as {genre} at {pace} bpm."
    return english, f"{answer.why_ko}. 장르는 {genre_ko}, 빠르기는 분당 {pace}박입니다."
