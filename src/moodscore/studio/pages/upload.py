"""Uploading a photo, a clip or photos for a film, and the live progress of what a worker does with it."""

from __future__ import annotations

from fastapi import APIRouter

router = APIRouter()
