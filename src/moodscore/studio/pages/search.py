"""Search for people, captions, tags and moods."""

from __future__ import annotations

from fastapi import APIRouter

router = APIRouter()
