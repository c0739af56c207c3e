"""A post: its own page, the page where it is made, and what its author may do with it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Form
from starlette.responses import Response

from moodscore.studio import (
    conversation,
    curves,
    deletion,
    feed,
    orders,
    permissions,
    progress,
    publishing,
    rates,
    reasons,
    tunes,
    uploads,
)
from moodscore.studio.here import Here, Present
from moodscore.studio.posts import Post
from moodscore.studio.publishing import Words
from moodscore.studio.refusals import N_, Refused, not_found

router = APIRouter()
Text = Annotated[str, Form()]
Tick = Annotated[bool, Form()]
Place = Annotated[float, Form(ge=-1, le=1)]


def _said(caption: Text = "", alt: Text = "", visibility: Text = "public", allows_remix: Tick = False) -> Words:
    return Words(caption, alt, visibility, allows_remix)


Said = Annotated[Words, Depends(_said)]
MADE_NOW = N_("The film is being made. It takes a few seconds; then it can be saved here.")


@router.get("/p/{post_id}")
def show(here: Present, post_id: str) -> Response:
    """A post, with what was said under it; a draft of one's own is shown where it is made."""
    post = permissions.post_for(here.session, here.viewer, post_id)
    item = feed.item(here.session, here.viewer, post)
    if post.state != "published" or item is None:
        return here.done(f"/p/{post.id}/make")
    answer = here.page(
        "post.html",
        item=item,
        post=post,
        thread=conversation.thread(here.session, here.viewer, post),
        points=_points(here, post, [item.tune] if item.tune else []),
        mine=permissions.owns(here.viewer, post),
        may_remix=_may_remix(here, post),
        film=[o for o in orders.open_of(here.session, post.id) if o.kind == "film"]
        if item.tune and "film" not in item.tune.files
        else [],
        curve=curves.curve_of(post, here),
    )
    return here.unkept(answer, [post])


@router.get("/p/{post_id}/make")
def make(here: Present, post_id: str) -> Response:
    """Where a draft is watched, heard and published, and where the tune of a post is changed."""
    post = permissions.own_post(here.session, here.viewer, post_id)
    found = tunes.of_post(here.session, post)
    return here.page(
        "making/make.html",
        post=post,
        item=feed.item(here.session, here.viewer, post),
        found=found,
        off={tune.id: tunes.off_by(tune) for tune in found},
        curve=curves.curve_of(post, here),
        told=(told := progress.told(here.session, post, here)),
        mark=progress.page_mark(told),
        points=_points(here, post, found),
        suggested=post.captions.get(here.language, [])[:3],
        words=_words_of(post),
        left_out=reasons.left_out(post.originals, here._),
    )


def _words_of(post: Post) -> Words:
    return Words(post.caption, post.alt, post.visibility, post.allows_remix)


def _may_remix(here: Here, post: Post) -> bool:
    try:
        permissions.may_remix(here.viewer, post)
    except Refused:
        return False
    return True


def _points(here: Here, post: Post, found: list[tunes.Tune]) -> list[dict[str, object]]:
    """The places on the plane: of the picture, and of each tune, as a judge heard it."""
    points: list[dict[str, object]] = []
    if post.reading:
        points.append({"valence": post.valence, "arousal": post.arousal, "label": here._(N_("The picture"))})
    for number, tune in enumerate(found, 1):
        valence, arousal = tunes.heard_at(tune)
        label = here._(N_("Tune %(number)s, as it is heard"), number=number)
        points.append({"valence": valence, "arousal": arousal, "label": label})
    return points


@router.post("/p/{post_id}/again")
def again(here: Present, post_id: str, valence: Place, arousal: Place) -> Response:
    """One more tune, for another place on the plane."""
    rates.check(here, "again")
    post = permissions.own_post(here.session, here.viewer, post_id)
    publishing.again(here.session, post, valence, arousal)
    here.session.commit()
    return here.done(f"/p/{post.id}/make")


@router.post("/p/{post_id}/choose")
def choose(here: Present, post_id: str, tune: Text = "") -> Response:
    """One of the tunes, or "none"."""
    post = permissions.own_post(here.session, here.viewer, post_id)
    publishing.choose(here.session, post, tune.removeprefix("none"))
    here.session.commit()
    return here.done(f"/p/{post.id}" if post.state == "published" else f"/p/{post.id}/make")


@router.post("/p/{post_id}/publish")
def publish(here: Present, post_id: str, said: Said, tune: Text = "") -> Response:
    """Let others see a draft, with one of its tunes or with "none"; asked for twice, it is done once."""
    post = permissions.own_post(here.session, here.viewer, post_id)
    if tune and post.state == "ready":
        tunes.choose(here.session, post, tune.removeprefix("none"))
        here.session.flush()
    publishing.publish(here.session, here.viewer, post, said)
    here.session.commit()
    return here.done(f"/p/{post.id}")


@router.post("/p/{post_id}/cancel")
def cancel(here: Present, post_id: str) -> Response:
    """Stop what is being made."""
    post = permissions.own_post(here.session, here.viewer, post_id)
    publishing.cancel(here.session, post)
    here.session.commit()
    return here.done(f"/p/{post.id}/make")


@router.post("/p/{post_id}/retry")
def retry(here: Present, post_id: str) -> Response:
    """Try once more what failed."""
    rates.check(here, "again")
    post = permissions.own_post(here.session, here.viewer, post_id)
    uploads.check_in_hand(here.session, here.viewer)
    publishing.retry(here.session, post)
    here.session.commit()
    return here.done(f"/p/{post.id}/make")


@router.post("/p/{post_id}/delete")
def delete(here: Present, post_id: str) -> Response:
    """Delete a post or a draft of one's own, with everything in it."""
    post = permissions.own_post(here.session, here.viewer, post_id)
    deletion.delete_post(here.session, here.settings.media, post)
    here.session.commit()
    uploads.forget(here.settings, post_id)
    return here.done(f"/@{here.viewer.user.handle}" if here.viewer.user else "/")


@router.get("/p/{post_id}/edit")
def edit_form(here: Present, post_id: str) -> Response:
    """The words of a post, to be changed."""
    post = permissions.own_post(here.session, here.viewer, post_id)
    if post.state != "published":
        return here.done(f"/p/{post.id}/make")
    item = feed.item(here.session, here.viewer, post)
    return here.page("making/edit.html", post=post, item=item, words=_words_of(post))


@router.post("/p/{post_id}/edit")
def edit(here: Present, post_id: str, said: Said) -> Response:
    """Change what is said about a post, and who may see it."""
    post = permissions.own_post(here.session, here.viewer, post_id)
    author = permissions.account_of(here.viewer)
    publishing.edit(here.session, author, post, said)
    here.session.commit()
    return here.done(f"/p/{post.id}")


@router.post("/p/{post_id}/remix")
def remix(here: Present, post_id: str, kind: Text = "tune") -> Response:
    """Answer a post: with a photo of one's own to its tune, or with new tunes to its photo."""
    post = permissions.post_for(here.session, here.viewer, post_id)
    permissions.may_remix(here.viewer, post)
    if kind != "photo":
        return here.done(f"/upload?remix_of={post.id}")
    rates.check_upload(here)
    uploads.check_in_hand(here.session, here.viewer)
    draft = publishing.remix_photo(here.session, here.viewer, post)
    here.session.commit()
    return here.done(f"/p/{draft.id}/make", id=draft.id)


@router.post("/p/{post_id}/film")
def film(here: Present, post_id: str, tune: Text = "") -> Response:
    """Have the picture and a tune made into a film that can be saved."""
    rates.check(here, "again")
    post = permissions.post_for(here.session, here.viewer, post_id)
    wanted = tunes.one_of(here.session, post, tune or post.tune_id or "")
    if wanted.id != post.tune_id and not permissions.owns(here.viewer, post):
        raise not_found()
    if post.kind == "photo" and "film" not in wanted.files:  # films and clips have theirs already
        orders.film(here.session, wanted)
    here.session.commit()
    return here.done(f"/p/{post.id}", said=here._(MADE_NOW))
