"""Casting: who plays what in each phrase, so that a piece starts thin, changes colour and ends full."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from moodscore.affect import Affect
from moodscore.music.form import Phrase
from moodscore.music.instruments import ENSEMBLES, Ensemble, ensemble_for

MAX_PARTS = 14  # with the drums one short of the sixteen channels of MIDI


@dataclass(frozen=True, slots=True)
class Cast:
    """Who plays a phrase: its ensemble, (role, instrument) pairs, the patterns of figure and bass, the percussion kit."""

    ensemble: Ensemble
    roles: tuple[tuple[str, str], ...]
    figure: str
    bass_line: str
    kit: str


class Casting:
    """Who plays what, phrase by phrase: one choice per ensemble and piece, thinner at the start, fuller at the end."""

    def __init__(self, rng: np.random.Generator) -> None:
        self._choice = {e.name: [int(n) for n in rng.integers(60, size=8)] for e in ENSEMBLES}
        self._current: Ensemble | None = None
        self._hired: set[tuple[bool, str]] = set()

    def _ensemble(self, feeling: Affect) -> Ensemble:
        wanted = ensemble_for(feeling, self._current)
        names = self._names(wanted)
        if self._current and len(self._hired | names) > MAX_PARTS:
            played = [e for e in ENSEMBLES if self._names(e) <= self._hired]
            wanted = min(played or [self._current], key=lambda e: e.place.distance(feeling))
        self._hired |= self._names(wanted)
        self._current = wanted
        return wanted

    def _names(self, ensemble: Ensemble) -> set[tuple[bool, str]]:
        """The parts of an ensemble: whether it leads, and the instrument."""
        return {(role in ("melody", "second", "double"), name) for role, name in self._roles(ensemble)}

    def _roles(self, ensemble: Ensemble) -> tuple[tuple[str, str], ...]:
        pick = self._choice[ensemble.name]
        first, second = ensemble.melody[pick[0] % len(ensemble.melody)]
        return (
            ("melody", first),
            ("second", second),
            ("figure", ensemble.figure[pick[1] % len(ensemble.figure)]),
            ("pad", ensemble.pad[pick[2] % len(ensemble.pad)]),
            ("bass", ensemble.bass[pick[3] % len(ensemble.bass)]),
            ("double", ensemble.double[pick[4] % len(ensemble.double)]),
        )

    def cast(self, phrase: Phrase, feeling: Affect, index: int) -> Cast:
        """The cast of phrase number `index`."""
        ensemble = self._ensemble(feeling)
        pick = self._choice[ensemble.name]
        parts = dict(self._roles(ensemble))
        second = parts.pop("second")
        contrasting = phrase.theme in ("B", "D", "E") or phrase.block % 3 == 1
        if contrasting:
            parts["melody"] = second
        for role in _resting(phrase, feeling):
            parts.pop(role, None)
        shift = 1 if contrasting and len(ensemble.figures) > 1 else 0
        figure = ensemble.figures[(pick[5] + shift) % len(ensemble.figures)]
        bass_line = ensemble.basses[pick[6] % len(ensemble.basses)]
        kit = ensemble.kit if index or phrase.label != "intro" or feeling.arousal > 0.5 else ""
        return Cast(ensemble, tuple(parts.items()), figure, bass_line, kit)


def _resting(phrase: Phrase, feeling: Affect) -> tuple[str, ...]:
    """The roles that rest: the introduction has no melody, first statements are thinner, only climaxes are doubled."""
    if phrase.label == "intro":
        return ("melody", "double", "bass") if feeling.arousal < 0.3 else ("melody", "double")
    if phrase.variation < 2 and phrase.label != "coda":
        calm = feeling.arousal < -0.3 and phrase.block % 2 == 0
        thin = feeling.valence > -0.1 and (calm or (phrase.variation == 0 and feeling.arousal < 0.5))
        return ("double", "pad") if thin else ("double",)
    return ("double",) if feeling.arousal < -0.5 else ()
