"""Comments and replies."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form
from starlette.responses import Response

from moodscore.studio import conversation, rates
from moodscore.studio.comments import Comment
from moodscore.studio.here import Here, Present
from moodscore.studio.permissions import account_of, may_remove_comment, post_for
from moodscore.studio.refusals import NOT_ALLOWED, Refused, not_found

router = APIRouter()


@router.post("/p/{post_id}/comments")
def say(
    here: Present, post_id: str, text: Annotated[str, Form()] = "", reply_to: Annotated[str, Form()] = ""
) -> Response:
    """Write a comment, or with `reply_to` an answer to one."""
    me = account_of(here.viewer)
    post = post_for(here.session, here.viewer, post_id)
    rates.check(here, "comment")
    comment = conversation.say(here.session, me, post, text, reply_to)
    here.session.commit()
    return here.done(f"/p/{post.id}#c-{comment.id}", count=post.comments, id=comment.id)


@router.post("/c/{comment_id}/delete")
def unsay(here: Present, comment_id: str) -> Response:
    """Remove a comment with its answers: one's own, one under one's own post, or any as an admin."""
    comment = comment_for(here, comment_id)
    if not may_remove_comment(here.session, here.viewer, comment):
        raise Refused(403, NOT_ALLOWED)
    post_id = comment.post_id
    count = conversation.unsay(here.session, comment)
    here.session.commit()
    return here.done(f"/p/{post_id}#comments", count=count)


def comment_for(here: Here, comment_id: str) -> Comment:
    """A comment under a post the viewer, who must be logged in, may see; raises Refused (401, 404)."""
    account_of(here.viewer)
    comment = here.session.get(Comment, comment_id)
    if comment is None:
        raise not_found()
    if not here.viewer.is_admin:
        post_for(here.session, here.viewer, comment.post_id)
    return comment
