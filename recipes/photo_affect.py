"""photo-affect: OASIS ratings -> frozen ImageNet backbones -> Gaussian-process heads -> ten-fold scores -> ONNX and card.

    python recipes/photo_affect.py --data OASIS_FOLDER -o src/moodscore/weights

OASIS_FOLDER holds `oasis.csv` and its pictures (see moodscore.learn.data.oasis). The scores are those of the ten-fold
cross-validation by theme group; the weights that ship are then fitted on all pictures by the same recipe.
"""

from __future__ import annotations

import argparse
import csv
import json
from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from rich.progress import Progress

from moodscore.affect import Affect, Spread
from moodscore.learn.data import oasis
from moodscore.learn.export import ship, to_onnx
from moodscore.learn.features import Blocks, image_recipe, photo_blocks
from moodscore.learn.models.affect_head import AffectHead, Doubt, HeadConfig, fit_head
from moodscore.learn.models.efficientnet_lite import pretrained
from moodscore.learn.models.photo_affect import PhotoAffect
from moodscore.measure import affect as measure
from moodscore.prepare import image
from moodscore.weights.card import Card
from moodscore.weights.session import Session

NAME, VERSION = "photo-affect", "2"
CONFIG = HeadConfig()
OUTPUTS = {
    "affect": "(n, 2) valence and arousal, -1..1",
    "affect_sd": "(n, 2) one standard deviation of the expected error, plane units",
    "embedding": "(n, 1280) the first backbone's pooled features",
    "imagenet": "(n, 1000) ImageNet probabilities",
}
Array = NDArray[np.float64]


def fit_all(blocks: list[Blocks], y: Array, groups: list[str], seed: int) -> list[AffectHead]:
    """One head for each backbone."""
    return [fit_head(b, y, groups, CONFIG, seed + k) for k, b in enumerate(blocks)]


def said_by(heads: list[AffectHead], blocks: list[Blocks]) -> tuple[Array, Array]:
    """Feeling and foretold absolute error (n, 2), averaged over the backbones."""
    both = [head.said(b) for head, b in zip(heads, blocks, strict=True)]
    return np.mean([m for m, _ in both], 0), np.mean([e for _, e in both], 0)


def with_errors(heads: list[AffectHead], errors: Array) -> list[AffectHead]:
    """The heads, knowing the held-out errors of the pictures they were fitted on."""
    return [head.with_errors(np.abs(errors), CONFIG.error_noise) for head in heads]


def cross_validate(blocks: list[Blocks], y: Array, groups: list[str], seed: int) -> dict[str, Array]:
    """Held-out answers (n, 2): means, deviations, the deviations of one size for all, the mean-predictor's guesses.

    A fold's deviations are learned from the held-out errors of the other nine.
    """
    fold = oasis.group_folds(groups, seed=seed)
    out = {name: np.zeros_like(y) for name in ("means", "foretold", "deviations", "constant", "guesses")}
    fitted: list[list[AffectHead]] = []
    for number in range(oasis.FOLDS):
        held = fold == number
        inside = [[b[~held] for b in part] for part in blocks]
        fitted.append(fit_all(inside, y[~held], [g for g, h in zip(groups, held, strict=True) if not h], seed))
        out["means"][held], _ = said_by(fitted[-1], [[b[held] for b in part] for part in blocks])
        out["guesses"][held] = y[~held].mean(0)
        print(f"fold {number}: {held.sum()} pictures", flush=True)
    errors = y - out["means"]
    for number, heads in enumerate(fitted):
        held = fold == number
        knowing = with_errors(heads, errors[~held])
        _, out["foretold"][held] = said_by(knowing, [[b[held] for b in part] for part in blocks])
    for number in range(oasis.FOLDS):
        held = fold == number
        doubt = Doubt.fit(errors[~held], out["foretold"][~held])
        out["deviations"][held] = doubt.deviation(out["foretold"][held])
        out["constant"][held] = np.sqrt((errors[~held] ** 2).mean(0))
    return out


def scored(y: Array, out: dict[str, Array]) -> dict[str, Any]:
    """All metrics of held-out answers."""
    spreads, flat = ([Spread(*row) for row in out[name].tolist()] for name in ("deviations", "constant"))
    truth, said = affects(y), affects(out["means"])
    calibration = {
        "within_1_sd": measure.coverage(truth, said, spreads),
        "within_2_sd": measure.coverage(truth, said, spreads, 2.0),
        "nats": measure.surprise(truth, said, spreads),
        "nats_with_one_sd_for_all": measure.surprise(truth, said, flat),
    }
    rounded = {name: [round(v, 4) for v in pair] for name, pair in calibration.items()}
    return measure.evaluate(truth, said, affects(out["guesses"])) | {"calibration": rounded}


def write_held_out(path: Path, rated: tuple[oasis.Rated, ...], out: dict[str, Array]) -> None:
    """What the net that did not see it said of each picture, for measuring what is built on top: file and four numbers."""
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(("file", "valence", "arousal", "valence_sd", "arousal_sd"))
        for item, mean, deviation in zip(rated, out["means"].tolist(), out["deviations"].tolist(), strict=True):
            table.writerow((item.path.name, *(round(v, 5) for v in (*mean, *deviation))))


def affects(points: Array) -> list[Affect]:
    """Points (n, 2) as feelings, clipped to the plane."""
    return [Affect.clipped(*row) for row in points.tolist()]


def make_card(rated: tuple[oasis.Rated, ...], sha: str, size: int, scores: dict[str, Any], summary: str) -> Card:
    """The card, with the scores as measured."""
    sites = ", ".join(f"{site} {n}" for site, n in Counter(r.site.split("/")[0] for r in rated).most_common())
    return Card(
        name=NAME,
        version=VERSION,
        task="photo -> affect",
        summary=summary,
        file=f"{NAME}.onnx",
        sha256=sha,
        licence="Apache-2.0 (ours and the ImageNet backbones); see data for what it learned from",
        input=image_recipe(size),
        outputs=OUTPUTS,
        recipe="recipes/photo_affect.py",
        data=(
            {
                "name": "OASIS (Kurdi, Lozano & Banaji 2017)",
                "use": f"{len(rated)} photos with mean valence and arousal of about 100 raters each",
                "terms": "open-access research set; no licence text in its repository; no picture is shipped or shown",
                "sites": sites,
            },
            {
                "name": "ImageNet-1k, through Google's EfficientNet-Lite weights",
                "use": "the frozen backbones",
                "terms": "weights Apache-2.0; ImageNet pictures are for non-commercial research",
            },
        ),
        scores=scores,
        limits=(
            "Ratings are those of North American online raters about still photos: other people may feel otherwise.",
            "It was not fitted on drawings, film frames or portraits as such, and does not read captions or text.",
            "It answers what most raters felt on average, nearer to the middle than single people's feelings are.",
            "Few of the rated photos are exciting or intense (arousal spans -.73 to .49), so it says such moods rarely.",
            "A mood name is one octant: near the centre of the plane small differences change it. Use the spread.",
            "Kindred themes (cemetery and graveyard, gun and weapon) are different groups, so the scores are not of wholly "
            "new subjects.",
        ),
        scheme="mood",
    )


def disagreement(net: PhotoAffect, exported: bytes, paths: list[Path], recipe: dict[str, Any]) -> float:
    """The largest difference in affect and its deviation between the trained and the exported net on some pictures."""
    session, largest = Session(exported, NAME), 0.0
    for path in paths:
        tensor = image.tensor(image.open(path), recipe)[None]
        said = session.run({"image": tensor})
        with torch.inference_mode():
            expected = net(torch.from_numpy(tensor))
        for name, value in zip(("affect", "affect_sd"), expected[:2], strict=True):
            largest = max(largest, float(np.abs(said[name] - value.numpy()).max()))
    return largest


def main() -> None:
    """Run the whole road."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder with oasis.csv and its pictures")
    parser.add_argument("-o", "--out", type=Path, required=True, help="folder that gets cards/ and files/")
    parser.add_argument("--seed", type=int, default=oasis.FOLD_SEED)
    parser.add_argument("--backbones", nargs="+", default=["lite1", "lite2"], help="lite0, lite1, lite2")
    parser.add_argument("--size", type=int, default=304, help="pixels a side")
    parser.add_argument("--beside", type=Path, help="mood_cnn.json of recipes/mood_cnn.py, to stand beside in the card")
    parser.add_argument("--held-out", type=Path, help="CSV file for the answers of the ten-fold cross-validation")
    parser.add_argument("--cache", type=Path, help="folder that keeps computed features")
    args = parser.parse_args()
    torch.manual_seed(args.seed)
    rated = oasis.load(args.data)
    y, groups, recipe = oasis.targets(rated), [r.group for r in rated], image_recipe(args.size)
    with Progress() as bar:
        task = bar.add_task("features", total=len(rated) * len(args.backbones))
        paths = [r.path for r in rated]
        blocks = [photo_blocks(paths, v, recipe, args.cache, lambda: bar.advance(task)) for v in args.backbones]
    out = cross_validate(blocks, y, groups, args.seed)
    scores: dict[str, Any] = {
        "protocol": f"ten-fold by theme group, seed {args.seed}, {len(rated)} pictures, {len(set(groups))} groups; "
        "kernel width and noise chosen inside the training folds; mean-predictor: mean of the training folds",
        **scored(y, out),
        "head": asdict(CONFIG),
    }
    if args.beside:
        scores["mood_cnn"] = json.loads(args.beside.read_text("utf-8"))
    if args.held_out:
        write_held_out(args.held_out, rated, out)
    print(json.dumps(scores, indent=1))
    heads = with_errors(fit_all(blocks, y, groups, args.seed), y - out["means"])
    doubt = Doubt.fit(y - out["means"], out["foretold"])
    net = PhotoAffect([pretrained(v) for v in args.backbones], heads, doubt).eval()
    weights = args.out / "files" / f"{NAME}.onnx"
    sha = to_onnx(net, args.size, weights, list(OUTPUTS), ("conv", "_fc", "axes"))
    differ = disagreement(net, weights.read_bytes(), paths[::20], recipe)
    if differ > 2e-3:
        raise SystemExit(f"{weights}: the exported net differs from the trained one by {differ:.4f}; not shipped")
    scores |= {"export_differs_by_at_most": round(differ, 6)}
    summary = f"EfficientNet-{' and '.join(args.backbones)} (frozen) with Gaussian-process heads on several layers"
    ship(make_card(rated, sha, args.size, scores, summary), weights, args.out)
    print(f"{weights}: {weights.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
