"""Styles: how each genre that a photo can be asked for in is arranged: who plays, what groove, how fast, in what room.

A style is one of `prompt_genres.GENRES` as an arranger takes it: small ensembles for its calm and its roused ends, figures,
bass lines and grooves that are its own, a tempo within the genre's range. Key, mode, form, melody, loudness and register
still follow the feeling, so that the same genre can be asked for anywhere on the plane.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from moodscore.affect import Affect
from moodscore.errors import BadValue
from moodscore.music.instruments import Ensemble
from moodscore.music.prompt_genres import GENRES, Genre, named

STANDARD_KIT, POWER_KIT, ELECTRONIC_KIT, BRUSH_KIT, CONCERT_KIT = 0, 16, 24, 40, 48  # General MIDI 2 programs of drums


@dataclass(frozen=True, slots=True)
class Style:
    """How a genre is arranged.

    `ensembles` are its players over the plane; `density` the share of the onsets a feeling asks for; `drum_program` the
    General MIDI program of the drums, `drums_db` how much louder they are than elsewhere; `reverb` multiplies what is sent
    to the hall. `free` tells a composer that writes accompaniment of its own that it may; otherwise the style's patterns
    accompany. `lean` (valence, arousal) is added to a feeling before it becomes cues, because a genre's tempo and texture
    say something of their own; it was set by what the critic, never the judge, hears in each style.
    """

    genre: Genre
    ensembles: tuple[Ensemble, ...]
    density: float = 1.0
    drum_program: int = STANDARD_KIT
    drums_db: float = 0.0
    reverb: float = 1.0
    free: bool = False
    lean: tuple[float, float] = (0.0, 0.0)

    @property
    def name(self) -> str:
        """The genre's English name."""
        return self.genre.name

    @property
    def instruments(self) -> frozenset[str]:
        """Everybody who may play in it."""
        return frozenset(name for ensemble in self.ensembles for name in ensemble.players)

    @property
    def bounds_bpm(self) -> tuple[float, float]:
        """The slowest and the fastest tempo, in beats a minute."""
        return float(self.genre.slow_bpm), float(self.genre.fast_bpm)

    def leaning(self, affect: Affect) -> Affect:
        """The feeling that key, register, density and dynamics are taken from, so that the style is heard as `affect`."""
        return Affect.clipped(affect.valence + self.lean[0], affect.arousal + self.lean[1])

    def tempo_bpm(self, affect: Affect, pace: float = 1.0) -> float:
        """The tempo for a feeling, `pace` times the genre's own, within its bounds."""
        slow, fast = self.bounds_bpm
        return min(fast, max(slow, pace * (slow + (fast - slow) * (affect.arousal + 1.0) / 2.0)))


def style(name: str) -> Style:
    """The style of a genre by its English or Korean name; raises BadValue for one that does not exist."""
    genre = named(name)
    if genre is None:
        raise BadValue(f"style: expected one of {', '.join(g.name for g in GENRES)}, got {name!r}")
    return _styles()[genre.name]


def _ensemble(name: str, arousal: float, **parts: object) -> Ensemble:
    """An ensemble of a style: styles choose by arousal alone, so that all lie on one line."""
    rest: dict[str, object] = {"pad": (), "double": (), **parts}
    return Ensemble(name, Affect(0.0, arousal), **rest)  # type: ignore[arg-type]


def _lofi() -> Style:
    tape = _ensemble(
        "lo-fi tape",
        -0.35,
        melody=(("vibraphone", "jazz guitar"), ("kalimba", "e-piano"), ("jazz guitar", "muted trumpet")),
        figure=("e-piano",),
        pad=("warm pad",),
        bass=("fretless bass", "electric bass"),
        double=("kalimba",),
        figures=("dozing",),
        basses=("lazy",),
        kit="dusty",
        swing=0.58,
    )
    return Style(_genre("lo-fi"), (tape,), density=0.8, reverb=0.6, lean=(0.45, -0.2))


def _ballad() -> Style:
    alone = _ensemble(
        "piano and strings",
        -0.6,
        melody=(("piano", "piano"), ("piano", "cello")),
        figure=("piano",),
        pad=("slow strings",),
        bass=("piano",),
        figures=("broken", "arpeggio"),
        basses=("hold",),
        threes=True,
    )
    full = _ensemble(
        "piano and full strings",
        0.3,
        melody=(("piano", "violin"), ("piano", "piano")),
        figure=("piano",),
        pad=("strings",),
        bass=("piano",),
        double=("violin", "cello"),
        figures=("broken", "arpeggio"),
        basses=("root_fifth", "hold"),
    )
    return Style(_genre("piano ballad"), (alone, full), density=0.9, reverb=1.1, free=True, lean=(0.1, 0.0))


def _orchestral() -> Style:
    strings = _ensemble(
        "strings and winds",
        -0.4,
        melody=(("horn", "oboe"), ("violin", "flute"), ("cello", "clarinet")),
        figure=("harp", "pizzicato"),
        pad=("slow strings",),
        bass=("contrabass",),
        double=("flute", "violin"),
        figures=("arpeggio", "broken"),
        basses=("hold", "pedal"),
        threes=True,
    )
    tutti = _ensemble(
        "full orchestra",
        0.5,
        melody=(("horn", "trumpet"), ("violin", "horn"), ("trumpet", "violin")),
        figure=("marcato strings",),
        pad=("brass",),
        bass=("contrabass", "tuba"),
        double=("trumpet", "violin"),
        figures=("ostinato", "stabs", "tremolo"),
        basses=("pulse", "pedal"),
        kit="concert",
        strike=("timpani",),
        strikes="timpani",
    )
    return Style(_genre("orchestral"), (strings, tutti), drum_program=CONCERT_KIT, reverb=1.25, lean=(-0.2, 0.1))


def _synthwave() -> Style:
    def machines(name: str, arousal: float, kit: str, basses: tuple[str, ...]) -> Ensemble:
        return _ensemble(
            name,
            arousal,
            melody=(("saw lead", "square lead"), ("square lead", "saw lead"), ("synth brass", "square lead")),
            figure=("poly synth",),
            pad=("synth strings", "warm pad"),
            bass=("synth bass",),
            double=("square lead",),
            figures=("gated",),
            basses=basses,
            kit=kit,
        )

    night = machines("night drive", -0.4, "slow gate", ("octaves",))
    neon = machines("neon drive", 0.35, "gate", ("sequenced", "octaves"))
    return Style(_genre("synthwave"), (night, neon), drum_program=ELECTRONIC_KIT, drums_db=2.0, lean=(-0.1, -0.25))


def _folk() -> Style:
    porch = _ensemble(
        "guitar by the fire",
        -0.4,
        melody=(("nylon guitar", "flute"), ("harmonica", "nylon guitar"), ("flute", "fiddle")),
        figure=("steel guitar",),
        bass=("upright bass",),
        double=("fiddle",),
        figures=("picked",),
        basses=("hold", "root_fifth"),
        threes=True,
    )
    dance = _ensemble(
        "folk band",
        0.25,
        melody=(("fiddle", "flute"), ("harmonica", "fiddle"), ("banjo", "fiddle")),
        figure=("steel guitar",),
        pad=("accordion",),
        bass=("upright bass",),
        double=("flute",),
        figures=("strum", "picked"),
        basses=("root_fifth",),
        kit="porch",
    )
    return Style(_genre("acoustic folk"), (porch, dance), reverb=0.7, lean=(0.2, 0.0))


def _jazz() -> Style:
    def trio(name: str, arousal: float, kit: str, basses: tuple[str, ...]) -> Ensemble:
        return _ensemble(
            name,
            arousal,
            melody=(("piano", "piano"),),
            figure=("piano",),
            bass=("upright bass",),
            figures=("comping",),
            basses=basses,
            kit=kit,
            swing=0.64,
        )

    late = trio("late trio", -0.6, "two feel", ("root_fifth",))
    swinging = trio("swinging trio", 0.1, "ride", ("walk",))
    return Style(
        _genre("jazz trio"), (late, swinging), drum_program=BRUSH_KIT, drums_db=2.0, reverb=0.6, lean=(0.0, 0.1)
    )


def _ambient() -> Style:
    drift = _ensemble(
        "drifting pads",
        -0.5,
        melody=(("crystal", "pan flute"), ("celesta", "choir"), ("vibraphone", "pan flute")),
        figure=("bowed pad", "halo pad"),
        pad=("new age pad", "sweep pad"),
        bass=("contrabass",),
        double=("choir",),
        figures=("swell",),
        basses=("hold",),
        strike=("tubular bells", "celesta"),
        strikes="bell",
    )
    return Style(_genre("ambient"), (drift,), density=0.6, reverb=1.7, lean=(0.45, -0.1))


def _rock() -> Style:
    ballad = _ensemble(
        "clean guitars",
        -0.4,
        melody=(("overdriven guitar", "clean guitar"), ("clean guitar", "overdriven guitar")),
        figure=("clean guitar",),
        pad=("rock organ",),
        bass=("picked bass",),
        double=("overdriven guitar",),
        figures=("arpeggio", "strum"),
        basses=("pulse",),
        kit="side stick",
    )
    loud = _ensemble(
        "loud guitars",
        0.35,
        melody=(("overdriven guitar", "distortion guitar"),),
        figure=("distortion guitar",),
        pad=("rock organ",),
        bass=("picked bass",),
        double=("overdriven guitar",),
        figures=("chug", "power"),
        basses=("eighths",),
        kit="backbeat",
    )
    return Style(_genre("rock"), (ballad, loud), drum_program=POWER_KIT, drums_db=3.0, reverb=0.5, lean=(-0.4, -0.1))


def _genre(name: str) -> Genre:
    found = named(name)
    assert found is not None
    return found


@lru_cache(maxsize=1)
def _styles() -> dict[str, Style]:
    made = (_lofi(), _ballad(), _orchestral(), _synthwave(), _folk(), _jazz(), _ambient(), _rock())
    return {one.name: one for one in made}
