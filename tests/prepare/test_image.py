"""Photos of every kind open upright in sRGB; everything else is refused in one line that says what to do."""

import io
import os
import struct
import time
import tracemalloc
import warnings
import zlib
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms

from moodscore.errors import BadMedia
from moodscore.media import Photo
from moodscore.prepare import image

KINDS = {
    "jpg": {"quality": 95, "subsampling": 0},
    "png": {},
    "webp": {"lossless": True},
    "gif": {},
    "tif": {},
    "bmp": {},
    "jp2": {},
    "avif": {"quality": 95, "subsampling": "4:4:4"},
    "heic": {"quality": 95},
}
EXACT = ("png", "webp", "tif", "bmp", "jp2")


def quadrants(width=40, height=24):
    """Red top left, green top right, blue bottom left, yellow bottom right: shows every turn and flip."""
    pixels = np.zeros((height, width, 3), np.uint8)
    top, left = height // 2, width // 2
    pixels[:top, :left] = 220, 30, 30
    pixels[:top, left:] = 30, 200, 30
    pixels[top:, :left] = 30, 30, 220
    pixels[top:, left:] = 220, 200, 30
    return pixels


def encoded(picture, suffix, **options):
    buffer = io.BytesIO()
    if suffix == "heic":
        import pillow_heif

        rgb, exif = picture.convert("RGB"), options.get("exif")
        about = {"exif": exif.tobytes()} if exif else {}
        pillow_heif.encode("RGB", rgb.size, rgb.tobytes(), buffer, **KINDS["heic"], **about)
    else:
        kind = {"jpg": "JPEG", "tif": "TIFF", "jp2": "JPEG2000"}.get(suffix, suffix.upper())
        picture.save(buffer, kind, **(KINDS[suffix] | options))
    return buffer.getvalue()


def put(folder, name, data):
    path = folder / name
    path.write_bytes(data)
    return path


def refusal(path, want_side=None):
    with pytest.raises(BadMedia) as caught:
        image.open(path, want_side)
    text = str(caught.value)
    assert path.name in text
    assert "\n" not in text
    return text


@pytest.mark.parametrize("suffix", KINDS)
def test_every_kind_opens_with_its_colours(tmp_path, suffix):
    path = put(tmp_path, f"a.{suffix}", encoded(Image.fromarray(quadrants()), suffix))
    photo = image.open(path)
    assert photo.size == photo.full_size == image.size_of(path) == (40, 24)
    assert photo.name == path.name
    off = np.abs(photo.pixels.astype(int) - quadrants())
    assert off.max() <= (0 if suffix in EXACT else 40)
    assert off.mean() <= 4


def test_what_a_file_is_counts_and_not_what_it_is_called(tmp_path):
    path = put(tmp_path, "really_a_png.jpg", encoded(Image.fromarray(quadrants()), "png"))
    assert np.array_equal(image.open(path).pixels, quadrants())


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("suffix", ["jpg", "png", "webp", "tif", "avif", "heic"])
def test_photos_stand_upright_whichever_way_the_camera_was_held(tmp_path, suffix, orientation):
    stored = {
        1: lambda a: a,
        2: lambda a: a[:, ::-1],
        3: lambda a: a[::-1, ::-1],
        4: lambda a: a[::-1],
        5: lambda a: a.transpose(1, 0, 2),
        6: lambda a: np.rot90(a),
        7: lambda a: a[::-1, ::-1].transpose(1, 0, 2),
        8: lambda a: np.rot90(a, -1),
    }[orientation](quadrants())
    exif = Image.Exif()
    exif[0x0112] = orientation
    path = put(tmp_path, f"a.{suffix}", encoded(Image.fromarray(np.ascontiguousarray(stored)), suffix, exif=exif))
    for want_side in (None, 8):
        photo = image.open(path, want_side)
        assert photo.full_size == image.size_of(path) == (40, 24)
        corners = photo.pixels[[1, 1, -2, -2], [1, -2, 1, -2]].astype(int)
        assert np.abs(corners - quadrants()[[1, 1, -2, -2], [1, -2, 1, -2]]).max() < 40


def test_broken_metadata_do_not_spoil_a_good_photo(tmp_path):
    data = encoded(
        Image.fromarray(quadrants()), "jpg", exif=b"Exif\0\0MM\0*\xff\xff\xff\xffnonsense", icc_profile=b"no"
    )
    photo = image.open(put(tmp_path, "a.jpg", data))
    assert photo.size == (40, 24)
    assert photo.taken_at is None


def test_when_the_photo_was_taken_is_read_from_its_exif(tmp_path):
    exif = Image.Exif()
    exif[0x0132] = "2025:01:01 00:00:00"
    exif.get_ifd(0x8769)[0x9003] = "2024:05:01 18:30:05"
    path = put(tmp_path, "a.jpg", encoded(Image.fromarray(quadrants()), "jpg", exif=exif))
    assert image.open(path).taken_at == "2024-05-01T18:30:05"
    assert datetime.fromisoformat(image.open(path, 8).taken_at).hour == 18


def test_transparency_lies_on_middle_grey(tmp_path):
    pixels = np.dstack([quadrants(), np.full((24, 40), 255, np.uint8)])
    pixels[:12, :, 3] = 0
    pixels[12:, 20:, 3] = 128
    seen = image.open(put(tmp_path, "a.png", encoded(Image.fromarray(pixels), "png"))).pixels
    assert (seen[:12] == 128).all()
    assert (seen[12:, :20] == (30, 30, 220)).all()
    assert np.abs(seen[12:, 20:].astype(int) - (174, 164, 79)).max() <= 1


def test_transparency_in_palettes_grey_and_gif_lies_on_grey_too(tmp_path):
    palette = Image.fromarray(quadrants()).quantize(4)
    clear = palette.getpixel((0, 0))
    for suffix in ("png", "gif"):
        seen = image.open(put(tmp_path, f"p.{suffix}", encoded(palette, suffix, transparency=clear))).pixels
        assert (seen[0, 0] == 128).all()
        assert np.abs(seen[-1, -1].astype(int) - (220, 200, 30)).max() < 10
    grey = Image.merge("LA", [Image.new("L", (4, 4), 255), Image.new("L", (4, 4), 0)])
    assert (image.open(put(tmp_path, "la.png", encoded(grey, "png"))).pixels == 128).all()
    keyed = put(tmp_path, "key.png", encoded(Image.fromarray(quadrants()), "png", transparency=(220, 30, 30)))
    assert (image.open(keyed).pixels[0, 0] == 128).all()


@pytest.mark.parametrize("suffix", ["png", "tif"])
def test_sixteen_bits_are_scaled_and_not_clipped(tmp_path, suffix):
    ramp = np.linspace(0, 65535, 64).astype(np.uint16).reshape(1, 64).repeat(3, 0)
    seen = image.open(put(tmp_path, f"a.{suffix}", encoded(Image.fromarray(ramp), suffix))).pixels
    assert seen.shape == (3, 64, 3)
    assert np.abs(seen[0, :, 1] - ramp[0] / 257).max() <= 0.5


def sixteen_bit_png(rgb):
    height, width = rgb.shape[:2]
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in rgb)
    return png(struct.pack(">IIBBBBB", width, height, 16, 2, 0, 0, 0), zlib.compress(rows))


def png(header, rows):
    parts = ((b"IHDR", header), (b"IDAT", rows), (b"IEND", b""))
    chunks = (struct.pack(">I", len(d)) + n + d + struct.pack(">I", zlib.crc32(n + d)) for n, d in parts)
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def test_sixteen_bit_colour_keeps_its_colours(tmp_path):
    path = put(tmp_path, "a.png", sixteen_bit_png(quadrants().astype(np.uint32) * 257))
    assert np.abs(image.open(path).pixels.astype(int) - quadrants()).max() <= 1


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([0.0, 0.5, 1.0], [0, 128, 255]),
        ([0.0, 51.0, 255.0], [0, 51, 255]),
        ([-5.0, 0.0, 5.0], [0, 128, 255]),
        ([0.0, np.nan, 1.0], [0, 0, 255]),
    ],
)
def test_floating_point_pictures_are_brought_into_range(tmp_path, values, expected):
    data = encoded(Image.fromarray(np.float32([values])), "tif")
    assert image.open(put(tmp_path, "a.tif", data)).pixels[0, :, 0].tolist() == expected


def without_adobe_marker(jpeg):
    at = jpeg.index(b"\xff\xee")
    return jpeg[:at] + jpeg[at + 2 + int.from_bytes(jpeg[at + 2 : at + 4], "big") :]


def test_cmyk_photos_open_in_their_colours_inverted_or_not(tmp_path):
    cmyk = Image.fromarray(quadrants()).convert("CMYK")
    adobe = encoded(cmyk, "jpg")
    assert b"Adobe" in adobe
    plain = without_adobe_marker(encoded(_inverted(cmyk), "jpg"))
    for name, data in (("adobe.jpg", adobe), ("plain.jpg", plain), ("a.tif", encoded(cmyk, "tif"))):
        off = np.abs(image.open(put(tmp_path, name, data)).pixels.astype(int) - quadrants())
        assert off.mean() < 3, name


def _inverted(cmyk):
    return Image.merge("CMYK", [band.point(lambda v: 255 - v) for band in cmyk.split()])


@pytest.mark.parametrize("mode", ["L", "1", "P"])
def test_grey_bilevel_and_palette_photos_open(tmp_path, mode):
    picture = Image.fromarray(quadrants()).convert(mode)
    seen = image.open(put(tmp_path, "a.png", encoded(picture, "png"))).pixels
    assert np.array_equal(seen, np.asarray(picture.convert("RGB")))


@pytest.mark.parametrize("suffix", ["gif", "webp", "png"])
def test_an_animation_shows_its_first_frame(tmp_path, suffix):
    frames = [Image.new("RGB", (8, 8), c) for c in ((200, 0, 0), (0, 200, 0), (0, 0, 200))]
    data = encoded(frames[0], suffix, save_all=True, append_images=frames[1:])
    assert (image.open(put(tmp_path, f"a.{suffix}", data)).pixels == (200, 0, 0)).all()


def profile_of(primaries, gamma):
    """A matrix ICC profile as cameras write them: D50-adapted primaries (columns are R, G, B) and one gamma."""

    def fixed(values):
        return struct.pack(f">{len(values)}i", *(round(v * 65536) for v in values))

    xyz = [b"XYZ \0\0\0\0" + fixed(column) for column in np.transpose(primaries)]
    curve = b"curv" + struct.pack(">IIH", 0, 1, round(gamma * 256)) + b"\0\0"
    text = b"test profile\0"
    tags = {
        b"desc": b"desc\0\0\0\0" + struct.pack(">I", len(text)) + text + bytes(79 - 1),
        b"wtpt": b"XYZ \0\0\0\0" + fixed([0.9642, 1.0, 0.8249]),
        **dict(zip((b"rXYZ", b"gXYZ", b"bXYZ"), xyz, strict=True)),
        **dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), curve),
    }
    body, table = b"", struct.pack(">I", len(tags))
    for name, data in tags.items():
        data += bytes(-len(data) % 4)
        table += name + struct.pack(">II", 132 + 12 * len(tags) + len(body), len(data))
        body += data
    header = struct.pack(
        ">I4sI4s4s4s", 132 + 12 * len(tags) + len(body), b"lcms", 0x02400000, b"mntr", b"RGB ", b"XYZ "
    )
    header += bytes(12) + b"acsp" + bytes(28) + fixed([0.9642, 1.0, 0.8249]) + bytes(48)
    return header + table + body


SRGB_D50 = np.array([[0.4361, 0.3851, 0.1431], [0.2225, 0.7169, 0.0606], [0.0139, 0.0971, 0.7142]])
P3_D50 = np.array([[0.5151, 0.2920, 0.1571], [0.2412, 0.6922, 0.0666], [-0.0011, 0.0419, 0.7841]])
ADOBE_D50 = np.array([[0.6097, 0.2053, 0.1492], [0.3111, 0.6257, 0.0632], [0.0195, 0.0609, 0.7446]])


@pytest.mark.parametrize(("primaries", "gamma"), [(P3_D50, 2.2), (ADOBE_D50, 2.2)], ids=["Display P3", "Adobe RGB"])
def test_wide_gamut_photos_come_out_in_srgb(tmp_path, primaries, gamma):
    meant = quadrants() / 255
    linear = np.where(meant <= 0.04045, meant / 12.92, ((meant + 0.055) / 1.055) ** 2.4)
    wide = np.clip(linear @ (np.linalg.inv(primaries) @ SRGB_D50).T, 0, 1) ** (1 / gamma)
    stored = np.rint(wide * 255).astype(np.uint8)
    assert np.abs(stored.astype(int) - quadrants()).max() > 10
    data = encoded(Image.fromarray(stored), "png", icc_profile=profile_of(primaries, gamma))
    assert np.abs(image.open(put(tmp_path, "a.png", data)).pixels.astype(int) - quadrants()).max() <= 4


def test_profiles_that_are_srgb_or_do_not_fit_change_nothing(tmp_path):
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    for profile in (srgb, lab, srgb[:200], b"\0" * 500):
        data = encoded(Image.fromarray(quadrants()), "png", icc_profile=profile)
        assert np.array_equal(image.open(put(tmp_path, "a.png", data)).pixels, quadrants())


@pytest.mark.parametrize("size", [(1, 1), (1, 9000), (9000, 1)])
@pytest.mark.parametrize("suffix", ["jpg", "png"])
def test_the_smallest_and_the_narrowest_open(tmp_path, size, suffix):
    path = put(tmp_path, f"a.{suffix}", encoded(Image.new("RGB", size, (9, 99, 199)), suffix))
    photo = image.open(path, 224)
    assert photo.size == size
    assert image.tensor(photo, RECIPE).shape == (3, 8, 8)


def bomb(suffix, side=30_000):
    """A small file whose header says `side` x `side`."""
    if suffix == "png":
        return png(struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0), zlib.compress(bytes(9999)))
    if suffix == "tif":
        tags = [
            (256, 4, side),
            (257, 4, side),
            (258, 3, 8),
            (259, 3, 1),
            (262, 3, 1),
            (273, 4, 8),
            (277, 3, 1),
            (279, 4, 9),
        ]
        rows = b"".join(struct.pack("<HHII", tag, kind, 1, value) for tag, kind, value in tags)
        return b"II*\0" + struct.pack("<IH", 8, len(tags)) + rows + bytes(4)
    data = bytearray(encoded(Image.fromarray(quadrants()), suffix))
    if suffix == "jpg":
        at = data.index(b"\xff\xc0") + 5
        data[at : at + 4] = struct.pack(">HH", side, side)
    elif suffix == "gif":
        data[6:10] = struct.pack("<HH", side, side)
    elif suffix == "bmp":
        data[18:26] = struct.pack("<ii", side, side)
    elif suffix == "webp":
        data[21:25] = struct.pack("<I", 16_383 | 16_383 << 14)
    elif suffix == "jp2":
        at = data.index(b"ihdr") + 4
        data[at : at + 8] = struct.pack(">II", side, side)
    else:
        at = data.index(b"ispe") + 8
        data[at : at + 8] = struct.pack(">II", side, side)
    return bytes(data)


@pytest.mark.parametrize("suffix", KINDS)
def test_a_bomb_is_refused_from_its_header_at_once(tmp_path, suffix):
    path = put(tmp_path, f"a.{suffix}", bomb(suffix))
    with pytest.raises(BadMedia):
        image.open(path)  # imports its plugin
    tracemalloc.start()
    started = time.process_time()
    text = refusal(path, 224)
    assert time.process_time() - started < 0.2
    assert tracemalloc.get_traced_memory()[1] < 3e6
    tracemalloc.stop()
    assert ("16,384 x 16,384" if suffix == "webp" else "30,000 x 30,000") in text
    assert "64 megapixels" in text
    with pytest.raises(BadMedia):
        image.size_of(path)


def test_a_side_too_long_is_refused_though_the_area_is_small(tmp_path):
    path = put(tmp_path, "a.png", encoded(Image.new("1", (16_385, 1)), "png"))
    assert "16,385 x 1" in refusal(path)


NOT_PHOTOS = {
    "empty.jpg": (b"", "0 bytes"),
    "text.jpg": (b"hello, this is not a photo at all", "something else"),
    "doc.jpg": (b"%PDF-1.7 ...", "PDF"),
    "art.jpg": (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "PostScript"),
    "film.jpg": (b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom", "film"),
    "sound.jpg": (b"RIFF\x24\0\0\0WAVEfmt ", "film or sound"),
    "drawing.jpg": (b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>', "SVG"),
    "xpm.png": (b'/* XPM */\nstatic char *x[] = {"1 1 1 1", "a c #000000", "a"};', "something else"),
    "stub.png": (b"\x89PNG\r\n\x1a\n", "broken"),
    "stub.jpg": (b"\xff\xd8\xff\xe0", "broken"),
    "stub.webp": (b"RIFF\x24\0\0\0WEBP", "broken"),
}


@pytest.mark.parametrize("name", NOT_PHOTOS)
def test_what_is_no_photo_is_named_and_told_what_it_is(tmp_path, name):
    data, says = NOT_PHOTOS[name]
    text = refusal(put(tmp_path, name, data))
    assert says in text
    assert "expected" in text
    assert "got" in text


def test_missing_folder_pipe_and_forbidden_files_are_refused(tmp_path, monkeypatch):
    assert "No such file" in refusal(tmp_path / "missing.jpg")
    assert "folder" in refusal(tmp_path)
    os.mkfifo(tmp_path / "pipe.jpg")
    assert "pipe" in refusal(tmp_path / "pipe.jpg")
    path = put(tmp_path, "secret.jpg", b"x")

    def forbidden(*_args, **_options):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(type(path), "open", forbidden)
    assert "Permission denied" in refusal(path)


@pytest.mark.parametrize("suffix", [s for s in KINDS if s != "bmp"])
def test_a_file_cut_short_is_called_broken(tmp_path, suffix):
    noise = np.random.default_rng(1).integers(0, 256, (64, 64, 3), np.uint8)
    data = encoded(Image.fromarray(noise), suffix)
    text = refusal(put(tmp_path, f"a.{suffix}", data[: len(data) * 3 // 5]))
    assert "broken" in text
    assert "copy it again" in text


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(suffix=st.sampled_from(sorted(KINDS)), where=st.floats(0, 1), byte=st.integers(0, 255), cut=st.booleans())
def test_damage_gives_a_photo_or_bad_media_and_nothing_else(tmp_path, suffix, where, byte, cut):
    data = bytearray(DAMAGED_ALIKE[suffix])
    at = int(where * (len(data) - 1))
    if cut:
        del data[at:]
    else:
        data[at] = byte
    path = put(tmp_path, f"a.{suffix}", bytes(data))
    with suppress(BadMedia):
        assert isinstance(image.open(path, 16), Photo)


DAMAGED_ALIKE = {suffix: encoded(Image.fromarray(quadrants()), suffix) for suffix in KINDS}
RECIPE = {"size": 8, "mean": [127.0] * 3, "std": [128.0] * 3, "crop": "squash"}


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(width=st.integers(1, 700), height=st.integers(1, 700), want_side=st.integers(1, 400))
def test_a_cheaper_decode_is_large_enough_and_true_to_shape(tmp_path, width, height, want_side):
    picture = Image.linear_gradient("L").resize((width, height)).convert("RGB")
    path = put(tmp_path, "a.jpg", encoded(picture, "jpg"))
    photo = image.open(path, want_side)
    assert photo.full_size == (width, height)
    assert min(photo.size) >= min(want_side, width, height)
    assert abs(photo.size[0] * height - photo.size[1] * width) <= 8 * max(width, height)
    assert image.size_of(path) == (width, height)


def test_a_cheaper_decode_looks_the_same(tmp_path):
    rng = np.random.default_rng(5)
    picture = Image.fromarray(rng.integers(0, 256, (12, 16, 3), np.uint8)).resize(
        (1600, 1200), Image.Resampling.BICUBIC
    )
    path = put(tmp_path, "a.jpg", encoded(picture, "jpg"))
    full, cheap = image.open(path), image.open(path, 100)
    assert cheap.size == (200, 150)
    small = image.thumbnail(full, 200).pixels.astype(int)
    assert np.abs(small - cheap.pixels).mean() < 2


@settings(max_examples=60, deadline=None)
@given(
    width=st.integers(1, 90),
    height=st.integers(1, 90),
    size=st.integers(1, 40),
    crop=st.sampled_from(["squash", "centre"]),
)
def test_a_tensor_has_the_cards_shape_and_keeps_plain_colours(width, height, size, crop):
    photo = Photo(np.full((height, width, 3), (10, 120, 250), np.uint8), "a", (width, height))
    out = image.tensor(photo, {**RECIPE, "size": size, "crop": crop})
    assert out.shape == (3, size, size)
    assert out.dtype == np.float32
    assert out.flags.c_contiguous
    expected = (np.float32([10, 120, 250]) - 127) / 128
    assert np.allclose(out, expected[:, None, None], atol=1e-6)


def test_the_centre_crop_drops_the_sides_and_squash_keeps_them():
    pixels = np.zeros((10, 30, 3), np.uint8)
    pixels[:, 10:20] = 255
    photo = Photo(pixels, "a", (30, 10))
    recipe = {"size": 10, "mean": [0.0] * 3, "std": [255.0] * 3}
    assert image.tensor(photo, {**recipe, "crop": "centre"}).min() == 1.0
    assert image.tensor(photo, {**recipe, "crop": "squash"}).mean() == pytest.approx(1 / 3, abs=0.01)


@settings(max_examples=60, deadline=None)
@given(width=st.integers(1, 300), height=st.integers(1, 300), side=st.integers(1, 120))
def test_a_thumbnail_fits_and_never_grows(width, height, side):
    photo = Photo(np.zeros((height, width, 3), np.uint8), "a", (width, height), "2024-01-01T00:00:00")
    small = image.thumbnail(photo, side)
    assert max(small.size) == min(side, max(width, height))
    assert (small.full_size, small.taken_at) == (photo.full_size, photo.taken_at)


def test_the_same_file_gives_the_same_pixels(tmp_path):
    noise = np.random.default_rng(2).integers(0, 256, (300, 400, 3), np.uint8)
    path = put(tmp_path, "a.jpg", encoded(Image.fromarray(noise), "jpg", quality=80))
    for want_side in (None, 50):
        assert np.array_equal(image.open(path, want_side).pixels, image.open(path, want_side).pixels)


def test_the_photos_of_a_folder_come_in_natural_order_without_the_rest(tmp_path):
    for name in (
        "IMG_10.JPG",
        "img_2.jpg",
        "IMG_1.heic",
        ".hidden.jpg",
        "notes.txt",
        "b.PNG",
        "clip.mp4",
        "1.tiff",
        "2.webp",
    ):
        put(tmp_path, name, b"x")
    (tmp_path / "folder.jpg").mkdir()
    names = [p.name for p in image.photos_in(tmp_path)]
    assert names == ["1.tiff", "2.webp", "b.PNG", "IMG_1.heic", "img_2.jpg", "IMG_10.JPG"]
    assert image.photos_in(tmp_path / "folder.jpg") == []


def test_only_a_folder_has_photos_in_it(tmp_path):
    for path in (tmp_path / "missing", put(tmp_path, "a.jpg", b"x")):
        with pytest.raises(BadMedia, match="expected a folder"):
            image.photos_in(path)


@given(st.lists(st.text(alphabet="aB0129_-é", min_size=1, max_size=8), max_size=8, unique_by=str.casefold))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_order_of_a_folder_does_not_depend_on_the_disk(tmp_path_factory, names):
    folder = tmp_path_factory.mktemp("order")
    for name in names:
        put(folder, f"{name}.jpg", b"x")
    found = image.photos_in(folder)
    assert sorted(p.name for p in found) == sorted(f"{name}.jpg" for name in names)
    assert found == image.photos_in(folder)


def test_photos_open_alike_in_many_threads_and_no_warning_escapes(tmp_path):
    odd = b"Exif\0\0MM\0*\0\0\0\x08\0\x02\x01\x12\0\x03\0\0\xff\xff\0\x06"  # promises more than it holds
    path = put(tmp_path, "a.jpg", encoded(Image.fromarray(quadrants(400, 300)), "jpg", exif=odd))
    filters = list(warnings.filters)
    with ThreadPoolExecutor(8) as pool:
        photos = list(pool.map(image.open, [path] * 40))
    assert all(np.array_equal(p.pixels, photos[0].pixels) for p in photos)
    assert list(warnings.filters) == filters
