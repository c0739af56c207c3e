"""Score: a Score to and from a Standard MIDI File that any sequencer opens with the right bars, sounds and mix."""

from __future__ import annotations

import bisect
import itertools
import json
import math
import operator
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from moodscore.errors import BadMedia
from moodscore.media import Note, Score, Track
from moodscore.music import midi
from moodscore.music.midi import Event

TICKS_PER_BEAT = 1920  # half a tick stays below 0.6 ms down to 25 beats per minute
RECIPE_PREFIX = "moodscore:"
_DRUM_CHANNEL = 9
_MELODIC = tuple(c for c in range(16) if c != _DRUM_CHANNEL)
_VOLUME, _PAN, _PEDAL, _REVERB = 7, 10, 64, 91
_UNITY = 100  # the volume controller's value at 0 dB, General MIDI's default


class _Clock:
    """A tempo map: ticks at which segments begin, their times in seconds, seconds per tick of each."""

    def __init__(self, ticks_per_beat: float, microseconds: int) -> None:
        self._per_beat = ticks_per_beat
        self._ticks = [0]
        self.times_s = [0.0]
        self._paces = [microseconds / 1e6 / ticks_per_beat]
        self.changes = [(0, microseconds)]

    def add(self, tick: int, microseconds: int) -> None:
        """From `tick` on (not before the last change) a beat lasts `microseconds`."""
        time_s = self.time_s(tick)
        if tick == self._ticks[-1]:
            for column in (self._ticks, self.times_s, self._paces, self.changes):
                column.pop()
        self._ticks.append(tick)
        self.times_s.append(time_s)
        self._paces.append(microseconds / 1e6 / self._per_beat)
        self.changes.append((tick, microseconds))

    def tick(self, time_s: float) -> int:
        k = max(0, bisect.bisect_right(self.times_s, time_s) - 1)
        return round(self._ticks[k] + (time_s - self.times_s[k]) / self._paces[k])

    def time_s(self, tick: int) -> float:
        k = max(0, bisect.bisect_right(self._ticks, tick) - 1)
        return self.times_s[k] + (tick - self._ticks[k]) * self._paces[k]


def _microseconds(bpm: float) -> int:
    """A beat's length as MIDI writes it, within what its three bytes hold."""
    return min(0xFFFFFF, max(1, round(60e6 / bpm)))


def _score_clock(score: Score) -> _Clock:
    """The score's tempo map as MIDI rounds it, so that rounding never adds up over a piece."""
    clock = _Clock(TICKS_PER_BEAT, _microseconds(score.tempos[0][1]))
    for time_s, bpm in score.tempos[1:]:
        if time_s < score.duration_s:
            clock.add(clock.tick(time_s), _microseconds(bpm))
    return clock


def to_midi(score: Score) -> bytes:
    """The score as a type 1 MIDI file, the same bytes for equal scores.

    Bars follow `tempos` and `beats_per_bar`; marks become markers; pan, level, hall and pedals become controllers 10, 7, 91
    and 64; the recipe travels as the text "moodscore:{...}". Drums go to channel 10. With more than 15 pitched tracks,
    tracks of one program and mix share a channel, and what is still too much goes to a second port. Of two overlapping
    notes of one pitch in a track the first is shortened.
    """
    clock = _score_clock(score)
    end = max([clock.tick(score.duration_s), *(clock.tick(n.end_s) for t in score.tracks for n in t.notes)])
    tracks = [_conductor(score, clock, end)]
    for track, (port, channel) in zip(score.tracks, _channels(score.tracks), strict=True):
        tracks.append(_part(track, clock, port, channel, end))
    return midi.write(tracks, TICKS_PER_BEAT)


def recipe_text(recipe: Mapping[str, Any]) -> str:
    """The recipe as one line of JSON, the same for equal recipes."""
    return json.dumps(dict(recipe), ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str)


def _conductor(score: Score, clock: _Clock, end: int) -> list[Event]:
    events = [midi.meta(0, midi.NAME, b"moodscore"), midi.meta(0, midi.METRE, bytes((score.beats_per_bar, 2, 24, 8)))]
    events.append(midi.meta(0, midi.TEXT, (RECIPE_PREFIX + recipe_text(score.recipe)).encode()))
    timed = [midi.meta(tick, midi.TEMPO, us.to_bytes(3, "big")) for tick, us in clock.changes]
    timed += [midi.meta(min(clock.tick(t), end), midi.MARKER, text.encode()) for t, text in score.marks]
    events += sorted(timed, key=operator.attrgetter("tick"))
    return [*events, midi.meta(max(end, events[-1].tick), midi.END, b"")]


def _channels(tracks: tuple[Track, ...]) -> list[tuple[int, int]]:
    """(port, channel) of each track."""
    pitched = [t for t in tracks if not t.drums]
    share = len(pitched) > len(_MELODIC)
    places: dict[Any, tuple[int, int]] = {}
    out = []
    for number, track in enumerate(tracks):
        if track.drums:
            out.append((0, _DRUM_CHANNEL))
            continue
        mix = (track.program, track.pan, track.level_db, track.reverb, track.pedals)
        name: Any = mix if share else number
        place = (len(places) // len(_MELODIC), _MELODIC[len(places) % len(_MELODIC)])
        out.append(places.setdefault(name, place))
    return out


def _seven_bits(value: float) -> int:
    return min(127, max(0, round(value)))


def _part(track: Track, clock: _Clock, port: int, channel: int, end: int) -> list[Event]:
    head = [midi.meta(0, midi.NAME, track.name.encode())]
    if port:
        head.append(midi.meta(0, midi.PORT, bytes((min(port, 127),))))
    head.append(Event(0, midi.PROGRAM, channel, bytes((track.program,))))
    for number, value in (
        (_VOLUME, _UNITY * 10 ** (track.level_db / 40)),
        (_PAN, 64 + 63 * track.pan),
        (_REVERB, 127 * track.reverb),
    ):
        head.append(Event(0, midi.CONTROL, channel, bytes((number, _seven_bits(value)))))
    timed = _note_events(track.notes, clock, channel)
    for down, up in track.pedals:
        timed.append((clock.tick(up), 1, Event(clock.tick(up), midi.CONTROL, channel, bytes((_PEDAL, 0)))))
        timed.append((clock.tick(down), 2, Event(clock.tick(down), midi.CONTROL, channel, bytes((_PEDAL, 127)))))
    timed.sort(key=lambda item: (item[0], item[1], item[2].data))
    last = max([end, *(tick for tick, _, _ in timed)])
    return [*head, *(event for _, _, event in timed), midi.meta(last, midi.END, b"")]


def _note_events(notes: tuple[Note, ...], clock: _Clock, channel: int) -> list[tuple[int, int, Event]]:
    """(tick, rank, event): at one tick offs come before controllers, and those before ons."""
    ordered = sorted((clock.tick(n.start_s), n.pitch, clock.tick(n.end_s), n.velocity) for n in notes)
    out = []
    for pitch, same in itertools.groupby(sorted(ordered, key=lambda n: (n[1], n[0])), key=lambda n: n[1]):
        spans = list(same)
        starts = [s[0] for s in spans[1:]] + [1 << 60]
        for (start, _, stop, velocity), following in zip(spans, starts, strict=True):
            if following == start:
                continue
            stop = max(start + 1, min(stop, following))
            out.append((start, 3, Event(start, midi.ON, channel, bytes((pitch, velocity)))))
            out.append((stop, 0, Event(stop, midi.OFF, channel, bytes((pitch, 64)))))
    return out


@dataclass(slots=True)
class _Part:
    """A track in the making."""

    name: str
    program: int
    drums: bool
    notes: list[Note] = field(default_factory=list)
    controls: dict[int, int] = field(default_factory=dict)
    pedals: list[tuple[float, float]] = field(default_factory=list)

    def track(self) -> Track:
        known = self.controls
        level = 40 * math.log10(max(known.get(_VOLUME, _UNITY), 1) / _UNITY)
        return Track(
            self.name,
            self.program,
            tuple(sorted(self.notes, key=lambda n: (n.start_s, n.pitch))),
            self.drums,
            pan=max(-1.0, (known.get(_PAN, 64) - 64) / 63),
            level_db=round(level, 3),
            reverb=known[_REVERB] / 127 if _REVERB in known else 0.25,
            pedals=tuple(self.pedals),
        )


def from_midi(data: bytes) -> Score:
    """The score in the bytes of a MIDI file: times in seconds through its tempo map, one track per part and program.

    Raises BadMedia when the bytes are no MIDI file of type 0 or 1, are damaged, or last no time at all.
    """
    file = midi.read(data)
    clock, tempos = _file_clock(file)
    parts: list[_Part] = []
    for events in file.tracks:
        parts += _Reader(events, clock.time_s).parts()
    everything = [event for events in file.tracks for event in events]
    duration = max(clock.time_s(max((e.tick for e in everything), default=0)), 0.0)
    if duration <= 0:
        raise BadMedia("MIDI: expected music that lasts, got a file without notes or length")
    metres = [e.data[0] for e in everything if e.meta == midi.METRE and e.data and e.data[0]]
    marks = tuple((clock.time_s(e.tick), _text(e.data)) for e in everything if e.meta == midi.MARKER)
    return Score(
        tuple(p.track() for p in parts if p.notes),
        duration,
        tempos,
        metres[0] if metres else 4,
        tuple(sorted(marks)),
        _recipe(everything),
    )


def _text(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data.decode("latin-1")


def _recipe(events: Iterable[Event]) -> dict[str, Any]:
    for event in events:
        text = _text(event.data) if event.meta == midi.TEXT else ""
        if text.startswith(RECIPE_PREFIX):
            try:
                found = json.loads(text[len(RECIPE_PREFIX) :])
            except ValueError:
                continue
            if isinstance(found, dict):
                return found
    return {}


def _file_clock(file: midi.File) -> tuple[_Clock, tuple[tuple[float, float], ...]]:
    if file.ticks_per_s:
        return _Clock(file.ticks_per_s, 1_000_000), ((0.0, 120.0),)
    clock = _Clock(file.division, 500_000)
    tempos = [e for events in file.tracks for e in events if e.meta == midi.TEMPO and len(e.data) == 3]
    for event in sorted(tempos, key=operator.attrgetter("tick")):
        clock.add(event.tick, max(1, int.from_bytes(event.data, "big")))
    return clock, tuple((t, 60e6 / us) for t, (_, us) in zip(clock.times_s, clock.changes, strict=True))


class _Reader:
    """Collects the parts of one MIDI track: one for each channel and program that plays in it."""

    def __init__(self, events: tuple[Event, ...], time_s: Callable[[int], float]) -> None:
        self._time_s = time_s
        self._name = next((_text(e.data) for e in events if e.meta == midi.NAME), "")
        self._parts: dict[tuple[int, int], _Part] = {}
        self._programs: dict[int, int] = {}
        self._controls: dict[int, dict[int, int]] = {}
        self._open: dict[tuple[int, int], deque[tuple[int, int, _Part]]] = {}
        self._pedals: dict[int, list[tuple[int, int]]] = {}
        for event in events:
            self._take(event)
        self._last = events[-1].tick if events else 0

    def _take(self, e: Event) -> None:
        if e.kind == midi.PROGRAM:
            self._programs[e.channel] = e.data[0]
        elif e.kind == midi.CONTROL and e.data[0] == _PEDAL:
            self._pedals.setdefault(e.channel, []).append((e.tick, e.data[1]))
        elif e.kind == midi.CONTROL:
            self._controls.setdefault(e.channel, {}).setdefault(e.data[0], e.data[1])
        elif e.kind == midi.ON and e.data[1]:
            self._start(e)
        elif e.kind in (midi.ON, midi.OFF):
            self._end(e.channel, e.data[0], e.tick)

    def _start(self, e: Event) -> None:
        program = self._programs.get(e.channel, 0)
        fresh = _Part(self._name or f"channel {e.channel + 1}", program, e.channel == _DRUM_CHANNEL)
        part = self._parts.setdefault((e.channel, program), fresh)
        self._open.setdefault((e.channel, e.data[0]), deque()).append((e.tick, e.data[1], part))

    def _end(self, channel: int, pitch: int, tick: int) -> None:
        if waiting := self._open.get((channel, pitch)):
            start, velocity, part = waiting.popleft()
            start_s = self._time_s(start)
            part.notes.append(Note(start_s, max(self._time_s(tick) - start_s, 1e-3), pitch, velocity))

    def parts(self) -> list[_Part]:
        """The finished parts; a note that never ended ends with the track, unless it is the double of one that did."""
        for (channel, pitch), waiting in self._open.items():
            while waiting:
                start, _, part = waiting[0]
                if any(n.pitch == pitch and n.start_s == self._time_s(start) for n in part.notes):
                    waiting.popleft()
                else:
                    self._end(channel, pitch, self._last)
        for (channel, _), part in self._parts.items():
            part.controls = self._controls.get(channel, {})
            part.pedals = _pedal_spans(self._pedals.get(channel, []), self._last, self._time_s)
        return list(self._parts.values())


def _pedal_spans(moves: list[tuple[int, int]], last: int, time_s: Callable[[int], float]) -> list[tuple[float, float]]:
    spans, down = [], -1
    for tick, value in [*moves, (last, 0)]:
        if value >= 64 and down < 0:
            down = tick
        elif value < 64 and down >= 0:
            spans.append((time_s(down), time_s(tick)))
            down = -1
    return spans
