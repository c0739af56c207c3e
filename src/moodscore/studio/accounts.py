"""Accounts: the people of a studio, their sessions and invitations."""

from __future__ import annotations

from sqlalchemy import ForeignKey, String, Text, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from moodscore.studio.db import Base, new_id, now

ROLES = ("member", "admin")
STATES = ("active", "pending", "suspended")


class User(Base):
    """A person: `handle` is lower case and unique; `approves` means followers must be let in."""

    __tablename__ = "users"
    id: Mapped[str] = mapped_column(String(26), primary_key=True, default=new_id)
    handle: Mapped[str] = mapped_column(String(30), unique=True)
    name: Mapped[str] = mapped_column(String(60), default="")
    bio: Mapped[str] = mapped_column(Text, default="")
    password_hash: Mapped[str] = mapped_column(String(200))
    role: Mapped[str] = mapped_column(String(10), default="member")
    state: Mapped[str] = mapped_column(String(10), default="active", index=True)
    approves: Mapped[bool] = mapped_column(default=False)
    language: Mapped[str] = mapped_column(String(5), default="")
    visibility: Mapped[str] = mapped_column(String(10), default="public")
    avatar: Mapped[str | None] = mapped_column(String(64), default=None)
    created_at: Mapped[float] = mapped_column(default=now)
    notified_until: Mapped[float] = mapped_column(default=0.0)

    @property
    def shown(self) -> str:
        """The name people see."""
        return self.name or self.handle


class LoginSession(Base):
    """Somebody is logged in somewhere: `id` is the SHA-256 of the token in their cookie, which is stored nowhere."""

    __tablename__ = "login_sessions"
    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    agent: Mapped[str] = mapped_column(String(200), default="")
    created_at: Mapped[float] = mapped_column(default=now)
    seen_at: Mapped[float] = mapped_column(default=now)


class Invite(Base):
    """An invitation: `id` is the SHA-256 of the code, which is shown once to whoever made it."""

    __tablename__ = "invites"
    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    made_by: Mapped[str | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"), default=None)
    note: Mapped[str] = mapped_column(String(100), default="")
    used_by: Mapped[str | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"), default=None)
    used_at: Mapped[float | None] = mapped_column(default=None)
    created_at: Mapped[float] = mapped_column(default=now)
    expires_at: Mapped[float]


def by_handle(session: Session, handle: str) -> User | None:
    """The person with a handle, in whatever state."""
    return session.scalar(select(User).where(User.handle == clean_handle(handle)))


def clean_handle(text: str) -> str:
    """A handle as somebody types it, as it is stored: without its sign, lower case."""
    return text.strip().removeprefix("@").lower()
