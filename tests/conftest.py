"""How properties are tested: the same examples every time, and no failure for a machine that is busy."""

import importlib.util
from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("house", deadline=None, derandomize=True)
settings.load_profile("house")


@pytest.fixture(scope="session")
def film_maker():
    """The module that makes tiny films with numbered frames."""
    spec = importlib.util.spec_from_file_location("film_maker", Path(__file__).parent / "film_maker.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
