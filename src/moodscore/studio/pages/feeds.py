"""Feeds: home, everybody, a place on the plane, a tag, bookmarks."""

from __future__ import annotations

from fastapi import APIRouter

router = APIRouter()
