"""Reports, and the log of what admins did about them."""

from __future__ import annotations

from sqlalchemy import Connection, ForeignKey, String, Text, event, select
from sqlalchemy.orm import Mapped, Mapper, Session, mapped_column

from moodscore.studio.cursors import newest_first
from moodscore.studio.db import Base, new_id, now

ENTRIES = 50
TARGETS = ("post", "comment", "user")


class Report(Base):
    """Somebody tells the admins about a post, a comment or a person; `handled_at` is None until one has decided."""

    __tablename__ = "reports"
    id: Mapped[str] = mapped_column(String(26), primary_key=True, default=new_id)
    reporter_id: Mapped[str | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"), default=None)
    target_kind: Mapped[str] = mapped_column(String(10))
    target_id: Mapped[str] = mapped_column(String(26), index=True)
    reason: Mapped[str] = mapped_column(String(20))
    text: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[float] = mapped_column(default=now)
    handled_at: Mapped[float | None] = mapped_column(default=None, index=True)
    decision: Mapped[str] = mapped_column(String(20), default="")


class AuditEntry(Base):
    """What an admin did, to whom or what, and why; entries are never changed or removed by the studio."""

    __tablename__ = "audit_log"
    id: Mapped[str] = mapped_column(String(26), primary_key=True, default=new_id)
    actor: Mapped[str] = mapped_column(String(30))
    action: Mapped[str] = mapped_column(String(30))
    target: Mapped[str] = mapped_column(String(80))
    note: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[float] = mapped_column(default=now)


def log(session: Session, actor: str, action: str, target: str, note: str) -> None:
    """Write down what was done, by the handle `actor` ("" when nobody need be named); the caller commits."""
    session.add(AuditEntry(actor=actor, action=action, target=target, note=note))


def entries(session: Session, before: str = "") -> tuple[list[AuditEntry], str | None]:
    """A page of the log, newest first, and the cursor of the page after it. Raises Refused (404)."""
    query = select(AuditEntry, AuditEntry.created_at, AuditEntry.id)
    rows, after = newest_first(session, query, (AuditEntry.created_at, AuditEntry.id), before, ENTRIES)
    return [row[0] for row in rows], after


def _never(mapper: Mapper[AuditEntry], connection: Connection, entry: AuditEntry) -> None:
    raise AssertionError("the audit log is only ever added to")


for _when in ("before_update", "before_delete"):
    event.listen(AuditEntry, _when, _never)
