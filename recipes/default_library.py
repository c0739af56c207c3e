"""Default library: three pieces for each of the eight moods, composed, chosen and written as the scores that ship.

python recipes/default_library.py -o FOLDER --report FILE.md [--seeds 40] [--seconds 64] [--composer rules]

For each mood many pieces are composed, one a seed. The critic chooses: the piece it hears nearest to the mood's place, then
others that are near and differ in key and instruments. The judge, which has no say in the choice, tells how well that
worked; its figures, and the measures of the pieces beside those of all that were composed, go into the report.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from moodscore.affect import Affect
from moodscore.measure import pieces as measure
from moodscore.media import Score
from moodscore.music import composers, critic, judge
from moodscore.music.plan import PITCH_NAMES, Plan, plan
from moodscore.music.score import to_midi
from moodscore.schemes import MOODS, Label, mood_of, mood_steps
from moodscore.trajectory import Trajectory

EACH = 3
REACH = (0.7, 0.8, 0.9, 1.0)  # distances from the centre that seeds aim at in turn: pieces end up nearer than they aim
LICENCE = """The pieces in this folder were composed by moodscore (recipes/default_library.py) and belong to no one else.

To the extent possible under law, the moodscore authors have waived all copyright and related or neighbouring rights to
these pieces under CC0 1.0 Universal (https://creativecommons.org/publicdomain/zero/1.0/). Use them for anything, without
asking and without naming anybody. They come without any warranty.

What they sound like when moodscore plays them is the SoundFont's, whose own licence is in ../sounds.
"""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A piece that was composed: its seed, plan and score, and where the critic hears it."""

    seed: int
    plan: Plan
    score: Score
    heard: Affect

    @property
    def traits(self) -> set[str]:
        """What sets it apart from others: its key, metre and instruments."""
        first = self.plan.sections[0]
        return {PITCH_NAMES[first.tonic], first.mode, str(self.plan.metre), *(name for _, name in first.instruments)}


def candidates(mood: Label, seeds: Sequence[int], seconds: float, composer: str) -> list[Candidate]:
    """Pieces for a mood, one a seed: in the mood's direction, of lengths that differ by up to a fifth."""
    made = []
    for seed in seeds:
        length = round(seconds * (0.9 + 0.2 * float(np.random.default_rng([seed, 8]).random())))
        target = Affect.polar(mood.hue, REACH[seed % len(REACH)])
        planned = plan(Trajectory.hold(target, length), seed)
        made.append((seed, planned, composers.compose(planned, seed, composer)))
    heard = critic.hear_all(tuple(score for _, _, score in made))
    return [Candidate(*one, affect) for one, affect in zip(made, heard, strict=True)]


def chosen(mood: Label, found: Sequence[Candidate]) -> list[Candidate]:
    """The nearest piece, then those that are near and unlike the ones chosen before."""
    out: list[Candidate] = []

    def cost(one: Candidate) -> float:
        alike = [len(one.traits & other.traits) / len(one.traits | other.traits) for other in out]
        return one.heard.distance(mood.place) + 0.4 * max(alike, default=0.0)

    while len(out) < EACH:
        out.append(min((one for one in found if one not in out), key=cost))
    return out


def write(folder: Path, mood: Label, number: int, one: Candidate, composer: str) -> None:
    """The score as MIDI with a short recipe: who composed it, for what, from which seed."""
    recipe = {
        "composer": one.score.recipe.get("composer", composer),
        "mood": mood.name,
        "seed": one.seed,
        "seconds": one.score.duration_s,
        "licence": "CC0-1.0",
        "made_by": "recipes/default_library.py",
    }
    place = folder / mood.name / f"{mood.name}-{number}.mid"
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(to_midi(replace(one.score, recipe=recipe)))


def row(mood: Label, number: int, one: Candidate) -> tuple[str, Affect]:
    """A line of the report, and where the judge hears the piece."""
    heard = judge.hear(one.score).affect
    steps = mood_steps(mood_of(heard), mood)
    cells = [
        f"{mood.name}-{number}",
        str(one.seed),
        f"{one.score.duration_s:.0f} s",
        one.plan.summary.split(";")[0],
        f"{one.heard.valence:+.2f} / {one.heard.arousal:+.2f}",
        f"{heard.valence:+.2f} / {heard.arousal:+.2f}",
        mood_of(heard).name + ("" if not steps else f" ({steps} off)"),
        f"{heard.distance(mood.place):.2f}",
    ]
    return "| " + " | ".join(cells) + " |", heard


def measures(scores: Sequence[Score]) -> dict[str, tuple[float, float]]:
    """Mean and standard deviation of each measure over pieces."""
    rows = [measure.evaluate(score) for score in scores]
    table = {name: np.array([one[name] for one in rows], np.float64) for name in rows[0]}
    return {name: (float(np.nanmean(column)), float(np.nanstd(column))) for name, column in table.items()}


def report(lines: Sequence[str], kept: Sequence[Score], everything: Sequence[Score], summary: str) -> str:
    """The tables as Markdown."""
    mine, all_of_them = measures(kept), measures(everything)
    table = [f"| {n} | {mine[n][0]:.2f} ± {mine[n][1]:.2f} | {a:.2f} ± {b:.2f} |" for n, (a, b) in all_of_them.items()]
    return "\n".join(
        [
            "# The library that ships",
            "",
            summary,
            "",
            "| piece | seed | length | keys | critic V / A | judge V / A | judge's mood | judge's distance |",
            "|---|---|---|---|---|---|---|---|",
            *lines,
            "",
            "| measure | the 24 pieces | all that were composed |",
            "|---|---|---|",
            *table,
            "",
        ]
    )


def main() -> None:
    """Compose, choose, write, report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("-o", "--out", type=Path, required=True, help="folder to write the moods' folders into")
    parser.add_argument("--report", type=Path, required=True, help="Markdown file to write")
    parser.add_argument("--seeds", type=int, default=40)
    parser.add_argument("--seconds", type=float, default=64.0)
    parser.add_argument("--composer", default=composers.AUTO, choices=composers.NAMES)
    options = parser.parse_args()
    lines, kept, everything, away, steps = [], [], [], [], []
    for mood in MOODS.labels:
        found = candidates(mood, range(options.seeds), options.seconds, options.composer)
        everything += [one.score for one in found]
        for number, one in enumerate(chosen(mood, found), start=1):
            write(options.out, mood, number, one, options.composer)
            line, heard = row(mood, number, one)
            lines.append(line)
            kept.append(one.score)
            away.append(heard.distance(mood.place))
            steps.append(mood_steps(mood_of(heard), mood))
        print(*lines[-EACH:], sep="\n", flush=True)
    (options.out / "LICENSE.txt").write_text(LICENCE, "utf-8")
    summary = (
        f"{EACH} of {options.seeds} pieces for each mood, composer `{kept[0].recipe.get('composer')}`, chosen by the "
        f"critic; the judge had no say. The judge hears {np.mean(np.array(steps) == 0):.0%} in the mood they are for and "
        f"{np.mean(np.array(steps) <= 1):.0%} in it or a neighbour; mean distance {np.mean(away):.2f}."
    )
    options.report.write_text(report(lines, kept, everything, summary), "utf-8")
    print(summary)


if __name__ == "__main__":
    main()
