"""Run the benchmarks of this folder and write what they say, with the machine they ran on, into one page.

    python benchmarks/run.py                                    prints everything
    python benchmarks/run.py --only look --only tune            prints two of them
    python benchmarks/run.py --write docs/benchmarks.md         keeps the page

Every `bench_NAME.py` here has a docstring, which introduces its section, and `run() -> str`, which measures and returns
markdown. Each runs in a process of its own, so that one's warm caches and peak memory are not another's.
"""

from __future__ import annotations

import argparse
import ast
import importlib.metadata
import os
import platform
import re
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
PACKAGES = ("numpy", "onnxruntime", "opencv-python-headless", "pillow", "av", "symusic")
NOTE = "<!-- Written by benchmarks/run.py; run `make bench` instead of editing. -->"
START = "<!-- bench: {} -->"


def names() -> list[str]:
    """The benchmarks there are, in alphabetical order."""
    return sorted(path.stem.removeprefix("bench_") for path in HERE.glob("bench_*.py"))


def cpu_model() -> str:
    """The processor's name as the system gives it."""
    try:
        found = re.search(r"^model name\s*:\s*(.+)$", Path("/proc/cpuinfo").read_text("utf-8"), re.M)
    except OSError:
        found = None
    return found[1].strip() if found else platform.processor() or platform.machine()


def cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def memory_gb() -> float:
    """The machine's memory in GB."""
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9


def commit_date() -> str:
    """The day of the last commit as YYYY-MM-DD, or "unknown" outside a repository."""
    said = subprocess.run(
        ["git", "log", "-1", "--format=%cs"], cwd=HERE, capture_output=True, text=True, check=False
    ).stdout.strip()
    return said or "unknown"


def machine() -> str:
    """The machine and the versions as a markdown table."""
    system = (
        platform.freedesktop_os_release().get("PRETTY_NAME", "") if sys.platform == "linux" else platform.platform()
    )
    rows = [
        ("processor", f"{cpu_model()}, {cores()} cores"),
        ("memory", f"{memory_gb():.0f} GB"),
        ("system", f"{system}, {platform.system()} {platform.machine()}"),
        ("other work at the start", f"{os.getloadavg()[0]:.1f} processes running or waiting (load average)"),
        ("Python", platform.python_version()),
        *((package, importlib.metadata.version(package)) for package in PACKAGES),
    ]
    return "\n".join(["| | |", "|---|---|", *(f"| {name} | {value} |" for name, value in rows)])


def introduction(name: str) -> str:
    """A benchmark's heading and what it measures, from its docstring; the command lines in it are left out."""
    doc = ast.get_docstring(ast.parse((HERE / f"bench_{name}.py").read_text("utf-8"))) or name
    first, *rest = doc.split("\n\n")
    title = " ".join(first.split()).partition(":")[0].rstrip(".")
    return "\n\n".join([f"## {title}", *(part for part in rest if not part.startswith("    "))])


def measured(name: str) -> str:
    """What one benchmark says, measured in a process of its own; raises CalledProcessError when it fails."""
    code = f"import sys; out, sys.stdout = sys.stdout, sys.stderr; import bench_{name}; print(bench_{name}.run(), file=out)"
    env = {**os.environ, "PYTHONPATH": os.pathsep.join([str(HERE), os.environ.get("PYTHONPATH", "")])}
    print(f"{name} ...", file=sys.stderr, flush=True)
    return subprocess.run(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, check=True, env=env
    ).stdout.strip()


def kept(page: Path | None) -> dict[str, str]:
    """The sections an earlier page holds, by name, so that `--only` renews some and keeps the others."""
    if page is None or not page.exists():
        return {}
    found = re.split(r"<!-- bench: (\w+) -->\n", page.read_text("utf-8"))[1:]
    return {name: text.strip() for name, text in zip(found[::2], found[1::2], strict=True)}


def page(sections: dict[str, str], date: str) -> str:
    """The whole page."""
    head = [
        NOTE,
        "# Benchmarks",
        f"Measured by `make bench` on the machine below, {date}. Another machine gives other numbers; the ratios between\n"
        "the rows of one table travel better than the seconds.",
        machine(),
    ]
    body = [f"{START.format(name)}\n{sections[name]}" for name in sorted(sections)]
    return "\n\n".join([*head, *body]) + "\n"


def main(args: list[str] | None = None) -> int:
    """Measure what was asked for, print it, and keep it when told where."""
    parser = argparse.ArgumentParser(description="Run the benchmarks and write what they say.")
    parser.add_argument("--only", action="append", choices=names(), help="run only this one; may be repeated")
    parser.add_argument("--write", type=Path, help="keep the page here; sections that are not run again stay")
    parser.add_argument("--date", default=None, help="the day of the measurement; the last commit's by default")
    asked = parser.parse_args(args)
    sections = {name: text for name, text in kept(asked.write).items() if name in names()}
    for name in asked.only or names():
        sections[name] = f"{introduction(name)}\n\n{measured(name)}"
    text = page(sections, asked.date or commit_date())
    print(text)
    if asked.write:
        asked.write.write_text(text, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
