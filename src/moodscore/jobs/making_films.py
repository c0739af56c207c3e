"""Making films: what a studio's worker asks for about photos that become a film, and about clips that get music."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from PIL import Image

from moodscore.affect import Affect
from moodscore.errors import BadMedia
from moodscore.film import soundtrack
from moodscore.jobs.clips import ClipFelt
from moodscore.jobs.filming import Cut, recipe_of
from moodscore.jobs.making import MadeTune, pair_of, title_of, tune_to_files, words_of
from moodscore.jobs.matching import DEFAULT_LIBRARY
from moodscore.jobs.scoring import SoundtrackChoices, felt_to_soundtrack
from moodscore.jobs.tuning import score
from moodscore.jobs.values import MusicChoices, Progress, Scored, silent
from moodscore.media import Film
from moodscore.music import judge
from moodscore.music.composers import AUTO
from moodscore.prepare import clip as clips
from moodscore.see import clip as see_clip
from moodscore.see.hearing import STEP_S
from moodscore.trajectory import Trajectory

CALMER = 0.45  # plane units of arousal by which the contrast lies below the film
SHORTEST_S = 3.0
STRIP_QUALITY = 80


@dataclass(frozen=True, slots=True)
class CurveAsk:
    """A tune that a film asks for: its role, the feeling over time it follows, from the library or composed, and why."""

    role: str
    curve: Trajectory
    library: bool
    why_en: str
    why_ko: str


def curve_to_asks(curve: Trajectory) -> tuple[CurveAsk, ...]:
    """A feeling over time -> the three tunes it asks for: a piece that is there, one along the curve, a calmer one."""
    return (
        CurveAsk("library", curve, True, "Is there at once: pieces of the library that lie nearest to the curve.",
                 "바로 들을 수 있는 곡: 음악 모음에서 느낌의 흐름에 가장 가까운 곡입니다."),
        CurveAsk("faithful", curve, False, "Follows the feeling as it changes, with beats on the cuts.",
                 "느낌의 흐름을 그대로 따라가며, 장면이 바뀌는 곳에 박자를 맞춘 음악입니다."),
        CurveAsk("contrast", moved(curve, 0.0, -CALMER), False, "Follows the same curve, calmer, in the background.",
                 "같은 흐름을 더 차분하게 따라가, 뒤에서 조용히 받쳐 주는 음악입니다."),
    )  # fmt: skip


def place_to_curve_ask(curve: Trajectory, place: Affect) -> CurveAsk:
    """A place somebody chose -> the same curve, moved so that its middle lies there."""
    middle = curve.mean()
    there = moved(curve, place.valence - middle.valence, place.arousal - middle.arousal)
    return CurveAsk(
        "again", there, False, "Follows the curve around the place you chose on the plane.",
        "고른 자리를 중심으로 같은 흐름을 따라가는 음악입니다.",
    )  # fmt: skip


def moved(curve: Trajectory, valence: float, arousal: float) -> Trajectory:
    """A curve moved on the plane, and held at its edges."""
    there = tuple(Affect.clipped(a.valence + valence, a.arousal + arousal) for a in curve.affects)
    return replace(curve, affects=there)


def cuts_of(felt: ClipFelt) -> tuple[float, ...]:
    """The cuts of a film that music should mark, in seconds."""
    return see_clip.important_cuts(felt.watched, felt.trajectory)


def check_length(felt: ClipFelt, name: str) -> None:
    """Refuse a clip too short for music; raises BadMedia."""
    if felt.clip.duration_s < SHORTEST_S:
        raise BadMedia(
            f"{name}: expected a clip of {SHORTEST_S:g} s or longer, got {felt.clip.duration_s:.1f} s; choose a longer one"
        )


def curve_ask_to_scored(
    ask: CurveAsk, changes_s: Sequence[float], seed: int = 0, composer: str = AUTO, progress: Progress = silent
) -> Scored:
    """A tune that a film asks for -> the tune, from the library or composed with beats on the changes."""
    music = Path(DEFAULT_LIBRARY) if ask.library else None
    return score(ask.curve, MusicChoices(seed, composer, music), changes_s, progress)


def scored_to_made(ask: CurveAsk, scored: Scored) -> MadeTune:
    """The tune of a film -> the same in plain values, judged where it has notes."""
    written = scored.tune.score
    heard = judge.hear(written).affect if written is not None else None
    longest = max(scored.cues, key=lambda cue: cue.end_s - cue.start_s) if scored.cues else None
    players = tuple(dict.fromkeys(track.name.split(" (")[0] for track in written.tracks)) if written else ()
    return MadeTune(
        role=ask.role,
        title=title_of(longest.piece.name) if longest else "",
        genre="",
        asked=pair_of(ask.curve.mean()),
        heard=pair_of(heard) if heard else None,
        tempo_bpm=written.tempos[0][1] if written else 0.0,
        instruments=players,
        reason=(ask.why_en, ask.why_ko),
        words=words_of(scored),
        composer=str(scored.tune.recipe.get("composer", "")),
        files=tune_to_files(scored.tune),
    )


def clip_and_tune_to_film(felt: ClipFelt, scored: Scored, out: Path, progress: Progress = silent) -> Film:
    """A clip that was watched and a tune for it -> the clip with the tune, which gives way to speech."""
    return felt_to_soundtrack(felt, scored, out, SoundtrackChoices(), progress)


def film_and_tune_to_film(film: Path, cut: Cut, scored: Scored, out: Path) -> Film:
    """A film of photos that is there and another tune for it -> the same pictures with that tune."""
    nothing = np.zeros(0)
    faders = soundtrack.faders("replace", nothing, nothing, STEP_S)
    known = recipe_of(replace(cut, scored=scored))
    return soundtrack.soundtrack(clips.open(film), scored.tune, faders, out, known)


def with_music(cut: Cut, scored: Scored) -> Cut:
    """A planned film with other music."""
    return replace(cut, scored=scored)


def frame_of(film: Path, share: float = 1 / 3) -> bytes:
    """A frame of a film, a third into it unless told otherwise, as JPEG."""
    clip = clips.open(film)
    frame = next(iter(clips.frames(clip, times=[clip.duration_s * share])))
    return _jpeg(frame.pixels())


def strip_of(felt: ClipFelt) -> list[tuple[float, bytes]]:
    """Small frames of a clip with their times in seconds, as JPEG, for a filmstrip under its curve."""
    return [(round(time_s, 2), _jpeg(photo.pixels)) for time_s, photo in felt.watched.strip]


def _jpeg(pixels: np.ndarray[tuple[int, ...], np.dtype[np.uint8]]) -> bytes:
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, format="JPEG", quality=STRIP_QUALITY)
    return out.getvalue()
