"""Cut Noto Sans CJK KR down to what the pictures need: Latin, and in Regular the 2,350 Korean syllables of KS X 1001.

Needs fonttools and brotli; the argument is the folder of Debian's package fonts-noto-cjk:
python recipes/subset_fonts.py /usr/share/fonts/opentype/noto
"""

from __future__ import annotations

import sys
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont

OUT = Path(__file__).parent.parent / "src" / "moodscore" / "draw" / "fonts"
KOREAN_FACE = 1  # the faces of the collection: Japanese, Korean, Simplified Chinese, Traditional Chinese, ...
SIGNS = "–—‘’“”•…−→←↑↓°±×·○●△□≤≥"
LABELS = (
    "즐거운신나는강렬한긴장된우울한슬픈고요한평화로운유쾌불쾌흥분차분정서가각성도활발낮음높음긍정부정"
    "행복화난역겨운두려운놀란무표정한음악사진영화장면곡얼굴"
)


def korean() -> str:
    """The syllables of KS X 1001: every one that everyday Korean uses."""
    pairs = (bytes([row, cell]) for row in range(0xB0, 0xC9) for cell in range(0xA1, 0xFF))
    return "".join(pair.decode("euc-kr") for pair in pairs)


def cut(folder: Path, weight: str, text: str) -> Path:
    """Write the glyphs of `text` of one weight as WOFF2."""
    font = TTFont(folder / f"NotoSansCJK-{weight}.ttc", fontNumber=KOREAN_FACE)
    options = subset.Options()
    options.flavor = "woff2"
    options.hinting = False
    options.desubroutinize = True  # larger unpacked, smaller packed
    options.layout_features = ["kern"]
    options.name_IDs = [0, 1, 2, 3, 4, 5, 6, 13, 14]
    options.drop_tables += ["vhea", "vmtx", "VORG", "BASE", "GSUB"]
    subsetter = subset.Subsetter(options)
    subsetter.populate(text=text)
    subsetter.subset(font)
    out = OUT / f"NotoSansKR-{weight}.subset.woff2"
    subset.save_font(font, out, options)
    return out


def main() -> None:
    """Write both weights and print their sizes."""
    folder = Path(sys.argv[1])
    ascii_text = "".join(map(chr, range(0x20, 0x7F)))
    latin = ascii_text + "".join(map(chr, range(0xA0, 0x180))) + SIGNS
    for path in (cut(folder, "Regular", latin + korean()), cut(folder, "Bold", ascii_text + SIGNS + LABELS)):
        print(path.name, path.stat().st_size, "bytes")


if __name__ == "__main__":
    main()
