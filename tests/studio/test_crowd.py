"""Many who ask at the same moment wait a little; they do not lock one another out."""

import asyncio

import httpx

from moodscore.studio import cookies

CROWD = 90  # more than there are threads and connections together


def asked_at_once(app, ask):
    """The answers to a crowd that asks in the same moment."""

    async def crowd():
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(app), base_url="http://127.0.0.1:8421", timeout=60
        ) as client:
            return await asyncio.gather(*(ask(client, number) for number in range(CROWD)))

    return asyncio.run(crowd())


def session_of(app, person):
    """The cookie of somebody who is logged in, and its value."""
    name = cookies.cookie_name(app.state.settings, cookies.SESSION)
    return f"{name}={person.client.cookies[name]}", person.client.cookies[name]


def test_a_crowd_of_readers_is_answered_without_waiting_for_one_another_for_ever(app, person, post_of):
    mina = person("mina")
    post_of(mina.user)
    cookie, _ = session_of(app, mina)
    answers = asked_at_once(app, lambda client, _: client.get("/public", headers={"cookie": cookie}))
    assert {answer.status_code for answer in answers} == {200}


def test_a_crowd_of_writers_is_answered_too(app, person, post_of):
    mina, ines = person("mina"), person("ines")
    post = post_of(ines.user)
    cookie, token = session_of(app, mina)
    headers = {
        "cookie": cookie,
        "x-csrf-token": cookies.csrf_token(app.state.key, token),
        "accept": "application/json",
    }
    verbs = ("like", "unlike")
    answers = asked_at_once(
        app, lambda client, number: client.post(f"/p/{post.id}/{verbs[number % 2]}", headers=headers)
    )
    assert {answer.status_code for answer in answers} == {200}
