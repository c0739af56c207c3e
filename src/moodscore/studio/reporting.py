"""Reporting: telling the admins about a post, a comment or a person."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from moodscore.studio.accounts import User
from moodscore.studio.db import alone
from moodscore.studio.notifications import tell
from moodscore.studio.prose import clean
from moodscore.studio.refusals import N_, Refused
from moodscore.studio.reports import TARGETS, Report

REASONS = {
    "spam": N_("Spam or advertising"),
    "harassment": N_("Insults or harassment"),
    "hate": N_("Hate against people"),
    "violence": N_("Violence or cruelty"),
    "nudity": N_("Nudity or sexual content"),
    "self_harm": N_("Somebody may harm themselves"),
    "rights": N_("Somebody else's picture or music"),
    "other": N_("Something else"),
}
LONGEST, ONE_AT_A_TIME = 1000, 8425
WHICH_REASON = N_("Please say what is wrong with it.")


def report(session: Session, reporter: User, kind: str, target_id: str, reason: str, text: str = "") -> Report:
    """Put a report into the admins' queue and tell them; one person has one open report about one thing.

    `kind` is one of `TARGETS`. Raises Refused (422) for a reason that is none of `REASONS`.
    """
    assert kind in TARGETS
    if reason not in REASONS:
        raise Refused(422, WHICH_REASON, "reason")
    alone(session, ONE_AT_A_TIME)  # or somebody who presses twice reports twice
    mine = Report.reporter_id == reporter.id, Report.target_kind == kind, Report.target_id == target_id
    found = session.scalar(select(Report).where(*mine, Report.handled_at.is_(None)))
    if found is not None:
        return found
    made = Report(
        reporter_id=reporter.id, target_kind=kind, target_id=target_id, reason=reason, text=clean(text)[:LONGEST]
    )
    session.add(made)
    for admin in session.scalars(select(User).where(User.role == "admin", User.state == "active")):
        tell(session, admin.id, "report")
    return made
