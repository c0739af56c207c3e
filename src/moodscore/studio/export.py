"""Export: everything that is somebody's as one ZIP archive, written while it is sent, so that it may be of any size."""

from __future__ import annotations

import datetime
import json
import re
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, cast

from sqlalchemy import ColumnElement, inspect, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from moodscore.studio.accounts import Invite, LoginSession, User
from moodscore.studio.blocks import Block, FilteredWord, Mute
from moodscore.studio.bookmarks import Bookmark
from moodscore.studio.comments import Comment
from moodscore.studio.db import Base
from moodscore.studio.follows import Follow
from moodscore.studio.likes import Like
from moodscore.studio.media_files import MediaFile, path_of
from moodscore.studio.notifications import Notification
from moodscore.studio.posts import Post
from moodscore.studio.reports import Report
from moodscore.studio.tunes import Tune

BLOCK = 256 * 1024
ENDINGS = {
    "image/jpeg": "jpg", "image/png": "png", "image/webp": "webp", "image/gif": "gif", "image/avif": "avif",
    "image/heic": "heic", "image/heif": "heif", "video/mp4": "mp4", "video/quicktime": "mov", "video/webm": "webm",
    "audio/mp4": "m4a", "audio/midi": "mid", "audio/mpeg": "mp3", "audio/flac": "flac", "audio/ogg": "ogg",
    "audio/wav": "wav",
}  # fmt: skip
SECRET = {"password_hash", "visitor", "worker_id", "run", "tries", "blur"}
README = """Everything of @{handle} in {studio}, as of {when} (UTC).

account.json        who you are there, your settings, where you are logged in
posts.json          your posts and drafts: captions, what was read in the pictures, and every tune with its reason
posts/<id>/         their files: original-1 ... are the bytes you uploaded, untouched; photo, video and poster are what
                    others see
tunes/<id>.m4a      the tunes as sound, .mid as notes, .mp4 with the picture
comments.json       what you wrote under posts
likes.json, bookmarks.json, following.json, followers.json, blocked.json, muted.json, filtered_words.json
notifications.json  what you were told
reports.json        what you reported, and what was decided

Times are seconds since 1970, UTC. Files are UTF-8.

---
{studio}에 있는 @{handle} 님의 모든 자료입니다. ({when}, UTC)
posts/ 에는 올리신 원본과 사진, tunes/ 에는 음악(소리 .m4a, 악보 .mid, 영상 .mp4)이,
나머지 .json 에는 글과 설정이 들어 있습니다.
시간은 1970년부터 센 초(UTC)입니다.
"""


@dataclass(frozen=True, slots=True)
class Packed:
    """What goes into an archive: texts by their names, and stored files by theirs."""

    texts: dict[str, str]
    files: dict[str, Path]


def gather(session: Session, media: Path, user: User, studio: str, at_s: float) -> Packed:
    """Everything of a person's, ready to be packed; secrets (hashes, tokens) stay here."""
    posts = session.scalars(select(Post).where(Post.author_id == user.id).order_by(Post.created_at)).all()
    tunes = session.scalars(select(Tune).join(Post, Post.id == Tune.post_id).where(Post.author_id == user.id)).all()
    told = [{**_row(post), "tunes": [_row(t) for t in tunes if t.post_id == post.id]} for post in posts]
    when = datetime.datetime.fromtimestamp(at_s, datetime.UTC).strftime("%Y-%m-%d %H:%M")
    texts = {
        "README.txt": README.format(handle=user.handle, studio=studio, when=when),
        "account.json": _json({**_row(user), "sessions": _sessions(session, user)}),
        "posts.json": _json(told),
        **{f"{name}.json": _json(rows) for name, rows in _lists(session, user).items()},
    }
    names = {**_post_files(posts), **_tune_files(tunes), **({"avatar": user.avatar} if user.avatar else {})}
    endings = _endings(session, sorted({file for file in names.values() if isinstance(file, str)}))
    known = {name: file for name, file in names.items() if isinstance(file, str) and file in endings}
    return Packed(texts, {_ended(name, endings[file]): path_of(media, file) for name, file in known.items()})


def _ended(name: str, ending: str) -> str:
    """A name with an ending; an original has the one that its owner knows it by."""
    return name if "." in name.rpartition("/")[2] else f"{name}.{ending}"


def _endings(session: Session, files: list[str]) -> dict[str, str]:
    """What the names of stored files end with, by their ids."""
    found: dict[str, str] = {}
    for some in (files[i : i + 500] for i in range(0, len(files), 500)):
        rows = session.execute(select(MediaFile.id, MediaFile.media_type).where(MediaFile.id.in_(some)))
        found |= {file: ENDINGS.get(media_type, "bin") for file, media_type in rows}
    return found


def _lists(session: Session, user: User) -> dict[str, list[dict[str, Any]]]:
    me = user.id
    return {
        "comments": _rows(session, Comment, Comment.author_id == me),
        "likes": _rows(session, Like, Like.user_id == me),
        "bookmarks": _rows(session, Bookmark, Bookmark.user_id == me),
        "following": _people(session, Follow, Follow.followed_id, Follow.follower_id == me),
        "followers": _people(session, Follow, Follow.follower_id, Follow.followed_id == me),
        "blocked": _people(session, Block, Block.blocked_id, Block.blocker_id == me),
        "muted": _people(session, Mute, Mute.muted_id, Mute.muter_id == me),
        "filtered_words": _rows(session, FilteredWord, FilteredWord.user_id == me),
        "notifications": _rows(session, Notification, Notification.user_id == me),
        "reports": _rows(session, Report, Report.reporter_id == me),
        "invitations": _rows(session, Invite, or_(Invite.made_by == me, Invite.used_by == me)),
    }


def _rows(session: Session, table: type[Base], mine: ColumnElement[bool]) -> list[dict[str, Any]]:
    return [_row(row) for row in session.scalars(select(table).where(mine))]


def _people(
    session: Session,
    table: type[Follow | Block | Mute],
    other: InstrumentedAttribute[str],
    mine: ColumnElement[bool],
) -> list[dict[str, Any]]:
    found = session.execute(select(User.handle, table.created_at).join(table, other == User.id).where(mine))
    return [{"handle": handle, "since": since} for handle, since in found]


def _sessions(session: Session, user: User) -> list[dict[str, Any]]:
    rows = session.scalars(select(LoginSession).where(LoginSession.user_id == user.id))
    return [{"agent": row.agent, "created_at": row.created_at, "seen_at": row.seen_at} for row in rows]


def _row(row: Base) -> dict[str, Any]:
    names = (column.key for column in inspect(type(row)).columns)
    return {name: getattr(row, name) for name in names if name not in SECRET}


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1)


def _post_files(posts: Sequence[Post]) -> dict[str, Any]:
    found = {}
    for post in posts:
        for number, original in enumerate(post.originals, 1):
            known_as = re.search(r"\.[a-z0-9]{1,5}$", str(original.get("name", "")).lower())
            ending = known_as[0] if known_as else ""
            found[f"posts/{post.id}/original-{number}{ending}"] = original.get("file")
        if post.remix_kind == "photo" and post.remix_of:
            continue  # somebody else's photo
        found |= {f"posts/{post.id}/{name}": file for name, file in post.renditions.items()}
    return found


def _tune_files(tunes: Sequence[Tune]) -> dict[str, Any]:
    return {f"tunes/{tune.id}-{kind}": file for tune in tunes for kind, file in tune.files.items()}


class _Pipe:
    """What a ZIP writer writes to; `taken` gives what came since the last time."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def write(self, data: bytes) -> int:
        self._parts.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        """Nothing waits here."""

    def taken(self) -> bytes:
        parts, self._parts = self._parts, []
        return b"".join(parts)


def packed(what: Packed) -> Iterator[bytes]:
    """The archive, a piece at a time; memory stays small. A file that is deleted meanwhile is left out."""
    pipe = _Pipe()
    with zipfile.ZipFile(cast("IO[bytes]", pipe), "w", allowZip64=True) as archive:
        for name, text in what.texts.items():
            archive.writestr(name, text.encode(), zipfile.ZIP_DEFLATED)
            yield pipe.taken()
        for name, path in what.files.items():
            try:
                source = path.open("rb")
            except FileNotFoundError:
                continue
            with source, archive.open(zipfile.ZipInfo(name), "w", force_zip64=True) as target:
                while block := source.read(BLOCK):
                    target.write(block)
                    yield pipe.taken()
    yield pipe.taken()
