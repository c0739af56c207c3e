"""Extract: a film and its genre become labelled pairs of consecutive frames, for training a genre classifier.

Sections of the film, given as times, become frame numbers; odd-numbered frames in them are drawn at random, and each is
saved with the frame after it as 001 and 002, 003 and 004 ... A pair that lies across a cut or leaves its section is drawn
again. A film's folder appears whole, with a manifest that says where each frame came from, or not at all.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from moodscore.errors import BadMedia, BadValue, RenderFailed
from moodscore.media import Clip
from moodscore.prepare import clip as clips
from moodscore.prepare.whole import check_writable, whole
from moodscore.schemes import GENRES
from moodscore.see import shots

Tell = Callable[[str, float], None]

VERSION = 1
_TIME = r"(?:(\d{1,2}):)?([0-5]?\d):([0-5]\d(?:\.\d{1,3})?)"
_SECTION = re.compile(rf"\s*{_TIME}\s*-\s*{_TIME}\s*", re.ASCII)
_AROUND_S = 0.5  # looked at on both sides of a section, so that cuts at its ends are found too
_COLUMNS = ("genre", "film", "sha256", "section", "key_file", "next_file", "key_frame", "next_frame", "key_s", "next_s")


@dataclass(frozen=True, slots=True, order=True)
class Section:
    """A stretch of a film in seconds, its end not included."""

    start_s: float
    end_s: float

    def __str__(self) -> str:
        return f"{clock(self.start_s)}-{clock(self.end_s)}"


@dataclass(frozen=True, slots=True)
class Job:
    """A film to extract from: its file, its genre, and the sections to draw from; none means all of it."""

    film: Path
    genre: str
    sections: tuple[Section, ...] = ()

    @property
    def folder(self) -> Path:
        """Where its pairs go, inside the output folder."""
        return Path(self.genre, self.film.stem)


@dataclass(frozen=True, slots=True)
class Settings:
    """How to extract: pairs a film, seed, height of the saved frames in pixels (their shape is kept), "png" or "jpg"."""

    pairs: int = 300
    seed: int = 0
    height: int = 300
    form: str = "png"

    def __post_init__(self) -> None:
        if self.pairs < 1 or self.height < 16 or self.form not in ("png", "jpg"):
            raise BadValue(
                "extract: expected at least 1 pair, a height >= 16 and png or jpg, got "
                f"{self.pairs}, {self.height}, {self.form}"
            )


@dataclass(frozen=True, slots=True)
class Extracted:
    """What was done for a film: its folder, pairs saved, draws repeated because of a cut or a section's end.

    `kept` is true when the same pairs were there already and nothing was done.
    """

    folder: Path
    genre: str
    pairs: int
    redrawn: int
    kept: bool


@dataclass(frozen=True, slots=True)
class _Span:
    """The frames of one section: the number of the first in the film, counting from 1, their times, which begin a shot."""

    section: Section
    first: int
    times: tuple[float, ...]
    cuts: frozenset[float]


def clock(time_s: float) -> str:
    """Seconds as hh:mm:ss, with milliseconds where there are any."""
    whole_s, milli = divmod(round(time_s * 1000), 1000)
    text = f"{whole_s // 3600:02d}:{whole_s // 60 % 60:02d}:{whole_s % 60:02d}"
    return f"{text}.{milli:03d}" if milli else text


def sections(texts: Iterable[str]) -> tuple[Section, ...]:
    """Sections in order of time from texts such as 00:10:00-00:12:30 (hours may be left out, seconds may have decimals).

    Raises BadValue, naming the section, when one is malformed, ends before it starts, or overlaps another.
    """
    found = sorted(_section(text) for text in texts)
    for one, other in pairwise(found):
        if other.start_s < one.end_s:
            raise BadValue(f"section {other}: expected sections apart from each other, got an overlap with {one}")
    return tuple(found)


def _section(text: str) -> Section:
    match = _SECTION.fullmatch(text)
    if not match:
        raise BadValue(f"section {text!r}: expected hh:mm:ss-hh:mm:ss, such as 00:10:00-00:12:30")
    start_s, end_s = (
        int(h or 0) * 3600 + int(m) * 60 + float(s) for h, m, s in (match.group(1, 2, 3), match.group(4, 5, 6))
    )
    if end_s <= start_s:
        raise BadValue(f"section {text}: expected an end after its start")
    return Section(start_s, end_s)


def jobs_of(table: Path) -> tuple[Job, ...]:
    """The jobs of a CSV (film, genre, sections): films relative to the table, sections parted by spaces or semicolons.

    Raises BadMedia, naming the table and line, when a column is missing, a genre or section is malformed, or two films would
    go to one folder.
    """
    try:
        with table.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
        found = [_job(table.parent, row) for row in rows]
    except (OSError, UnicodeDecodeError, KeyError, AttributeError) as error:
        raise BadMedia(f"{table}: expected a table with the columns film, genre, sections, got {error!r}") from error
    except BadValue as error:
        raise BadMedia(f"{table}: {error}") from error
    folders = [job.folder for job in found]
    twice = sorted({str(folder) for folder in folders if folders.count(folder) > 1})
    if not found or twice:
        raise BadMedia(
            f"{table}: expected films with names of their own, got {', '.join(twice) + ' twice' if twice else 'none'}"
        )
    return tuple(found)


def _job(home: Path, row: dict[str, str]) -> Job:
    genre = GENRES[row["genre"].strip()].name
    return Job(
        home / row["film"].strip(),
        genre,
        sections(re.split(r"[;\s]+", row["sections"].strip()) if row["sections"].strip() else ()),
    )


def check(job: Job) -> tuple[Clip, tuple[Section, ...]]:
    """The film of a job, opened, and its sections; raises BadMedia or BadValue when it is no film or a section leaves it."""
    clip = clips.open(job.film)
    for section in job.sections:
        if section.end_s > clip.duration_s + 0.001:
            raise BadValue(f"{job.film}: expected sections within the film ({clock(clip.duration_s)}), got {section}")
    return clip, job.sections or (Section(0.0, clip.duration_s),)


def extract(job: Job, settings: Settings, output: Path, tell: Tell = lambda stage, share: None) -> Extracted:
    """Save the pairs of a film in `output`/GENRE/FILM; the same film, sections and settings give the same pairs.

    When they are there already nothing is done. Raises BadMedia when the film cannot be read, has fewer clean pairs than
    asked for, or other pairs lie in its folder; RenderFailed when the folder cannot be written.
    """
    clip, parts = check(job)
    GENRES[job.genre]
    wanted = _recipe(job, parts, settings)
    folder = output / job.folder
    if folder.exists():
        return _there(folder, wanted)
    spans = _looked_at(clip, parts, tell)
    chosen, redrawn = _drawn(job.film, spans, settings, int(wanted["sha256"][:8], 16))
    with _whole_folder(folder) as part:
        rows = _saved(clip, chosen, settings, part, tell)
        manifest = {**wanted, "redrawn": redrawn, "pairs": rows}
        (part / "manifest.json").write_text(json.dumps(manifest, indent=1, ensure_ascii=False) + "\n", "utf-8")
    return Extracted(folder, job.genre, len(rows), redrawn, False)


def _recipe(job: Job, parts: tuple[Section, ...], settings: Settings) -> dict[str, Any]:
    digest = hashlib.sha256()
    with job.film.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return {
        "version": VERSION,
        "film": job.film.name,
        "sha256": digest.hexdigest(),
        "genre": job.genre,
        "sections": [str(part) for part in parts],
        "seed": settings.seed,
        "height": settings.height,
        "format": settings.form,
        "count": settings.pairs,
    }


def _there(folder: Path, wanted: dict[str, Any]) -> Extracted:
    """What an earlier run saved, when it is what is wanted now."""
    manifest = read_manifest(folder)
    other = sorted(name for name, value in wanted.items() if manifest.get(name) != value)
    if other:
        raise BadMedia(
            f"{folder}: expected the pairs of this film and these settings or no folder, got one with another "
            f"{', '.join(other)}; remove it or name another output"
        )
    return Extracted(folder, wanted["genre"], len(manifest["pairs"]), int(manifest["redrawn"]), True)


def read_manifest(folder: Path) -> dict[str, Any]:
    """The manifest of a film's folder; raises BadMedia, naming it, when it is missing or broken."""
    path = folder / "manifest.json"
    try:
        found: dict[str, Any] = json.loads(path.read_text("utf-8"))
        found["pairs"], found["redrawn"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BadMedia(f"{path}: expected the manifest of extracted pairs, got {error!r}; remove the folder") from error
    return found


def _looked_at(clip: Clip, parts: tuple[Section, ...], tell: Tell) -> list[_Span]:
    """Decode each section once, small, to know its frames and its cuts."""
    film_times = clips.frame_times(clip)
    size = shots.small(clip.size)
    total = sum(part.end_s - part.start_s for part in parts)
    done, spans = 0.0, []
    for part in parts:
        cutter, times = shots.Cutter(min_shot_s=0.0), []
        begin, end = max(0.0, part.start_s - _AROUND_S), min(clip.duration_s, part.end_s + _AROUND_S)
        for frame in clips.frames(clip, start_s=begin, end_s=end):
            cutter.see(frame.time_s, frame.pixels(size))
            if part.start_s - 1e-6 <= frame.time_s < part.end_s - 1e-6:
                times.append(frame.time_s)
                tell("shots", (done + frame.time_s - part.start_s) / total)
        cutter.shots(end)
        first = int(np.searchsorted(film_times, times[0] - 1e-4)) + 1 if times else 0
        spans.append(_Span(part, first, tuple(times), frozenset(cutter.cuts)))
        done += part.end_s - part.start_s
    tell("shots", 1.0)
    return spans


def _drawn(film: Path, spans: list[_Span], settings: Settings, film_seed: int) -> tuple[list[tuple[_Span, int]], int]:
    """Random odd frames whose next frame is of the same shot and section, in order of time; and how many were not so."""
    odd = [(span, k) for span in spans for k in range(len(span.times)) if (span.first + k) % 2]
    chosen: list[tuple[_Span, int]] = []
    redrawn = 0
    for place in np.random.default_rng((settings.seed, film_seed)).permutation(len(odd)):
        span, k = odd[place]
        if k + 1 < len(span.times) and span.times[k + 1] not in span.cuts:
            chosen.append((span, k))
        else:
            redrawn += 1
        if len(chosen) == settings.pairs:
            return sorted(chosen, key=lambda c: c[0].times[c[1]]), redrawn
    raise BadMedia(
        f"{film}: expected {settings.pairs} pairs without a cut between odd and even frames of the sections, got only "
        f"{len(chosen)} ({redrawn} lie across a cut or an end); name longer sections or ask for fewer pairs"
    )


def _saved(
    clip: Clip, chosen: list[tuple[_Span, int]], settings: Settings, part: Path, tell: Tell
) -> list[dict[str, Any]]:
    """Decode the chosen pairs and write them; a row of the manifest for each."""
    times = [span.times[k + step] for span, k in chosen for step in (0, 1)]
    rows: list[dict[str, Any]] = []
    size = clips.fitted(clip.size, height=settings.height)
    count = 0
    for count, frame in enumerate(clips.frames(clip, times=times), start=1):
        name = f"{count:03d}.{settings.form}"
        Image.fromarray(frame.pixels(size)).save(part / name, **_QUALITY[settings.form])
        span, k = chosen[(count - 1) // 2]
        if count % 2:
            rows.append(
                {"section": str(span.section), "key_file": name, "key_frame": span.first + k, "key_s": frame.time_s}
            )
        else:
            rows[-1] |= {"next_file": name, "next_frame": span.first + k + 1, "next_s": frame.time_s}
        tell("extract", count / len(times))
    if count != len(times):
        raise BadMedia(f"{clip.path}: expected the film to read the same twice, got its end early; copy it again")
    return rows


_QUALITY: dict[str, dict[str, Any]] = {"png": {"compress_level": 4}, "jpg": {"quality": 95, "subsampling": 0}}


@contextmanager
def _whole_folder(folder: Path) -> Iterator[Path]:
    """A folder beside `folder` to write in, renamed to it when all went well and removed when not."""
    part = folder.with_name(f".{folder.name}.part")
    try:
        shutil.rmtree(part, ignore_errors=True)  # of a run that was killed
        part.mkdir(parents=True)
        yield part
        part.rename(folder)
    except OSError as error:
        said = error.strerror or str(error)
        raise RenderFailed(f"{folder}: expected to write there, got {said!r}; name another output folder") from error
    finally:
        shutil.rmtree(part, ignore_errors=True)


def write_table(output: Path) -> Path:
    """Gather the manifests of all films in `output` into its manifest.csv, one row for each pair, and return its path."""
    text = io.StringIO()
    table = csv.DictWriter(text, _COLUMNS, lineterminator="\n")
    table.writeheader()
    for path in sorted(output.glob("*/*/manifest.json")):
        manifest = read_manifest(path.parent)
        for row in manifest["pairs"]:
            table.writerow({"genre": manifest["genre"], "film": path.parent.name, "sha256": manifest["sha256"], **row})
    goal = output / "manifest.csv"
    with whole(goal) as part:
        part.write_text(text.getvalue(), "utf-8")
    return goal


def check_output(output: Path) -> None:
    """Make the output folder and try whether it takes files; raises RenderFailed, with the remedy."""
    try:
        output.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise RenderFailed(
            f"{output}: expected a folder to write to, got {error.strerror!r}; name another one"
        ) from error
    check_writable(output / "manifest.csv")
