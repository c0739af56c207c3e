"""Feeds: who sees what, in which order, and how many queries it takes."""

import itertools

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event, select

from moodscore.affect import Affect
from moodscore.studio import bookmarks, feed, follows, likes, profiles
from moodscore.studio.accounts import User
from moodscore.studio.blocks import FilteredWord, Mute
from moodscore.studio.cursors import cursor, newest_first, place
from moodscore.studio.db import Database, new_id
from moodscore.studio.permissions import Viewer
from moodscore.studio.posts import VISIBILITIES, Post
from moodscore.studio.refusals import Refused
from moodscore.studio.tables import upgrade
from moodscore.studio.tags import PostTag

VIEWERS = ("visitor", "stranger", "follower", "asked", "blocked", "blocker", "muter", "admin", "author")
SEES = {
    "public": {"visitor", "stranger", "follower", "asked", "muter", "admin", "author"},
    "followers": {"follower", "author"},
    "private": {"author"},
}


@pytest.fixture
def people(person, database):
    """An author, and everybody who may look at them."""
    made = {name: person(name, role="admin" if name == "admin" else "member").user for name in VIEWERS[1:]}
    with database.writing() as session:
        author = session.get(User, made["author"].id)
        follows.follow(session, made["follower"], author)
        author.approves = True
        session.flush()
        follows.follow(session, made["asked"], author)
        profiles.block(session, author, made["blocked"])
        profiles.block(session, made["blocker"], author)
        profiles.mute(session, made["muter"], author)
    return {"visitor": None, **made}


def shown(page):
    return {item.post.id for item in page.items}


@pytest.mark.parametrize("visibility", VISIBILITIES)
def test_single_pages_and_feeds_agree_about_who_sees_a_post(database, people, post_of, visibility):
    post = post_of(people["author"], visibility=visibility, caption="by the sea #sea")
    with database.writing() as session:
        session.add(PostTag(post_id=post.id, tag="sea"))
    for name, user in people.items():
        viewer, expected = Viewer(user), name in SEES[visibility]
        with database.session() as session:
            assert (post.id in shown(feed.of_person(session, viewer, people["author"]))) == expected, name
            in_feeds = expected and name != "muter"
            assert (post.id in shown(feed.tagged(session, viewer, "sea"))) == in_feeds, name
            assert (post.id in shown(feed.public(session, viewer))) == (in_feeds and visibility == "public"), name
            assert (post.id in shown(feed.of_mood(session, viewer, "joyful"))) == (in_feeds and visibility == "public")
            if user is not None:
                home = in_feeds and name in ("follower", "author")
                assert (post.id in shown(feed.home(session, viewer))) == home, name


def test_drafts_and_posts_of_suspended_people_are_in_no_feed(database, person, post_of):
    mina = person("mina").user
    post_of(mina, state="ready", published_at=None)
    gone = person("gone", state="suspended").user
    post_of(gone)
    with database.session() as session:
        assert feed.public(session, Viewer()).items == ()
        assert feed.home(session, Viewer(mina)).items == ()


def test_a_bookmark_of_a_post_that_is_hidden_later_is_not_shown(database, person, post_of):
    mina, joon = person("mina").user, person("joon").user
    post = post_of(joon)
    with database.writing() as session:
        bookmarks.keep(session, mina, post)
    with database.session() as session:
        assert shown(feed.kept(session, Viewer(mina))) == {post.id}
    with database.writing() as session:
        session.get(Post, post.id).visibility = "private"
    with database.session() as session:
        assert feed.kept(session, Viewer(mina)).items == ()


def test_filtered_words_and_muted_people_stay_out_of_feeds(database, person, post_of):
    mina, joon, teo = (person(name).user for name in ("mina", "joon", "teo"))
    spoiler, korean, classy, own = (
        post_of(joon, caption="A SPOILER, sorry"),
        post_of(joon, caption="결말을 말하면 스포일러지만"),
        post_of(joon, caption="spoilers are another word"),
        post_of(mina, caption="my own spoiler"),
    )
    muted = post_of(teo)
    with database.writing() as session:
        session.add_all(FilteredWord(user_id=mina.id, word=word) for word in ("spoiler", "스포일러"))
        session.add(Mute(muter_id=mina.id, muted_id=teo.id))
    with database.session() as session:
        assert shown(feed.public(session, Viewer(mina))) == {classy.id, own.id}
        everything = {post.id for post in (spoiler, korean, classy, own, muted)}
        assert shown(feed.public(session, Viewer())) == everything


def test_feeds_fill_their_pages_when_much_is_filtered(database, person, post_of):
    mina, joon = person("mina").user, person("joon").user
    for n in range(40):
        post_of(joon, caption="spoiler" if n % 4 else "fine", published_at=1000.0 + n)
    with database.writing() as session:
        session.add(FilteredWord(user_id=mina.id, word="spoiler"))
    with database.session() as session:
        page = feed.public(session, Viewer(mina))
        assert [item.post.published_at for item in page.items] == [1000.0 + n for n in range(36, -1, -4)]
        assert page.next is None


def test_near_holds_what_lies_within_reach_newest_first(database, person, post_of):
    mina = person("mina").user
    here, there, far = (
        post_of(mina, valence=v, arousal=a, published_at=t)
        for v, a, t in ((0.5, 0.5, 1.0), (0.3, 0.4, 2.0), (-0.5, 0, 3.0))
    )
    with database.session() as session:
        page = feed.near(session, Viewer(), Affect(0.5, 0.5))
        assert [item.post.id for item in page.items] == [there.id, here.id]
        assert far.id not in shown(page)


def test_an_item_says_what_its_viewer_did_and_what_it_answers(database, person, post_of):
    mina, joon = person("mina").user, person("joon").user
    asked = post_of(joon)
    hidden = post_of(joon, visibility="private")
    answers = post_of(mina, remix_of=asked.id, remix_kind="tune")
    secret = post_of(mina, remix_of=hidden.id, remix_kind="tune")
    with database.writing() as session:
        likes.like(session, mina, asked)
        bookmarks.keep(session, mina, asked)
    with database.session() as session:
        items = {item.post.id: item for item in feed.public(session, Viewer(mina)).items}
        assert items[asked.id].liked
        assert items[asked.id].kept
        assert not items[answers.id].liked
        assert (items[answers.id].answers.id, items[answers.id].answers_author.handle) == (asked.id, "joon")
        assert items[secret.id].answers is None
        assert items[asked.id].tune.peaks


@pytest.fixture
def counted(database):
    """How many statements were sent."""
    sent = []
    event.listen(database.engine, "before_cursor_execute", lambda *args: sent.append(args[2]))
    return sent


def test_a_page_of_cards_takes_as_many_queries_as_one_card(person, post_of, counted):
    mina = person("mina")
    counts = []
    for _ in range(2):
        post = post_of(mina.user)
        post_of(mina.user, remix_of=post.id)
        counted.clear()
        assert mina.get("/").status_code == 200
        counts.append(len(counted))
        for _ in range(10):
            post_of(mina.user, remix_of=post.id)
    assert counts[0] == counts[1] <= 12


@given(st.data())
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_pages_neither_skip_nor_repeat_whatever_is_published_meanwhile(tmp_path_factory, data):
    database = Database("sqlite://")
    upgrade(database)
    with database.writing() as session:
        user = User(handle="mina", password_hash="none")
        session.add(user)
        session.flush()

        def publish(time_s):
            post = Post(author_id=user.id, state="published", published_at=time_s, mood="joyful")
            session.add(post)
            session.flush()
            return post.id

        times = st.integers(0, 6).map(float)  # few, so that many posts share theirs
        there = [publish(t) for t in data.draw(st.lists(times, max_size=40))]
        seen, before = [], None
        for _ in itertools.count():
            page = feed.public(session, Viewer(), before)
            seen += [item.post.id for item in page.items]
            if page.next is None:
                break
            before = page.next
            for t in data.draw(st.lists(st.floats(0, 10, allow_nan=False), max_size=5)):
                publish(t)
        assert len(seen) == len(set(seen))
        assert set(there) <= set(seen)
        keys = [(post.published_at, post.id) for post in (session.get(Post, post_id) for post_id in seen)]
        assert keys == sorted(keys, reverse=True)
    database.close()


@given(st.floats(0.001, 1e11, allow_nan=False))
def test_a_cursor_is_read_as_it_was_written(time_s):
    key = new_id()
    assert place(cursor(time_s, key)) == (time_s, key)


@pytest.mark.parametrize(
    "text", ["x", "1", "~", "nan~" + "0" * 26, "-1.0~" + "0" * 26, "1~" + "Z" * 26, "9" * 400 + "~" + "0" * 26]
)
def test_what_is_no_cursor_is_refused(text):
    with pytest.raises(Refused) as refused:
        place(text)
    assert refused.value.status == 404


def test_a_page_that_finds_little_ends_in_time(database, person, post_of):
    """Somebody who filters nearly everything gets a short page and a way on, not an endless search."""
    mina = person("mina").user
    with database.writing() as session:
        session.add_all(
            Post(author_id=mina.id, state="published", published_at=float(n), caption="no") for n in range(1500)
        )
    with database.session() as session:
        query = select(Post, Post.published_at, Post.id)
        rows, after = newest_first(session, query, (Post.published_at, Post.id), None, 12, lambda _: False)
        assert rows == []
        assert place(after)[0] < 500
