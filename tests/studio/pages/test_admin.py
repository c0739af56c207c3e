"""The admins' rooms: what is reported is seen, decided about and written down; nobody else gets in."""

import re

import pytest
from sqlalchemy import func, select

from moodscore.studio import holding, passwords, reporting
from moodscore.studio.accounts import Invite, LoginSession, User
from moodscore.studio.comments import Comment
from moodscore.studio.conversation import say
from moodscore.studio.media_files import keep_bytes
from moodscore.studio.posts import Post
from moodscore.studio.reports import AuditEntry, Report

PAGES = ("", "/reports", "/held", "/people", "/invites", "/log")


@pytest.fixture
def admin(person):
    return person("ada", role="admin")


@pytest.fixture
def report(database):
    """Report something as its reporters would."""

    def made(reporter, kind, target, reason="spam", text=""):
        with database.writing() as session:
            reporting.report(session, session.get(User, reporter.user.id), kind, target, reason, text)

    return made


def log_of(database):
    with database.session() as session:
        return [
            (e.actor, e.action, e.target, e.note) for e in session.scalars(select(AuditEntry).order_by(AuditEntry.id))
        ]


@pytest.mark.parametrize("page", PAGES)
def test_only_admins_see_their_rooms(page, admin, person, visitor):
    assert admin.get(f"/admin{page}").status_code == 200
    assert person().get(f"/admin{page}").status_code == 403
    assert visitor.get(f"/admin{page}").status_code in (303, 401)
    assert re.search(rf'href="/admin{page}" aria-current="page"', admin.get(f"/admin{page}").text)


def test_several_reports_about_one_post_are_one_case_with_its_picture(
    admin, person, post_of, report, database, settings
):
    mina, ren, juno = person("mina"), person("ren"), person("juno")
    with database.writing() as session:
        photo = keep_bytes(session, settings.media, b"photo", "image/jpeg")
    post = post_of(mina.user, visibility="followers", caption="<b>buy now</b>", renditions={"photo": photo})
    assert admin.get(f"/admin/media/{post.id}/photo").status_code == 404
    report(ren, "post", post.id, "spam", "<i>look</i>")
    report(juno, "post", post.id, "rights")
    page = admin.get("/admin/reports").text
    assert page.count("<article") == 1
    for said in ("&lt;b&gt;buy now", "&lt;i&gt;look", "@ren", "@juno", "@mina", "Spam or advertising"):
        assert said in page
    picture = admin.get(f"/admin/media/{post.id}/photo")
    assert (picture.content, picture.headers["content-type"]) == (b"photo", "image/jpeg")
    assert ren.get(f"/admin/media/{post.id}/photo").status_code == 403


def test_a_case_that_is_left_as_it_is_leaves_the_queue(admin, person, post_of, report, database):
    post = post_of(person("mina").user)
    report(person("ren"), "post", post.id)
    admin.post(f"/admin/cases/post/{post.id}", {"action": "dismiss", "note": "a joke"})
    assert "Nothing to decide" in admin.get("/admin/reports").text
    assert log_of(database) == [("ada", "dismiss", f"post {post.id} of @mina", "a joke")]
    assert "a joke" in admin.get("/admin/log").text
    with database.session() as session:
        assert session.scalar(select(Report.decision)) == "dismissed"


def test_a_reported_post_or_comment_is_removed(admin, person, post_of, report, database):
    mina, ren = person("mina"), person("ren")
    bad, fine = post_of(mina.user), post_of(ren.user)
    with database.writing() as session:
        comment = say(session, session.get(User, mina.user.id), session.get(Post, fine.id), "go away")
    report(ren, "post", bad.id)
    report(ren, "comment", comment.id)
    assert "go away" in admin.get("/admin/reports").text
    admin.post(f"/admin/cases/post/{bad.id}", {"action": "remove"})
    admin.post(f"/admin/cases/comment/{comment.id}", {"action": "remove"})
    with database.session() as session:
        assert session.scalars(select(Post.id)).all() == [fine.id]
        assert session.get(Post, fine.id).comments == 0
        assert session.scalars(select(Report.decision)).all() == ["removed", "removed"]
    assert [entry[1] for entry in log_of(database)] == ["remove", "remove"]


def test_a_suspended_person_is_out_at_once_and_unseen_until_it_is_lifted(admin, person, post_of, report, database):
    mina, ren = person("mina"), person("ren")
    post = post_of(mina.user)
    report(ren, "user", mina.user.id, "harassment")
    admin.post(f"/admin/cases/user/{mina.user.id}", {"action": "suspend", "note": "insults"})
    assert mina.get("/settings").status_code in (303, 401)
    assert ren.get(f"/p/{post.id}").status_code == ren.get("/@mina").status_code == 404
    with database.session() as session:
        assert session.scalar(select(func.count()).where(LoginSession.user_id == mina.user.id)) == 0
    admin.post("/admin/people/mina", {"action": "lift"})
    assert ren.get("/@mina").status_code == 200
    assert [entry[1] for entry in log_of(database)] == ["suspend", "suspend", "lift"]


def test_nobody_suspends_themselves_or_unmakes_the_last_admin(admin):
    assert admin.post("/admin/people/ada", {"action": "suspend"}).status_code == 409
    assert admin.post("/admin/people/ada", {"action": "unmake admin"}).status_code == 409
    assert admin.post("/admin/people/nobody", {"action": "suspend"}).status_code == 404
    assert admin.post("/admin/people/ada", {"action": "eat"}).status_code == 404
    assert admin.get("/admin").status_code == 200


def test_people_who_wait_are_let_in_or_turned_away(admin, person, database):
    person("ren", state="pending")
    person("juno", state="pending")
    page = admin.get("/admin/people?state=pending").text
    assert "@ren" in page
    assert "Turn away: @ada" not in page
    admin.post("/admin/people/ren", {"action": "let in"})
    admin.post("/admin/people/juno", {"action": "turn away"})
    with database.session() as session:
        assert dict(session.execute(select(User.handle, User.state)).all()) == {"ada": "active", "ren": "active"}
    assert "juno" not in str(log_of(database))
    assert admin.post("/admin/people/ren", {"action": "turn away"}).status_code == 404


def test_who_forgot_their_password_gets_a_new_one_that_is_shown_once(admin, person, database):
    person("mina")
    person("bob", role="admin")
    made = admin.post("/admin/people/mina/password")
    fresh = re.search(r'id="fresh"[^>]*value="([^"]+)"', made.text)[1]
    with database.session() as session:
        mina = session.scalar(select(User).where(User.handle == "mina"))
        assert passwords.matches(fresh, mina.password_hash)
        assert session.scalar(select(func.count()).where(LoginSession.user_id == mina.id)) == 0
    assert fresh not in admin.get("/admin/people").text
    assert fresh not in str(log_of(database))
    assert admin.post("/admin/people/bob/password").status_code == 409


def test_an_invitations_address_is_shown_once_and_it_can_be_taken_back(admin, database):
    made = admin.post("/admin/invites", {"note": "for Ren", "days": "7"})
    code = re.search(r"/sign-up\?invite=([\w-]+)", made.text)[1]
    listed = admin.get("/admin/invites").text
    assert code not in listed
    assert "for Ren" in listed
    with database.session() as session:
        invite = session.scalars(select(Invite)).one()
    admin.post("/admin/invites/revoke", {"id": invite.id})
    with database.session() as session:
        assert session.scalars(select(Invite)).all() == []
    assert [entry[1] for entry in log_of(database)] == ["invite", "revoke invite"]


def test_what_has_a_held_word_in_it_is_its_authors_alone_until_it_is_let_through(admin, person, database, post_of):
    mina, ren = person("mina"), person("ren")
    admin.post("/admin/words", {"word": "Casino"})
    post, fine = post_of(mina.user, caption="Best CASINO here"), post_of(ren.user)
    assert ren.get(f"/p/{post.id}").status_code == 404
    assert mina.get(f"/p/{post.id}").status_code == 200
    with database.writing() as session:
        held = say(session, session.get(User, mina.user.id), session.get(Post, fine.id), "my casino!")
        assert session.get(Post, fine.id).comments == 0
    page = admin.get("/admin/held").text
    assert "Best CASINO" in page
    assert "my casino!" in page
    assert "my casino!" not in ren.get(f"/p/{fine.id}").text
    admin.post(f"/admin/cases/post/{post.id}", {"action": "release"})
    admin.post(f"/admin/cases/comment/{held.id}", {"action": "release"})
    assert ren.get(f"/p/{post.id}").status_code == 200
    with database.session() as session:
        assert session.get(Post, fine.id).comments == 1
        assert not session.get(Comment, held.id).held
    admin.post("/admin/words/remove", {"word": "casino"})
    with database.session() as session:
        assert holding.words(session) == []


def test_a_caption_written_anew_is_looked_at_anew(admin, person, database, post_of):
    admin.post("/admin/words", {"word": "casino"})
    post = post_of(person("mina").user)
    for caption, held in (("a casino", True), ("a sea", False), ("casinos", False), ("a casino.", True)):
        with database.writing() as session:
            session.get(Post, post.id).caption = caption
        with database.session() as session:
            assert session.get(Post, post.id).held is held, caption


def test_the_log_is_only_ever_added_to(database):
    with database.writing() as session:
        session.add(AuditEntry(actor="ada", action="suspend", target="@mina"))
    for change in (lambda s, e: setattr(e, "action", "lift"), lambda s, e: s.delete(e)):
        with database.session() as session:
            change(session, session.scalars(select(AuditEntry)).one())
            with pytest.raises(AssertionError, match="only ever added to"):
                session.flush()
