"""Orders: what more a worker is asked for about a post that is there already: another tune, or a film to save."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ForeignKey, String, Text, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from moodscore.studio.db import Base, new_id, now
from moodscore.studio.once import add_once
from moodscore.studio.tunes import Tune

KINDS = ("again", "film")
STATES = ("waiting", "working", "done", "failed")
OPEN = ("waiting", "working")


class Order(Base):
    """An order: `kind` again is a tune at another place of the plane, film is an MP4 of the picture with a tune.

    `wish` is what was asked for. The row is the request, as a post is: a worker turns it into a job of the same name.
    """

    __tablename__ = "orders"
    id: Mapped[str] = mapped_column(String(60), primary_key=True)
    post_id: Mapped[str] = mapped_column(ForeignKey("posts.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str] = mapped_column(String(10))
    wish: Mapped[dict[str, Any]] = mapped_column(default=dict)
    state: Mapped[str] = mapped_column(String(10), default="waiting", index=True)
    run: Mapped[int] = mapped_column(default=0)
    reason: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[float] = mapped_column(default=now)


def open_of(session: Session, post_id: str) -> list[Order]:
    """The orders about a post that are not done yet, the oldest first."""
    where = (Order.post_id == post_id, Order.state.in_(OPEN))
    return list(session.scalars(select(Order).where(*where).order_by(Order.created_at)))


def again(session: Session, post_id: str, wish: dict[str, Any]) -> Order:
    """Ask for one more tune for a post."""
    order = Order(id=f"again-{new_id()}", post_id=post_id, kind="again", wish=wish)
    session.add(order)
    return order


def film(session: Session, tune: Tune) -> Order:
    """Ask for the film of a tune and its picture; asked for again, it is the same order, tried again if it failed."""
    order_id = f"film-{tune.id}"
    add_once(session, Order, id=order_id, post_id=tune.post_id, kind="film", wish={"tune": tune.id})
    order = session.get_one(Order, order_id, with_for_update=True)
    if order.state == "failed" or (order.state == "done" and "film" not in tune.files):
        order.state, order.reason, order.run = "waiting", "", order.run + 1
    return order
