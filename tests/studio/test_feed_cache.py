"""Ready pages: what visitors get from memory is what they would get anyway, with what is theirs alone in it."""

import dataclasses
import re

import pytest
from starlette.testclient import TestClient

from moodscore.errors import BadValue
from moodscore.studio import feed_cache
from moodscore.studio.accounts import User
from moodscore.studio.app import create_app
from moodscore.studio.posts import Post
from moodscore.studio.shelf import Shelf


@pytest.fixture
def settings(settings):
    return dataclasses.replace(settings, feed_seconds=60.0)


@pytest.fixture
def rendered(monkeypatch):
    """How often a page was made ready."""
    made = []
    draw = feed_cache.FeedCache._draw

    async def counted(self, scope, asked, *others):
        made.append((asked.path, asked.language))
        return await draw(self, scope, asked, *others)

    monkeypatch.setattr(feed_cache.FeedCache, "_draw", counted)
    return made


def browser(app, **options):
    return TestClient(app, base_url="http://127.0.0.1:8421", **options)


def test_many_visitors_one_rendering_for_each_language(app, person, post_of, rendered):
    post_of(person("mina").user, caption="kept once")
    for _ in range(3):
        answer = browser(app).get("/public")
        assert answer.status_code == 200
        assert "kept once" in answer.text
    korean = browser(app).get("/public", headers={"accept-language": "ko-KR,ko;q=0.9"})
    assert '<html lang="ko">' in korean.text
    assert rendered == [("/public", "en"), ("/public", "ko")]


def test_a_ready_page_is_the_page(app, settings, person, post_of):
    post_of(person("mina").user, published_at=1e9)
    without = browser(create_app(dataclasses.replace(settings, feed_seconds=0.0)))
    with_cache = browser(app)
    plain = [
        re.sub(r"[0-9a-f]{32}|nonce=\"[^\"]+\"", "", c.get("/public").text) for c in (without, with_cache, with_cache)
    ]
    assert plain[0] == plain[1] == plain[2]


def test_every_answer_has_its_own_nonce_and_no_placeholder(app):
    one, other = browser(app).get("/public"), browser(app).get("/public")
    nonces = []
    for answer in (one, other):
        nonce = re.search(r"'nonce-([^']+)'", answer.headers["content-security-policy"])[1]
        assert f'nonce="{nonce}"' in answer.text
        assert feed_cache.NONCE not in answer.text
        assert feed_cache.VISITOR not in answer.text
        nonces.append(nonce)
    assert nonces[0] != nonces[1]


def test_a_visitor_can_use_the_forms_of_a_ready_page(app):
    browser(app).get("/public")
    mine = browser(app)
    page = mine.get("/public")
    token = re.search(r'name="csrf" content="([0-9a-f]+)"', page.text)[1]
    assert "httponly" in page.headers["set-cookie"].lower()
    answer = mine.post("/language", data={"csrf": token, "language": "ko"}, follow_redirects=False)
    assert answer.status_code == 303
    assert "set-cookie" not in mine.get("/public").headers
    stranger = browser(app)
    stranger.get("/public")
    assert stranger.post("/language", data={"csrf": token, "language": "ko"}).status_code == 403


def test_what_changes_is_seen_at_once(app, person, post_of, rendered):
    mina = person("mina")
    post = post_of(mina.user)
    visitor = browser(app)
    assert '<span class="count"></span>' in visitor.get("/public").text
    mina.post(f"/p/{post.id}/like")
    assert '<span class="count">1</span>' in visitor.get("/public").text
    assert len(rendered) == 2


def test_whoever_is_logged_in_or_asks_for_more_gets_no_ready_page(app, person, rendered):
    assert "/log-out" in person("mina").get("/public").text
    assert browser(app).get("/public?valence=1").status_code == 200
    assert browser(app).get("/public?before=nothing").status_code == 404
    assert browser(app).get("/public", headers={"accept": "application/json"}).status_code == 200
    assert rendered == []


def test_an_error_is_not_kept(app, monkeypatch):
    visitor = browser(app, raise_server_exceptions=False)
    with monkeypatch.context() as broken:
        broken.setattr(Shelf, "page", lambda *_, **__: 1 / 0)
        assert visitor.get("/public").status_code == 500
    assert visitor.get("/public").status_code == 200


def test_without_a_time_every_page_is_checked_and_drawn_only_when_it_changed(app, settings, person, post_of, rendered):
    app = create_app(dataclasses.replace(settings, feed_seconds=0.0))
    mina = person("mina")
    post = post_of(mina.user, caption="as it was")
    visitor = browser(app)
    for _ in range(3):
        assert "as it was" in visitor.get("/public").text
    assert len(rendered) == 1
    with app.state.database.writing() as session:  # another process
        session.get(Post, post.id).caption = "as it is"
    assert "as it is" in visitor.get("/public").text
    with app.state.database.writing() as session:
        session.get(User, mina.user.id).name = "Another Name"
    assert "Another Name" in visitor.get("/public").text
    with app.state.database.writing() as session:
        session.get(Post, post.id).visibility = "followers"
    assert "as it is" not in visitor.get("/public").text
    assert len(rendered) == 4


def test_further_pages_are_ready_too(app, person, post_of, rendered):
    mina = person("mina")
    for n in range(30):
        post_of(mina.user, caption=f"number {n}.", published_at=1e9 + n)
    visitor = browser(app)
    further = re.search(r'href="(/public\?before=[^"]+)"', visitor.get("/public").text)[1]
    for address in (further, further + "&part=1", further, further + "&part=1"):
        answer = visitor.get(address)
        assert "number 17." in answer.text
        assert "number 18." not in answer.text
        assert ("<html" in answer.text) == ("part" not in address)
    assert len(rendered) == 3


def test_memory_is_bounded(app, person, post_of, rendered, monkeypatch):
    monkeypatch.setattr(feed_cache, "MOST", 2)
    visitor = browser(app)
    for mood in ("joyful", "tense", "quiet", "joyful"):
        assert visitor.get(f"/mood/{mood}").status_code == 200
    assert [path for path, _ in rendered] == ["/mood/joyful", "/mood/tense", "/mood/quiet", "/mood/joyful"]


@pytest.mark.parametrize("seconds", [-1.0, 61.0, float("nan")])
def test_a_time_that_makes_no_sense_is_refused(settings, seconds):
    with pytest.raises(BadValue, match="FEED_SECONDS: expected 0 to 60 seconds"):
        dataclasses.replace(settings, feed_seconds=seconds)
