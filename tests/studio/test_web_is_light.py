"""The web process opens no media and runs no jobs: it does not even load what could."""

import subprocess
import sys

HEAVY = (
    "onnxruntime",
    "cv2",
    "av",
    "moodscore.jobs",
    "moodscore.see",
    "moodscore.music",
    "moodscore.film",
    "dbos",
    "PIL",
)

WALK = """
import io, sys, tempfile
from pathlib import Path
from starlette.testclient import TestClient
from moodscore.studio.app import create_app
from moodscore.studio.db import now
from moodscore.studio.posts import Post
from moodscore.studio.settings import Settings
from moodscore.studio.tunes import Tune

app = create_app(Settings(folder=Path(tempfile.mkdtemp()), rate_limits=False))
client = TestClient(app, base_url="http://127.0.0.1:8421")
token = client.get("/upload").text.split('name="csrf" content="')[1].split('"')[0]
sign_up = {"csrf": token, "handle": "mina", "password": "a long walk by the sea"}
assert client.post("/sign-up", data=sign_up).status_code == 200
token = client.get("/upload").text.split('name="csrf" content="')[1].split('"')[0]
files = [("files", ("a.jpg", io.BytesIO(b"\\xff\\xd8photo")))]
made = client.post("/upload", data={"csrf": token}, files=files, headers={"accept": "application/json"}).json()
with app.state.database.writing() as session:
    post = session.get(Post, made["id"])
    tune = Tune(post_id=post.id, role="faithful", files={})
    session.add(tune)
    post.state, post.published_at, post.captions = "published", now(), {"en": ["a"]}
for path in ("/", "/public", "/upload", f"/p/{made['id']}", f"/p/{made['id']}/make", f"/p/{made['id']}/edit",
             f"/p/{made['id']}/state", f"/p/{made['id']}/progress", f"/m/{made['id']}/photo", "/@mina", "/settings",
             "/search?q=a", "/notifications", f"/embed/{made['id']}", "/feed.xml", "/avatar/mina"):
    assert client.get(path).status_code < 500, path
print(" ".join(sys.modules))
"""


def test_walking_through_the_pages_loads_nothing_heavy():
    told = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", WALK], capture_output=True, text=True, check=True, timeout=120
    )
    loaded = set(told.stdout.split())
    assert "moodscore.studio.pages.upload" in loaded
    assert not [name for name in HEAVY if name in loaded]
