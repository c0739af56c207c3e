"""A piece is played as each genre by that genre's players, and what could have been asked is read off it."""

import numpy as np
import pytest

from moodscore.affect import Affect
from moodscore.learn.data import genre_sound
from moodscore.learn.data.open_scores import Piece
from moodscore.music import diffusion_wishes as asking
from moodscore.music.instruments import INSTRUMENTS
from moodscore.music.prompt_genres import GENRES
from moodscore.music.tokens import BASS, INNER, MELODY, TICKS


@pytest.fixture(scope="module")
def piece():
    """Forty bars of C, F, G, C at 96 beats a minute: a melody in eighths, chords in quarters, a bass."""
    rows = []
    for bar in range(40):
        root = (0, 5, 7, 0)[bar % 4]
        for step in range(8):
            rows.append((bar * 48 + step * 6, MELODY, 72 + root + (0, 4, 7, 4)[step % 4], 6, 80))
        for beat in range(4):
            rows += [(bar * 48 + beat * TICKS, INNER, 60 + (root + tone) % 12, 12, 60) for tone in (0, 4, 7)]
        rows.append((bar * 48, BASS, 36 + root, 48, 70))
    notes = np.array(sorted(rows), np.int64)
    return Piece("études", "lieder", "CC0", notes, np.full(40, 4), np.arange(41) * 2.5, False)


@pytest.mark.parametrize("genre", asking.GENRE_NAMES)
def test_only_the_genres_players_play_in_their_ranges(piece, genre):
    found = genre_sound.excerpt(piece, genre, np.random.default_rng(1))
    casts = genre_sound.CASTS[genre]
    players = {*casts.melody, *casts.inner, *casts.bass, "drums", "pad"}
    assert {t.name for t in found.score.tracks} <= players
    for track in found.score.tracks:
        if track.name in INSTRUMENTS:
            played = INSTRUMENTS[track.name]
            assert all(played.low <= n.pitch <= played.high for n in track.notes)
    assert all(n.end_s <= found.score.duration_s + 1e-6 for n in found.score.notes)


def test_what_is_asked_fits_what_is_played(piece):
    found = genre_sound.excerpt(piece, "piano ballad", np.random.default_rng(2))
    asked, style = found.asked, GENRES[1]
    assert len(asked.roots) == round(genre_sound.LENGTH_S / asking.STRETCH_S)
    assert 0.8 * style.slow_bpm < asked.tempo_bpm.mean() < 1.2 * style.fast_bpm
    assert 1.0 < asked.density_hz.mean() < 8.0
    assert (asked.beats < asked.bar_beats).all()
    for k in range(20, 220, 40):
        now = found.start_s + k * asking.STRETCH_S
        sounding = {n.pitch % 12 for n in found.score.notes if n.start_s <= now + 0.02 < n.end_s and n.pitch < 84}
        if sounding:
            on = {pitch for pitch in sounding if asked.classes[k, pitch]}
            assert len(on) >= len(sounding) / 2
    said = found.felt(Affect(0.3, -0.2)).vectors()
    assert np.allclose(said[:, asking.AFFECT], [0.3, -0.2, 1.0])


def test_the_same_generator_gives_the_same_excerpt_and_short_pieces_none(piece):
    first, again = (genre_sound.excerpt(piece, "rock", np.random.default_rng(5)) for _ in range(2))
    assert first.score == again.score
    short = Piece("short", "lieder", "CC0", piece.notes[:40], piece.beats[:3], piece.times_s[:4], False)
    assert genre_sound.excerpt(short, "rock", np.random.default_rng(0)) is None


def test_pitches_are_folded_by_octaves():
    assert genre_sound.folded(20, "cello") == 44
    assert genre_sound.folded(100, "cello") % 12 == 100 % 12
