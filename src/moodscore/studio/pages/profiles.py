"""Profiles: bio, posts, plane, followers, follow, block, mute."""

from __future__ import annotations

from fastapi import APIRouter

router = APIRouter()
