"""A filled studio behind a port, and pages of it in a real browser that tell of everything that went wrong in them."""

import importlib.util
import os
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
SIZES = {"phone": {"width": 390, "height": 844}, "desktop": {"width": 1440, "height": 900}}
LOCALES = {"en": "en-GB", "ko": "ko-KR"}
WATCH_SHIFTS = """
window.shifted = 0;
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shifted += entry.value;
}).observe({ type: "layout-shift", buffered: true });
"""


def module_at(path):
    """A module by its file: those of docs/ belong to no package."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def drawing():
    """The module that fills and serves a studio for pictures of it."""
    return module_at(ROOT / "docs" / "draw_studio.py")


@pytest.fixture(scope="module")
def place(drawing, tmp_path_factory):
    """A filled studio that answers, without a worker."""
    with drawing.studio(tmp_path_factory.mktemp("studio")) as found:
        yield found


@pytest.fixture(scope="session")
def axe():
    """The source of axe-core: the file MOODSCORE_AXE names, or the one of the package axe-playwright-python; else None."""
    path = os.environ.get("MOODSCORE_AXE")
    package = importlib.util.find_spec("axe_playwright_python")
    if path is None and package is not None:
        path = next(Path(package.origin).parent.rglob("axe.min.js"), None)
    return Path(path).read_text("utf-8") if path else None


class Window:
    """A browser window of one person, with its trouble: errors, warnings and refusals that its pages met."""

    def __init__(self, browser, place, who="", size="desktop", scheme="light", language="en", **options):
        self.place, self.trouble = place, []
        self.context = browser.new_context(
            viewport=SIZES[size], color_scheme=scheme, locale=LOCALES[language], is_mobile=size == "phone",
            has_touch=size == "phone", **{"service_workers": "block", "base_url": place.address, **options},
        )  # fmt: skip
        self.context.add_init_script(WATCH_SHIFTS)
        if who:
            self.context.add_cookies([{"name": place.cookie, "value": place.tokens[who], "url": place.address}])
        self.page = self.context.new_page()
        self.page.on("pageerror", lambda error: self.trouble.append(str(error)))
        self.page.on("console", self._said)
        self.page.set_default_timeout(20_000)

    def _said(self, said):
        blocked = "Service Worker registration blocked by Playwright" in said.text
        if said.type in ("error", "warning") and not blocked:
            self.trouble.append(f"{self.page.url}: {said.text}")

    def open(self, path):
        """Go to a path and wait until its scripts have started."""
        self.page.goto(path)
        self.page.wait_for_load_state("load")
        return self.page

    def until(self, expression, seconds=8.0):
        """Wait until an expression is true; asked from outside, since the pages' policy forbids evaluating inside."""
        end = time.monotonic() + seconds
        while not self.page.evaluate(expression):
            assert time.monotonic() < end, f"never came true: {expression}"
            self.page.wait_for_timeout(40)

    def shifted(self):
        """How much what stood there moved by itself, as browsers measure it (0: not at all)."""
        return self.page.evaluate("window.shifted")


@pytest.fixture
def window(browser, place):
    """Open windows: `with window("mina", size="phone") as seen:`; in the end none of them may have met trouble."""

    @contextmanager
    def opened(who="", forgiven=(), **options):
        seen = Window(browser, options.pop("place", place), who, **options)
        try:
            yield seen
        finally:
            seen.context.close()
        assert [line for line in seen.trouble if not any(word in line for word in forgiven)] == []

    return opened
