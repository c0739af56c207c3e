"""Backup: everything a studio keeps as one archive that is a studio's folder when unpacked, and whether all is there."""

from __future__ import annotations

import hashlib
import secrets
import sqlite3
import zipfile
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Text, cast, select
from sqlalchemy.engine import make_url

from moodscore.errors import BadValue
from moodscore.studio.db import Database
from moodscore.studio.deletion import FILE_ID, NAMING
from moodscore.studio.media_files import MediaFile, path_of
from moodscore.studio.settings import Settings
from moodscore.studio.tables import open_database

NOTE = """A backup of a moodscore studio.

Unpack it into an empty folder and run  moodscore studio --folder THAT_FOLDER
studio.sqlite holds people, posts and comments, jobs.sqlite what workers were doing, media/ every file by the SHA-256 of
its bytes, incoming/ uploads nobody had looked at yet, and secret.key the key of forms: keep this archive as you would
keep a key.
"""
ON_A_SERVER = (
    "\nThe database of this studio is on a server: back it up with pg_dump, at the same time as this archive.\n"
)


@dataclass(frozen=True, slots=True)
class Written:
    """How many files an archive has, and their size together."""

    files: int
    bytes: int


def write(settings: Settings, archive: Path) -> Written:
    """Write a backup, also while the studio runs: the databases first, so that no row is there without its file.

    A file that is deleted meanwhile is left out. Raises BadValue where there is no studio, or no place to write.
    """
    if not settings.folder.is_dir():
        raise BadValue(f"{settings.folder}: expected the folder of a studio; name it with --folder")
    if not archive.parent.is_dir():
        raise BadValue(f"{archive}: its folder does not exist")
    fresh = archive.with_name(f".{archive.name}-{secrets.token_hex(4)}")
    try:
        with zipfile.ZipFile(fresh, "x", zipfile.ZIP_STORED, allowZip64=True) as into:
            fresh.chmod(0o600)
            into.writestr("README.txt", NOTE + (ON_A_SERVER if settings.database_url else ""))
            for path in _databases(settings):
                _add_database(into, path, fresh.with_name(fresh.name + ".db"))
            for path in _files(settings):
                _add(into, path, path.relative_to(settings.folder).as_posix())
            written = Written(len(into.namelist()), sum(info.file_size for info in into.infolist()))
        fresh.replace(archive)
    finally:
        fresh.unlink(missing_ok=True)
    return written


def _databases(settings: Settings) -> list[Path]:
    urls = [make_url(url) for url in dict.fromkeys((settings.database, settings.jobs_database))]
    paths = [Path(url.database) for url in urls if url.get_backend_name() == "sqlite" and url.database]
    return [path for path in paths if path.exists()]


def _files(settings: Settings) -> list[Path]:
    found = [settings.folder / "secret.key"]
    for folder in (settings.media, settings.incoming):
        found += sorted(path for path in folder.rglob("*") if path.is_file() and not path.name.startswith("."))
    return found


def _add_database(into: zipfile.ZipFile, path: Path, copy: Path) -> None:
    try:
        with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(copy)) as target:
            source.backup(target)
        into.write(copy, path.name)
    finally:
        copy.unlink(missing_ok=True)


def _add(into: zipfile.ZipFile, path: Path, name: str) -> None:
    try:
        into.write(path, name)
    except FileNotFoundError:
        return


def check(settings: Settings) -> list[str]:
    """What is wrong with a studio, a line each: a damaged database, files that are missing or not what they were."""
    if not settings.folder.is_dir():
        return [f"{settings.folder}: no studio is here; name its folder with --folder"]
    wrong = []
    for path in _databases(settings):
        with closing(sqlite3.connect(path)) as connection:
            said = connection.execute("PRAGMA integrity_check").fetchone()[0]
            lost = connection.execute("PRAGMA foreign_key_check").fetchall()
        wrong += [f"{path}: {said}"] if said != "ok" else []
        wrong += [f"{path}: {len(lost)} rows speak of rows that are not there"] if lost else []
    if wrong:
        return wrong
    database = open_database(settings)
    wrong += _wrong_files(database, settings)
    database.close()
    if (settings.folder / "secret.key").exists() and (settings.folder / "secret.key").stat().st_mode & 0o077:
        wrong.append(f"{settings.folder / 'secret.key'}: others on this machine can read it; run chmod 600 on it")
    return wrong


def _wrong_files(database: Database, settings: Settings) -> list[str]:
    wrong = []
    with database.session() as session:
        stored = set(session.scalars(select(MediaFile.id)))
        for column in NAMING:
            named = {i for text in session.scalars(select(cast(column, Text))) for i in FILE_ID.findall(text or "")}
            wrong += [f"{column}: names the file {file}, which was never stored" for file in sorted(named - stored)]
    for file in sorted(stored):
        path = path_of(settings.media, file)
        if not path.exists():
            wrong.append(f"{path}: missing")
            continue
        with path.open("rb") as opened:
            if hashlib.file_digest(opened, "sha256").hexdigest() != file:
                wrong.append(f"{path}: its bytes are not what they were")
    return wrong
