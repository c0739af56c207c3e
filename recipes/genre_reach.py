"""Reach: how near the music of each genre comes to each place of the plane, as the judge hears it.

python recipes/genre_reach.py -o src/moodscore/music/genre-reach.json --table benchmarks/genre-reach.md [--seconds 30]

A genre cannot sound like every feeling: rock is not calm, ambient not excited. `moodscore.music.prompt_genres` reads the
file to give each tune of a post a genre that can carry its feeling.
"""

from __future__ import annotations

import argparse
import itertools
import json
from pathlib import Path

from moodscore.affect import Affect
from moodscore.jobs.posting import PostChoices, Variant, variant
from moodscore.music.prompt_genres import GENRES, LEVELS


def measured(seconds: float, seed: int) -> dict[str, dict[tuple[float, float], Variant]]:
    """A tune of every genre for every (valence, arousal) of the grid, judged."""
    choices = PostChoices(seconds=seconds, seed=seed)
    found: dict[str, dict[tuple[float, float], Variant]] = {}
    for genre in GENRES:
        places = itertools.product(LEVELS, LEVELS)
        found[genre.name] = {place: variant(Affect(*place), genre.name, choices) for place in places}
        print(genre.name, flush=True)
    return found


def as_json(found: dict[str, dict[tuple[float, float], Variant]], seconds: float, seed: int) -> str:
    """The file that is read: for each genre rows of valence, in each the distances by arousal, in plane units."""
    off = {
        name: [[round(tunes[v, a].off_asked or 0.0, 2) for a in LEVELS] for v in LEVELS]
        for name, tunes in found.items()
    }
    heard = next(iter(found["rock"].values())).heard
    told = {
        "recipe": "recipes/genre_reach.py",
        "seconds": seconds,
        "seed": seed,
        "judge": heard.source if heard else "",
    }
    rows = ",\n  ".join(f"{json.dumps(name)}: {json.dumps(grid)}" for name, grid in off.items())
    return json.dumps(told)[:-1] + ',\n "off": {\n  ' + rows + "\n }}\n"


def as_table(found: dict[str, dict[tuple[float, float], Variant]], seconds: float, seed: int) -> str:
    """What was heard and how far that is from what was asked for, Markdown."""
    lines = [
        "# How far each genre reaches",
        "",
        f"A tune of {seconds:g} s (seed {seed}) for nine places of the plane in each of the eight genres: what the judge",
        "hears, and how far that is from what was asked for. Written by `recipes/genre_reach.py`.",
        "",
    ]
    for name, tunes in found.items():
        lines += [
            f"## {name}",
            "",
            "| arousal \\ valence | " + " | ".join(f"{v:+.1f}" for v in LEVELS) + " |",
            "|---|---|---|---|",
        ]
        for a in reversed(LEVELS):
            row = (tunes[v, a] for v in LEVELS)
            lines.append(f"| **{a:+.1f}** | " + " | ".join(map(_cell, row)) + " |")
        lines.append("")
    return "\n".join(lines)


def _cell(tune: Variant) -> str:
    assert tune.heard is not None
    assert tune.off_asked is not None
    return f"{tune.heard.affect.valence:+.2f} / {tune.heard.affect.arousal:+.2f}, {tune.off_asked:.2f}"


def main() -> None:
    """Write the file and the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("-o", "--out", type=Path, required=True, help="JSON file to write")
    parser.add_argument("--table", type=Path, required=True, help="Markdown file to write")
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    found = measured(options.seconds, options.seed)
    options.out.write_text(as_json(found, options.seconds, options.seed), "utf-8")
    options.table.write_text(as_table(found, options.seconds, options.seed), "utf-8")


if __name__ == "__main__":
    main()
