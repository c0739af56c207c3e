"""The folder of a post: three tunes with their notes, the library's match, the run as JSON and as a page.

Sounds are encoded while other tunes are still being composed. The page comes last but one and `run.json` last, so that a
folder with a run.json is whole.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from moodscore import jobs
from moodscore.draw import run_page
from moodscore.draw.run_page import Run, ShownTune
from moodscore.errors import RenderFailed
from moodscore.jobs.posting import LIBRARY, Result
from moodscore.music import export, prompt_genres
from moodscore.music.answers import ROLES
from moodscore.prepare.whole import check_writable

PAGE, RUN = "index.html", "run.json"
FORMATS = tuple(suffix.lstrip(".") for suffix in export.SUFFIXES if suffix != ".mid")
SHOWN_AS, SHOWN_BIT_RATE = (
    ".m4a",
    128_000,
)  # what the page plays when the files are of a kind that not every browser knows
PLAYED = (".m4a", ".mp3")
Written = tuple[bytes, tuple[tuple[str, str], ...]]
_KINDS = "|".join(suffix.lstrip(".") for suffix in export.SUFFIXES)
_OURS = re.compile(rf"(?:index\.html|run\.json|(?:{'|'.join((*ROLES, LIBRARY))})(?:-[a-z0-9-]+)?\.(?:{_KINDS}))")


def check_folder(folder: Path) -> None:
    """Find the folder missing, empty or holding a former run; raises RenderFailed, with the remedy, for any other."""
    if folder.exists() and not folder.is_dir():
        raise RenderFailed(f"{folder}: expected a folder to write to, got a file; name another with -o")
    there = next(path for path in (folder, *folder.absolute().parents) if path.is_dir())
    check_writable(there / RUN) if there == folder else check_writable(there / ".moodscore")
    foreign = sorted(path.name for path in there.iterdir() if not _OURS.fullmatch(path.name)) if there == folder else []
    if foreign and not (folder / RUN).exists():
        raise RenderFailed(
            f"{folder}: expected an empty folder or one of a former run, got one that holds {foreign[0]}; "
            "name a new folder with -o"
        )


def folders_for(photos: Sequence[Path], out: Path) -> list[Path]:
    """A folder for each photo: `out` itself for one, else one in it by the photo's name, numbered where names repeat."""
    if len(photos) == 1:
        return [out]
    taken: dict[str, int] = {}
    found = []
    for photo in photos:
        taken[photo.stem] = taken.get(photo.stem, 0) + 1
        count = taken[photo.stem]
        found.append(out / (photo.stem if count == 1 else f"{photo.stem}-{count}"))
    return found


@dataclass
class Sounds:
    """Encodes and writes each tune as soon as it is there: `on_result` is the job's."""

    folder: Path
    suffix: str
    also: Callable[[str, Result], None]
    _pool: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(max_workers=2))
    _new: list[Path] = field(default_factory=list)
    _waiting: dict[str, Future[Written]] = field(default_factory=dict)

    def on_result(self, name: str, result: Result) -> None:
        """Begin to write a tune; tell the result on."""
        if isinstance(result, jobs.Variant):
            self._waiting[name] = self._pool.submit(self._written, result, self._waiting.get(name))
        self.also(name, result)

    def _written(self, variant: jobs.Variant, before: Future[Written] | None) -> Written:
        """Write the files of one tune after those of one that it replaces: what the page plays, (kind, name) of each."""
        if before:
            before.result()
        _make(self.folder)
        stem = "-".join(filter(None, (variant.role, variant.genre.replace(" ", "-"))))
        sound = self.folder / f"{stem}{self.suffix}"
        self._new += [path for path in (sound, sound.with_suffix(".mid")) if not path.exists()]
        export.write(variant.scored.tune, sound)
        files = [(self.suffix.lstrip(".").upper(), sound.name)]
        if variant.score is not None:
            export.write(variant.scored.tune, sound.with_suffix(".mid"))
            files.append(("MIDI", f"{stem}.mid"))
        if self.suffix in PLAYED:
            return sound.read_bytes(), tuple(files)
        return export.encode(variant.scored.tune, SHOWN_AS, SHOWN_BIT_RATE), tuple(files)

    def of(self, role: str) -> Written:
        """What became of a tune, once it is written; raises RenderFailed when it could not be."""
        return self._waiting[role].result()

    def close(self) -> None:
        """Wait for nothing more."""
        self._pool.shutdown(cancel_futures=True)

    def discard(self) -> None:
        """Leave nothing of a run that did not come to its end: what it added goes, and the folder if that was all."""
        self.close()
        for path in self._new:
            path.unlink(missing_ok=True)
        with suppress(OSError):
            self.folder.rmdir()


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise RenderFailed(f"{folder}: expected to make it, got {error.strerror!r}; name another with -o") from error


def write(posted: jobs.Posted, sounds: Sounds) -> dict[str, Any]:
    """Write the page and run.json beside the sounds, drop files of a former run, and give what run.json says."""
    folder = sounds.folder
    recipe = recipe_of(posted, sounds)
    jobs.write_text(folder / PAGE, run_page.page(run_of(posted, sounds)))
    jobs.write_text(folder / RUN, json.dumps(recipe, indent=2, ensure_ascii=False) + "\n")
    kept = {PAGE, RUN, *(name for names in recipe["files"].values() for name in names)}
    for path in folder.iterdir():
        if _OURS.fullmatch(path.name) and path.name not in kept:
            path.unlink()
    return recipe


def recipe_of(posted: jobs.Posted, sounds: Sounds) -> dict[str, Any]:
    """Everything a machine may want to know of a run, with the name of every file."""
    roles = [*(variant.role for variant in posted.variants), posted.library.role]
    files = {role: [name for _, name in sounds.of(role)[1]] for role in roles}
    return {**posted.as_dict(), "page": PAGE, "files": files}


def run_of(posted: jobs.Posted, sounds: Sounds) -> Run:
    """A post as the page shows it."""
    said = posted.described
    captions = said.source.partition("+")[0]
    told = [
        ("captions by", "설명", captions),
        ("prompts by", "프롬프트", posted.prompts.source),
        ("composed by", "작곡", str(posted.variants[0].scored.tune.recipe.get("composer", ""))),
        ("judged by", "심사", posted.variants[0].heard.source if posted.variants[0].heard else ""),
        ("feeling read by", "느낌 읽기", posted.reading.source),
        ("seed", "시드", str(posted.choices.seed)),
        ("note", "알림", posted.prompts.note),
    ]
    return Run(
        photo=posted.photo,
        reading=posted.reading,
        english=said.english,
        korean=said.korean,
        sentence=posted.prompts.sentence,
        keywords=said.keywords,
        tunes=tuple(_shown(variant, sounds) for variant in posted.variants),
        library=_shown(posted.library, sounds),
        told=tuple(row for row in told if row[2]),
    )


def _shown(variant: jobs.Variant, sounds: Sounds) -> ShownTune:
    sound, files = sounds.of(variant.role)
    tune, planned = variant.scored.tune, variant.scored.plan
    genre = prompt_genres.named(variant.genre)
    name = Path(variant.scored.cues[0].piece.name).stem if variant.scored.cues else variant.genre
    return ShownTune(
        role=variant.role,
        title=(genre.name, genre.korean) if genre else (name, name),
        reason=(variant.reason_en, variant.reason_ko),
        asked=variant.asked,
        heard=variant.heard.affect if variant.heard else None,
        seconds=tune.duration_s,
        sound=sound,
        samples=tune.samples,
        tempo_bpm=variant.tempo_bpm,
        key=planned.summary.partition(";")[0].replace("harmonic", "harmonic minor") if planned else "",
        prompt=variant.prompt.text if variant.prompt else "",
        score=variant.score,
        files=files,
    )
