"""The jobs, as straight lines: one named value passes from room to room, and no arrow goes back up."""

from moodscore.jobs.asking import Endpoint
from moodscore.jobs.clips import ClipFelt, GenreFound, Pair, clip_to_genre, clip_to_trajectory, frames_to_genre
from moodscore.jobs.describing import (
    CAPTION_MODEL,
    describe,
    describe_moving,
    describe_to_prompts,
    describer_of,
)
from moodscore.jobs.filming import (
    Cut,
    FilmChoices,
    cut_to_film,
    in_order,
    photos_to_cut,
    photos_to_film,
    recipe_of,
)
from moodscore.jobs.live import LIVE_RATE, Jukebox, LiveReading, watch_live
from moodscore.jobs.looking import explain, look, look_all, look_at_all_faces, look_at_faces, look_at_scene, photos_of
from moodscore.jobs.matching import DEFAULT_LIBRARY, levelled, library_of
from moodscore.jobs.posting import PostChoices, Posted, Variant, post, variant
from moodscore.jobs.receiving import (
    ReceivedClip,
    ReceivedPhoto,
    ReceivedSound,
    receive_clip,
    receive_photo,
    receive_sound,
)
from moodscore.jobs.riffing import RIFF_MODEL, Brush, Riff, is_photo, photo_to_riff, prompts_to_riff, riff_seed
from moodscore.jobs.scoring import ClipScored, SoundtrackChoices, check_soundtrack, clip_to_soundtrack
from moodscore.jobs.speaking import (
    Played,
    check_played,
    describe_tune,
    photo_to_music_words,
    play_photo,
    write_played,
)
from moodscore.jobs.tuning import (
    MAKER,
    PHOTO_TO_TUNE,
    affect_to_tune,
    face_to_music5,
    face_to_tune,
    photo_to_tune,
    scene_to_tune,
    score,
)
from moodscore.jobs.values import Faced, MusicChoices, Progress, Scored, Seen, Skipped, silent
from moodscore.jobs.writing import check_film, write_picture, write_text
from moodscore.music.riffusion_choices import Choices as RiffChoices
from moodscore.music.words import Told
from moodscore.see.genre import Evidence
from moodscore.see.hearing import STEP_S as HEARD_EVERY_S
from moodscore.see.words import Described

__all__ = [
    "CAPTION_MODEL",
    "DEFAULT_LIBRARY",
    "HEARD_EVERY_S",
    "LIVE_RATE",
    "MAKER",
    "PHOTO_TO_TUNE",
    "RIFF_MODEL",
    "Brush",
    "ClipFelt",
    "ClipScored",
    "Cut",
    "Described",
    "Endpoint",
    "Evidence",
    "Faced",
    "FilmChoices",
    "GenreFound",
    "Jukebox",
    "LiveReading",
    "MusicChoices",
    "Pair",
    "Played",
    "PostChoices",
    "Posted",
    "Progress",
    "ReceivedClip",
    "ReceivedPhoto",
    "ReceivedSound",
    "Riff",
    "RiffChoices",
    "Scored",
    "Seen",
    "Skipped",
    "SoundtrackChoices",
    "Told",
    "Variant",
    "affect_to_tune",
    "check_film",
    "check_played",
    "check_soundtrack",
    "clip_to_genre",
    "clip_to_soundtrack",
    "clip_to_trajectory",
    "cut_to_film",
    "describe",
    "describe_moving",
    "describe_to_prompts",
    "describe_tune",
    "describer_of",
    "explain",
    "face_to_music5",
    "face_to_tune",
    "frames_to_genre",
    "in_order",
    "is_photo",
    "levelled",
    "library_of",
    "look",
    "look_all",
    "look_at_all_faces",
    "look_at_faces",
    "look_at_scene",
    "photo_to_music_words",
    "photo_to_riff",
    "photo_to_tune",
    "photos_of",
    "photos_to_cut",
    "photos_to_film",
    "play_photo",
    "post",
    "prompts_to_riff",
    "receive_clip",
    "receive_photo",
    "receive_sound",
    "recipe_of",
    "riff_seed",
    "scene_to_tune",
    "score",
    "silent",
    "variant",
    "watch_live",
    "write_picture",
    "write_played",
    "write_text",
]
