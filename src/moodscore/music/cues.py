"""Cues: how a feeling becomes the musical cues that listeners are known to read.

Sources, by what is taken from them:
- Which cues matter and that they add up linearly, without interactions: T. Eerola, A. Friberg & R. Bresin, "Emotional
  expression in music: contribution, linearity, and additivity of primary musical cues", Front. Psychol. 4:487 (2013):
  mode first, then tempo, register, dynamics, articulation. The same additivity: P. N. Juslin & E. Lindström, "Musical
  expression of emotions: modelling listeners' judgements of composed and performed features", Music Analysis 29 (2010).
- The direction of each cue: A. Gabrielsson & E. Lindström, "The role of structure in the musical expression of
  emotions", in Juslin & Sloboda (eds.), Handbook of Music and Emotion (2010), ch. 14: fast, loud, dense, staccato, high
  and rhythmically active -> activity; major, consonant, regular -> pleasantness. K. Hevner, Am. J. Psychol. 47 (1935,
  modes), 48 (1936, rhythm, harmony, melodic direction) and 49 (1937, pitch and tempo), found the same with words.
- The five rules and their quadrants (tempo, mode, loudness, pitch height, articulation; harmonic complexity): S. R.
  Livingstone, R. Muhlberger, A. R. Brown & W. F. Thompson, "Changing musical emotion: a computational rule system for
  modifying score and performance", Computer Music Journal 34:1 (2010) 41-64.
- The order of the modes from happy to sad (each flattened degree darkens; Lydian is not brighter than Ionian): D. Temperley
  & D. Tan, "Emotional connotations of diatonic modes", Music Perception 30:3 (2013) 237-257.
- Minor-key themes lie lower and move in smaller steps: D. Huron, Empirical Musicology Review 3:2 (2008) 59-63.
- Flowing rhythm for the happy and the peaceful, firm and sparse rhythm for the sad: Hevner (1936); hence density also leans
  on valence. Chords of themselves: major triads are heard as brighter than minor, diminished and clustered ones as tense:
  I. Lahdelma & T. Eerola, "Single chords convey distinct emotional qualities to both naïve and expert listeners",
  Psychology of Music 44 (2016) 37-54; hence `shade`.
- Loudness and tempo act on energy, both on tension: G. Ilie & W. F. Thompson, "A comparison of acoustic cues in music and
  speech for three dimensions of affect", Music Perception 23:4 (2006) 319-330.
The numbers are this project's own choice inside the directions those works give.
"""

from __future__ import annotations

from dataclasses import dataclass

from moodscore.affect import Affect


@dataclass(frozen=True, slots=True)
class Cues:
    """The cues of one feeling.

    `tempo_bpm` beats a minute; `density_hz` onsets a second of the accompaniment; `register` the melody's middle as a MIDI
    pitch; `dynamics` mean velocity 1..127; `articulation` the sounding share of a note's time, .4 short .. 1 bound;
    `dissonance` 0..1, the share of chords that are sharpened; `ascent` -1 falling .. 1 rising melodic lines; `leap` 0..1,
    how readily the melody leaves stepwise motion; `shade` -1 prefers minor .. 1 major chords within the mode.
    """

    tempo_bpm: float
    density_hz: float
    register: float
    dynamics: float
    articulation: float
    dissonance: float
    ascent: float
    leap: float
    shade: float


def cues(affect: Affect) -> Cues:
    """The cues for a feeling; every one is monotone in the axis it follows, and they add up (see the module's sources)."""
    v, a = affect.valence, affect.arousal
    tension = max(0.0, a) * max(0.0, -v)
    return Cues(
        tempo_bpm=92.0 * 2.0 ** (0.70 * a + 0.12 * v),
        density_hz=min(8.0, max(1.3, 3.5 * 2.0 ** (0.95 * a + 1.05 * v))),
        register=68.5 + 8.0 * v + 1.5 * a,
        dynamics=70.0 + 32.0 * a + 8.0 * tension,
        articulation=0.97 - 0.04 * (a + 1.0) - 0.36 * max(0.0, a),
        dissonance=min(1.0, max(0.0, 0.22 - 0.55 * v + 0.18 * a)),
        ascent=0.6 * v + 0.25 * a,
        leap=min(1.0, max(0.0, 0.35 + 0.25 * v + 0.3 * a)),
        shade=v,
    )


# From dark to bright after Temperley & Tan (2013); "harmonic" is the minor scale with its leading tone, which listeners hear
# as the plain minor of tonal music. Each row: the valence up to which it holds, and the modes a seed may choose from.
_MODES_BY_VALENCE: tuple[tuple[float, tuple[str, ...]], ...] = (
    (-0.62, ("phrygian", "harmonic", "harmonic")),
    (-0.20, ("aeolian", "harmonic", "aeolian")),
    (-0.05, ("dorian", "aeolian", "dorian")),
    (0.16, ("mixolydian", "dorian", "mixolydian")),
    (0.50, ("ionian",)),
    (1.01, ("ionian", "ionian", "ionian", "lydian")),
)


def mode_of(affect: Affect, choice: int) -> str:
    """The mode for a feeling's valence; `choice` (any integer >= 0) picks among the row's alternatives."""
    for limit, modes in _MODES_BY_VALENCE:
        if affect.valence <= limit:
            return modes[choice % len(modes)]
    return "ionian"
