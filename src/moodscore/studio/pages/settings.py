"""One's own settings: profile, password, sessions, filtered words, export, deletion."""

from __future__ import annotations

from fastapi import APIRouter

router = APIRouter()
