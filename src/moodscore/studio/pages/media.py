"""Media files of posts, with ranges, for those who may see the post."""

from __future__ import annotations

from fastapi import APIRouter

router = APIRouter()
