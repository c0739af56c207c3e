"""Moderation: what the people who look after a studio do about reports, and each step of it written down."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Select, func, select, update
from sqlalchemy.orm import Session

from moodscore.studio import accounts, conversation, deletion, passwords, sessions
from moodscore.studio.accounts import User
from moodscore.studio.comments import Comment
from moodscore.studio.db import now
from moodscore.studio.holding import release
from moodscore.studio.posts import Post
from moodscore.studio.refusals import N_, Refused, not_found
from moodscore.studio.reports import TARGETS, Report, log

QUEUE = 50
DECISIONS = {"dismiss": "dismissed", "remove": "removed", "suspend": "suspended", "release": "released"}
ACTIONS = {
    "dismiss": N_("Left as it is"),
    "remove": N_("Removed"),
    "release": N_("Let through"),
    "suspend": N_("Suspended"),
    "lift": N_("Suspension lifted"),
    "let in": N_("Let in"),
    "turn away": N_("Turned away"),
    "make admin": N_("Made an admin"),
    "unmake admin": N_("No longer an admin"),
    "hold word": N_("Holds back a word"),
    "let word": N_("Holds back a word no longer"),
    "invite": N_("Made an invitation"),
    "revoke invite": N_("Took an invitation back"),
    "new password": N_("Gave a new password"),
    "delete account": N_("An account was deleted"),
}
NOT_YOURSELF = N_("You cannot do this to yourself.")
NOT_ADMINS = N_("Admins get a new password on the command line: moodscore studio password HANDLE.")
LAST_ADMIN = N_("Somebody has to look after this studio.")


@dataclass(frozen=True, slots=True)
class Case:
    """Something that was reported or held back: what it is, whose, and what people said about it."""

    kind: str
    id: str
    post: Post | None
    comment: Comment | None
    person: User | None
    reports: tuple[Report, ...]
    reporters: tuple[str, ...]

    @property
    def is_gone(self) -> bool:
        """Whether it was deleted meanwhile."""
        return {"post": self.post, "comment": self.comment, "user": self.person}[self.kind] is None


def queue(session: Session) -> list[Case]:
    """What waits for a decision, the oldest first; several reports about one thing are one case."""
    first = func.min(Report.created_at)
    things = session.execute(
        select(Report.target_kind, Report.target_id)
        .where(Report.handled_at.is_(None))
        .group_by(Report.target_kind, Report.target_id)
        .order_by(first)
        .limit(QUEUE)
    )
    return [case(session, kind, target) for kind, target in things]


def held(session: Session) -> list[Case]:
    """Published posts and comments that are held back for a word, the oldest first."""
    posts = select(Post.id).where(Post.held, Post.state == "published").order_by(Post.published_at).limit(QUEUE)
    said = select(Comment.id).where(Comment.held).order_by(Comment.created_at).limit(QUEUE)
    found = [("post", i) for i in session.scalars(posts)] + [("comment", i) for i in session.scalars(said)]
    return [case(session, kind, target) for kind, target in found]


def case(session: Session, kind: str, target: str) -> Case:
    """A thing with the open reports about it; raises Refused (404) for a kind there is not."""
    if kind not in TARGETS:
        raise not_found()
    post = session.get(Post, target) if kind == "post" else None
    comment = session.get(Comment, target) if kind == "comment" else None
    whose = post.author_id if post else comment.author_id if comment else target if kind == "user" else None
    if comment is not None:
        post = session.get(Post, comment.post_id)
    reports = session.scalars(_open(kind, target).order_by(Report.created_at)).all()
    by = {user.id: user.handle for user in session.scalars(_who(reports))}
    reporters = tuple(by.get(report.reporter_id or "", "") for report in reports)
    person = session.get(User, whose) if whose else None
    return Case(kind, target, post, comment, person, tuple(reports), reporters)


def _open(kind: str, target: str) -> Select[Report]:
    return select(Report).where(Report.target_kind == kind, Report.target_id == target, Report.handled_at.is_(None))


def _who(reports: Sequence[Report]) -> Select[User]:
    return select(User).where(User.id.in_([report.reporter_id for report in reports if report.reporter_id]))


def decide(session: Session, admin: User, what: Case, action: str, note: str, media: Path) -> None:
    """Do what an admin decided about a case, one of DECISIONS. The caller commits; raises Refused."""
    if action not in DECISIONS:
        raise not_found()
    about = f"{what.kind} {what.id}" + (f" of @{what.person.handle}" if what.person else "")
    session.execute(
        update(Report)
        .where(Report.target_kind == what.kind, Report.target_id == what.id, Report.handled_at.is_(None))
        .values(handled_at=now(), decision=DECISIONS[action])
    )
    if action == "remove":
        _remove(session, what, media)
    elif action == "suspend":
        if what.person is None:
            raise not_found()
        suspend(session, admin, what.person, note)
    elif action == "release":
        thing = what.comment if what.kind == "comment" else what.post
        if thing is None:
            raise not_found()
        release(session, thing)
    log(session, admin.handle, action, about[:80], note)


def _remove(session: Session, what: Case, media: Path) -> None:
    if what.kind == "comment" and what.comment is not None:
        conversation.unsay(session, what.comment)
    elif what.kind == "post" and what.post is not None:
        deletion.delete_post(session, media, what.post)
    else:
        raise not_found()


def suspend(session: Session, admin: User, person: User, note: str) -> None:
    """Nobody sees a person or their posts, and they cannot log in, until it is lifted."""
    if person.id == admin.id:
        raise Refused(409, NOT_YOURSELF)
    if deletion.is_only_admin(session, person):  # two admins suspend one another
        raise Refused(409, LAST_ADMIN)
    person.state = "suspended"
    sessions.end_all(session, person)
    log(session, admin.handle, "suspend", f"@{person.handle}", note)


def act(session: Session, admin: User, person: User, action: str, note: str) -> None:
    """Let a person in who waits, suspend, lift, make or unmake an admin. The caller commits; raises Refused."""
    if action == "suspend":
        suspend(session, admin, person, note)
        return
    if action in ("let in", "lift") and person.state != "active":
        person.state = "active"
    elif action == "make admin":
        person.role, person.state = "admin", "active"
    elif action == "unmake admin":
        if deletion.is_only_admin(session, person):
            raise Refused(409, LAST_ADMIN)
        person.role = "member"
    else:
        raise not_found()
    log(session, admin.handle, action, f"@{person.handle}", note)


def new_password(session: Session, admin: User, person: User) -> str:
    """A new password for somebody who forgot theirs, to be told to them; they are logged out everywhere.

    The caller commits. Raises Refused (409) for admins: they are helped on the command line of the studio's host.
    """
    if person.role == "admin":
        raise Refused(409, NOT_ADMINS)
    fresh = passwords.made_up()
    sessions.set_password(session, person, fresh)
    log(session, admin.handle, "new password", f"@{person.handle}", "")
    return fresh


def turn_away(session: Session, admin: User, person: User, media: Path, note: str) -> None:
    """Do not let in a person who waits: their account is deleted. The caller commits; raises Refused (404)."""
    if person.state != "pending":
        raise not_found()
    log(session, admin.handle, "turn away", "somebody who waited", note)
    deletion.delete_account(session, media, person)


def people(session: Session, state: str = "", text: str = "", most: int = 100) -> Sequence[User]:
    """People by state and by the beginning of their handle, the newest first."""
    query = select(User).order_by(User.created_at.desc()).limit(most)
    if state in accounts.STATES:
        query = query.where(User.state == state)
    elif state in accounts.ROLES:
        query = query.where(User.role == state)
    if text:
        query = query.where(User.handle.startswith(accounts.clean_handle(text), autoescape=True))
    return session.scalars(query).all()
