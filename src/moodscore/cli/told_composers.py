"""What is told about composers: the table in the terminal, the JSON, and the page of the documentation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rich.table import Table

from moodscore import __version__
from moodscore.cli import tables
from moodscore.cli.composing import Done
from moodscore.errors import BadValue
from moodscore.measure import composers as measure
from moodscore.measure.music import AXES

NOTE = "<!-- Written by `moodscore measure music`; run it again instead of editing. -->"
DECIMALS = 2
PUBLISHED = """\
Published transformers conditioned on four emotions (H.-T. Hung et al., "EMOPIA", ISMIR 2021), as quoted and not verified
here: the quadrant is right for about 40 to 42 % of pieces, arousal's side for 64 to 69 %, valence's side for 58 to 59 %, by
a classifier of their own. They are other pieces, other targets and another judge, so they say what is usual, not who is
better."""
SOURCES = """\
- **seconds** is the middle time to compose a piece, on the machine and beside whatever ran there when this was written.
- **r, CCC, RMSE** between the feeling asked for and the one the judge hears; CCC is L. I. Lin's concordance (Biometrics 45,
  1989), which also asks for equal mean and spread. Brackets hold 95 % of 1,000 bootstrap samples of pieces. **Quadrant** is
  the share of targets off both axes whose quadrant was heard; guessing gets 25 %. **Side** is the share of targets off an
  axis that were heard on the right side of it; guessing gets 50 %.
- **pitch-class entropy** and **groove similarity** are H (over the whole excerpt) and GS of S.-L. Wu & Y.-H. Yang, "The Jazz
  Transformer on the Front Line" (ISMIR 2020), GS on a grid of sixteenths because pieces are heard as performed.
- **empty beats** are those of H.-W. Dong et al., "MusPy" (ISMIR 2020).
- **in key** is the share of sounding time inside the best major or harmonic minor scale. **bars heard before** and **melody
  says again** are repetition, note for note and as runs of four intervals. `measure/pieces.py` defines the others.
- **shift** is the standardised mean difference (composed minus real, in pooled deviations). **overlap** (1 is best) and
  **divergence** (Kullback-Leibler in nats, 0 is best) follow L.-C. Yang & A. Lerch, "On the evaluation of generative models
  in music" (Neural Computing and Applications 32, 2020): distances between composed and real pieces against distances among
  real ones."""


@dataclass(frozen=True, slots=True)
class Result:
    """One composer's figures: finished tasks, how it follows, what its pieces are like, how near they lie to real ones."""

    name: str
    done: Sequence[Done]
    following: Mapping[str, float]
    like: Mapping[str, Mapping[str, Mapping[str, float]]]
    nearness: Mapping[str, float]

    @classmethod
    def of(cls, name: str, done: Sequence[Done], real: measure.Real) -> Result:
        """Work the figures out; raises BadValue when fewer than three pieces were finished."""
        pieces = [d.piece for d in done if d.piece]
        reason = next((d.reason for d in done if not d.piece), "")
        if len(pieces) < 3 and reason:
            raise BadValue(f"{name}: {len(done) - len(pieces)} of {len(done)} pieces could not be composed; {reason}")
        like = measure.evaluate(pieces, real)
        return cls(name, done, measure.following(pieces), like, measure.nearness(like["distances"]))

    @property
    def pieces(self) -> list[measure.Piece]:
        """Those that were finished."""
        return [d.piece for d in self.done if d.piece]

    @property
    def failed(self) -> list[Done]:
        """Those that were not, with their reasons."""
        return [d for d in self.done if not d.piece]

    @property
    def median_s(self) -> float:
        """The middle time it took to compose a piece, in seconds."""
        took = sorted(p.took_s for p in self.pieces)
        return took[len(took) // 2]

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready."""
        cells = [
            {"target": [t.valence, t.arousal], "heard": [round(h.valence, 4), round(h.arousal, 4)]}
            for t, h in measure.cells(self.pieces).items()
        ]
        return {
            "composer": self.name,
            "pieces": len(self.pieces),
            "failed": [{"piece": d.task.key, "reason": d.reason} for d in self.failed],
            "median_s": round(self.median_s, 3),
            "following": _rounded(self.following),
            "grid": cells,
            "measures": {name: _rounded(row) for name, row in self.like["composed"].items()},
            "distances": {name: _rounded(row) for name, row in self.like["distances"].items()},
            "nearness": _rounded(self.nearness),
        }


def _rounded(row: Mapping[str, float]) -> dict[str, float | None]:
    return {name: None if value != value else round(value, 4) for name, value in row.items()}


def judge_of(results: Sequence[Result]) -> str:
    """Who listened, as `name@version`."""
    return ", ".join(sorted({d.judge for r in results for d in r.done if d.judge}))


def terminal(results: Sequence[Result], real: measure.Real) -> None:
    """Print how composers follow, and how near they lie to real pieces."""
    console = tables.paper()
    table = Table(box=None, pad_edge=False, header_style="bold", title_justify="left")
    for name in ("composer", "pieces", "valence r", "CCC", "RMSE", "arousal r", "CCC", "RMSE", "quadrant", "s a piece"):
        table.add_column(name, justify="left" if name == "composer" else "right", no_wrap=True)
    for result in results:
        table.add_row(result.name, str(len(result.pieces)), *_axis_cells(result.following), f"{result.median_s:.2f}")
    console.print(table)
    console.print(f"[dim]heard by {judge_of(results)}; guessing gets r = 0 and a quarter of the quadrants[/]\n")
    rows = Table(box=None, pad_edge=False, header_style="bold")
    rows.add_column("measure")
    for head in (
        "real median",
        "real 5..95 %",
        *(f"{r.name} {what}" for r in results for what in ("median", "overlap")),
    ):
        rows.add_column(head, justify="right", no_wrap=True)
    for name, people in results[0].like["real"].items():
        cells = [f"{people['median']:.2f}", _span(people)]
        for result in results:
            cells += [_median(result, name), f"{result.like['distances'][name]['overlap']:.2f}"]
        rows.add_row(name, *cells)
    console.print(rows)
    for result in results:
        near = result.nearness
        told = f"mean shift {near['shift']:.2f}, overlap {near['overlap']:.2f}, divergence {near['divergence']:.2f}"
        console.print(f"[dim]{result.name} against {sum(real.counts.values())} real pieces: {told}[/]")


def _axis_cells(found: Mapping[str, float]) -> list[str]:
    cells = []
    for axis in AXES:
        cells += [f"{found[f'{axis}_r']:.3f}", f"{found[f'{axis}_ccc']:.3f}", f"{found[f'{axis}_rmse']:.3f}"]
    return [*cells, f"{found['quadrant_accuracy']:.1%}"]


def _span(row: Mapping[str, float]) -> str:
    return f"{row['low']:.{DECIMALS}f}..{row['high']:.{DECIMALS}f}"


def _median(result: Result, name: str) -> str:
    """The composed median, marked with ! when it lies outside what real pieces do."""
    if name not in result.like["composed"]:
        return "-"
    median, people = result.like["composed"][name]["median"], result.like["real"][name]
    return f"{median:.2f}" + ("" if people["low"] - 1e-9 <= median <= people["high"] + 1e-9 else " !")


def page(results: Sequence[Result], real: measure.Real, command: str) -> str:
    """The page of the documentation, Markdown."""
    seconds, seeds = results[0].done[0].task.seconds, len({d.task.seed for d in results[0].done})
    head = [
        NOTE,
        "",
        "# Composers compared",
        "",
        f"Written by `{command}` of moodscore {__version__}: each composer wrote {seeds} pieces of {seconds:g} s for each",
        "of 25 points of the plane.",
        f"The judge is `{judge_of(results)}`; its [card](model-cards.md) says how well it hears what people hear.",
        "",
        "## Which feeling was asked for, which is heard",
        "",
        *_following(results),
        "",
        _better(results),
        "",
        PUBLISHED,
        "",
    ]
    for result in results:
        head += [f"### {result.name}: judged valence / judged arousal, mean over seeds", "", *_grid(result), ""]
    head += ["## What the pieces are like", "", _about(real), "", *_measures(results), ""]
    head += ["## How far from real pieces", "", *_distances(results), "", "## Definitions", "", SOURCES, ""]
    return "\n".join(head)


def _following(results: Sequence[Result]) -> list[str]:
    lines = [
        "| composer | pieces | valence r | CCC | RMSE | side | arousal r | CCC | RMSE | side | quadrant | seconds |",
        "|---|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    for r in results:
        f = r.following
        cells = []
        for axis in AXES:
            cells.append(f"{f[f'{axis}_r']:.3f} [{f[f'{axis}_r_low']:.3f}, {f[f'{axis}_r_high']:.3f}]")
            cells += [f"{f[f'{axis}_ccc']:.3f}", f"{f[f'{axis}_rmse']:.3f}", f"{f[f'{axis}_side']:.1%}"]
        quadrant = f"{f['quadrant_accuracy']:.1%} [{f['quadrant_low']:.1%}, {f['quadrant_high']:.1%}]"
        lines.append(f"| {r.name} | {len(r.pieces)} | {' | '.join(cells)} | {quadrant} | {r.median_s:.2f} |")
    chance = " | ".join(f"0 | 0 | {results[0].following[f'{axis}_rmse_mean']:.3f} | 50.0%" for axis in AXES)
    lines.append(f"| always the mean | | {chance} | 25.0% | |")
    failed = [f"{len(r.failed)} by {r.name} ({r.failed[0].reason})" for r in results if r.failed]
    return [*lines, "", f"Not finished: {'; '.join(failed)}."] if failed else lines


def _better(results: Sequence[Result]) -> str:
    """Who follows better and who is nearer to real pieces, in a sentence."""
    none = "Real pieces were asked for nothing, so they have no row here."
    if len(results) < 2:
        return none
    follows = max(results, key=lambda r: sum(r.following[f"{a}_r"] for a in AXES) + r.following["quadrant_accuracy"])
    near = max(results, key=lambda r: r.nearness["overlap"])
    return (
        f"By the sum of both r and the quadrants **{follows.name}** follows better; by mean overlap **{near.name}** lies "
        f"nearer to real pieces. {none}"
    )


def _grid(result: Result) -> list[str]:
    said = measure.cells(result.pieces)
    lines = ["| arousal \\ valence | " + " | ".join(f"{v:+.1f}" for v in measure.LEVELS) + " |", "|---|" + "---|" * 5]
    for arousal in reversed(measure.LEVELS):
        row = []
        for valence in measure.LEVELS:
            heard = next((h for t, h in said.items() if (t.valence, t.arousal) == (valence, arousal)), None)
            row.append(f"{heard.valence:+.2f} / {heard.arousal:+.2f}" if heard else "-")
        lines.append(f"| **{arousal:+.1f}** | {' | '.join(row)} |")
    return lines


def _about(real: measure.Real) -> str:
    counts = ", ".join(f"{name} {count}" for name, count in real.counts.items())
    return (
        f"Real are excerpts of {sum(real.counts.values())} pieces ({counts}), from the first bar line after ten seconds. "
        "Quartiles, and for real pieces what the middle nine tenths do; `!` marks a composed median outside of that."
    )


def _measures(results: Sequence[Result]) -> list[str]:
    lines = ["| measure | real 5..95 % | real quartiles | " + " | ".join(r.name for r in results) + " |"]
    lines.append("|---|" + "---|" * (2 + len(results)))
    for name, people in results[0].like["real"].items():
        cells = [f"{_quarters(r.like['composed'].get(name))}{_mark(r, name)}" for r in results]
        lines.append(f"| {name} | {_span(people)} | {_quarters(people)} | {' | '.join(cells)} |")
    return lines


def _mark(result: Result, name: str) -> str:
    return " `!`" if _median(result, name).endswith("!") else ""


def _quarters(row: Mapping[str, float] | None) -> str:
    return "-" if row is None else f"{row['quarter']:.2f} · {row['median']:.2f} · {row['three_quarters']:.2f}"


def _distances(results: Sequence[Result]) -> list[str]:
    heads = [f"{r.name} {what}" for r in results for what in ("shift", "overlap", "divergence")]
    lines = ["| measure | " + " | ".join(heads) + " |", "|---|" + "---|" * len(heads)]
    for name in results[0].like["distances"]:
        lines.append(f"| {name} | {' | '.join(_apart(r.like['distances'].get(name)) for r in results)} |")
    means = [f"**{r.nearness[what]:.2f}**" for r in results for what in ("shift", "overlap", "divergence")]
    return [*lines, f"| **mean** (of shift: without its sign) | {' | '.join(means)} |"]


def _apart(row: Mapping[str, float] | None) -> str:
    return f"{row['shift']:+.2f} | {row['overlap']:.2f} | {row['divergence']:.2f}" if row else "- | - | -"
