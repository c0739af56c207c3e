"""Settings of a studio: where it keeps its things, who may sign up, and what it refuses."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from urllib.parse import urlsplit

from moodscore.errors import BadValue

PREFIX = "MOODSCORE_STUDIO_"
SIGN_UPS = ("open", "approval", "invite")
LANGUAGES = ("en", "ko")
MEBIBYTE = 1024 * 1024
SERVERS, POSTGRESQL = ("postgres", "postgresql"), "postgresql+psycopg"


def default_folder() -> Path:
    """Where a studio lives unless told otherwise: a folder for the user's data."""
    home = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(home) / "moodscore" / "studio"


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything a host may decide. Each field can be set by MOODSCORE_STUDIO_<FIELD>, sizes in bytes, times in seconds.

    Raises BadValue for a value that makes no sense, naming the setting.
    """

    folder: Path = field(default_factory=default_folder)
    database_url: str = ""
    base_url: str = "http://127.0.0.1:8421"
    name: str = "moodscore studio"
    contact: str = ""
    sign_up: str = "open"
    language: str = "en"
    photo_bytes: int = 50 * MEBIBYTE
    clip_bytes: int = 250 * MEBIBYTE
    film_photos: int = 32
    keep_free_bytes: int = 512 * MEBIBYTE
    tune_seconds: float = 30.0
    visitor_hours: float = 24.0
    session_days: float = 30.0
    jobs_at_once: int = 1
    feed_seconds: float = 2.0
    rate_limits: bool = True
    trusted_proxies: str = ""

    def __post_init__(self) -> None:
        if self.sign_up not in SIGN_UPS:
            raise BadValue(f"{PREFIX}SIGN_UP: expected one of {', '.join(SIGN_UPS)}, got {self.sign_up!r}")
        if self.language not in LANGUAGES:
            raise BadValue(f"{PREFIX}LANGUAGE: expected one of {', '.join(LANGUAGES)}, got {self.language!r}")
        if urlsplit(self.base_url).scheme not in ("http", "https") or not urlsplit(self.base_url).netloc:
            raise BadValue(f"{PREFIX}BASE_URL: expected a web address like https://example.org, got {self.base_url!r}")
        kind = self.database_url.partition("://")[0]
        if kind not in ("", "sqlite", *SERVERS, POSTGRESQL):
            raise BadValue(f"{PREFIX}DATABASE_URL: expected postgresql://user:password@host/name, got {kind[:20]!r}")
        if not 0 <= self.feed_seconds <= 60:
            raise BadValue(f"{PREFIX}FEED_SECONDS: expected 0 to 60 seconds, got {self.feed_seconds}")
        if self.jobs_at_once < 1:
            raise BadValue(f"{PREFIX}JOBS_AT_ONCE: expected 1 or more, got {self.jobs_at_once}")

    @property
    def secure(self) -> bool:
        """Whether people come by https; cookies are then `__Host-` and Secure."""
        return urlsplit(self.base_url).scheme == "https"

    @property
    def origin(self) -> str:
        """Scheme and host of the studio, without a path."""
        parts = urlsplit(self.base_url)
        return f"{parts.scheme}://{parts.netloc}"

    @property
    def database(self) -> str:
        """The address of the database: SQLite in the folder unless another is named."""
        return self._server or f"sqlite:///{self.folder / 'studio.sqlite'}"

    @property
    def jobs_database(self) -> str:
        """The address of the durable jobs' database: SQLite in the folder, or beside the studio's own on a server."""
        return self._server or f"sqlite:///{self.folder / 'jobs.sqlite'}"

    @property
    def _server(self) -> str:
        """The address of another database as SQLAlchemy knows it: with the name of the driver."""
        scheme, mark, rest = self.database_url.partition("://")
        return f"{POSTGRESQL}{mark}{rest}" if scheme in SERVERS else self.database_url

    @property
    def media(self) -> Path:
        """Where files are stored by their hash."""
        return self.folder / "media"

    @property
    def incoming(self) -> Path:
        """Where uploads wait until they were looked at."""
        return self.folder / "incoming"


def from_environment(environ: Mapping[str, str] | None = None, **given: object) -> Settings:
    """Settings from MOODSCORE_STUDIO_* variables; what is `given` and not None wins. Raises BadValue."""
    told = os.environ if environ is None else environ
    values = {name: _read(name, told[PREFIX + name.upper()]) for name in _KINDS if PREFIX + name.upper() in told}
    return Settings(**{**values, **{name: value for name, value in given.items() if value is not None}})  # type: ignore[arg-type]


_KINDS = {f.name: str(f.type) for f in fields(Settings)}


def _read(name: str, text: str) -> object:
    kind = _KINDS[name]
    try:
        if kind == "bool":
            return {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}[text.strip().lower()]
        return {"int": int, "float": float, "Path": Path}.get(kind, str)(text)
    except (KeyError, ValueError):
        raise BadValue(f"{PREFIX}{name.upper()}: expected a {kind}, got {text!r}") from None
