"""Likes, bookmarks and reports."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form
from starlette.responses import Response

from moodscore.studio import bookmarks, likes, rates, reporting
from moodscore.studio.accounts import User
from moodscore.studio.here import Here, Present
from moodscore.studio.pages.comments import comment_for
from moodscore.studio.permissions import account_of, person_for, post_for
from moodscore.studio.posts import Post
from moodscore.studio.refusals import N_, not_found

router = APIRouter()
THANKS = N_("Thank you. Somebody will look at it.")
Reason = Annotated[str, Form(max_length=20)]
Words = Annotated[str, Form(max_length=5000)]


@router.post("/p/{post_id}/like")
def like(here: Present, post_id: str) -> Response:
    """Like a post; once, however often it is said."""
    me, post = _mine(here, post_id)
    rates.check(here, "like")
    count = likes.like(here.session, me, post)
    return _done(here, post, on=True, count=count)


@router.post("/p/{post_id}/unlike")
def unlike(here: Present, post_id: str) -> Response:
    """Like a post no longer."""
    me, post = _mine(here, post_id)
    count = likes.unlike(here.session, me, post)
    return _done(here, post, on=False, count=count)


@router.post("/p/{post_id}/bookmark")
def bookmark(here: Present, post_id: str) -> Response:
    """Keep a post among one's bookmarks; nobody is told."""
    me, post = _mine(here, post_id)
    bookmarks.keep(here.session, me, post)
    return _done(here, post, on=True)


@router.post("/p/{post_id}/unbookmark")
def unbookmark(here: Present, post_id: str) -> Response:
    """Let a bookmark go."""
    me, post = _mine(here, post_id)
    bookmarks.let_go(here.session, me, post)
    return _done(here, post, on=False)


def _mine(here: Here, post_id: str) -> tuple[User, Post]:
    """The person looking, and a published post they may see; raises Refused (401, 404)."""
    me = account_of(here.viewer)
    post = post_for(here.session, here.viewer, post_id)
    if post.state != "published":
        raise not_found()
    return me, post


def _done(here: Here, post: Post, **values: object) -> Response:
    here.session.commit()
    return here.back(f"/p/{post.id}", **values)


@router.post("/p/{post_id}/report")
def report_post(here: Present, post_id: str, reason: Reason = "", text: Words = "") -> Response:
    """Tell the admins about a post."""
    account_of(here.viewer)
    post = post_for(here.session, here.viewer, post_id)
    return _report(here, ("post", post.id), reason, text, f"/p/{post.id}")


@router.post("/c/{comment_id}/report")
def report_comment(here: Present, comment_id: str, reason: Reason = "", text: Words = "") -> Response:
    """Tell the admins about a comment."""
    comment = comment_for(here, comment_id)
    return _report(here, ("comment", comment.id), reason, text, f"/p/{comment.post_id}")


@router.post("/@{handle}/report")
def report_person(here: Present, handle: str, reason: Reason = "", text: Words = "") -> Response:
    """Tell the admins about a person."""
    account_of(here.viewer)
    person = person_for(here.session, here.viewer, handle)
    return _report(here, ("user", person.id), reason, text, f"/@{person.handle}")


def _report(here: Here, about: tuple[str, str], reason: str, text: str, back: str) -> Response:
    rates.check(here, "report")
    reporting.report(here.session, account_of(here.viewer), *about, reason, text)
    here.session.commit()
    if here.wants_json:
        return here.done(back, said=here._(THANKS))
    return here.page("feeds/reported.html", back=back)
