"""A film with another sound: pictures copied bit by bit, sound mixed, nothing half-written."""

import av
import numpy as np
import pytest

from moodscore.errors import BadValue, RenderFailed
from moodscore.film import soundtrack
from moodscore.media import Tune
from moodscore.prepare import clip as clips
from moodscore.prepare import sound


def tune(seconds, level=0.25):
    at = np.arange(round(seconds * 44100)) / 44100
    return Tune(np.repeat((level * np.sin(2 * np.pi * 880 * at)).astype(np.float32)[:, None], 2, axis=1), 44100)


def packets(path):
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        return [(float(p.pts * p.time_base), bytes(p)) for p in container.demux(stream) if p.size]


def faders(mix="replace", count=8):
    return soundtrack.faders(mix, np.full(count, -20.0), np.zeros(count), 0.5)


@pytest.fixture
def film(tmp_path, film_maker):
    return clips.open(film_maker.write(tmp_path / "film.mp4", frames=50, sound_s=2.0))


@pytest.mark.parametrize("name", ["out.mp4", "out.mkv", "out.mov"])
def test_pictures_are_copied_and_the_sound_is_as_long_as_they_are(film, tmp_path, name):
    made = soundtrack.soundtrack(film, tune(2.0), faders(), tmp_path / name)
    assert made.recipe["pictures"] == "copied"
    before, after = packets(film.path), packets(made.path)
    assert [len(data) for _, data in before] == [len(data) for _, data in after]
    assert np.allclose([t for t, _ in before], [t for t, _ in after], atol=2e-3)
    again = clips.open(made.path)
    assert again.duration_s == pytest.approx(film.duration_s, abs=0.02)
    assert sound.open(made.path).duration_s == pytest.approx(2.0, abs=0.06)


def test_replace_leaves_nothing_of_the_old_sound(film, tmp_path):
    made = soundtrack.soundtrack(film, tune(2.0), faders("replace"), tmp_path / "out.mp4")
    samples = sound.open(made.path).samples[:, 0]
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples))))
    hz = np.fft.rfftfreq(len(samples), 1 / 44100)
    beep, ours = (spectrum[np.abs(hz - f) < 5].max() for f in (440, 880))
    assert ours > 100 * beep


def test_original_keeps_the_old_sound_in_front(film, tmp_path):
    made = soundtrack.soundtrack(film, tune(2.0), faders("original"), tmp_path / "out.mp4")
    samples = sound.open(made.path).samples[44100:, 0]
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples))))
    hz = np.fft.rfftfreq(len(samples), 1 / 44100)
    beep, ours = (spectrum[np.abs(hz - f) < 5].max() for f in (440, 880))
    assert beep > 2 * ours > 0


def test_a_film_whose_codec_does_not_fit_is_encoded_and_says_so(tmp_path, film_maker):
    gif = clips.open(film_maker.write(tmp_path / "film.gif", frames=20, fps=10, codec="gif", pix_fmt="rgb8"))
    made = soundtrack.soundtrack(gif, tune(2.0), faders(), tmp_path / "out.mp4")
    assert made.recipe["pictures"] == "encoded"
    assert np.allclose(clips.frame_times(clips.open(made.path)), clips.frame_times(gif), atol=0.01)


def test_music_gives_way_to_speech_before_the_first_word_and_returns_slowly():
    speech = np.zeros(60)
    speech[20:40] = 1.0
    found = soundtrack.faders("duck", np.full(60, -25.0), speech, 0.5)
    db = 20 * np.log10(found.music)
    assert db[:18] == pytest.approx(0.0)
    assert db[20:40].max() < -8.0
    assert db[40] < db[41] < db[43]
    assert db[50:] == pytest.approx(0.0)


def test_quiet_speech_is_lifted_and_not_without_end():
    quiet, faint = (soundtrack.faders("duck", np.full(20, level), np.ones(20), 0.5) for level in (-33.0, -55.0))
    assert 20 * np.log10(quiet.original[10]) == pytest.approx(10.0)
    assert 20 * np.log10(faint.original[10]) == pytest.approx(soundtrack.MOST_GAIN_DB)


def test_peaks_are_rounded_and_quiet_sound_is_untouched():
    loud = soundtrack.rounded(np.linspace(-3, 3, 1001, dtype=np.float32))
    assert np.abs(loud).max() <= 1.0
    assert (np.diff(loud) >= 0).all()
    soft = np.linspace(-0.8, 0.8, 101, dtype=np.float32)
    assert np.array_equal(soundtrack.rounded(soft), soft)


def test_a_strange_name_and_a_strange_mix_are_refused(film, tmp_path):
    with pytest.raises(RenderFailed, match=r"\.avi"):
        soundtrack.soundtrack(film, tune(2.0), faders(), tmp_path / "out.avi")
    with pytest.raises(BadValue, match="duck"):
        soundtrack.faders("loud", np.zeros(1), np.zeros(1), 0.5)
    assert list(tmp_path.glob("out*")) == []


def test_nothing_is_left_when_writing_stops_halfway(film, tmp_path):
    def stop(share):
        if share > 0.4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        soundtrack.soundtrack(film, tune(2.0), faders(), tmp_path / "out.mp4", progress=stop)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["film.mp4"]
