"""A whole life in the studio, as browsers ask for it: from the sign-up to a deletion that leaves nothing behind."""

import io
import json
import re
import zipfile

import pytest
from starlette.testclient import TestClient

from moodscore.studio.db import Base, now
from moodscore.studio.media_files import keep_bytes
from moodscore.studio.posts import Post
from moodscore.studio.tunes import Tune

PASSWORD = "a quiet heron at the mill pond"
JPEG = b"\xff\xd8\xff\xe0" + b"photo" * 100


@pytest.fixture
def sign_up(app, visitor):
    """Somebody who signs up in a browser of their own: `sign_up("mina")`."""
    kind = type(visitor)

    def made(handle):
        who = kind(TestClient(app, base_url="http://127.0.0.1:8421"))
        answer = who.post("/sign-up", {"handle": handle, "password": PASSWORD, "name": f"{handle} 님"}, json=True)
        assert answer.status_code == 200, answer.text
        return who

    return made


@pytest.fixture
def uploaded(database, settings):
    """A photo is uploaded, and becomes ready as if a worker had made its tune: `uploaded(who)` gives the draft's id."""

    def made(who):
        answer = who.post("/upload", files=[("files", ("lake.jpg", JPEG))], json=True)
        post_id = answer.json()["id"]
        with database.writing() as session:
            post = session.get(Post, post_id)
            assert (post.state, post.originals[0]["name"]) == ("waiting", "lake.jpg")
            files = [keep_bytes(session, settings.media, b"%b of %b" % (what, post_id.encode()), "image/jpeg")
                     for what in (b"picture", b"original", b"sound")]  # fmt: skip
            post.originals = [{**post.originals[0], "file": files[1]}]
            post.renditions, post.width, post.height = {"photo": files[0], "photo-640": files[0]}, 640, 480
            post.state, post.mood, post.valence, post.arousal, post.hue = "ready", "quiet", 0.1, -0.6, 280.0
            tune = Tune(post_id=post_id, role="faithful", genre="ambient", duration_s=30.0, files={"audio": files[2]},
                        peaks=[0.5] * 100, instruments=["piano"])  # fmt: skip
            session.add(tune)
            session.flush()
            post.tune_id = tune.id
        return post_id

    return made


def said(who, path, data=None):
    """What a page answers to a script that changes something."""
    answer = who.post(path, data, json=True)
    assert answer.status_code == 200, (path, answer.text)
    return answer.json()


def walked(who, path, seen=r'id="post-([0-9a-z]{26})"'):
    """The posts of a feed in the order of its pages, one page after the other."""
    pages = []
    while path:
        page = who.get(path).text
        pages.append(list(dict.fromkeys(re.findall(seen, page))))
        further = re.search(r'href="([^"]*before=[^"]+)"', page)
        path = further[1].replace("&amp;", "&") if further else ""
    return pages


def stands_in(database, *words):
    """Tables in which any of some words stands, in whatever column."""
    found = set()
    with database.engine.connect() as connection:
        for table in Base.metadata.sorted_tables:
            for row in connection.execute(table.select()):
                if any(word in str(value) for value in row for word in words):
                    found.add(table.name)
    return found


def publish_and_find(mina, jun, visitor, post_id):
    """A post is published, and found by its words, its mood, its place on the plane, its tag and its author."""
    words = {"caption": "호수에 비친 산, morning Light #아침 @jun", "alt": "산이 물에 비친다.", "visibility": "public"}
    assert said(mina, f"/p/{post_id}/publish", words)["to"] == f"/p/{post_id}"
    assert "호수에 비친 산" in visitor.get(f"/p/{post_id}").text
    assert visitor.get(f"/m/{post_id}/photo").content.startswith(b"picture")
    for query in ("호수", "LIGHT morning", "고요", "quiet", "아침", "비친다"):
        assert post_id in jun.get("/search", params={"q": query}).text, query
    assert "/@mina" in jun.get("/search", params={"q": "@MI"}).text
    assert post_id not in jun.get("/search", params={"q": "100%"}).text
    for path in ("/mood/quiet", "/feed?valence=0&arousal=-0.5", "/tag/아침", "/@mina", "/feed.xml"):
        assert post_id in visitor.get(path).text, path
    assert post_id not in visitor.get("/mood/tense").text + visitor.get("/feed?valence=0.9&arousal=0.9").text


def react(mina, jun, ren, post_id):
    """It is liked, kept, talked about, and whoever should know is told; gives the comment."""
    assert [said(jun, f"/p/{post_id}/{verb}")["count"] for verb in ("like", "like", "unlike", "like")] == [1, 1, 0, 1]
    comment = said(jun, f"/p/{post_id}/comments", {"text": "물소리가 들려요 @ren"})["id"]
    assert said(mina, f"/p/{post_id}/comments", {"text": "감사!", "reply_to": comment})["count"] == 2
    said(jun, f"/p/{post_id}/bookmark")
    assert post_id in jun.get("/bookmarks").text
    assert mina.get("/notifications").text.count("/@jun") >= 2
    for mentioned in (jun, ren):
        assert f"/p/{post_id}" in mentioned.get("/notifications").text
    said(ren, f"/p/{post_id}/report", {"reason": "other", "text": "mine!"})
    return comment


def let_in(mina, jun, ren, visitor, hidden):
    """Somebody asks to follow, is let in, and sees what followers see."""
    said(mina, "/settings", {"name": "미나", "approves": "1", "visibility": "followers", "language": "ko"})
    assert said(jun, "/@mina/follow")["asked"] is True
    assert "/requests/jun/accept" in mina.get("/notifications").text + mina.get("/@mina/followers").text
    said(mina, "/requests/jun/accept")
    said(mina, f"/p/{hidden}/publish", {"caption": "for friends", "alt": "", "visibility": "followers"})
    assert [who.get(f"/p/{hidden}").status_code for who in (jun, ren, visitor)] == [200, 404, 404]
    assert hidden in jun.get("/").text


@pytest.mark.both_databases
def test_a_post_is_found_liked_answered_and_taken_along_and_leaves_nothing_when_its_author_goes(
    database, settings, sign_up, uploaded, visitor
):
    ren, mina, jun = sign_up("ren"), sign_up("mina"), sign_up("jun")
    post_id, hidden = uploaded(mina), uploaded(mina)
    publish_and_find(mina, jun, visitor, post_id)
    comment = react(mina, jun, ren, post_id)
    let_in(mina, jun, ren, visitor, hidden)
    with zipfile.ZipFile(io.BytesIO(mina.post("/settings/export").content)) as archive:
        assert {post["id"] for post in json.loads(archive.read("posts.json"))} == {post_id, hidden}
        assert {archive.read(name)[:7] for name in archive.namelist() if post_id in name} == {b"picture", b"origina"}
    with database.session() as session:
        mina_id = session.get(Post, post_id).author_id
    files = [path for path in settings.media.rglob("*") if path.is_file()]
    assert len(files) == 6
    assert said(mina, "/settings/delete", {"password": PASSWORD})["to"] == "/"
    assert mina.get("/settings").status_code == 303
    assert [jun.get(path).status_code for path in ("/@mina", f"/p/{post_id}")] == [404, 404]
    assert stands_in(database, mina_id, hidden, comment, "호수", "mina", "미나") == set()
    assert stands_in(database, post_id) == {"reports"}  # of which only the id is left, and what was decided
    assert not any(path.exists() for path in files)
    assert list(settings.incoming.iterdir()) == []


@pytest.mark.both_databases
def test_paging_shows_every_post_once_also_those_of_one_moment_and_while_others_come(person, post_of, visitor):
    mina = person("mina")
    moment = now() - 1000
    ids = [post_of(mina.user, published_at=moment + (k // 5) * 0.001).id for k in range(29)]
    first = visitor.get("/public").text
    further = re.search(r'href="(/public\?before=[^"]+)"', first)[1]
    post_of(mina.user)  # somebody posts while somebody pages
    pages = walked(visitor, further)
    shown = list(dict.fromkeys(re.findall(r'id="post-([0-9a-z]{26})"', first))) + [
        post for page in pages for post in page
    ]
    assert len(shown) == len(set(shown))
    assert set(shown) == set(ids)
    assert [len(page) for page in pages] == [12, 5]
