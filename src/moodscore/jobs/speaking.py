"""Speaking and playing: a photo for people who do not see it, a tune for people who do not hear it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from moodscore.errors import RenderFailed
from moodscore.jobs.looking import FACE_SIDE, look
from moodscore.jobs.tuning import MAKER
from moodscore.jobs.values import MusicChoices, Scored
from moodscore.jobs.writing import write_text
from moodscore.media import Tune
from moodscore.music import composers, export, plan, sonify, sonify_words, synth, words
from moodscore.music.words import Told
from moodscore.prepare import image
from moodscore.prepare.whole import check_writable
from moodscore.see import focus, people
from moodscore.trajectory import Trajectory

SWEEP_S, SHORTEST_SWEEP_S, LONGEST_SWEEP_S = sonify.SWEEP_S, sonify.SHORTEST_S, sonify.LONGEST_S


@dataclass(frozen=True, slots=True)
class Played:
    """A photo as sound: the tune, and its text, which also travels in the tune's recipe."""

    tune: Tune
    told: Told


def describe_tune(scored: Scored) -> Told:
    """Tune -> words: key, tempo, who plays and how it moves over time, for people who do not hear it."""
    if scored.plan is not None and scored.tune.score is not None:
        return words.describe(scored.plan, scored.tune.score)
    return words.describe_sound(scored.tune, scored.cues)


def photo_to_music_words(path: Path, seconds: float = 30.0, choices: MusicChoices | None = None) -> Told:
    """Photo -> words about the tune that `photo_to_tune` would compose for it; nothing is played."""
    seen, wanted = look(path), choices or MusicChoices()
    planned = plan.plan(Trajectory.hold(seen.reading.affect, seconds), wanted.seed)
    written = composers.compose(planned, wanted.seed, wanted.composer)
    return words.describe(planned, written)


def play_photo(path: Path, sweep_s: float = sonify.SWEEP_S) -> Played:
    """Photo -> sound from left to right: place is pan and time, brightness pitch, mood timbre; faces are marked.

    Where there is no face, what the eye goes to first is. Raises BadValue when `sweep_s` is not in 5..10 s.
    """
    photo = image.open(path, want_side=FACE_SIDE)
    watched = people.watch(photo)
    kept = () if watched.faces else focus.regions(photo)
    boxes = [face.box for face in watched.faces]
    read = sonify.sweep(photo, watched.reading.affect, boxes, kept[0] if kept else None, sweep_s)
    told = sonify_words.describe(read)
    written = sonify.compose(read)
    about = {"made_by": MAKER, "machine_made": True, "cards": list(people.cards_of(watched.reading))}
    recipe = {
        **about,
        "readings": [{"photo": path.name, **watched.reading.as_dict()}],
        **written.recipe,
        "text": told.as_dict(),
    }
    return Played(synth.play(replace(written, recipe=recipe), width=0.0), told)


def check_played(out: Path) -> None:
    """Fail before the work when a played photo cannot be written to `out`: RenderFailed."""
    kinds = [suffix for suffix in export.SUFFIXES if suffix != ".mid"]
    if out.suffix.lower() not in kinds:
        raise RenderFailed(f"{out}: expected a name that ends in {', '.join(kinds)}, got {out.suffix or 'no suffix'!r}")
    for path in (out, beside(out)):
        check_writable(path)


def beside(out: Path) -> Path:
    """Where the text of a sound file goes: photo.wav.txt beside photo.wav."""
    return out.with_name(out.name + ".txt")


def write_played(played: Played, out: Path, text: str) -> Path:
    """Write a played photo, and its `text` beside it under the same name and .txt, which is returned.

    The text is written first, so that there is no sound without it. Raises RenderFailed when a file cannot be written.
    """
    write_text(beside(out), text)
    export.write(played.tune, out)
    return beside(out)
