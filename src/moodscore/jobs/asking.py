"""Asking: a language model at an OpenAI-compatible endpoint, when the user has named one.

This is the one place that opens a connection. Only the three captions and the task leave the machine, never the photo, its
name or its reading. The endpoint is named by MOODSCORE_LLM_URL (such as http://localhost:11434/v1), MOODSCORE_LLM_MODEL and,
where needed, MOODSCORE_LLM_KEY.
"""

from __future__ import annotations

import http.client
import json
import os
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from moodscore.errors import BadValue, NoAnswer
from moodscore.music.prompt import Answer, Question

URL, MODEL, KEY = "MOODSCORE_LLM_URL", "MOODSCORE_LLM_MODEL", "MOODSCORE_LLM_KEY"
MOST_BYTES = 1 << 20
LONGEST_WAIT_S = 5.0  # between two tries, whatever the endpoint asks for
_LOCAL = ("localhost", "127.0.0.1", "::1")
_HOPELESS = (401, 403, 404)  # another try would get the same


class _Refused(Exception):
    """One try failed: why, whether another may help, and the seconds the endpoint asked to wait."""

    def __init__(self, why: str, again: bool = True, wait_s: float | None = None, plain: bool = False) -> None:
        super().__init__(why)
        self.again, self.wait_s, self.plain = again, wait_s, plain


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A redirect would carry key and captions to a host that the user did not name."""

    def redirect_request(self, *_: object) -> None:
        return None


@dataclass(frozen=True)
class Endpoint:
    """An OpenAI-compatible endpoint: its URL up to /v1, a model, a key or "", seconds for each try, and further tries.

    `wait_s` is the pause before the second try, doubled for the third. Raises BadValue for a URL that is not http or https,
    and for a key that would travel unencrypted to another machine.
    """

    url: str
    model: str
    key: str = field(default="", repr=False)
    timeout_s: float = 15.0
    retries: int = 2
    wait_s: float = 0.5

    def __post_init__(self) -> None:
        parts = urllib.parse.urlsplit(self.url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise BadValue(f"{URL}: expected an address such as http://localhost:11434/v1, got {self.url!r}")
        if parts.username or parts.password:
            raise BadValue(f"{URL}: expected no name and password in the address; give the key as {KEY}")
        if not self.model:
            raise BadValue(f"{MODEL}: expected the name of a model at {parts.hostname}, got none")
        if self.key and parts.scheme == "http" and parts.hostname not in _LOCAL:
            raise BadValue(f"{URL}: expected https, as {KEY} would travel unencrypted to {parts.hostname}")

    @classmethod
    def named(cls, environ: Mapping[str, str] | None = None) -> Endpoint | None:
        """The endpoint that the environment names, or None when MOODSCORE_LLM_URL is not set."""
        given = os.environ if environ is None else environ
        url = given.get(URL, "").strip()
        return cls(url, given.get(MODEL, "").strip(), given.get(KEY, "").strip()) if url else None

    @property
    def host(self) -> str:
        """The host, and the port if one is named."""
        return urllib.parse.urlsplit(self.url).netloc

    @property
    def name(self) -> str:
        """The model and where it is, as model@host."""
        return f"{self.model}@{self.host}"

    def answer(self, question: Question, read: Callable[[str], Answer]) -> Answer:
        """Ask at most 1 + `retries` times until `read` accepts; raises NoAnswer, saying why the last try failed."""
        plain, why, tries = False, "", 0
        for tries in range(1, self.retries + 2):
            try:
                return read(self._say(question, plain))
            except NoAnswer as error:
                refused = _Refused(str(error))
            except _Refused as error:
                refused = error
            why, plain = str(refused), plain or refused.plain
            if not refused.again:
                break
            if tries <= self.retries:
                pause = self.wait_s * 2 ** (tries - 1) if refused.wait_s is None else refused.wait_s
                time.sleep(min(LONGEST_WAIT_S, max(0.0, pause)))
        count = "1 try" if tries == 1 else f"{tries} tries"
        raise NoAnswer(f"{self.host} gave no usable answer in {count} ({why})")

    def _say(self, question: Question, plain: bool) -> str:
        """One try: what the model said; `plain` leaves out the schema option, which some endpoints do not know."""
        task = question.task + json.dumps(question.schema)
        captions = "\n".join(question.captions)
        messages = [{"role": "system", "content": task}, {"role": "user", "content": captions}]
        body: dict[str, Any] = {"model": self.model, "messages": messages}
        if not plain:
            schema = {"name": "prompts", "strict": True, "schema": question.schema}
            body["response_format"] = {"type": "json_schema", "json_schema": schema}
        try:
            said = json.loads(self._post(json.dumps(body).encode()))["choices"][0]["message"]["content"]
        except (ValueError, LookupError, TypeError, RecursionError) as error:
            raise _Refused("its reply is not a chat completion") from error
        if not isinstance(said, str):
            raise _Refused("its reply holds no text")
        return said

    def _post(self, body: bytes) -> bytes:
        """Send and receive within `timeout_s`, however slowly the bytes come."""
        base = self.url.rstrip("/")
        url = base if base.endswith("/chat/completions") else f"{base}/chat/completions"
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        if self.key:
            headers["Authorization"] = f"Bearer {self.key}"
        end = time.monotonic() + self.timeout_s
        opener = urllib.request.build_opener(_NoRedirect)
        try:
            with opener.open(urllib.request.Request(url, body, headers), timeout=self.timeout_s) as reply:
                return self._received(reply, end)
        except urllib.error.HTTPError as error:
            with error:
                raise _refusal(error) from error
        except TimeoutError as error:
            raise _Refused(f"no reply within {self.timeout_s:g} s") from error
        except urllib.error.URLError as error:
            slow = isinstance(error.reason, TimeoutError)
            why = f"no reply within {self.timeout_s:g} s" if slow else "cannot be reached"
            raise _Refused(why) from error
        except (OSError, http.client.HTTPException) as error:
            raise _Refused("the connection broke") from error

    def _received(self, reply: http.client.HTTPResponse, end: float) -> bytes:
        found = bytearray()
        while chunk := reply.read1(65536):
            found += chunk
            if len(found) > MOST_BYTES:
                raise _Refused("its reply is larger than 1 MiB")
            if time.monotonic() > end:
                raise TimeoutError
        return bytes(found)


def _refusal(error: urllib.error.HTTPError) -> _Refused:
    """An HTTP status as a reason: what to try again, how long to wait, and whether the schema option was not understood."""
    asked = (error.headers.get("Retry-After") or "").strip()
    wait_s = float(asked) if asked.isascii() and asked.isdigit() else None
    again = error.code not in _HOPELESS and not 300 <= error.code < 400
    return _Refused(f"HTTP {error.code}", again, wait_s, plain=error.code in (400, 422))
