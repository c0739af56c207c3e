"""Every route, asked for with whatever its schema allows and some it does not: nothing breaks, for nobody."""

import secrets
import tempfile
import warnings
from pathlib import Path

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from moodscore.studio import cookies
from moodscore.studio.accounts import LoginSession, User
from moodscore.studio.app import create_app
from moodscore.studio.comments import Comment
from moodscore.studio.db import now
from moodscore.studio.posts import Post
from moodscore.studio.settings import Settings
from moodscore.studio.tunes import Tune

EXAMPLES = 3
# Streams that go on for as long as a post is waiting; they are read in their own tests.
ENDLESS = {"/p/{post_id}/progress"}


def operations():
    """Each operation of the whole application, by its name."""
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # routes that answer GET and HEAD share an id
        app = create_app(Settings(folder=Path(folder)))
        told = app.openapi()
        app.state.database.close()
    schema = schemathesis.openapi.from_dict(told)
    found = [result.ok() for result in schema.get_all_operations()]
    named = {f"{op.method.upper()} {op.path}": op for op in found if op.path not in ENDLESS}
    return dict(sorted(named.items()))  # a route's methods are a set: without this each process has its own order


OPERATIONS = operations()


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    """One studio for all: nothing that one of them does may break another."""
    return create_app(Settings(folder=tmp_path_factory.mktemp("fuzz"), rate_limits=False))


def somebody(app, session, role):
    """A new person, logged in, and their browser."""
    user, token = User(handle=f"who{secrets.token_hex(5)}", password_hash="none", role=role), cookies.new_token()
    session.add(user)
    session.flush()
    session.add(LoginSession(id=cookies.digest(token), user_id=user.id))
    client = TestClient(app, base_url="http://127.0.0.1:8421")
    client.cookies.set(cookies.cookie_name(app.state.settings, cookies.SESSION), token)
    return user, client


@pytest.fixture
def world(app):
    """Who asks (a visitor, an admin, a member), and values of path parameters that lead somewhere."""
    with app.state.database.writing() as session:
        admin, admins = somebody(app, session, "admin")
        member, members = somebody(app, session, "member")
        posts = [
            Post(author_id=user.id, state=state, visibility=visibility, published_at=now(), caption="a #sea")
            for user, state, visibility in (
                (admin, "published", "public"), (admin, "published", "private"), (member, "ready", "public"),
                (member, "failed", "public"),
            )
        ]  # fmt: skip
        session.add_all(posts)
        session.flush()
        tune = Tune(post_id=posts[0].id, role="faithful", peaks=[0.5], duration_s=1.0)
        comment = Comment(post_id=posts[0].id, author_id=member.id, text="hello")
        session.add_all([tune, comment])
        session.flush()
        posts[0].tune_id = tune.id
        known = {
            "post_id": [post.id for post in posts], "handle": [admin.handle, member.handle], "tag": ["sea"],
            "comment_id": [comment.id], "name": ["photo", "quiet"], "tune_id": [tune.id],
        }  # fmt: skip
    visitor = TestClient(app, base_url="http://127.0.0.1:8421")
    visitor.cookies.set(cookies.cookie_name(app.state.settings, cookies.VISITOR), cookies.new_token())
    return [visitor, admins, members], known


def sent(case, client, app):
    """Ask as a browser would: with the token of its forms, and without following where it is led."""
    told = case.as_transport_kwargs(base_url="http://127.0.0.1:8421")
    told["headers"] = {
        k: v for k, v in told.get("headers", {}).items() if k.lower() not in ("content-type", "user-agent")
    }
    if isinstance(told.get("data"), dict) and not told.get("files"):
        told["data"] = {name: str(value) for name, value in told["data"].items()}
    names = [cookies.cookie_name(app.state.settings, name) for name in (cookies.SESSION, cookies.VISITOR)]
    bound_to = next((client.cookies[name] for name in names if name in client.cookies), "")
    told["headers"]["x-csrf-token"] = cookies.csrf_token(app.state.key, bound_to)
    told.pop("cookies", None)
    told.pop("timeout", None)
    return client.request(**told, follow_redirects=False)


@pytest.mark.parametrize("name", OPERATIONS)
def test_nothing_breaks(app, world, name):
    people, known = world
    operation = OPERATIONS[name]

    @given(operation.as_strategy(), st.data())
    @settings(
        max_examples=EXAMPLES, deadline=None, database=None, derandomize=True, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    def ask(case, data):
        for parameter in case.path_parameters or {}:
            if parameter in known and data.draw(st.integers(0, 2)):
                case.path_parameters[parameter] = data.draw(st.sampled_from(known[parameter]))
        for client in people:
            answer = sent(case, client, app)
            assert answer.status_code < 500 or answer.status_code == 501, (case.as_curl_command(), answer.text[:300])

    ask()


def test_every_route_is_asked():
    assert len(OPERATIONS) > 60
