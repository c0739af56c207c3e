"""An endpoint is asked over real HTTP: it may answer well, slowly, wrongly or not at all, and only captions reach it."""

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from moodscore.affect import Affect
from moodscore.errors import BadValue
from moodscore.jobs.asking import Endpoint
from moodscore.music import prompt
from moodscore.music.prompt_genres import GENRES
from moodscore.reading import Reading
from moodscore.schemes import mood_labels

CAPTIONS = ("A dark picture.", "The photo shows a bee.", "The photo feels peaceful.")
PLACE = Affect(0.3125, -0.1875)
READING = Reading(PLACE, mood_labels(PLACE, 0.3, 0.3), 0.5, "photo-affect@1")
ANSWER = {
    "sentence": "A bee in the dark.",
    "prompts": [{"genre": g, "text": f"Soft {g}.", "keywords": ["bee"]} for g in ("rock", "lo-fi", "ambient")],
}


def completion(text):
    return json.dumps({"choices": [{"message": {"role": "assistant", "content": text}}]}).encode()


GOOD = completion(json.dumps(ANSWER))


class Handler(BaseHTTPRequestHandler):
    """Plays the server's script: one entry (status, headers, body, seconds before each byte) for each request."""

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        server = self.server
        server.asked.append((self.path, dict(self.headers), json.loads(body)))
        status, headers, answer, pause_s = server.script[min(len(server.asked), len(server.script)) - 1]
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        try:
            for at in range(0, len(answer), 1 if pause_s else len(answer) or 1):
                if server.over.wait(pause_s):
                    return
                self.wfile.write(answer[at : at + (1 if pause_s else len(answer))])
        except OSError:
            pass  # the client has left, as it should

    def log_message(self, *_):
        pass


@pytest.fixture
def serve():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.asked, server.over = [], threading.Event()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()

    def script(*entries):
        server.script = entries
        return server

    yield script
    server.over.set()
    server.shutdown()
    thread.join()
    server.server_close()


def ok(body=GOOD, pause_s=0.0):
    return (200, {}, body, pause_s)


def at(server, **changed):
    url = f"http://127.0.0.1:{server.server_port}/v1"
    return Endpoint(**{"url": url, "model": "m", "key": "secret-key", "timeout_s": 5.0, "wait_s": 0.01, **changed})


def written(endpoint):
    return prompt.write(CAPTIONS, READING, ("hidden word",), endpoint)


def stepped_in(found, why):
    assert found.source == "phrase-book@1"
    assert why in found.note
    assert "phrase book wrote the prompts instead" in found.note
    assert "secret-key" not in found.note
    return found.sent == CAPTIONS and found.prompts == prompt.write(CAPTIONS, READING, ("hidden word",)).prompts


def test_a_good_answer_is_taken_and_only_the_captions_left_the_machine(serve):
    server = serve(ok())
    found = written(at(server))
    assert found.source == f"m@127.0.0.1:{server.server_port}"
    assert found.note == ""
    assert found.sentence == "A bee in the dark."
    assert [p.genre for p in found.prompts] == ["rock", "lo-fi", "ambient"]
    (path, headers, body), *more = server.asked
    assert not more
    assert path == "/v1/chat/completions"
    assert headers["Authorization"] == "Bearer secret-key"
    assert set(body) == {"model", "messages", "response_format"}
    assert [m["role"] for m in body["messages"]] == ["system", "user"]
    assert body["messages"][1]["content"] == "\n".join(CAPTIONS)
    sent = json.dumps(body)
    assert not any(word in sent for word in ("hidden word", "0.3125", "-0.1875", "photo-affect", "image", "base64"))


def test_the_schema_is_strict_and_names_every_genre(serve):
    server = serve(ok())
    written(at(server))
    wanted = server.asked[0][2]["response_format"]
    assert wanted["type"] == "json_schema"
    assert wanted["json_schema"]["strict"] is True
    schema = wanted["json_schema"]["schema"]
    row = schema["properties"]["prompts"]["items"]
    for one in (schema, row):
        assert one["additionalProperties"] is False
        assert sorted(one["required"]) == sorted(one["properties"])
    assert row["properties"]["genre"]["enum"] == [g.name for g in GENRES]


def test_prose_around_the_json_is_passed_over(serve):
    text = f"Of course! Here you are:\n```json\n{json.dumps(ANSWER)}\n```\nEnjoy."
    assert written(at(serve(ok(completion(text))))).sentence == "A bee in the dark."


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (completion("I'd rather not."), "found none"),
        (completion(json.dumps({**ANSWER, "prompts": ANSWER["prompts"][:2]})), "three prompts"),
        (b"<html>", "not a chat completion"),
        (b'{"choices": []}', "not a chat completion"),
        (b'{"choices": [{"message": {"content": null}}]}', "no text"),
        (b"[" * 100000, "not a chat completion"),
        (b" " * (1 << 20) + GOOD, "larger than 1 MiB"),
    ],
)
def test_wrong_answers_are_asked_for_again_twice_and_then_the_phrase_book_writes(serve, body, why):
    server = serve(ok(body))
    assert stepped_in(written(at(server)), why)
    assert len(server.asked) == 3


@pytest.mark.parametrize("status", [429, 500, 502, 503])
def test_a_busy_or_broken_endpoint_gets_two_more_chances(serve, status):
    server = serve((status, {}, b"{}", 0.0), (status, {}, b"{}", 0.0), ok())
    assert written(at(server)).note == ""
    assert len(server.asked) == 3
    server.asked.clear()
    serve((status, {}, b"{}", 0.0))
    assert stepped_in(written(at(server)), f"in 3 tries (HTTP {status})")
    assert len(server.asked) == 3


def test_the_wait_that_a_busy_endpoint_asks_for_is_kept(serve):
    server = serve((429, {"Retry-After": "1"}, b"", 0.0), ok())
    start = time.monotonic()
    assert written(at(server)).note == ""
    assert time.monotonic() - start >= 1.0


@pytest.mark.parametrize("status", [401, 403, 404])
def test_what_another_try_cannot_mend_is_not_tried_again(serve, status):
    server = serve((status, {}, b"{}", 0.0))
    assert stepped_in(written(at(server)), f"in 1 try (HTTP {status})")
    assert len(server.asked) == 1


def test_a_redirect_is_not_followed_as_it_would_carry_the_key_elsewhere(serve):
    server = serve((307, {"Location": "/elsewhere"}, b"", 0.0))
    assert stepped_in(written(at(server)), "HTTP 307")
    assert [path for path, _, _ in server.asked] == ["/v1/chat/completions"]


def test_an_endpoint_without_schemas_is_asked_in_words(serve):
    server = serve((400, {}, b'{"error": "response_format"}', 0.0), ok())
    assert written(at(server)).note == ""
    assert "response_format" not in server.asked[1][2]
    assert '"additionalProperties": false' in server.asked[1][2]["messages"][0]["content"]


@pytest.mark.parametrize("pause_s", [3.0, 0.05])  # silent for long, and one byte after the other
def test_a_slow_endpoint_is_left_after_the_time_it_has(serve, pause_s):
    server = serve(ok(pause_s=pause_s))
    start = time.monotonic()
    assert stepped_in(written(at(server, timeout_s=0.3, retries=1)), "no reply within 0.3 s")
    assert time.monotonic() - start < 2.5
    assert len(server.asked) == 2


def test_nobody_at_the_address(serve):
    server = serve(ok())
    free = server.server_port
    server.server_close()
    found = written(Endpoint(f"http://127.0.0.1:{free}/v1", "m", wait_s=0.0, timeout_s=2.0))
    assert stepped_in(found, "cannot be reached")


def test_without_a_url_in_the_environment_nobody_is_asked():
    assert Endpoint.named({}) is None
    assert Endpoint.named({"MOODSCORE_LLM_URL": " ", "MOODSCORE_LLM_MODEL": "m"}) is None
    found = Endpoint.named({"MOODSCORE_LLM_URL": "http://localhost:1/v1", "MOODSCORE_LLM_MODEL": "m"})
    assert found == Endpoint("http://localhost:1/v1", "m")
    assert found.name == "m@localhost:1"


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"url": "file:///etc/passwd", "model": "m"}, "expected an address"),
        ({"url": "localhost:11434", "model": "m"}, "expected an address"),
        ({"url": "http://localhost/v1", "model": ""}, "expected the name of a model"),
        ({"url": "http://example.org/v1", "model": "m", "key": "k"}, "expected https"),
        ({"url": "https://name:pass@example.org/v1", "model": "m"}, "no name and password"),
    ],
)
def test_an_address_that_would_not_do_is_refused_at_once(given, why):
    with pytest.raises(BadValue, match=why):
        Endpoint(**given)


def test_the_key_is_never_shown():
    assert "secret" not in repr(Endpoint("https://example.org/v1", "m", "secret"))
