"""Shoot pages of a filled studio in a real browser, at two sizes, in both schemes and languages.

    python docs/draw_studio.py OUT [--only NAME] [--sizes phone,desktop] [--schemes light,dark] [--languages en,ko]

The studio is filled by tests/studio/filling.py with the example photographs, which are free. `--docs` writes the few
pictures that the documentation shows, small, into docs/pictures.
"""

from __future__ import annotations

import argparse
import importlib.util
import itertools
import shutil
import socket
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import uvicorn
from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright
from sqlalchemy import select

from moodscore.studio import cookies
from moodscore.studio.accounts import User
from moodscore.studio.app import create_app
from moodscore.studio.posts import Post
from moodscore.studio.settings import Settings
from moodscore.studio.tunes import Tune

ROOT = Path(__file__).parents[1]
PICTURES = ROOT / "docs" / "pictures"
SIZES = {"phone": {"width": 390, "height": 844}, "desktop": {"width": 1440, "height": 900}}
LOCALES = {"en": "en-GB", "ko": "ko-KR"}
POSTS = 48
# What the documentation shows: page, size, scheme, language.
DOCS = (
    ("landing", "desktop", "light", "en"),
    ("home", "phone", "light", "en"),
    ("post", "desktop", "dark", "en"),
    ("make", "phone", "light", "ko"),
    ("profile", "desktop", "light", "en"),
    ("feed", "phone", "dark", "ko"),
)
WIDEST = 1200


@dataclass(frozen=True)
class Studio:
    """A studio that answers: its address, the cookie of each person, and the paths of its pages by name."""

    address: str
    cookie: str
    tokens: dict[str, str]
    pages: dict[str, tuple[str, str]]


def filling() -> ModuleType:
    """The module of the tests that fills a studio."""
    spec = importlib.util.spec_from_file_location("filling", ROOT / "tests" / "studio" / "filling.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    import sys

    sys.modules["filling"] = module
    spec.loader.exec_module(module)
    return module


@contextmanager
def serving(app: Any) -> Iterator[str]:
    """An application behind a free port of this machine."""
    taken = socket.socket()
    taken.bind(("127.0.0.1", 0))
    port = taken.getsockname()[1]
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=1))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [taken]}, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(5)


@contextmanager
def studio(folder: Path) -> Iterator[Studio]:
    """A filled studio that answers."""
    settings = Settings(folder=folder, rate_limits=False, contact="hello@example.org")
    app = create_app(settings)
    filled = filling().fill(app.state.database, settings, POSTS)
    pages = paths(app, filled)
    with serving(app) as address:
        yield Studio(address, cookies.cookie_name(settings, cookies.SESSION), filled.tokens, pages)


def paths(app: Any, filled: Any) -> dict[str, tuple[str, str]]:
    """(path, who looks: a handle or "") of every page worth looking at."""
    with app.state.database.writing() as session:
        me = session.scalars(select(User).where(User.handle == "mina")).one()
        me.role = "admin"
        seen = session.scalars(
            select(Post).where(Post.visibility == "public", Post.comments > 2).order_by(Post.published_at.desc())
        ).first()
        drafts = add_drafts(session, me, seen)
    own = {
        "home": "/", "public": "/public", "feed": "/feed?valence=0.5&arousal=-0.4", "mood": "/mood/peaceful",
        "post": f"/p/{seen.id}", "profile": "/@mina", "other": "/@joon", "kofi": "/@kofi", "followers": "/@mina/followers",
        "notifications": "/notifications", "search": "/search?q=sea", "search-empty": "/search", "bookmarks": "/bookmarks",
        "tag": "/tag/morning", "upload": "/upload", "settings": "/settings", "admin": "/admin", "reports": "/admin/reports",
        "people": "/admin/people", "invites": "/admin/invites", "log": "/admin/log", "about": "/about", **drafts,
    }  # fmt: skip
    strangers = {
        "landing": "/", "log-in": "/log-in", "sign-up": "/sign-up", "offline": "/offline", "sorry": "/nowhere",
        "embed": f"/embed/{seen.id}", "visitor-upload": "/upload", "visitor-post": f"/p/{seen.id}",
    }  # fmt: skip
    return {n: (p, "mina") for n, p in own.items()} | {n: (p, "") for n, p in strangers.items()}


def add_drafts(session: Any, me: User, like: Post) -> dict[str, str]:
    """Drafts in the states a maker sees: being made, ready with three candidates, failed; and the page to edit a post."""
    found = {}
    for name, fields in (
        ("making", {"state": "working", "stage": "look", "share": 0.3, "eta_s": 3.0}),
        ("make", {"state": "ready", "stage": "compose", "share": 1.0}),
        ("failed", {"state": "failed", "stage": "decode", "reason": "This picture cannot be read."}),
    ):
        pictured = {} if name == "failed" else {"renditions": like.renditions, "blur": like.blur}
        draft = Post(
            author_id=me.id, valence=like.valence, arousal=like.arousal, mood=like.mood, hue=like.hue, alt=like.alt,
            width=like.width, height=like.height, **pictured, **fields,
        )  # fmt: skip
        draft.captions = {"en": [like.alt], "ko": [like.alt]}
        session.add(draft)
        session.flush()
        found[name] = f"/p/{draft.id}/make"
        if name == "make":
            add_candidates(session, draft, session.get(Tune, like.tune_id))
    mine = session.scalars(select(Post).where(Post.author_id == me.id, Post.state == "published")).first()
    return {**found, "edit": f"/p/{mine.id}/edit"}


def add_candidates(session: Any, draft: Post, like: Tune) -> None:
    """Three tunes to choose from."""
    for role, turn, genre, said, korean in (
        ("faithful", 0.0, "acoustic folk", "It feels like the photo.", "사진과 같은 느낌이에요."),
        ("neighbour", 0.5, "jazz trio", "A little brighter than the photo.", "사진보다 조금 더 밝아요."),
        ("contrast", -0.9, "film score", "The other side of the photo.", "사진의 다른 면이에요."),
    ):
        session.add(
            Tune(
                post_id=draft.id, role=role, title="", genre=genre, valence=draft.valence, arousal=max(-1, draft.arousal + turn),
                tempo_bpm=92, instruments=["piano", "cello"], reason_en=said, reason_ko=korean, duration_s=like.duration_s,
                files=like.files, peaks=like.peaks, roll=like.roll, composer="rules", words_en="soft, warm", words_ko="부드러운",
            )
        )  # fmt: skip


def shoot(
    browser: Browser, place: Studio, name: str, kind: tuple[str, str, str], out: Path, whole: bool = False
) -> Path:
    """One page as PNG; `kind` is (size, scheme, language)."""
    size, scheme, language = kind
    path, who = place.pages[name]
    context = browser.new_context(
        viewport=SIZES[size], color_scheme=scheme, locale=LOCALES[language], device_scale_factor=1, service_workers="block",
        has_touch=size == "phone", is_mobile=size == "phone",
    )  # fmt: skip
    if who:
        context.add_cookies([{"name": place.cookie, "value": place.tokens[who], "url": place.address}])
    page = context.new_page()
    page.on("console", lambda said: print(name, kind, said.text) if said.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: print(name, kind, error))
    page.goto(place.address + path)
    settle(page)
    target = out / f"{name}-{size}-{scheme}-{language}.png"
    page.screenshot(path=target, full_page=whole)
    context.close()
    return target


def settle(page: Page) -> None:
    """Wait until pictures that can be seen are there, and what moves has moved."""
    page.wait_for_load_state("load")
    page.evaluate(
        """Promise.all([...document.images].filter(i => i.getBoundingClientRect().top < innerHeight * 2)
        .map(i => i.complete || new Promise(r => { i.onload = i.onerror = r; setTimeout(r, 1500); })))"""
    )
    page.wait_for_timeout(250)


def small(picture: Path, target: Path) -> None:
    """The same picture as WebP of at most WIDEST pixels a side."""
    with Image.open(picture) as file:
        image = file.convert("RGB")
    image.thumbnail((WIDEST, WIDEST))
    image.save(target, "WEBP", quality=82, method=6)


def each(asked: argparse.Namespace, place: Studio) -> Iterator[tuple[str, tuple[str, str, str]]]:
    """What is to be shot."""
    if asked.docs:
        yield from ((name, (size, scheme, language)) for name, size, scheme, language in DOCS)
        return
    names = asked.only.split(",") if asked.only else list(place.pages)
    yield from itertools.product(
        names, itertools.product(asked.sizes.split(","), asked.schemes.split(","), asked.languages.split(","))
    )


def run(asked: argparse.Namespace, save: Callable[[str, Path], None]) -> None:
    """Fill, serve, shoot."""
    chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))))
    with tempfile.TemporaryDirectory() as folder, studio(Path(folder)) as place, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        for name, kind in each(asked, place):
            save(name, shoot(browser, place, name, kind, asked.out, asked.whole))
        browser.close()


def main() -> None:
    """Shoot what was asked for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("out", type=Path)
    parser.add_argument("--only", default="", help="names of pages, with commas")
    parser.add_argument("--sizes", default="phone,desktop")
    parser.add_argument("--schemes", default="light,dark")
    parser.add_argument("--languages", default="en,ko")
    parser.add_argument("--whole", action="store_true", help="whole pages, not only what is seen first")
    parser.add_argument("--docs", action="store_true", help="write the documentation's pictures")
    asked = parser.parse_args()
    asked.out.mkdir(parents=True, exist_ok=True)

    def save(name: str, picture: Path) -> None:
        if asked.docs:
            small(picture, PICTURES / f"studio-{name}.webp")

    run(asked, save)


if __name__ == "__main__":
    main()
