"""Write the figures of the photo reader's card into the READMEs, between their two marks.

Run it after the card has changed; a test compares what is committed with what it writes.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from moodscore.weights import store

HOME = Path(__file__).parent.parent
BETWEEN = re.compile(r"(<!-- figures: docs/readme_figures.py -->\n).*?(\n<!-- end of figures -->)", re.S)

ENGLISH = """\
On photos whose themes it had never seen, its answers correlate with the raters' at r = {r_valence:.2f} for valence
and {r_arousal:.2f} for arousal, and are off by {rmse_valence:.2f} and {rmse_arousal:.2f} on a scale from −1 to 1.
It names the right one of the eight moods for {top1:.0%} of them, the right one or its neighbour for {near:.0%};
always answering with the average gets {mean_top1:.0%} and {mean_near:.0%}, always with the most frequent mood
{most_top1:.0%} and {most_near:.0%}. Trust it as you would a stranger's first impression."""

KOREAN = """\
배운 적 없는 주제의 사진에서 평가자들의 답과의 상관은 정서가 r = {r_valence:.2f}, 각성도 r = {r_arousal:.2f}입니다.
−1에서 1까지의 자에서 오차는 정서가 {rmse_valence:.2f}, 각성도 {rmse_arousal:.2f}입니다.
여덟 무드 가운데 맞는 것을 고르는 비율은 {top1:.0%}, 맞는 것이나 바로 옆 것을 고르는 비율은 {near:.0%}입니다.
늘 평균으로만 답하면 {mean_top1:.0%}와 {mean_near:.0%}, 늘 가장 흔한 무드로만 답하면
{most_top1:.0%}와 {most_near:.0%}입니다. 낯선 사람의 첫인상만큼만 믿으세요."""

PAGES = {"README.md": ENGLISH, "README.ko.md": KOREAN}


def figures(scores: Mapping[str, Any]) -> dict[str, float]:
    """The card's figures by the names the texts use."""
    model, mean, most = scores["model"], scores["mean_predictor"], scores["mood_cnn"]["most_frequent_mood"]
    shares = {
        f"{prefix}{short}": one[f"mood_{name}"]
        for prefix, one in (("", model), ("mean_", mean), ("most_", most))
        for short, name in (("top1", "top1"), ("near", "within_one"))
    }
    return {name: value for name, value in model.items() if name.startswith("r")} | shares


def page(name: str) -> str:
    """A README with the figures of the card that ships."""
    said = PAGES[name].format(**figures(store.card("photo-affect").scores))
    text, count = BETWEEN.subn(lambda marks: marks[1] + said + marks[2], (HOME / name).read_text("utf-8"))
    if count != 1:
        raise ValueError(f"{name}: expected the two marks once, got them {count} times")
    return text


def main() -> int:
    """Renew both READMEs."""
    for name in PAGES:
        (HOME / name).write_text(page(name), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
