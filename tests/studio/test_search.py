"""Search: people, tags and posts by words and moods, and only what the viewer may see."""

import time

import pytest

from moodscore.studio import profiles, search
from moodscore.studio.mentions import caption_written
from moodscore.studio.permissions import Viewer
from moodscore.studio.posts import Post


@pytest.fixture
def find(database):
    def of(text, user=None):
        with database.session() as session:
            return [item.post.caption for item in search.posts(session, Viewer(user), search.terms_of(text)).items]

    return of


@pytest.mark.both_databases
def test_posts_are_found_by_every_word_of_caption_and_picture(person, post_of, find):
    mina = person("mina").user
    post_of(mina, caption="A walk by the lake", alt="Mountains in fog.")
    post_of(mina, caption="호수에 비친 산", alt="산이 물에 비친다.")
    assert find("LAKE walk") == ["A walk by the lake"]
    assert find("mountains lake") == ["A walk by the lake"]
    assert find("lake city") == []
    assert find("호수") == ["호수에 비친 산"]
    assert find("") == find("   ") == find("#") == []


@pytest.mark.parametrize("kind_of_database", ["sqlite"], indirect=True)  # PostgreSQL knows the letters of its locale
@pytest.mark.parametrize("text", ["été", "ÉTÉ", "Été"])
def test_capitals_of_every_language_are_letters_like_others(person, post_of, find, text):
    post_of(person("mina").user, caption="Un ÉTÉ à la mer", alt="")
    assert find(text) == ["Un ÉTÉ à la mer"]


@pytest.mark.parametrize("word", ["quiet", "qui", "고요", "고요한"])
def test_moods_are_found_in_both_languages(person, post_of, find, word):
    mina = person("mina").user
    post_of(mina, caption="one", mood="quiet")
    post_of(mina, caption="two", mood="tense")
    assert find(word) == ["one"]


@pytest.mark.parametrize("text", ["%", "_", "100%", "a_b", "\\", "/", "'", '"; DROP TABLE posts'])
def test_signs_of_the_query_language_mean_themselves(person, post_of, find, text):
    mina = person("mina").user
    post_of(mina, caption="plain words")
    assert find(text) == []
    post_of(mina, caption=f"with {text} in it")
    assert find(text) == [f"with {text} in it"]


@pytest.mark.both_databases
def test_only_what_may_be_seen_is_found(person, post_of, find, database):
    mina, joon = person("mina").user, person("joon").user
    post_of(mina, caption="secret lake", visibility="private")
    post_of(mina, caption="public lake")
    assert find("lake") == find("lake", joon) == ["public lake"]
    assert find("lake", mina) == ["public lake", "secret lake"]
    with database.writing() as session:
        profiles.block(session, mina, joon)
    assert find("lake", joon) == []
    with database.session() as session:
        assert search.people(session, Viewer(joon), ["mina"]) == []


def test_people_are_found_by_handle_and_name(person, database):
    person("mina_seo", name="Mina Seo")
    person("minami", name="Sea")
    person("haneul", name="하늘")
    person("gone", name="mina", state="suspended")
    with database.session() as session:
        handles = lambda text: [user.handle for user in search.people(session, Viewer(), search.terms_of(text))]  # noqa: E731
        assert handles("@minami") == ["minami"]
        assert set(handles("mina")) == {"mina_seo", "minami"}
        assert handles("mina seo") == ["mina_seo"]
        assert handles("하늘") == ["haneul"]


def test_tags_are_counted_as_far_as_they_may_be_seen(person, post_of, database):
    mina = person("mina").user
    for visibility in ("public", "public", "private"):
        post = post_of(mina, caption="#seaside #Sea", visibility=visibility)
        with database.writing() as session:
            caption_written(session, mina, session.get(Post, post.id))
    with database.session() as session:
        assert search.tags(session, Viewer(), ["sea"]) == [("sea", 2), ("seaside", 2)]
        assert search.tags(session, Viewer(mina), ["seas"]) == [("seaside", 3)]


def test_the_page_shows_what_was_found_and_helps_when_nothing_was(person, post_of, visitor):
    post_of(person("mina").user, caption="A walk by the lake <b>", mood="quiet")
    assert "/p/" in visitor.get("/search?q=lake").text
    assert "/mood/quiet" in visitor.get("/search?q=quiet").text
    nothing = visitor.get("/search?q=<script>alert(1)</script>")
    assert "Nothing found" in nothing.text
    assert "<script>alert" not in nothing.text


def test_ten_thousand_posts_are_searched_quickly(person, database):
    mina = person("mina").user
    with database.writing() as session:
        session.execute(
            Post.__table__.insert(),
            [
                {"id": f"{n:026d}", "author_id": mina.id, "state": "published", "published_at": float(n),
                 "caption": f"number {n} of many", "alt": "A picture of something.", "mood": "quiet"}
                for n in range(10_000)
            ],
        )  # fmt: skip
    with database.session() as session:
        began = time.process_time()
        assert search.posts(session, Viewer(), ["4321", "many"]).items
        assert not search.posts(session, Viewer(), ["nowhere"]).items
        assert time.process_time() - began < 0.5
