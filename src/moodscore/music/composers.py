"""Composers: one signature, `compose(plan, seed) -> Score`, whoever composes; each is loaded when it is asked for.

One makes sound and no score, `DIFFUSION`: it is asked by `diffusion.compose(plan, seed) -> Tune`, where a tune is enough.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from moodscore.media import Score
    from moodscore.music.plan import Plan

AUTO = "auto"
# What "auto" means: the one that the judge hears follow its targets better and that lies nearer to real pieces.
DEFAULT = "neural"  # docs/reference/composers.md


def _rules(plan: Plan, seed: int) -> Score:
    from moodscore.music import rules

    return rules.compose(plan, seed)


def _neural(plan: Plan, seed: int) -> Score:
    from moodscore.music import neural

    return neural.compose(plan, seed)


COMPOSERS = {"rules": _rules, "neural": _neural}
NAMES = (AUTO, *COMPOSERS)
DIFFUSION = "diffusion"
TUNE_NAMES = (*NAMES, DIFFUSION)  # who can be asked for a tune


def compose(plan: Plan, seed: int = 0, name: str = AUTO) -> Score:
    """The piece a plan asks for, by the composer named (one of `NAMES`); its recipe says which one it was."""
    return COMPOSERS[DEFAULT if name == AUTO else name](plan, seed)
