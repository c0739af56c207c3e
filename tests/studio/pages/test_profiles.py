"""Profiles: what is told about a person, and to whom."""

import pytest

from moodscore.studio import follows, profiles
from moodscore.studio.accounts import User
from moodscore.studio.media_files import keep_bytes


def test_a_profile_shows_who_somebody_is_and_what_one_may_see(visitor, person, post_of):
    mina = person("mina", name="Mina Seo", bio="Hello @joon <b> #sea")
    shown, hidden = post_of(mina.user), post_of(mina.user, visibility="private")
    page = visitor.get("/@Mina").text
    for said in ("Mina Seo", "@mina", 'href="/@joon"', "&lt;b&gt;", "1 post", f"/p/{shown.id}"):
        assert said in page, said
    assert hidden.id not in page
    assert hidden.id in mina.get("/@mina").text


@pytest.mark.parametrize(("state", "status"), [("active", 200), ("suspended", 404), ("pending", 404)])
def test_only_active_people_have_profiles(visitor, person, state, status):
    person("mina", state=state)
    assert visitor.get("/@mina").status_code == status
    assert visitor.get("/@nobody").status_code == 404


def test_lists_of_people_are_hidden_by_those_who_let_people_in(visitor, person, database):
    mina, joon, teo = person("mina", approves=True), person("joon"), person("teo")
    with database.writing() as session:
        for user in (joon.user, teo.user):
            follows.follow(session, user, session.get(User, mina.user.id))
        follows.accept(session, session.get(User, mina.user.id), joon.user)
    for who, status in ((visitor, 404), (teo, 404), (joon, 200), (mina, 200)):
        for path in ("/@mina/followers", "/@mina/following"):
            assert who.get(path).status_code == status
    assert "They ask to follow you" in mina.get("/@mina/followers").text
    assert "They ask to follow you" not in joon.get("/@mina/followers").text
    assert "/@teo" not in joon.get("/@mina/followers").text


def test_the_plane_holds_the_posts_the_viewer_sees(database, person, post_of):
    from moodscore.studio.permissions import Viewer

    mina = person("mina").user
    post = post_of(mina, valence=-0.5, arousal=0.25, caption="grey")
    post_of(mina, visibility="private")
    with database.session() as session:
        assert profiles.dots(session, Viewer(), mina) == (profiles.Dot(-0.5, 0.25, "grey", f"/p/{post.id}"),)


def test_somebody_without_a_picture_gets_a_drawn_one(visitor, person):
    person("mina", name="<&>")
    answer = visitor.get("/avatar/mina")
    assert answer.headers["content-type"] == "image/svg+xml"
    assert "&lt;" in answer.text
    assert "<script" not in answer.text


def test_a_picture_is_given_as_what_it_is_and_only_pictures_are(visitor, person, database, settings):
    mina = person("mina").user
    for media_type, status in (("image/png", 200), ("image/svg+xml", 404), ("text/html", 404)):
        with database.writing() as session:
            kept = keep_bytes(session, settings.media, f"bytes of {media_type}".encode(), media_type)
            session.get(User, mina.id).avatar = kept
        assert visitor.get("/avatar/mina").status_code == status
    with database.writing() as session:
        session.get(User, mina.id).avatar = "0" * 64
    assert visitor.get("/avatar/mina").headers["content-type"] == "image/svg+xml"


def test_muting_keeps_posts_out_of_feeds_but_not_off_the_profile(person, post_of):
    mina, joon = person("mina"), person("joon")
    post = post_of(joon.user)
    mina.post("/@joon/follow")
    assert post.id in mina.get("/").text
    mina.post("/@joon/mute")
    assert post.id not in mina.get("/").text
    assert post.id not in mina.get("/public").text
    assert post.id in mina.get("/@joon").text
    mina.post("/@joon/unmute")
    assert post.id in mina.get("/").text


def test_a_feed_goes_on_by_parts_and_by_links(person, post_of):
    mina = person("mina")
    posts = [post_of(mina.user, published_at=1000.0 + n) for n in range(15)]
    page = mina.get("/@mina").text
    more = page.split('data-more href="')[1].split('"')[0]
    part = mina.get(more.replace("&amp;", "&") + "&part=1").text
    assert "<html" not in part
    assert all(post.id in part for post in posts[:3])
    assert not any(post.id in part for post in posts[3:])
    assert "data-more" not in part
