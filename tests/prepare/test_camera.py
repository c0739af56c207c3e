"""A file played as if it were a camera: at its own pace, never an old frame."""

import time

import pytest

from moodscore.errors import BadMedia
from moodscore.prepare import camera


@pytest.fixture(scope="module")
def film(film_maker, tmp_path_factory):
    return film_maker.write(tmp_path_factory.mktemp("camera") / "film.mp4", frames=20, fps=20)


def test_a_film_plays_at_its_own_pace_and_frames_come_in_order(film, film_maker):
    began = time.monotonic()
    numbers = [film_maker.number_of(shown.photo.pixels) for shown in camera.watch(str(film))]
    assert numbers == sorted(set(numbers))
    assert time.monotonic() - began > 0.9


def test_a_slow_reader_gets_the_newest_frame_and_skips_the_others(film, film_maker):
    seen = []
    for shown in camera.watch(str(film)):
        seen.append((shown.time_s, film_maker.number_of(shown.photo.pixels), shown.dropped))
        time.sleep(0.3)
    assert len(seen) < 12
    assert all(abs(time_s - number / 20) < 0.2 + 0.05 * number for time_s, number, _ in seen[:2])
    assert seen[-1][2] > 0


def test_one_may_stop_looking_at_any_time(film):
    for shown in camera.watch(str(film)):
        assert shown.photo.pixels.shape[2] == 3
        break


@pytest.mark.parametrize("source", ["97", "no-such-film.mp4"])
def test_what_cannot_be_opened_is_named_with_the_remedy(source):
    with pytest.raises(BadMedia, match=rf"{source}.*camera"):
        next(camera.watch(source))


def test_a_text_is_no_camera(tmp_path):
    text = tmp_path / "text.mp4"
    text.write_text("#EXTM3U\nhttp://example.org/film.ts\n")
    with pytest.raises(BadMedia, match=r"text\.mp4"):
        next(camera.watch(str(text)))
