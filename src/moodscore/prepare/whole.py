"""Whole: every file that leaves moodscore is written under another name and renamed, so it is there whole or not at all."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from moodscore.errors import RenderFailed

_REMEDIES = {
    errno.ENOENT: "make the folder first, or name another one",
    errno.EACCES: "choose a folder you may write to",
    errno.EPERM: "choose a folder you may write to",
    errno.EROFS: "choose a folder that is not read-only",
    errno.ENOSPC: "free some space, or name another disk",
    errno.EDQUOT: "free some space, or name another disk",
    errno.EFBIG: "free some space, or name a disk that takes larger files",
}


@contextmanager
def whole(path: Path, *, keep: bool = True) -> Iterator[Path]:
    """A name beside `path` to write to; renamed to `path` if kept, removed when anything goes wrong, Ctrl-C included.

    Raises RenderFailed, naming `path` and the remedy, for every OSError inside.
    """
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        if path.is_dir():
            raise IsADirectoryError(errno.EISDIR, "there is a folder of this name")
        yield part
        if keep:
            os.replace(part, path)
    except OSError as error:
        remedy = _REMEDIES.get(error.errno or 0, "choose another name or folder")
        said = error.strerror or str(error)
        raise RenderFailed(f"{path}: expected to write there, got {said!r}; {remedy}") from error
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)


def check_writable(path: Path) -> None:
    """Try whether a file could be written at `path`, leaving nothing there; raises RenderFailed, with the remedy."""
    with whole(Path(path), keep=False) as part:
        part.write_bytes(b"")
