"""Sessions: who is logged in where, and how that ends."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from moodscore.studio import passwords
from moodscore.studio.accounts import LoginSession, User, by_handle
from moodscore.studio.cookies import digest, new_token
from moodscore.studio.db import now


def who(session: Session, handle: str, password: str) -> User | None:
    """The person with this handle and password, else None; takes as long for a handle that nobody has.

    A suspended person is nobody. Ends the transaction, so that nobody waits while a password is hashed.
    """
    user = by_handle(session, handle)
    session.commit()
    if not passwords.matches(password, user.password_hash if user else None):
        return None
    return user if user is not None and user.state != "suspended" else None


def start(session: Session, user: User, agent: str, days: float) -> str:
    """Log somebody in and give the token of their new session; sessions that are over are cleared away."""
    token = new_token()
    session.execute(
        delete(LoginSession).where(LoginSession.user_id == user.id, LoginSession.seen_at < now() - days * 86400)
    )
    session.add(LoginSession(id=digest(token), user_id=user.id, agent=agent[:200]))
    return token


def of(session: Session, user: User, days: float) -> Sequence[LoginSession]:
    """Where somebody is logged in, the latest first."""
    alive = (LoginSession.user_id == user.id, LoginSession.seen_at > now() - days * 86400)
    return session.scalars(select(LoginSession).where(*alive).order_by(LoginSession.seen_at.desc())).all()


def end(session: Session, user: User, session_id: str) -> None:
    """End one session of somebody's own."""
    session.execute(delete(LoginSession).where(LoginSession.user_id == user.id, LoginSession.id == session_id))


def end_all(session: Session, user: User, but: str = "") -> None:
    """End every session of somebody, but perhaps the one with the id `but`."""
    session.execute(delete(LoginSession).where(LoginSession.user_id == user.id, LoginSession.id != but))


def set_password(session: Session, user: User, password: str, but: str = "") -> None:
    """Store another password and end every session, but perhaps one."""
    stored = passwords.hashed(password)
    session.execute(update(User).where(User.id == user.id).values(password_hash=stored))
    end_all(session, user, but)
