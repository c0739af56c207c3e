"""A nursery of workers for tests: everything is imported once; each worker is a fork, so that twenty can be born and killed.

    python nursery.py [light]     each line on standard input, a studio's folder, a tab and the address of its database if
                                  it has one of its own, bears a worker; its process id is written

A `light` worker does the real steps in the real order, checkpoints, files and rows, on pictures and tunes that take no time
to make. Without it workers do everything as they do for people, on short tunes.
"""

from __future__ import annotations

import functools
import io
import os
import signal
import sys
import time
from pathlib import Path

from PIL import Image

from moodscore.affect import Affect
from moodscore.jobs import ReceivedPhoto
from moodscore.jobs.making import Described, MadeTune, TuneFiles
from moodscore.reading import Reading
from moodscore.schemes import mood_labels
from moodscore.studio.settings import Settings
from moodscore.studio.work import photos, worker

STEP_S = 0.06


@functools.cache
def jpeg(side: int) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (side, side * 3 // 4), "orange").save(out, format="JPEG")
    return out.getvalue()


def receive(path: Path, name: str) -> ReceivedPhoto:
    time.sleep(STEP_S)
    path.read_bytes()  # it must be there
    from moodscore.prepare.sandbox_results import Placeholder, Rendition

    large, small = (Rendition(jpeg(side), side, side * 3 // 4) for side in (64, 32))
    return ReceivedPhoto(name, "JPEG", "0" * 64, 64, 48, None, large, small, Placeholder("data:,", "#ffa500"))


def describe(path: Path) -> Described:
    time.sleep(STEP_S)
    path.read_bytes()
    place = Affect(0.5, 0.2)
    reading = Reading(place, mood_labels(place, 0.2, 0.2), 0.6, "light@1")
    return Described(("a", "b", "c"), ("가", "나", "다"), ("sea",), reading, "light@1")


def tune(role: str, place: Affect) -> MadeTune:
    time.sleep(STEP_S)
    at = (place.valence, place.arousal)
    files = TuneFiles(f"sound of {role} {at}".encode(), b"MThd" + role.encode(), (0.5, 1.0), ((0.0, 1.0, 60, 0),), 10.0)
    return MadeTune(role, role, "", at, at, 90.0, ("piano",), ("why", "왜"), ("words", "말"), "light", files)


def lighten() -> None:
    """Replace what takes time; what is asked for, in which order, and what is kept stays as it is."""
    photos.receive_photo, photos.describe = receive, describe
    photos.described_to_match = lambda described, choices: ("library", described.reading.affect)
    photos.ask_to_variant = lambda ask, described, choices: (ask.role, ask.affect)
    photos.variant_to_made = lambda made: tune(*made)


def main(light: bool) -> None:
    if light:
        lighten()
    say("ready")
    for line in sys.stdin:
        pid = os.fork()
        if pid == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            folder, address = line.rstrip("\n").split("\t")
            settings = Settings(folder=Path(folder), database_url=address, rate_limits=False, tune_seconds=10.0)
            worker.run(settings, composer="rules", warm=False)
            os._exit(0)
        say(str(pid))


def say(word: str) -> None:
    sys.stdout.write(word + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the killed are not waited for
    main("light" in sys.argv[1:])
