"""For machines: what crawlers may read, and whether the studio is well."""

from __future__ import annotations

from fastapi import APIRouter
from sqlalchemy import func, select
from starlette.responses import JSONResponse, PlainTextResponse, Response

from moodscore.studio.db import now
from moodscore.studio.here import Present
from moodscore.studio.overview import ALIVE_S
from moodscore.studio.workers import Worker

router = APIRouter()
ROBOTS = """User-agent: *
Disallow: /admin
Disallow: /settings
Disallow: /notifications
Disallow: /bookmarks
Disallow: /search
Disallow: /upload
Disallow: /p/*/make
Disallow: /p/*/state
Disallow: /p/*/progress
"""


@router.get("/robots.txt")
def robots() -> Response:
    """What is of no use to a search engine; what is private is kept from it by permissions, not by this."""
    return PlainTextResponse(ROBOTS, headers={"cache-control": "public, max-age=86400"})


@router.get("/healthz")
def health(here: Present) -> Response:
    """Whether the web process reaches its database (else 500), and how many workers were heard of in the last minute."""
    workers = here.session.scalar(select(func.count()).select_from(Worker).where(Worker.beat_at > now() - ALIVE_S))
    return JSONResponse({"ok": True, "workers": workers}, headers={"cache-control": "no-store"})
