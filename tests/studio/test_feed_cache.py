"""Ready pages: what visitors get from memory is what they would get anyway, with what is theirs alone in it."""

import dataclasses
import re

import pytest
from starlette.testclient import TestClient

from moodscore.studio import feed_cache
from moodscore.studio.app import create_app
from moodscore.studio.shelf import Shelf


@pytest.fixture
def settings(settings):
    return dataclasses.replace(settings, feed_seconds=60.0)


@pytest.fixture
def rendered(monkeypatch):
    """How often a page was made ready."""
    made = []
    render = feed_cache.FeedCache._render

    async def counted(self, scope, language, this_round):
        made.append((scope["path"], language))
        return await render(self, scope, language, this_round)

    monkeypatch.setattr(feed_cache.FeedCache, "_render", counted)
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
    assert browser(app).get("/public?part=1").status_code == 200
    assert browser(app).get("/public", headers={"accept": "application/json"}).status_code == 200
    assert rendered == []


def test_an_error_is_not_kept(app, monkeypatch):
    visitor = browser(app, raise_server_exceptions=False)
    with monkeypatch.context() as broken:
        broken.setattr(Shelf, "page", lambda *_, **__: 1 / 0)
        assert visitor.get("/public").status_code == 500
    assert visitor.get("/public").status_code == 200


def test_old_pages_are_made_again(app, settings, rendered, monkeypatch):
    cached = browser(create_app(dataclasses.replace(settings, feed_seconds=1e-6)))
    cached.get("/public")
    cached.get("/public")
    assert len(rendered) >= 2
