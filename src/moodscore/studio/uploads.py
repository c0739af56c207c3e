"""Uploads: bytes from strangers are written down as they come, and become a draft. Nothing here opens them."""

from __future__ import annotations

import hashlib
import logging
import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from moodscore.studio import permissions, tunes
from moodscore.studio.accounts import User
from moodscore.studio.db import new_id
from moodscore.studio.permissions import Viewer
from moodscore.studio.posts import BEING_MADE, KINDS, Post
from moodscore.studio.refusals import BUSY, N_, Refused
from moodscore.studio.settings import MEBIBYTE, Settings

LOG = logging.getLogger("moodscore.studio")
NOTHING = N_("Please choose a photo or a clip first.")
TOO_LARGE = N_("This file is too large: a photo may have %(photo)s MB, a clip %(clip)s MB.")
TOO_MANY = N_("That is one kind too many: send one photo, one clip, or up to %(count)s photos for a film.")
IN_HAND = N_("%(count)s of your posts are being made already. Please wait until one of them is ready.")
SHORTEST_S, LONGEST_S = 10.0, 120.0
ORDERS = ("given", "arc")  # of the photos of a film
MOST_DRAFTS = 12
AWAIT_S = 20  # when scripts may ask again
MOST_IN_HAND = 5  # of one person at a time, so that everybody else's turn comes soon
_BLOCK = MEBIBYTE
_STILL_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1", b"avif", b"avis")


@dataclass(frozen=True, slots=True)
class Sent:
    """A file that was sent: what its owner calls it, and where its bytes can be read from."""

    name: str
    file: BinaryIO


@dataclass(frozen=True, slots=True)
class Wish:
    """What was asked for with an upload: the kind of post ("" to go by the files), a place, a length, what it answers.

    `language` is the one in which alt text is suggested; `order` is that of a film's photos: given, or arc.
    """

    kind: str = ""
    place: tuple[float, float] | None = None
    seconds: float | None = None
    remix_of: str = ""
    language: str = "en"
    order: str = "given"

    def as_dict(self, settings: Settings) -> dict[str, Any]:
        """What the worker is told."""
        seconds = min(LONGEST_S, max(SHORTEST_S, self.seconds or settings.tune_seconds))
        told: dict[str, Any] = {"seconds": seconds, "seed": 0, "language": self.language}
        if self.order in ORDERS:
            told["order"] = self.order
        if self.place:
            told["place"] = [min(1.0, max(-1.0, v)) for v in self.place]
        return told


def write_down(settings: Settings, sent: Sequence[Sent], wish: Wish) -> tuple[Post, list[Sent]]:
    """Write what was sent to the disk, for good, and make the post it is to become, which is in no database yet.

    The files lie in incoming/<post id>/<number>; their names are only remembered. Raises Refused (413, 422, and 503 where
    the disk would be full).
    """
    given = [one for one in sent if one.name or _size(one.file)]
    if not given or not any(_size(one.file) for one in given):
        raise Refused(422, NOTHING, "files")
    kind = _kind(wish.kind, given, settings)
    if shutil.disk_usage(settings.incoming).free < settings.keep_free_bytes + sum(_size(one.file) for one in given):
        LOG.warning("an upload was refused: the disk of %s is nearly full", settings.folder)
        raise Refused(503, BUSY)
    post = Post(id=new_id(), kind=kind, wish=wish.as_dict(settings))
    folder = incoming(settings, post.id)
    folder.mkdir(parents=True, mode=0o700)
    try:
        most = settings.clip_bytes if kind == "clip" else settings.photo_bytes
        post.originals = [_written(folder / str(k), one, most, settings) for k, one in enumerate(given)]
        _settle(folder)
        _settle(settings.incoming)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return post, given


def incoming(settings: Settings, post_id: str) -> Path:
    """Where the files of an upload wait until a worker took them."""
    return settings.incoming / post_id


def forget(settings: Settings, post_id: str) -> None:
    """Remove what came in for a post that is gone."""
    shutil.rmtree(incoming(settings, post_id), ignore_errors=True)


def check_in_hand(session: Session, viewer: Viewer) -> None:
    """Refuse (429) one more post to whoever has as many being made as one may have."""
    made = select(func.count()).select_from(Post).where(permissions.mine(viewer), Post.state.in_(BEING_MADE))
    if (count := session.scalar(made) or 0) >= MOST_IN_HAND:
        raise Refused(429, IN_HAND, count=count, seconds=AWAIT_S)


def claim(session: Session, viewer: Viewer, post: Post, wish: Wish) -> Post:
    """Put a post that was written down into the database, as the viewer's draft: from now on it is not lost.

    Raises Refused: 404 for a post to answer that the viewer may not see, 403 if its author does not allow it, 429 where too
    many of the viewer's are being made.
    """
    check_in_hand(session, viewer)
    if viewer.user is not None:
        post.author_id, post.visibility = viewer.user.id, viewer.user.visibility
    else:
        post.visitor = viewer.visitor
    answered = permissions.post_for(session, viewer, wish.remix_of) if wish.remix_of else None
    session.add(post)
    session.flush()
    if answered is not None:
        _answer(session, viewer, post, answered)
    return post


def _answer(session: Session, viewer: Viewer, post: Post, answered: Post) -> None:
    """Make a draft with a picture of one's own the answer to the tune of another post."""
    permissions.may_remix(viewer, answered)
    post.remix_of, post.remix_kind = answered.id, "tune"
    tune = tunes.chosen(session, answered)
    if tune is not None:
        post.tune_id = tunes.lend(session, tune, post).id


def drafts(session: Session, viewer: Viewer) -> list[Post]:
    """The viewer's drafts that are not published, the newest first; a dozen of them."""
    where = permissions.mine(viewer), Post.state != "published"
    return list(session.scalars(select(Post).where(*where).order_by(Post.id.desc()).limit(MOST_DRAFTS)))


def adopt(session: Session, visitor: str, user: User) -> int:
    """Give the drafts of a visitor (their cookie's hash) to the account they now have; says how many there were."""
    if not visitor:
        return 0
    mine = update(Post).where(Post.author_id.is_(None), Post.visitor == visitor)
    done = session.execute(mine.values(author_id=user.id, visitor="", visibility=user.visibility))
    return int(done.rowcount)  # type: ignore[attr-defined]


def _kind(told: str, given: Sequence[Sent], settings: Settings) -> str:
    if len(given) > settings.film_photos:
        raise Refused(422, TOO_MANY, "files", count=settings.film_photos)
    moving = [_moves(one.file) for one in given]
    if any(moving) and len(given) > 1:
        raise Refused(422, TOO_MANY, "files", count=settings.film_photos)
    if told in KINDS and len(given) == 1:
        return "clip" if moving[0] else ("film" if told == "film" else "photo")
    return "clip" if moving[0] else "film" if len(given) > 1 else "photo"


def _moves(file: BinaryIO) -> bool:
    """Whether the first bytes are those of a film; what it is in truth, the worker finds out."""
    file.seek(0)
    head = file.read(16)
    file.seek(0)
    return head[:4] == b"\x1a\x45\xdf\xa3" or (head[4:8] == b"ftyp" and head[8:12] not in _STILL_BRANDS)


def _size(file: BinaryIO) -> int:
    return file.seek(0, os.SEEK_END)


def _written(path: Path, sent: Sent, most: int, settings: Settings) -> dict[str, Any]:
    sent.file.seek(0)
    digest, size = hashlib.sha256(), 0
    with path.open("xb") as out:
        while block := sent.file.read(_BLOCK):
            size += len(block)
            if size > most:
                limits = {"photo": settings.photo_bytes // MEBIBYTE, "clip": settings.clip_bytes // MEBIBYTE}
                raise Refused(413, TOO_LARGE, "files", **limits)
            digest.update(block)
            out.write(block)
        out.flush()
        os.fsync(out.fileno())
    return {"name": Path(sent.name.replace("\\", "/")).name[:120], "size": size, "sha256": digest.hexdigest()}


def _settle(folder: Path) -> None:
    """Have the disk remember the names in a folder."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
