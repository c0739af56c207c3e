"""Key profiles: how well each pitch class fits each key, as listeners rated it.

Source: C. L. Krumhansl & E. J. Kessler, Psychological Review 89 (1982) 334-368.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_MAJOR = np.array([6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88])
_MINOR = np.array([6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17])


def _profiles() -> NDArray[np.float64]:
    rows = np.array([np.roll(profile - profile.mean(), k) for profile in (_MAJOR, _MINOR) for k in range(12)])
    return np.asarray(rows / np.sqrt((rows**2).sum(axis=1, keepdims=True)), np.float64)


KEY_PROFILES = _profiles()


def key_fits(seen: NDArray[np.float64]) -> tuple[float, float, int]:
    """Correlation of pitch-class weights (12,) with the best major and the best minor key, and the better key.

    The key is 0..11 for C major .. B major, 12..23 for the minors; an even or empty distribution fits none (0, 0, 0).
    """
    centred = seen - seen.mean()
    size = float(np.sqrt((centred**2).sum()))
    if size < 1e-9:
        return 0.0, 0.0, 0
    fits = KEY_PROFILES @ (centred / size)
    return float(fits[:12].max()), float(fits[12:].max()), int(np.argmax(fits))
