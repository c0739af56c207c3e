"""Casting: who plays what in each phrase, so that a piece starts thin, changes colour and ends full."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from moodscore.affect import Affect
from moodscore.music.form import Phrase
from moodscore.music.instruments import ENSEMBLES, Ensemble, ensemble_for

MAX_PARTS = 14  # with the drums one short of the sixteen channels of MIDI
TURNS = 6  # blocks of four phrases before the same alternatives come round


@dataclass(frozen=True, slots=True)
class Cast:
    """Who plays a phrase: its ensemble, (role, instrument) pairs, the patterns of figure and bass, the percussion kit."""

    ensemble: Ensemble
    roles: tuple[tuple[str, str], ...]
    figure: str
    bass_line: str
    kit: str


class Casting:
    """Who plays what, phrase by phrase: one choice per ensemble and piece, thinner at the start, fuller at the end.

    `ensembles` are those to choose from: all of the plane, or those of a style.
    """

    def __init__(self, rng: np.random.Generator, ensembles: tuple[Ensemble, ...] = ENSEMBLES) -> None:
        self._ensembles = ensembles
        self._choice = {e.name: [int(n) for n in rng.integers(60, size=8)] for e in ensembles}
        self._current: Ensemble | None = None
        self._hired: set[tuple[bool, str]] = set()

    def _engage(self, feeling: Affect, block: int) -> tuple[Ensemble, int]:
        """The ensemble for a feeling and its turn; when new parts would be too many, the nearest one already hired."""
        wanted = ensemble_for(feeling, self._current, self._ensembles)
        for turn in (block % TURNS, 0):
            parts = self._hired | self._parts(wanted, turn)
            if len(parts) <= MAX_PARTS:
                self._hired, self._current = parts, wanted
                return wanted, turn
        known = [(e, t) for e in self._ensembles for t in range(TURNS) if self._parts(e, t) <= self._hired]
        self._current, turn = min(known, key=lambda k: (k[0].place.distance(feeling), k[1] != block % TURNS))
        return self._current, turn

    def _parts(self, ensemble: Ensemble, turn: int) -> set[tuple[bool, str]]:
        """The parts of an ensemble: whether it leads, and the instrument."""
        return {(role in ("melody", "second", "double"), name) for role, name in self._roles(ensemble, turn)}

    def _roles(self, ensemble: Ensemble, turn: int) -> tuple[tuple[str, str], ...]:
        """Who plays each role; every block of four phrases turns to other alternatives."""
        pick = [n + turn for n in self._choice[ensemble.name]]
        first, second = ensemble.melody[pick[0] % len(ensemble.melody)]
        others = (
            ("figure", ensemble.figure, pick[1]),
            ("pad", ensemble.pad, pick[2]),
            ("bass", ensemble.bass, self._choice[ensemble.name][3]),
            ("double", ensemble.double, pick[4]),
            ("strike", ensemble.strike, pick[7]),
        )
        cast = ((role, names[which % len(names)]) for role, names, which in others if names)
        return (("melody", first), ("second", second), *cast)

    def cast(self, phrase: Phrase, feeling: Affect, index: int) -> Cast:
        """The cast of phrase number `index`."""
        ensemble, turn = self._engage(feeling, phrase.block)
        pick = self._choice[ensemble.name]
        roles = dict(self._roles(ensemble, turn))
        second = roles.pop("second")
        contrasting = phrase.theme in ("B", "D", "E")
        if contrasting:
            roles["melody"] = second
        for role in _resting(phrase, feeling):
            idle = roles.pop(role, None)
            if role == "double" and idle and _answered(phrase, feeling):
                roles["echo"] = idle
        figure = ensemble.figures[(pick[5] + phrase.block + contrasting) % len(ensemble.figures)]
        bass_line = ensemble.basses[(pick[6] + phrase.block) % len(ensemble.basses)]
        return Cast(ensemble, tuple(roles.items()), figure, bass_line, _kit(ensemble, phrase, feeling, index))


def _answered(phrase: Phrase, feeling: Affect) -> bool:
    """Whether the voice that will double the climax answers the end of this phrase."""
    return phrase.label != "intro" and phrase.cadence in ("half", "authentic", "deceptive") and feeling.arousal > -0.65


def _kit(ensemble: Ensemble, phrase: Phrase, feeling: Affect, index: int) -> str:
    """The percussion: silent in a calm introduction, and where a middle block of a long piece takes breath."""
    opening = index == 0 and phrase.label == "intro" and feeling.arousal <= 0.5
    breath = phrase.block % 4 == 1 and phrase.variation == 0 and feeling.arousal <= 0.6
    return "" if opening or breath else ensemble.kit


def _resting(phrase: Phrase, feeling: Affect) -> tuple[str, ...]:
    """The roles that rest: the introduction has no melody, first statements are thinner, only climaxes are doubled."""
    if phrase.label == "intro":
        return ("melody", "double", "bass") if feeling.arousal < 0.3 else ("melody", "double")
    if phrase.variation < 2 and phrase.label != "coda":
        calm = feeling.arousal < -0.3 and phrase.block % 2 == 0
        thin = feeling.valence > -0.1 and (calm or (phrase.variation == 0 and feeling.arousal < 0.5))
        return ("double", "pad") if thin else ("double",)
    return ("double",) if feeling.arousal < -0.5 else ()
