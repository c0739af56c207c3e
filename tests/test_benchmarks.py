"""The benchmark runner: every benchmark can be run by it, and renewing one section keeps the others."""

import ast
import importlib.util
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).parent.parent / "benchmarks"


@pytest.fixture(scope="module")
def run():
    spec = importlib.util.spec_from_file_location("run", BENCHMARKS / "run.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_benchmark_can_be_run_and_introduces_itself(run):
    assert {"film", "look", "tune"} <= set(run.names())
    for name in run.names():
        tree = ast.parse((BENCHMARKS / f"bench_{name}.py").read_text("utf-8"))
        functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
        assert "run" in functions, f"bench_{name}.py needs run() -> str"
        assert ast.unparse(functions["run"].returns) == "str"
        assert run.introduction(name).startswith("## ")
        assert "python benchmarks" not in run.introduction(name)


def test_what_is_kept_is_what_was_written(run, tmp_path):
    page = tmp_path / "benchmarks.md"
    sections = {"film": "## Films\n\n| a | b |\n|---|---|\n| 1 | 2 |", "look": "## Looking\n\ntext"}
    page.write_text(run.page(sections, "2026-01-31"), "utf-8")
    assert run.kept(page) == sections
    assert run.kept(tmp_path / "nothing.md") == {}


def test_the_page_names_the_day_the_machine_and_the_versions(run):
    text = run.page({}, "2026-01-31")
    assert "2026-01-31" in text
    for name in ("processor", "memory", "Python", "onnxruntime"):
        assert f"| {name} |" in text
