"""Rates: bursts are let through, floods are not, and counting them costs bounded memory."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import Request

from moodscore.studio.here import Here
from moodscore.studio.rates import LIMITS, Buckets, Rate, check, check_upload, network_of
from moodscore.studio.refusals import Refused


class Clock:
    now_s = 0.0

    def __call__(self):
        return self.now_s


@given(st.lists(st.floats(0, 30), min_size=1, max_size=60))
def test_never_more_than_the_burst_and_what_came_back_meanwhile(pauses_s):
    clock, rate = Clock(), Rate(burst=5, often=6, every_s=60)
    buckets, let = Buckets(clock=clock), 0
    for pause_s in pauses_s:
        clock.now_s += pause_s
        let += buckets.take(("a", "b"), rate) == 0
    assert let <= rate.burst + clock.now_s * rate.per_s + 1e-9


def test_who_waits_as_long_as_told_is_let_through():
    clock, rate = Clock(), Rate(burst=1, often=1, every_s=10)
    buckets = Buckets(clock=clock)
    assert buckets.take(("a", "b"), rate) == 0
    wait_s = buckets.take(("a", "b"), rate)
    clock.now_s += wait_s
    assert buckets.take(("a", "b"), rate) == 0


def test_the_number_of_buckets_is_bounded():
    buckets = Buckets(most=10)
    for number in range(100):
        buckets.take(("a", str(number)), Rate(1, 1, 1))
    assert len(buckets) == 10


def test_one_customers_ipv6_network_is_one_address():
    assert network_of("2001:db8:1:2:3::1") == network_of("2001:db8:1:2:ffff::9") != network_of("2001:db8:1:3::1")
    assert network_of("::ffff:192.0.2.1") == "192.0.2.1"
    assert network_of("192.0.2.1") == "192.0.2.1"
    assert network_of("testclient") == "testclient"


def here_at(app, session, address):
    return Here(Request({"type": "http", "app": app, "headers": [], "client": (address, 1)}), session)


def test_visitors_upload_less_than_people_with_an_account(app, database):
    app.state.settings = replace(app.state.settings, rate_limits=True)
    with database.session() as session:
        here = here_at(app, session, "192.0.2.7")
        for _ in range(LIMITS["upload_visitor"].address.burst):
            check_upload(here)
        with pytest.raises(Refused) as refused:
            check_upload(here)
    assert refused.value.status == 429
    assert LIMITS["upload_visitor"].address.burst < LIMITS["upload"].account.burst


def test_an_address_that_asks_too_often_is_told_how_long_to_wait(app, database):
    app.state.settings = replace(app.state.settings, rate_limits=True)
    with database.session() as session:
        one, other = (here_at(app, session, address) for address in ("192.0.2.1", "192.0.2.2"))
        for _ in range(LIMITS["sign_up"].address.burst):
            check(one, "sign_up")
        with pytest.raises(Refused) as refused:
            check(one, "sign_up")
        check(other, "sign_up")
    assert refused.value.status == 429
    assert refused.value.values["seconds"] > 0


def test_the_settings_switch_limits_off(app, database):
    with database.session() as session:
        for _ in range(100):
            check(here_at(app, session, "192.0.2.1"), "sign_up")
    assert len(app.state.buckets) == 0
