"""Captions: what was noticed in a photo, said in three sentences, in English and in Korean.

The first is about the scene, the second about people or the main thing, the third about the feeling. Each claims only what
was noticed; what the net is unsure of is said with "seems". An expression is what a face shows, not what a person feels.
"""

from __future__ import annotations

from moodscore.grammar import english, korean
from moodscore.see.words_light import ACHROMATIC, COLOURS
from moodscore.see.words_noticed import LARGE_FACE, SMALL_FACE, Noticed, Spot
from moodscore.see.words_things import SURE, Thing

NEUTRAL = 0.17  # distance from the centre of the plane below which a feeling is almost neutral
EDGE = 0.12  # distance from 0 on an axis up to which it is neutral
UNSURE = 0.35  # confidence below which a feeling is said with reserve

_COLOURS_EN = {
    "grey": ", almost without colour",
    "colourful": "in many colours",
    "warm": "in warm colours",
    "cold": "in cold colours",
}
_COLOURS_KO = {
    "grey": "무채색으로",
    "colourful": "다채로운 색으로",
    "warm": "따뜻한 색감으로",
    "cold": "차가운 색감으로",
}
_EXPRESSIONS = {
    "angry": ("an angry", "화난"),
    "disgust": ("a disgusted", "불쾌한"),
    "fear": ("a frightened", "겁먹은"),
    "happy": ("a happy", "행복한"),
    "sad": ("a sad", "슬픈"),
    "surprise": ("a surprised", "놀란"),
    "neutral": ("a neutral", "무덤덤한"),
}
_KIND_KO = {
    "animal": "동물",
    "plant": "식물",
    "food": "음식",
    "vehicle": "탈것",
    "building": "건축물",
    "musical instrument": "악기",
    "piece of furniture": "가구",
}
_SIDES = {
    "top": ("at the top", "위쪽"),
    "bottom": ("at the bottom", "아래쪽"),
    "left": ("on the left", "왼쪽"),
    "right": ("on the right", "오른쪽"),
    "middle": ("in the middle", "가운데"),
}
_WHERE = {"left": ("on the left", "왼쪽"), "middle": ("in the middle", "가운데"), "right": ("on the right", "오른쪽")}
_SHADE = {"lighter": ("lighter", "밝은"), "darker": ("darker", "어두운")}


def in_english(seen: Noticed) -> tuple[str, str, str]:
    """Three English captions: the scene, people or the main thing, the feeling; one sentence each."""
    return english.sentence(_scene_en(seen)), english.sentence(_main_en(seen)), english.sentence(_feeling_en(seen))


def in_korean(seen: Noticed) -> tuple[str, str, str]:
    """Three Korean captions: the scene, people or the main thing, the feeling; one sentence each."""
    return english.sentence(_scene_ko(seen)), english.sentence(_main_ko(seen)), english.sentence(_feeling_ko(seen))


def named_en(thing: Thing) -> str:
    """A thing with its article, if it takes one."""
    return english.with_article(thing.english) if thing.one else thing.english


def _scene_en(seen: Noticed) -> str:
    frame = {"close": "close-up", "wide": "wide view"}.get(seen.framing, "picture")
    subject = english.with_article(" ".join(filter(None, (seen.light.level, frame))))
    place = seen.named.place
    if place is not None:
        seems = "" if seen.named.place_share >= SURE else "what seems to be "
        subject += f" of {seems}{named_en(place)}"
    return f"{subject} {_colours_en(seen)}".replace(" ,", ",") + (
        ", with strong contrast of light and dark" if seen.light.strong_contrast else ""
    )


def _colours_en(seen: Noticed) -> str:
    names = english.listed(colours_beside(seen))
    look = _COLOURS_EN.get(seen.light.colours, "")
    if look and names:
        return f"{look}, mostly {names}"
    return look or (f", mostly in {names}" if names else "in mixed colours")


def colours_beside(seen: Noticed) -> tuple[str, ...]:
    """The colours that fit beside the general word: no grey in warm colours, nothing beside many colours."""
    names = seen.light.mostly
    if seen.light.colours in ("warm", "cold"):
        return tuple(name for name in names if name not in ACHROMATIC)
    return () if seen.light.colours == "colourful" else names


def _scene_ko(seen: Noticed) -> str:
    level = {"dark": "어둡고 ", "bright": "밝고 "}.get(seen.light.level, "")
    contrast = "" if not seen.light.strong_contrast else "명암이 뚜렷하며 " if level else "명암이 뚜렷하고 "
    near = {"close": "가까이에서 ", "wide": "넓게 "}.get(seen.framing, "")
    what = ""
    if seen.named.place is not None:
        what = seen.named.place.korean
        if seen.named.place_share < SURE:
            what = f"{korean.marked(what, '으로/로')} 보이는 곳"
        what = f"{korean.marked(what, '을/를')} "
    return f"{what}{contrast}{level}{_colours_ko(seen)} {near}담은 사진입니다"


def _colours_ko(seen: Noticed) -> str:
    """How the picture was taken, as far as colours go: "주로 갈색을 띤 따뜻한 색감으로"."""
    names = [COLOURS[name] for name in colours_beside(seen)]
    joined = korean.both(*names) if len(names) == 2 else "".join(names)
    look = _COLOURS_KO.get(seen.light.colours, "")
    if look and joined:
        return (
            f"{joined} 위주의 {look}"
            if seen.light.colours == "grey"
            else f"{korean.marked(joined, '이/가')} 많은 {look}"
        )
    return look or (f"주로 {korean.marked(joined, '으로/로')}" if joined else "여러 색으로")


def _main_en(seen: Noticed) -> str:
    if seen.faces:
        return _people_en(seen)
    thing = seen.named.thing
    if thing is not None:
        verb = "shows" if seen.named.thing_share >= SURE else "seems to show"
        before = ", sharp before a soft background" if seen.set_off else ""
        return f"the photo {verb} {named_en(thing)}{before}"
    if seen.spot is None:
        return _light_en(seen.brightest)
    return f"the eye goes to {_part_en(seen.spot)} {_WHERE[seen.spot.where][0]}"


def _part_en(spot: Spot) -> str:
    return english.with_article(" ".join(filter(None, (_shade(spot)[0], spot.colour, "area"))))


def _shade(spot: Spot) -> tuple[str, str]:
    """The shade of a part in both languages, unless its colour says it already."""
    return ("", "") if spot.colour in ("black", "white") else _SHADE.get(spot.shade, ("", ""))


def _light_en(side: str) -> str:
    return (
        f"the brightest part of the picture is {_SIDES[side][0]}" if side else "light is spread evenly over the picture"
    )


def _light_ko(side: str) -> str:
    return (
        f"사진의 {korean.marked(_SIDES[side][1], '이/가')} 가장 밝습니다"
        if side
        else "빛이 사진 전체에 고르게 퍼져 있습니다"
    )


def _people_en(seen: Noticed) -> str:
    count = len(seen.faces)
    many = "at least " if count > 2 or seen.maybe_more else ""
    who = f"{many}{english.number(count)} {'person' if count == 1 else 'people'}"
    who = f"a group of {who}" if count > 2 else who
    area = seen.faces[0][0].box.area
    near = "close up" if area >= LARGE_FACE else "small in the picture" if area < SMALL_FACE else "in the picture"
    text = f"{who} {'is' if count == 1 or count > 2 else 'are'} seen {near}"
    if not seen.expression:
        return text
    shown = f"{_EXPRESSIONS[seen.expression][0]} expression"
    if count == 1:
        return f"{text}, with {shown}"
    return f"{text}, {'both' if _all_show(seen) and count == 2 else 'all' if _all_show(seen) else 'most'} with {shown}"


def _all_show(seen: Noticed) -> bool:
    return all(r.labels.top.name == seen.expression for _, r in seen.faces)


def _main_ko(seen: Noticed) -> str:
    if seen.faces:
        return _people_ko(seen)
    thing = seen.named.thing
    if thing is not None:
        before = "흐릿한 배경 앞에 " if seen.set_off else ""
        if seen.named.thing_share >= SURE:
            return f"{before}{korean.marked(thing.korean, '이/가')} 보입니다"
        kind = _KIND_KO.get(thing.kind, "물건")
        kind = "것" if kind == thing.korean else kind
        return f"{before}{korean.marked(thing.korean, '으로/로')} 보이는 {korean.marked(kind, '이/가')} 있습니다"
    if seen.spot is None:
        return _light_ko(seen.brightest)
    look = " ".join(filter(None, (_shade(seen.spot)[1], COLOURS.get(seen.spot.colour, ""), "부분")))
    return f"시선이 {_WHERE[seen.spot.where][1]}의 {korean.marked(look, '으로/로')} 향합니다"


def _people_ko(seen: Noticed) -> str:
    count = len(seen.faces)
    who = ("적어도 " if count > 2 or seen.maybe_more else "") + korean.people(count)
    area = seen.faces[0][0].box.area
    near = "가까이 " if area >= LARGE_FACE else "작게 " if area < SMALL_FACE else ""
    if not seen.expression:
        return f"{korean.marked(who, '이/가')} {near}보입니다"
    face = f"{_EXPRESSIONS[seen.expression][1]} 표정"
    if count == 1:
        who = "사람이 적어도 한 명" if seen.maybe_more else korean.marked(who, "이/가")
        return f"{korean.marked(face, '을/를')} 지은 {who} {near}보입니다"
    share = "모두" if _all_show(seen) else "대부분"
    return f"{korean.marked(who, '이/가')} {near}보이며 {share} {face}입니다"


def _pleasantness(valence: float) -> tuple[str, str, str]:
    """A valence in English, in Korean before another word, and in Korean before a noun; "" where it is neutral."""
    if abs(valence) <= EDGE:
        return "neither pleasant nor unpleasant", "", ""
    if valence > 0:
        strong = valence > 0.5
        return (
            ("very pleasant", "아주 기분 좋고", "아주 기분 좋은") if strong else ("pleasant", "기분 좋고", "기분 좋은")
        )
    if valence < -0.5:
        return "very unpleasant", "몹시 불편하고", "몹시 불편한"
    return "rather unpleasant", "다소 불편하고", "다소 불편한"


def _energy(arousal: float) -> tuple[str, str]:
    """An arousal in English and in Korean before a noun; "" where it is neutral."""
    if abs(arousal) <= EDGE:
        return "neither calm nor excited", ""
    if arousal > 0:
        return ("very lively", "몹시 들뜬") if arousal > 0.5 else ("lively", "생기 있는")
    return ("very calm", "아주 차분한") if arousal < -0.5 else ("calm", "차분한")


def _feeling_en(seen: Noticed) -> str:
    affect, mood = seen.reading.affect, seen.reading.mood.name
    if affect.radius < NEUTRAL:
        return f"the feeling is almost neutral, with a slightly {mood} tinge"
    pleasant, energy = _pleasantness(affect.valence)[0], _energy(affect.arousal)[0]
    how = f"{pleasant}, but {energy}" if "nor" in pleasant + energy else f"{pleasant} and {energy}"
    how = how.replace("but neither", "and neither")
    if seen.reading.confidence < UNSURE:
        return f"the photo may feel {mood}: {how}, though this is hard to tell"
    return f"the photo feels {mood}: {how}"


def _feeling_ko(seen: Noticed) -> str:
    affect, mood = seen.reading.affect, seen.reading.mood.korean
    if affect.radius < NEUTRAL:
        return f"거의 중립에 가깝지만 살짝 {mood} 느낌이 납니다"
    _, before, alone = _pleasantness(affect.valence)
    energy = _energy(affect.arousal)[1]
    how = f"{before} {energy}".strip() if energy else alone
    if seen.reading.confidence < UNSURE:
        return f"확실하지는 않지만 {how}, {mood} 느낌으로 보입니다"
    return f"{how}, {mood} 느낌이 납니다"
