import numpy as np
import pytest
import torch

from moodscore.errors import BadMedia
from moodscore.learn.data import near_copies, token_batches, token_corpus
from moodscore.learn.data.open_scores import Piece
from moodscore.learn.train import TrainConfig
from moodscore.media import Note, Score, Track
from moodscore.music import conditions as c
from moodscore.music import tokens as t


def piece(seed, bars=24, source="lieder", up=0, flat=False):
    """A piece in C (plus `up` semitones): a scale-wise melody, triads, a bass."""
    rng = np.random.default_rng(seed)
    rows, scale = [], (0, 2, 4, 5, 7, 9, 11, 12)
    for bar in range(bars):
        tick = bar * 48
        rows.append((tick, t.BASS, 36 + up, 48, 70))
        for beat in range(4):
            rows.append((tick + 12 * beat, t.MELODY, 72 + up + scale[rng.integers(8)], 12, 90))
            rows += [(tick + 12 * beat + 6, t.INNER, 60 + up + p, 6, 60) for p in (0, 4, 7)]
    notes = np.array(sorted(rows))
    return Piece(f"piece {seed}", source, "CC BY 4.0", notes, np.full(bars, 4), np.arange(bars + 1) * 2.0, flat)


def critic(rows):
    return np.stack([np.full(len(rows), 0.25), np.tanh(rows[:, 0] - 2.0)], 1)


@pytest.fixture(scope="module")
def corpus():
    pieces = [piece(k, source=("lieder", "pop909")[k % 2], up=k % 5, flat=k == 2) for k in range(6)]
    made = token_corpus.corpus_of(pieces, range(6), critic)
    for number, row in enumerate(made.pieces):
        row["valid"] = number == 0
    return made


def test_a_corpus_is_read_as_it_was_written(corpus, tmp_path):
    corpus.save(tmp_path / "c.npz")
    again = token_corpus.Corpus.read(tmp_path / "c.npz")
    assert again.pieces == corpus.pieces
    for name in ("tokens", "bar_at", "piece_at", "wishes", "classes", "feelings"):
        np.testing.assert_array_equal(getattr(again, name), getattr(corpus, name))
    assert corpus.counts()["lieder"]["pieces"] == 3
    (tmp_path / "d.npz").write_bytes(b"no")
    with pytest.raises(BadMedia, match="run prepare again"):
        token_corpus.Corpus.read(tmp_path / "d.npz")


def test_every_piece_decodes_and_ends_once(corpus):
    for k in range(6):
        ids = corpus.piece_tokens(k).tolist()
        bars = t.decode(ids, [4] * 24)
        assert len(bars) == 24
        assert ids.count(t.END) == 1
        assert sum(len(bar.notes) for bar in bars) == 24 * 17


def test_wishes_say_what_the_bars_are_like(corpus):
    row = dict(zip(c.WISHES, corpus.wishes[5], strict=True))
    assert (row["tempo_bpm"], row["beats"], row["bars_left"], row["bars_before"]) == (120, 4, 18, 5)
    assert (row["melody"], row["bass"], row["inner"], row["drums"]) == (1, 1, 1, 0)
    assert row["melody_hz"] == pytest.approx(2.0)
    assert row["density_hz"] == pytest.approx(2.5)
    assert row["dynamics"] == pytest.approx((70 + 4 * 90 + 12 * 60) / 17, abs=0.1)
    assert np.isnan(corpus.wishes[corpus.piece_at[2], c.columns("dynamics")]).all()


def test_faster_is_heard_as_more_excited(corpus):
    arousal = corpus.feelings[5, :, 1]
    assert (np.diff(arousal) > 0).all()
    np.testing.assert_allclose(corpus.feelings[:, :, 0], 0.25)


def test_segments_are_in_c_and_aims_are_the_next_tokens(corpus):
    stream = token_batches.TokenBatches(corpus, length=96, steps=2)
    (ids, said), aims = stream.batch(np.random.default_rng(0), 6, plain=True)
    assert ids.shape == aims.shape == (6, 96)
    assert said.shape == (6, 96, c.WIDTH)
    keep = (aims[:, :-1] != token_batches.IGNORED) & (aims[:, :-1] != t.END)
    assert torch.equal(ids[:, 1:][keep], aims[:, :-1][keep])
    assert (ids[:, 0] == t.BAR).all()
    basses = ids[(ids >= t.FIRST_OF[t.BASS]) & (ids < t.FIRST_OF[t.INNER])] - t.FIRST_OF[t.BASS] + 24
    assert set((basses % 12).tolist()) == {0}
    assert (said[..., c.columns("mode")[0]] == 1)[aims != token_batches.IGNORED].all()


def test_training_never_draws_from_held_out_pieces_and_wishes_drop_now_and_then(corpus):
    weights = token_batches.bar_weights(corpus, valid=False)
    assert weights.sum() == pytest.approx(1)
    assert not weights[: corpus.piece_at[1]].any()
    stream = token_batches.TokenBatches(corpus, length=64, steps=1)
    (_, said), _ = stream.batch(np.random.default_rng(1), 300)
    flags = said[:, 0, -len(c.GROUPS) :].mean(0)
    assert 0.75 < flags[0] < 0.95
    assert flags[1:].max() < 0.95


def test_an_epoch_is_the_same_for_the_same_seed(corpus):
    stream, config = token_batches.TokenBatches(corpus, length=32, steps=2), TrainConfig(batch_size=3)
    one, two = (list(stream.epoch(4, config, lambda: 0.0)) for _ in range(2))
    assert len(one) == len(stream) == 2
    assert all(torch.equal(a[0][0], b[0][0]) and torch.equal(a[0][1], b[0][1]) for a, b in zip(one, two, strict=True))


def test_copies_of_rated_pieces_go_and_near_copies_stay_together():
    pieces = [piece(1), piece(2), piece(1, up=3), piece(4)]
    notes = tuple(Note(float(n[0]) / 20, 0.2, int(n[2]) + 1, 80) for n in piece(4).notes)
    rated = Score((Track("", 0, notes),), 60.0)
    kept, group, out = token_corpus.without_copies(pieces, [token_corpus.score_print(rated)])
    assert out == ["piece 4"]
    assert [p.name for p in kept] == ["piece 1", "piece 2", "piece 1"]
    assert group == [0, 1, 0]
    alone = near_copies.fingerprint(np.arange(40.0), np.arange(40) ** 2 % 11 + 50, 0.1)
    assert near_copies.pairs([alone, alone]) == [(0, 1)]
    assert near_copies.pairs([alone, frozenset()]) == []


def test_credits_and_melodies(corpus):
    assert token_corpus.credits(corpus.pieces)[0] == "piece 0 (CC BY 4.0)"
    ((onsets, pitches),) = token_corpus.melodies(corpus, valid=True)
    assert onsets.tolist() == list(range(0, 24 * 48, 12))
    assert pitches.min() >= 72


def test_keys_are_found():
    held = np.zeros(12)
    held[[9, 11, 0, 2, 4, 5, 8]] = [5, 1, 3, 1, 4, 1, 1]
    assert token_batches.key_of(held) == (9, 0)
    assert token_batches.key_of(np.roll(held, 3)) == (0, 0)
