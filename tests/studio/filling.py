"""Fill a studio with people and posts, as it looks after some months: for tests, benchmarks and screenshots.

    python tests/studio/filling.py FOLDER            fills the studio of a folder; prints the cookie of somebody in it

Pictures are the example photographs; shapes of tunes are those of the pieces that ship.
"""

from __future__ import annotations

import argparse
import base64
import functools
import io
import random
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps
from sqlalchemy import func, insert, select, update

from moodscore.affect import Affect
from moodscore.music.score import from_midi
from moodscore.schemes import MOODS
from moodscore.studio import cookies, mentions
from moodscore.studio.accounts import LoginSession, User
from moodscore.studio.app import create_app
from moodscore.studio.comments import Comment
from moodscore.studio.db import Database, new_id, now
from moodscore.studio.follows import Follow
from moodscore.studio.likes import Like
from moodscore.studio.media_files import keep_bytes
from moodscore.studio.posts import Post
from moodscore.studio.prose import tags_in
from moodscore.studio.settings import Settings
from moodscore.studio.tags import PostTag
from moodscore.studio.tunes import Tune

ROOT = Path(__file__).parents[2]
PHOTOS = ROOT / "examples" / "photos"
PIECES = ROOT / "src" / "moodscore" / "music" / "pieces"
# What each photo shows, in English and Korean, and where it was put on the plane by eye.
SHOWN = (
    ("01", "Slices of citrus against the light", "빛에 비친 감귤 조각", 0.7, 0.25),
    ("02", "Paint brushes full of colour", "물감이 가득 묻은 붓", 0.55, 0.4),
    ("03", "An astronaut, smiling", "웃고 있는 우주비행사", 0.75, 0.35),
    ("04", "A bee on an aster", "과꽃 위의 벌", 0.5, 0.1),
    ("05", "A bridge at night", "밤의 다리", 0.3, -0.2),
    ("06", "A rocket lifting off", "솟아오르는 로켓", 0.2, 0.85),
    ("07", "Lightning at the launch pad", "발사대의 번개", -0.4, 0.7),
    ("08", "Lava meeting the sea", "바다와 만나는 용암", -0.2, 0.75),
    ("09", "A city under a storm", "폭풍 아래의 도시", -0.55, 0.35),
    ("10", "Rocks in the fog", "안개 속 바위", -0.3, -0.4),
    ("11", "The ruin of a pier", "무너진 부두", -0.55, -0.3),
    ("12", "A space station at lights out", "불 꺼진 우주 정거장", -0.35, -0.05),
    ("13", "Galaxies, far away", "먼 은하들", 0.1, -0.5),
    ("14", "The Earth rising over the Moon", "달 위로 떠오르는 지구", 0.3, 0.1),
    ("15", "Mountains mirrored in a still lake", "호수에 비친 산", 0.65, -0.5),
    ("16", "Dandelion clocks at dusk", "해 질 녘의 민들레", 0.4, -0.55),
    ("17", "A stream in the woods", "숲속의 시냇물", 0.55, -0.45),
    ("18", "A meadow in autumn", "가을 들판", 0.5, -0.3),
    ("19", "Two dogs at the window", "창가의 강아지 두 마리", 0.35, -0.1),
    ("20", "The sun over the hills", "언덕 위의 해", 0.6, -0.35),
)
PEOPLE = (
    ("mina", "Mina Seo", "Photographs small things. #quiet mornings, 고요한 아침."),
    ("joon", "박준", "필름 카메라와 재즈. @mina 의 친구."),
    ("alva", "Alva Lindqvist", "Hills, weather, trains."),
    ("teo", "Teo", ""),
    ("haneul", "하늘", "하늘 사진을 모읍니다. #하늘"),
    ("ines", "Inês Duarte", "Lisbon. I answer photos with photos."),
    ("kofi", "Kofi A.", "Night walks and long exposures."),
    ("yuna", "윤아", "오늘의 기분을 음악으로."),
)
ENDINGS = (
    "#morning", "#weekend and nothing to do", "with @joon", "#여행 #기록", "and it sounds like this.", "#고요한 하루", "",
    "#nofilter", "I had to stop walking.", "#film", "오늘도 수고했어요.", "for @mina",
)  # fmt: skip
SAID = (
    "This is lovely.",
    "소리가 정말 잘 어울려요!",
    "How did you find this place?",
    "@mina look!",
    "I hear the rain.",
    "#same",
)
GENRES = ("acoustic folk", "ambient", "jazz trio", "piano ballad", "synthwave", "orchestral")


@dataclass(frozen=True)
class Filled:
    """What a studio was filled with: people's handles and the tokens of their sessions."""

    handles: tuple[str, ...]
    tokens: dict[str, str]


def fill(database: Database, settings: Settings, posts: int = 60, seed: int = 0, people: int = len(PEOPLE)) -> Filled:
    """Add people who follow one another, and posts with tunes, tags, likes, comments and remixes, over the last 90 days."""
    chance = random.Random(seed)
    with database.writing() as session:
        users = [_user(n) for n in range(people)]
        session.add_all(users)
        session.flush()
        tokens = {user.handle: cookies.new_token() for user in users}
        session.add_all(LoginSession(id=cookies.digest(tokens[u.handle]), user_id=u.id) for u in users)
        pairs = [(a, b) for a in users for b in users if a is not b and chance.random() < 6 / people]
        session.add_all(
            Follow(follower_id=a.id, followed_id=b.id, created_at=now() - chance.random() * 8e6) for a, b in pairs
        )
        pictures = [_picture(session, settings, name) for name, *_ in SHOWN]
    for start in range(0, posts, 1000):
        with database.writing() as session:
            _add_posts(session, settings, chance, users, pictures, range(start, min(posts, start + 1000)), posts)
    with database.writing() as session:
        _react(session, chance, users, posts)
    return Filled(tuple(user.handle for user in users), tokens)


def _user(number: int) -> User:
    handle, name, bio = PEOPLE[number] if number < len(PEOPLE) else (f"guest{number}", "", "")
    return User(handle=handle, name=name, bio=bio, password_hash="none", approves=handle == "kofi")


def _picture(session, settings: Settings, number: str) -> dict[str, object]:
    path = next(PHOTOS.glob(f"{number}-*.jpg"))
    with Image.open(path) as file:
        picture = ImageOps.exif_transpose(file).convert("RGB")
    picture.thumbnail((1280, 1280))
    small = picture.copy()
    small.thumbnail((640, 640))
    tiny = picture.copy()
    tiny.thumbnail((24, 24))
    kept = {
        name: keep_bytes(session, settings.media, _jpeg(image, 80), "image/jpeg")
        for name, image in (("photo", picture), ("photo-640", small))
    }
    return {
        "renditions": kept,
        "width": picture.width,
        "height": picture.height,
        "blur": "data:image/jpeg;base64," + base64.b64encode(_jpeg(tiny, 40)).decode(),
    }


def _jpeg(image: Image.Image, quality: int) -> bytes:
    out = io.BytesIO()
    image.save(out, "JPEG", quality=quality)
    return out.getvalue()


@functools.cache
def shape_of(mood: str, number: int) -> tuple[list[float], list[list[float]], float, bytes]:
    """Peaks, notes, length in seconds and MIDI bytes of the first half minute of one of a mood's pieces."""
    files = sorted((PIECES / mood).glob("*.mid"))
    data = files[number % len(files)].read_bytes()
    score = from_midi(data)
    length = min(score.duration_s, 30.0)
    notes = [
        [round(n.start_s, 3), round(min(length, n.start_s + n.duration_s), 3), n.pitch, track]
        for track, part in enumerate(score.tracks)
        for n in part.notes
        if n.start_s < length
    ]
    loud = np.zeros(200)
    for part in score.tracks:
        for n in part.notes:
            at = np.linspace(0, length, 200)
            since = at - n.start_s
            loud += np.where((since >= 0) & (since < n.duration_s + 0.4), n.velocity * np.exp(-1.5 * since), 0.0)
    peaks = np.sqrt(loud / max(loud.max(), 1e-9)).round(3)
    return peaks.tolist(), notes, length, data


@functools.cache
def _sound(mood: str) -> bytes:
    """Eight seconds of a mood's first notes as plain tones in an M4A file: enough to be played by a browser."""
    import av

    _, notes, _, _ = shape_of(mood, 0)
    rate = 44_100
    time_s = np.arange(8 * rate) / rate
    sound = np.zeros_like(time_s)
    for start, end, pitch, _ in notes[:120]:
        on = (time_s >= start) & (time_s < end)
        tone = np.sin(2 * np.pi * 440 * 2 ** ((pitch - 69) / 12) * time_s[on])
        sound[on] += tone * np.exp(-3 * (time_s[on] - start))
    sound = (sound / max(1.0, np.abs(sound).max()) * 0.5).astype(np.float32)
    out = io.BytesIO()
    with av.open(out, "w", format="ipod") as container:
        stream = container.add_stream("aac", rate=rate, layout="mono")
        for at in range(0, len(sound) - 1024, 1024):
            frame = av.AudioFrame.from_ndarray(sound[None, at : at + 1024], format="fltp", layout="mono")
            frame.sample_rate, frame.pts = rate, at
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return out.getvalue()


def _add_posts(session, settings, chance, users, pictures, numbers, total) -> None:
    posts, tunes, tags = [], [], []
    before = session.scalars(select(Post.id).limit(50)).all()
    keep = functools.cache(lambda data, media_type: keep_bytes(session, settings.media, data, media_type))
    for number in numbers:
        shown = chance.randrange(len(SHOWN))
        _, english, korean, valence, arousal = SHOWN[shown]
        place = Affect.clipped(valence + chance.gauss(0, 0.12), arousal + chance.gauss(0, 0.12))
        mood = MOODS.nearest(place)
        author = chance.choice(users)
        in_korean = not author.name.isascii()
        caption = f"{korean if in_korean else english}. {chance.choice(ENDINGS)}".strip()
        tune_id, post_id = new_id(), new_id()
        peaks, notes, length, midi = shape_of(mood.name, number % 3)
        answers = chance.choice(before) if before and chance.random() < 0.06 else None
        posts.append(
            {
                "id": post_id, "author_id": author.id, "state": "published", "caption": caption, "mood": mood.name,
                "valence": place.valence, "arousal": place.arousal, "hue": place.angle_deg, "tune_id": tune_id,
                "alt": korean if in_korean else english, "visibility": chance.choices(
                    ("public", "followers", "private"), (90, 8, 2))[0], "remix_of": answers,
                "remix_kind": "tune" if answers else "", "stage": "publish", "share": 1.0,
                "published_at": now() - 60 - (total - number) * 8e6 / total, "created_at": now() - 8e6, **pictures[shown],
            }
        )  # fmt: skip
        files = {"midi": keep(midi, "audio/midi"), "audio": keep(_sound(mood.name), "audio/mp4")}
        tunes.append(
            {
                "id": tune_id, "post_id": post_id, "role": "faithful", "title": f"{english.split(',')[0]}", "seed": number,
                "genre": GENRES[number % len(GENRES)], "valence": place.valence, "arousal": place.arousal, "files": files,
                "tempo_bpm": 90 + 40 * place.arousal, "instruments": ["piano", "cello"], "duration_s": length,
                "peaks": peaks, "roll": {"notes": notes}, "reason_en": "It feels like the photo.",
                "reason_ko": "사진과 같은 느낌입니다.", "composer": "rules",
            }
        )  # fmt: skip
        tags += [{"post_id": post_id, "tag": tag} for tag in tags_in(caption)]
    session.execute(insert(Post), posts)
    session.execute(insert(Tune), tunes)
    if tags:
        session.execute(insert(PostTag), tags)


def _react(session, chance, users, posts: int) -> None:
    """Likes and comments, their counts, and what people were told of the newest posts."""
    ids = session.execute(select(Post.id, Post.author_id).order_by(Post.published_at.desc())).all()
    likes, comments = [], []
    for post_id, _ in ids:
        likes += [{"user_id": u.id, "post_id": post_id} for u in users if chance.random() < 0.3]
        for _ in range(chance.choice((0, 0, 0, 1, 2, 4))):
            made = {
                "id": new_id(),
                "post_id": post_id,
                "author_id": chance.choice(users).id,
                "text": chance.choice(SAID),
            }
            comments.append({**made, "reply_to": None, "created_at": now() - chance.random() * 1e5})
            if chance.random() < 0.4:
                answer = {
                    "id": new_id(),
                    "post_id": post_id,
                    "author_id": chance.choice(users).id,
                    "text": "Thank you!",
                }
                comments.append({**answer, "reply_to": made["id"], "created_at": now() - chance.random() * 1e4})
    session.execute(insert(Like), likes)
    session.execute(insert(Comment), comments)
    likes_of = select(func.count()).where(Like.post_id == Post.id).scalar_subquery()
    said_of = select(func.count()).where(Comment.post_id == Post.id).scalar_subquery()
    session.execute(update(Post).values(likes=likes_of, comments=said_of))
    by_id = {user.id: user for user in users}
    for post_id, author_id in ids[:40]:
        post = session.get(Post, post_id)
        mentions.caption_written(session, by_id[author_id], post)
        for like in [row for row in likes if row["post_id"] == post_id]:
            mentions.tell(session, author_id, "like", like["user_id"], post_id)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--posts", type=int, default=60)
    asked = parser.parse_args()
    settings = Settings(folder=asked.folder, rate_limits=False)
    app = create_app(settings)
    filled = fill(app.state.database, settings, asked.posts)
    sys.stdout.write(f"{cookies.cookie_name(settings, cookies.SESSION)}={filled.tokens['mina']}\n")


if __name__ == "__main__":
    main()
