"""The steps of a photo's post: decode, look, match a first tune, compose three."""

from __future__ import annotations

import functools
from dataclasses import replace
from typing import Any

from moodscore.affect import Affect
from moodscore.jobs import PostChoices, describe, receive_photo
from moodscore.jobs.making import (
    Ask,
    Described,
    ask_to_variant,
    described_to_asks,
    described_to_match,
    photo_and_tune_to_film,
    place_to_ask,
    variant_to_made,
)
from moodscore.jobs.tuning import MAKER
from moodscore.reading import Reading
from moodscore.studio.made import key_of
from moodscore.studio.media_files import keep_bytes, path_of
from moodscore.studio.posts import Post
from moodscore.studio.tunes import Tune
from moodscore.studio.work import keeping
from moodscore.studio.work.workshop import Job, Superseded, Workshop, wanted

MUSIC = ("faithful", "neighbour", "contrast")


def content_of(post: Post) -> str:
    """What a post's pictures are, as one hash: of the originals, or of the picture it was lent."""
    return "+".join(one["sha256"] for one in post.originals) or str(post.renditions.get("photo", ""))


def decode(shop: Workshop, job: Job, at: int) -> dict[str, Any]:
    """Open the original where it can harm nothing, and keep pictures made from it, without a word about where and when."""
    del at
    post = post_of(shop, job)
    if not post.originals:  # a photo that was lent is open already
        return {"width": post.width}
    key = key_of("decode", content_of(post), by=MAKER)
    if (earlier := shop.found(job, key)) is not None:
        return earlier
    safe = receive_photo(keeping.original(shop.settings, post, 0), post.originals[0]["name"])
    with shop.keeping(job, "decode", key) as (session, post, facts):
        keep = functools.partial(keep_bytes, session, shop.settings.media, media_type=keeping.JPEG)
        post.renditions = {"photo": keep(data=safe.large.jpeg), "photo-640": keep(data=safe.small.jpeg)}
        post.width, post.height, post.blur = safe.large.width, safe.large.height, safe.placeholder.data_uri
        keeping.keep_originals(session, shop.settings, post)
        facts |= {"width": post.width, "height": post.height, "files": list(post.renditions.values())}
    keeping.clear(shop.settings, post)
    return facts


def seen(shop: Workshop, post: Post) -> Described:
    """What is seen in a post's photo; the same photo always says the same."""
    photo = post.renditions["photo"]
    return shop.remembered(f"seen {photo}", lambda: describe(path_of(shop.settings.media, photo)))


def look(shop: Workshop, job: Job, at: int) -> dict[str, Any]:
    """Look at the photo: its feeling, and three suggestions of what could be said."""
    del at
    post = post_of(shop, job)
    described = seen(shop, post)
    key = key_of("look", content_of(post), by=described.source)
    if (earlier := shop.found(job, key)) is not None:
        return earlier
    with shop.keeping(job, "look", key) as (_, post, facts):
        put_reading(post, described.reading)
        keeping.put_words(post, described)
        facts |= {"mood": post.mood, "source": described.source[:200]}
    return facts


def put_reading(post: Post, reading: Reading) -> None:
    """Write into a post what was read in its picture."""
    post.reading = reading.as_dict()
    post.valence, post.arousal = round(reading.affect.valence, 4), round(reading.affect.arousal, 4)
    post.mood, post.hue = reading.mood.name, reading.affect.angle_deg


def choices_of(shop: Workshop, post: Post) -> PostChoices:
    """How long the tunes of a post are, by which seed and by whom they are composed."""
    return PostChoices(float(post.wish.get("seconds", 30.0)), int(post.wish.get("seed", 0)), shop.composer)


def match(shop: Workshop, job: Job, at: int) -> dict[str, Any]:
    """The first tune that can be heard: what lies nearest in the library."""
    del at
    post = post_of(shop, job)
    described, choices = seen(shop, post), choices_of(shop, post)
    key = key_of("match", content_of(post), by=described.source, seconds=choices.seconds, seed=choices.seed)
    if (earlier := shop.found(job, key)) is not None:
        return earlier
    made = variant_to_made(described_to_match(described, choices))
    with shop.keeping(job, "match", key) as (session, post, facts):
        tune = keeping.keep_tune(session, shop.settings.media, post, made, choices.seed)
        facts |= {"tune": tune.id, "title": tune.title, "files": list(tune.files.values())}
    return facts


def asks_of(post: Post, described: Described) -> tuple[Ask, ...]:
    """The three tunes to compose; a place that was chosen at the upload takes the place of the photo's own."""
    asks = described_to_asks(described)
    place = post.wish.get("place")
    if not place:
        return asks
    return (place_to_ask(Affect(*place), "faithful", described.keywords), *asks[1:])


def again(shop: Workshop, job: Job, wish: dict[str, Any]) -> dict[str, Any]:
    """One more tune, for a place that was chosen on the plane."""
    post = post_of(shop, job)
    described, place = seen(shop, post), [float(v) for v in wish["place"]]
    choices = replace(choices_of(shop, post), seed=int(wish.get("seed", 0)))
    key = key_of("again", content_of(post), order=job.order, place=place, seed=choices.seed, composer=choices.composer)
    if (earlier := shop.found(job, key)) is not None:
        return earlier
    ask = place_to_ask(Affect(*place), "again", described.keywords)
    made = variant_to_made(ask_to_variant(ask, described, choices))
    with shop.keeping(job, "again", key) as (session, post, facts):
        tune = keeping.keep_tune(session, shop.settings.media, post, made, choices.seed)
        facts |= {"tune": tune.id, "files": list(tune.files.values())}
    return facts


def film(shop: Workshop, job: Job, wish: dict[str, Any]) -> dict[str, Any]:
    """The photo and a tune as a film."""
    with shop.database.session() as session:
        post, tune = wanted(session, job), session.get(Tune, wish["tune"])
    if tune is None or tune.post_id != post.id:
        raise Superseded(job.order)
    photo, audio = (path_of(shop.settings.media, f) for f in (post.renditions["photo"], tune.files["audio"]))
    out = keeping.scratch(shop.settings, post.id, ".mp4")
    try:
        photo_and_tune_to_film(photo, audio, out, tune.duration_s, shop.teller(job, 0))
        key = key_of("film", content_of(post), tune=tune.id)
        with shop.keeping(job, "film", key) as (session, _, facts):
            kept = keeping.keep_film(session, shop.settings.media, out)
            if (now := session.get(Tune, tune.id)) is None:
                raise Superseded(job.order)
            now.files = {**now.files, "film": kept}
            facts |= {"files": [kept]}
    finally:
        keeping.drop(shop.settings, post.id, out)
    return facts


def compose(shop: Workshop, job: Job, at: int, role: str) -> dict[str, Any]:
    """Compose, play, judge and keep one of the three."""
    del at
    post = post_of(shop, job)
    described, choices = seen(shop, post), choices_of(shop, post)
    ask = next(a for a in asks_of(post, described) if a.role == role)
    by = {"card": described.source, "composer": choices.composer, "seed": choices.seed, "seconds": choices.seconds}
    place = (round(ask.affect.valence, 4), round(ask.affect.arousal, 4))
    key = key_of("compose", content_of(post), role=role, genre=ask.genre, place=place, **by)
    if (earlier := shop.found(job, key)) is not None:
        return earlier
    made = variant_to_made(ask_to_variant(ask, described, choices))
    with shop.keeping(job, "compose", key) as (session, post, facts):
        tune = keeping.keep_tune(session, shop.settings.media, post, made, choices.seed)
        if role == "faithful" and post.tune_id is None:
            post.tune_id = tune.id
        facts |= {"tune": tune.id, "genre": tune.genre, "files": list(tune.files.values())}
    return facts


def post_of(shop: Workshop, job: Job) -> Post:
    """The post of a job as it is now; raises Superseded where nobody wants it any more."""
    with shop.database.session() as session:
        return wanted(session, job)
