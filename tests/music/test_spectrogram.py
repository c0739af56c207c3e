"""The spectrogram codec: Riffusion's format to the bit, and sound back from it that is the sound that went in."""

import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from moodscore.affect import Affect
from moodscore.errors import BadMedia, BadValue, RenderFailed
from moodscore.media import Tune
from moodscore.music import mel_bands, phase, plan, rules, spectrogram, synth
from moodscore.trajectory import Trajectory

RATE = 44100


def tune_of(*sides, rate=RATE):
    left, right = sides if len(sides) == 2 else (sides[0], sides[0])
    return Tune(np.stack([left, right], axis=1).astype(np.float32), rate)


def sine(hertz, seconds, rate=RATE, level=0.3):
    return level * np.sin(2 * np.pi * hertz * np.arange(round(seconds * rate)) / rate)


def pitch_hz(sound):
    """The frequency of the strongest partial, by a parabola over the log spectrum of the middle."""
    middle = sound[len(sound) // 8 : -len(sound) // 8].astype(np.float64)
    level = np.log(np.abs(np.fft.rfft(middle * np.hanning(len(middle)), 4 * len(middle))) + 1e-12)
    k = int(level.argmax())
    a, b, c = level[k - 1 : k + 2]
    return (k + 0.5 * (a - c) / (a - 2 * b + c)) * RATE / (4 * len(middle))


def level(sound):
    return float(np.sqrt(np.mean(np.square(sound, dtype=np.float64))))


@pytest.fixture(scope="module")
def piece():
    score = rules.compose(plan.plan(Trajectory.hold(Affect(0.7, 0.5), 6.0), 1), 1)
    return synth.play(score)


def distance(sound, other):
    """Spectral convergence and root-mean-square level difference in dB (60 dB deep) of two sounds' mel bands."""
    a, b = spectrogram.amplitudes(sound), spectrogram.amplitudes(other)
    in_db = [20 * np.log10(np.maximum(x / a.max(), 1e-3)) for x in (a, b)]
    return np.linalg.norm(a - b) / np.linalg.norm(a), float(np.sqrt(np.mean((in_db[0] - in_db[1]) ** 2)))


def published(sound):
    """Mel amplitudes as torchaudio's Spectrogram and MelScale define them, in double precision and frame by frame."""
    size, window = 17640, np.zeros(17640)
    window[6615 : 6615 + 4410] = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(4410) / 4410)
    padded = np.pad(sound.astype(np.float64) * 32768, size // 2, mode="reflect")
    hertz = np.linspace(0, 22050, size // 2 + 1)
    mels = np.linspace(0, 2595 * np.log10(1 + 10000 / 700), 514)
    points = 700 * (10 ** (mels / 2595) - 1)
    slopes = points[None, :] - hertz[:, None]
    widths = np.diff(points)
    bank = np.maximum(0, np.minimum(-slopes[:, :-2] / widths[:-1], slopes[:, 2:] / widths[1:]))
    starts = range(0, len(padded) - size + 1, 441)
    return np.stack([np.abs(np.fft.rfft(padded[k : k + size] * window)) @ bank for k in starts])


def test_amplitudes_are_those_of_the_published_transform():
    sound = np.random.default_rng(3).normal(0, 0.1, 25 * 441)
    wanted = published(sound)
    found = spectrogram.amplitudes(np.asarray(sound, np.float32)[:, None])[0]
    assert len(wanted) == 26
    assert found.shape == (25, 512)
    np.testing.assert_allclose(found[:-3], wanted[: len(found) - 3], rtol=1e-3, atol=1e-3 * wanted.max())


def test_pixels_are_those_of_the_published_picture():
    bands = np.random.default_rng(0).uniform(0, 1, (2, 7, 512)).astype(np.float32) ** 3
    shares = bands.transpose(0, 2, 1) / bands.max()
    dark = (255 - np.power(shares, 0.25) * 255).astype(np.uint8)[:, ::-1]
    picture = spectrogram.pixels(bands)
    assert picture.shape == (512, 7, 3)
    assert not picture[..., 0].any()
    np.testing.assert_array_equal(picture[..., 1:], dark.transpose(1, 2, 0))
    mono = spectrogram.pixels(bands[:1])
    assert (mono[..., 0] == mono[..., 1]).all()
    assert (mono[..., 0] == mono[..., 2]).all()


@given(st.integers(1, 2), st.integers(1, 9), st.floats(1.0, 1e8), st.integers(0, 99))
def test_a_picture_gives_its_amplitudes_back_to_within_a_step_of_grey(sides, columns, loudest, seed):
    bands = (np.random.default_rng(seed).uniform(0, 1, (sides, columns, 512)) ** 4 * loudest).astype(np.float32)
    back = spectrogram.bands_of(spectrogram.pixels(bands), sides == 2, float(bands.max()))
    np.testing.assert_allclose((back / bands.max()) ** 0.25, (bands / bands.max()) ** 0.25, atol=1.01 / 255)


def test_five_seconds_and_twelve_hundredths_are_512_columns_and_come_back_as_long(piece):
    clip = Tune(piece.samples[: 512 * 441], RATE)
    image = spectrogram.to_image(clip)
    assert image.size == (512, 512)
    assert image.mode == "RGB"
    assert len(spectrogram.to_tune(image).samples) == len(clip.samples)


def test_a_piece_comes_back_better_than_by_half_the_published_steps(piece):
    clip = Tune(piece.samples[: 128 * 441], RATE)
    image = spectrogram.to_image(clip)
    convergence, apart_db = distance(clip.samples, spectrogram.to_tune(image).samples)
    assert convergence < 0.11
    assert apart_db < 2.0
    bands = spectrogram.bands_of(np.asarray(image), True, image.getexif()[spectrogram.MAX_VALUE])
    plain = phase.griffin_lim(bands, steps=16, momentum=0.0, padding=1) / 32768
    plain_convergence, plain_db = distance(clip.samples, plain)
    assert convergence < plain_convergence
    assert apart_db < plain_db


def test_what_stands_in_the_middle_stays_in_the_middle(piece):
    mono = piece.samples.mean(axis=1)[: 128 * 441]
    left, right = spectrogram.to_tune(spectrogram.to_image(tune_of(mono))).samples.T
    np.testing.assert_array_equal(left, right)


def test_the_sides_are_kept_apart():
    image = spectrogram.to_image(tune_of(sine(440, 1.0), sine(1000, 1.0)))
    left, right = spectrogram.to_tune(image).samples.T
    assert pitch_hz(left) == pytest.approx(440, rel=2e-3)
    assert pitch_hz(right) == pytest.approx(1000, rel=2e-3)
    silent = spectrogram.to_tune(spectrogram.to_image(tune_of(sine(440, 1.0), np.zeros(RATE)))).samples
    assert level(silent[:, 1]) < 1e-3 * level(silent[:, 0])


@settings(max_examples=7, deadline=None)
@given(st.floats(60, 2500), st.integers(0, 5))
def test_a_sine_comes_back_at_its_pitch_and_level(hertz, seed):
    sound = sine(hertz, 1.0)
    back = spectrogram.to_tune(spectrogram.to_image(tune_of(sound), stereo=False), seed).samples[:, 0]
    assert abs(1200 * np.log2(pitch_hz(back) / hertz)) < 6  # cents
    inner = slice(RATE // 8, -RATE // 8)
    assert abs(20 * np.log10(level(back[inner]) / level(sound[inner]))) < 0.5


@settings(max_examples=8, deadline=None)
@given(st.integers(1, 9000), st.sampled_from([8000, 22050, 44100, 48000]), st.booleans())
def test_any_length_and_rate_gives_a_column_for_every_ten_milliseconds_begun(frames, rate, stereo):
    tune = Tune(np.random.default_rng(frames).normal(0, 0.1, (frames, 2)).astype(np.float32), rate)
    image = spectrogram.to_image(tune, stereo)
    back = spectrogram.to_tune(image)
    assert abs(image.width - frames / rate * 100) <= 1.01
    assert len(back.samples) == image.width * 441
    assert back.rate == RATE
    assert np.isfinite(back.samples).all()
    assert np.abs(back.samples).max() <= 1.0


def test_silence_is_white_and_comes_back_as_silence():
    image = spectrogram.to_image(tune_of(np.zeros(RATE)), stereo=False)
    assert (np.asarray(image) == 255).all()
    assert not spectrogram.to_tune(image).samples.any()


@settings(max_examples=3, deadline=None)
@given(st.floats(0.05, 1.5))
def test_a_louder_tune_is_the_same_picture_and_comes_back_louder(gain):
    sound = sine(330, 0.5) + sine(660, 0.5, level=0.1)
    image, louder = spectrogram.to_image(tune_of(sound)), spectrogram.to_image(tune_of(gain * sound))
    apart = np.abs(np.asarray(image).astype(int) - np.asarray(louder))
    assert apart[np.asarray(image) < 190].max() <= 1  # fainter cells are the rounding of the samples
    ratio = level(spectrogram.to_tune(louder).samples) / level(spectrogram.to_tune(image).samples)
    assert ratio == pytest.approx(gain, rel=0.02)


def test_the_same_seed_gives_the_same_samples_and_another_seed_others(piece):
    image = spectrogram.to_image(Tune(piece.samples[: 64 * 441], RATE))
    first, again, other = (spectrogram.to_tune(image, seed).samples for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()


def test_long_pictures_have_no_seam(monkeypatch):
    monkeypatch.setattr(phase, "_BLOCK", 40)
    image = spectrogram.to_image(tune_of(sine(523.25, 3.0) + sine(1046.5, 3.0, level=0.1)), stereo=False)
    sound = spectrogram.to_tune(image).samples[:, 0]
    frames = np.lib.stride_tricks.sliding_window_view(sound[4410:-4410], 882)[::441]
    loudness = 20 * np.log10(np.sqrt(np.mean(frames**2, axis=1)))
    assert np.ptp(loudness) < 3.0  # crossfaded sines out of phase would vanish
    above = np.abs(np.fft.rfft(frames * np.hanning(882), axis=1))[:, 60:].max(axis=1)  # a click would be there
    assert above.max() < 0.03 * np.sqrt(np.mean(frames**2)) * 882


def test_the_published_method_can_be_asked_for(piece):
    clip = Tune(piece.samples[: 30 * 441], RATE)
    back = spectrogram.to_tune(spectrogram.to_image(clip), method="griffin-lim")
    assert distance(clip.samples, back.samples)[0] < 0.25
    assert back.recipe["spectrogram"]["method"] == "griffin-lim"


def test_a_saved_picture_says_how_it_was_made(piece, tmp_path):
    clip = Tune(piece.samples[: 20 * 441], RATE, piece.score, {"seed": 7})
    spectrogram.save(spectrogram.to_image(clip), tmp_path / "tune.png")
    with Image.open(tmp_path / "tune.png") as image:
        tags = dict(image.getexif())
        back = spectrogram.to_tune(image, seed=3)
    wanted = {
        11000: 44100,
        11005: 1,
        11010: 10,
        11020: 100,
        11030: 400,
        11040: 512,
        11050: 0,
        11060: 10000,
        11070: 0.25,
    }
    assert wanted.items() <= tags.items()
    assert tags[11080] == pytest.approx(float(spectrogram.amplitudes(clip.samples).max()))
    assert back.recipe == {"seed": 7, "spectrogram": {"method": "tracked", "seed": 3, "stereo": True}}
    with pytest.raises(RenderFailed, match="nowhere"):
        spectrogram.save(image, tmp_path / "nowhere" / "tune.png")


def test_a_picture_without_tags_is_mono_or_stereo_by_its_colours_and_comes_at_minus_one_db(piece):
    clip = Tune(piece.samples[: 40 * 441], RATE)
    for stereo in (True, False):
        bare = Image.fromarray(np.asarray(spectrogram.to_image(clip, stereo)))
        back = spectrogram.to_tune(bare)
        assert back.recipe["spectrogram"]["stereo"] is stereo
        assert 20 * np.log10(np.abs(back.samples).max()) == pytest.approx(-1.0, abs=0.01)
    grey = spectrogram.to_tune(Image.fromarray(np.asarray(spectrogram.to_image(clip, stereo=False))[..., 0]))
    np.testing.assert_array_equal(grey.samples, back.samples)


def with_tag(tag, value):
    image = spectrogram.to_image(tune_of(sine(440, 0.1)))
    image.getexif()[tag] = value
    buffer = io.BytesIO()
    image.save(buffer, "PNG", exif=image.getexif())
    return Image.open(buffer)


@pytest.mark.parametrize(
    ("tag", "value"),
    [(11000, 22050), (11040, 256), (11070, 0.5), (11080, -1.0), (11080, float("nan")), (11080, "loud")],
)
def test_pictures_of_other_parameters_are_refused(tag, value):
    with pytest.raises(BadMedia, match=str(tag)):
        spectrogram.to_tune(with_tag(tag, value))


def test_what_is_no_spectrogram_is_refused():
    with pytest.raises(BadMedia, match="512 pixels tall"):
        spectrogram.to_tune(Image.new("RGB", (512, 256)))
    for bands in (np.ones((1, 4, 80)), -np.ones((1, 4, 512)), np.full((1, 4, 512), np.nan), np.ones((1, 0, 512))):
        with pytest.raises(BadValue):
            spectrogram.sound_of(bands.astype(np.float32))
    with pytest.raises(BadValue, match="tracked"):
        spectrogram.sound_of(np.ones((1, 4, 512), np.float32), method="magic")
    with pytest.raises(BadValue):
        spectrogram.amplitudes(np.zeros((0, 2), np.float32))
    with pytest.raises(BadValue):
        spectrogram.pixels(np.ones((3, 4, 512), np.float32))
    with pytest.raises(BadValue):
        spectrogram.bands_of(np.zeros((256, 4, 3), np.uint8), stereo=False)


def test_what_is_fitted_has_the_bands_it_was_fitted_to():
    rng = np.random.default_rng(0)
    bands = (rng.uniform(0, 1, (5, mel_bands.BINS)).astype(np.float32) ** 3) @ mel_bands.coarse()
    start = mel_bands.linear(bands)
    off = [np.linalg.norm(m @ mel_bands.coarse() - bands) for m in (start, mel_bands.fitted(start, bands))]
    assert off[0] < 0.1 * np.linalg.norm(bands)
    assert off[1] < 0.85 * off[0]
