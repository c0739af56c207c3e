"""Instruments: General MIDI programs with their comfortable ranges and places in the mix, and ensembles over the plane.

Ranges are the sounding ranges orchestration books give as comfortable (S. Adler, The Study of Orchestration, 4th ed.), a
little narrower where the sound font thins out. An ensemble is a small orchestra for one region of the plane: bright, soft
and plucked for calm and pleasant, brass and drums for excited and pleasant, tremolo, low brass and taiko for excited and
unpleasant, low strings and dark pads for calm and unpleasant. Timbre follows Gabrielsson & Lindström (2010): soft, few
overtones -> tender and sad; bright, sharp -> anger, fear, activity.
"""

from __future__ import annotations

from dataclasses import dataclass

from moodscore.affect import Affect


@dataclass(frozen=True, slots=True)
class Instrument:
    """A General MIDI program: lowest and highest pitch, pan (-1 left .. 1 right), fader, hall share, seconds of release."""

    name: str
    program: int
    low: int
    high: int
    pan: float
    level_db: float
    reverb: float
    release_s: float
    pedal: bool = False


_TABLE = (
    ("piano", 0, 28, 96, -0.10, -1.0, 0.28, 0.5, True),
    ("e-piano", 4, 36, 90, 0.15, -1.0, 0.28, 0.4, True),
    ("celesta", 8, 60, 102, 0.25, 0.0, 0.38, 0.8, False),
    ("glockenspiel", 9, 72, 103, 0.30, -3.0, 0.38, 0.8, False),
    ("music box", 10, 60, 96, -0.20, 0.0, 0.38, 0.8, False),
    ("vibraphone", 11, 53, 89, 0.25, -2.0, 0.34, 0.8, True),
    ("marimba", 12, 45, 93, 0.30, 0.0, 0.26, 0.3, False),
    ("tubular bells", 14, 60, 77, -0.35, -5.0, 0.42, 1.2, False),
    ("rock organ", 18, 43, 84, 0.20, -7.0, 0.20, 0.2, False),
    ("accordion", 21, 48, 84, 0.25, -6.0, 0.22, 0.3, False),
    ("harmonica", 22, 60, 86, 0.10, -2.0, 0.26, 0.2, False),
    ("nylon guitar", 24, 40, 80, -0.25, 1.0, 0.24, 0.4, False),
    ("steel guitar", 25, 40, 84, 0.30, -1.0, 0.22, 0.4, False),
    ("jazz guitar", 26, 40, 82, 0.20, 0.0, 0.20, 0.3, False),
    ("clean guitar", 27, 40, 84, 0.35, -1.0, 0.22, 0.3, False),
    ("overdriven guitar", 29, 40, 76, -0.35, -2.0, 0.18, 0.2, False),
    ("distortion guitar", 30, 40, 80, 0.40, -5.0, 0.14, 0.2, False),
    ("upright bass", 32, 28, 55, 0.0, 0.0, 0.12, 0.3, False),
    ("electric bass", 33, 28, 55, 0.0, -1.0, 0.08, 0.2, False),
    ("picked bass", 34, 28, 55, 0.0, -1.0, 0.06, 0.2, False),
    ("fretless bass", 35, 28, 55, 0.0, -1.0, 0.08, 0.3, False),
    ("synth bass", 38, 28, 55, 0.0, -4.0, 0.08, 0.2, False),
    ("violin", 40, 55, 93, -0.30, -1.0, 0.34, 0.4, False),
    ("viola", 41, 48, 81, 0.15, 0.0, 0.34, 0.4, False),
    ("cello", 42, 36, 72, 0.25, -1.0, 0.34, 0.4, False),
    ("contrabass", 43, 28, 55, 0.30, 0.0, 0.30, 0.4, False),
    ("tremolo strings", 44, 40, 88, -0.20, -4.0, 0.36, 0.5, False),
    ("pizzicato", 45, 36, 88, -0.25, 1.0, 0.30, 0.3, False),
    ("harp", 46, 31, 96, 0.35, 0.0, 0.34, 0.8, False),
    ("timpani", 47, 36, 57, 0.15, -2.0, 0.34, 0.8, False),
    ("strings", 48, 36, 91, 0.0, -2.5, 0.36, 0.7, False),
    ("marcato strings", 48, 36, 91, 0.0, 4.0, 0.30, 0.5, False),
    ("slow strings", 49, 36, 88, 0.0, -3.0, 0.40, 0.9, False),
    ("synth strings", 50, 36, 91, 0.0, -6.0, 0.36, 0.8, False),
    ("choir", 52, 43, 79, 0.0, -4.0, 0.42, 0.7, False),
    ("trumpet", 56, 55, 82, 0.30, -2.0, 0.30, 0.3, False),
    ("trombone", 57, 40, 70, 0.20, -2.0, 0.30, 0.3, False),
    ("tuba", 58, 28, 55, 0.10, -2.0, 0.28, 0.3, False),
    ("muted trumpet", 59, 55, 82, -0.15, -3.0, 0.30, 0.3, False),
    ("horn", 60, 41, 75, -0.25, -1.0, 0.36, 0.4, False),
    ("brass", 61, 40, 79, 0.20, -2.0, 0.30, 0.3, False),
    ("synth brass", 62, 40, 82, -0.10, -4.0, 0.26, 0.3, False),
    ("oboe", 68, 58, 86, 0.10, -2.0, 0.34, 0.3, False),
    ("bassoon", 70, 34, 67, 0.20, -3.0, 0.30, 0.3, False),
    ("clarinet", 71, 50, 86, 0.15, -3.0, 0.32, 0.3, False),
    ("flute", 73, 60, 93, -0.15, -3.0, 0.34, 0.3, False),
    ("pan flute", 75, 60, 88, -0.15, -3.0, 0.38, 0.4, False),
    ("square lead", 80, 48, 88, -0.10, -5.0, 0.30, 0.3, False),
    ("saw lead", 81, 48, 88, 0.10, -6.0, 0.30, 0.3, False),
    ("new age pad", 88, 43, 84, 0.0, -7.0, 0.40, 1.2, False),
    ("warm pad", 89, 40, 84, 0.0, -6.0, 0.38, 1.0, False),
    ("poly synth", 90, 40, 88, 0.25, -5.0, 0.22, 0.3, False),
    ("bowed pad", 92, 40, 84, 0.0, -6.0, 0.42, 1.2, False),
    ("halo pad", 94, 40, 80, 0.0, -8.0, 0.42, 1.2, False),
    ("sweep pad", 95, 40, 84, 0.0, -8.0, 0.42, 1.2, False),
    ("crystal", 98, 55, 96, 0.15, -5.0, 0.42, 0.8, False),
    ("banjo", 105, 48, 84, 0.20, -1.0, 0.18, 0.3, False),
    ("kalimba", 108, 55, 91, -0.15, 0.0, 0.26, 0.4, False),
    ("fiddle", 110, 55, 91, -0.25, -3.0, 0.22, 0.3, False),
    ("taiko", 116, 36, 60, -0.10, -3.0, 0.34, 0.8, False),
)
INSTRUMENTS: dict[str, Instrument] = {row[0]: Instrument(*row) for row in _TABLE}


@dataclass(frozen=True, slots=True)
class Ensemble:
    """A small orchestra for one region of the plane, and the ways it plays.

    Each role names its alternatives: two melody voices (the second takes contrasting phrases), what accompanies, what holds
    the harmony, the bass, a doubling voice for climaxes. `figures` and `basses` are names in `patterns`; `kit` names a
    percussion pattern, or is empty. Styles may leave `pad` and `double` empty, and have `strike`: somebody who marks the
    chords by the pattern `strikes`.
    """

    name: str
    place: Affect
    melody: tuple[tuple[str, str], ...]
    figure: tuple[str, ...]
    pad: tuple[str, ...]
    bass: tuple[str, ...]
    double: tuple[str, ...]
    figures: tuple[str, ...]
    basses: tuple[str, ...]
    kit: str = ""
    threes: bool = False
    swing: float = 0.5
    strike: tuple[str, ...] = ()
    strikes: str = ""

    @property
    def players(self) -> frozenset[str]:
        """Everybody who may play in it."""
        melody = (name for pair in self.melody for name in pair)
        return frozenset((*melody, *self.figure, *self.pad, *self.bass, *self.double, *self.strike))


def _ensemble(name: str, valence: float, arousal: float, **parts: object) -> Ensemble:
    return Ensemble(name, Affect(valence, arousal), **parts)  # type: ignore[arg-type]


ENSEMBLES: tuple[Ensemble, ...] = (
    _ensemble(
        "lullaby",
        0.65,
        -0.8,
        melody=(("celesta", "flute"), ("music box", "violin")),
        figure=("harp",),
        pad=("slow strings",),
        bass=("cello",),
        double=("violin",),
        figures=("arpeggio", "broken"),
        basses=("hold",),
        threes=True,
    ),
    _ensemble(
        "felt piano",
        0.05,
        -0.75,
        melody=(("piano", "cello"), ("piano", "clarinet")),
        figure=("piano",),
        pad=("slow strings", "warm pad"),
        bass=("cello", "contrabass"),
        double=("viola",),
        figures=("broken", "arpeggio"),
        basses=("hold",),
        threes=True,
    ),
    _ensemble(
        "lament",
        -0.65,
        -0.75,
        melody=(("cello", "oboe"), ("viola", "cello"), ("oboe", "viola")),
        figure=("piano", "harp"),
        pad=("slow strings",),
        bass=("contrabass",),
        double=("horn",),
        figures=("broken", "block"),
        basses=("hold",),
        threes=True,
    ),
    _ensemble(
        "guitar song",
        0.6,
        -0.3,
        melody=(("flute", "oboe"), ("clarinet", "flute"), ("nylon guitar", "pan flute")),
        figure=("nylon guitar",),
        pad=("slow strings", "warm pad"),
        bass=("upright bass",),
        double=("vibraphone",),
        figures=("arpeggio", "strum", "alberti"),
        basses=("hold", "root_fifth"),
        threes=True,
    ),
    _ensemble(
        "night",
        -0.7,
        -0.3,
        melody=(("bassoon", "cello"), ("horn", "viola")),
        figure=("harp", "piano"),
        pad=("halo pad", "choir"),
        bass=("contrabass",),
        double=("tubular bells",),
        figures=("broken", "ostinato"),
        basses=("hold", "pedal"),
    ),
    _ensemble(
        "drift",
        0.0,
        -0.2,
        melody=(("e-piano", "pan flute"), ("vibraphone", "clarinet")),
        figure=("e-piano", "piano"),
        pad=("warm pad", "new age pad"),
        bass=("electric bass", "upright bass"),
        double=("celesta",),
        figures=("arpeggio", "broken"),
        basses=("hold", "root_fifth"),
        kit="brushes",
    ),
    _ensemble(
        "sunny band",
        0.75,
        0.2,
        melody=(("clarinet", "flute"), ("marimba", "clarinet"), ("piano", "violin")),
        figure=("steel guitar", "piano"),
        pad=("strings",),
        bass=("upright bass", "electric bass"),
        double=("glockenspiel",),
        figures=("stride", "strum", "alberti"),
        basses=("root_fifth", "walk"),
        kit="light",
        threes=True,
        swing=0.58,
    ),
    _ensemble(
        "travel",
        0.1,
        0.25,
        melody=(("violin", "clarinet"), ("piano", "horn")),
        figure=("piano", "clean guitar"),
        pad=("strings", "warm pad"),
        bass=("electric bass",),
        double=("flute",),
        figures=("arpeggio", "driving", "ostinato"),
        basses=("root_fifth", "pulse"),
        kit="light",
    ),
    _ensemble(
        "suspense",
        -0.65,
        0.2,
        melody=(("clarinet", "viola"), ("bassoon", "violin")),
        figure=("pizzicato", "piano"),
        pad=("tremolo strings", "choir"),
        bass=("contrabass",),
        double=("horn",),
        figures=("ostinato", "alberti"),
        basses=("pulse", "pedal"),
        kit="ticking",
    ),
    _ensemble(
        "festival",
        0.8,
        0.8,
        melody=(("trumpet", "violin"), ("brass", "clarinet"), ("violin", "trumpet")),
        figure=("piano", "steel guitar"),
        pad=("strings",),
        bass=("electric bass",),
        double=("glockenspiel", "flute"),
        figures=("driving", "stride", "strum"),
        basses=("octaves", "walk", "pulse"),
        kit="pop",
    ),
    _ensemble(
        "adventure",
        0.1,
        0.8,
        melody=(("horn", "trumpet"), ("violin", "horn")),
        figure=("marcato strings", "piano"),
        pad=("brass", "choir"),
        bass=("contrabass", "electric bass"),
        double=("trumpet",),
        figures=("ostinato", "driving", "stabs"),
        basses=("pulse", "octaves"),
        kit="epic",
    ),
    _ensemble(
        "chase",
        -0.75,
        0.8,
        melody=(("trombone", "violin"), ("violin", "brass"), ("overdriven guitar", "horn")),
        figure=("marcato strings", "piano"),
        pad=("tremolo strings", "choir"),
        bass=("contrabass", "synth bass"),
        double=("brass", "horn"),
        figures=("ostinato", "stabs", "tremolo"),
        basses=("pulse", "pedal"),
        kit="war",
    ),
)


def ensemble_for(affect: Affect, current: Ensemble | None = None, among: tuple[Ensemble, ...] = ENSEMBLES) -> Ensemble:
    """The ensemble whose place is nearest; the `current` one stays unless another is clearly nearer."""
    nearest = min(among, key=lambda e: e.place.distance(affect))
    if current and current.place.distance(affect) < nearest.place.distance(affect) + 0.15:
        return current
    return nearest


def voice_span(instrument: str, register: float) -> tuple[int, int]:
    """A span of at most a twelfth and a half around `register` where the instrument sings well."""
    played = INSTRUMENTS[instrument]
    middle = max(played.low + 9, min(round(register), played.high - 10))
    return max(played.low, middle - 10), min(played.high, middle + 11)
