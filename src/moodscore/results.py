"""Results: what the Python API gives back. Each shows itself in a notebook and can be saved."""

from __future__ import annotations

import base64
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
from moodscore.jobs import Cut, Faced, Scored, Seen
from moodscore.media import Face, Film, Tune
from moodscore.music import export
from moodscore.reading import Reading


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
