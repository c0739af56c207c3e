from __future__ import annotations

import json
import os
import resource
import signal
import struct
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from moodscore.errors import BadMedia, BadValue, RenderFailed
from moodscore.film.render import SIZES, Settings, render
from moodscore.film.timeline import Options, Timeline, arrange
from moodscore.media import Tune

SMALL = Settings(size=(160, 90), fps=10, preset="superfast", crf=16, threads=2)
RATE = 44_100


def tone(seconds: float, level: float = 0.5) -> Tune:
    t = np.arange(round(seconds * RATE)) / RATE
    wave = (level * np.sin(2 * np.pi * 441 * t)).astype(np.float32)
    return Tune(np.stack([wave, wave], axis=1), RATE)


@pytest.fixture
def photos(tmp_path: Path) -> list[Path]:
    """Photos of awkward sizes: odd, upright, a panorama, a single pixel, noise."""
    rng = np.random.default_rng(7)
    shapes = [(201, 133), (90, 160), (360, 120), (1, 1)]
    paths = []
    for k, (width, height) in enumerate(shapes):
        small = rng.integers(0, 256, (max(1, height // 20), max(1, width // 20), 3), np.uint8)
        paths.append(tmp_path / f"{k}.png")
        Image.fromarray(small).resize((width, height), Image.Resampling.BICUBIC).save(paths[-1])
    return paths


def decoded(path: Path) -> tuple[np.ndarray, np.ndarray]:
    """(frames, samples): rgb24 (n, h, w, 3) and mono float (m,)."""
    with av.open(str(path)) as container:
        pictures = np.stack([f.to_ndarray(format="rgb24") for f in container.decode(video=0)])
    with av.open(str(path)) as container:
        sound = np.concatenate([f.to_ndarray()[0] for f in container.decode(audio=0)])
    return pictures, sound


def short(photos: list[Path], **options: object) -> Timeline:
    return arrange(photos, Options(**{"seconds_per_photo": 0.8, "fade_s": 0.3, "seed": 1, **options}))  # type: ignore[arg-type]


def made(photos: list[Path], out: Path, settings: Settings = SMALL, **options: object) -> Path:
    timeline = short(photos, **options)
    return render(timeline, tone(timeline.duration_s), out, settings).path


def test_the_film_has_the_length_size_and_streams_it_should(photos: list[Path], tmp_path: Path) -> None:
    out = made(photos, tmp_path / "film.mp4")
    with av.open(str(out)) as container:
        video, sound = container.streams.video[0], container.streams.audio[0]
        assert (video.codec_context.name, video.profile, video.pix_fmt) == ("h264", "High", "yuv420p")
        assert (video.width, video.height, video.average_rate) == (160, 90, 10)
        assert (sound.codec_context.name, sound.rate, sound.channels) == ("aac", RATE, 2)
        assert video.frames == 32
        assert float(video.duration * video.time_base) == pytest.approx(3.2)
        assert float(sound.duration * sound.time_base) == pytest.approx(3.2, abs=1e-3)
        colours = video.codec_context
        assert (colours.color_range, colours.colorspace, colours.color_primaries, colours.color_trc) == (1, 1, 1, 1)


@pytest.mark.parametrize("camera", [True, False])
def test_the_same_film_twice_has_the_same_pictures_and_sound(photos: list[Path], tmp_path: Path, camera: bool) -> None:
    one, two = (made(photos, tmp_path / name, camera=camera) for name in ("one.mp4", "two.mp4"))
    for a, b in zip(decoded(one), decoded(two), strict=True):
        assert np.array_equal(a, b)


@pytest.mark.parametrize(
    "colour", [(255, 0, 0), (0, 255, 0), (0, 0, 255), (240, 200, 40), (128, 128, 128), (18, 24, 60)]
)
def test_flat_colours_come_back(colour: tuple[int, int, int], tmp_path: Path) -> None:
    path = tmp_path / "flat.png"
    Image.new("RGB", (160, 90), colour).save(path)
    frames, _ = decoded(made([path], tmp_path / "film.mp4", fade_s=0.0))
    assert np.abs(frames[4].astype(int) - colour).max() <= 3
    assert np.abs(frames[4].astype(float).mean((0, 1)) - colour).max() <= 2


@pytest.mark.parametrize("name", ["crossfade", "dip", "cut"])
def test_the_sound_follows_the_gain_and_the_gain_the_picture(name: str, tmp_path: Path) -> None:
    paths = []
    for k in range(3):
        paths.append(tmp_path / f"{k}.png")
        Image.new("RGB", (64, 36), (255, 255, 255)).save(paths[-1])
    timeline = arrange(paths, Options(seconds_per_photo=1.0, fade_s=0.4, transition=name))
    frames, sound = decoded(render(timeline, tone(3.0), tmp_path / "film.mp4", SMALL).path)
    window = 441 * 4
    loud = np.sqrt((sound[: len(sound) // window * window].reshape(-1, window) ** 2).mean(axis=1))
    times = (np.arange(len(loud)) + 0.5) * window / RATE
    heard = loud / (0.5 / np.sqrt(2))
    assert np.abs(heard - timeline.gain(times))[times < 3.0].max() < 0.05
    light = frames.astype(float).mean((1, 2, 3)) / 255
    shown = np.sum([item.visibility(np.arange(30) / 10) for item in timeline.items], axis=0)
    assert np.abs(light - shown).max() < 0.02


def atoms(path: Path) -> list[str]:
    """The names of the file's outermost boxes in order."""
    data, at, names = path.read_bytes(), 0, []
    while at < len(data):
        length, name = struct.unpack(">I4s", data[at : at + 8])
        names.append(name.decode("latin-1"))
        at += length
    return names


def test_the_film_can_start_before_it_is_loaded(photos: list[Path], tmp_path: Path) -> None:
    names = atoms(made(photos[:1], tmp_path / "film.mp4"))
    assert names.index("moov") < names.index("mdat")


def test_the_film_carries_its_recipe_and_says_a_machine_made_it(photos: list[Path], tmp_path: Path) -> None:
    timeline = short(photos[:1])
    recipe = {"seed": 5, "plan": {"key": "다장조 <C>"}, "readings": ["x" * 70_000]}
    film = render(timeline, tone(timeline.duration_s), tmp_path / "한글 film.mp4", SMALL, recipe)
    assert film.recipe == recipe
    with av.open(str(film.path)) as container:
        tags = dict(container.metadata)
    assert json.loads(tags["comment"]) == {"machine_made": True, **recipe}
    assert tags["title"] == "한글 film"
    assert "Machine-made" in tags["description"]


def test_progress_runs_from_nothing_to_everything(photos: list[Path], tmp_path: Path) -> None:
    told: list[float] = []
    timeline = short(photos[:2])
    render(timeline, tone(timeline.duration_s), tmp_path / "film.mp4", SMALL, {}, told.append)
    assert told == sorted(told)
    assert told[-1] == 1.0


def only_photos(folder: Path) -> bool:
    return all(path.suffix == ".png" for path in folder.iterdir())


def test_a_broken_photo_leaves_nothing_half_written(photos: list[Path], tmp_path: Path) -> None:
    photos[1].write_bytes(b"not a picture")
    with pytest.raises(BadMedia, match=r"1\.png"):
        made(photos, tmp_path / "film.mp4")
    assert only_photos(tmp_path)


@pytest.mark.parametrize("stop", [KeyboardInterrupt, ZeroDivisionError])
def test_stopping_leaves_nothing_half_written(
    photos: list[Path], tmp_path: Path, stop: Callable[[], BaseException]
) -> None:
    def stopping(share: float) -> None:
        if share > 0.5:
            raise stop()

    timeline = short(photos)
    with pytest.raises(stop):  # type: ignore[call-overload]
        render(timeline, tone(timeline.duration_s), tmp_path / "film.mp4", SMALL, {}, stopping)
    assert only_photos(tmp_path)


def test_an_older_film_survives_a_failed_one(photos: list[Path], tmp_path: Path) -> None:
    (tmp_path / "film.mp4").write_bytes(b"older")
    photos[2].unlink()
    with pytest.raises(BadMedia):
        made(photos, tmp_path / "film.mp4")
    assert (tmp_path / "film.mp4").read_bytes() == b"older"


def test_a_folder_that_is_not_there_is_named(photos: list[Path], tmp_path: Path) -> None:
    with pytest.raises(RenderFailed, match=r"nowhere.*make the folder first"):
        made(photos, tmp_path / "nowhere" / "film.mp4")


def test_an_output_that_is_a_folder_is_named(photos: list[Path], tmp_path: Path) -> None:
    (tmp_path / "film.mp4").mkdir()
    with pytest.raises(RenderFailed, match=r"film\.mp4: expected"):
        made(photos, tmp_path / "film.mp4")


FULL_DISK = """
import resource, sys
from pathlib import Path
from moodscore.errors import RenderFailed
sys.path.insert(0, sys.argv[1])
import test_render as t
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[3]),) * 2)
folder = Path(sys.argv[2])
try:
    t.made(sorted(folder.glob("*.png")), folder / "film.mp4")
except RenderFailed as error:
    print(error)
"""


@pytest.mark.skipif(not hasattr(signal, "SIGXFSZ"), reason="needs a limit on file sizes")
@pytest.mark.parametrize("most_bytes", [1000, 20_000])
def test_a_full_disk_is_told_and_leaves_nothing(photos: list[Path], tmp_path: Path, most_bytes: int) -> None:
    assert resource.RLIMIT_FSIZE is not None
    told = subprocess.run(
        [sys.executable, "-c", FULL_DISK, str(Path(__file__).parent), str(tmp_path), str(most_bytes)],
        capture_output=True,
        text=True,
        env={**os.environ, "AV_LOG": "quiet"},
        check=True,
    )
    assert "free some space" in told.stdout
    assert only_photos(tmp_path)


def test_a_tune_that_is_too_short_is_refused(photos: list[Path], tmp_path: Path) -> None:
    with pytest.raises(BadValue, match="at least the film's"):
        render(short(photos), tone(1.0), tmp_path / "film.mp4", SMALL)


def test_sizes_have_names() -> None:
    assert Settings.named("vertical").size == (1080, 1920)
    assert set(SIZES) == {"1080p", "720p", "4k", "square", "vertical"}
    with pytest.raises(BadValue, match="720p"):
        Settings.named("8k")


@pytest.mark.parametrize(
    "wrong", [{"size": (161, 90)}, {"size": (8, 8)}, {"fps": 0}, {"crf": 60}, {"preset": "placebo!"}]
)
def test_settings_that_make_no_sense_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(BadValue):
        Settings(**wrong)  # type: ignore[arg-type]
