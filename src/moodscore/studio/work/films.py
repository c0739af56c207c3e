"""The steps of a film: open every photo, look at all and arrange them, compose, and join picture and sound three times."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from moodscore.affect import Affect
from moodscore.errors import BadMedia
from moodscore.jobs import Cut, FilmChoices, Scored, cut_to_film, describe_moving, photos_to_cut, receive_photo
from moodscore.jobs.making import MadeTune, size_for
from moodscore.jobs.making_films import (
    CurveAsk,
    curve_ask_to_scored,
    curve_to_asks,
    film_and_tune_to_film,
    frame_of,
    place_to_curve_ask,
    scored_to_made,
    with_music,
)
from moodscore.jobs.matching import DEFAULT_LIBRARY
from moodscore.jobs.tuning import MAKER
from moodscore.schemes import mood_of
from moodscore.studio.made import key_of
from moodscore.studio.media_files import keep_bytes, path_of
from moodscore.studio.posts import Post
from moodscore.studio.tunes import Tune, of_post
from moodscore.studio.work import keeping
from moodscore.studio.work.photos import content_of, post_of
from moodscore.studio.work.workshop import Job, Workshop
from moodscore.trajectory import Trajectory

FIRST, OTHERS = "faithful", ("library", "contrast")


def decode(shop: Workshop, job: Job, at: int) -> dict[str, Any]:
    """Open every photo where it can harm nothing; those that cannot be used are left out, unless none can."""
    post = post_of(shop, job)
    tell, reasons = shop.teller(job, at), dict[int, str]()
    for number in range(len(post.originals)):
        try:
            _decode_one(shop, job, number)
        except BadMedia as error:
            reasons[number] = str(error)
        tell("decode", (number + 1) / len(post.originals))
    if len(reasons) == len(post.originals):
        raise BadMedia(reasons[0])
    key = key_of("decode", content_of(post), by=MAKER)
    with shop.keeping(job, "decode", key) as (session, post, facts):
        keeping.keep_originals(session, shop.settings, post)
        post.originals = [{**one, "why": reasons.get(k, "")} for k, one in enumerate(post.originals)]
        facts["left_out"] = len(reasons)
    keeping.clear(shop.settings, post)
    return facts


def _decode_one(shop: Workshop, job: Job, number: int) -> None:
    post = post_of(shop, job)
    original = post.originals[number]
    key = key_of("decode one", original["sha256"], number=number, by=MAKER)
    if shop.found(job, key) is not None:
        return
    safe = receive_photo(keeping.original(shop.settings, post, number), original["name"])
    with shop.keeping(job, "decode one", key) as (session, post, facts):
        photo = keep_bytes(session, shop.settings.media, safe.large.jpeg, keeping.JPEG)
        post.renditions = {**post.renditions, f"still-{number}": photo}
        if "poster" not in post.renditions:
            post.renditions = {**post.renditions, "poster": photo}
            post.width, post.height, post.blur = safe.large.width, safe.large.height, safe.placeholder.data_uri
        facts["files"] = [photo]


def stills(shop: Workshop, post: Post) -> list[Path]:
    """The photos of a film, in the order they were sent."""
    names = sorted((n for n in post.renditions if n.startswith("still-")), key=lambda n: int(n[6:]))
    return [path_of(shop.settings.media, post.renditions[name]) for name in names]


def cut_of(shop: Workshop, post: Post) -> Cut:
    """The film of a post, planned, with music of the library that is there at once."""
    size = size_for(post.width, post.height)
    order = str(post.wish.get("order", "given"))
    choices = FilmChoices(music=Path(DEFAULT_LIBRARY), composer=shop.composer, size=size, order=order)
    photos = stills(shop, post)
    return shop.remembered(f"cut {content_of(post)} {order}", lambda: photos_to_cut(photos, choices))


def look(shop: Workshop, job: Job, at: int) -> dict[str, Any]:
    """Look at every photo, arrange them in time, and keep the feeling over time."""
    del at
    post = post_of(shop, job)
    key = key_of("look", content_of(post), by=MAKER)
    if (earlier := shop.found(job, key)) is not None:
        return earlier
    cut = cut_of(shop, post)
    described = describe_moving(cut.seen[0].path, cut.trajectory, len(cut.seen))
    with shop.keeping(job, "look", key) as (_, post, facts):
        put_middle(post, cut.trajectory.mean())
        keeping.put_words(post, described)
        post.duration_s = round(cut.timeline.duration_s, 2)
        post.trajectory = curve_as_dict(cut.trajectory, cut.timeline.changes_s)
        facts |= {"mood": post.mood, "seconds": post.duration_s}
    return facts


def put_middle(post: Post, middle: Affect) -> None:
    """Write into a post the middle of its feeling over time."""
    post.valence, post.arousal = round(middle.valence, 4), round(middle.arousal, 4)
    post.mood, post.hue = mood_of(middle).name, middle.angle_deg
    post.reading = {"mood": post.mood, "valence": post.valence, "arousal": post.arousal}


def ask_of(cut: Cut, role: str) -> CurveAsk:
    """What a film asks of the tune in a role."""
    return next(a for a in curve_to_asks(cut.trajectory) if a.role == role)


def scored_of(shop: Workshop, post: Post, ask: CurveAsk) -> Scored:
    """The music of a film for what is asked; that of the library came with the plan."""
    cut = cut_of(shop, post)
    if ask.library:
        return cut.scored
    at = f"{ask.role} {ask.curve.mean()}"
    seed = int(post.wish.get("seed", 0))
    return shop.remembered(
        f"music {content_of(post)} {at}",
        lambda: curve_ask_to_scored(ask, cut.timeline.changes_s, seed, shop.composer),
    )


def compose(shop: Workshop, job: Job, at: int) -> dict[str, Any]:
    """Compose along the curve, and keep the tune; it can be heard before there is a film."""
    del at
    post = post_of(shop, job)
    key = key_of("compose", content_of(post), by=MAKER, composer=shop.composer, role=FIRST)
    if (earlier := shop.found(job, key)) is not None:
        return earlier
    ask = ask_of(cut_of(shop, post), FIRST)
    made = scored_to_made(ask, scored_of(shop, post, ask))
    with shop.keeping(job, "compose", key) as (session, post, facts):
        tune = keeping.keep_tune(session, shop.settings.media, post, made, int(post.wish.get("seed", 0)))
        post.tune_id = post.tune_id or tune.id
        facts |= {"tune": tune.id, "files": list(tune.files.values())}
    return facts


def render(shop: Workshop, job: Job, at: int) -> dict[str, Any]:
    """Write the film with the tune that was composed for it."""
    post = post_of(shop, job)
    key = key_of("render", content_of(post), by=MAKER, composer=shop.composer, role=FIRST)
    if (earlier := shop.found(job, key)) is not None:
        return earlier
    cut = cut_of(shop, post)
    out = keeping.scratch(shop.settings, job.post_id, ".mp4")
    try:
        film = cut_to_film(with_music(cut, scored_of(shop, post, ask_of(cut, FIRST))), out, shop.teller(job, at))
        poster = frame_of(out)
        with shop.keeping(job, "render", key) as (session, post, facts):
            kept = keeping.keep_film(session, shop.settings.media, out)
            jpeg = keep_bytes(session, shop.settings.media, poster, keeping.JPEG)
            post.renditions = {**post.renditions, "poster": jpeg}
            post.width, post.height = film.size
            _put_film(of_post(session, post), FIRST, kept)
            facts |= {"files": [kept, jpeg], "film": kept}
    finally:
        keeping.drop(shop.settings, job.post_id, out)
    return facts


def join(shop: Workshop, job: Job, at: int, role: str) -> dict[str, Any]:
    """Another tune for the film that is there: the same pictures with another sound."""
    del at
    post = post_of(shop, job)
    key = key_of("join", content_of(post), by=MAKER, composer=shop.composer, role=role)
    if (earlier := shop.found(job, key)) is not None:
        return earlier
    ask = ask_of(cut_of(shop, post), role)
    return with_tune(shop, job, post, ask, key)


def with_tune(shop: Workshop, job: Job, post: Post, ask: CurveAsk, key: str) -> dict[str, Any]:
    """Compose for what is asked, put it under the pictures, and keep both."""
    scored = scored_of(shop, post, ask)
    made = scored_to_made(ask, scored)
    out = keeping.scratch(shop.settings, job.post_id, ".mp4")
    try:
        film_and_tune_to_film(first_film(shop, post), cut_of(shop, post), scored, out)
        with shop.keeping(job, "join", key) as (session, post, facts):
            facts |= keep_both(shop, session, post, made, out)
    finally:
        keeping.drop(shop.settings, job.post_id, out)
    return facts


def keep_both(shop: Workshop, session: Session, post: Post, made: MadeTune, film: Path) -> dict[str, Any]:
    """Keep a tune and the film with it; gives what to write down about both."""
    tune = keeping.keep_tune(session, shop.settings.media, post, made, int(post.wish.get("seed", 0)))
    tune.files = {**tune.files, "film": keeping.keep_film(session, shop.settings.media, film)}
    if made.role == FIRST:
        post.tune_id = post.tune_id or tune.id
    return {"tune": tune.id, "files": list(tune.files.values())}


def again(shop: Workshop, job: Job, wish: dict[str, Any]) -> dict[str, Any]:
    """One more tune for the film, along its curve around a place that was chosen."""
    post = post_of(shop, job)
    key = key_of("again", content_of(post), order=job.order)
    if (earlier := shop.found(job, key)) is not None:
        return earlier
    return with_tune(shop, job, post, place_to_curve_ask(cut_of(shop, post).trajectory, Affect(*wish["place"])), key)


def first_film(shop: Workshop, post: Post) -> Path:
    """The film that was written first, whose pictures the others share."""
    with shop.database.session() as session:
        first = next(t for t in of_post(session, post) if t.role == FIRST and "film" in t.files)
    return path_of(shop.settings.media, first.files["film"])


def _put_film(found: list[Tune], role: str, film: str) -> None:
    for tune in found:
        if tune.role == role:
            tune.files = {**tune.files, "film": film}


def curve_as_dict(curve: Trajectory, cuts_s: Sequence[float], genre: str = "") -> dict[str, Any]:
    """A feeling over time as a post stores it."""
    return {
        "times_s": [round(t, 2) for t in curve.times_s],
        "valence": [round(a.valence, 3) for a in curve.affects],
        "arousal": [round(a.arousal, 3) for a in curve.affects],
        "duration_s": round(curve.duration_s, 2),
        "cuts_s": [round(c, 2) for c in cuts_s],
        "genre": genre,
    }
