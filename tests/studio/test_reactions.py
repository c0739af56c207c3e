"""Likes, comments, follows and what people are told of them: counts stay right, and nobody hears what they should not."""

import threading

import pytest
from sqlalchemy import func, select

from moodscore.studio import conversation, follows, likes, mentions, profiles
from moodscore.studio.accounts import User
from moodscore.studio.blocks import FilteredWord, Mute
from moodscore.studio.comments import Comment
from moodscore.studio.likes import Like
from moodscore.studio.notifications import Notification, mark_read, unread
from moodscore.studio.permissions import Viewer
from moodscore.studio.posts import Post
from moodscore.studio.refusals import Refused
from moodscore.studio.tags import PostTag
from moodscore.studio.told import told


@pytest.fixture
def told_to(database):
    """What somebody was told: pairs of kind and who did it."""

    def of(user):
        with database.session() as session:
            rows = select(Notification.kind, User.handle).outerjoin(User, User.id == Notification.actor_id)
            return sorted(tuple(row) for row in session.execute(rows.where(Notification.user_id == user.id)))

    return of


@pytest.mark.both_databases
def test_a_like_counts_once_however_often_and_from_wherever_it_comes(database, person, post_of):
    mina = person("mina").user
    others = [person().user for _ in range(6)]
    post = post_of(mina)

    def press(user):
        for turn in range(4):
            with database.writing() as session:
                (likes.unlike if turn == 2 else likes.like)(session, user, session.get(Post, post.id))

    presses = [threading.Thread(target=press, args=(user,)) for user in others for _ in range(2)]
    for thread in presses:
        thread.start()
    for thread in presses:
        thread.join()
    with database.session() as session:
        rows = session.scalar(select(func.count()).select_from(Like))
        assert session.get(Post, post.id).likes == rows == len(others)


def test_pages_of_like_and_bookmark(person, post_of, database):
    mina, joon = person("mina"), person("joon")
    post = post_of(mina.user)
    assert joon.post(f"/p/{post.id}/like").headers["location"].endswith(f"/p/{post.id}")
    assert joon.post(f"/p/{post.id}/like", json=True).json() == {"to": f"/p/{post.id}", "on": True, "count": 1}
    assert joon.post(f"/p/{post.id}/unlike", json=True).json()["count"] == 0
    assert joon.post(f"/p/{post.id}/unlike", json=True).json()["count"] == 0
    assert joon.post(f"/p/{post.id}/bookmark", json=True).json()["on"] is True
    assert post.id in joon.get("/bookmarks").text
    assert joon.post(f"/p/{post.id}/unbookmark", json=True).json()["on"] is False
    assert post.id not in joon.get("/bookmarks").text


def test_what_one_may_not_see_one_cannot_react_to(person, post_of):
    mina, joon = person("mina"), person("joon")
    post = post_of(mina.user, visibility="followers")
    draft = post_of(mina.user, state="ready")
    for verb in ("like", "unlike", "bookmark", "unbookmark", "report", "comments"):
        assert joon.post(f"/p/{post.id}/{verb}", {"text": "hi", "reason": "spam"}).status_code == 404, verb
    for verb in ("like", "bookmark", "comments"):
        assert mina.post(f"/p/{draft.id}/{verb}", {"text": "hi"}).status_code == 404, verb


def test_visitors_are_asked_to_log_in(visitor, person, post_of):
    post = post_of(person("mina").user)
    for path in (
        f"/p/{post.id}/like",
        f"/p/{post.id}/comments",
        "/@mina/follow",
        "/@mina/report",
        "/notifications/read",
    ):
        assert visitor.post(path, {"text": "hi"}, json=True).status_code == 401, path


def test_comments_count_and_are_told(database, person, post_of, told_to):
    mina, joon, teo = (person(name).user for name in ("mina", "joon", "teo"))
    post = post_of(mina)
    with database.writing() as session:
        post = session.get(Post, post.id)
        first = conversation.say(session, joon, post, "How lovely, @teo!")
        answer = conversation.say(session, teo, post, "It is.", first.id)
        deeper = conversation.say(session, mina, post, "Thank you.", answer.id)
        assert deeper.reply_to == first.id
        assert post.comments == 3
    assert told_to(mina) == [("comment", "joon"), ("comment", "teo")]
    assert told_to(joon) == [("reply", "teo")]
    assert told_to(teo) == [("mention", "joon"), ("reply", "mina")]
    with database.writing() as session:
        thread = conversation.thread(session, Viewer(joon), session.get(Post, post.id))
        assert [(said.comment.text, len(said.answers), said.removable) for said in thread] == [
            ("How lovely, @teo!", 2, True)
        ]
        assert conversation.unsay(session, session.get(Comment, first.id)) == 0
        assert session.get(Post, post.id).comments == 0


def test_what_is_empty_too_long_or_an_answer_to_nothing_is_refused(database, person, post_of):
    mina = person("mina").user
    post, other = post_of(mina), post_of(mina)
    with database.writing() as session:
        elsewhere = conversation.say(session, mina, session.get(Post, other.id), "elsewhere")
        for text, reply_to, status in (
            (" \n", "", 422), ("x" * 1001, "", 422), ("hi", "0" * 26, 409), ("hi", elsewhere.id, 409),
        ):  # fmt: skip
            with pytest.raises(Refused) as refused:
                conversation.say(session, mina, session.get(Post, post.id), text, reply_to)
            assert refused.value.status == status
        assert session.get(Post, post.id).comments == 0


def test_who_may_delete_a_comment(database, person, post_of):
    mina, joon, teo, admin = person("mina"), person("joon"), person("teo"), person("boss", role="admin")
    post = post_of(mina.user)
    for who, status in ((teo, 403), (joon, 303), (mina, 303), (admin, 303)):
        comment = joon.post(f"/p/{post.id}/comments", {"text": "hello"}, json=True).json()["id"]
        assert who.post(f"/c/{comment}/delete").status_code == status
    with database.session() as session:
        assert session.get(Post, post.id).comments == 1


def test_mentions_reach_only_those_who_may_see_and_want_to_hear(database, person, post_of, told_to):
    mina, friend, stranger, muter, blocked = (
        person(n).user for n in ("mina", "friend", "stranger", "muter", "blocked")
    )
    post = post_of(mina, visibility="followers", caption="@friend @stranger @muter @blocked @mina @nobody #Sea")
    with database.writing() as session:
        for user in (friend, muter, blocked):
            follows.follow(session, user, session.get(User, mina.id))
        session.add(Mute(muter_id=muter.id, muted_id=mina.id))
        profiles.block(session, blocked, mina)
        mentions.caption_written(session, mina, session.get(Post, post.id))
        mentions.caption_written(session, mina, session.get(Post, post.id))  # edited: nobody is told twice
    assert told_to(friend) == [("mention", "mina")]
    for user in (stranger, muter, blocked):
        assert ("mention", "mina") not in told_to(user)
    with database.session() as session:
        assert list(session.scalars(select(PostTag.tag))) == ["sea"]


def test_blocked_people_and_filtered_words_are_not_read_in_comments(database, person, post_of):
    mina, joon, rude = (person(name).user for name in ("mina", "joon", "rude"))
    post = post_of(joon)
    with database.writing() as session:
        post = session.get(Post, post.id)
        conversation.say(session, rude, post, "hey")
        conversation.say(session, joon, post, "the SPOILER")
        kept = conversation.say(session, joon, post, "fine")
        profiles.block(session, mina, rude)
        session.add(FilteredWord(user_id=mina.id, word="spoiler"))
    with database.session() as session:
        assert [said.comment.id for said in conversation.thread(session, Viewer(mina), post)] == [kept.id]
        assert len(conversation.thread(session, Viewer(), post)) == 3
        with pytest.raises(Refused):
            conversation.say(session, mina, post, "to you", conversation.thread(session, Viewer(), post)[0].comment.id)


def test_following_somebody_who_lets_people_in(person, database, told_to):
    mina, joon = person("mina", approves=True), person("joon")
    assert joon.post("/@mina/follow", json=True).json() == {"to": "/@mina", "on": False, "asked": True, "count": 0}
    assert told_to(mina.user) == [("request", "joon")]
    assert "/requests/joon/accept" in mina.get("/notifications").text
    assert mina.post("/requests/joon/accept").status_code == 303
    assert mina.post("/requests/joon/accept").status_code == 404
    assert told_to(joon.user) == [("accepted", "mina")]
    assert "joon" in joon.get("/@mina/followers").text
    assert mina.post("/requests/joon/refuse").status_code == 303
    assert joon.get("/@mina/followers").status_code == 404
    assert joon.post("/@joon/follow").status_code == 404


def test_a_request_taken_back_is_forgotten(person, told_to):
    mina, joon = person("mina", approves=True), person("joon")
    joon.post("/@mina/follow")
    joon.post("/@mina/unfollow")
    assert told_to(mina.user) == []
    assert mina.post("/requests/joon/accept").status_code == 404


def test_blocking_ends_following_both_ways_and_can_be_taken_back(person):
    mina, joon = person("mina"), person("joon")
    mina.post("/@joon/follow")
    joon.post("/@mina/follow")
    mina.post("/@joon/block")
    assert joon.get("/@mina").status_code == 404
    assert "/@joon/unblock" in mina.get("/@joon").text
    assert joon.post("/@mina/follow").status_code == 404
    assert mina.post("/@joon/unblock").status_code == 303
    page = mina.get("/@joon")
    assert "/@joon/follow" in page.text


def test_pressing_a_button_again_rings_no_bell(person, post_of, told_to):
    mina, joon = person("mina"), person("joon")
    post = post_of(mina.user)
    for _ in range(3):
        joon.post(f"/p/{post.id}/like")
        joon.post(f"/p/{post.id}/unlike")
    assert told_to(mina.user) == []
    joon.post(f"/p/{post.id}/like")
    mina.post("/notifications/read")
    joon.post(f"/p/{post.id}/unlike")
    joon.post(f"/p/{post.id}/like")
    assert told_to(mina.user) == [("like", "joon")]


def test_notifications_are_grouped_counted_and_read(person, post_of, database):
    mina = person("mina")
    post = post_of(mina.user)
    for _ in range(3):
        person().post(f"/p/{post.id}/like")
    person("joon").post(f"/p/{post.id}/comments", {"text": "<b>hello</b>"})
    with database.session() as session:
        me = session.get(User, mina.user.id)
        assert unread(session, me) == 4
        groups, _ = told(session, Viewer(me))
        assert [(group.kind, group.count, group.new) for group in groups] == [("comment", 1, True), ("like", 3, True)]
    page = mina.get("/notifications").text
    assert "and 2 others" in page
    assert "&lt;b&gt;hello" in page
    assert mina.post("/notifications/read", json=True).json() == {"to": "/notifications", "unread": 0}
    with database.session() as session:
        assert unread(session, session.get(User, mina.user.id)) == 0
    with database.writing() as session:
        me = session.get(User, mina.user.id)
        mark_read(me)
        session.get(Post, post.id).author_id = session.scalar(select(User.id).where(User.handle == "joon"))
        session.get(Post, post.id).visibility = "private"
    assert "and 2 others" not in mina.get("/notifications").text


def test_reports_reach_the_admins_once(person, post_of, database, told_to):
    boss, joon = person("boss", role="admin"), person("joon")
    post = post_of(person("mina").user)
    for _ in range(2):
        assert joon.post(f"/p/{post.id}/report", {"reason": "spam", "text": "look"}).status_code == 200
    assert joon.post(f"/p/{post.id}/report", {"reason": "because"}).status_code == 422
    assert joon.post("/@mina/report", {"reason": "other"}, json=True).json()["said"]
    assert told_to(boss.user) == [("report", None)] * 2
