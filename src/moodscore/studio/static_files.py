"""Static files: served with the time browsers may keep them."""

from __future__ import annotations

import os

from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

FOR_EVER = "public, max-age=31536000, immutable"
ASK_AGAIN = "no-cache"


class Static(StaticFiles):
    """A folder of files; those asked for with their version (`?v=`) are kept for ever."""

    def file_response(
        self, full_path: str | os.PathLike[str], stat_result: os.stat_result, scope: Scope, status_code: int = 200
    ) -> Response:
        """Answer with a file."""
        kept = FOR_EVER if b"v=" in scope["query_string"] else ASK_AGAIN
        response = super().file_response(full_path, stat_result, scope, status_code)
        response.headers["cache-control"] = kept
        return response
