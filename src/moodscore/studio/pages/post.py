"""A post: seeing, choosing its tune, editing, publishing, downloading, deleting, remixing."""

from __future__ import annotations

from fastapi import APIRouter

router = APIRouter()
