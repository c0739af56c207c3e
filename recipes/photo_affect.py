"""photo-affect: OASIS ratings -> frozen ImageNet backbones -> Gaussian-process heads -> ten-fold scores -> ONNX and card.

    python recipes/photo_affect.py --data OASIS_FOLDER -o src/moodscore/weights

OASIS_FOLDER holds `oasis.csv` and its pictures (see moodscore.learn.data.oasis). The scores are those of the ten-fold
cross-validation by theme group; the weights that ship are then fitted on all pictures by the same recipe.
"""

from __future__ import annotations

import argparse
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

NAME, VERSION = "photo-affect", "1"
OUTPUTS = {
    "affect": "(n, 2) valence and arousal, -1..1",
    "affect_sd": "(n, 2) one standard deviation of the expected error, plane units",
    "embedding": "(n, 1280) the backbone's pooled features",
    "imagenet": "(n, 1000) ImageNet probabilities",
}
Array = NDArray[np.float64]


def fit_all(blocks: list[Blocks], y: Array, groups: list[str], seed: int) -> list[AffectHead]:
    """One head for each backbone."""
    return [fit_head(b, y, groups, HeadConfig(), seed + k) for k, b in enumerate(blocks)]


def said_by(heads: list[AffectHead], blocks: list[Blocks]) -> tuple[Array, Array]:
    """Mean and strangeness (n, 2), averaged over the backbones."""
    both = [head.said(b) for head, b in zip(heads, blocks, strict=True)]
    return np.mean([m for m, _ in both], 0), np.mean([v for _, v in both], 0)


def cross_validate(blocks: list[Blocks], y: Array, groups: list[str], seed: int) -> tuple[Array, Array, Array, Array]:
    """Held-out means, strangeness, the mean-predictor's answers (n, 2) and the folds (n,)."""
    fold = oasis.group_folds(groups, seed=seed)
    means, strange, guesses = np.zeros_like(y), np.zeros_like(y), np.zeros_like(y)
    for number in range(oasis.FOLDS):
        held = fold == number
        inside = [[b[~held] for b in part] for part in blocks]
        heads = fit_all(inside, y[~held], [g for g, h in zip(groups, held, strict=True) if not h], seed)
        means[held], strange[held] = said_by(heads, [[b[held] for b in part] for part in blocks])
        guesses[held] = y[~held].mean(0)
        print(f"fold {number}: {held.sum()} pictures, noise {[h.noise for h in heads]}", flush=True)
    return means, strange, guesses, fold


def scored(y: Array, means: Array, strange: Array, guesses: Array, fold: NDArray[np.int64]) -> dict[str, Any]:
    """All metrics of held-out answers; each fold's spread is calibrated on the other nine."""
    errors, variances, constant = y - means, np.zeros_like(y), np.zeros_like(y)
    for number in set(fold.tolist()):
        held = fold == number
        variances[held] = Doubt.fit(errors[~held], strange[~held]).variance(strange[held])
        constant[held] = (errors[~held] ** 2).mean(0)
    spreads, flat = ([Spread(*row) for row in np.sqrt(v).tolist()] for v in (variances, constant))
    truth, said = affects(y), affects(means)
    calibration = {
        "within_1_sd": measure.coverage(truth, said, spreads),
        "within_2_sd": measure.coverage(truth, said, spreads, 2.0),
        "nats": measure.surprise(truth, said, spreads),
        "nats_with_one_sd_for_all": measure.surprise(truth, said, flat),
    }
    rounded = {name: [round(v, 4) for v in pair] for name, pair in calibration.items()}
    return measure.evaluate(truth, said, affects(guesses)) | {"calibration": rounded}


def affects(points: Array) -> list[Affect]:
    """Points (n, 2) as feelings, clipped to the plane."""
    return [Affect.clipped(*row) for row in points.tolist()]


def make_card(rated: tuple[oasis.Rated, ...], sha: str, size: int, scores: dict[str, Any], summary: str) -> Card:
    """The card, with the scores as measured."""
    sites = ", ".join(f"{site} {n}" for site, n in Counter(r.site for r in rated).most_common())
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
    parser.add_argument("--backbones", nargs="+", default=["lite0"], help="lite0, lite1, lite2")
    parser.add_argument("--size", type=int, default=304, help="pixels a side")
    parser.add_argument("--beside", type=Path, help="mood_cnn.json of recipes/mood_cnn.py, to stand beside in the card")
    parser.add_argument("--cache", type=Path, help="folder that keeps computed features")
    args = parser.parse_args()
    torch.manual_seed(args.seed)
    rated = oasis.load(args.data)
    y, groups, recipe = oasis.targets(rated), [r.group for r in rated], image_recipe(args.size)
    with Progress() as bar:
        task = bar.add_task("features", total=len(rated) * len(args.backbones))
        paths = [r.path for r in rated]
        blocks = [photo_blocks(paths, v, recipe, args.cache, lambda: bar.advance(task)) for v in args.backbones]
    means, strange, guesses, fold = cross_validate(blocks, y, groups, args.seed)
    scores: dict[str, Any] = {
        "protocol": f"ten-fold by theme group, seed {args.seed}, {len(rated)} pictures, {len(set(groups))} groups; "
        "kernel width and noise chosen inside the training folds; mean-predictor: mean of the training folds",
        **scored(y, means, strange, guesses, fold),
        "head": asdict(HeadConfig()),
    }
    if args.beside:
        scores["mood_cnn"] = json.loads(args.beside.read_text("utf-8"))
    print(json.dumps(scores, indent=1))
    heads, doubt = fit_all(blocks, y, groups, args.seed), Doubt.fit(y - means, strange)
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
