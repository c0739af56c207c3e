"""The page of a post, the page where it is made, and what its author may do."""

import pytest

from moodscore.studio.notifications import Notification
from moodscore.studio.orders import Order
from moodscore.studio.posts import Post
from moodscore.studio.tags import PostTag
from moodscore.studio.tunes import Tune, of_post

WORDS = {"caption": "By the #sea with @jun", "alt": "Two people.", "visibility": "public", "allows_remix": "1"}


@pytest.fixture
def ready(post_of):
    def make(user, **fields):
        return post_of(user, **{"state": "ready", "published_at": None, "captions": {"en": ["A beach."]}, **fields})

    return make


def saved(database, post):
    with database.session() as session:
        return session.get(Post, post.id)


def test_a_post_shows_its_tune_and_where_it_lies(person, post_of, visitor):
    mina = person("mina")
    post = post_of(mina.user)
    page = visitor.get(f"/p/{post.id}").text
    for part in ("a day by the sea", "acoustic folk", "It feels like the photo.", "plane-dot", f"{post.tune_id}.m4a"):
        assert part in page
    assert "/edit" not in page
    assert f"/p/{post.id}/edit" in mina.get(f"/p/{post.id}").text


def test_in_korean_the_reason_is_korean(person, post_of, visitor):
    page = visitor.get(f"/p/{post_of(person().user).id}", headers={"accept-language": "ko"}).text
    assert "사진과 같은 느낌입니다." in page


def test_a_draft_is_shown_where_it_is_made_and_to_its_author_alone(person, ready, visitor):
    mina = person("mina")
    draft = ready(mina.user)
    assert mina.get(f"/p/{draft.id}").headers["location"] == f"/p/{draft.id}/make"
    assert "A beach." in mina.get(f"/p/{draft.id}/make").text
    assert visitor.get(f"/p/{draft.id}").status_code == 404


def test_publishing_puts_words_tags_mentions_and_happens_once(person, ready, database):
    mina, jun = person("mina"), person("jun")
    draft = ready(mina.user)
    for _ in range(2):
        assert mina.post(f"/p/{draft.id}/publish", WORDS).headers["location"] == f"/p/{draft.id}"
    post = saved(database, draft)
    assert (post.state, post.caption, post.alt_by_machine) == ("published", WORDS["caption"], False)
    with database.session() as session:
        assert [t.tag for t in session.query(PostTag)] == ["sea"]
        assert [(n.kind, n.user_id) for n in session.query(Notification)] == [("mention", jun.user.id)]
    first = post.published_at
    mina.post(f"/p/{draft.id}/publish", {**WORDS, "caption": "else"})
    assert (saved(database, draft).published_at, saved(database, draft).caption) == (first, WORDS["caption"])


def test_what_is_not_ready_is_not_published(person, ready, database):
    mina = person("mina")
    for state in ("waiting", "working", "failed"):
        draft = ready(mina.user, state=state)
        assert mina.post(f"/p/{draft.id}/publish", WORDS).status_code == 409
        assert saved(database, draft).published_at is None


def test_publishing_without_a_tune_is_possible(person, ready, database):
    mina = person("mina")
    draft = ready(mina.user)
    mina.post(f"/p/{draft.id}/publish", {**WORDS, "tune": "none"})
    assert saved(database, draft).tune_id is None
    assert mina.get(f"/p/{draft.id}").status_code == 200


def test_a_visitor_is_asked_to_sign_up(visitor, ready, person, database):
    visitor.get("/")
    draft = ready(person().user)
    from moodscore.studio import cookies

    token = visitor.client.cookies.get("moodscore-visitor")
    with database.writing() as session:
        post = session.get(Post, draft.id)
        post.author_id, post.visitor = None, cookies.digest(token)
    assert "/sign-up?next=" in visitor.get(f"/p/{draft.id}/make").text
    assert visitor.post(f"/p/{draft.id}/publish", WORDS).status_code == 401


def test_editing_keeps_the_day_and_says_that_it_was_edited(person, post_of, database):
    mina = person("mina")
    post = post_of(mina.user)
    assert 'name="caption"' in mina.get(f"/p/{post.id}/edit").text
    mina.post(f"/p/{post.id}/edit", {**WORDS, "visibility": "followers"})
    now = saved(database, post)
    assert (now.visibility, now.published_at, now.edited_at is None) == ("followers", post.published_at, False)


@pytest.mark.parametrize("wrong", [{"visibility": "friends"}, {"caption": "x" * 2001}, {"alt": "x" * 1001}])
def test_words_that_do_not_fit_are_refused(person, post_of, wrong):
    mina = person("mina")
    assert mina.post(f"/p/{post_of(mina.user).id}/edit", {**WORDS, **wrong}).status_code == 422


def test_strangers_change_nothing(person, post_of, database):
    post = post_of(person("mina").user)
    jun = person("jun")
    for what in ("again", "choose", "publish", "cancel", "retry", "delete", "edit"):
        assert jun.post(f"/p/{post.id}/{what}", {"valence": "0", "arousal": "0"}).status_code == 403
    assert saved(database, post) is not None


def test_composing_again_is_an_order_for_a_worker(person, ready, database):
    mina = person("mina")
    draft = ready(mina.user)
    mina.post(f"/p/{draft.id}/again", {"valence": "0.5", "arousal": "-0.25"})
    with database.session() as session:
        (order,) = session.query(Order).all()
    assert (order.kind, order.state, order.wish["place"]) == ("again", "waiting", [0.5, -0.25])
    assert mina.post(f"/p/{draft.id}/again", {"valence": "7", "arousal": "0"}).status_code == 422
    assert mina.get(f"/p/{draft.id}/state").json()["open"] is True


def test_the_tune_can_be_changed_later(person, post_of, database):
    mina = person("mina")
    post = post_of(mina.user)
    with database.writing() as session:
        other = Tune(post_id=post.id, role="contrast")
        session.add(other)
    mina.post(f"/p/{post.id}/choose", {"tune": other.id})
    assert saved(database, post).tune_id == other.id
    stranger = post_of(mina.user)
    assert mina.post(f"/p/{post.id}/choose", {"tune": stranger.tune_id}).status_code == 404


def test_stopping_and_trying_again_are_other_runs(person, ready, database):
    mina = person("mina")
    draft = ready(mina.user, state="working")
    mina.post(f"/p/{draft.id}/cancel")
    stopped = saved(database, draft)
    assert (stopped.state, stopped.run) == ("failed", 1)
    assert "You stopped this." in mina.get(f"/p/{draft.id}/make").text
    mina.post(f"/p/{draft.id}/retry")
    assert (saved(database, draft).state, saved(database, draft).run) == ("waiting", 2)


def test_deleting_takes_the_post_away_and_what_came_in_for_it(person, post_of, database, settings):
    mina = person("mina")
    post = post_of(mina.user)
    (settings.incoming / post.id).mkdir()
    assert mina.post(f"/p/{post.id}/delete").headers["location"] == "/@mina"
    assert saved(database, post) is None
    assert list(settings.incoming.iterdir()) == []
    assert mina.get(f"/p/{post.id}").status_code == 404


def test_a_new_tune_for_the_same_photo_begins_with_that_photo(person, post_of, database):
    mina, jun = person("mina"), person("jun")
    post = post_of(mina.user, renditions={"photo": "a" * 64})
    draft_id = jun.post(f"/p/{post.id}/remix", {"kind": "photo"}, json=True).json()["id"]
    with database.session() as session:
        draft = session.get(Post, draft_id)
        assert (draft.remix_of, draft.state, draft.renditions) == (post.id, "waiting", {"photo": "a" * 64})
        assert of_post(session, draft) == []
    assert jun.post(f"/p/{post.id}/remix").headers["location"] == f"/upload?remix_of={post.id}"


def test_who_sees_a_post_may_have_its_film_made(person, post_of, visitor, database):
    post = post_of(person().user)
    visitor.get("/")
    assert visitor.post(f"/p/{post.id}/film").status_code == 303
    visitor.post(f"/p/{post.id}/film")
    with database.session() as session:
        assert [o.id for o in session.query(Order)] == [f"film-{post.tune_id}"]
    assert visitor.get(f"/p/{post.id}/state").json()["open"] is True
    assert "being made" in visitor.get(f"/p/{post.id}").text
