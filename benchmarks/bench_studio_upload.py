"""Uploads to the studio: how soon the first tune can be heard, and what fifty uploads at once do to it.

A studio as `moodscore studio` runs it: one web process and one worker, which is warm. "First tune" is the time from sending
a photo of 12 megapixels to the moment its first tune was fetched, asked for every 20 ms; the median of several, one after
the other. Then fifty photos are sent by fifty connections at once, with tunes of 10 s, while the public feed is asked for
all the time; memory is the most that each process ever held. The worker's decoding children are not counted.

    python benchmarks/bench_studio_upload.py                 prints the table alone; --many 10 for a quick look
"""

from __future__ import annotations

import argparse
import http.cookiejar
import io
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from bench_studio_feed import answering, free_port

ONES, MANY, WAIT_S = 9, 50, 1800.0


def photo(seed: int, size: tuple[int, int] = (4000, 3000)) -> bytes:
    """A photo as a telephone sends it: 12 megapixels of a soft picture with the noise of a sensor."""
    import numpy as np
    from PIL import Image

    rng = np.random.default_rng(seed)
    soft = Image.fromarray(rng.integers(0, 255, (9, 12, 3), dtype=np.uint8)).resize(size, Image.Resampling.BICUBIC)
    grain = rng.normal(0, 6, (size[1], size[0], 1)).astype(np.int16)
    out = io.BytesIO()
    pixels = np.clip(np.asarray(soft, np.int16) + grain, 0, 255).astype(np.uint8)
    Image.fromarray(pixels).save(out, format="JPEG", quality=90)
    return out.getvalue()


class Browser:
    """A visitor's browser: keeps its cookie and the token of its forms."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))
        self.token = re.search(rb'name="csrf" content="(\w+)"', self.get("/upload"))[1].decode()

    def get(self, path: str) -> bytes:
        with self.opener.open(self.url + path, timeout=120) as answer:
            return answer.read()

    def send(self, data: bytes, seconds: str = "") -> str:
        """Upload a photo; gives the post's id."""
        edge = "edge-of-a-part"
        fields = {"csrf": self.token, "kind": "photo", "seconds": seconds}
        body = b"".join(
            f'--{edge}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
            for name, value in fields.items()
        )
        body += f'--{edge}\r\nContent-Disposition: form-data; name="files"; filename="a.jpg"\r\n\r\n'.encode()
        body += data + f"\r\n--{edge}--\r\n".encode()
        headers = {"content-type": f"multipart/form-data; boundary={edge}", "accept": "application/json"}
        asked = urllib.request.Request(self.url + "/upload", body, {**headers, "x-csrf-token": self.token})
        with self.opener.open(asked, timeout=600) as answer:
            return json.loads(answer.read())["id"]

    def state(self, post: str) -> dict:
        return json.loads(self.get(f"/p/{post}/state"))


@contextmanager
def studio(folder: Path) -> Iterator[tuple[str, int, int]]:
    """A running studio; gives its address and the process ids of web and worker, once the worker is warm."""
    port = free_port()
    verb = [sys.executable, "-m", "moodscore", "studio"]
    told = {**os.environ, "MOODSCORE_STUDIO_RATE_LIMITS": "no"}
    log = folder.parent / "worker.log"
    with log.open("w") as said:
        web = subprocess.Popen([*verb, "web", "--folder", str(folder), "--port", str(port)], env=told, stderr=said)
        worker = subprocess.Popen([*verb, "worker", "--folder", str(folder)], env=told, stderr=said)
        try:
            url = answering(f"http://127.0.0.1:{port}/upload").removesuffix("/upload")
            while " works" not in log.read_text():
                time.sleep(0.2)
            yield url, web.pid, worker.pid
        finally:
            for process in (worker, web):
                process.terminate()
                process.wait(30)


def most_mb(pid: int) -> float:
    """The most memory that a process ever held."""
    return int(re.search(r"VmHWM:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())[1]) / 1024


def first_tune_s(browser: Browser, seed: int) -> float:
    """Seconds from sending a photo to having the first bytes of a tune."""
    data = photo(seed)
    began = time.perf_counter()
    post = browser.send(data)
    while not (tunes := browser.state(post)["tunes"]):
        time.sleep(0.02)
    browser.get(f"/m/{post}/tune/{tunes[0]}.m4a")
    took_s = time.perf_counter() - began
    wait(browser, post)
    return took_s


def wait(browser: Browser, post: str) -> str:
    """How a post ended: ready or failed."""
    end = time.perf_counter() + WAIT_S
    while time.perf_counter() < end:
        state = browser.state(post)["state"]
        if state not in ("waiting", "working"):
            return state
        time.sleep(0.5)
    return "late"


def feed_times_ms(url: str, stop: threading.Event) -> list[float]:
    times: list[float] = []
    while not stop.is_set():
        began = time.perf_counter()
        with urllib.request.urlopen(url + "/public", timeout=120) as answer:
            answer.read()
        times.append(1000 * (time.perf_counter() - began))
        time.sleep(0.05)
    return times


def at_once(url: str, count: int) -> dict:
    """Send many photos at once; says how they ended, how long it took, and how the feed fared meanwhile."""
    photos = [photo(100 + k) for k in range(count)]
    browsers = [Browser(url) for _ in photos]
    stop = threading.Event()
    began = time.perf_counter()
    with ThreadPoolExecutor(count + 1) as pool:
        feed = pool.submit(feed_times_ms, url, stop)
        posts = list(pool.map(lambda pair: pair[0].send(pair[1], "10"), zip(browsers, photos, strict=True)))
        taken_s = time.perf_counter() - began
        ends = [wait(browser, post) for browser, post in zip(browsers, posts, strict=True)]
        done_s = time.perf_counter() - began
        stop.set()
    times = sorted(feed.result())
    return {"ends": ends, "taken_s": taken_s, "done_s": done_s, "feed_p99_ms": times[int(0.99 * (len(times) - 1))]}


def run(ones: int = ONES, many: int = MANY) -> str:
    """Start a studio, upload to it, and give the table."""
    with tempfile.TemporaryDirectory() as temporary, studio(Path(temporary) / "studio") as (url, web, worker):
        browser = Browser(url)
        first_tune_s(browser, 0)
        took = [first_tune_s(browser, 1 + k) for k in range(ones)]
        told = at_once(url, many)
        memory = most_mb(web), most_mb(worker)
    ready = told["ends"].count("ready")
    return "\n".join(
        (
            "| what | measured |",
            "|---|---|",
            f"| first tune after a 12 MP photo, median of {ones} | {statistics.median(took):.2f} s |",
            f"| the slowest of them | {max(took):.2f} s |",
            f"| {many} photos at once: ready | {ready} of {many} |",
            f"| all of them taken in after | {told['taken_s']:.1f} s |",
            f"| all of them ready, with four tunes each, after | {told['done_s']:.0f} s |",
            f"| the public feed meanwhile, p99 | {told['feed_p99_ms']:.0f} ms |",
            f"| most memory, web process | {memory[0]:.0f} MB |",
            f"| most memory, worker | {memory[1]:.0f} MB |",
        )
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--ones", type=int, default=ONES)
    parser.add_argument("--many", type=int, default=MANY)
    given = parser.parse_args()
    print(run(given.ones, given.many))
