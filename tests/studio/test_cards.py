"""Cards: drawn once for many, and never with what is one person's own."""

import re

import pytest

from moodscore.studio import cards
from moodscore.studio.cards import TOKEN, Cards


@pytest.fixture
def drawn(monkeypatch):
    """The posts whose cards were drawn, as often as they were."""
    posts = []
    keep = Cards.keep

    def noted(self, item, here, eager, card):
        posts.append(item.post.id)
        return keep(self, item, here, eager, card)

    monkeypatch.setattr(Cards, "keep", noted)
    return posts


def tokens(page):
    return set(re.findall(r'name="csrf" value="([^"]*)"', page))


def test_one_drawing_for_many_members_each_with_their_own_token(person, post_of, drawn):
    mina, joon = person("mina"), person("joon")
    post_of(mina.user)
    pages = [who.get("/public").text for who in (mina, joon, mina)]
    assert len(drawn) == 1
    assert tokens(pages[0]) == {mina.csrf()}
    assert tokens(pages[1]) == {joon.csrf()}
    assert not any(TOKEN in page for page in pages)


def test_what_somebody_did_is_theirs(person, post_of):
    mina, joon = person("mina"), person("joon")
    post = post_of(mina.user)
    mina.get("/public")
    joon.post(f"/p/{post.id}/like")
    assert f"/p/{post.id}/unlike" in joon.get("/public").text.split('data-on="')[0]
    assert f'action="/p/{post.id}/like"' in mina.get("/public").text
    assert f'action="/p/{post.id}/unlike"' in joon.get("/public").text


def test_a_change_is_drawn(person, post_of, database, drawn):
    from moodscore.studio.posts import Post

    mina = person("mina")
    post = post_of(mina.user, caption="before")
    assert "before" in mina.get("/public").text
    with database.writing() as session:
        session.get(Post, post.id).caption = "after"
    assert "after" in mina.get("/public").text
    assert len(drawn) == 2


def test_members_and_visitors_do_not_share_and_languages_neither(person, visitor, post_of, drawn):
    mina = person("mina")
    post_of(mina.user)
    assert "/like" in mina.get("/public").text
    assert "/like" not in visitor.get("/public").text
    visitor.get("/public", headers={"accept-language": "ko"})
    assert len(drawn) == 3


def test_old_and_many_cards_are_let_go(person, post_of, app, drawn, monkeypatch):
    mina = person("mina")
    for _ in range(3):
        post_of(mina.user)
    app.state.cards.most = 2
    mina.get("/public")
    assert len(app.state.cards) == 2
    monkeypatch.setattr(cards, "OLDEST_S", -1.0)
    drawn.clear()
    mina.get("/public")
    assert len(drawn) == 3
