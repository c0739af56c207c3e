"""Results: what the Python API gives back. Each shows itself in a notebook and can be saved."""

from __future__ import annotations

import base64
import csv
import html
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image

from moodscore import jobs
from moodscore.affect import Affect
from moodscore.draw import plane
from moodscore.draw.faces import faces_png
from moodscore.draw.watch import Sounding, Story, watch_png
from moodscore.errors import RenderFailed
from moodscore.jobs import ClipFelt, ClipScored, Cut, Faced, Scored, Seen
from moodscore.media import Face, Film, Shot, Tune
from moodscore.music import export
from moodscore.reading import Reading
from moodscore.schemes import GENRES, mood_of
from moodscore.trajectory import Trajectory

CURVES = (".csv", ".json", ".png")


def plane_points(seen: Sequence[Seen]) -> list[plane.PlanePoint]:
    """The photos as points for the plane picture."""
    return [plane.PlanePoint(s.reading.affect, s.path.stem, s.thumbnail.pixels, s.reading.spread) for s in seen]


@dataclass(frozen=True, slots=True)
class Look:
    """One photo and what was read in it; `reading` has mood, affect, spread and confidence."""

    seen: Seen

    @property
    def reading(self) -> Reading:
        return self.seen.reading

    @property
    def affect(self) -> Affect:
        return self.seen.reading.affect

    @property
    def mood(self) -> str:
        return self.seen.reading.mood.name

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready values: the file's name and the reading."""
        return {"photo": str(self.seen.path), **self.seen.reading.as_dict()}

    def __repr__(self) -> str:
        a = self.affect
        return f"Look({self.seen.path.name!r}: {self.mood}, valence {a.valence:+.2f}, arousal {a.arousal:+.2f})"

    def _repr_html_(self) -> str:
        return plane.plane_svg(plane_points([self.seen]), title=f"{self.seen.path.name}: {self.mood}")


@dataclass(frozen=True, slots=True)
class FacesLook:
    """The faces of one photo, the largest first, each with what its expression shows; `reading` is of all together."""

    faced: Faced

    @property
    def faces(self) -> tuple[tuple[Face, Reading], ...]:
        return self.faced.faces

    @property
    def reading(self) -> Reading:
        return self.faced.reading

    def picture(self) -> Image.Image:
        """The photo with its faces boxed, a bar for each label, and the faces on the plane."""
        return faces_png(self.faced.photo, self.faced.faces)

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready values: the photo, what its faces say together, and each face's box, score, landmarks and reading."""
        return {
            "photo": str(self.faced.path),
            "together": self.reading.as_dict(),
            "faces": [
                {
                    "box": {name: round(getattr(face.box, name), 4) for name in ("left", "top", "right", "bottom")},
                    "score": round(face.score, 4),
                    "landmarks": [[round(x, 4), round(y, 4)] for x, y in face.landmarks],
                    **reading.as_dict(),
                }
                for face, reading in self.faces
            ],
        }

    def __repr__(self) -> str:
        shown = ", ".join(reading.labels.top.name for _, reading in self.faces[:5])
        more = ", ..." if len(self.faces) > 5 else ""
        return f"FacesLook({self.faced.path.name!r}: {len(self.faces)} showing {shown}{more})"

    def _repr_html_(self) -> str:
        with io.BytesIO() as out:
            self.picture().save(out, "JPEG", quality=85)
            data = base64.b64encode(out.getvalue()).decode("ascii")
        return f'<img width="800" alt="{html.escape(repr(self), quote=True)}" src="data:image/jpeg;base64,{data}">'


@dataclass(frozen=True, slots=True)
class TuneResult:
    """A tune, the feeling it was composed for and the plan it follows."""

    affect: Affect
    scored: Scored
    seen: Seen | None = None

    @property
    def tune(self) -> Tune:
        return self.scored.tune

    def save(self, path: str | Path) -> Path:
        """Write the tune as .wav, .flac, .mp3, .opus, .m4a or .mid; raises RenderFailed when it cannot be written."""
        export.write(self.scored.tune, Path(path))
        return Path(path)

    def __repr__(self) -> str:
        a = self.affect
        return f"TuneResult({self.tune.duration_s:.1f} s for valence {a.valence:+.2f}, arousal {a.arousal:+.2f})"

    def _repr_html_(self) -> str:
        name = self.seen.path.stem if self.seen else "target"
        picture = self.seen.thumbnail.pixels if self.seen else None
        point = plane.PlanePoint(self.affect, name, picture)
        sound = base64.b64encode(export.encode(self.scored.tune, ".mp3")).decode("ascii")
        return f'{plane.plane_svg([point])}<br><audio controls src="data:audio/mpeg;base64,{sound}"></audio>'


@dataclass(frozen=True, slots=True)
class FilmResult:
    """A finished film, the photos in it in order, those left out with reasons, and the recipe."""

    film: Film
    cut: Cut

    @property
    def path(self) -> Path:
        return self.film.path

    @property
    def skipped(self) -> dict[str, str]:
        """Reasons by file name of the photos that could not be used."""
        return {s.path.name: s.reason for s in self.cut.skipped}

    def __repr__(self) -> str:
        return f"FilmResult({str(self.path)!r}: {len(self.cut.seen)} photos, {self.film.duration_s:.1f} s)"

    def _repr_html_(self) -> str:
        picture = plane.plane_svg(plane_points(self.cut.seen), path_order=range(len(self.cut.seen)))
        source = html.escape(self.path.as_posix(), quote=True)
        return f'<video controls width="640" src="{source}"></video><br>{picture}'


@dataclass(frozen=True, slots=True)
class ClipLook:
    """A film that was watched: its feeling over time, its shots, and the genre it looks like."""

    felt: ClipFelt

    @property
    def trajectory(self) -> Trajectory:
        return self.felt.trajectory

    @property
    def shots(self) -> tuple[Shot, ...]:
        return self.felt.watched.shots

    @property
    def genre(self) -> Reading:
        return self.felt.genre

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready values: the film, its shots, the curve, its genre, and the weights that said so."""
        felt = self.felt
        points = zip(felt.trajectory.times_s, felt.trajectory.affects, strict=True)
        return {
            "clip": str(felt.clip.path),
            "duration_s": round(felt.clip.duration_s, 4),
            "shots": [{"start_s": round(s.start_s, 4), "end_s": round(s.end_s, 4)} for s in self.shots],
            "curve": [{"time_s": round(t, 4), **_point(a)} for t, a in points],
            "genre": {n: round(p, 4) for n, p in zip(GENRES.names, felt.genre.labels.probs, strict=True)},
            "sources": sorted({look.reading.source for look in felt.watched.looks} | {felt.genre.source}),
        }

    def as_csv(self) -> str:
        """A row for each point of the curve: time, valence, arousal, mood, shot number, likeliest genre."""
        out = io.StringIO()
        rows = csv.writer(out, lineterminator="\n")
        rows.writerow(("time_s", "valence", "arousal", "mood", "shot", "genre"))
        felt = self.felt
        for time_s, a, look in zip(felt.trajectory.times_s, felt.trajectory.affects, felt.watched.looks, strict=True):
            shot = sum(1 for s in self.shots if s.start_s <= look.time_s + 1e-6)
            rows.writerow((round(time_s, 3), *_point(a).values(), shot, look.genre.labels.top.name))
        return out.getvalue()

    def picture(self) -> Image.Image:
        """Filmstrip, mood colours, curves, cuts, sound and genre."""
        felt, heard = self.felt, self.felt.heard
        sound = None
        if heard is not None and not heard.silent:
            sound = Sounding(jobs.HEARD_EVERY_S, heard.loudness_db, heard.speech, heard.music)
        looks = felt.watched.looks
        return watch_png(
            Story(
                felt.clip.path.name,
                felt.watched.strip,
                self.shots,
                felt.trajectory,
                tuple(look.time_s for look in looks),
                tuple(look.genre.labels for look in looks),
                felt.genre.labels.top.name,
                sound,
            )
        )

    def save(self, path: str | Path) -> Path:
        """Write the curve as .csv, .json or .png; raises RenderFailed for another name or when it cannot be written."""
        out = Path(path)
        kind = out.suffix.lower()
        if kind not in CURVES:
            raise RenderFailed(f"{out}: expected a name ending in {', '.join(CURVES)}; rename it")
        if kind == ".png":
            jobs.write_picture(out, self.picture())
        else:
            text = self.as_csv() if kind == ".csv" else json.dumps(self.as_dict(), indent=1, ensure_ascii=False) + "\n"
            jobs.write_text(out, text)
        return out

    def __repr__(self) -> str:
        felt = self.felt
        mood, genre = mood_of(felt.trajectory.mean()).name, felt.genre.labels.top.name
        return (
            f"ClipLook({felt.clip.path.name!r}: {felt.clip.duration_s:.1f} s, {len(self.shots)} shots, {mood}, {genre})"
        )

    def _repr_html_(self) -> str:
        with io.BytesIO() as out:
            self.picture().save(out, "PNG")
            data = base64.b64encode(out.getvalue()).decode("ascii")
        return f'<img width="900" alt="{html.escape(repr(self), quote=True)}" src="data:image/png;base64,{data}">'


def _point(affect: Affect) -> dict[str, Any]:
    return {"valence": round(affect.valence, 4), "arousal": round(affect.arousal, 4), "mood": mood_of(affect).name}


@dataclass(frozen=True, slots=True)
class SoundtrackResult:
    """A film with new music: where it is, what was felt in it, and the music."""

    made: ClipScored

    @property
    def path(self) -> Path:
        return self.made.film.path

    @property
    def look(self) -> ClipLook:
        return ClipLook(self.made.felt)

    @property
    def tune(self) -> Tune:
        return self.made.scored.tune

    def __repr__(self) -> str:
        film = self.made.film
        return f"SoundtrackResult({str(film.path)!r}: {film.duration_s:.1f} s, pictures {film.recipe['pictures']})"

    def _repr_html_(self) -> str:
        source = html.escape(self.path.as_posix(), quote=True)
        return f'<video controls width="640" src="{source}"></video>'


def save_parts(result_cut: Cut, film: Path) -> list[Path]:
    """Leave beside a film its recipe (.json), its plane picture, and its music as .mid (if composed) and .wav.

    Returns the paths written: FILM.json, plane.png, tune.mid, tune.wav, in the film's folder.
    """
    written = [film.with_suffix(".json"), film.with_name("plane.png"), film.with_name("tune.wav")]
    jobs.write_text(written[0], json.dumps(jobs.recipe_of(result_cut), indent=2, ensure_ascii=False) + "\n")
    points = plane_points(result_cut.seen)
    jobs.write_picture(written[1], plane.plane_png(points, path_order=range(len(points))))
    export.write(result_cut.scored.tune, written[2])
    if result_cut.scored.tune.score is not None:
        written.append(film.with_name("tune.mid"))
        export.write(result_cut.scored.tune, written[-1])
    return written
