"""Invitations: which there are, and taking them back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from moodscore.studio.accounts import Invite, User
from moodscore.studio.db import now

SHOWN = 100


@dataclass(frozen=True, slots=True)
class Shown:
    """An invitation, who made it and who came ("" when nobody did, or has left)."""

    invite: Invite
    made_by: str
    used_by: str

    @property
    def open(self) -> bool:
        """Whether it can still be used."""
        return self.invite.used_at is None and self.invite.expires_at > now()


def all_of(session: Session) -> Sequence[Shown]:
    """The invitations, the newest first."""
    found = session.scalars(select(Invite).order_by(Invite.created_at.desc()).limit(SHOWN)).all()
    ids = {i for one in found for i in (one.made_by, one.used_by) if i}
    names = {user.id: user.handle for user in session.scalars(select(User).where(User.id.in_(ids)))}
    return [Shown(one, names.get(one.made_by or "", ""), names.get(one.used_by or "", "")) for one in found]


def revoke(session: Session, invite_id: str) -> bool:
    """Take an invitation back; whether it was there and unused. The caller commits."""
    found = session.get(Invite, invite_id)
    if found is None or found.used_at is not None:
        return False
    session.delete(found)
    return True
