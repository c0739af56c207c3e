"""Perform: events in beats become notes in seconds, played as people play: shaped, accented, a little uneven.

Phrases swell and fade as an arch and slow down at the end (A. Friberg, R. Bresin & J. Sundberg, "Overview of the KTH rule
system for musical performance", Advances in Cognitive Psychology 2, 2006: phrase arch, final ritardando, metrical accents).
"""

from __future__ import annotations

import bisect
import math
from collections import defaultdict
from collections.abc import Iterable, Sequence

import numpy as np

from moodscore.media import Note, Track
from moodscore.music.arrange import Event, Harmony, first_beats
from moodscore.music.cues import cues
from moodscore.music.instruments import INSTRUMENTS
from moodscore.music.plan import Plan

# role: louder or softer than the section (velocity steps), spread of timing in seconds, share of the section's articulation
# it takes, fader in dB. Faders were set by measuring every part's loudness alone over the plane: the melody leads.
_ROLES = {
    "melody": (9.0, 0.009, 1.0, 2.0),
    "double": (-4.0, 0.010, 1.0, 0.0),
    "echo": (-3.0, 0.010, 1.0, 0.0),
    "figure": (-8.0, 0.006, 0.9, -3.5),
    "pad": (-5.0, 0.004, 0.0, -4.0),
    "bass": (-4.0, 0.004, 0.5, 0.5),
    "strike": (-2.0, 0.004, 0.0, -1.5),
    "drums": (-6.0, 0.003, 0.0, -8.5),
}
_ORDER = ("melody", "double", "echo", "figure", "pad", "bass", "strike", "drums")


class Performer:
    """Plays a plan's events; randomness comes from `seed`, the same in every process."""

    def __init__(self, plan: Plan, seed: int) -> None:
        self._plan = plan
        self._rng = np.random.default_rng([seed % 2**32, plan.seed % 2**32, 71])
        self._times = [t for bar in plan.bars for t in bar.beats_s[:-1]] + [plan.duration_s]
        self._dynamics = [cues(a).dynamics for a in plan.bar_affects]
        self._starts = first_beats(plan)
        self.last_s = plan.duration_s - min(0.9, 0.12 * plan.duration_s)

    def seconds(self, beat: float, swing: float = 0.5) -> float:
        """The time of a (fractional) beat; offbeats come late by `swing` (.5 even, .67 triplets)."""
        whole = math.floor(beat + 1e-9)
        part = max(0.0, beat - whole)
        if swing != 0.5:
            part = part * 2 * swing if part < 0.5 else swing + (part - 0.5) * 2 * (1 - swing)
        if whole + 1 >= len(self._times):
            return self._times[-1]
        return self._times[whole] + part * (self._times[whole + 1] - self._times[whole])

    def _velocity(self, event: Event, loudness: float) -> int:
        section = self._plan.sections[event.section]
        bar = bisect.bisect_right(self._starts, event.stroke.beat + 1e-6) - 1
        bar = min(max(bar, 0), len(self._dynamics) - 1)
        base = 0.5 * (self._dynamics[bar] + section.dynamics)
        begin = self._starts[section.first_bar]
        span = self._starts[section.first_bar + section.bars] - begin
        arch = 9.0 * math.sin(math.pi * min(1.0, max(0.0, (event.stroke.beat - begin) / span)) ** 1.2) - 5.0
        climb = {"coda": -5.0, "intro": -3.0}.get(section.label, 1.5 * section.variation)
        spread = self._rng.normal(0.0, 2.5)
        wanted = base + loudness * base / 80.0 + arch + climb + event.stroke.accent + spread
        return min(122, max(18, round(wanted)))

    def note(self, event: Event) -> Note | None:
        """The note of an event, or None when it would begin in the final fade."""
        loudness, spread, bound, _ = _ROLES[event.role]
        section = self._plan.sections[event.section]
        stroke = event.stroke
        start = self.seconds(stroke.beat, section.swing)
        end = self.seconds(stroke.beat + stroke.beats, section.swing)
        late = spread * min(2.0, max(-2.0, self._rng.normal()))
        gate = 1.0 - bound * (1.0 - section.articulation)
        velocity = self._velocity(event, loudness)
        start = max(0.0, start + late)
        if start > self.last_s - 0.12:
            return None
        length = max(0.06, (end - start) * gate) if event.role != "drums" else 0.12
        return Note(start, min(length, self.last_s - start), stroke.pitch, velocity)

    def tracks(self, events: Iterable[Event], chords: Sequence[Harmony]) -> tuple[Track, ...]:
        """One track for each instrument that leads or accompanies, in order of role; notes of a pitch never overlap."""
        notes: dict[tuple[bool, str], list[Note]] = defaultdict(list)
        roles: dict[tuple[bool, str], set[str]] = defaultdict(set)
        for event in sorted(events, key=lambda e: (e.stroke.beat, _ORDER.index(e.role), e.stroke.pitch, e.instrument)):
            note = self.note(event)
            if note is not None:
                part = (event.role not in ("melody", "double", "echo"), event.instrument)
                notes[part].append(note)
                roles[part].add(event.role)
        order = sorted(notes, key=lambda p: (min(map(_ORDER.index, roles[p])), p))
        return tuple(self._track(part[1], roles[part], notes[part], chords) for part in order)

    def _track(self, name: str, roles: set[str], notes: list[Note], chords: Sequence[Harmony]) -> Track:
        title = f"{name} ({', '.join(sorted(roles, key=_ORDER.index))})"
        style = self._plan.style
        room = style.reverb if style else 1.0
        if name == "drums":
            program, louder_db = (style.drum_program, style.drums_db) if style else (0, 0.0)
            level_db = _ROLES["drums"][3] + louder_db
            return Track("drums", program, tuple(untangled(notes)), drums=True, level_db=level_db, reverb=0.18 * room)
        played = INSTRUMENTS[name]
        pedals = self._pedals(chords) if played.pedal and "figure" in roles else ()
        return Track(
            title,
            played.program,
            tuple(untangled(notes)),
            pan=played.pan,
            level_db=played.level_db + max(_ROLES[role][3] for role in roles),
            reverb=min(1.0, played.reverb * room),
            pedals=pedals,
        )

    def _pedals(self, chords: Sequence[Harmony]) -> tuple[tuple[float, float], ...]:
        """The sustain pedal, down with each chord of calm music and up just before the next."""
        spans = []
        for slot in chords:
            if self._plan.sections[slot.section].affect.arousal < 0.45:
                down = self.seconds(slot.beat) + 0.03
                up = min(self.seconds(slot.beat + slot.beats) - 0.02, self.last_s)
                if up - down > 0.1:
                    spans.append((down, up))
        return tuple(spans)


def untangled(notes: Sequence[Note]) -> list[Note]:
    """Notes in order of time; one struck again while it sounds ends first; of two struck together the louder stays."""
    out: list[Note] = []
    last: dict[int, int] = {}
    for note in sorted(notes, key=lambda n: (n.start_s, n.pitch, -n.velocity)):
        index = last.get(note.pitch)
        if index is not None:
            before = out[index]
            if note.start_s - before.start_s < 0.045:
                longest = max(before.duration_s, note.end_s - before.start_s)
                out[index] = Note(before.start_s, longest, note.pitch, max(before.velocity, note.velocity))
                continue
            if before.end_s > note.start_s - 0.005:
                length = max(0.02, note.start_s - 0.01 - before.start_s)
                out[index] = Note(before.start_s, length, before.pitch, before.velocity)
        last[note.pitch] = len(out)
        out.append(note)
    return out
