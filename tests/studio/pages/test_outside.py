"""For other sites: embeds, oEmbed, feeds for readers; what everybody may see and nothing else, whoever asks."""

import re
from xml.etree import ElementTree

import pytest

ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.mark.parametrize("path", ["/embed/{}", "/oembed?url=http://127.0.0.1:8421/p/{}"])
@pytest.mark.parametrize("hidden", [{"visibility": "followers"}, {"visibility": "private"}, {"state": "ready"}])
def test_what_is_not_public_is_not_for_other_sites(person, post_of, path, hidden):
    mina = person("mina")
    post = post_of(mina.user, **hidden)
    assert mina.get(path.format(post.id)).status_code == 404


def test_an_embed_may_be_framed_and_loads_no_sound(visitor, person, post_of):
    post = post_of(person("mina").user)
    answer = visitor.get(f"/embed/{post.id}")
    assert answer.status_code == 200
    assert "frame-ancestors *" in answer.headers["content-security-policy"]
    assert "x-frame-options" not in answer.headers
    assert 'preload="none"' in answer.text
    assert "autoplay" not in answer.text
    assert f'href="http://127.0.0.1:8421/p/{post.id}"' in answer.text


def test_oembed_says_what_the_standard_asks_for(visitor, person, post_of):
    post = post_of(person("mina", name="Mina <3").user, caption='by "the" sea', renditions={"photo-640": "0" * 64})
    told = visitor.get(f"/oembed?url=http://127.0.0.1:8421/p/{post.id}&maxwidth=300&format=json").json()
    assert (told["version"], told["type"], told["title"], told["author_name"]) == (
        "1.0",
        "rich",
        post.caption,
        "Mina <3",
    )
    assert (told["width"], told["height"]) == (300, 300 * 480 // 640 + 180)
    assert f'src="http://127.0.0.1:8421/embed/{post.id}"' in told["html"]
    assert 'title="by &#34;the&#34; sea"' in told["html"]
    assert (told["thumbnail_width"], told["thumbnail_height"]) == (640, 480)


@pytest.mark.parametrize(
    ("query", "status"),
    [("", 422), ("url=https://example.org/p/x", 404), ("url=http://127.0.0.1:8421/settings", 404), ("url=http://[x", 404),
     ("url=http://127.0.0.1:8421/p/00000000000000000000000000", 404), ("url=x&format=xml", 501)],
)  # fmt: skip
def test_oembed_refuses_what_it_cannot_tell(visitor, query, status):
    assert visitor.get(f"/oembed?{query}").status_code == status


def test_feeds_are_valid_and_hold_public_posts(visitor, person, post_of):
    mina = person("mina", name='Mina & "friends"')
    post = post_of(mina.user, caption="by the <sea> & #Sky\u0007", renditions={"photo-640": "0" * 64})
    post_of(mina.user, caption="for followers", visibility="followers")
    post_of(person("joon").user, caption="another")
    for path, count in (("/feed.xml", 2), ("/@mina/feed.xml", 1)):
        answer = mina.get(path)
        assert answer.headers["content-type"].startswith("application/atom+xml")
        feed = ElementTree.fromstring(answer.content)
        assert feed.tag == f"{ATOM}feed"
        for name in ("id", "title", "updated"):
            assert feed.find(ATOM + name).text
        entries = feed.findall(f"{ATOM}entry")
        assert len(entries) == count
        for entry in entries:
            assert all(entry.find(ATOM + name).text for name in ("id", "title", "updated"))
            assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", entry.find(f"{ATOM}updated").text)
            assert entry.find(f"{ATOM}author/{ATOM}name").text
        ids = [entry.find(f"{ATOM}id").text for entry in entries]
        assert f"http://127.0.0.1:8421/p/{post.id}" in ids
        content = entries[ids.index(f"http://127.0.0.1:8421/p/{post.id}")].find(f"{ATOM}content").text
        assert "by the &lt;sea&gt; &amp; " in content
        assert '<a href="http://127.0.0.1:8421/tag/sky">#Sky</a>' in content


def test_feeds_without_posts_are_valid_too(visitor):
    assert ElementTree.fromstring(visitor.get("/feed.xml").content).find(f"{ATOM}updated").text


def test_profiles_and_feeds_name_their_feeds(visitor, person):
    person("mina")
    assert 'href="/@mina/feed.xml"' in visitor.get("/@mina").text
    assert 'href="/feed.xml"' in visitor.get("/public").text
