"""Accounts: signing up, logging in and out, and how little an attacker learns from it."""

import re
from dataclasses import replace

import pytest
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from sqlalchemy import select
from starlette.testclient import TestClient

from moodscore.studio import passwords, rates, sign_up
from moodscore.studio.accounts import LoginSession, User, by_handle
from moodscore.studio.app import create_app
from moodscore.studio.db import now
from moodscore.studio.pages.accounts import own_path
from moodscore.studio.posts import Post

GOOD = "lamp-sea-folder"


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    """Hash cheaply; test_passwords.py looks at the real thing."""
    monkeypatch.setattr(passwords, "_HASHES", PasswordHash((Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1),)))
    passwords._nobodys.cache_clear()
    yield
    passwords._nobodys.cache_clear()


@pytest.fixture
def browser_at(visitor):
    """Another browser, at the studio of an app."""

    def at(app):
        return type(visitor)(TestClient(app, base_url=app.state.settings.base_url))

    return at


def form(handle="mina", password=GOOD, **more):
    return {"handle": handle, "password": password, **more}


def people(database):
    with database.session() as session:
        return session.scalars(select(User).order_by(User.created_at)).all()


def me(browser):
    """The handle that pages greet a browser's person by, or None."""
    found = re.search(r'href="/@(\w+)"', browser.client.get("/settings").text)
    return found[1] if found else None


def test_the_first_account_looks_after_the_studio_and_the_page_says_so(visitor, app, database, browser_at):
    assert "will look after this studio" in visitor.get("/sign-up").text
    answer = visitor.post("/sign-up", form("Mina", name="Mina K."))
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    second = browser_at(app)
    assert "will look after" not in second.get("/sign-up").text
    second.post("/sign-up", form("ren"))
    assert [(u.handle, u.name, u.role) for u in people(database)] == [
        ("mina", "Mina K.", "admin"),
        ("ren", "", "member"),
    ]
    assert (me(visitor), me(second)) == ("mina", "ren")


@pytest.mark.parametrize(
    ("filled", "field", "said"),
    [
        (form("m"), "handle", "2 to 30"),
        (form("민아"), "handle", "2 to 30"),
        (form("a-b"), "handle", "2 to 30"),
        (form("admin"), "handle", "taken"),
        (form("ren"), "handle", "taken"),
        (form(password="short"), "password", "10 characters"),
        (form(password="x9k" * 67), "password", "200 characters"),
        (form(password="password1234"), "password", "easily guessed"),
        (form(password="mina mina 2024"), "password", "easily guessed"),
    ],
)
def test_what_is_wrong_in_the_form_is_said_beside_its_field(visitor, person, database, filled, field, said):
    person("ren")
    answer = visitor.post("/sign-up", filled)
    assert answer.status_code == 422
    assert said in re.search(rf'id="{field}-hint">([^<]*)', answer.text)[1]
    assert filled["password"] not in answer.text
    assert len(people(database)) == 1


def test_a_script_is_told_the_field_as_json(visitor):
    answer = visitor.post("/sign-up", form(password="short"), json=True)
    assert (answer.status_code, answer.json()["field"]) == (422, "password")


def test_signing_up_brings_the_drafts_of_the_visit_along(visitor, database):
    from moodscore.studio import cookies

    visitor.get("/sign-up")
    token = visitor.client.cookies["moodscore-visitor"]
    with database.writing() as session:
        session.add(Post(visitor=cookies.digest(token), state="ready"))
        session.add(Post(visitor="somebody else", state="ready"))
    visitor.post("/sign-up", form())
    with database.session() as session:
        mine = session.scalars(select(Post).where(Post.author_id.is_not(None))).all()
        assert [(p.author_id, p.visitor) for p in mine] == [(by_handle(session, "mina").id, "")]
    assert "moodscore-visitor" not in visitor.client.cookies


def test_where_admins_let_people_in_one_waits(settings, browser_at, database):
    app = create_app(replace(settings, sign_up="approval"))
    first, second = browser_at(app), browser_at(app)
    first.post("/sign-up", form())
    answer = second.post("/sign-up", form("ren"))
    assert answer.headers["location"] == "/waiting"
    assert "let you in" in second.get("/waiting").text
    assert second.post("/log-in", form("ren")).headers["location"] == "/waiting"
    assert (me(first), me(second)) == ("mina", None)
    with app.state.database.writing() as session:
        by_handle(session, "ren").state = "active"
    second.post("/log-in", form("ren"))
    assert me(second) == "ren"


def test_an_invitation_opens_once_and_not_after_its_time(settings, browser_at):
    app = create_app(replace(settings, sign_up="invite"))
    admin, guest, other, late = (browser_at(app) for _ in range(4))
    admin.post("/sign-up", form())
    assert "by invitation" in guest.get("/sign-up").text
    assert guest.post("/sign-up", form("ren")).status_code == 422
    with app.state.database.writing() as session:
        once, over = sign_up.invite(session, None), sign_up.invite(session, None, days=-1)
    assert once in guest.get(f"/sign-up?invite={once}").text
    assert guest.post("/sign-up", form("ren", invite=once)).status_code == 303
    assert "not valid" in other.post("/sign-up", form("juno", invite=once)).text
    assert "not valid" in late.post("/sign-up", form("juno", invite=over)).text
    assert [u.handle for u in people(app.state.database)] == ["mina", "ren"]


@pytest.fixture
def mina(visitor, app, browser_at):
    """Somebody who signed up from another browser."""
    browser = browser_at(app)
    browser.post("/sign-up", form())
    return browser


def test_logging_in_starts_a_new_session_whatever_cookie_came_along(mina, visitor, database):
    visitor.client.cookies.set("moodscore-session", "chosen-by-somebody-else")
    visitor.post("/log-in", form())
    token = visitor.client.cookies.get("moodscore-session", domain="127.0.0.1")
    assert token != "chosen-by-somebody-else"
    with database.session() as session:
        stored = session.scalars(select(LoginSession.id)).all()
    assert len(stored) == 2
    assert token not in stored


def test_logging_in_again_ends_the_session_that_was_open(mina, database):
    before = mina.client.cookies["moodscore-session"]
    mina.post("/log-in", form())
    assert mina.client.cookies["moodscore-session"] != before
    with database.session() as session:
        assert len(session.scalars(select(LoginSession)).all()) == 1


def test_forms_of_before_the_log_in_do_not_work_after_it(mina, visitor):
    token = visitor.csrf()
    visitor.post("/log-in", form())
    answer = visitor.client.post("/settings", data={"csrf": token, "name": "Eve"}, follow_redirects=False)
    assert answer.status_code == 403


def test_an_unknown_handle_and_a_wrong_password_look_and_cost_the_same(mina, visitor, database, monkeypatch):
    asked = []
    verify = passwords._HASHES.verify
    monkeypatch.setattr(passwords._HASHES, "verify", lambda *a: asked.append(a[1][:15]) or verify(*a))
    with database.writing() as session:
        session.add(User(handle="gone", state="suspended", password_hash=passwords.hashed(GOOD)))
    answers = [visitor.post("/log-in", f) for f in (form(password="wrong" * 3), form("nobody"), form("gone"))]
    pages = {re.sub(r'value="[^"]*"|content="[^"]*"|nonce="[^"]*"', "", a.text) for a in answers}
    assert [a.status_code for a in answers] == [401] * 3
    assert len(pages) == 1
    assert asked == ["$argon2id$v=19$"] * 3


def test_a_handle_may_be_typed_as_it_is_written(mina, visitor):
    assert visitor.post("/log-in", form(" @MINA ")).status_code == 303


def test_logging_out_ends_the_session_on_the_server_too(mina, database):
    stolen = mina.client.cookies["moodscore-session"]
    answer = mina.post("/log-out")
    assert answer.headers["clear-site-data"] == '"cache"'
    mina.client.cookies.set("moodscore-session", stolen)
    assert me(mina) is None
    with database.session() as session:
        assert session.scalars(select(LoginSession)).all() == []


def test_a_session_that_was_not_used_for_long_is_over(mina, database, settings):
    with database.writing() as session:
        session.scalars(select(LoginSession)).one().seen_at = now() - settings.session_days * 86400 - 1
    assert me(mina) is None


@pytest.mark.parametrize(
    ("asked", "led_to"),
    [
        ("/p/abc?x=1", "/p/abc?x=1"),
        ("https://evil.example/", "/"),
        ("//evil.example", "/"),
        ("/\\evil.example", "/"),
        ("/\t/evil.example", "/"),
        ("javascript:alert(1)", "/"),
        ("", "/"),
    ],
)
def test_after_the_log_in_one_is_led_to_pages_of_ours_only(mina, visitor, asked, led_to):
    assert own_path(asked) == led_to
    assert visitor.post("/log-in", form(next=asked)).headers["location"] == led_to
    assert mina.get("/log-in", params={"next": asked}).headers["location"] == led_to


def test_cookies_say_to_browsers_who_may_have_them(settings, browser_at):
    app = create_app(replace(settings, base_url="https://studio.example"))
    browser = browser_at(app)
    given = browser.post("/sign-up", form()).headers.get_list("set-cookie")
    session = next(c for c in given if c.startswith("__Host-session="))
    assert {"secure", "httponly", "path=/", "samesite=lax"} <= {p.strip().lower() for p in session.split(";")}
    assert "domain" not in session.lower()
    assert len(re.match(r"__Host-session=([\w-]+)", session)[1]) >= 22
    assert all("httponly" in c.lower() for c in given)


def test_a_changing_request_from_another_site_is_refused_even_with_a_token(mina):
    for headers in ({"origin": "https://evil.example"}, {"sec-fetch-site": "cross-site"}):
        token = mina.csrf()
        answer = mina.client.post("/log-out", data={"csrf": token}, headers=headers, follow_redirects=False)
        assert answer.status_code == 403
    assert me(mina) == "mina"


def test_guessing_is_slowed_down_without_locking_the_owner_out(settings, browser_at):
    app = create_app(replace(settings, rate_limits=True))
    owner, guesser = browser_at(app), browser_at(app)
    owner.post("/sign-up", form())
    owner.post("/log-out")
    tries = rates.LIMITS["log_in"].account.burst
    answers = [guesser.post("/log-in", form(password="guess" * 3)).status_code for _ in range(tries + 1)]
    assert answers == [401] * tries + [429]
    assert "wait" in guesser.post("/log-in", form()).text
    assert owner.post("/log-in", form()).status_code == 303


def test_a_crowd_at_the_door_is_asked_to_come_again(visitor, monkeypatch):
    monkeypatch.setattr(passwords, "WAIT_S", 0.01)
    monkeypatch.setattr(passwords, "_AT_ONCE", passwords.BoundedSemaphore(1))
    with passwords._turn():
        answer = visitor.post("/log-in", form())
    assert answer.status_code == 503
    assert "busy" in answer.text
