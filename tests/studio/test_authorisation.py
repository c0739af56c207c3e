"""Authorisation: every route x who asks x what it is about, from one table. A route without a line here fails the test.

What comes out of a request is one of four: "in" (it was answered, or refused for another reason than who asks), "log in",
"no" (403) and "nothing" (404: it looks as if it were not there).
"""

import sqlite3
from contextlib import closing
from dataclasses import dataclass

import pytest
from starlette.testclient import TestClient

from moodscore.studio import cookies, pages
from moodscore.studio.accounts import LoginSession, User
from moodscore.studio.app import create_app
from moodscore.studio.blocks import Block
from moodscore.studio.comments import Comment
from moodscore.studio.db import now
from moodscore.studio.follows import Follow
from moodscore.studio.media_files import keep_bytes, path_of
from moodscore.studio.posts import Post
from moodscore.studio.reports import Report
from moodscore.studio.settings import Settings
from moodscore.studio.tunes import Tune

VIEWERS = ("anonymous", "stranger", "follower", "owner", "admin", "blocked")
MEMBERS = VIEWERS[1:]
POSTS = ("public", "followers", "private", "held", "draft", "a visitor's draft")
FILE = b"the bytes of a file"


def sees(viewer, post):
    """Who sees a post: the words of the brief, written down once more and independently."""
    if post == "a visitor's draft":
        return viewer == "anonymous"
    return viewer == "owner" or viewer in {
        "public": ("anonymous", "stranger", "follower", "admin"), "followers": ("follower",),
    }.get(post, ())  # fmt: skip


def owns(viewer, post):
    return sees(viewer, post) if post == "a visitor's draft" else viewer == "owner"


def whoever_sees(viewer, post):
    return "in" if sees(viewer, post) else "nothing"


def members_who_see(viewer, post):
    return whoever_sees(viewer, post) if viewer != "anonymous" else "log in"


def members_who_see_it_published(viewer, post):
    return "nothing" if viewer != "anonymous" and "draft" in post else members_who_see(viewer, post)


def its_owner(viewer, post):
    return "in" if owns(viewer, post) else "no" if sees(viewer, post) else "nothing"


def its_owner_with_an_account(viewer, post):
    return "log in" if viewer == "anonymous" and owns(viewer, post) else its_owner(viewer, post)


def whoever_sees_it_published(viewer, post):
    return "nothing" if "draft" in post else whoever_sees(viewer, post)


def whoever_may_remix(viewer, post):
    if not sees(viewer, post) or "draft" in post:
        return whoever_sees(viewer, post)
    return "in" if owns(viewer, post) or post == "public" else "no"


def everybody_if_public(viewer, post):
    return "in" if post == "public" else "nothing"


def who_may_remove_comments(viewer, post):
    if viewer in ("anonymous", "owner", "admin"):
        return members(viewer) if viewer != "owner" or owns(viewer, post) else "nothing"
    return "no" if sees(viewer, post) else "nothing"


def who_may_report_comments(viewer, post):
    return "in" if viewer == "admin" else members_who_see(viewer, post)


def admins_if_published(viewer, post):
    return admins(viewer) if viewer != "admin" or "draft" not in post else "nothing"


def whoever_knows_a_password(viewer, post=""):
    return "log in"  # nobody in this test


def everybody(viewer, post=""):
    return "in"


def members(viewer, post=""):
    return "in" if viewer != "anonymous" else "log in"


def admins(viewer, post=""):
    return {"anonymous": "log in", "admin": "in"}.get(viewer, "no")


def whoever_is_not_blocked(viewer, post=""):
    return "nothing" if viewer == "blocked" else "in"


def members_about_the_owner(viewer, post=""):
    return {"anonymous": "log in", "owner": "nothing", "blocked": "nothing"}.get(viewer, "in")


def members_but_the_blocked(viewer, post=""):
    return {"anonymous": "log in", "blocked": "nothing"}.get(viewer, "in")


def the_owner(viewer, post=""):
    return {"anonymous": "log in", "owner": "in"}.get(viewer, "nothing")


TABLE = {
    "GET /": everybody,
    "GET /public": everybody,
    "GET /mood/{name}": everybody,
    "GET /feed": everybody,
    "GET /tag/{tag}": everybody,
    "GET /search": everybody,
    "GET /sign-up": everybody,
    "POST /sign-up": everybody,
    "GET /log-in": everybody,
    "POST /log-in": whoever_knows_a_password,
    "POST /log-out": everybody,
    "GET /waiting": everybody,
    "GET /manifest.webmanifest": everybody,
    "GET /sw.js": everybody,
    "GET /offline": everybody,
    "GET /share": everybody,
    "GET /about": everybody,
    "GET /robots.txt": everybody,
    "GET /healthz": everybody,
    "POST /language": everybody,
    "GET /feed.xml": everybody,
    "GET /upload": everybody,
    "POST /upload": everybody,
    "GET /bookmarks": members,
    "GET /notifications": members,
    "POST /notifications/read": members,
    "GET /settings": members,
    "POST /settings": members,
    "POST /settings/avatar": members,
    "GET /settings/security": members,
    "POST /settings/password": members,
    "POST /settings/sessions/end": members,
    "GET /settings/hidden": members,
    "POST /settings/words": members,
    "POST /settings/words/remove": members,
    "GET /settings/data": members,
    "POST /settings/export": members,
    "POST /settings/delete": members,
    "GET /admin": admins,
    "GET /admin/reports": admins,
    "GET /admin/held": admins,
    "POST /admin/cases/{kind}/{target}": admins,
    "POST /admin/words": admins,
    "POST /admin/words/remove": admins,
    "GET /admin/media/{post_id}/{name}": admins_if_published,
    "GET /admin/people": admins,
    "POST /admin/people/{handle}": admins,
    "POST /admin/people/{handle}/password": admins,
    "GET /admin/invites": admins,
    "POST /admin/invites": admins,
    "POST /admin/invites/revoke": admins,
    "GET /admin/log": admins,
    "GET /p/{post_id}": whoever_sees,
    "GET /p/{post_id}/state": whoever_sees,
    "GET /p/{post_id}/progress": whoever_sees,
    "GET /p/{post_id}/remixes": whoever_sees,
    "GET /p/{post_id}/make": its_owner,
    "GET /p/{post_id}/edit": its_owner,
    "POST /p/{post_id}/edit": its_owner_with_an_account,
    "POST /p/{post_id}/again": its_owner,
    "POST /p/{post_id}/choose": its_owner,
    "POST /p/{post_id}/cancel": its_owner,
    "POST /p/{post_id}/retry": its_owner,
    "POST /p/{post_id}/delete": its_owner,
    "POST /p/{post_id}/publish": its_owner_with_an_account,
    "POST /p/{post_id}/remix": whoever_may_remix,
    "POST /p/{post_id}/film": whoever_sees,
    "POST /p/{post_id}/like": members_who_see_it_published,
    "POST /p/{post_id}/unlike": members_who_see_it_published,
    "POST /p/{post_id}/bookmark": members_who_see_it_published,
    "POST /p/{post_id}/unbookmark": members_who_see_it_published,
    "POST /p/{post_id}/comments": members_who_see_it_published,
    "POST /p/{post_id}/report": members_who_see,
    "POST /c/{comment_id}/delete": who_may_remove_comments,
    "POST /c/{comment_id}/report": who_may_report_comments,
    "GET /m/{post_id}/{name}": whoever_sees,
    "HEAD /m/{post_id}/{name}": whoever_sees,
    "GET /m/{post_id}/tune/{tune_id}.{suffix}": whoever_sees,
    "HEAD /m/{post_id}/tune/{tune_id}.{suffix}": whoever_sees,
    "GET /embed/{post_id}": everybody_if_public,
    "GET /oembed": everybody_if_public,
    "GET /@{handle}": whoever_is_not_blocked,
    "GET /@{handle}/followers": whoever_is_not_blocked,
    "GET /@{handle}/following": whoever_is_not_blocked,
    "GET /@{handle}/feed.xml": everybody,
    "GET /avatar/{handle}": whoever_is_not_blocked,
    "POST /@{handle}/follow": members_about_the_owner,
    "POST /@{handle}/unfollow": members_about_the_owner,
    "POST /@{handle}/mute": members_about_the_owner,
    "POST /@{handle}/unmute": members_about_the_owner,
    "POST /@{handle}/block": members_about_the_owner,
    "POST /@{handle}/unblock": the_owner,
    "POST /@{handle}/report": members_but_the_blocked,
    "POST /requests/{handle}/accept": the_owner,
    "POST /requests/{handle}/refuse": members,
}
# What a request needs beside its path to come as far as the question who asks.
BODIES = {
    "POST /p/{post_id}/again": {"valence": "0.5", "arousal": "0.5"},
    "POST /language": {"language": "en"},
    "POST /p/{post_id}/comments": {"text": "nice"},
    "POST /settings/delete": {"password": "not this one"},
    "POST /admin/cases/{kind}/{target}": {"action": "dismiss"},
    "POST /admin/people/{handle}": {"action": "suspend"},
}
ABOUT_OTHERS = {
    "POST /@{handle}/unblock": "blocked",
    "POST /requests/{handle}/accept": "asker",
    "POST /requests/{handle}/refuse": "asker",
}


def routes():
    found = [route for router in pages.ROUTERS for route in router.routes]
    return sorted(f"{method} {route.path}" for route in found for method in route.methods)


def test_every_route_has_a_line_in_the_table():
    assert sorted(set(routes()) - set(TABLE)) == []
    assert sorted(set(TABLE) - set(routes())) == []


@dataclass
class World:
    """A studio with somebody of each kind and a post of each kind; it can be put back to how it was."""

    app: object
    client: TestClient
    tokens: dict
    posts: dict
    tunes: dict
    comments: dict
    file: str
    before: sqlite3.Connection

    def put_back(self):
        settings = self.app.state.settings
        with closing(sqlite3.connect(settings.folder / "studio.sqlite")) as database:
            database.execute("pragma synchronous=off")
            self.before.backup(database)
        path = path_of(settings.media, self.file)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(FILE)

    def ask(self, viewer, line, post):
        method, path = line.split(" ")
        path = path.format(
            post_id=self.posts[post], comment_id=self.comments[post], tune_id=self.tunes[post], suffix="m4a",
            name="joyful" if "mood" in path else "photo", tag="sea", handle=ABOUT_OTHERS.get(line, "owner"),
            kind="post", target=self.posts[post],
        )  # fmt: skip
        name = cookies.cookie_name(
            self.app.state.settings, cookies.VISITOR if viewer == "anonymous" else cookies.SESSION
        )
        headers = {
            "x-csrf-token": cookies.csrf_token(self.app.state.key, self.tokens[viewer]),
            "cookie": f"{name}={self.tokens[viewer]}",
        }
        origin = self.app.state.settings.origin
        query = {"url": f"{origin}/p/{self.posts[post]}"} if path == "/oembed" else None
        body = {"data": BODIES.get(line, {"text": ""})} if method == "POST" else {}
        self.client.cookies.clear()
        return self.client.request(method, path, params=query, headers=headers, follow_redirects=False, **body)


def outcome(answer):
    if answer.status_code == 401 or answer.headers.get("location", "").startswith("/log-in"):
        return "log in"
    assert answer.status_code < 500, answer.text
    return {403: "no", 404: "nothing"}.get(answer.status_code, "in")


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    settings = Settings(folder=tmp_path_factory.mktemp("world") / "studio", rate_limits=False)
    app = create_app(settings)
    people, tokens, posts, tunes, comments = {}, {"anonymous": cookies.new_token()}, {}, {}, {}
    with app.state.database.writing() as session:
        file = keep_bytes(session, settings.media, FILE, "image/jpeg")
        for handle in (*MEMBERS, "asker", "writer"):
            people[handle] = User(handle=handle, password_hash="none", role="admin" if handle == "admin" else "member")
            session.add(people[handle])
            session.flush()
            tokens[handle] = cookies.new_token()
            session.add(LoginSession(id=cookies.digest(tokens[handle]), user_id=people[handle].id))
        owner = people["owner"].id
        session.add(Follow(follower_id=people["follower"].id, followed_id=owner))
        session.add(Follow(follower_id=people["asker"].id, followed_id=owner, accepted=False))
        session.add(Block(blocker_id=owner, blocked_id=people["blocked"].id))
        for kind in POSTS:
            draft = "draft" in kind
            post = Post(
                author_id=None if kind == "a visitor's draft" else owner,
                visitor=cookies.digest(tokens["anonymous"]) if kind == "a visitor's draft" else "",
                state="ready" if draft else "published", published_at=None if draft else now(), caption="#sea",
                visibility=kind if kind in ("followers", "private") else "public", mood="joyful",
                renditions={"photo": file}, width=640, height=480,
            )  # fmt: skip
            session.add(post)
            session.flush()
            post.held = kind == "held"
            tune = Tune(post_id=post.id, role="faithful", files={"audio": file}, duration_s=3.0)
            comment = Comment(post_id=post.id, author_id=people["writer"].id, text="nice")
            session.add_all([tune, comment, Report(target_kind="post", target_id=post.id, reason="spam")])
            session.flush()
            post.tune_id = tune.id
            posts[kind], tunes[kind], comments[kind] = post.id, tune.id, comment.id
    with closing(sqlite3.connect(settings.folder / "studio.sqlite")) as source:
        before = sqlite3.connect(":memory:")
        source.backup(before)
    yield World(app, TestClient(app, base_url=settings.base_url), tokens, posts, tunes, comments, file, before)
    before.close()
    app.state.database.close()


@pytest.mark.parametrize("line", sorted(set(routes()) & set(TABLE)))
def test_who_gets_what(world, line):
    about_a_post = any(part in line for part in ("{post_id}", "{comment_id}", "/oembed"))
    wrong = []
    world.put_back()
    for viewer in VIEWERS:
        for post in POSTS if about_a_post else ("public",):
            answer = world.ask(viewer, line, post)
            got, wanted = outcome(answer), TABLE[line](viewer, post)
            if got != wanted:
                wrong.append(
                    f"{viewer}, {post if about_a_post else ''}: expected {wanted}, got {got} ({answer.status_code})"
                )
            if line.startswith("POST") and got == "in":
                world.put_back()
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("line", [line for line in routes() if line.startswith("POST")])
def test_a_changing_request_without_our_token_changes_nothing(world, line):
    """Whoever is logged in and lured to another site is kept from harm there by a token that the other site cannot know."""
    settings = world.app.state.settings
    path = line.split(" ")[1].format(
        post_id=world.posts["public"], comment_id=world.comments["public"], handle="stranger", kind="post", target="x"
    )
    cookie = f"{cookies.cookie_name(settings, cookies.SESSION)}={world.tokens['owner']}"
    for token in ("", "0" * 32, cookies.csrf_token(world.app.state.key, world.tokens["stranger"])):
        world.client.cookies.clear()
        answer = world.client.post(
            path, data={"csrf": token, **BODIES.get(line, {})}, headers={"cookie": cookie}, follow_redirects=False
        )
        assert answer.status_code == 403, token


def test_a_changing_request_that_says_it_is_json_needs_the_token_too(world):
    cookie = f"{cookies.cookie_name(world.app.state.settings, cookies.SESSION)}={world.tokens['owner']}"
    world.client.cookies.clear()
    answer = world.client.post("/settings/export", json={}, headers={"cookie": cookie}, follow_redirects=False)
    assert answer.status_code == 403
