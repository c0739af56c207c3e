"""What makes the site an app: manifest, service worker, offline page, about pages, the language switch."""

from __future__ import annotations

from fastapi import APIRouter

router = APIRouter()
