"""Load a web server from a process of its own: so many connections that each ask again as soon as they were answered.

    python benchmarks/load_web.py URL --connections 16 --seconds 5 [--warm 1] [--cookie C] [--paths FILE]

Prints JSON: requests/s, p50, p99 and the longest answer in ms, statuses, bytes of an answer.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import random
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit


class Asker(asyncio.Protocol):
    """One connection: sends a request, waits for the whole answer, notes how long it took, sends the next."""

    def __init__(self, requests: itertools.cycle, until_s: float, notes: list, done: asyncio.Future) -> None:
        self.requests, self.until_s, self.notes, self.done = requests, until_s, notes, done
        self.head, self.left, self.began_s, self.size, self.status = b"", -1, 0.0, 0, 0

    def connection_made(self, transport) -> None:
        self.transport = transport
        self.ask()

    def ask(self) -> None:
        self.began_s = time.perf_counter()
        if self.began_s > self.until_s:
            self.transport.close()
            return
        self.head, self.left = b"", -1
        self.transport.write(next(self.requests))

    def data_received(self, data: bytes) -> None:
        if self.left < 0:
            self.head += data
            head, found, body = self.head.partition(b"\r\n\r\n")
            if not found:
                return
            lower = head.lower()
            self.status = int(head[9:12])
            at = lower.index(b"content-length:") + 15
            self.size = int(lower[at : (lower + b"\r\n").index(b"\r\n", at)])
            self.left = self.size - len(body)
        else:
            self.left -= len(data)
        if self.left == 0:
            self.notes.append((time.perf_counter() - self.began_s, self.status, self.size))
            self.ask()

    def connection_lost(self, error) -> None:
        if not self.done.done():
            self.done.set_result(error)


async def load(url: str, paths: list[str], connections: int, seconds: float, cookie: str) -> list:
    parts = urlsplit(url)
    head = f"Host: {parts.netloc}\r\nAccept: text/html\r\nCookie: {cookie}\r\n\r\n"
    loop, notes, ends = asyncio.get_running_loop(), [], []
    for number in range(connections):
        mine = random.Random(number).sample(paths, len(paths))
        requests = itertools.cycle([f"GET {path} HTTP/1.1\r\n{head}".encode() for path in mine])
        ends.append(loop.create_future())
        made = (requests, time.perf_counter() + seconds, notes, ends[-1])
        await loop.create_connection(lambda made=made: Asker(*made), parts.hostname, parts.port)
    await asyncio.gather(*ends)
    return notes


def told(notes: list, seconds: float) -> dict[str, object]:
    times = sorted(note[0] for note in notes)
    at = lambda share: round(1000 * times[min(len(times) - 1, int(share * len(times)))], 2)  # noqa: E731
    statuses = {str(s): sum(1 for n in notes if n[1] == s) for s in {n[1] for n in notes}}
    size = sum(n[2] for n in notes) // len(notes)
    return {
        "per_s": round(len(notes) / seconds, 1), "p50_ms": at(0.5), "p99_ms": at(0.99), "longest_ms": at(1.0),
        "statuses": statuses, "bytes": size,
    }  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("url")
    parser.add_argument("--connections", type=int, default=16)
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--warm", type=float, default=0.5, help="seconds of the same load before, not counted")
    parser.add_argument("--cookie", default="moodscore-visitor=benchmark-visitor")
    parser.add_argument("--paths", type=Path, help="a file of paths, one a line, asked for in a random order")
    asked = parser.parse_args()
    paths = asked.paths.read_text().split() if asked.paths else [urlsplit(asked.url).path or "/"]
    try:
        import uvloop

        runner = asyncio.Runner(loop_factory=uvloop.new_event_loop)
    except ImportError:
        runner = asyncio.Runner()
    with runner:
        warm = runner.run(load(asked.url, paths, asked.connections, asked.warm, asked.cookie))
        notes = runner.run(load(asked.url, paths, asked.connections, asked.seconds, asked.cookie))
    json.dump({**told(notes, asked.seconds), "asked": len(warm) + len(notes)}, sys.stdout)


if __name__ == "__main__":
    main()
