"""Spool: long sound lives in a nameless temporary file, so that a film of an hour needs no more memory than one of minutes.

Everything that walks through sound in blocks calls `forget` after each; for short sound, which is plain memory, that does
nothing.
"""

from __future__ import annotations

import mmap
import os
import tempfile

import numpy as np
from numpy.typing import NDArray

LONGEST_IN_MEMORY = 120 * 44100  # frames; two minutes are 42 MB

Samples = NDArray[np.float32]


def silence(frames: int, longest_in_memory: int = LONGEST_IN_MEMORY) -> Samples:
    """Zeros (frames, 2) float32, in a temporary file when longer than `longest_in_memory` and the disk has room."""
    if frames > longest_in_memory and hasattr(mmap, "MADV_DONTNEED"):
        try:
            return _on_disk(frames)
        except OSError:  # no room or no place for temporary files: then memory it is
            pass
    return np.zeros((frames, 2), np.float32)


def forget(samples: Samples) -> None:
    """Give back the memory of the pages of spooled `samples` that were touched; what is in them stays."""
    root = samples.base
    while isinstance(root, np.ndarray | memoryview):
        root = root.base if isinstance(root, np.ndarray) else root.obj
    if isinstance(root, mmap.mmap):
        root.madvise(mmap.MADV_DONTNEED)


def _on_disk(frames: int) -> Samples:
    size = frames * 2 * np.dtype(np.float32).itemsize
    with tempfile.TemporaryFile(prefix="moodscore-") as file:
        os.posix_fallocate(file.fileno(), 0, size)  # a full disk is an error here, not a crash later
        pages = mmap.mmap(file.fileno(), size)
    return np.frombuffer(pages, np.float32).reshape(frames, 2)
