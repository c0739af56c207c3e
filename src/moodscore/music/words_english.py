"""English: what there is to say of a tune, in sentences for somebody who does not hear it."""

from __future__ import annotations

from collections.abc import Sequence

from moodscore.grammar.english import listed, sentence
from moodscore.music.plan import PITCH_NAMES
from moodscore.music.words_facts import MOST_MOODS, Change, Facts, Picked

_MODES = {
    "ionian": ("major", "which sounds bright"),
    "lydian": ("lydian", "a major scale with a raised fourth, bright and floating"),
    "mixolydian": ("mixolydian", "a major scale with a lowered seventh, bright but at ease"),
    "dorian": ("dorian", "a minor scale with a raised sixth, wistful more than sad"),
    "aeolian": ("minor", "which sounds dark"),
    "harmonic": ("minor", "which sounds dark"),
    "phrygian": ("phrygian", "a minor scale with a lowered second, dark and uneasy"),
}
_PACES = (
    "very slow, slower than a heart at rest",
    "slow, like a heart at rest",
    "moderate, like an unhurried walk",
    "lively, like a brisk walk",
    "fast, like jogging",
    "very fast, like running",
)
_LEVELS = ("very soft", "soft", "of medium loudness", "loud", "very loud")
_TOUCHES = ("its notes are short and set apart", "", "its notes flow into each other")
_THEMES = {
    "first": ("begin", "the first melody"),
    "new": ("begin", "a new melody"),
    "again": ("repeat", "the melody with small changes"),
    "back": ("bring", "the first melody back"),
    "earlier": ("bring", "an earlier melody back"),
}
_COURSES = {
    "even": "its loudness stays much the same from beginning to end",
    "rising": "it grows louder towards the end",
    "falling": "it grows softer towards the end",
    "arch": "it is loudest in the middle",
    "valley": "it is softest in the middle",
    "silent": "nothing is heard in it",
}
_NAMES = {
    "e-piano": "electric piano",
    "steel guitar": "steel-string guitar",
    "nylon guitar": "classical guitar",
    "clean guitar": "electric guitar",
    "overdriven guitar": "distorted electric guitar",
    "contrabass": "double bass",
    "tremolo strings": "trembling strings",
    "marcato strings": "strongly bowed strings",
    "pizzicato": "plucked strings",
    "slow strings": "slow strings",
    "horn": "French horn",
    "saw lead": "buzzing synthesiser",
    "new age pad": "glassy synthesiser pad",
    "warm pad": "warm synthesiser pad",
    "halo pad": "breathy synthesiser pad",
    "taiko": "taiko drum",
    "distortion guitar": "heavily distorted electric guitar",
    "picked bass": "picked electric bass",
    "synth strings": "synthesiser strings",
    "synth brass": "synthesiser brass",
    "square lead": "hollow synthesiser",
    "poly synth": "layered synthesiser",
    "bowed pad": "bowed synthesiser pad",
    "sweep pad": "sweeping synthesiser pad",
    "crystal": "crystal-like synthesiser",
}
_PLURAL = {
    "pizzicato",
    "strings",
    "slow strings",
    "tremolo strings",
    "marcato strings",
    "synth strings",
    "tubular bells",
    "timpani",
}


def composed(facts: Facts) -> tuple[str, ...]:
    """A composed piece: what it is, how it begins, what changes, how the melody moves, how it ends."""
    parts = [_whole(facts), _sound(facts), _opening(facts)]
    parts += [_change(change) for change in facts.changes]
    if facts.left_out:
        parts.append(f"{facts.left_out} smaller change{'s' * (facts.left_out > 1)} not told here lie between")
    parts += [_line(facts), _end(facts)]
    return tuple(sentence(part) for part in parts)


def picked(duration_s: float, pieces: Sequence[Picked], course: str) -> tuple[str, ...]:
    """Music that was picked: how long it is, which piece is heard from when and feels how, how loudness runs."""
    if not pieces:
        return sentence(f"the music is recorded sound of {_length(duration_s)}"), sentence(_COURSES[course])
    many = "one piece" if len(pieces) == 1 else f"{len(pieces)} pieces"
    parts = [f"the music lasts {_length(duration_s)} and is picked from {many} of a library"]
    for piece in pieces:
        when = "from the beginning" if piece.at_s < 1.0 else f"from {_length(piece.at_s)} on"
        parts.append(f"{when} “{piece.title}” is heard, which feels {piece.mood.name}")
    return tuple(sentence(part) for part in [*parts, _COURSES[course]])


def named(instrument: str) -> str:
    """An instrument with its article where it takes one: "the piano", "strings"."""
    name = _NAMES.get(instrument, instrument)
    return name if instrument in _PLURAL and instrument != "timpani" else f"the {name}"


def key_of(tonic: int, mode: str) -> str:
    """A key as English names it: D minor, F major, G dorian."""
    return f"{PITCH_NAMES[tonic].replace('♭', '-flat').replace('♯', '-sharp')} {_MODES[mode][0]}"


def _length(seconds: float) -> str:
    """A time in words: 1 second, 30 seconds, 2 minutes 5 seconds; what is below a second counts as one."""
    whole = max(1, round(seconds))
    minutes, rest = divmod(whole, 60)
    said = [f"{n} {unit}{'s' * (n > 1)}" for n, unit in ((minutes, "minute"), (rest, "second")) if n]
    return " ".join(said)


def _whole(facts: Facts) -> str:
    begins = "begins" if any(change.key for change in facts.changes) else "is"
    return (
        f"the music lasts {_length(facts.duration_s)} and is meant to feel {_moods(facts)}: it {begins} in "
        f"{key_of(facts.tonic, facts.mode)}, {_MODES[facts.mode][1]}"
    )


def _moods(facts: Facts) -> str:
    """The moods in order; of many the first, the last, and that it changes between."""
    names = [mood.name for mood in facts.moods]
    return ", then ".join(names) if len(names) <= MOST_MOODS else f"{names[0]} at first and {names[-1]} at last"


def _sound(facts: Facts) -> str:
    touch = _TOUCHES[facts.touch]
    pace = (
        f"its tempo is {_PACES[facts.pace]}: about {facts.tempo_bpm:.0f} beats a minute, {facts.beats_per_bar} to a bar"
    )
    return f"{pace}; it is {_LEVELS[facts.level]}{', and ' + touch if touch else ''}"


def _opening(facts: Facts) -> str:
    others = [name for name in facts.opening if name != facts.opening_melody]
    if not facts.opening_melody:
        return f"it begins with {_all(others)}" + ("" if not others else ", still without a melody")
    under = f" over {_all(others)}" if others else ""
    verb = "plays" if facts.opening_melody not in _PLURAL else "play"
    return f"it begins with its melody at once: {named(facts.opening_melody)} {verb} it{under}"


def _all(names: Sequence[str]) -> str:
    return listed([named(name) for name in names]) or "silence"


def _change(change: Change) -> str:
    said = []
    if change.key is not None:
        said.append(f"the key changes to {key_of(*change.key)}")
    if change.singer:
        verb, what = _THEMES[change.theme]
        said.append(f"{named(change.singer)} {_verb([change.singer], verb)} {what}")
    if change.joins:
        said.append(f"{_all(change.joins)} {_verb(change.joins, 'join')}")
    if change.leaves:
        said.append(f"{_all(change.leaves)} {_verb(change.leaves, 'fall')} silent")
    moves = [word for word in (_DEGREES[change.louder][0], _DEGREES[change.faster][1]) if word]
    if moves:
        said.append(f"the music becomes {listed(moves)}")
    return f"after {_length(change.at_s)} {'; '.join(said) or 'a new section begins, much like the last'}"


_DEGREES = {-1: ("softer", "slower"), 0: ("", ""), 1: ("louder", "faster")}


def _verb(names: Sequence[str], verb: str) -> str:
    return verb if len(names) > 1 or names[0] in _PLURAL else verb + "s"


def _line(facts: Facts) -> str:
    steps = "mostly in small steps" if facts.leaps < 0.35 else "in steps and leaps" if facts.leaps < 0.6 else "in leaps"
    ways = {-1: "sinks on the whole", 0: "stays around one height", 1: "climbs on the whole"}
    return f"the melody moves {steps} and {ways[facts.slope]}"


def _end(facts: Facts) -> str:
    slows = "it slows down at the end" if facts.slows else "it keeps its tempo to the end"
    return f"{slows} and {'comes to rest on the home chord' if facts.comes_home else 'stops without coming to rest'}"
