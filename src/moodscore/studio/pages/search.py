"""Search for people, captions, tags and moods."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Query
from starlette.responses import Response

from moodscore.schemes import MOODS
from moodscore.studio import rates, search
from moodscore.studio.here import Present
from moodscore.studio.pages.feeds import Before, Part, show

router = APIRouter()


@router.get("/search")
def find(
    here: Present, q: Annotated[str, Query(max_length=400)] = "", before: Before = "", part: Part = False
) -> Response:
    """People, tags and posts in which every word is found."""
    terms = search.terms_of(q)
    if terms:
        rates.check(here, "search")
    page = search.posts(here.session, here.viewer, terms, before)
    path = "/search?" + urlencode({"q": q[: search.LONGEST]})
    if part:
        return show(here, "", page, path, part, tiles=True)
    return show(
        here,
        "search.html",
        page,
        path,
        part,
        q=q,
        terms=terms,
        people=[] if before else search.people(here.session, here.viewer, terms),
        tags=[] if before else search.tags(here.session, here.viewer, terms),
        found_moods=[MOODS[name] for term in terms for name in search.moods_of(term)],
        tiles=True,
    )
