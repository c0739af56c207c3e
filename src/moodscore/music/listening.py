"""Listening: clips for a blind listening test, some for each mood, all alike in length, loudness and file.

Every clip is an MP3 of 96 kbit/s, which every browser plays, without a word in it about where it comes from. What it was
meant to express is in the key, for whoever scores the answers.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from moodscore.errors import BadMedia, BadValue
from moodscore.media import Note, Score, Track, Tune
from moodscore.music import composers, export, mix, plan, synth
from moodscore.music.score import from_midi
from moodscore.prepare import sound
from moodscore.schemes import MOODS, Label
from moodscore.trajectory import Trajectory

BIT_RATE = 96_000
RATE = 44100
FADE_S = 0.4
FORMAT = "moodscore-listening-key"
OWN = "music"  # who "composed" what was brought along
_MIDI = (".mid", ".midi")
_SOUND = (".wav", ".flac", ".mp3", ".opus", ".ogg", ".m4a", ".aac", ".aiff", ".aif")


@dataclass(frozen=True, slots=True)
class Choices:
    """What a test is made of: clips a mood, their length, who composes, music brought along in folders named by mood."""

    clips: int = 3
    seconds: float = 12.0
    seed: int = 0
    composers: tuple[str, ...] = (composers.AUTO,)
    music: tuple[Path, ...] = ()

    def __post_init__(self) -> None:
        if not 1 <= self.clips <= 20 or not 4.0 <= self.seconds <= 60.0:
            raise BadValue(f"clips: expected 1..20 a mood of 4..60 s, got {self.clips} of {self.seconds:g} s")
        if not self.composers and not self.music:
            raise BadValue("listening test: expected a composer or music that was brought along, got neither")


@dataclass(frozen=True, slots=True)
class Clip:
    """A clip: its sound as MP3, the mood it was meant to express, who composed it, from which seed or file."""

    sound: bytes
    mood: Label
    composer: str
    origin: str

    @property
    def name(self) -> str:
        """An id that tells nothing: the head of the sound's checksum."""
        return hashlib.sha256(self.sound).hexdigest()[:10]


def clips(choices: Choices, progress: Callable[[float], None] = lambda share: None) -> tuple[Clip, ...]:
    """The clips of a test, mood by mood; composers and brought music take turns.

    The same choices and files give the same clips. Raises BadMedia for brought music that cannot be opened or belongs to no
    mood.
    """
    brought = music_by_mood(choices.music)
    made: list[Clip] = []
    for number, mood in enumerate(MOODS.labels):
        sources = [*choices.composers, *([OWN] if brought.get(mood.name) else [])]
        for k in range(choices.clips if sources else 0):
            source = sources[(k + number) % len(sources)]
            if source == OWN:
                made.append(_brought(brought[mood.name], mood, k, choices))
            else:
                made.append(_composed(source, mood, k, choices))
            progress((number + (k + 1) / choices.clips) / len(MOODS.labels))
    if len({clip.name for clip in made}) < len(made):
        raise BadValue(
            "listening test: expected clips that differ, got one twice; bring more music or choose fewer clips"
        )
    return tuple(made)


def _composed(composer: str, mood: Label, k: int, choices: Choices) -> Clip:
    seed = choices.seed * 1000 + MOODS.labels.index(mood) * 20 + k
    score = composers.compose(plan.plan(Trajectory.hold(mood.place, choices.seconds), seed), seed, composer)
    name = str(score.recipe.get("composer", composer))
    return Clip(_encoded(synth.play(score, RATE)), mood, name, f"seed {seed}")


def _brought(files: Sequence[Path], mood: Label, k: int, choices: Choices) -> Clip:
    order = np.random.default_rng([choices.seed, MOODS.labels.index(mood)]).permutation(len(files))
    path = files[int(order[k % len(files)])]
    tune = _midi(path, choices.seconds) if path.suffix.lower() in _MIDI else sound.open(path, RATE)
    return Clip(_encoded(_cut(tune, choices.seconds)), mood, OWN, path.name)


def _midi(path: Path, seconds: float) -> Tune:
    """A MIDI file's first third and what follows it for `seconds`, played by our own player."""
    try:
        score = from_midi(path.read_bytes())
    except (OSError, BadMedia) as error:
        raise BadMedia(f"{path}: expected a MIDI file, got {error}; take it out of the folder") from error
    start = max(0.0, min(score.duration_s / 3, score.duration_s - seconds))
    end = min(score.duration_s, start + seconds)
    tracks = tuple(
        replace(t, notes=tuple(_within(t.notes, start, end)), pedals=_pedals(t.pedals, start, end))
        for t in score.tracks
    )
    return synth.play(Score(tracks, end - start), RATE)


def _within(notes: Iterable[Note], start: float, end: float) -> Iterable[Note]:
    for note in notes:
        if start <= note.start_s < end:
            yield Note(note.start_s - start, min(note.duration_s, end - note.start_s), note.pitch, note.velocity)


def _pedals(spans: Iterable[tuple[float, float]], start: float, end: float) -> tuple[tuple[float, float], ...]:
    return tuple((max(a, start) - start, min(b, end) - start) for a, b in spans if b > start and a < end)


def _cut(tune: Tune, seconds: float) -> Tune:
    """`seconds` from the first third on, at the loudness of all clips, with soft ends."""
    frames = min(len(tune.samples), round(seconds * tune.rate))
    start = max(0, min(len(tune.samples) // 3, len(tune.samples) - frames))
    samples = tune.samples[start : start + frames].copy()
    ramp = np.linspace(0.0, 1.0, max(1, min(frames // 2, round(FADE_S * tune.rate))), dtype=np.float32)[:, None]
    samples[: len(ramp)] *= ramp
    samples[frames - len(ramp) :] *= ramp[::-1]
    mix.master(samples, tune.rate)
    return Tune(samples, tune.rate)


def _encoded(tune: Tune) -> bytes:
    """The tune as an MP3 that tells nothing of its origin."""
    return export.encode(Tune(tune.samples, tune.rate), ".mp3", BIT_RATE)


def music_by_mood(named: Sequence[Path]) -> dict[str, list[Path]]:
    """The music in folders (and files) by the mood their folder is named after, in English or Korean.

    Raises BadMedia for a path without music in such a folder.
    """
    found: dict[str, list[Path]] = {}
    for path in named:
        files = sorted(f for f in path.rglob("*") if f.is_file()) if path.is_dir() else [path]
        music = [f for f in files if f.suffix.lower() in _MIDI + _SOUND]
        sorted_in = [(mood, f) for f in music if (mood := _mood_of_folder(f))]
        if not sorted_in:
            raise BadMedia(
                f"{path}: expected music in folders named after moods ({', '.join(MOODS.names)}), got "
                f"{len(music)} music files and none in such a folder; sort it first"
            )
        for mood, file in sorted_in:
            found.setdefault(mood, []).append(file)
    return found


def _mood_of_folder(file: Path) -> str | None:
    folder = file.resolve().parent.name.lower()
    return next((mood.name for mood in MOODS.labels if folder in (mood.name, mood.korean)), None)


def check_sound() -> bytes:
    """A chord of a second and a half to set the volume by, as loud as the clips: an open fifth, neither glad nor sad."""
    notes = tuple(Note(0.0, 1.2, pitch, 80) for pitch in (48, 55, 60, 67))
    return _encoded(synth.play(Score((Track("check", 0, notes),), 1.8), RATE))


def test_name(made: Sequence[Clip]) -> str:
    """What the test is called: a checksum of its clips, so that answers and key can be told to belong together."""
    return hashlib.sha256("".join(sorted(clip.name for clip in made)).encode()).hexdigest()[:12]


def key(made: Sequence[Clip], choices: Choices) -> dict[str, Any]:
    """The key of a test, JSON-ready: for each clip's id what it was meant to express and where it comes from."""
    return {
        "format": FORMAT,
        "version": 1,
        "test": test_name(made),
        "seconds": choices.seconds,
        "seed": choices.seed,
        "clips": {
            clip.name: {
                "mood": clip.mood.name,
                "valence": round(clip.mood.place.valence, 4),
                "arousal": round(clip.mood.place.arousal, 4),
                "composer": clip.composer,
                "origin": clip.origin,
            }
            for clip in sorted(made, key=lambda clip: clip.name)
        },
    }
