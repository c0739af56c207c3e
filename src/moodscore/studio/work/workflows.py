"""Workflows: the durable jobs. Each step is a checkpoint; after a crash a job goes on from the last one that is done."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from dbos import DBOS, StepOptions

from moodscore.errors import BadMedia, NoFace
from moodscore.studio.refusals import N_
from moodscore.studio.work import steps
from moodscore.studio.work.workshop import TRIES, Hopeless, Superseded, current, worth_another_try

LOG = logging.getLogger("moodscore.studio.work")
Takes = ParamSpec("Takes")
Gives = TypeVar("Gives")
QUICK, LONG = "moodscore-quick", "moodscore-long"
QUEUES = {"photo": QUICK, "film": LONG, "clip": LONG}
BROKE = N_("Something broke while this was made, three times in a row.")
DEADLY = N_("This ended the worker again and again, so it was put aside.")


@DBOS.workflow(name="make", max_recovery_attempts=10_000)
def make(post_id: str, run: int) -> str:
    """Make what a post needs, step by step; gives ready, failed or superseded."""
    try:
        kind, names = _step("begin", steps.of_post, post_id, run)
        for name in names:
            _step(name, steps.do, post_id, run, kind, name)
        return _step("finish", steps.finish, post_id, run)
    except Superseded:
        return "superseded"
    except Exception as error:
        return _step("fail", steps.fail, post_id, run, reason_of(error))


@DBOS.workflow(name="serve", max_recovery_attempts=10_000)
def serve(order_id: str, run: int) -> str:
    """Do what was ordered about a post; gives done, failed or superseded."""
    try:
        _step("serve", steps.serve, order_id, run)
        return _step("served", steps.served, order_id, run)
    except Superseded:
        return "superseded"
    except Exception as error:
        return _step("failed", steps.served, order_id, run, reason_of(error))


def _step(name: str, do: Callable[Takes, Gives], *args: Takes.args, **kwargs: Takes.kwargs) -> Gives:
    options = StepOptions(
        name=name, retries_allowed=True, max_attempts=TRIES, interval_seconds=0.5, should_retry=worth_another_try
    )
    return DBOS.run_step(options, do, *args, **kwargs)


def reason_of(error: BaseException) -> str:
    """Why a job failed, in a sentence for people; what they cannot understand, or should not, goes to the log."""
    said = str(error)
    if isinstance(error, BadMedia | NoFace) and str(current().settings.folder) not in said:
        return said
    LOG.error("a job failed", exc_info=error)
    for one in getattr(error, "errors", ()):
        LOG.error("a try of it", exc_info=one)
    if isinstance(error, Hopeless):
        return DEADLY
    return BROKE
