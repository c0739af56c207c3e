"""What makes the site an app: manifest, service worker, offline page, about pages, the language switch."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Form
from starlette.responses import JSONResponse, RedirectResponse, Response

from moodscore.studio import cookies
from moodscore.studio.here import Here, Present
from moodscore.studio.languages import NAMES
from moodscore.studio.refusals import N_, Refused
from moodscore.studio.rendering import STATIC

router = APIRouter()
YEAR_S = 365 * 86400
PAPER = "#fbfaf7"
UNKNOWN_LANGUAGE = N_("The studio does not speak this language yet.")
# What the offline page needs; the rest is kept as it is met.
SHELL = ("*.css", "*.js", "*.svg", "icon-192.png")


def _static(here: Here) -> Callable[[str], str]:
    version = here.request.app.state.pages.version
    return lambda name: f"/static/{name}?v={version}"


@router.get("/manifest.webmanifest")
def manifest(here: Present) -> Response:
    """What a system needs to install the studio as an app, and to share photos into it."""
    static = _static(here)
    icons = [
        {"src": static("icon-192.png"), "sizes": "192x192", "type": "image/png"},
        {"src": static("icon-512.png"), "sizes": "512x512", "type": "image/png"},
        {"src": static("icon-maskable-512.png"), "sizes": "512x512", "type": "image/png", "purpose": "maskable"},
        {"src": static("mark.svg"), "sizes": "any", "type": "image/svg+xml"},
    ]
    shortcut = {"name": here._("New post"), "url": "/upload", "icons": icons[:1]}
    takes = [{"name": "files", "accept": ["image/*"]}]
    return JSONResponse(
        {
            "name": here.settings.name,
            "short_name": here.settings.name[:12].strip(),
            "description": here._("Photos that become posts with music of their own."),
            "lang": here.language,
            "id": "/",
            "start_url": "/",
            "scope": "/",
            "display": "standalone",
            "background_color": PAPER,
            "theme_color": PAPER,
            "icons": icons,
            "shortcuts": [shortcut],
            "share_target": {
                "action": "/share", "method": "POST", "enctype": "multipart/form-data", "params": {"files": takes},
            },
        },
        media_type="application/manifest+json",
    )  # fmt: skip


@router.get("/sw.js")
def service_worker(here: Present) -> Response:
    """The service worker, told the version of the static files and which of them the offline page needs."""
    shell = sorted({p.name for pattern in SHELL for p in STATIC.glob(pattern)} - {"sw.js"})
    static = _static(here)
    told = f"const VERSION = {json.dumps(static(''))};\nconst SHELL = {json.dumps([static(name) for name in shell])};\n"
    text = told + (STATIC / "sw.js").read_text("utf-8")
    return Response(text, media_type="text/javascript", headers={"cache-control": "no-cache"})


@router.get("/offline")
def offline(here: Present) -> Response:
    """What is shown when there is no network and no copy; says nothing about who looks."""
    return here.page("offline.html")


@router.get("/share")
def shared(here: Present) -> Response:
    """Where a photo shared from another app arrives when no service worker caught it: on the upload page."""
    return RedirectResponse("/upload", 303)


@router.get("/about")
def about(here: Present) -> Response:
    """What this place is, how it works, and what it keeps."""
    return here.page("about.html")


@router.post("/language")
def speak(here: Present, language: Annotated[str, Form()]) -> Response:
    """Speak another language from now on: to this browser, and to the account where somebody is logged in."""
    if language not in NAMES:
        raise Refused(422, UNKNOWN_LANGUAGE, "language")
    user = here.viewer.user
    if user is not None and user.language != language:
        user.language = language
        here.session.commit()
    response = here.back()
    cookies.give(response, here.settings, cookies.LANGUAGE, language, YEAR_S)
    return response
