"""Things: the 1000 ImageNet classes grouped into everyday words, so that a caption claims a group, never a fine class.

A word's classes are indexes in the usual order of the 1000 classes. Classes that hold people, clothes that only people
wear, and classes that stand for what an album seldom holds (roundworms, oscilloscopes) are in no word: they are what the
net says for want of a better class. A word belongs to a kind, which is claimed when its words together are likely but
none of them is. A place says where a photo was taken, and may share classes with words: a ship tells of water.
Source of the classes: O. Russakovsky et al., "ImageNet large scale visual recognition challenge", IJCV 115 (2015).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Thing:
    """An everyday word in both languages and the kind it belongs to; `one` says whether English gives it "a" or "an"."""

    english: str
    korean: str
    kind: str
    one: bool = True


# english | korean | classes. A word that ends in "*" is said as it stands: a plural, a mass, or one with its article.
_WORDS = {
    "animal": """
        fish* | 물고기 | 0-6 389-397
        bird | 새 | 10-24 80-100 127-144 146
        chicken | 닭 | 7 8
        ostrich | 타조 | 9
        penguin | 펭귄 | 145
        frog | 개구리 | 30-32
        lizard | 도마뱀 | 25-29 38-48
        turtle | 거북 | 33-37
        crocodile | 악어 | 49 50
        snake | 뱀 | 52-68
        spider | 거미 | 70 72-77
        crab | 게 | 118-121 125
        lobster | 바닷가재 | 122-124
        snail | 달팽이 | 113 114
        starfish* | 불가사리 | 327
        whale | 고래 | 147 148
        seal | 바다사자 | 149 150
        dog | 개 | 151-268
        wolf | 늑대 | 269-275
        fox | 여우 | 277-280
        cat | 고양이 | 281-285
        big cat | 맹수 | 286-293
        bear | 곰 | 294-297
        panda | 판다 | 387 388
        meerkat | 미어캣 | 298 299
        insect | 곤충 | 300-308 310-318
        bee | 벌 | 309
        dragonfly | 잠자리 | 319 320
        butterfly | 나비 | 321-326
        rabbit | 토끼 | 330-332
        rodent | 설치류 | 333-338
        horse | 말 | 339
        zebra | 얼룩말 | 340
        pig | 돼지 | 341-343
        hippo | 하마 | 344
        cow | 소 | 345-347
        sheep* | 양 | 348 349
        goat | 염소 | 350
        antelope | 영양 | 351-353
        camel | 낙타 | 354
        llama | 라마 | 355
        weasel | 족제비 | 356-360
        monkey | 원숭이 | 365-384
        elephant | 코끼리 | 101 385 386
        kangaroo | 캥거루 | 104
        koala | 코알라 | 105
    """,
    "plant": """
        flower | 꽃 | 985 986 984 946
        mushroom | 버섯 | 947 991-997
        nut | 나무 열매 | 988 990
        rose hip | 들장미 열매 | 989
        grain* | 곡식 | 987 998
        potted plant | 화분 | 738
    """,
    "food": """
        fruit* | 과일 | 948-957
        vegetables* | 채소 | 936-945
        bread* | 빵 | 930-932 961
        dessert | 디저트 | 927-929 960
        pizza* | 피자 | 963
        a burger or a sandwich* | 햄버거 | 933 934
        coffee* | 커피 | 967 504 505
        tea* | 차 | 968 849
        wine* | 와인 | 907 966
        beer* | 맥주 | 440 441
        cooked food* | 요리 | 924-926 935 959 962 964 965 809
    """,
    "vehicle": """
        car | 자동차 | 436 468 511 609 627 656 661 717 751 817
        bus | 버스 | 654 779 874
        truck | 트럭 | 555 569 675 864 867
        train | 기차 | 466 547 565 705 820 829
        bicycle | 자전거 | 444 671
        motorcycle | 오토바이 | 665 670
        airplane | 비행기 | 404 895 908
        boat | 배 | 472 484 554 576 625 724 780 814 871 914
        ship | 배 | 403 628
        wrecked ship | 난파선 | 913
        hot-air balloon | 열기구 | 417
        tractor | 트랙터 | 595 856 866
        tank | 탱크 | 586 847
        spacecraft* | 우주선 | 812
        carriage | 마차 | 603 690
    """,
    "building": """
        church | 교회 | 497 663
        mosque | 모스크 | 668
        castle | 성 | 483 698
        lighthouse | 등대 | 437
        barn | 헛간 | 425
        bridge | 다리 | 821 839 888
        tower | 탑 | 442 900
        arch | 아치 | 873
        monument | 기념물 | 649 682 832
        greenhouse | 온실 | 580
        house | 집 | 660 449
        roof | 지붕 | 853 858
        dome | 돔 | 538
        fence | 울타리 | 489 716 912
    """,
    "musical instrument": """
        guitar | 기타 | 402 546
        piano | 피아노 | 579 881
        violin | 바이올린 | 889 486
        drum | 북 | 541 822
        flute | 플루트 | 558 699
        trumpet | 트럼펫 | 513 566 875
        saxophone | 색소폰 | 776
        accordion | 아코디언 | 401
        harp | 하프 | 594
        organ | 오르간 | 687
    """,
    "piece of furniture": """
        chair | 의자 | 423 559 765
        bench | 벤치 | 703
        bed | 침대 | 564 520 516
        sofa | 소파 | 831
        table | 탁자 | 532 736
        desk | 책상 | 526
        cabinet | 장 | 493 495 894 553 648
        shelf of books | 책장 | 453
    """,
    "object": """
        book | 책 | 921 917
        clock | 시계 | 409 530 892
        watch | 손목시계 | 531
        computer | 컴퓨터 | 527 620 681 508 664 782 673
        phone | 전화기 | 487 528 707
        camera | 카메라 | 732 759
        television | 텔레비전 | 851 548
        candle | 초 | 470
        lamp | 등 | 846 619
        umbrella | 우산 | 879
        ball | 공 | 429 430 722 805 852 890 768
        paintbrush | 붓 | 696
        teddy bear | 곰 인형 | 850
        carved pumpkin | 호박 등 | 607
        gun | 총 | 413 763 764
        knife | 칼 | 499 623
        bottle | 병 | 737 898 720
        basket | 바구니 | 588 790
        vase | 꽃병 | 883
        mask | 가면 | 643
        tent | 천막 | 672
        fountain | 분수 | 562
        swing | 그네 | 843
        carousel | 회전목마 | 476
        parachute | 낙하산 | 701
        spider web | 거미줄 | 815
        honeycomb | 벌집 | 599 410
        traffic light | 신호등 | 920
        sign | 표지판 | 919
        syringe | 주사기 | 845
        toilet | 변기 | 861
        bathtub | 욕조 | 435 876
        sunglasses* | 선글라스 | 836 837
    """,
}

# Said instead of a word when all words of a kind together are likely. Not of animals: grass, bark and snow look to
# the net like birds, lizards and dogs in turn, and together like an animal.
KINDS = {
    "food": Thing("food", "음식", "food", one=False),
    "vehicle": Thing("vehicle", "탈것", "vehicle"),
    "building": Thing("building", "건축물", "building"),
    "musical instrument": Thing("musical instrument", "악기", "musical instrument"),
}
WILD = Thing("wild nature", "자연", "place", one=False)
_WILD = "970 972 974-979"  # no volcano: the net sees it in every fire

LIKELY = 0.24  # the share of a word, beyond what every class gets, from which it is claimed with "seems"
COHERENT = 0.6  # the least part of its kind's share that a word must hold: a net that wavers sees a texture
KIND_LIKELY = 0.3
PLACE_LIKELY = 0.28
SURE = 0.5  # the share from which "seems" is left out
NIGHT_LIKELY = 0.5  # of anything in a picture that is almost black

# english | korean | classes: where the photo seems to be taken. WILD is said when only its classes together are likely.
_PLACES = """
    mountains* | 산 | 970 976
    cliff | 절벽 | 972 500
    valley | 골짜기 | 979
    the waterside* | 물가 | 449 460 525 536 718 975-978 472 484 554 576 625 628 724 780 814 871 914 913 839 821 437 540 694
    field | 들판 | 958 984 987 998 595 856 866 730
    snowy place | 눈밭 | 537 795 802 803 450
    street | 거리 | 436 468 511 627 654 656 704 717 734 779 829 864 867 874 919 920 707 555 569
    room | 방 | 516 520 526 532 564 548 598 648 831 846 861 876 896 435 799 789 905 904 527 794 453 493 894 553 651 760 827
    shop | 가게 | 415 424 454 467 509 582 788 860 865
    restaurant | 식당 | 762
    a church or a temple* | 교회나 사원 | 406 497 663 668 832 884
"""


@dataclass(frozen=True, slots=True)
class Named:
    """What a photo is likely to show: a thing and a place, each with its share 0..1; None where the net is unsure.

    `animal_share` is that of the likeliest animal, whether it is the thing or not.
    """

    thing: Thing | None = None
    thing_share: float = 0.0
    place: Thing | None = None
    place_share: float = 0.0
    animal_share: float = 0.0


def indexes(text: str) -> tuple[int, ...]:
    """The class numbers of "3 5-7": 3, 5, 6, 7."""
    found: list[int] = []
    for part in text.split():
        first, _, last = part.partition("-")
        found += range(int(first), int(last or first) + 1)
    return tuple(found)


@cache
def _words() -> tuple[tuple[Thing, tuple[int, ...]], ...]:
    return tuple(_row(line, kind) for kind, text in _WORDS.items() for line in text.strip().splitlines())


@cache
def _places() -> tuple[tuple[Thing, tuple[int, ...]], ...]:
    return tuple(_row(line, "place") for line in _PLACES.strip().splitlines())


def _row(line: str, kind: str) -> tuple[Thing, tuple[int, ...]]:
    english, korean, classes = (cell.strip() for cell in line.split("|"))
    return Thing(english.rstrip("*"), korean, kind, one=not english.endswith("*")), indexes(classes)


def named(imagenet: Floats, night: bool = False) -> Named:
    """What the ImageNet probabilities (1000,) let one say; `night` asks for more, as nearly black pictures mislead the net.

    Each class first gives up twice the median probability, which is what label smoothing leaves to every class.
    """
    share = np.clip(imagenet - 2.0 * float(np.median(imagenet)), 0.0, None)
    thing, thing_share = _thing(share, night)
    animal_share = max(_sum(share, ids) for word, ids in _words() if word.kind == "animal")
    place, place_share = max(((p, _sum(share, ids)) for p, ids in _places()), key=lambda pair: pair[1])
    if place_share < (NIGHT_LIKELY if night else PLACE_LIKELY):
        place, place_share = WILD, _sum(share, indexes(_WILD))
        if place_share < (NIGHT_LIKELY if night else KIND_LIKELY):
            return Named(thing, thing_share, animal_share=animal_share)
    return Named(thing, thing_share, place, place_share, animal_share)


def _thing(share: Floats, night: bool) -> tuple[Thing | None, float]:
    """The likeliest word, else its kind, else nothing, with its share."""
    rows = [(word, _sum(share, ids)) for word, ids in _words()]
    of_kind = {kind: sum(s for word, s in rows if word.kind == kind) for kind in _WORDS}
    best, best_share = max(rows, key=lambda pair: pair[1])
    if best_share >= (NIGHT_LIKELY if night else LIKELY) and best_share >= COHERENT * of_kind[best.kind]:
        return best, best_share
    kind = max(KINDS, key=lambda name: of_kind[name])
    if of_kind[kind] >= (NIGHT_LIKELY if night else KIND_LIKELY):
        return KINDS[kind], of_kind[kind]
    return None, 0.0


def _sum(share: Floats, ids: tuple[int, ...]) -> float:
    return float(share[list(ids)].sum())
