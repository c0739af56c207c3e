"""Any sound file opens in stereo, nothing else does; and music is fitted to a film's length to the sample."""

import io
import shutil
import wave

import av
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from moodscore.errors import BadMedia, BadValue
from moodscore.media import Tune
from moodscore.prepare import sound

RATE = 44100


def write(path, planes, rate=RATE, codec="pcm_s16le", form="s16p", layout="stereo", container=None):
    """An audio file of float planes (channels, frames)."""
    data = np.ascontiguousarray(planes, np.float32)
    if form.startswith("s16"):
        data = np.round(data * 32767).astype(np.int16)
    with av.open(str(path), "w", format=container) as out:
        stream = out.add_stream(codec, rate=rate, layout=layout)
        frame = av.AudioFrame.from_ndarray(data, format=form, layout=layout)
        frame.sample_rate = rate
        resampler = av.AudioResampler(stream.format, layout, rate, frame_size=stream.frame_size or None)
        for ready in [*resampler.resample(frame), *resampler.resample(None)]:
            out.mux(stream.encode(ready))
        out.mux(stream.encode(None))
    return path


def tone(seconds=1.0, rate=RATE, hertz=440.0, level=0.4):
    return (level * np.sin(2 * np.pi * hertz * np.arange(round(seconds * rate)) / rate)).astype(np.float32)


def film(path, with_sound=True):
    """A second of video, with or without sound."""
    with av.open(str(path), "w") as out:
        video = out.add_stream("libx264", rate=25, width=64, height=48, pix_fmt="yuv420p")
        audio = out.add_stream("aac", rate=RATE, layout="stereo") if with_sound else None
        for _ in range(25):
            out.mux(video.encode(av.VideoFrame.from_ndarray(np.zeros((48, 64, 3), np.uint8), format="rgb24")))
        out.mux(video.encode(None))
        if audio:
            frame = av.AudioFrame.from_ndarray(np.stack([tone()] * 2), format="fltp", layout="stereo")
            frame.sample_rate = RATE
            for k, ready in enumerate(av.AudioResampler("fltp", "stereo", RATE, frame_size=1024).resample(frame)):
                ready.pts = k * 1024
                out.mux(audio.encode(ready))
            out.mux(audio.encode(None))
    return path


def test_stereo_comes_in_as_it_is(tmp_path):
    left, right = tone(), tone(hertz=880, level=0.2)
    tune = sound.open(write(tmp_path / "a.wav", [left, right]))
    assert (tune.rate, tune.duration_s) == (RATE, 1.0)
    assert np.abs(tune.samples - np.stack([left, right], axis=1)).max() < 1e-4


def test_mono_is_heard_from_both_sides_at_its_level(tmp_path):
    tune = sound.open(write(tmp_path / "a.wav", [tone()], layout="mono"))
    assert np.array_equal(tune.samples[:, 0], tune.samples[:, 1])
    assert np.abs(tune.samples[:, 0] - tone()).max() < 1e-4


def test_surround_is_mixed_down(tmp_path):
    planes = [tone(hertz=h, level=0.1) for h in (220, 330, 440, 55, 550, 660)]
    tune = sound.open(write(tmp_path / "a.flac", planes, codec="flac", layout="5.1"))
    assert tune.samples.shape == (RATE, 2)
    assert 0.05 < np.abs(tune.samples).max() <= 1


@pytest.mark.parametrize("rate", [8000, 22050, 48000, 96000])
def test_other_rates_are_resampled_to_the_same_length_and_pitch(tmp_path, rate):
    tune = sound.open(write(tmp_path / "a.wav", [tone(rate=rate)] * 2, rate=rate))
    assert len(tune.samples) == pytest.approx(RATE, abs=2)
    spectrum = np.abs(np.fft.rfft(tune.samples[:RATE, 0]))
    assert spectrum.argmax() == pytest.approx(440, abs=1)


def test_the_sound_of_a_film_is_opened(tmp_path):
    tune = sound.open(film(tmp_path / "a.mp4"))
    assert tune.duration_s == pytest.approx(1.0, abs=0.03)
    assert np.abs(tune.samples).max() == pytest.approx(0.4, abs=0.1)


def test_cover_pictures_are_ignored(tmp_path):
    cover = io.BytesIO()
    Image.new("RGB", (64, 64), "red").save(cover, "PNG")
    picture = b"\0image/png\0\3\0" + cover.getvalue()
    tag = b"APIC" + len(picture).to_bytes(4, "big") + b"\0\0" + picture
    size = len(tag)
    head = b"ID3\3\0\0" + bytes((size >> 21 & 127, size >> 14 & 127, size >> 7 & 127, size & 127)) + tag
    write(tmp_path / "plain.mp3", [tone()] * 2, codec="libmp3lame", form="fltp")
    (tmp_path / "a.mp3").write_bytes(head + (tmp_path / "plain.mp3").read_bytes())
    with av.open(str(tmp_path / "a.mp3")) as container:
        assert container.streams.video  # the cover is really there
    assert sound.open(tmp_path / "a.mp3").duration_s == pytest.approx(1.0, abs=0.03)


def test_only_as_much_as_wanted_is_read(tmp_path):
    write(tmp_path / "a.wav", [tone(5)] * 2)
    assert len(sound.open(tmp_path / "a.wav", max_seconds=1.5).samples) == round(1.5 * RATE)


def test_what_holds_no_sound_is_refused_by_name_and_with_a_remedy(tmp_path):
    cases = {
        "nothing.wav": None,
        "empty.wav": b"",
        "text.mp3": b"this is no music\n" * 50,
        "header.wav": b"RIFF\x24\0\0\0WAVEfmt \x10\0\0\0\1\0\2\0\x44\xac\0\0\x10\xb1\2\0\4\0\x10\0data\0\0\0\0",
        "noise.m4a": np.random.default_rng(1).bytes(5000),
    }
    for name, data in cases.items():
        if data is not None:
            (tmp_path / name).write_bytes(data)
        with pytest.raises(BadMedia, match=rf"{name}: expected .*, got .*give a sound file"):
            sound.open(tmp_path / name)
    with pytest.raises(BadMedia, match="got a folder"):
        sound.open(tmp_path)
    with pytest.raises(BadMedia, match="without a sound track"):
        sound.open(film(tmp_path / "silent.mp4", with_sound=False))
    Image.new("RGB", (8, 8)).save(tmp_path / "photo.jpg")
    with pytest.raises(BadMedia, match=r"photo\.jpg: expected sound"):
        sound.open(tmp_path / "photo.jpg")


def test_playlists_are_never_followed(tmp_path):
    secret = write(tmp_path / "secret.wav", [tone()] * 2)
    lists = {
        "a.m3u8": f"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n{secret}\n#EXT-X-ENDLIST\n",
        "a.wav": f"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nhttp://127.0.0.1:9/x.ts\n{secret}\n#EXT-X-ENDLIST\n",
        "a.ffconcat": f"ffconcat version 1.0\nfile '{secret}'\n",
        "a.sdp": "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=audio 9 RTP/AVP 0\n",
        "a.mpd": '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static"></MPD>',
    }
    for name, text in lists.items():
        (tmp_path / name).write_text(text)
        with pytest.raises(BadMedia, match=name):
            sound.open(tmp_path / name)


def test_a_name_that_looks_like_a_protocol_is_only_a_name(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "a.wav", [tone()] * 2)
    shutil.copy(tmp_path / "a.wav", "concat:a.wav")
    assert sound.open("concat:a.wav").duration_s == 1.0
    for name in ("concat:b.wav", "http://127.0.0.1:9/a.mp3", "data:audio/wav;base64,AAAA"):
        with pytest.raises(BadMedia, match="nothing there"):
            sound.open(name)


def test_a_cut_off_file_plays_as_far_as_it_goes(tmp_path):
    whole = write(tmp_path / "a.flac", [tone(3)] * 2, codec="flac").read_bytes()
    (tmp_path / "b.flac").write_bytes(whole[: len(whole) * 2 // 3])
    assert 1.0 < sound.open(tmp_path / "b.flac").duration_s < 3.0


def test_a_lying_header_costs_no_memory(tmp_path):
    with wave.open(str(tmp_path / "a.wav"), "wb") as out:
        out.setparams((2, 2, RATE, 0, "NONE", ""))
        out.writeframes(b"\0\1" * 2000)
    data = bytearray((tmp_path / "a.wav").read_bytes())
    data[40:44] = (0xFFFFFF00).to_bytes(4, "little")
    (tmp_path / "a.wav").write_bytes(data)
    assert len(sound.open(tmp_path / "a.wav").samples) == 1000


# --- fitting ---------------------------------------------------------------------------------------------------------


def beats(seconds, bpm=120.0, rate=22050):
    """A beat a tone: strong attacks at a steady pace."""
    frames = round(seconds * rate)
    within = np.arange(frames) % round(60 / bpm * rate) / rate
    wave = 0.5 * np.exp(-6 * within) * np.sin(2 * np.pi * 220 * np.arange(frames) / rate)
    return Tune(np.repeat(wave[:, None], 2, axis=1).astype(np.float32), rate)


@given(st.floats(0.3, 8), st.floats(0.05, 25), st.integers(0, 9))
@settings(max_examples=40, deadline=None)
def test_any_music_fits_any_length_exactly(seconds, wanted, seed):
    fitted = sound.fit(beats(seconds), wanted, seed)
    assert len(fitted.samples) == max(1, round(wanted * 22050))
    assert np.isfinite(fitted.samples).all()
    assert np.abs(fitted.samples).max() <= 1.0
    assert np.array_equal(fitted.samples, sound.fit(beats(seconds), wanted, seed).samples)


def test_long_music_keeps_its_beginning_and_fades_at_the_end():
    tune = beats(30)
    fitted = sound.fit(tune, 12.0)
    assert np.array_equal(fitted.samples[: 6 * 22050], tune.samples[: 6 * 22050])
    assert np.abs(fitted.samples[-200:]).max() < 1e-3


def test_short_music_is_looped_in_its_own_pulse_without_a_gap():
    fitted = sound.fit(beats(7.25), 30.0).samples
    attacks = _attacks(fitted[: 26 * 22050])
    gaps = np.diff(attacks) / 22050
    assert np.abs(gaps - 0.5).max() < 0.03  # the beat goes on through every join
    level = np.sqrt((fitted[: 26 * 22050 // 11025 * 11025] ** 2).reshape(-1, 11025 * 2).mean(axis=1))
    assert level.min() > 0.6 * np.median(level)


def _attacks(samples):
    """Frames at which the level doubles within 10 ms, the first of each group."""
    level = np.sqrt((samples[: len(samples) // 55 * 55, 0] ** 2).reshape(-1, 55).mean(axis=1))
    rise = np.flatnonzero(level[4:] > 2 * level[:-4] + 0.02) + 4
    return 55 * rise[np.diff(rise, prepend=-100) > 40]


def test_silence_around_the_music_is_not_counted():
    tune = beats(4)
    padded = Tune(np.pad(tune.samples, ((3 * 22050, 5 * 22050), (0, 0))), 22050)
    fitted = sound.fit(padded, 3.0)
    assert np.abs(fitted.samples[:2000]).max() > 0.2


def test_silent_music_and_impossible_lengths_are_refused():
    with pytest.raises(BadMedia, match="only silence"):
        sound.fit(Tune(np.zeros((1000, 2), np.float32), RATE), 1.0)
    for wrong in (0.0, -1.0, float("nan"), float("inf")):
        with pytest.raises(BadValue, match="duration: expected"):
            sound.fit(beats(1), wrong)


def test_excerpts_of_a_short_file_are_the_whole_of_it(tmp_path):
    write(tmp_path / "a.wav", [tone(2.0), tone(2.0)])
    (whole,) = sound.excerpts(tmp_path / "a.wav", RATE, 3, 1.0)
    assert len(whole) == 2 * RATE


@pytest.mark.parametrize(("suffix", "codec", "form"), [("wav", "pcm_s16le", "s16p"), ("mp3", "mp3", "fltp")])
def test_excerpts_of_a_long_file_lie_evenly_in_it(tmp_path, suffix, codec, form):
    steps = np.concatenate([tone(1.0, level=0.02 * (k + 1)) for k in range(30)])
    path = write(tmp_path / f"a.{suffix}", [steps, steps], codec=codec, form=form)
    found = sound.excerpts(path, RATE, 3, 1.0)
    assert [len(e) for e in found] == [RATE] * 3
    heard_at = [np.abs(e[RATE // 2 : RATE // 2 + 4000]).max() / 0.02 for e in found]
    assert heard_at == pytest.approx([29 / 6, 29 / 2, 29 * 5 / 6], abs=2.0)


def test_excerpts_of_what_is_no_sound_are_refused(tmp_path):
    (tmp_path / "a.mp3").write_text("no sound")
    with pytest.raises(BadMedia, match=r"a\.mp3"):
        sound.excerpts(tmp_path / "a.mp3", RATE, 3, 1.0)
    with pytest.raises(BadMedia, match="without a sound track"):
        sound.excerpts(film(tmp_path / "b.mp4", with_sound=False), RATE, 3, 1.0)
