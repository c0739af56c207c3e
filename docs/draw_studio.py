"""Shoot pages of a filled studio in a real browser, at two sizes, in both schemes and languages.

    python docs/draw_studio.py OUT [--only NAME] [--sizes phone,desktop] [--schemes light,dark] [--languages en,ko]

The studio is filled by tests/studio/filling.py with the example photographs, which are free. `--docs` writes the few
pictures that the documentation shows, small, into docs/pictures.
"""

from __future__ import annotations

import argparse
import importlib.util
import io
import itertools
import shutil
import socket
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import av
import numpy as np
import uvicorn
from fastapi import FastAPI
from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright
from sqlalchemy import select
from sqlalchemy.orm import Session

from moodscore.studio import cookies
from moodscore.studio.accounts import User
from moodscore.studio.app import create_app
from moodscore.studio.media_files import keep_bytes, path_of
from moodscore.studio.posts import Post
from moodscore.studio.reports import Report
from moodscore.studio.settings import Settings
from moodscore.studio.tunes import Tune

ROOT = Path(__file__).parents[1]
PICTURES = ROOT / "docs" / "pictures"
SIZES = {"phone": {"width": 390, "height": 844}, "desktop": {"width": 1440, "height": 900}}
LOCALES = {"en": "en-GB", "ko": "ko-KR"}
POSTS, SEED = 48, 2
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
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["filling"] = module
    spec.loader.exec_module(module)
    return module


@contextmanager
def serving(app: FastAPI) -> Iterator[str]:
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
    filled = filling().fill(app.state.database, settings, POSTS, SEED)
    pages = paths(app)
    with serving(app) as address:
        yield Studio(address, cookies.cookie_name(settings, cookies.SESSION), filled.tokens, pages)


def paths(app: FastAPI) -> dict[str, tuple[str, str]]:
    """(path, who looks: a handle or "") of every page worth looking at."""
    with app.state.database.writing() as session:
        me = session.scalars(select(User).where(User.handle == "mina")).one()
        me.role = "admin"
        seen = session.scalars(
            select(Post)
            .where(Post.visibility == "public", Post.comments > 1, Post.valence > 0.4)
            .order_by(Post.published_at.desc())
        ).first()
        seen.reading = {"source": "filled"}
        like = session.scalars(
            select(Post).where(Post.alt.startswith("Mountains"), Post.visibility == "public")
        ).first()
        drafts = add_drafts(session, me, like)
        session.add(
            Report(reporter_id=seen.author_id, target_kind="post", target_id=like.id, reason="rights", text="Mine!")
        )
    drafts |= add_clips(app, me, like)
    own = {
        "home": "/", "public": "/public", "feed": "/feed?valence=0.5&arousal=-0.4", "mood": "/mood/peaceful",
        "post": f"/p/{seen.id}", "profile": "/@mina", "other": "/@joon", "kofi": "/@kofi", "followers": "/@mina/followers",
        "notifications": "/notifications", "search": "/search?q=sea", "search-empty": "/search", "bookmarks": "/bookmarks",
        "tag": "/tag/morning", "security": "/settings/security", "hidden": "/settings/hidden", "data": "/settings/data",
        "held": "/admin/held", "following": "/@mina/following", "remixes": f"/p/{seen.id}/remixes",
        "upload": "/upload", "settings": "/settings", "admin": "/admin", "reports": "/admin/reports",
        "people": "/admin/people", "invites": "/admin/invites", "log": "/admin/log", "about": "/about", **drafts,
    }  # fmt: skip
    strangers = {
        "landing": "/", "log-in": "/log-in", "sign-up": "/sign-up", "offline": "/offline", "sorry": "/nowhere",
        "embed": f"/embed/{seen.id}", "visitor-upload": "/upload", "visitor-post": f"/p/{seen.id}",
    }  # fmt: skip
    return {n: (p, "mina") for n, p in own.items()} | {n: (p, "") for n, p in strangers.items()}


def add_drafts(session: Session, me: User, like: Post) -> dict[str, str]:
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


def add_clips(app: FastAPI, me: User, like: Post) -> dict[str, str]:
    """A clip with its curve and its soundtrack: one that is posted, and a draft with candidates."""
    times = [0.0, 1.0, 2.0, 3.0]
    curve = {
        "times_s": times, "valence": [0.1, 0.3, 0.6, 0.5], "arousal": [-0.4, -0.1, 0.5, 0.2], "duration_s": 4.0,
        "cuts_s": [2.0], "genre": "romance",
    }  # fmt: skip
    with app.state.database.writing() as session:
        media = app.state.settings.media
        film = keep_bytes(session, media, film_of(path_of(media, like.renditions["photo-640"])), "video/mp4")
        frames = {f"frame-{k}": like.renditions["photo-640"] for k in range(8)}
        found = {}
        for name, state in (("clip", "published"), ("make-clip", "ready")):
            post = Post(
                author_id=me.id, kind="clip", state=state, caption="Wind over the water" if state == "published" else "",
                alt=like.alt, width=640, height=360, blur=like.blur, duration_s=4.0, trajectory=curve, valence=0.4,
                arousal=0.1, mood="joyful", hue=14.0, visibility="private", published_at=like.published_at,
                renditions={"poster": like.renditions["photo-640"], "video": film, **frames},
            )  # fmt: skip
            session.add(post)
            session.flush()
            tune = session.get(Tune, like.tune_id)
            add_candidates(session, post, tune)
            session.flush()
            for one in session.scalars(select(Tune).where(Tune.post_id == post.id)):
                one.files, one.duration_s = {**tune.files, "film": film}, 4.0
                post.tune_id = one.id
            found[name] = f"/p/{post.id}" + ("/make" if state == "ready" else "")
    return found


def film_of(photo: Path) -> bytes:
    """Four seconds of a photo that comes nearer, as an MP4 of 640 by 360 pixels with silence."""
    out, rate = io.BytesIO(), 12
    with Image.open(photo) as file, av.open(out, "w", format="mp4") as film:
        picture = file.convert("RGB")
        video = film.add_stream("libx264", rate=rate, width=640, height=360, pix_fmt="yuv420p")
        sound = film.add_stream("aac", rate=44_100, layout="mono")
        for number in range(4 * rate):
            side = min(picture.width, picture.height * 16 / 9) * (1 - 0.1 * number / (4 * rate))
            box = (0, 0, int(side), int(side * 9 / 16))
            film.mux(video.encode(av.VideoFrame.from_image(picture.resize((640, 360), box=box))))
        film.mux(video.encode(None))
        for block in range(4 * 44_100 // 1024):
            frame = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), format="fltp", layout="mono")
            frame.sample_rate, frame.pts = 44_100, block * 1024
            film.mux(sound.encode(frame))
        film.mux(sound.encode(None))
    return out.getvalue()


def add_candidates(session: Session, draft: Post, like: Tune) -> None:
    """Three tunes to choose from."""
    for role, turn, genre, said, korean in (
        ("faithful", 0.0, "acoustic folk", "It feels like the photo.", "사진과 같은 느낌이에요."),
        ("neighbour", 0.5, "jazz trio", "A little brighter than the photo.", "사진보다 조금 더 밝아요."),
        ("contrast", -0.9, "orchestral", "The other side of the photo.", "사진의 다른 면이에요."),
    ):
        tune = Tune(
            post_id=draft.id, role=role, genre=genre, valence=draft.valence, arousal=max(-1, draft.arousal + turn),
            tempo_bpm=92, instruments=["piano", "cello"], reason_en=said, reason_ko=korean, duration_s=like.duration_s,
            files=like.files, peaks=like.peaks, roll=like.roll, words_en="soft, warm", words_ko="부드러운",
        )  # fmt: skip
        session.add(tune)


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
    page.on("console", lambda said: tell(name, kind, said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: tell(name, kind, str(error)))
    page.goto(place.address + path)
    settle(page)
    target = out / f"{name}-{size}-{scheme}-{language}.png"
    page.screenshot(path=target, full_page=whole)
    context.close()
    return target


def tell(name: str, kind: tuple[str, str, str], said: str) -> None:
    """Say what went wrong in a page."""
    sys.stderr.write(f"{name} {kind}: {said}\n")


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
