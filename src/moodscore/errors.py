"""Every error a caller can be asked to handle: one root, few leaves.

Each message says what was expected, what was got and what to do; the command line prints it as it is, on one line.
"""

from __future__ import annotations


class MoodscoreError(Exception):
    """The root of every error moodscore raises on purpose."""


class BadValue(MoodscoreError, ValueError):
    """A value is outside what its word allows."""


class BadMedia(MoodscoreError):
    """A photo, sound or film cannot be read, or is larger than the limits."""


class NoFace(MoodscoreError):
    """No face was found where one was asked for."""


class UnknownModel(MoodscoreError):
    """No card has the name that was asked for."""


class BadWeights(MoodscoreError):
    """A weights file is missing, or is not the one its card describes."""


class MissingExtra(MoodscoreError):
    """A feature needs packages that are not installed."""

    def __init__(self, feature: str, extra: str) -> None:
        super().__init__(
            f"{feature} needs the extra {extra!r}, which is not installed: run  pip install 'moodscore[{extra}]'"
        )
        self.feature = feature
        self.extra = extra


class RenderFailed(MoodscoreError):
    """A film or a tune could not be written."""


class NoAnswer(MoodscoreError):
    """A language model at an endpoint gave no usable answer."""
