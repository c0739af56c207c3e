"""The page of a run: one photo, what was read in it, three tunes and a match: one HTML file that asks nobody for anything.

It speaks English and Korean, is light or dark as its reader's system is, plays from a folder, and tells in words whatever it
shows in pictures. Photo and sound are in it; the files beside it are only linked.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from html import escape

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from moodscore.affect import Affect
from moodscore.draw import run_parts
from moodscore.draw.colour import RED_DEG
from moodscore.draw.one_file import data_url, filled, policy_hash, read
from moodscore.draw.run_parts import Mark, both, mood_class
from moodscore.errors import BadValue
from moodscore.media import Photo, Score, sound_type
from moodscore.reading import Reading
from moodscore.schemes import MOODS, mood_of

PHOTO_SIDE, JPEG_QUALITY = 1280, 84
WIDE = 1.55  # width over height from which a photo leaves room below it
LANGUAGES = ("en", "ko")
ROLES = {
    "faithful": ("Faithful", "사진 그대로"),
    "neighbour": ("Neighbouring mood", "이웃한 느낌"),
    "contrast": ("Contrast", "대비"),
    "chosen": ("Chosen", "고른 자리"),
    "library": ("From the library, at once", "음악 모음에서 바로"),
}


@dataclass(frozen=True, slots=True, eq=False)
class ShownTune:
    """A tune as the page shows it.

    `role` is one of `ROLES`; `title` its genre, or the piece's name, in English and in Korean; `heard` what the judge hears;
    `sound` the bytes of a file that browsers play; `samples` (frames, channels) draw its loudness where there is no `score`;
    `files` are (what it is, name beside the page).
    """

    role: str
    title: tuple[str, str]
    reason: tuple[str, str]
    asked: Affect
    heard: Affect | None
    seconds: float
    sound: bytes
    samples: NDArray[np.float32]
    tempo_bpm: float = 0.0
    key: str = ""
    prompt: str = ""
    score: Score | None = None
    files: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Run:
    """A run as the page shows it: the photo and what was read and said of it, the tunes, the library's match.

    `told` are further facts for whoever wants to know who made what: (English name, Korean name, value).
    """

    photo: Photo
    reading: Reading
    english: tuple[str, ...]
    korean: tuple[str, ...]
    sentence: str
    keywords: tuple[str, ...]
    tunes: tuple[ShownTune, ...]
    library: ShownTune | None = None
    told: tuple[tuple[str, str, str], ...] = ()


def page(run: Run, language: str = "en") -> str:
    """The HTML page of a run, in `language` ("en" or "ko") until its reader changes it.

    Raises BadValue for another language, for a run without tunes, and for a tune whose role has no name.
    """
    if language not in LANGUAGES:
        raise BadValue(f"language: expected one of {', '.join(LANGUAGES)}, got {language!r}")
    if not run.tunes or any(tune.role not in ROLES for tune in run.tunes):
        raise BadValue(
            f"tunes: expected one or more of the roles {', '.join(ROLES)}, got {[t.role for t in run.tunes]}"
        )
    style, script = read("run.css") + _hues(), read("run.js")
    parts = {
        "style_hash": policy_hash(style),
        "script_hash": policy_hash(script),
        "title": escape(f"{run.photo.name}: one photo, three tunes"),
        "style": style,
        "body": _body(run),
        "footer": _footer(),
        "script": script,
    }
    return filled(read("run.html").replace("{{lang}}", language), parts)


def _body(run: Run) -> str:
    tunes = "".join(_tune(tune, k, run.reading.affect) for k, tune in enumerate(run.tunes, start=1))
    return "\n".join(
        (
            _headline(run),
            _seen(run),
            '<h2 id="tunes" tabindex="-1">'
            + both("Three tunes that differ on purpose", "일부러 서로 다른 세 곡")
            + "</h2>",
            f'<div class="tunes">{tunes}</div>',
            _library(run.library) if run.library else "",
            _told(run),
        )
    )


def _seen(run: Run) -> str:
    """Photo and plane side by side; the sentence stands where there is more room."""
    high, wide = run.photo.pixels.shape[:2]
    left, right = [_photo(run)], [_plane(run)]
    (left if wide > WIDE * high else right).append(_words(run))
    columns = (f'<div class="side">{"".join(column)}</div>' for column in (left, right))
    return f'<div class="seen">{"".join(columns)}</div>'


def _headline(run: Run) -> str:
    title = both("One photo, three tunes", "사진 한 장, 노래 세 곡")
    lead = both(
        "What was seen in the photo, where its feeling lies, and three machine-made tunes that answer it: one as it feels, "
        "one beside it, one against it.",
        "사진에서 본 것과 그 느낌의 자리, 그리고 기계가 만든 세 곡의 답: 느낌 그대로, 이웃한 느낌, "
        "그리고 대비되는 느낌입니다.",
    )
    return f'<h1>{title}</h1><p class="lead">{lead}</p>'


def _photo(run: Run) -> str:
    picture = data_url("image/jpeg", _jpeg(run.photo))
    high, wide = run.photo.pixels.shape[:2]
    alt = escape(" ".join(run.english), quote=True)
    lists = _captions("en", "Captions", run.english) + _captions("ko", "설명", run.korean)
    image = f'<img src="{picture}" width="{wide}" height="{high}" alt="{alt}">'
    return f'<figure class="card photo">{image}<figcaption>{lists}</figcaption></figure>'


def _captions(language: str, name: str, captions: tuple[str, ...]) -> str:
    items = "".join(f"<li>{escape(caption)}</li>" for caption in captions)
    return f'<ol class="{language}" lang="{language}" aria-label="{name}">{items}</ol>'


def _plane(run: Run) -> str:
    felt, mood = run.reading.affect, run.reading.mood
    marks = [Mark(k, tune.asked, tune.heard) for k, tune in enumerate(run.tunes, start=1)]
    drawn = run_parts.plane(felt, run.reading.spread, marks)
    figures = both(
        f"valence {_signed(felt.valence)}, arousal {_signed(felt.arousal)}",
        f"유쾌 {_signed(felt.valence)}, 흥분 {_signed(felt.arousal)}",
    )
    key = (
        ('<circle class="felt" cx="9" cy="9" r="6"/>', "the photo", "사진"),
        ('<circle class="asked" cx="9" cy="9" r="6.4"/>', "where each tune was asked for", "곡을 요청한 자리"),
        ('<circle class="heard" cx="9" cy="9" r="4.6"/>', "where the judge hears it", "심사 모델이 들은 자리"),
    )
    legend = "".join(
        f'<svg viewBox="0 0 18 18" aria-hidden="true">{sign}</svg><span>{both(en, ko)}</span>' for sign, en, ko in key
    )
    title = f'<h2 class="mood {mood_class(felt)}">{both(mood.name, mood.korean)}</h2>'
    head = f'<div class="read">{title}<span class="figures">{figures}</span></div>'
    return f'<section class="card plane">{head}{drawn}<div class="key">{legend}</div></section>'


def _words(run: Run) -> str:
    chips = "".join(f"<li>{escape(word)}</li>" for word in run.keywords)
    label = both(
        "The captions as one sentence, for which the prompts were written",
        "세 설명을 이은 한 문장, 프롬프트의 바탕",
    )
    said = f'<p class="soft">{label}</p><blockquote lang="en">{escape(run.sentence)}</blockquote>'
    words = f'<ul class="chips">{chips}</ul>' if chips else ""
    return f'<section class="card words">{said}{words}</section>'


def _tune(tune: ShownTune, number: int, felt: Affect) -> str:
    role = both(*ROLES[tune.role])
    title = both(tune.title[0].capitalize(), tune.title[1])
    head = f'<div><p class="role"><b>{number}</b><span>{role}</span></p><h3>{title}</h3></div>'
    why = f'<p class="why">{both(*tune.reason)}</p>'
    asked = f'<div class="asked-in-words">{_prompt(tune)}{_files(tune)}</div>'
    body = f"{head}{why}{_player(tune)}{_parts(tune)}{_facts(tune, felt)}{asked}"
    return f'<article class="card tune {mood_class(tune.asked)}">{body}</article>'


def _library(tune: ShownTune) -> str:
    role = f'<p class="role"><span>{both(*ROLES[tune.role])}</span></p>'
    head = f'<div>{role}<h2>{both(*tune.title)}</h2><p class="why">{both(*tune.reason)}</p>{_files(tune)}</div>'
    return f'<section class="card library {mood_class(tune.asked)}">{head}{_player(tune)}</section>'


def _player(tune: ShownTune) -> str:
    drawn = run_parts.roll(tune.score) if tune.score else run_parts.wave(tune.samples)
    names = [f"{ROLES[tune.role][k]}: {tune.title[k]}" for k in range(2)]
    source = data_url(sound_type(tune.sound), tune.sound)
    play = (
        '<button type="button" class="play"><svg viewBox="0 0 24 24" aria-hidden="true"><path class="go" d="M8 5v14l11-7z"/>'
        '<path class="pause" d="M7 5h4v14H7zm6 0h4v14h-4z"/></svg></button>'
    )
    bar = f'<input type="range" min="0" max="{tune.seconds:.2f}" step="0.1" value="0">'
    return (
        f'<div class="player" data-seconds="{tune.seconds:.2f}" data-en="{escape(names[0])}" data-ko="{escape(names[1])}">'
        f'{play}<span class="clock"></span><div class="roll">{drawn}<i></i>{bar}</div>'
        f'<audio class="plainly" controls preload="metadata" src="{source}"></audio></div>'
    )


def _parts(tune: ShownTune) -> str:
    if tune.score is None:
        return "<div></div>"
    seen: dict[str, str] = {}
    for track in tune.score.tracks:
        if track.notes:
            seen.setdefault(track.name.split(" (")[0], run_parts.colour_class(tune.score, track))
    items = "".join(f'<li class="{colour}">{escape(name)}</li>' for name, colour in seen.items())
    return f'<ul class="parts" aria-label="Instruments">{items}</ul>'


def _facts(tune: ShownTune, felt: Affect) -> str:
    mood = mood_of(tune.asked)
    rows = [(both("asked for", "요청한 느낌"), f"{both(mood.name, mood.korean)} {_point(tune.asked)}")]
    if tune.tempo_bpm:
        rows.append(
            (both("tempo", "빠르기"), both(f"{tune.tempo_bpm:.0f} beats a minute", f"분당 {tune.tempo_bpm:.0f}박"))
        )
    if tune.key:
        rows.append((both("key", "조"), escape(tune.key)))
    if tune.heard:
        mood = mood_of(tune.heard)
        rows.append((both("judge hears", "들린 느낌"), f"{both(mood.name, mood.korean)} {_point(tune.heard)}"))
        rows.append((both("off request", "요청과의 거리"), _meter(tune.heard.distance(tune.asked))))
        rows.append((both("off photo", "사진과의 거리"), _meter(tune.heard.distance(felt))))
    return "<dl>" + "".join(f"<dt>{name}</dt><dd>{value}</dd>" for name, value in rows) + "</dl>"


def _point(affect: Affect) -> str:
    return f'<span class="figures">{_signed(affect.valence)}, {_signed(affect.arousal)}</span>'


def _signed(value: float) -> str:
    return f"{value:+.2f}".replace("-", "−")


def _meter(distance: float) -> str:
    bar = f'<meter min="0" max="1" value="{min(1.0, distance):.3f}" aria-hidden="true"></meter>'
    return f'<span class="off"><span>{distance:.2f}</span>{bar}</span>'


def _prompt(tune: ShownTune) -> str:
    if not tune.prompt:
        return ""
    return f'<h4>{both("Prompt", "프롬프트")}</h4><p lang="en">{escape(tune.prompt)}</p>'


def _files(tune: ShownTune) -> str:
    links = "".join(f'<li><a href="{escape(name)}" download>{escape(what)}</a></li>' for what, name in tune.files)
    return f'<ul class="files">{links}</ul>' if links else ""


def _told(run: Run) -> str:
    rows = "".join(f"<dt>{both(en, ko)}</dt><dd>{escape(value)}</dd>" for en, ko, value in run.told)
    return (
        f"<details><summary>{both('Who made what', '무엇이 어떻게 만들어졌나')}</summary><dl>{rows}</dl></details>"
        if rows
        else ""
    )


def _footer() -> str:
    english = (
        "Machine-made: captions, prompts and tunes come from moodscore; no person has composed or checked them. The judge "
        "is a model fitted to how listeners rated other music; distances are measured on the plane, whose ends are 2 "
        "apart."
    )
    korean = (
        "기계가 만들었습니다: 설명과 프롬프트와 곡은 moodscore의 것이며, 사람이 작곡하거나 확인하지 않았습니다. "
        "심사 모델은 사람들이 다른 음악에 매긴 점수를 배운 것이고, 거리는 맞은편 끝이 2만큼 떨어진 평면에서 잽니다."
    )
    return both(english, korean, "p")


def _hues() -> str:
    """Classes for the hue of each mood, and for tracks a golden angle apart."""
    moods = (f".m{k}{{--own:{(mood.hue + RED_DEG) % 360:.1f}}}" for k, mood in enumerate(MOODS.labels))
    tracks = (f".t{k}{{--hue:{(250 + 137.5 * k) % 360:.1f}}}" for k in range(run_parts.COLOURS))
    return "".join((*moods, *tracks))


def _jpeg(photo: Photo) -> bytes:
    """The photo's pixels alone, small and without any metadata."""
    picture = Image.fromarray(np.ascontiguousarray(photo.pixels))
    picture.thumbnail((PHOTO_SIDE, PHOTO_SIDE), Image.Resampling.LANCZOS)
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=JPEG_QUALITY, optimize=True, progressive=True)
    return out.getvalue()
