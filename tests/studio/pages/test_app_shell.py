"""The app's shell: what makes the site installable, what browsers may keep of it, and the language it speaks."""

import json
import re

import pytest

from moodscore.studio import cookies


def test_the_manifest_makes_an_app_of_it(visitor):
    told = visitor.get("/manifest.webmanifest")
    assert told.headers["content-type"].startswith("application/manifest+json")
    manifest = told.json()
    assert manifest["start_url"] == manifest["scope"] == "/"
    assert {"192x192", "512x512"} <= {icon["sizes"] for icon in manifest["icons"]}
    assert any(icon.get("purpose") == "maskable" for icon in manifest["icons"])
    for icon in manifest["icons"]:
        assert visitor.get(icon["src"]).status_code == 200
    assert visitor.get("/manifest.webmanifest", headers={"accept-language": "ko"}).json()["lang"] == "ko"


def test_the_service_worker_knows_what_the_offline_page_needs(visitor):
    told = visitor.get("/sw.js")
    assert told.headers["cache-control"] == "no-cache"
    shell = json.loads(re.search(r"const SHELL = (\[.*?\]);", told.text)[1])
    page = visitor.get("/offline").text
    needed = set(re.findall(r'(?:href|src)="(/static/[^"#]+\.(?:css|js|svg)\?v=[^"#]+)"', page))
    assert needed
    assert needed <= set(shell)
    for path in shell:
        assert visitor.get(path).status_code == 200


def test_the_offline_page_says_nothing_about_who_looks(person):
    page = person("mina", name="Mina Seo").get("/offline").text
    assert "Mina" not in page
    assert "mina" not in page


@pytest.mark.parametrize("visibility", ["public", "followers", "private"])
def test_browsers_keep_no_page_with_a_post_that_not_everybody_may_see(person, post_of, visibility):
    mina = person("mina")
    post = post_of(mina.user, visibility=visibility)
    for path in (f"/p/{post.id}", "/", "/@mina"):
        kept = mina.get(path).headers["cache-control"]
        assert ("no-store" in kept) is (visibility != "public")
    assert "no-store" not in mina.get("/public").headers["cache-control"]
    assert "no-store" in mina.get("/sw.js").text  # the service worker minds it


def test_static_files_are_kept_for_ever_only_with_their_version(visitor):
    version = re.search(r"tokens\.css\?v=(\w+)", visitor.get("/about").text)[1]
    assert "immutable" in visitor.get(f"/static/tokens.css?v={version}").headers["cache-control"]
    assert visitor.get("/static/tokens.css").headers["cache-control"] == "no-cache"


def test_every_script_that_is_imported_is_asked_for_with_its_version(visitor):
    page = visitor.get("/about").text
    modules = json.loads(re.search(r'<script type="importmap"[^>]*>(.*?)</script>', page)[1])["imports"]
    for path in modules:
        for name in re.findall(r'from "\./([\w.]+)"', visitor.get(path).text):
            assert f"/static/{name}" in modules


def test_a_language_lasts_for_a_browser_and_for_an_account(visitor, person, database):
    visitor.client.headers["referer"] = "http://127.0.0.1:8421/about"
    answer = visitor.post("/language", {"language": "ko"})
    assert answer.status_code == 303
    assert answer.headers["location"] == "/about"
    assert 'lang="ko"' in visitor.get("/about").text
    mina = person("mina")
    mina.post("/language", {"language": "ko"})
    mina.client.cookies.delete(cookies.cookie_name(mina.client.app.state.settings, cookies.LANGUAGE))
    assert 'lang="ko"' in mina.get("/about").text


def test_an_unknown_language_is_refused(visitor):
    assert visitor.post("/language", {"language": "tlh"}).status_code == 422


def test_a_photo_shared_without_a_service_worker_lands_on_the_upload_page(visitor):
    assert visitor.get("/share").headers["location"] == "/upload"


def test_the_about_page_says_whom_to_ask(visitor):
    assert "have not said how to reach them" in visitor.get("/about").text
