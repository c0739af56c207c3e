"""Without a network nothing asks for one and nothing waits: the main jobs run where every connection is refused."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

HOME = Path(__file__).parent.parent
OFFLINE = Path(__file__).parent / "offline.py"
FACE = HOME / "examples" / "photos" / "03-astronaut-smiling.jpg"
BEE = HOME / "examples" / "photos" / "04-bee-on-an-aster.jpg"


def run(commands, where, **more):
    env = {
        name: value for name, value in os.environ.items() if not name.startswith(("MOODSCORE_", "HF_", "TRANSFORMERS_"))
    }
    env |= {"HTTP_PROXY": "http://192.0.2.1:9", "HTTPS_PROXY": "http://192.0.2.1:9", "HOME": str(where), **more}
    return subprocess.run(
        [sys.executable, str(OFFLINE), json.dumps([[str(word) for word in words] for words in commands])],
        capture_output=True,
        text=True,
        cwd=where,
        env=env,
        check=False,
        timeout=120,
    )


def told(done):
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout.splitlines()[-1])


JOBS = {
    "look": ["look", BEE, "--json"],
    "face": ["face", FACE, "--json"],
    "describe": ["describe", BEE],
    "describe --speak --play": ["describe", BEE, "--speak", "--play", "bee.wav", "--play-seconds", "5"],
    "tune": ["tune", BEE, "--seconds", "3", "-o", "tune.wav", "-q"],
    "tune from the library": ["tune", BEE, "--music", "default", "--seconds", "10", "-o", "picked.wav", "-q"],
    "film": ["film", BEE, FACE, "--seconds", "1", "-o", "film.mp4", "-q"],
    "watch": ["watch", "film.mp4", "-o", "curve.json", "-q"],
    "soundtrack": ["soundtrack", "film.mp4", "-o", "scored.mp4", "-q"],
    "post": ["post", BEE, "--seconds", "5", "--composer", "rules", "-o", "post", "-q"],
    "doctor": ["doctor"],
}


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """The folder where the jobs run, which is also their user's home."""
    return tmp_path_factory.mktemp("offline")


@pytest.fixture(scope="module")
def offline(home):
    """What became of all jobs, run one after the other without a network."""
    return told(run(JOBS.values(), home))


@pytest.mark.parametrize("job", JOBS)
def test_the_job_is_done_without_a_network(offline, job):
    assert offline["codes"][list(JOBS).index(job)] == 0


def test_nobody_asked_for_a_network_and_nobody_waited(offline):
    assert offline["asked"] == []
    assert offline["slept_s"] < 0.5


def test_an_endpoint_that_was_named_is_the_one_thing_asked_and_its_absence_stops_nothing(tmp_path):
    named = {"MOODSCORE_LLM_URL": "http://llm.example:9/v1", "MOODSCORE_LLM_MODEL": "any", "HTTP_PROXY": ""}
    code = (
        f"from pathlib import Path; from moodscore import jobs; told = jobs.describe(Path({str(BEE)!r})); "
        "prompts = jobs.describe_to_prompts(told, jobs.Endpoint.named()); "
        "assert len(prompts.prompts) == 3 and prompts.note, prompts"
    )
    found = told(run([["python", code]], tmp_path, **named))
    assert found["codes"] == [0]
    assert found["asked"]
    assert all("llm.example" in asked for asked in found["asked"])
    assert found["slept_s"] <= 2.0


def test_the_runtime_of_the_models_reports_to_nobody(offline, home):
    """onnxruntime writes an identifier and waiting reports into the home, and sends them, unless it is silenced in time."""
    assert offline["asked"] == []
    assert [
        found for found in home.rglob("*") if "onnxruntime" in found.name.lower() or found.name == "Microsoft"
    ] == []


@pytest.mark.parametrize(
    "code",
    [
        "import socket; socket.create_connection(('192.0.2.1', 9), timeout=5)",
        "import socket; socket.getaddrinfo('example.org', 80)",
        "import socket; socket.gethostbyname('example.org')",
        "import urllib.request; urllib.request.urlopen('http://192.0.2.1:9/', timeout=5)",
    ],
)
def test_what_does_ask_is_caught(code, tmp_path):
    found = told(run([["python", code]], tmp_path))
    assert found["codes"] == [13]
    assert len(found["asked"]) >= 1


@pytest.mark.parametrize(
    "code",
    [
        "import ctypes; ctypes.CDLL(None).socket(2, 1, 0)",
        "import av; av.open('http://192.0.2.1:9/film.mp4', timeout=5)",
    ],
)
def test_what_compiled_code_asks_is_caught(code, tmp_path):
    if not told(run([], tmp_path))["watched"]:
        pytest.skip("this system has no seccomp, so compiled code is not watched")
    assert run([["python", code]], tmp_path).returncode == -signal.SIGSYS
