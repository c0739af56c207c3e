"""For other sites and readers: embed, oEmbed, RSS."""

from __future__ import annotations

from fastapi import APIRouter

router = APIRouter()
