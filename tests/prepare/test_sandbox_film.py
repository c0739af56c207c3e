"""Strangers' films and sounds: what is let in, what comes out, and that nothing else ever does."""

import io
import struct
import wave

import av
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from moodscore.errors import BadMedia
from moodscore.prepare import sandbox

RED, BLUE = (200, 30, 30), (30, 30, 200)


@pytest.fixture(scope="module", autouse=True)
def decoder():
    """The process that decodes, ended afterwards."""
    sandbox.warm()
    yield
    sandbox.close()


def two_halves(size=(64, 48)):
    """Red on the left, blue on the right."""
    image = Image.new("RGB", size, RED)
    image.paste(BLUE, (size[0] // 2, 0, size[0], size[1]))
    return image


def seen(rendition):
    """The JPEG as pixels, after checking that it is what it says it is and carries nothing but a picture."""
    image = Image.open(io.BytesIO(rendition.jpeg))
    assert image.format == "JPEG"
    assert image.size == (rendition.width, rendition.height)
    assert set(image.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
    assert not image.getexif()
    return np.asarray(image.convert("RGB")).astype(int)


def near(pixels, colour):
    return np.abs(pixels.reshape(-1, 3).mean(0) - colour).max() < 25


def outcome(work):
    """(what came out, "") or (None, what BadMedia said); every other error is a failure."""
    try:
        return work(), ""
    except BadMedia as error:
        return None, str(error)


mutations = st.lists(st.tuples(st.integers(0, 1 << 20), st.binary(min_size=1, max_size=6)), min_size=1, max_size=8)


# Sound


def wav(seconds=0.5, rate=22050):
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(rate)
        tone = np.sin(np.arange(round(seconds * rate)) * (2 * np.pi * 440 / rate)) * 12000
        out.writeframes(tone.astype("<i2").tobytes())
    return file.getvalue()


def sounded(form, codec, rate=44100, seconds=0.5):
    file = io.BytesIO()
    with av.open(file, "w", format=form) as out:
        out.metadata["title"] = "SECRET TITLE"
        stream = out.add_stream(codec, rate=rate, layout="stereo")
        wave_ = np.sin(np.arange(round(seconds * rate)) * (2 * np.pi * 440 / rate)).astype(np.float32) * 0.4
        frame = av.AudioFrame.from_ndarray(np.stack([wave_, wave_]), format="fltp", layout="stereo")
        frame.sample_rate = rate
        fifo = av.AudioResampler(
            stream.codec_context.format.name, "stereo", rate, frame_size=stream.codec_context.frame_size or 1024
        )
        for part in (*fifo.resample(frame), *fifo.resample(None)):
            out.mux(stream.encode(part))
        out.mux(stream.encode(None))
    return file.getvalue()


SOUNDS = {
    "WAV": wav(),
    "FLAC": sounded("flac", "flac"),
    "MP3": sounded("mp3", "libmp3lame"),
    "OGG": sounded("ogg", "libopus", 48000),
    "M4A": sounded("ipod", "aac"),
}


@pytest.mark.parametrize("kind", SOUNDS)
def test_every_allowed_kind_of_sound_comes_out_as_aac_without_metadata(kind, tmp_path):
    path, out = tmp_path / "tune.bin", tmp_path / "out.m4a"
    path.write_bytes(SOUNDS[kind])
    safe = sandbox.sound(path, "tune.bin", out)
    assert (safe.kind, safe.path) == (kind, out)
    assert safe.duration_s == pytest.approx(0.5, abs=0.06)
    assert b"SECRET" not in out.read_bytes()
    with av.open(str(out)) as container:
        heard = np.concatenate([f.to_ndarray() for f in container.decode(audio=0)], axis=1)[0]
    spectrum = np.abs(np.fft.rfft(heard))
    assert spectrum.argmax() * 44100 / len(heard) == pytest.approx(440, abs=6)


def test_a_damaged_sound_and_one_that_is_too_long_are_refused(tmp_path):
    out = tmp_path / "out.m4a"
    for name, data, said in (
        ("cut.flac", SOUNDS["FLAC"][:60], "damaged"),
        ("long.wav", wav(601, 8000), "expected at most 10 minutes"),
    ):
        (tmp_path / name).write_bytes(data)
        with pytest.raises(BadMedia, match=said):
            sandbox.sound(tmp_path / name, name, out)
    assert [p.name for p in tmp_path.iterdir() if "out" in p.name] == []


# Film


@pytest.fixture(scope="module")
def films(film_maker, tmp_path_factory):
    folder = tmp_path_factory.mktemp("films")
    return {
        "MP4": film_maker.write(folder / "a.mp4", sound_s=0.8),
        "MOV": film_maker.write(folder / "a.mov"),
        "WebM": film_maker.write(folder / "a.webm", codec="libvpx", frames=8),
    }


def shown(path, film_maker):
    with av.open(str(path)) as container:
        return [film_maker.number_of(f.to_ndarray(format="rgb24")) for f in container.decode(video=0)]


@pytest.mark.parametrize("kind", ["MP4", "MOV", "WebM"])
def test_every_allowed_kind_of_film_comes_out_as_mp4_with_its_frames(kind, films, film_maker, tmp_path):
    out = tmp_path / "out.mp4"
    safe = sandbox.clip(films[kind], "film", out)
    count = 8 if kind == "WebM" else 20
    assert (safe.kind, safe.width, safe.height, safe.has_sound) == (kind, 64, 48, kind == "MP4")
    assert safe.duration_s == pytest.approx(count / 25, abs=0.05)
    assert shown(out, film_maker) == list(range(count))
    data = out.read_bytes()
    assert data.find(b"moov") < data.find(b"mdat")
    assert seen(safe.poster).shape == (48, 64, 3)
    with av.open(str(out)) as container:
        assert len(container.streams.audio) == safe.has_sound
        assert container.streams.video[0].codec_context.name == "h264"


def test_a_turned_film_comes_out_upright_and_a_large_or_fast_one_smaller(film_maker, tmp_path):
    def halves(number, size):
        return np.asarray(two_halves(size))

    out = tmp_path / "out.mp4"
    turned = film_maker.turn(film_maker.write(tmp_path / "t.mp4", frames=4, picture=halves), 90)
    safe = sandbox.clip(turned, "t.mp4", out)
    assert (safe.width, safe.height) == (48, 64)
    assert near(seen(safe.poster)[:24], RED)
    large = film_maker.write(tmp_path / "l.mp4", frames=12, fps=60, size=(1920, 1080), picture=halves)
    safe = sandbox.clip(large, "l.mp4", out)
    assert (safe.width, safe.height) == (1280, 720)
    assert len(shown(out, film_maker)) == 6


def test_a_films_metadata_and_place_do_not_come_out(tmp_path):
    path, out = tmp_path / "a.mp4", tmp_path / "out.mp4"
    with av.open(str(path), "w") as made:
        made.metadata.update({"title": "SECRET TITLE", "comment": "SECRET", "location": "+37.56+126.97/"})
        stream = made.add_stream("libx264", rate=25, width=32, height=32, pix_fmt="yuv420p")
        for _ in range(3):
            made.mux(stream.encode(av.VideoFrame.from_ndarray(np.zeros((32, 32, 3), np.uint8), format="rgb24")))
        made.mux(stream.encode(None))
    assert b"SECRET" in path.read_bytes()
    sandbox.clip(path, "a.mp4", out)
    assert b"SECRET" not in out.read_bytes()
    assert b"+37.56" not in out.read_bytes()


def pointing_at(film, target):
    """An MP4 whose sample data are said to lie in another file (dref with an alias of an absolute path)."""
    data = bytearray(film.read_bytes())
    at = data.find(b"dref") - 4
    size = struct.unpack_from(">I", data, at)[0]
    path = str(target).encode()
    path += b"\0" * (len(path) % 2)
    alias = bytes(10) + bytes(28) + bytes(12) + bytes(64) + bytes(16) + struct.pack(">HH", 1, 1) + bytes(16)
    alias += struct.pack(">HH", 2, len(path)) + path + struct.pack(">HH", 0xFFFF, 0)
    entry = struct.pack(">I4sI", 12 + len(alias), b"alis", 0) + alias
    box = struct.pack(">I4sII", 16 + len(entry), b"dref", 0, 1) + entry
    for name in (b"moov", b"trak", b"mdia", b"minf", b"dinf"):
        place = data.find(name) - 4
        struct.pack_into(">I", data, place, struct.unpack_from(">I", data, place)[0] + len(box) - size)
    data[at : at + size] = box
    return bytes(data)


def test_a_film_that_points_at_another_file_is_not_followed(film_maker, tmp_path):
    other = film_maker.write(
        tmp_path / "other.mp4", frames=6, picture=lambda n, size: np.full((size[1], size[0], 3), 255, np.uint8)
    )
    mine = film_maker.write(tmp_path / "mine.mp4", frames=6)
    (tmp_path / "evil.mp4").write_bytes(pointing_at(mine, other))
    with av.open(str(tmp_path / "evil.mp4"), options={"enable_drefs": "1", "use_absolute_path": "1"}) as followed:
        assert followed.streams.video  # it is a film
    out = tmp_path / "out.mp4"
    try:
        sandbox.clip(tmp_path / "evil.mp4", "evil.mp4", out)
    except BadMedia:
        assert not out.exists()
    else:
        assert shown(out, film_maker) == list(range(6))


def test_truncated_still_and_soundless_films_are_refused_and_leave_nothing(films, film_maker, tmp_path):
    out = tmp_path / "out.mp4"
    (tmp_path / "cut.mp4").write_bytes(films["MP4"].read_bytes()[:1500])
    (tmp_path / "sound.mp4").write_bytes(sounded("mp4", "aac"))
    for name in ("cut.mp4", "sound.mp4"):
        with pytest.raises(BadMedia) as caught:
            sandbox.clip(tmp_path / name, name, out)
        assert str(caught.value).startswith(f"{name}: expected ")
        assert str(tmp_path) not in str(caught.value)
    silent = films["MOV"]
    with pytest.raises(BadMedia, match=r"^a.mov: expected sound, got a file without a sound track"):
        sandbox.sound(silent, "a.mov", out)
    assert not out.exists()


@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
@given(kind=st.sampled_from(["MP4", "WebM", "MP3", "OGG", "FLAC"]), changes=mutations)
def test_of_any_mutation_of_a_film_or_sound_only_something_safe_or_bad_media_comes_out(kind, changes, films, tmp_path):
    data = bytearray(films[kind].read_bytes() if kind in films else SOUNDS[kind])
    for at, change in changes:
        data[at % len(data) : at % len(data) + len(change)] = change
    path, out = tmp_path / "fuzz", tmp_path / "out.mp4"
    path.write_bytes(data)
    safe, said = outcome(lambda: (sandbox.clip if kind in films else sandbox.sound)(path, "fuzz", out))
    if safe is None:
        assert said.startswith("fuzz: expected ")
        assert said.isprintable()
    else:
        assert 0 < safe.duration_s <= 601
