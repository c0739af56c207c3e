"""Notifications."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from moodscore.studio.here import Present
from moodscore.studio.notifications import mark_read
from moodscore.studio.pages.feeds import Before
from moodscore.studio.permissions import account_of
from moodscore.studio.told import told

router = APIRouter()


@router.get("/notifications")
def notifications(here: Present, before: Before = "") -> Response:
    """What happened to one's posts and followers, the latest first."""
    groups, after = told(here.session, here.viewer, before)
    return here.page("notifications.html", groups=groups, next=after)


@router.post("/notifications/read")
def read(here: Present) -> Response:
    """Everything until now was read."""
    mark_read(account_of(here.viewer))
    here.session.commit()
    return here.done("/notifications", unread=0)
