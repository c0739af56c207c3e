"""What people do in a real browser: listen, like, wander over the plane, go offline, use keys alone, do without scripts."""

import base64
import re

import pytest

ENVELOPE = """new Promise((done) => {
  const found = [], player = document.querySelector("[data-player]"), sound = player.querySelector("audio");
  const step = () => {
    found.push([sound.volume, Number(player.style.getPropertyValue("--shown"))]);
    if (found.length < 12) requestAnimationFrame(step); else done(found);
  };
  step();
})"""
KEPT = """(async () => {
  const found = [];
  for (const name of await caches.keys()) found.push(...(await (await caches.open(name)).keys()));
  return found.map((request) => new URL(request.url).pathname);
})()"""
DOT = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
OFFLINE = ("net::ERR_INTERNET_DISCONNECTED", "Failed to load resource")


def test_one_tune_plays_at_a_time_and_none_by_itself(window):
    with window("mina", size="phone") as seen:
        page = seen.open("/public")
        players = page.locator("[data-player]")
        assert page.evaluate("[...document.querySelectorAll('audio')].every(a => a.paused && a.preload === 'none')")
        players.nth(0).locator(".play").click()
        seen.until("document.querySelectorAll('[data-player]')[0].querySelector('audio').currentTime > 0.2")
        title = page.evaluate("navigator.mediaSession.metadata.title")
        assert title == players.nth(0).get_attribute("data-title")
        assert players.nth(0).locator(".play").get_attribute("aria-label") == "Pause"
        players.nth(1).locator(".play").click()
        seen.until("document.querySelectorAll('[data-player]')[1].querySelector('audio').currentTime > 0.05")
        assert page.evaluate("[...document.querySelectorAll('audio')].map(a => !a.paused).filter(Boolean).length") == 1
        assert players.nth(0).get_attribute("data-playing") is None


def test_picture_and_sound_come_and_go_together(window):
    with window(size="desktop") as seen:
        page = seen.open("/public")
        page.locator("[data-player] .play").first.click()
        seen.until("document.querySelector('audio').currentTime > 0.1")
        pairs = page.evaluate(ENVELOPE)
        assert all(volume == pytest.approx(shown, abs=0.08) for volume, shown in pairs)
        page.locator("[data-seek]").first.press("ArrowRight")
        seen.until("document.querySelector('audio').currentTime > 4")


def test_who_wants_little_motion_gets_no_fading_picture(window):
    with window(size="desktop", reduced_motion="reduce") as seen:
        page = seen.open("/public")
        page.locator("[data-player] .play").first.click()
        seen.until("document.querySelector('audio').currentTime > 0.1")
        assert page.evaluate("document.querySelector('[data-player]').style.getPropertyValue('--shown')") == "1"


def test_liking_needs_no_new_page_and_lasts(window):
    with window("joon", size="phone") as seen:
        page = seen.open("/public")
        button = page.locator(".act.like[aria-pressed=false]").first
        post = button.locator("xpath=ancestor::article").get_attribute("id")
        button = page.locator(f"#{post} .act.like")
        before = int(button.locator("[data-count]").inner_text() or 0)
        page.evaluate("window.same = true")
        with page.expect_response(lambda r: r.url.endswith("/like")) as answer:
            button.click()
        assert answer.value.ok
        assert button.get_attribute("aria-pressed") == "true"
        assert int(button.locator("[data-count]").inner_text()) == before + 1
        assert page.evaluate("window.same")
        seen.open("/public")
        assert page.locator(f"#{post} .act.like").get_attribute("aria-pressed") == "true"


def test_a_feed_goes_on_while_it_is_scrolled(window):
    with window(size="phone") as seen:
        page = seen.open("/public")
        assert page.locator("article.post").count() == 12
        page.locator("article.post").nth(11).scroll_into_view_if_needed()
        seen.until("document.querySelectorAll('article.post').length > 12")
        ids = page.evaluate("[...document.querySelectorAll('article.post')].map(p => p.id)")
        assert len(set(ids)) == len(ids)
        player = page.locator("article.post [data-player]").nth(13)
        player.locator(".play").click()
        player.locator('.play[aria-label="Pause"]').wait_for()  # the browser says a moment later that it plays


def test_a_place_on_the_plane_is_chosen_by_keys_or_by_hand(window):
    with window("mina", size="desktop") as seen:
        page = seen.open("/feed?valence=0&arousal=0")
        slider = page.get_by_role("slider", name="Unpleasant to pleasant")
        slider.focus()
        for key in ["ArrowLeft"] * 6 + ["ArrowDown"] * 6:
            page.keyboard.press(key)
        assert page.locator("[data-plane] output").inner_text() == "sad"
        assert "sad" in slider.get_attribute("aria-valuetext")
        box = page.locator("#place .plane-field").bounding_box()
        page.mouse.move(box["x"] + box["width"] * 0.5, box["y"] + box["height"] * 0.5)
        page.mouse.down()
        page.mouse.move(box["x"] + box["width"] * 0.82, box["y"] + box["height"] * 0.5, steps=4)
        page.mouse.up()
        assert page.locator("[data-plane] output").inner_text() == "joyful"
        page.get_by_role("button", name="Show what lies there").click()
        page.wait_for_url(re.compile(r"valence=0\.[67]"))


def test_the_keyboard_alone_is_enough(window):
    with window("mina", size="desktop") as seen:
        page = seen.open("/public")
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.className") == "skip"
        page.keyboard.press("Enter")
        assert page.evaluate("document.activeElement.id") == "main"
        for _ in range(40):
            page.keyboard.press("Tab")
            if page.evaluate("document.activeElement.matches('.play')"):
                break
        ring = page.evaluate("getComputedStyle(document.activeElement).outlineWidth")
        assert ring == "3px"
        page.keyboard.press("Space")
        seen.until("!document.querySelector('audio').paused")
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.matches('[data-seek]')")
        page.keyboard.press("ArrowRight")
        seen.until("document.querySelector('audio').currentTime > 4")
        menu = page.locator("summary[aria-label='Your menu']")
        menu.focus()
        page.keyboard.press("Enter")
        page.get_by_role("link", name="Settings").wait_for()
        page.keyboard.press("Escape")
        assert page.evaluate("document.activeElement.matches('summary')")
        assert not page.get_by_role("link", name="Settings").is_visible()


def test_light_or_dark_is_chosen_once(window):
    with window(size="phone", scheme="light") as seen:
        page = seen.open("/about")
        switch = page.locator("[data-theme-switch]")
        light = page.evaluate("getComputedStyle(document.body).backgroundColor")
        switch.click()
        switch.click()
        assert "Dark" in switch.inner_text()
        seen.open("/public")
        assert page.evaluate("document.documentElement.dataset.theme") == "dark"
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") != light


def test_a_language_is_chosen_once(window):
    with window(size="phone") as seen:
        page = seen.open("/about")
        page.get_by_role("button", name="한국어").click()
        seen.until("document.documentElement.lang === 'ko'")
        assert seen.open("/public").locator("h1").inner_text() == "모두"


def test_without_scripts_one_can_read_hear_like_and_comment(window):
    with window("joon", size="phone", java_script_enabled=False) as seen:
        page = seen.page
        page.goto("/public")
        assert page.locator("audio[controls]").first.is_visible()
        assert not page.locator(".transport").first.is_visible()
        button = page.locator(".act.like[aria-pressed=false]").first
        post = button.locator("xpath=ancestor::article").get_attribute("id").removeprefix("post-")
        page.goto(f"/p/{post}")
        page.locator(".act.like").click()
        assert page.locator(".act.like").get_attribute("aria-pressed") == "true"
        page.get_by_label("Say something").fill("Without scripts.")
        page.get_by_role("button", name="Send", exact=True).last.click()
        assert page.get_by_text("Without scripts.").first.is_visible()


def test_a_comment_appears_where_it_belongs(window):
    with window("joon", size="desktop") as seen:
        page = seen.open("/public")
        path = page.locator(".byline .meta a").first.get_attribute("href")
        seen.open(path)
        page.evaluate("window.same = true")
        page.get_by_label("Say something").fill("What a sound! @mina")
        page.locator(".comment-form").last.get_by_role("button", name="Send").click()
        page.get_by_text("What a sound!").wait_for()
        assert page.evaluate("window.same")
        assert page.get_by_label("Say something").input_value() == ""


def test_the_app_opens_without_a_network(window):
    with window(size="phone", service_workers="allow", forgiven=OFFLINE) as seen:
        page = seen.open("/public")
        page.evaluate("navigator.serviceWorker.ready.then(() => true)")
        seen.until("navigator.serviceWorker.controller !== null")
        seen.open("/public")
        seen.context.set_offline(True)
        seen.open("/public")
        assert page.locator("article.post").count() == 12
        page.goto("/search?q=sea")
        assert page.locator("h1").inner_text() == "No connection right now"
        assert page.evaluate("getComputedStyle(document.querySelector('.button')).borderRadius") == "999px"
        kept = page.evaluate(KEPT)
        assert not [path for path in kept if path.startswith(("/m/", "/settings", "/notifications", "/avatar"))]


def test_the_app_can_be_installed(window):
    with window() as seen:
        page = seen.open("/")
        manifest = page.evaluate("fetch(document.querySelector('link[rel=manifest]').href).then(r => r.json())")
        assert manifest["display"] == "standalone"
        assert {"192x192", "512x512"} <= {icon["sizes"] for icon in manifest["icons"]}
        for icon in manifest["icons"]:
            assert page.evaluate("(src) => fetch(src).then(r => r.ok)", icon["src"])
        assert manifest["share_target"]["params"]["files"][0]["accept"] == ["image/*"]


def test_what_was_undone_by_mistake_is_taken_back(window):
    with window("teo", size="desktop") as seen:
        page = seen.open("/@alva")
        if page.get_by_role("button", name="Following").count() == 0:
            page.get_by_role("button", name="Follow", exact=True).click()
        page.get_by_role("button", name="Following").click()
        page.get_by_role("button", name="Follow", exact=True).wait_for()
        assert "You do not follow Alva Lindqvist any more." in page.locator("#toasts").inner_text()
        page.get_by_role("button", name="Undo").click()
        page.get_by_role("button", name="Following").wait_for()


SHARE = """async () => {
  const fields = new FormData(), picture = await (await fetch("/static/icon-192.png")).blob();
  fields.append("files", new File([picture], "from the gallery.png", { type: "image/png" }));
  return (await fetch("/share", { method: "POST", body: fields, redirect: "manual" })).type;
}"""


def test_a_photo_shared_from_another_app_waits_on_the_upload_page(window):
    with window("mina", size="phone", service_workers="allow") as seen:
        page = seen.open("/upload")
        page.evaluate("navigator.serviceWorker.ready.then(() => true)")
        seen.until("navigator.serviceWorker.controller !== null")
        assert page.evaluate(SHARE) == "opaqueredirect"
        seen.open("/upload?shared=1")
        page.locator("[data-previews] img").wait_for()
        assert page.locator("[data-previews] img").get_attribute("alt") == "from the gallery.png"
        page.get_by_role("button", name="Remove").click()
        assert page.locator("[data-previews] img").count() == 0


def test_photos_are_shown_and_counted_before_they_are_sent(window):
    with window("mina", size="desktop") as seen:
        page = seen.open("/upload")
        pictures = [{"name": f"{n}.png", "mimeType": "image/png", "buffer": DOT} for n in range(3)]
        page.locator("input[type=file]").set_input_files(pictures)
        page.locator("[data-previews] li").nth(2).wait_for()
        assert page.locator("[data-previews] .number").all_inner_texts() == ["1", "2", "3"]
        page.get_by_role("button", name="Remove: 1.png").click()
        assert page.evaluate("document.querySelector('input[type=file]').files.length") == 2


def chosen(page):
    return page.evaluate("[...document.querySelector('input[type=file]').files].map((file) => file.name)")


@pytest.mark.parametrize("size", ["phone", "desktop"])
def test_photos_of_a_film_are_put_in_order_by_arrows_and_keep_the_focus(window, size):
    with window("mina", size=size) as seen:
        page = seen.open("/upload")
        pictures = [{"name": f"{n}.png", "mimeType": "image/png", "buffer": DOT} for n in range(3)]
        page.locator("input[type=file]").set_input_files(pictures)
        assert page.get_by_role("button", name="Move earlier: 0.png").count() == 0
        page.get_by_role("button", name="Move later: 0.png").click()
        assert chosen(page) == ["1.png", "0.png", "2.png"]
        page.keyboard.press("Enter")  # the arrow of the same photo has the focus still
        assert chosen(page) == ["1.png", "2.png", "0.png"]
        assert page.locator("[data-told]").inner_text() == "0.png is now number 3 of 3"
        page.get_by_role("button", name="Oldest first").click()
        assert chosen(page) == ["0.png", "1.png", "2.png"]


def test_photos_of_a_film_are_dragged_to_their_place_with_a_mouse(window):
    with window("mina", size="desktop") as seen:
        page = seen.open("/upload")
        pictures = [{"name": f"{n}.png", "mimeType": "image/png", "buffer": DOT} for n in range(3)]
        page.locator("input[type=file]").set_input_files(pictures)
        items = page.locator("[data-previews] li")
        first, last = items.nth(0).bounding_box(), items.nth(2).bounding_box()
        page.mouse.move(first["x"] + 50, first["y"] + 50)
        page.mouse.down()
        page.mouse.move(last["x"] + 40, last["y"] + 50, steps=5)
        page.mouse.up()
        assert chosen(page) == ["1.png", "2.png", "0.png"]


def test_what_cannot_be_taken_back_lightly_is_asked_first(window):
    with window("teo", size="phone") as seen:
        page = seen.open("/@ines")
        page.locator("summary[aria-label=More]").click()
        page.get_by_role("button", name="Block").click()
        dialog = page.get_by_role("dialog")
        assert "Block Inês Duarte?" in dialog.inner_text()
        page.keyboard.press("Escape")
        dialog.wait_for(state="detached")
        page.locator("summary[aria-label=More]").click()
        page.get_by_role("button", name="Block").click()
        dialog.get_by_role("button", name="Block").click()
        page.get_by_text("You blocked @ines").wait_for()


def test_a_post_can_be_shown_on_another_site(window, place):
    with window("", size="desktop") as seen:
        seen.context.grant_permissions(["clipboard-read", "clipboard-write"])
        page = seen.open(place.pages["visitor-post"][0])
        page.get_by_text("Show it on another site").click()
        page.get_by_role("button", name="Copy").click()
        page.get_by_text("It is copied.").wait_for()
        assert place.pages["embed"][0] in page.evaluate("navigator.clipboard.readText()")
