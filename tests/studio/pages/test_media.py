"""Files of posts: who may have them, in which parts, and what browsers are told about them."""

import pytest

from moodscore.studio.media_files import keep_bytes
from moodscore.studio.posts import Post
from moodscore.studio.tunes import Tune

SOUND = bytes(range(256)) * 8


@pytest.fixture
def with_files(post_of, database, settings):
    def make(user, **fields):
        post = post_of(user, **fields)
        with database.writing() as session:
            photo = keep_bytes(session, settings.media, b"\xff\xd8photo", "image/jpeg")
            sound = keep_bytes(session, settings.media, SOUND, "audio/mp4")
            session.get(Post, post.id).renditions = {"photo": photo}
            session.get(Tune, post.tune_id).files = {"audio": sound}
            other = Tune(post_id=post.id, role="contrast", files={"audio": sound})
            session.add(other)
        return post, other

    return make


def test_files_are_harmless_to_browsers(person, visitor, with_files):
    post, _ = with_files(person().user)
    answer = visitor.get(f"/m/{post.id}/photo")
    assert (answer.content, answer.headers["content-type"]) == (b"\xff\xd8photo", "image/jpeg")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-security-policy"] == "default-src 'none'; sandbox"


def test_a_tune_can_be_had_in_parts(person, visitor, with_files):
    post, _ = with_files(person().user)
    path = f"/m/{post.id}/tune/{post.tune_id}.m4a"
    part = visitor.get(path, headers={"range": "bytes=10-19"})
    assert (part.status_code, part.content) == (206, SOUND[10:20])
    assert part.headers["content-range"] == f"bytes 10-19/{len(SOUND)}"
    assert visitor.get(path, headers={"range": "bytes=99999-"}).status_code == 416
    assert visitor.client.head(path).headers["content-length"] == str(len(SOUND))


def test_what_a_browser_has_is_not_sent_again(person, visitor, with_files):
    post, _ = with_files(person().user)
    tag = visitor.get(f"/m/{post.id}/photo").headers["etag"]
    again = visitor.get(f"/m/{post.id}/photo", headers={"if-none-match": tag})
    assert (again.status_code, again.content) == (304, b"")


def test_only_public_files_are_kept_for_a_while_and_by_browsers_alone(person, visitor, with_files):
    mina = person("mina")
    open_to_all, _ = with_files(mina.user)
    private, _ = with_files(mina.user, visibility="private")
    assert visitor.get(f"/m/{open_to_all.id}/photo").headers["cache-control"] == "private, max-age=600"
    assert mina.get(f"/m/{private.id}/photo").headers["cache-control"] == "private, no-cache"
    assert visitor.get(f"/m/{private.id}/photo").status_code == 404
    assert person("jun").get(f"/m/{private.id}/tune/{private.tune_id}.m4a").status_code == 404


def test_tunes_that_were_not_chosen_are_the_authors_alone(person, visitor, with_files):
    mina = person("mina")
    post, other = with_files(mina.user)
    path = f"/m/{post.id}/tune/{other.id}.m4a"
    assert mina.get(path).status_code == 200
    assert visitor.get(path).status_code == 404


def test_a_file_that_is_saved_has_a_name(person, visitor, with_files):
    post, _ = with_files(person().user)
    answer = visitor.get(f"/m/{post.id}/tune/{post.tune_id}.m4a?download=1")
    assert answer.headers["content-disposition"] == "attachment; filename*=UTF-8''moodscore-acoustic-folk.m4a"


@pytest.mark.parametrize(
    "path", ["poster", "tune/nothing.m4a", "tune/{tune}.exe", "tune/{tune}.mid", "..%2f..%2fsecret.key"]
)
def test_what_is_not_there_is_not_found(person, visitor, with_files, path):
    post, _ = with_files(person().user)
    assert visitor.get(f"/m/{post.id}/{path.format(tune=post.tune_id)}").status_code == 404
