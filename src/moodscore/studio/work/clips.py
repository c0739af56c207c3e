"""The steps of a clip: open it where it can harm nothing, watch it, and give it three soundtracks."""

from __future__ import annotations

from typing import Any

from moodscore.affect import Affect
from moodscore.jobs import ClipFelt, Progress, clip_to_trajectory, describe_moving, receive_clip, silent
from moodscore.jobs.making_films import (
    CurveAsk,
    check_length,
    clip_and_tune_to_film,
    curve_ask_to_scored,
    curve_to_asks,
    cuts_of,
    place_to_curve_ask,
    scored_to_made,
    strip_of,
)
from moodscore.jobs.tuning import MAKER
from moodscore.studio.made import key_of
from moodscore.studio.media_files import keep_bytes, path_of
from moodscore.studio.posts import Post
from moodscore.studio.work import films, keeping
from moodscore.studio.work.photos import content_of, post_of
from moodscore.studio.work.workshop import Job, Workshop

ROLES = ("library", "faithful", "contrast")


def decode(shop: Workshop, job: Job, at: int) -> dict[str, Any]:
    """Make the clip anew as an MP4 without a word about where and when."""
    del at
    post = post_of(shop, job)
    key = key_of("decode", content_of(post), by=MAKER)
    if (earlier := shop.found(job, key)) is not None:
        return earlier
    out = keeping.scratch(shop.settings, job.post_id, ".mp4")
    try:
        safe = receive_clip(keeping.original(shop.settings, post, 0), post.originals[0]["name"], out)
        with shop.keeping(job, "decode", key) as (session, post, facts):
            video = keeping.keep_film(session, shop.settings.media, out)
            poster = keep_bytes(session, shop.settings.media, safe.poster.jpeg, keeping.JPEG)
            post.renditions = {**post.renditions, "video": video, "poster": poster}
            post.width, post.height, post.blur = safe.width, safe.height, safe.placeholder.data_uri
            post.duration_s = round(safe.duration_s, 2)
            keeping.keep_originals(session, shop.settings, post)
            facts |= {"seconds": post.duration_s, "files": [video, poster]}
    finally:
        keeping.drop(shop.settings, job.post_id, out)
    keeping.clear(shop.settings, post)
    return facts


def felt_of(shop: Workshop, post: Post, tell: Progress = silent) -> ClipFelt:
    """What is seen, heard and felt in a clip, second by second."""
    video = post.renditions["video"]
    path = path_of(shop.settings.media, video)
    return shop.remembered(f"felt {video}", lambda: clip_to_trajectory(path, tell))


def look(shop: Workshop, job: Job, at: int) -> dict[str, Any]:
    """Watch and listen; keep the feeling over time, the cuts, the genre and frames for a strip."""
    post = post_of(shop, job)
    key = key_of("look", content_of(post), by=MAKER)
    if (earlier := shop.found(job, key)) is not None:
        return earlier
    felt = felt_of(shop, post, shop.teller(job, at, ("watch", "listen")))
    check_length(felt, post.originals[0]["name"])
    described = describe_moving(path_of(shop.settings.media, post.renditions["poster"]), felt.trajectory)
    strip = strip_of(felt)
    with shop.keeping(job, "look", key) as (session, post, facts):
        films.put_middle(post, felt.trajectory.mean())
        post.trajectory = films.curve_as_dict(felt.trajectory, cuts_of(felt), felt.genre.labels.top.name)
        keeping.put_words(post, described)
        media = shop.settings.media
        frames = {f"frame-{k}": keep_bytes(session, media, jpeg, keeping.JPEG) for k, (_, jpeg) in enumerate(strip)}
        post.renditions = {**post.renditions, **frames}
        facts |= {"mood": post.mood, "genre": post.trajectory["genre"], "files": list(frames.values())}
    return facts


def music(shop: Workshop, job: Job, at: int, role: str) -> dict[str, Any]:
    """One soundtrack: a tune along the curve, and the clip with it."""
    post = post_of(shop, job)
    key = key_of("music", content_of(post), by=MAKER, composer=shop.composer, role=role)
    if (earlier := shop.found(job, key)) is not None:
        return earlier
    ask = next(a for a in curve_to_asks(felt_of(shop, post).trajectory) if a.role == role)
    return with_tune(shop, job, post, ask, key, at)


def with_tune(shop: Workshop, job: Job, post: Post, ask: CurveAsk, key: str, at: int) -> dict[str, Any]:
    """Compose for what is asked, mix it with the clip's own sound, and keep both."""
    felt = felt_of(shop, post)
    tell = shop.teller(job, at, ("match", "film") if ask.library else ("compose", "play", "film"))
    scored = curve_ask_to_scored(ask, cuts_of(felt), int(post.wish.get("seed", 0)), shop.composer, tell)
    made = scored_to_made(ask, scored)
    out = keeping.scratch(shop.settings, job.post_id, ".mp4")
    try:
        clip_and_tune_to_film(felt, scored, out, tell)
        with shop.keeping(job, "music", key) as (session, post, facts):
            facts |= films.keep_both(shop, session, post, made, out)
    finally:
        keeping.drop(shop.settings, job.post_id, out)
    return facts


def again(shop: Workshop, job: Job, wish: dict[str, Any]) -> dict[str, Any]:
    """One more soundtrack, along the curve around a place that was chosen."""
    post = post_of(shop, job)
    key = key_of("again", content_of(post), order=job.order)
    if (earlier := shop.found(job, key)) is not None:
        return earlier
    ask = place_to_curve_ask(felt_of(shop, post).trajectory, Affect(*wish["place"]))
    return with_tune(shop, job, post, ask, key, 0)
