"""Rules: a plan becomes a piece: harmony first, melody over it, accompaniment and percussion under it, then performance."""

from __future__ import annotations

from moodscore.media import Score
from moodscore.music.arrange import Harmony, accompany, harmonise, percussion
from moodscore.music.line import sing
from moodscore.music.perform import Performer
from moodscore.music.plan import PITCH_NAMES, Plan


def compose(plan: Plan, seed: int = 0) -> Score:
    """The piece a plan asks for, as long as the plan to the sample; the same plan and seed give the same score.

    Every picture change of the plan has a new chord on its beat (within 10 ms as performed). The last note ends before the
    piece does, so that its sound decays inside it. `marks` name sections, chords and the final cadence.
    """
    chords = harmonise(plan, seed)
    performer = Performer(plan, seed)
    events = [*sing(plan, chords, seed), *accompany(plan, chords), *percussion(plan)]
    return Score(
        tracks=performer.tracks(events, chords),
        duration_s=plan.duration_s,
        tempos=tempos(plan),
        beats_per_bar=plan.metre,
        marks=marks(plan, chords, performer),
        recipe={"composer": "rules", "seed": seed, "plan": plan.as_dict()},
    )


def tempos(plan: Plan) -> tuple[tuple[float, float], ...]:
    """(time, beats a minute) wherever the tempo changes by more than half a per cent."""
    out: list[tuple[float, float]] = []
    for bar in plan.bars:
        bpm = 60.0 * bar.beats / (bar.end_s - bar.start_s)
        if not out or abs(bpm / out[-1][1] - 1.0) > 0.005:
            out.append((bar.start_s, bpm))
    return tuple(out)


def marks(plan: Plan, chords: list[Harmony], performer: Performer) -> tuple[tuple[float, str], ...]:
    """Where each section begins and cadences, and every chord."""
    marks = []
    for k, slot in enumerate(chords):
        section = plan.sections[slot.section]
        time = performer.seconds(slot.beat)
        if not k or chords[k - 1].section != slot.section:
            key = f"{PITCH_NAMES[section.tonic]} {section.mode}"
            marks.append((time, f"section {section.label}: {key}, {section.ensemble}"))
        marks.append((time, f"chord {slot.chord.name}"))
        closes = k == len(chords) - 1 or chords[k + 1].section != slot.section
        if closes and section.cadence != "lead":
            marks.append((time, f"cadence {section.cadence}"))
    return tuple(marks)
