"""Strangers' photos: what is let in, what comes out, and that nothing else ever does."""

import hashlib
import io
import os
import struct
import zipfile
import zlib

import numpy as np
import pillow_heif
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms

from moodscore.errors import BadMedia
from moodscore.prepare import sandbox
from moodscore.prepare.sandbox_kinds import told

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


def saved(image, form, **options):
    file = io.BytesIO()
    if form == "HEIF":
        pillow_heif.from_pillow(image).save(file, quality=90, **options)
    else:
        image.save(file, form, **options)
    return file.getvalue()


def pictures():
    image = two_halves()
    return {
        "JPEG": saved(image, "JPEG", quality=95),
        "PNG": saved(image, "PNG"),
        "WebP": saved(image, "WEBP", quality=95),
        "GIF": saved(image, "GIF", save_all=True, append_images=[Image.new("RGB", image.size)]),
        "AVIF": saved(image, "AVIF", quality=95),
        "HEIF": saved(image, "HEIF"),
    }


PICTURES = pictures()


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


# What is let in


@pytest.mark.parametrize("kind", PICTURES)
def test_every_allowed_kind_of_picture_comes_out_as_a_jpeg(kind):
    safe = sandbox.photo(PICTURES[kind], "mine.xyz")
    assert (safe.kind, safe.name, safe.width, safe.height) == (kind, "mine.xyz", 64, 48)
    pixels = seen(safe.large)
    assert near(pixels[:, :24], RED)
    assert near(pixels[:, 40:], BLUE)
    assert seen(safe.small).shape == (48, 64, 3)


def test_kind_is_told_from_content_and_not_from_the_name(tmp_path):
    path = tmp_path / "photo.mp4"
    path.write_bytes(PICTURES["PNG"])
    assert sandbox.photo(path, path.name).kind == "PNG"
    with pytest.raises(BadMedia, match=r"^photo.mp4: expected MP4, MOV or WebM, got PNG; choose another file$"):
        sandbox.clip(path, path.name, tmp_path / "out.mp4")


ZIPPED = io.BytesIO()
with zipfile.ZipFile(ZIPPED, "w", zipfile.ZIP_DEFLATED) as made:
    made.writestr("bomb", bytes(10_000_000))
REFUSED = {
    "svg": b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
    "svg with a prologue": b'<?xml version="1.0"?><svg/>',
    "pdf": b"%PDF-1.7\n",
    "postscript": b"%!PS-Adobe-3.0\n",
    "html": b"<!doctype html><script>alert(1)</script>",
    "playlist": b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n",
    "list of files": b"ffconcat version 1.0\nfile /etc/passwd\n",
    "part of a file": b"subfile,,start,0,end,100,,:/etc/passwd",
    "manifest": b"<MPD/>",
    "zip": ZIPPED.getvalue(),
    "tiff": saved(two_halves(), "TIFF"),
    "bmp": saved(two_halves(), "BMP"),
    "jpeg 2000": saved(two_halves(), "JPEG2000"),
    "icon": saved(two_halves(), "ICO"),
    "avi": b"RIFF\x00\x10\x00\x00AVI LIST" + bytes(200),
    "matroska": b"\x1a\x45\xdf\xa3\x8b\x42\x82\x88matroska" + bytes(200),
    "program": b"\x7fELF" + bytes(100),
    "nothing": b"",
    "zeros": bytes(5000),
}


@pytest.mark.parametrize("data", REFUSED.values(), ids=REFUSED)
def test_what_is_not_on_the_list_is_refused_before_any_decoder_sees_it(data, tmp_path):
    path = tmp_path / "photo.jpg"
    path.write_bytes(data)
    assert told(data) is None
    for receive in (
        sandbox.photo,
        lambda p, n: sandbox.clip(p, n, tmp_path / "o"),
        lambda p, n: sandbox.sound(p, n, tmp_path / "o"),
    ):
        with pytest.raises(BadMedia, match=r"^photo.jpg: expected .* got (another kind of file|an empty file); choose"):
            receive(path, "photo.jpg")
    assert not (tmp_path / "o").exists()


def test_what_hides_behind_or_in_a_picture_does_not_come_out():
    hidden = b"<script>alert('polyglot')</script>"
    commented = saved(two_halves(), "JPEG", comment=hidden)
    for data in (
        PICTURES["JPEG"] + hidden + ZIPPED.getvalue(),
        commented,
        PICTURES["PNG"] + hidden,
        PICTURES["GIF"] + hidden,
    ):
        safe = sandbox.photo(data, "polyglot")
        assert hidden not in safe.large.jpeg + safe.small.jpeg
        assert b"PK\x03\x04" not in safe.large.jpeg
        assert near(seen(safe.large)[:, :24], RED)


# What comes out


def with_metadata(orientation):
    exif = Image.Exif()
    exif[0x010E], exif[0x013B], exif[0x0112] = "SECRET PLACE", "SECRET NAME", orientation
    exif.get_ifd(0x8769)[0x9003] = "2024:05:01 18:30:00"
    exif.get_ifd(0x8825).update({1: "N", 2: (37.0, 33.0, 58.0), 3: "E", 4: (126.0, 58.0, 40.0)})
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    return saved(two_halves(), "JPEG", exif=exif, icc_profile=profile, comment=b"SECRET WORD", quality=95)


def test_a_photo_comes_out_upright_without_place_name_or_profile():
    data = with_metadata(orientation=6)  # to be turned a quarter clockwise
    safe = sandbox.photo(data, "IMG_1.JPG")
    assert (safe.width, safe.height) == (48, 64)
    assert safe.taken_at == "2024-05-01T18:30:00"
    pixels = seen(safe.large)
    assert near(pixels[:24], RED)
    assert near(pixels[40:], BLUE)
    for rendition in (safe.large, safe.small):
        for trace in (b"SECRET", b"Exif", b"ICC_PROFILE", b"GPS", b"http"):
            assert trace not in rendition.jpeg


@pytest.mark.parametrize("form", ["WEBP", "PNG", "AVIF", "HEIF"])
def test_orientation_is_kept_in_every_kind_that_has_it(form):
    exif = Image.Exif()
    exif[0x0112] = 8
    safe = sandbox.photo(saved(two_halves(), form, exif=exif.tobytes()), "a")
    assert (safe.width, safe.height) == (48, 64)
    pixels = seen(safe.large)
    assert near(pixels[:20], BLUE)
    assert near(pixels[44:], RED)


def test_renditions_are_scaled_and_the_placeholder_is_tiny():
    safe = sandbox.photo(saved(two_halves((3000, 1000)), "JPEG"), "wide")
    assert (safe.width, safe.height) == (3000, 1000)
    assert (safe.large.width, safe.large.height) == (2048, 683)
    assert (safe.small.width, safe.small.height) == (640, 213)
    assert near(seen(safe.large)[:, :1000], RED)
    assert len(safe.placeholder.data_uri) < 400
    assert safe.placeholder.data_uri.startswith("data:image/webp;base64,")
    assert near(np.array([int(safe.placeholder.colour[i : i + 2], 16) for i in (1, 3, 5)]), (115, 30, 115))


def test_the_checksum_is_that_of_the_original_and_the_same_file_gives_the_same_bytes():
    one, other = sandbox.photo(PICTURES["PNG"], "a"), sandbox.photo(PICTURES["PNG"], "b")
    assert one.sha256 == hashlib.sha256(PICTURES["PNG"]).hexdigest()
    assert one.large == other.large


def test_colours_follow_the_profile_and_what_is_see_through_lies_on_grey():
    clear = Image.new("RGBA", (3000, 20), (255, 255, 255, 0))
    assert near(seen(sandbox.photo(saved(clear, "PNG"), "clear").large), (128, 128, 128))
    grey = Image.fromarray(np.full((20, 3000), 32768, np.uint16))
    assert near(seen(sandbox.photo(saved(grey, "PNG"), "16 bits").large), (128, 128, 128))


# Limits


def png_of(width, height, rows=b""):
    def chunk(name, data):
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


@pytest.mark.parametrize("size", [(60_000, 60_000), (20_000, 10), (10, 20_000), (9000, 9000)])
def test_a_picture_of_too_many_pixels_is_refused_by_its_header(size):
    with pytest.raises(BadMedia, match=r"^big: expected at most 64 megapixels and 16,384 pixels a side, got "):
        sandbox.photo(png_of(*size, zlib.compress(bytes(1000))), "big")


def test_the_largest_picture_there_may_be_is_opened_within_the_memory():
    packer = zlib.compressobj(1)
    rows = b"".join(packer.compress(bytes(8001)) for _ in range(8000)) + packer.flush()
    safe = sandbox.photo(png_of(8000, 8000, rows), "64 MP")
    assert (safe.width, safe.height, safe.large.width) == (8000, 8000, 2048)


@pytest.mark.parametrize(
    ("form", "options"), [("WEBP", {"lossless": True, "quality": 0, "method": 0}), ("AVIF", {"speed": 10})]
)
def test_large_pictures_of_kinds_that_need_much_memory_come_out_alike(form, options):
    exif = Image.Exif()
    exif[0x0112] = 6
    safe = sandbox.photo(saved(two_halves((6000, 4200)), form, exif=exif.tobytes(), **options), "large")
    assert (safe.width, safe.height, safe.large.height) == (4200, 6000, 2048)
    pixels = seen(safe.large)
    assert near(pixels[:900], RED)
    assert near(pixels[1100:], BLUE)


def test_a_file_of_too_many_bytes_is_refused(tmp_path):
    path = tmp_path / "long.jpg"
    with path.open("wb") as file:
        file.write(PICTURES["JPEG"])
        file.truncate(50_000_001)
    with pytest.raises(BadMedia, match=r"^long.jpg: expected at most 50 MB, got 50 MB"):
        sandbox.photo(path, "long.jpg")


@pytest.mark.parametrize("kind", PICTURES)
def test_a_truncated_picture_is_refused_in_one_line(kind, tmp_path):
    path = tmp_path / "half"
    path.write_bytes(PICTURES[kind][: len(PICTURES[kind]) // 2])
    with pytest.raises(BadMedia) as caught:
        sandbox.photo(path, "half")
    said = str(caught.value)
    assert said.startswith("half: expected ")
    assert "\n" not in said
    assert str(tmp_path) not in said


@pytest.mark.parametrize("name", ["../../etc/passwd", "/srv/secret/x.jpg", "a\nb\x1b[2J.jpg", "x" * 500, "", ".."])
def test_errors_call_a_file_by_a_short_printable_name(name):
    with pytest.raises(BadMedia) as caught:
        sandbox.photo(b"no picture", name)
    said = str(caught.value)
    assert said.isprintable()
    assert len(said) < 300
    assert "/srv" not in said
    assert "etc/" not in said


def test_what_is_no_file_is_refused_without_waiting(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", tmp_path, tmp_path / "nothing"):
        with pytest.raises(BadMedia) as caught:
            sandbox.photo(path, "it")
        assert str(tmp_path) not in str(caught.value)


# Whatever else strangers send


def outcome(work):
    """(what came out, "") or (None, what BadMedia said); every other error is a failure."""
    try:
        return work(), ""
    except BadMedia as error:
        return None, str(error)


mutations = st.lists(st.tuples(st.integers(0, 1 << 20), st.binary(min_size=1, max_size=6)), min_size=1, max_size=8)


@settings(max_examples=120, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(sorted(PICTURES)), mutations, st.integers(0, 100))
def test_of_any_mutation_of_a_picture_only_a_safe_photo_or_bad_media_comes_out(kind, changes, kept):
    data = bytearray(PICTURES[kind])
    for at, change in changes:
        at %= len(data)
        data[at : at + len(change)] = change
    data = bytes(data[: max(1, len(data) * kept // 100)]) if kept < 30 else bytes(data)
    safe, said = outcome(lambda: sandbox.photo(data, "fuzz"))
    if safe is None:
        assert said.startswith("fuzz: expected ")
        assert said.isprintable()
    else:
        assert seen(safe.large).size
        assert safe.width <= 16_384


@given(st.binary(max_size=64))
def test_telling_the_kind_of_any_bytes_never_fails(data):
    for start in (b"", b"ID3", b"\xff\xfb", b"\x1a\x45\xdf\xa3\x42\x82", b"\0\0\0\x18ftyp", b"RIFF\0\0\0\0WAVE"):
        told(start + data)
