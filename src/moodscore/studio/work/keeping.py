"""Keeping: what a job made becomes files and rows."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from moodscore.jobs import Described
from moodscore.jobs.making import MadeTune
from moodscore.studio.media_files import keep_bytes, keep_file, path_of
from moodscore.studio.posts import Post
from moodscore.studio.settings import Settings
from moodscore.studio.tunes import Tune
from moodscore.studio.uploads import incoming

JPEG, M4A, MIDI, MP4, UNKNOWN = "image/jpeg", "audio/mp4", "audio/midi", "video/mp4", "application/octet-stream"


def original(settings: Settings, post: Post, number: int) -> Path:
    """Where the original number `number` of a post lies now: among what came in, or kept already."""
    waiting = incoming(settings, post.id) / str(number)
    kept = post.originals[number].get("file")
    return path_of(settings.media, kept) if kept and not waiting.exists() else waiting


def put_words(post: Post, described: Described) -> None:
    """Write into a post the captions that are suggested, and, where its owner wrote none, the alternative text."""
    post.captions = {"en": list(described.english), "ko": list(described.korean)}
    if post.alt_by_machine:
        post.alt = described.captions(str(post.wish.get("language", "en")))[0]


def keep_originals(session: Session, settings: Settings, post: Post) -> None:
    """Store the originals of a post for good; what came in is removed by `clear` once this is committed."""
    told: list[dict[str, Any]] = []
    for number, one in enumerate(post.originals):
        source = incoming(settings, post.id) / str(number)
        if not one.get("file") and source.exists():
            one = {**one, "file": _kept(session, settings.media, source)}
        told.append(one)
    post.originals = told


def _kept(session: Session, media: Path, source: Path) -> str:
    """Store a file that stays where it is, too, until all of this is committed; gives its id."""
    fresh = source.with_name(f"{source.name}-{secrets.token_hex(4)}")
    try:
        os.link(source, fresh)
    except OSError:  # no links on this disk
        shutil.copyfile(source, fresh)
        _settle(fresh)
    return keep_file(session, media, fresh, UNKNOWN)


def _settle(file: Path) -> None:
    with file.open("rb") as written:
        os.fsync(written.fileno())


def clear(settings: Settings, post: Post) -> None:
    """Remove what came in for a post, once every original is kept."""
    if all(one.get("file") for one in post.originals):
        shutil.rmtree(incoming(settings, post.id), ignore_errors=True)


def scratch(settings: Settings, post_id: str, suffix: str) -> Path:
    """A place for a large file that is being made, on the disk of the store; films take their title from its name."""
    folder = settings.incoming / post_id / f"made-{secrets.token_hex(6)}"
    folder.mkdir(parents=True, mode=0o700)
    return folder / f"moodscore{suffix}"


def drop(settings: Settings, post_id: str, made: Path) -> None:
    """Remove the place of a large file, kept or not, and the post's folder if nothing else waits there."""
    shutil.rmtree(made.parent, ignore_errors=True)
    with contextlib.suppress(OSError):
        (settings.incoming / post_id).rmdir()


def keep_film(session: Session, media: Path, made: Path) -> str:
    """Store a film that was made; `made` is gone afterwards."""
    _settle(made)
    return keep_file(session, media, made, MP4)


def keep_tune(session: Session, media: Path, post: Post, made: MadeTune, seed: int) -> Tune:
    """Store a tune with its files; the one of the same role that an earlier try of the same job left is replaced."""
    files = {"audio": keep_bytes(session, media, made.files.audio, M4A)}
    if made.files.midi is not None:
        files["midi"] = keep_bytes(session, media, made.files.midi, MIDI)
    tune = Tune(
        post_id=post.id,
        role=made.role,
        title=made.title[:120],
        genre=made.genre[:40],
        valence=made.asked[0],
        arousal=made.asked[1],
        heard_valence=made.heard[0] if made.heard else None,
        heard_arousal=made.heard[1] if made.heard else None,
        tempo_bpm=round(made.tempo_bpm, 1),
        instruments=list(made.instruments),
        reason_en=made.reason[0],
        reason_ko=made.reason[1],
        words_en=made.words[0],
        words_ko=made.words[1],
        seed=seed,
        composer=made.composer[:40],
        duration_s=round(made.files.duration_s, 2),
        files=files,
        peaks=list(made.files.peaks),
        roll={"notes": [list(note) for note in made.files.notes]} if made.files.notes else {},
    )
    if made.role != "again":
        for earlier in session.scalars(select(Tune).where(Tune.post_id == post.id, Tune.role == made.role)):
            if post.tune_id == earlier.id:
                post.tune_id = tune.id
            session.delete(earlier)
    session.add(tune)
    session.flush()
    return tune
