"""Films come in by presentation time, whatever their making; what is no film is refused in one line that says why."""

import tracemalloc

import av
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from moodscore.errors import BadMedia, BadValue
from moodscore.prepare import clip, reel


def numbers(film_maker, found):
    return [film_maker.number_of(frame.pixels()) for frame in found]


@pytest.fixture(scope="module")
def film(film_maker, tmp_path_factory):
    """Twenty numbered frames in 0.8 s, with a key frame every six."""
    return film_maker.write(tmp_path_factory.mktemp("film") / "a.mp4")


def test_a_film_is_described(film):
    opened = clip.open(film)
    assert (opened.path, opened.size, opened.has_sound, opened.note) == (film, (64, 48), False, "")
    assert opened.duration_s == pytest.approx(0.8)


def test_every_frame_comes_once_and_in_order(film, film_maker):
    found = list(clip.frames(clip.open(film)))
    assert numbers(film_maker, found) == list(range(20))
    assert [f.time_s for f in found] == pytest.approx([n / 25 for n in range(20)])


def test_a_part_of_a_film_begins_and_ends_where_it_should(film, film_maker):
    opened = clip.open(film)
    assert numbers(film_maker, clip.frames(opened, start_s=0.4, end_s=0.6)) == [10, 11, 12, 13, 14]
    assert numbers(film_maker, clip.frames(opened, start_s=0.41, end_s=0.6)) == [11, 12, 13, 14]
    assert numbers(film_maker, clip.frames(opened, start_s=0.76, end_s=9)) == [19]


def test_frames_at_a_pace_are_those_on_screen(film, film_maker):
    opened = clip.open(film)
    assert numbers(film_maker, clip.frames(opened, every_s=0.2)) == [0, 5, 10, 15]
    assert numbers(film_maker, clip.frames(opened, every_s=0.01, end_s=0.1)) == [0, 0, 0, 0, 1, 1, 1, 1, 2, 2]
    assert numbers(film_maker, clip.frames(opened, every_s=0.2, start_s=0.3)) == [7, 12, 17]


@settings(max_examples=30)
@given(times=st.lists(st.floats(0, 0.8), max_size=12).map(sorted))
def test_the_frame_at_a_time_is_the_one_on_screen(film, film_maker, times):
    found = numbers(film_maker, clip.frames(clip.open(film), times=times))
    assert found == [min(19, int(t * 25 + 1e-4)) for t in times]


@settings(max_examples=15)
@given(times=st.lists(st.floats(0, 0.8), max_size=6).map(sorted))
def test_seeking_changes_nothing_but_the_speed(film, film_maker, times):
    reach = reel.WORTH_SEEKING_S
    try:
        reel.WORTH_SEEKING_S = 0.05
        found = numbers(film_maker, clip.frames(clip.open(film), times=times))
    finally:
        reel.WORTH_SEEKING_S = reach
    assert found == [min(19, int(t * 25 + 1e-4)) for t in times]


@pytest.mark.parametrize("name", ["a.mkv", "a.avi", "a.mov", "a.ts", "a.mpg", "a.webm", "a.gif", "a.nut"])
def test_every_container_gives_the_same_frames(tmp_path, film_maker, name):
    codecs = {".mpg": "mpeg1video", "webm": "libvpx-vp9", ".gif": "gif", ".avi": "mpeg4"}
    codec = codecs.get(name[-4:], "libx264")
    form = "rgb8" if codec == "gif" else "yuv420p"
    path = film_maker.write(tmp_path / name, codec=codec, pix_fmt=form, size=(64, 48))
    opened = clip.open(path)
    assert opened.duration_s == pytest.approx(0.8, abs=0.05)
    found = list(clip.frames(opened))
    assert len(found) == 20
    assert numbers(film_maker, found)[4:] == list(range(20))[4:]
    assert numbers(film_maker, clip.frames(opened, times=[0.42, 0.7])) == [10, 17]


def test_a_film_of_changing_pace_goes_by_its_clock(tmp_path, film_maker):
    times = [0, 20, 40, 500, 520, 1500, 1540, 1580]
    opened = clip.open(film_maker.write(tmp_path / "a.mkv", frames=8, times_ms=times))
    assert [f.time_s for f in clip.frames(opened)] == pytest.approx([t / 1000 for t in times])
    assert numbers(film_maker, clip.frames(opened, times=[0.45, 0.51, 1.4, 1.5])) == [2, 3, 4, 5]
    assert list(clip.frame_times(opened)) == pytest.approx([t / 1000 for t in times])


@pytest.mark.parametrize(("degrees", "corner"), [(90, (0, -1)), (180, (-1, -1)), (270, (-1, 0))])
def test_a_turned_film_stands_upright(tmp_path, film_maker, degrees, corner):
    def paint(number, size):
        pixels = np.zeros((size[1], size[0], 3), np.uint8)
        pixels[: size[1] // 2, : size[0] // 2] = 255  # white in the upper left before it is turned
        return pixels

    opened = clip.open(film_maker.turn(film_maker.write(tmp_path / "a.mp4", picture=paint), degrees))
    assert opened.size == ((64, 48) if degrees == 180 else (48, 64))
    for pixels in (next(clip.frames(opened)).pixels(), next(clip.frames(opened)).pixels((24, 24))):
        assert pixels[corner].min() > 240
        assert [int(pixels[c].max()) < 15 for c in {(0, 0), (0, -1), (-1, 0), (-1, -1)} - {corner}] == [True] * 3
    assert next(clip.frames(opened)).pixels().shape == (opened.size[1], opened.size[0], 3)


def test_pixels_that_are_not_square_are_made_so(tmp_path, film_maker):
    opened = clip.open(film_maker.write(tmp_path / "a.mp4", aspect=(4, 3)))
    assert opened.size == (85, 48)
    assert next(clip.frames(opened)).pixels().shape == (48, 85, 3)


@pytest.mark.parametrize(("form", "size"), [("yuv420p10le", (64, 48)), ("yuv444p", (63, 47)), ("yuv444p", (31, 99))])
def test_ten_bits_and_odd_sizes(tmp_path, film_maker, form, size):
    opened = clip.open(film_maker.write(tmp_path / "a.mkv", frames=6, pix_fmt=form, size=size))
    assert opened.size == size
    assert numbers(film_maker, clip.frames(opened)) == list(range(6))


def test_colours_are_those_that_were_put_in(film, film_maker):
    for number, frame in enumerate(clip.frames(clip.open(film))):
        assert np.abs(frame.pixels((8, 6)).astype(int) - film_maker.colour(number)).max() <= 10


def test_a_film_without_a_length_in_its_header_is_measured(tmp_path, film_maker):
    path = film_maker.write(tmp_path / "a.mkv", options={"live": "1"})
    with av.open(str(path)) as container:
        assert container.duration is None
    opened = clip.open(path)
    assert opened.duration_s == pytest.approx(0.8, abs=0.01)
    assert opened.note == ""


def test_a_film_that_breaks_off_ends_at_its_last_good_frame_and_says_so(tmp_path, film_maker):
    path = film_maker.write(tmp_path / "a.mkv", frames=60, fps=10, picture=noisy)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    opened = clip.open(path)
    found = list(clip.frames(opened))
    assert 20 < len(found) < 40
    assert opened.duration_s == pytest.approx(len(found) / 10, abs=0.35)
    assert "promises 6.0 s" in opened.note
    assert len(list(clip.frames(opened, every_s=0.5))) == pytest.approx(opened.duration_s / 0.5, abs=1)


def noisy(number, size):
    return np.random.default_rng(number).integers(0, 255, (size[1], size[0], 3), np.uint8)


def test_a_film_with_spoilt_packets_goes_on_after_them(tmp_path, film_maker):
    path = film_maker.write(tmp_path / "a.mkv", frames=60, fps=10, picture=noisy)
    data = bytearray(path.read_bytes())
    middle = len(data) // 2
    data[middle : middle + 300] = bytes(300)
    path.write_bytes(data)
    opened = clip.open(path)
    times = [frame.time_s for frame in clip.frames(opened)]
    assert times == sorted(times)
    assert times[-1] == pytest.approx(5.9)


def test_a_film_that_starts_late_on_its_clock_starts_at_zero(tmp_path, film_maker):
    opened = clip.open(film_maker.write(tmp_path / "a.ts", options={"output_ts_offset": "7"}))
    with av.open(str(opened.path)) as container:
        assert container.start_time >= 7_000_000
    assert next(clip.frames(opened)).time_s == pytest.approx(0)
    assert opened.duration_s == pytest.approx(0.8)


def test_sound_and_picture_are_told_apart(tmp_path, film_maker):
    opened = clip.open(film_maker.write(tmp_path / "a.mp4", sound_s=0.8))
    assert opened.has_sound
    assert numbers(film_maker, clip.frames(opened, times=[0.1])) == [2]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.mp4", b"", "an empty file"),
        ("a.mp4", b"nothing of the kind" * 50, "expected a film, got"),
        ("a.m3u8", b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n", "a playlist"),
        ("a.mp4", b"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nother.ts\n", "a playlist"),
        ("a.sdp", b"v=0\no=- 0 0 IN IP4 127.0.0.1\nm=video 5004 RTP/AVP 96\n", "a playlist"),
        ("a.txt", b"ffconcat version 1.0\nfile other.mp4\n", "a playlist"),
        ("a.mpd", b"<?xml version='1.0'?><MPD/>", "a playlist"),
    ],
)
def test_what_is_no_film_is_refused_in_one_line(tmp_path, name, content, said):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(BadMedia, match=said) as error:
        clip.open(path)
    assert str(path) in str(error.value)
    assert "\n" not in str(error.value)


def test_a_playlist_is_not_followed(tmp_path, film_maker):
    film_maker.write(tmp_path / "other.ts")
    path = tmp_path / "list.m3u8"
    path.write_text("#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nother.ts\n#EXT-X-ENDLIST\n")
    with pytest.raises(BadMedia, match="never followed"):
        clip.open(path)


def test_missing_files_and_folders_are_named(tmp_path):
    with pytest.raises(BadMedia, match="nothing there"):
        clip.open(tmp_path / "no.mp4")
    with pytest.raises(BadMedia, match="a folder"):
        clip.open(tmp_path)


def test_a_picture_is_no_film(tmp_path):
    for name in ("a.png", "a.jpg"):
        Image.new("RGB", (64, 48)).save(tmp_path / name)
        with pytest.raises(BadMedia, match="a picture"):
            clip.open(tmp_path / name)


@pytest.mark.parametrize("name", ["a.mp4", "a.gif"])
def test_a_single_frame_is_no_film(tmp_path, film_maker, name):
    gif = name == "a.gif"
    path = film_maker.write(
        tmp_path / name, frames=1, codec="gif" if gif else "libx264", pix_fmt="rgb8" if gif else "yuv420p"
    )
    with pytest.raises(BadMedia, match="a single frame; give it as a photo"):
        clip.open(path)


def sound_with_cover(path, film_maker):
    with av.open(str(path), "w") as out:
        audio = out.add_stream("aac", rate=film_maker.RATE, layout="mono")
        cover = out.add_stream("mjpeg", rate=1, width=64, height=48, pix_fmt="yuvj420p")
        cover.disposition = av.stream.Disposition.attached_pic
        picture = av.VideoFrame.from_ndarray(film_maker.plain(3), format="rgb24").reformat(format="yuvj420p")
        packets = [*cover.encode(picture), *cover.encode(None)]
        out.mux(packets)
        film_maker._beep(out, audio, 0.5)
    return path


def test_sound_is_no_film_even_with_a_cover(tmp_path, film_maker):
    with pytest.raises(BadMedia, match="sound without a picture"):
        clip.open(sound_with_cover(tmp_path / "a.mp4", film_maker))


def test_nonsense_times_are_refused(film):
    opened = clip.open(film)
    for wrong in ({"every_s": 0}, {"start_s": 2}, {"start_s": -1}, {"every_s": 1, "times": [0]}):
        with pytest.raises(BadValue, match=r"a\.mp4"):
            clip.frames(opened, **wrong)
    for times in ([0.2, 0.1], [-1], [3], [float("nan")]):
        with pytest.raises(BadValue, match="ascending times"):
            clip.frames(opened, times=times)


def test_a_film_that_is_gone_when_it_is_read_is_named(tmp_path, film_maker):
    opened = clip.open(film_maker.write(tmp_path / "a.mp4"))
    opened.path.unlink()
    with pytest.raises(BadMedia, match=r"a\.mp4: expected the film it was"):
        next(clip.frames(opened))


def test_pairs_are_consecutive_frames(film, film_maker):
    found = [
        (film_maker.number_of(a.pixels()), film_maker.number_of(b.pixels()))
        for a, b in clip.pairs(clip.open(film), [0.0, 0.21, 0.21, 0.4, 0.72, 0.77])
    ]
    assert found == [(0, 1), (5, 6), (5, 6), (10, 11), (18, 19)]
    with pytest.raises(BadValue, match="ascending times"):
        clip.pairs(clip.open(film), [0.4, 0.2])


def test_two_frames_are_stacked_by_channel():
    one, other = (np.arange(12, dtype=np.uint8).reshape(2, 2, 3) + k for k in (0, 100))
    stacked = clip.stack(one, other)
    assert stacked.shape == (6, 2, 2)
    assert stacked[:, 0, 1].tolist() == [3, 4, 5, 103, 104, 105]
    with pytest.raises(BadValue, match="one size"):
        clip.stack(one, other[:1])


def test_sizes_keep_the_shape():
    assert clip.fitted((1920, 1080), height=300) == (533, 300)
    assert clip.fitted((1920, 1080), short=90) == (160, 90)
    assert clip.fitted((480, 640), short=90) == (90, 120)


def test_memory_does_not_grow_with_the_film(tmp_path, film_maker):
    peaks = []
    for frames in (40, 240):
        path = film_maker.write(
            tmp_path / f"{frames}.mp4", frames=frames, gop=50, picture=lambda n, s: film_maker.plain(0, s)
        )
        opened = clip.open(path)
        tracemalloc.start()
        for frame in clip.frames(opened):
            frame.pixels()
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < peaks[0] * 1.5 + 50_000
