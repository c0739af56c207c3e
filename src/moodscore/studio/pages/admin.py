"""The admins' rooms: reports, people who wait to be let in, invitations, the audit log."""

from __future__ import annotations

from fastapi import APIRouter

router = APIRouter()
