"""What tests share: how properties are tested, tiny films, and a real browser."""

import importlib.util
import os
import shutil
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


@pytest.fixture(scope="session")
def tiny_riffusion(tmp_path_factory):
    """A folder with a tiny random Stable Diffusion; needs the extra 'riffusion'."""
    spec = importlib.util.spec_from_file_location("tiny_riffusion", Path(__file__).parent / "tiny_riffusion.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    home = tmp_path_factory.mktemp("tiny-riffusion")
    module.write(home)
    return home


CHROMIUMS = ("chromium", "chromium-browser", "google-chrome", "chrome")
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--autoplay-policy=no-user-gesture-required",
)


@pytest.fixture(scope="module")
def browser():
    """A Chromium that is installed; without one the test is skipped, unless MOODSCORE_REQUIRE_BROWSER promises it."""
    from playwright.sync_api import sync_playwright

    path = next(filter(None, map(shutil.which, CHROMIUMS)), None)
    if path is None:
        assert "MOODSCORE_REQUIRE_BROWSER" not in os.environ, "a Chromium was promised and is not there"
        pytest.skip("no Chromium found; install one to test pages in it")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=list(QUIET))
        yield chromium
        chromium.close()


@pytest.fixture
def quiet_page(browser):
    """Opens a file in a browser profile of its own; fails in the end for any error, warning or request to a network."""
    context = browser.new_context()
    trouble = []

    def opened(path):
        page = context.new_page()
        page.on("pageerror", lambda error: trouble.append(str(error)))
        page.on("console", lambda said: trouble.append(said.text) if said.type in ("error", "warning") else None)
        page.on("request", lambda asked: trouble.append(asked.url) if asked.url.startswith(("http", "ws")) else None)
        page.goto(path.as_uri())
        return page

    yield opened
    context.close()
    assert not trouble
