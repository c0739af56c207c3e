"""Words for what moves: a clip, or photos that became a film, in three captions like those of a photo.

The first says what it is and what one moment of it shows, the second more of that moment, the third how the feeling goes.
"""

from __future__ import annotations

from dataclasses import replace

from moodscore.affect import Affect
from moodscore.grammar import english
from moodscore.schemes import mood_of
from moodscore.see.words import Described
from moodscore.see.words_captions import NEUTRAL
from moodscore.trajectory import Trajectory

VERSION = "moving@1"
EDGE = 0.2  # share of the whole that is its beginning, and its end
STILL = 0.25  # distance on the plane up to which a feeling has not moved
STIRRING = 0.3  # arousal by which the most stirring moment must pass the mean


def describe(moment: Described, feeling: Trajectory, photos: int = 0) -> Described:
    """A clip in words, from one moment of it and its feeling over time; a film of so many `photos` from its first one."""
    whole_en = f"a film of {english.number(photos)} photos" if photos else f"a clip of {_length_en(feeling.duration_s)}"
    whole_ko = f"사진 {photos}장으로 만든 영상으로" if photos else f"{_length_ko(feeling.duration_s)} 길이의 영상으로"
    of_en, of_ko = ("the first", "첫 장면은") if photos else ("one moment of it", "한 장면은")
    at_en, at_ko = ("in the first photo", "첫 사진에서는") if photos else ("in that moment", "그 장면에서는")
    return replace(
        moment,
        english=(
            english.sentence(f"{whole_en}; {of_en} is {_inside(moment.english[0])}"),
            english.sentence(f"{at_en}, {_frame(_inside(moment.english[1]), photos)}"),
            english.sentence(_course_en(feeling)),
        ),
        korean=(
            f"{whole_ko}, {of_ko} {moment.korean[0].replace('담은 사진입니다', '담고 있습니다')}",
            f"{at_ko} {moment.korean[1] if photos else moment.korean[1].replace('사진', '화면')}",
            f"{_course_ko(feeling)}.",
        ),
        source=f"{moment.source}+{VERSION}",
    )


def _inside(sentence: str) -> str:
    """A sentence as it stands within another."""
    return sentence[:1].lower() + sentence[1:].rstrip(".")


def _frame(text: str, photos: int) -> str:
    return text if photos else text.replace("the photo", "the frame").replace("the picture", "the frame")


def _length_en(seconds: float) -> str:
    whole = max(1, round(seconds))
    return f"{whole} second{'s' * (whole > 1)}" if whole < 60 else f"{english.clock(whole)} minutes"


def _length_ko(seconds: float) -> str:
    minutes, rest = divmod(max(1, round(seconds)), 60)
    return f"{minutes}분 {rest}초" if minutes and rest else f"{minutes}분" if minutes else f"{rest}초"


def _course(feeling: Trajectory) -> tuple[Affect, ...]:
    """The feeling throughout, alone where it stays what it is called; else those of the beginning and of the end."""
    length = feeling.duration_s
    begins, ends = feeling.mean(0.0, EDGE * length), feeling.mean((1 - EDGE) * length, length)
    stays = begins.distance(ends) <= STILL or _named(begins) == _named(ends)
    return (feeling.mean(),) if stays else (begins, ends)


def _peak_s(feeling: Trajectory) -> float | None:
    """When it is most stirring, in seconds; None when no moment stands out."""
    time_s, most = max(zip(feeling.times_s, feeling.affects, strict=True), key=lambda pair: pair[1].arousal)
    return time_s if most.arousal > feeling.mean().arousal + STIRRING else None


def _course_en(feeling: Trajectory) -> str:
    first, *last = map(_name_en, _course(feeling))
    said = f"it begins {first} and ends {last[0]}" if last else f"from beginning to end it feels {first}"
    peak_s = _peak_s(feeling)
    return said if peak_s is None else f"{said}, most stirring at {english.clock(peak_s)}"


def _course_ko(feeling: Trajectory) -> str:
    first, *last = map(_name_ko, _course(feeling))
    said = f"{first} 느낌으로 시작해 {last[0]} 느낌으로 끝" if last else f"처음부터 끝까지 {first} 느낌이 이어"
    peak_s = _peak_s(feeling)
    if peak_s is None:
        return said + ("납니다" if last else "집니다")
    return said + ("나며" if last else "지며") + f", {_length_ko(peak_s)}쯤 가장 고조됩니다"


def _named(affect: Affect) -> str:
    return "" if affect.radius < NEUTRAL else mood_of(affect).name


def _name_en(affect: Affect) -> str:
    return _named(affect) or "almost neutral"


def _name_ko(affect: Affect) -> str:
    return mood_of(affect).korean if _named(affect) else "거의 중립적인"
