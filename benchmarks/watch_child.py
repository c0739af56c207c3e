"""One job on one film in a process of its own: `python benchmarks/watch_child.py JOB FILM` prints what it took.

Wall seconds and CPU seconds of the job, and the peak memory of the process in MB. Imports and models are there before the
clock starts; where the machine has more, two cores are used.
"""

from __future__ import annotations

import os
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path


def decode(film: Path) -> Callable[[], object]:
    """The peer: every frame of the picture decoded by PyAV with as many threads as it likes, and dropped."""
    import av

    def work() -> int:
        with av.open(str(film)) as container:
            container.streams.video[0].thread_type = "AUTO"
            return sum(1 for _ in container.decode(video=0))

    return work


def decode_all(film: Path) -> Callable[[], object]:
    """The peer with the sound."""
    import av

    def work() -> int:
        with av.open(str(film)) as container:
            container.streams.video[0].thread_type = "AUTO"
            both = container.decode(container.streams.video[0], container.streams.audio[0])
            return sum(isinstance(frame, av.VideoFrame) for frame in both)

    return work


def _ready() -> None:
    """Everything that watching needs, loaded."""
    import numpy as np

    from moodscore.media import Photo
    from moodscore.music import audio_judge
    from moodscore.see import clip, shots
    from moodscore.weights import store

    clip.read(Photo(np.full((360, 640, 3), 128, np.uint8), "grey", (640, 360)), 0.0)
    shots.Cutter()
    store.session(audio_judge.NAME)


def cuts(film: Path) -> Callable[[], object]:
    from moodscore.prepare import clip
    from moodscore.see import shots

    _ready()
    return lambda: shots.cut(clip.open(film))


def watch(film: Path) -> Callable[[], object]:
    from moodscore import jobs

    _ready()
    return lambda: jobs.clip_to_trajectory(film)


def genre(film: Path) -> Callable[[], object]:
    from moodscore import jobs

    _ready()
    return lambda: jobs.clip_to_genre(film)


def soundtrack(film: Path) -> Callable[[], object]:
    """Everything from the start of the program on, as a user waits for it."""

    def work() -> None:
        from moodscore import jobs

        with tempfile.TemporaryDirectory() as folder:
            jobs.clip_to_soundtrack(film, Path(folder) / "out.mp4")

    return work


JOBS = {work.__name__: work for work in (decode, decode_all, cuts, watch, genre, soundtrack)}


def main(job: str, film: str) -> None:
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:2])
    work = JOBS[job](Path(film))
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    print(wall, cpu, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6)


if __name__ == "__main__":
    main(*sys.argv[1:])
