"""Neural: a plan becomes a piece that the composing net writes, phrase by phrase.

The net hears the last bars, is told what the plan asks of each next one, and writes melody, bass, inner notes and chords
inside the limits of mode, cadence and instruments (`neural_limits`). New phrases are written several times over; the
critic, never the judge, says which one is nearest to the feeling asked for. Phrases with a letter that was heard before
return with a new ending. Only so many tokens of context are read, so that time grows with length and no faster.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from moodscore.errors import BadValue
from moodscore.media import Score
from moodscore.music import critic, neural_arrange, neural_decode, rules
from moodscore.music.arrange import percussion
from moodscore.music.neural_decode import NAME, Choices
from moodscore.music.neural_limits import BarLimits, conditions, limits
from moodscore.music.perform import Performer
from moodscore.music.plan import Plan, Section
from moodscore.music.tokens import BarNotes, decode, encode_bar
from moodscore.weights import store

CHOICES = Choices()
CONTEXT = 96  # tokens of the bars before that the net hears
JUDGED_BARS = 3  # shorter stretches say too little for the critic to choose by
_CHANGED = (0.45, 0.7)  # distance of feeling, octaves of density, beyond which a theme is written anew


@dataclass(slots=True)
class _Draft:
    """What is written so far: bars in C of each section, the tokens of each bar, and where each theme was first heard."""

    plan: Plan
    seed: int
    asked: NDArray[np.float32]
    sections: list[list[BarNotes]] = field(default_factory=list)
    tokens: list[list[int]] = field(default_factory=list)
    themes: dict[str, int] = field(default_factory=dict)

    def add(self, bars: Sequence[BarNotes]) -> None:
        """Add the bars of the next section."""
        theme = self.plan.sections[len(self.sections)].theme
        self.themes.setdefault(theme, len(self.sections))
        self.sections.append(list(bars))
        self.tokens += [encode_bar(bar) for bar in bars]

    def context(self, ahead: Sequence[BarNotes]) -> tuple[list[int], NDArray[np.float32]]:
        """At most `CONTEXT` tokens of the last whole bars, `ahead` being the last, and what was asked of them."""
        bars = [*self.tokens[-32:], *(encode_bar(bar) for bar in ahead)]
        first = len(self.tokens) + len(ahead) - len(bars)
        sizes = list(itertools.accumulate(len(bar) for bar in reversed(bars)))
        kept = sum(size <= CONTEXT for size in sizes)
        chosen = bars[len(bars) - kept :]
        rows = [first + len(bars) - kept + k for k, bar in enumerate(chosen) for _ in bar]
        return [token for bar in chosen for token in bar], self.asked[rows]


def compose(plan: Plan, seed: int = 0) -> Score:
    """The piece a plan asks for, as long as the plan to the sample; the same plan and seed give the same score.

    Every picture change of the plan has a new chord on its beat (within 10 ms as performed). The last note ends before the
    piece does, so that its sound decays inside it. `marks` name sections, chords and the final cadence. Raises BadWeights
    when the net's weights are damaged.
    """
    draft = _Draft(plan, seed, conditions(neural_arrange.sketch(plan)))
    for index in range(len(plan.sections)):
        draft.add(_section(draft, index))
    chords = [slot for k, bars in enumerate(draft.sections) for slot in neural_arrange.harmonies(plan, k, bars)]
    performer = Performer(plan, seed)
    written = [event for k, bars in enumerate(draft.sections) for event in neural_arrange.events(plan, k, bars)]
    played = [*written, *neural_arrange.behind(plan, chords), *percussion(plan)]
    return Score(
        tracks=performer.tracks(played, chords),
        duration_s=plan.duration_s,
        tempos=rules.tempos(plan),
        beats_per_bar=plan.metre,
        marks=rules.marks(plan, chords, performer),
        recipe={"composer": "neural", "seed": seed, "plan": plan.as_dict(), "card": store.card(NAME).source},
    )


def _section(draft: _Draft, index: int) -> list[BarNotes]:
    """The bars of the next section: what returns of its theme, then what the net writes."""
    bounds = limits(neural_arrange.sketch(draft.plan), index)
    kept = _recalled(draft, index)
    if len(kept) == len(bounds):
        return kept
    section = draft.plan.sections[index]
    bounds = bounds[len(kept) :]
    first = section.first_bar + len(kept)
    count = CHOICES.count if len(bounds) >= JUDGED_BARS else 1
    rngs = [np.random.default_rng([draft.seed % 2**32, draft.plan.seed % 2**32, 97, index, k]) for k in range(count)]
    asked = draft.asked[first : first + len(bounds)]
    readings = neural_decode.write(draft.context(kept), bounds, asked, rngs, CHOICES)
    written = [[*kept, *_bars(reading, bounds)] for reading in readings]
    return written[0] if count == 1 else _nearest(draft.plan, index, written)


def _bars(reading: Sequence[Sequence[int]], bounds: Sequence[BarLimits]) -> list[BarNotes]:
    return decode([token for bar in reading for token in bar], [bar.beats for bar in bounds])


def _recalled(draft: _Draft, index: int) -> list[BarNotes]:
    """The bars of the section's theme that return: as long as the bars match, but never the ending."""
    plan = draft.plan
    now = plan.sections[index]
    if now.theme not in draft.themes:
        return []
    source = draft.themes[now.theme]
    before = plan.sections[source]
    if not _alike(before, now):
        return []
    most = now.bars // 2 if now.variation > 1 else now.bars - 1
    pairs = zip(plan.bars_of(before), plan.bars_of(now), strict=False)
    same = list(itertools.takewhile(lambda pair: (pair[0].beats, pair[0].hits) == (pair[1].beats, pair[1].hits), pairs))
    count = min(len(same), most, before.bars - 1)
    return neural_arrange.recalled(draft.sections[source][:count], before, now)


def _alike(before: Section, now: Section) -> bool:
    """Whether two sections feel and are cast so alike that one can quote the other."""
    voices = [{role for role, _ in s.instruments if role in ("melody", "bass")} for s in (before, now)]
    far, faster = _CHANGED
    same = before.affect.distance(now.affect) < far and abs(math.log2(now.density / before.density)) < faster
    return same and voices[0] == voices[1]


def _nearest(plan: Plan, index: int, written: Sequence[list[BarNotes]]) -> list[BarNotes]:
    """The reading in which the critic hears what is nearest to the section's feeling; the first of equals."""
    scores = []
    for bars in written:
        chords = neural_arrange.harmonies(plan, index, bars)
        played = [*neural_arrange.events(plan, index, bars), *neural_arrange.behind(plan, chords, critic=True)]
        tracks = Performer(plan, 0).tracks(played, chords)
        scores.append(Score(tracks, plan.duration_s))
    try:
        heard = critic.hear_all(tuple(scores))
    except BadValue:  # too little time for a note before the final fade
        return written[0]
    target = plan.sections[index].affect
    return min(zip(heard, written, strict=True), key=lambda pair: pair[0].distance(target))[1]
