"""Feeds of the studio: how many people may look at once.

A studio with 10,000 posts, served by `moodscore studio web` (one process, SQLite) and asked by a process of its own over 16
connections that are kept open, each asking again as soon as it was answered. "Ready" is the page every visitor sees alike,
answered from memory and at most two seconds old. "Checked" is the same page without that: each request asks the database
whether anything in it changed. "Further" are pages by their cursors, as people scroll: the newest 1,000 posts fit into what
is kept ready, all 10,000 do not, so that most of those pages are drawn anew. A member's page is rendered for them alone. The
last column is the processor time of the web process for one request, which says most when the machine has other work.

    python benchmarks/bench_studio_feed.py                 prints the table alone; --posts 500 for a quick look
"""

from __future__ import annotations

import argparse
import json
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "tests" / "studio"))
SECONDS = 5.0


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


@contextmanager
def served(folder: Path, feed_seconds: float) -> Iterator[tuple[str, int]]:
    """The studio of a folder, served by the command people use; gives its address and its process id."""
    port = free_port()
    command = [sys.executable, "-m", "moodscore", "studio", "web", "--folder", str(folder), "--port", str(port)]
    told = {**os.environ, "MOODSCORE_STUDIO_FEED_SECONDS": str(feed_seconds), "MOODSCORE_STUDIO_RATE_LIMITS": "no"}
    with subprocess.Popen(command, env=told, stderr=subprocess.DEVNULL) as process:
        try:
            yield answering(f"http://127.0.0.1:{port}"), process.pid
        finally:
            process.terminate()


def answering(url: str) -> str:
    for _ in range(600):
        try:
            urllib.request.urlopen(url, timeout=30).read()
            return url
        except urllib.error.HTTPError:
            raise
        except OSError:
            time.sleep(0.2)
    raise TimeoutError(f"{url} did not answer within two minutes")


def rss_mb(pid: int) -> float:
    return int(re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())[1]) / 1024


def cpu_s(pid: int) -> float:
    """The processor time a process has used, in seconds."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def load(pid: int, url: str, *options: str) -> dict:
    command = [sys.executable, str(HERE / "load_web.py"), url, "--seconds", str(SECONDS), *options]
    before = cpu_s(pid)
    told = json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True).stdout)
    return {**told, "cpu_ms": 1000 * (cpu_s(pid) - before) / told["asked"]}


def cursors(folder: Path, among: int) -> list[str]:
    """The cursors of the pages of the newest `among` public posts."""
    from sqlalchemy import text

    from moodscore.studio.cursors import cursor
    from moodscore.studio.db import Database

    database = Database(f"sqlite:///{folder / 'studio.sqlite'}")
    query = "SELECT published_at, id FROM posts WHERE visibility = 'public' ORDER BY published_at DESC LIMIT :n"
    with database.session() as session:
        rows = session.execute(text(query), {"n": among}).all()
    database.close()
    return [cursor(time_s, post_id) for time_s, post_id in rows[11::12]]


def row(name: str, told: dict) -> str:
    assert set(told["statuses"]) == {"200"}, told
    size = f"{told['bytes'] / 1024:.0f} KB"
    times = f"{told['p50_ms']:.1f} | {told['p99_ms']:.1f} | {told['cpu_ms']:.2f}"
    return f"| {name} | {size} | {told['per_s']:,.0f} | {times} |"


def run(posts: int = 10_000) -> str:
    """Fill a studio and load it; gives the table."""
    from filling import fill

    from moodscore.studio.settings import Settings
    from moodscore.studio.tables import open_database

    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / "studio"
        settings = Settings(folder=folder)
        database = open_database(settings)
        began = time.perf_counter()
        token = fill(database, settings, posts=posts, people=60).tokens["mina"]
        print(f"{posts} posts in {time.perf_counter() - began:.0f} s", file=sys.stderr)
        database.close()
        rows = [
            "| page | size | requests/s | p50, ms | p99, ms | processor, ms |",
            "|---|---:|---:|---:|---:|---:|",
        ]
        paths = {name: folder / f"{name}.txt" for name in ("newest", "anywhere")}
        newest, anywhere = cursors(folder, 1000), cursors(folder, posts)
        paths["newest"].write_text("\n".join(f"/public?part=1&before={c}" for c in newest))
        paths["anywhere"].write_text("\n".join(f"/public?part=1&before={c}" for c in anywhere))
        with served(folder, 2.0) as (url, pid):
            time.sleep(1.0)
            idle = rss_mb(pid)
            rows.append(row("public feed, ready", load(pid, f"{url}/public")))
            rows.append(row("front page, ready", load(pid, f"{url}/")))
            rows.append(
                row("further pages of the newest posts", load(pid, url, "--warm", "4", "--paths", str(paths["newest"])))
            )
            rows.append(row("further pages, anywhere", load(pid, url, "--paths", str(paths["anywhere"]))))
            member = ("--cookie", f"moodscore-session={token}")
            rows.append(row("a member's public feed", load(pid, f"{url}/public", *member)))
            rows.append(row("a member's home feed", load(pid, f"{url}/", *member)))
            loaded = rss_mb(pid)
        with served(folder, 0.0) as (url, pid):
            rows.append(row("public feed, checked", load(pid, f"{url}/public")))
        memory = f"The web process keeps {idle:.0f} MB when idle, and {loaded:.0f} MB after all of this."
        return "\n".join(rows) + f"\n\n{memory}"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--posts", type=int, default=10_000)
    print(run(parser.parse_args().posts))
