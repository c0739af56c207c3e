"""A whole life of a post, in a real browser with a real worker: heard, posted, found, liked, answered, deleted."""

import os
import signal
import subprocess
import sys
import zipfile
from types import SimpleNamespace

import pytest
from PIL import Image

from moodscore.studio import cookies
from moodscore.studio.app import create_app
from moodscore.studio.settings import Settings

PASSWORD = "seven quiet green trains"
LONGEST_S = 90
# Remembers whether what plays now is broken off before its end, however long the rest takes to come.
LISTEN = """() => {
    window.brokenOff = false;
    for (const audio of document.querySelectorAll("audio"))
        audio.addEventListener("pause", () => { if (!audio.ended) window.brokenOff = true; });
}"""
GONE = ("404 (Not Found)",)


@pytest.fixture(scope="module")
def living(drawing, tmp_path_factory):
    """An empty studio that answers, with a worker of its own."""
    folder = tmp_path_factory.mktemp("living")
    settings = Settings(folder=folder, rate_limits=False, tune_seconds=8.0)
    app = create_app(settings)
    environment = {**os.environ, "MOODSCORE_STUDIO_TUNE_SECONDS": "8", "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-m", "moodscore", "studio", "worker", "--folder", str(folder)]
    with (folder / "worker.log").open("wb") as log:
        worker = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
        try:
            with drawing.serving(app) as address:
                yield SimpleNamespace(
                    address=address, cookie=cookies.cookie_name(settings, cookies.SESSION), tokens={}, folder=folder
                )
        finally:
            worker.send_signal(signal.SIGTERM)
            worker.wait(20)


@pytest.fixture
def photo(drawing, tmp_path):
    """A small photograph as a camera writes it: JPEG, with a place in its EXIF."""
    path = tmp_path / "lake.jpg"
    with Image.open(next(drawing.filling().PHOTOS.glob("15-*.jpg"))) as file:
        picture = file.convert("RGB")
    picture.thumbnail((900, 900))
    exif = picture.getexif()
    exif.get_ifd(0x8825)[1] = "N"
    picture.save(path, "JPEG", exif=exif)
    return path


def sign_up(page, handle):
    page.get_by_label("Handle").fill(handle)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.locator("main").get_by_role("button", name="Sign up").click()


def test_a_photo_becomes_a_post_with_music_and_goes_again(window, living, photo):
    with window(place=living, size="desktop", forgiven=GONE) as friend, window(place=living, size="phone") as author:
        friend.open("/sign-up")
        sign_up(friend.page, "keeper")
        friend.page.wait_for_url(living.address + "/")

        path = hear_the_first_tune(author, photo)
        hear_another_place(author)
        post = publish(author, path)
        author.open("/")
        assert author.page.get_by_text("The lake this morning").is_visible()

        answer(friend, post)
        author.open("/notifications")
        told = author.page.locator("main").inner_text()
        assert "follows you now" in told
        assert "likes your post" in told
        assert "I can hear the water." in told

        take_along(author, photo)
        leave(author)
        friend.open(post)
        assert "There is nothing here" in friend.page.locator("h1").inner_text()


def hear_the_first_tune(author, photo):
    """A visitor drops a photo on the landing page and hears what comes first."""
    page = author.open("/")
    page.locator("input[type=file]").set_input_files(photo)
    page.wait_for_url("**/p/*/make", timeout=20_000)
    page.locator(".candidate").first.wait_for(timeout=LONGEST_S * 1000)
    page.locator(".candidate .play").first.click()
    author.until("[...document.querySelectorAll('audio')].some(a => !a.paused && a.currentTime > 0.2)", 15)
    page.evaluate(LISTEN)
    author.until("document.querySelectorAll('.candidate').length >= 3", LONGEST_S)
    assert page.evaluate("window.brokenOff") is False
    return page.url


def hear_another_place(author):
    """The visitor moves the dot on the plane and gets one tune more, on the same page, while what plays plays on."""
    page = author.page
    author.until("!document.querySelector('[data-stages]')", LONGEST_S)
    before = page.locator(".candidate").count()
    page.evaluate("window.same = true")
    page.get_by_role("slider", name="Calm to excited").focus()
    for _ in range(12):
        page.keyboard.press("ArrowUp")
    page.get_by_role("button", name="Compose for this place").click()
    author.until(f"document.querySelectorAll('.candidate').length === {before + 1}", LONGEST_S)
    assert page.evaluate("window.same")


def publish(author, path):
    """The visitor signs up, keeps the draft, chooses the second tune, and publishes."""
    page = author.page
    page.locator("#join").get_by_role("link", name="Sign up").click()
    sign_up(page, "wanderer")
    page.wait_for_url(path)
    chosen = page.locator(".candidate").nth(1)
    chosen.get_by_label("Take this one").check()
    tune = chosen.get_attribute("id")
    page.get_by_label("Caption").fill("The lake this morning. #stillness")
    assert page.get_by_label("Alt text").input_value() != ""
    author.until("!document.querySelector('#publish-button button').disabled", LONGEST_S)
    page.get_by_role("button", name="Publish").click()
    page.wait_for_url(lambda url: "/make" not in url)
    assert page.locator("[data-player]").first.is_visible()
    assert tune.removeprefix("tune-") in page.locator("[data-player] audio").get_attribute("src")
    return page.url.removeprefix(author.place.address)


def answer(friend, post):
    """Somebody else follows the author, finds the post in their feed, likes it and says something."""
    page = friend.open("/@wanderer")
    page.get_by_role("button", name="Follow").click()
    page.get_by_role("button", name="Following").wait_for()
    friend.open("/")
    card = page.locator("article.post").first
    assert "The lake this morning" in card.inner_text()
    with page.expect_response(lambda told: told.url.endswith("/like")):
        card.locator(".act.like").click()
    friend.open(post)
    page.get_by_label("Say something").fill("I can hear the water.")
    page.get_by_role("button", name="Send", exact=True).last.click()
    page.locator(".comment").get_by_text("I can hear the water.").wait_for()


def take_along(author, photo):
    """The author takes everything along: the very photo, and tunes as sound and notes."""
    page = author.open("/settings/data")
    with page.expect_download() as taken:
        page.get_by_role("button", name="Download").click()
    with zipfile.ZipFile(taken.value.path()) as archive:
        names = archive.namelist()
        assert any(archive.read(name) == photo.read_bytes() for name in names)
    assert any(name.endswith(".m4a") for name in names)
    assert any(name.endswith(".mid") for name in names)
    assert any(name.endswith(".json") for name in names)


def leave(author):
    """The author deletes the account."""
    page = author.page
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_role("button", name="Delete my account").click()
    page.wait_for_url(author.place.address + "/")
