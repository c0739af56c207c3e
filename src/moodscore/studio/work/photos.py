"""The steps of a photo's post: decode, look, match a first tune, compose three."""

from __future__ import annotations

import functools
from typing import Any

from moodscore.affect import Affect
from moodscore.jobs import PostChoices, describe, receive_photo
from moodscore.jobs.making import (
    Ask,
    Described,
    ask_to_variant,
    described_to_asks,
    described_to_match,
    place_to_ask,
    variant_to_made,
)
from moodscore.jobs.tuning import MAKER
from moodscore.reading import Reading
from moodscore.studio.made import key_of
from moodscore.studio.media_files import keep_bytes, path_of
from moodscore.studio.posts import Post
from moodscore.studio.work import keeping
from moodscore.studio.work.workshop import Job, Workshop, wanted

MUSIC = ("faithful", "neighbour", "contrast")


def content_of(post: Post) -> str:
    """What a post's pictures are, as one hash: of the originals, or of the picture it was lent."""
    return "+".join(one["sha256"] for one in post.originals) or str(post.renditions.get("photo", ""))


def decode(shop: Workshop, job: Job) -> dict[str, Any]:
    """Open the original where it can harm nothing, and keep pictures made from it, without a word about where and when."""
    post = _post(shop, job)
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


def look(shop: Workshop, job: Job) -> dict[str, Any]:
    """Look at the photo: its feeling, and three suggestions of what could be said."""
    post = _post(shop, job)
    described = seen(shop, post)
    key = key_of("look", content_of(post), by=described.source)
    if (earlier := shop.found(job, key)) is not None:
        return earlier
    with shop.keeping(job, "look", key) as (_, post, facts):
        put_reading(post, described.reading)
        post.captions = {"en": list(described.english), "ko": list(described.korean)}
        if post.alt_by_machine:
            post.alt = described.captions(str(post.wish.get("language", "en")))[0]
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


def match(shop: Workshop, job: Job) -> dict[str, Any]:
    """The first tune that can be heard: what lies nearest in the library."""
    post = _post(shop, job)
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


def compose(shop: Workshop, job: Job, role: str) -> dict[str, Any]:
    """Compose, play, judge and keep one of the three."""
    post = _post(shop, job)
    described, choices = seen(shop, post), choices_of(shop, post)
    ask = next(a for a in asks_of(post, described) if a.role == role)
    by = {"card": described.source, "composer": choices.composer, "seed": choices.seed, "seconds": choices.seconds}
    at = (round(ask.affect.valence, 4), round(ask.affect.arousal, 4))
    key = key_of("compose", content_of(post), role=role, genre=ask.genre, at=at, **by)
    if (earlier := shop.found(job, key)) is not None:
        return earlier
    made = variant_to_made(ask_to_variant(ask, described, choices))
    with shop.keeping(job, "compose", key) as (session, post, facts):
        tune = keeping.keep_tune(session, shop.settings.media, post, made, choices.seed)
        if role == "faithful" and post.tune_id is None:
            post.tune_id = tune.id
        facts |= {"tune": tune.id, "genre": tune.genre, "files": list(tune.files.values())}
    return facts


def _post(shop: Workshop, job: Job) -> Post:
    with shop.database.session() as session:
        return wanted(session, job)
