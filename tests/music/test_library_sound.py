import itertools

import numpy as np
import pytest

from moodscore.affect import Affect
from moodscore.errors import BadMedia, BadValue
from moodscore.media import Tune
from moodscore.music import export, library_index, library_sound, loudness
from moodscore.music.library_reading import read
from moodscore.music.library_sound import sound_file, soundtrack, stretch_of
from moodscore.music.match import Cue
from moodscore.music.score import to_midi
from moodscore.prepare import sound

from .test_library_index import Listener, melody

RATE = 44100


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("MOODSCORE_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def noise(path, level, seconds=12.0, seed=0):
    """A piece of steady noise."""
    samples = np.random.default_rng(seed).normal(0, level, (round(seconds * RATE), 2)).astype(np.float32)
    export.write(Tune(samples, RATE), path)
    return read(path, path.name, str(seed), Listener().ears)


def cue(piece, start_s, end_s, from_s, fades=False):
    return Cue(piece, start_s, end_s, from_s, Affect(0, 0), 0.0, fades)


def levels(tune, every_s=0.1):
    """Level in dB of each tenth of a second."""
    step = round(every_s * tune.rate)
    count = len(tune.samples) // step
    power = np.square(tune.samples[: count * step]).reshape(count, -1).mean(axis=1)
    return 10 * np.log10(np.maximum(power, 1e-12))


def test_pieces_meet_at_one_loudness_without_a_hole_or_a_bump(tmp_path):
    quiet, loud = noise(tmp_path / "a.wav", 0.02, seed=1), noise(tmp_path / "b.wav", 0.2, seed=2)
    tune = soundtrack([cue(quiet, 0.0, 6.0, 2.0), cue(loud, 6.0, 12.0, 4.0)])
    heard = levels(tune)[5:-9]
    assert len(tune.samples) == 12 * RATE
    assert loudness.integrated(tune.samples, RATE) == pytest.approx(-16, abs=0.7)
    assert loudness.true_peak_db(tune.samples) <= -1.0
    assert heard.max() - heard.min() < 1.5  # the crossfade of two unlike sounds keeps their power
    assert np.abs(tune.samples[-1]).max() == 0.0


def test_a_piece_that_is_entered_at_its_beginning_is_not_heard_before(tmp_path):
    one, other = noise(tmp_path / "a.wav", 0.1, seed=1), noise(tmp_path / "b.wav", 0.1, seed=2)
    borders = library_sound._crossfade(cue(one, 0.0, 6.0, 0.0), cue(other, 6.0, 12.0, 0.0))
    assert borders == (6.0, 7.0)
    before, after = library_sound._crossfade(cue(one, 0.0, 6.0, 0.0), cue(other, 6.0, 12.0, 5.0))
    assert (before, after) == pytest.approx((4.9, 6.4))


def test_a_cut_end_is_faded_and_a_pieces_own_end_is_not(tmp_path):
    piece = noise(tmp_path / "a.wav", 0.1)
    cut = levels(soundtrack([cue(piece, 0.0, 9.0, 0.0, fades=True)]))
    own = levels(soundtrack([cue(piece, 0.0, 9.0, 3.0)]))
    assert cut[-12] < cut[40] - 2.0
    assert own[-12] > own[40] - 1.0


def test_a_piece_that_ends_before_the_picture_leaves_silence(tmp_path):
    piece = noise(tmp_path / "a.wav", 0.1, seconds=6.0)
    tune = soundtrack([cue(piece, 0.0, 7.0, 0.0)])
    assert len(tune.samples) == 7 * RATE
    assert not tune.samples[round(6.1 * RATE) :].any()


def test_the_same_cues_give_the_same_bytes_and_the_recipe_names_every_piece(tmp_path):
    one, other = noise(tmp_path / "a.wav", 0.1, seed=1), noise(tmp_path / "b.wav", 0.1, seed=2)
    cues = [cue(one, 0.0, 4.0, 1.0), cue(other, 4.0, 8.0, 0.0)]
    tune = soundtrack(cues)
    assert np.array_equal(tune.samples, soundtrack(cues).samples)
    assert [(p["file"], p["at_s"], p["from_s"], p["to_s"]) for p in tune.recipe["pieces"]] == [
        ("a.wav", 0.0, 1.0, 5.0),
        ("b.wav", 4.0, 0.0, 4.0),
    ]
    assert str(tmp_path) not in str(tune.recipe)


def test_progress_rises_to_the_end(tmp_path):
    piece, told = noise(tmp_path / "a.wav", 0.1), []
    soundtrack([cue(piece, 0.0, 4.0, 0.0), cue(piece, 4.0, 8.0, 4.0)], progress=told.append)
    assert told[-1] == 1.0
    assert all(a <= b for a, b in itertools.pairwise(told))


def test_a_score_is_played_once_and_kept_by_its_content(tmp_path, cache, monkeypatch):
    path = tmp_path / "a.mid"
    path.write_bytes(to_midi(melody(4.0)))
    library = library_index.index(tmp_path, None, Listener().ears)
    played = sound_file(library.pieces[0])
    data = played.read_bytes()
    assert played.parent == cache / "played"
    assert sound.open(played).duration_s == pytest.approx(4.0, abs=0.01)
    played.unlink()
    assert sound_file(library.pieces[0]).read_bytes() == data
    path.unlink()
    assert sound_file(library.pieces[0]) == played  # known by content, the score is not needed any more
    monkeypatch.setattr(library_sound, "RENDERING", 99)
    with pytest.raises(BadMedia, match=r"a\.mid: expected a MIDI file"):
        sound_file(library.pieces[0])


def test_where_the_cache_cannot_be_written_scores_are_played_all_the_same(tmp_path, cache):
    cache.write_text("a file where the cache should be")
    (tmp_path / "a.mid").write_bytes(to_midi(melody(4.0)))
    piece = read(tmp_path / "a.mid", "a.mid", "5e", Listener().ears)
    assert sound_file(piece) == sound_file(piece)
    assert sound_file(piece).is_file()


def test_a_piece_is_streamed_from_any_place_at_the_house_loudness(tmp_path):
    piece = noise(tmp_path / "a.wav", 0.02)
    heard = np.concatenate(list(stretch_of(piece, 5.0)))
    assert len(heard) == pytest.approx(7 * RATE, abs=4)
    assert loudness.integrated(heard, RATE) == pytest.approx(-16, abs=0.5)
    assert np.allclose(heard / heard.std(), np.asarray(sound.open(piece.path).samples[5 * RATE :]) / 0.02, atol=0.2)


def test_a_piece_that_is_gone_is_named_and_no_cue_is_an_error(tmp_path):
    piece = noise(tmp_path / "a.wav", 0.1)
    piece.path.unlink()
    with pytest.raises(BadMedia, match=r"a\.wav"):
        soundtrack([cue(piece, 0.0, 4.0, 0.0)])
    with pytest.raises(BadValue, match="at least one cue"):
        soundtrack([])
