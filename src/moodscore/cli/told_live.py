"""What is told live: a line for each reading, and sound that follows the mood."""

from __future__ import annotations

import json
import sys
import threading
import time
import wave
from pathlib import Path
from typing import Any, BinaryIO

import click
import numpy as np

from moodscore import jobs
from moodscore.cli.progress import bars
from moodscore.draw import colour
from moodscore.errors import BadMedia, RenderFailed
from moodscore.prepare.whole import check_writable

BLOCK_S = 0.1
AHEAD_S = 0.5  # of sound written before it is heard, so that a slow moment leaves no gap


class Player:
    """Writes the sound of a library as time passes, on a thread of its own, and turns with the mood."""

    def __init__(self, library: Any, out: Path, seed: int) -> None:  # noqa: ANN401 - music.library.Library
        self._library, self._out, self._seed = library, out, seed
        self._box: jobs.Jukebox | None = None
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._run, name="player", daemon=True)
        self._failed: OSError | None = None

    @property
    def to_stdout(self) -> bool:
        """Whether the sound goes to standard output, which then is no place for words."""
        return str(self._out) == "-"

    @property
    def piece(self) -> str:
        """The name of what is playing; empty before the first reading."""
        with self._lock:
            return self._box.piece.name if self._box else ""

    def hear(self, reading: jobs.LiveReading) -> None:
        """Begin with the first reading, and go over to another piece when the mood has changed."""
        with self._lock:
            if self._box is None:
                self._box = jobs.Jukebox(self._library, reading.affect, self._seed)
                self._thread.start()
            elif reading.turned:
                self._box.turn(reading.affect)
        if self._failed is not None:
            raise RenderFailed(f"{self._out}: expected a place to write sound, got {self._failed}") from self._failed

    def close(self) -> None:
        """Stop and finish the file."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(timeout=5.0)

    def _run(self) -> None:
        try:
            if self.to_stdout:
                self._pace(sys.stdout.buffer)
            else:
                with wave.open(str(self._out), "wb") as file:
                    file.setnchannels(2)
                    file.setsampwidth(2)
                    file.setframerate(jobs.LIVE_RATE)
                    self._pace(file)
        except OSError as error:
            self._failed = error

    def _pace(self, out: BinaryIO | wave.Wave_write) -> None:
        """Write blocks as time passes, half a second ahead."""
        count = round(BLOCK_S * jobs.LIVE_RATE)
        began, written_s = time.monotonic(), 0.0
        while not self._stop.is_set():
            with self._lock:
                assert self._box is not None
                block = self._box.play(count)
            data = (np.clip(block, -1, 1) * 32767).astype("<i2").tobytes()
            if isinstance(out, wave.Wave_write):
                out.writeframes(data)
            else:
                out.write(data)
                out.flush()
            written_s += BLOCK_S
            self._stop.wait(max(0.0, began + written_s - AHEAD_S - time.monotonic()))


def player(out: Path | None, music: Path | None, seed: int, quiet: bool) -> Player | None:
    """Music that follows, from a folder or the library that ships; None when none was asked for."""
    if out is None:
        if music is not None:
            raise click.UsageError("--music goes with --play")
        return None
    if str(out) != "-":
        if out.suffix.lower() != ".wav":
            raise RenderFailed(f"{out}: expected a name ending in .wav, or - for raw sound; rename it")
        check_writable(out)
    with bars(quiet) as tell:
        library = jobs.library_of(None if music is None or str(music) == "default" else music, tell)
    if not library.pieces:
        raise BadMedia(f"{music}: expected a folder of music, got none that can be used")
    return Player(library, out, seed)


def watch(source: str, seconds: float | None, as_json: bool, music: Player | None) -> None:
    """Print readings as they come until the source ends or Ctrl-C, and a closing line with the pace."""
    told = sys.stderr if music is not None and music.to_stdout else sys.stdout
    latencies: list[float] = []
    last = 0.0
    try:
        for reading in jobs.watch_live(source, seconds):
            if music is not None:
                music.hear(reading)
            latencies.append(reading.latency_s)
            last = reading.time_s
            click.echo(_json(reading, music) if as_json else _line(reading, music), file=told)
    except KeyboardInterrupt:
        pass
    finally:
        if music is not None:
            music.close()
    if latencies and not as_json:
        pace = len(latencies) / max(last, 1e-3)
        behind = 1000 * float(np.median(latencies))
        click.echo(f"{len(latencies)} readings, {pace:.1f} a second, {behind:.0f} ms behind", file=told)


def _line(reading: jobs.LiveReading, music: Player | None) -> str:
    mark = click.style("●", fg=colour.mood_rgb(reading.mood.place))
    turn = "  ->" if reading.turned else "    "
    playing = f"  {music.piece}" if music is not None else ""
    feeling = f"{reading.affect.valence:+.2f} {reading.affect.arousal:+.2f}"
    return f"{reading.time_s:7.2f} s  {mark} {reading.mood.name:<9} {feeling}{turn}{playing}"


def _json(reading: jobs.LiveReading, music: Player | None) -> str:
    row = {
        "time_s": round(reading.time_s, 3),
        "valence": round(reading.affect.valence, 4),
        "arousal": round(reading.affect.arousal, 4),
        "mood": reading.mood.name,
        "turned": reading.turned,
        "latency_s": round(reading.latency_s, 4),
    }
    return json.dumps(row | ({"piece": music.piece} if music is not None else {}), ensure_ascii=False)
