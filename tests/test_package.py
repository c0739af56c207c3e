"""The package brings everything along that it opens at run time, with the licences."""

import re
import tomllib
from fnmatch import fnmatch
from pathlib import Path

import moodscore

HOME = Path(__file__).parent.parent
PACKAGE = HOME / "src" / "moodscore"
PROJECT = tomllib.loads((HOME / "pyproject.toml").read_text("utf-8"))


def test_every_file_of_the_package_is_installed_with_it():
    patterns = PROJECT["tool"]["setuptools"]["package-data"]["moodscore"]
    for path in PACKAGE.rglob("*"):
        name = path.relative_to(PACKAGE).as_posix()
        if path.is_file() and path.suffix not in {".py", ".pyc"}:
            assert any(fnmatch(name, pattern) for pattern in patterns), f"{name} would not be installed"


def test_every_pattern_finds_something():
    for pattern in PROJECT["tool"]["setuptools"]["package-data"]["moodscore"]:
        assert list(PACKAGE.glob(pattern)), pattern


def test_licences_are_there():
    for name in PROJECT["project"]["license-files"]:
        assert (HOME / name).stat().st_size > 500


def test_the_version_is_the_same_everywhere():
    version = PROJECT["project"]["version"]
    assert moodscore.__version__ == version
    assert f"version: {version}\n" in (HOME / "CITATION.cff").read_text("utf-8")


def test_every_package_that_is_needed_is_pinned():
    pinned = {
        line.split("==")[0].lower().replace("_", "-") for line in (HOME / "requirements.lock").read_text().splitlines()
    }
    project = PROJECT["project"]
    for spec in [*project["dependencies"], *(s for extra in project["optional-dependencies"].values() for s in extra)]:
        name = re.split(r"[<>=!~\[ ]", spec, maxsplit=1)[0].lower().replace("_", "-")
        assert name in pinned, f"{name} is not in requirements.lock: run  make lock"
