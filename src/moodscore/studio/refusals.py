"""Refusals: what a person may not do or got wrong, with the status and the sentence they are told."""

from __future__ import annotations


def N_(text: str) -> str:  # noqa: N802 - the name gettext's tools look for
    """Mark a sentence for translation where no language is known yet."""
    return text


class Refused(Exception):
    """Something that was asked for is refused: an HTTP status, and an English sentence that is translated when shown.

    `field` names the form field that is wrong, or is "". `values` are put into the sentence by name, as in %(name)s.
    """

    def __init__(self, status: int, sentence: str, field: str = "", **values: object) -> None:
        super().__init__(sentence % values if values else sentence)
        self.status, self.sentence, self.field, self.values = status, sentence, field, values


NOT_FOUND = N_("There is nothing here, or it is not for you to see.")
LOG_IN_FIRST = N_("Please log in first.")
NOT_ALLOWED = N_("You may not do this.")
TOO_OFTEN = N_("That was a little too often. Please wait %(seconds)s seconds and try again.")
BUSY = N_("The studio is busy just now. Please try again in a moment.")
STALE = N_("This page was open for too long. Please go back, load it again and repeat what you did.")


def not_found() -> Refused:
    """What does not exist and what may not be seen look alike."""
    return Refused(404, NOT_FOUND)
