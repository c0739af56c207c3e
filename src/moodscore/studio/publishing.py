"""Publishing: a draft becomes a post, once; its words, tune and audience can be changed later, and it can be answered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import CursorResult, update
from sqlalchemy.orm import Session

from moodscore.studio import orders, permissions, tunes
from moodscore.studio.accounts import User
from moodscore.studio.db import now
from moodscore.studio.mentions import caption_written
from moodscore.studio.permissions import Viewer
from moodscore.studio.posts import BEING_MADE, VISIBILITIES, Post
from moodscore.studio.prose import clean
from moodscore.studio.refusals import N_, NOT_ALLOWED, Refused

LONGEST_CAPTION, LONGEST_ALT, MOST_TUNES = 2000, 1000, 16
NOT_READY = N_("This is not ready to be published yet.")
TOO_LONG = N_("That is %(got)s characters long; there is room for %(most)s.")
WHO_SEES = N_("Please say who may see it: everybody, followers, or only you.")
STOPPED = N_("You stopped this.")
ENOUGH = N_("There are %(count)s tunes already. Choose one of them, or begin anew with the same photo.")
NOT_NOW = N_("This cannot be done while the post is being made.")


@dataclass(frozen=True, slots=True)
class Words:
    """What an author says about a post: caption, alt text, who may see it, whether it may be answered with a remix."""

    caption: str
    alt: str
    visibility: str
    allows_remix: bool

    def checked(self) -> Words:
        """The same, cleaned; raises Refused (422)."""
        caption, alt = clean(self.caption), clean(self.alt)
        for field, text, most in (("caption", caption, LONGEST_CAPTION), ("alt", alt, LONGEST_ALT)):
            if len(text) > most:
                raise Refused(422, TOO_LONG, field, got=len(text), most=most)
        if self.visibility not in VISIBILITIES:
            raise Refused(422, WHO_SEES, "visibility")
        return Words(caption, alt, self.visibility, self.allows_remix)


def publish(session: Session, viewer: Viewer, post: Post, words: Words) -> bool:
    """Publish a draft of the viewer's own; whether it was this call that did it, for it is done once.

    Raises Refused: 401 for a visitor, 409 for a draft that is not ready.
    """
    author = permissions.may_publish(viewer, post)
    if post.state == "published":
        return False
    told = words.checked()
    ready = update(Post).where(Post.id == post.id, Post.state == "ready", Post.published_at.is_(None))
    if not _changed(session, ready.values(state="published", published_at=now())):
        session.refresh(post)
        if post.state == "published":
            return False
        raise Refused(409, NOT_READY)
    session.refresh(post)
    _put(post, told)
    caption_written(session, author, post)
    return True


def edit(session: Session, author: User, post: Post, words: Words) -> None:
    """Change what is said about a post or a draft, and who may see it; raises Refused (422)."""
    _put(post, words.checked())
    if post.state == "published":
        post.edited_at = now()
    caption_written(session, author, post)


def _put(post: Post, words: Words) -> None:
    if words.alt != post.alt:
        post.alt_by_machine = False
    post.caption, post.alt = words.caption, words.alt
    post.visibility, post.allows_remix = words.visibility, words.allows_remix


def cancel(session: Session, post: Post) -> bool:
    """Stop what is being made; the originals stay. A worker that is at it finds out at its next look."""
    being_made = update(Post).where(Post.id == post.id, Post.state.in_(BEING_MADE))
    return _changed(session, being_made.values(state="failed", reason=STOPPED, run=Post.run + 1, stage=""))


def retry(session: Session, post: Post) -> bool:
    """Ask once more for what failed or was stopped; what was made already is not made again."""
    failed = update(Post).where(Post.id == post.id, Post.state == "failed")
    fresh = {"state": "waiting", "reason": "", "stage": "", "share": 0.0, "tries": 0, "starts": 0, "told_at": 0.0}
    return _changed(session, failed.values(run=Post.run + 1, **fresh))


def again(session: Session, post: Post, valence: float, arousal: float) -> orders.Order:
    """Ask for one more tune, for another place on the plane; raises Refused (409) before there is a first one."""
    if post.state not in ("ready", "published"):
        raise Refused(409, NOT_NOW)
    count = len(tunes.of_post(session, post)) + len(orders.open_of(session, post.id))
    if count >= MOST_TUNES:
        raise Refused(409, ENOUGH, count=count)
    place = [min(1.0, max(-1.0, float(v))) for v in (valence, arousal)]
    return orders.again(session, post.id, {"place": place, "seed": count})


def choose(session: Session, post: Post, tune_id: str) -> None:
    """Choose one of a post's tunes, or none for ""; also later, when it is published. Raises Refused (404)."""
    tunes.choose(session, post, tune_id)
    if post.state == "published":
        post.edited_at = now()


def remix_photo(session: Session, viewer: Viewer, answered: Post) -> Post:
    """A draft with the photo of another post, for which new tunes are made; raises Refused (403).

    It answers the post that the photo came with first, so that whoever posted it there decides for all that follow.
    """
    permissions.may_remix(viewer, answered)
    if answered.remix_kind == "photo" and answered.remix_of:
        answered = permissions.post_for(session, viewer, answered.remix_of)
        permissions.may_remix(viewer, answered)
    if answered.kind != "photo" or answered.state != "published":
        raise Refused(403, NOT_ALLOWED)
    post = Post(
        kind="photo",
        remix_of=answered.id,
        remix_kind="photo",
        renditions=dict(answered.renditions),
        wish={**_lasting(answered.wish), "seed": 1 + answered.wish.get("seed", 0)},
        **{name: getattr(answered, name) for name in ("width", "height", "blur", "alt", "alt_by_machine")},
    )
    if viewer.user is not None:
        post.author_id, post.visibility = viewer.user.id, viewer.user.visibility
    else:
        post.visitor = viewer.visitor
    session.add(post)
    session.flush()
    return post


def _lasting(wish: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in wish.items() if name in ("seconds", "order", "language", "seed")}


def _changed(session: Session, change: Any) -> bool:  # noqa: ANN401 - an UPDATE, whose type says nothing
    done = cast(CursorResult[Any], session.execute(change.execution_options(synchronize_session=False)))
    return done.rowcount > 0
