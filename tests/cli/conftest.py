"""Tiny photos, good and bad, made on the spot."""

import numpy as np
import pytest
from PIL import Image


def picture(seed: int, size: tuple[int, int] = (96, 64)) -> Image.Image:
    """A soft two-colour gradient with a little grain."""
    rng = np.random.default_rng(seed)
    one, other = rng.uniform(0, 255, (2, 3))
    slope = np.linspace(0, 1, size[0])[None, :, None] * np.ones((size[1], 1, 1))
    grain = rng.normal(0, 6, (size[1], size[0], 1))
    return Image.fromarray(np.clip(one + (other - one) * slope + grain, 0, 255).astype(np.uint8))


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    """A folder with three small photos: a.jpg, b.png and c.webp."""
    where = tmp_path_factory.mktemp("photos")
    for seed, name in enumerate(("a.jpg", "b.png", "c.webp")):
        picture(seed).save(where / name)
    return where
