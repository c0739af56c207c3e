"""Refill: a form that was filled in wrongly is shown again, with what was filled in and what is wrong beside it."""

from __future__ import annotations

from starlette.responses import Response

from moodscore.studio.here import Here
from moodscore.studio.refusals import Refused


def refill(here: Here, refused: Refused, template: str, **context: object) -> Response:
    """The page of a form again; it gets `wrong`, the sentences by the field they are about ("" for the whole form).

    A script gets the refusal as JSON: it is raised again.
    """
    if here.wants_json:
        raise refused
    here.session.rollback()
    wrong = {refused.field: here._(refused.sentence, **refused.values)}
    return here.page(template, refused.status, wrong=wrong, **context)
