"""Rates: how often an address and an account may do something, by token buckets in this process's memory."""

from __future__ import annotations

import ipaddress
import math
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock

from moodscore.studio.here import Here
from moodscore.studio.refusals import TOO_OFTEN, Refused

MOST_BUCKETS = 50_000
MINUTE_S, HOUR_S = 60.0, 3600.0


@dataclass(frozen=True, slots=True)
class Rate:
    """So many times at once, and `often` times in each `every_s` seconds in the long run."""

    burst: int
    often: int
    every_s: float

    @property
    def per_s(self) -> float:
        """How many uses come back in a second."""
        return self.often / self.every_s


@dataclass(frozen=True, slots=True)
class Limit:
    """What one address and one account may do. A household or a school shares an address, so it may do more."""

    address: Rate
    account: Rate


LIMITS = {
    "log_in": Limit(Rate(20, 60, HOUR_S), Rate(8, 16, HOUR_S)),
    "sign_up": Limit(Rate(8, 10, HOUR_S), Rate(8, 10, HOUR_S)),
    "password": Limit(Rate(20, 60, HOUR_S), Rate(6, 12, HOUR_S)),
    "upload": Limit(Rate(40, 120, HOUR_S), Rate(20, 60, HOUR_S)),
    "upload_visitor": Limit(Rate(10, 30, HOUR_S), Rate(10, 30, HOUR_S)),
    "again": Limit(Rate(40, 240, HOUR_S), Rate(20, 120, HOUR_S)),
    "comment": Limit(Rate(40, 20, MINUTE_S), Rate(10, 6, MINUTE_S)),
    "follow": Limit(Rate(120, 60, MINUTE_S), Rate(40, 20, MINUTE_S)),
    "like": Limit(Rate(240, 120, MINUTE_S), Rate(80, 60, MINUTE_S)),
    "report": Limit(Rate(20, 40, HOUR_S), Rate(8, 20, HOUR_S)),
    "search": Limit(Rate(60, 120, MINUTE_S), Rate(30, 60, MINUTE_S)),
    "export": Limit(Rate(6, 12, HOUR_S), Rate(2, 4, HOUR_S)),
}


class Buckets:
    """Token buckets by name: each begins full; the one used longest ago makes room for a new one."""

    def __init__(self, most: int = MOST_BUCKETS, clock: Callable[[], float] = time.monotonic) -> None:
        self.most, self.clock = most, clock
        self._lock = Lock()
        self._left: OrderedDict[tuple[str, str], tuple[float, float]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._left)

    def take(self, key: tuple[str, str], rate: Rate) -> float:
        """Use a bucket once; gives the seconds to wait when it is empty, else 0.0."""
        with self._lock:
            now_s = self.clock()
            left, then_s = self._left.pop(key, (float(rate.burst), now_s))
            left = min(rate.burst, left + (now_s - then_s) * rate.per_s)
            wait_s = 0.0 if left >= 1 else (1 - left) / rate.per_s
            self._left[key] = (left if wait_s else left - 1, now_s)
            if len(self._left) > self.most:
                self._left.popitem(last=False)
            return wait_s


def network_of(address: str) -> str:
    """What counts as one address: an IPv4 address, or the /64 network that one IPv6 customer has."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped:
            return str(found.ipv4_mapped)
        return str(ipaddress.ip_network((found, 64), strict=False))
    return address


def check_upload(here: Here) -> None:
    """Count an upload, of which visitors may make fewer than people with an account; raises Refused (429)."""
    check(here, "upload" if here.viewer.user else "upload_visitor")


def check(here: Here, what: str, account: str = "") -> None:
    """Count one use of `what` (a name in LIMITS) for the viewer's address and account, or for the `account` that is named.

    Raises Refused (429) with the seconds to wait. Does nothing where the settings switch limits off.
    """
    if not here.settings.rate_limits:
        return
    buckets: Buckets = here.request.app.state.buckets
    limit = LIMITS[what]
    wait_s = buckets.take((what, "address " + network_of(here.address)), limit.address)
    who = account or here.viewer.id
    if who and not wait_s:
        wait_s = buckets.take((what, "account " + who), limit.account)
    if wait_s:
        raise Refused(429, TOO_OFTEN, seconds=math.ceil(wait_s))
