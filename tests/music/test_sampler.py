"""Keys sound as the font says, however long they are asked for."""

import numpy as np
import pytest

from moodscore.errors import BadWeights
from moodscore.media import Note, Track
from moodscore.music.sampler import Sampler, voices
from moodscore.music.soundfont import DRUM_BANK, FONT, SoundFont

RATE = 44100


@pytest.fixture(scope="module")
def sampler():
    return Sampler(SoundFont(), RATE)


@pytest.mark.parametrize("program", range(0, 128, 9))
def test_every_program_sounds_at_every_pitch(sampler, program):
    for pitch in (0, 30, 60, 90, 127):
        parts = voices(Track("x", program, (Note(0, 0.3, pitch, 90),)), sampler, 0.0)
        assert parts
        heard = sampler.render(parts[0], 0, RATE // 4)
        assert np.isfinite(heard).all()
        assert len(heard) > 100


def test_a_voice_is_the_same_in_one_piece_and_in_many(sampler):
    voice = voices(Track("x", 48, (Note(0, 1, 60, 90),)), sampler, 0.0)[0]
    whole = sampler.render(voice, 0, 10 * RATE)
    pieces = [sampler.render(voice, k, k + 7919) for k in range(0, len(whole), 7919)]
    assert np.array_equal(np.concatenate(pieces), whole)
    assert len(whole) == voice.frames(RATE)


def test_long_notes_are_held_by_their_loop(sampler):
    voice = voices(Track("x", 48, (Note(0, 20, 60, 90),)), sampler, 0.0)[0]
    heard = sampler.render(voice, 0, 20 * RATE)
    seconds = [float(np.sqrt((heard[k * RATE : (k + 1) * RATE] ** 2).mean())) for k in range(2, 20)]
    assert min(seconds) > 0.3 * max(seconds)
    assert np.abs(np.diff(heard)).max() < 0.35 * np.abs(heard).max()  # no jump at the seams


def test_releases_fall_without_a_step(sampler):
    for program in (0, 48, 73, 89):
        voice = voices(Track("x", program, (Note(0, 0.5, 62, 90),)), sampler, 0.0)[0]
        heard = sampler.render(voice, 0, 20 * RATE)
        steps = np.abs(np.diff(heard))
        assert steps[voice.held - 20 : voice.held + 20].max() <= 1.5 * steps[voice.held - 2000 : voice.held - 20].max()
        assert np.abs(heard[-20:]).max() < 1e-3


def test_a_key_struck_again_ends_its_former_sound(sampler):
    again = voices(Track("x", 0, (Note(0, 3, 60, 90), Note(1, 1, 60, 90)), pedals=((0, 3),)), sampler, 0.0)
    assert again[0].held == RATE


def pans(sampler, program):
    return [v.pan for v in voices(Track("x", program, (Note(0, 1, 36, 90), Note(1, 1, 96, 90))), sampler, 0.7)]


def test_keyboards_and_sections_are_wide_soloists_and_basses_are_not(sampler):
    low, high = pans(sampler, 0)
    assert low < -0.2 < 0.2 < high  # the player's left hand is on the left
    low, high = pans(sampler, 48)
    assert high < -0.1 < 0.1 < low  # violins left, cellos right
    for soloist in (32, 40, 56, 73):
        assert set(pans(sampler, soloist)) == {0.0}


@pytest.mark.parametrize("kit", [0, 8, 25, 40, 48])
@pytest.mark.parametrize("key", [36, 38, 49])
def test_a_drum_rings_on_however_short_its_note_is(sampler, kit, key):
    short, long = (
        sampler.render(voices(Track("x", kit, (Note(0, s, key, 90),), drums=True), sampler, 0.0)[0], 0, RATE // 5)
        for s in (0.02, 1.0)
    )
    energy = [float((heard**2).sum()) for heard in (short, long)]
    assert energy[0] > 0.5 * energy[1]


def test_drums_have_a_kit_and_melodic_fallbacks_exist():
    font = SoundFont()
    assert font.regions(DRUM_BANK, 0, 36, 90)
    assert font.regions(DRUM_BANK, 99, 36, 90)  # no such kit: the standard one
    assert font.regions(0, 0, 60, 90) is font.regions(0, 0, 60, 90)


def test_what_is_no_soundfont_is_refused(tmp_path):
    for name, data in (("no.sf2", b"RIFF\0\0\0\0sfbk"), ("short.sf2", FONT.read_bytes()[:1000])):
        (tmp_path / name).write_bytes(data)
        with pytest.raises(BadWeights, match="expected a SoundFont"):
            SoundFont(tmp_path / name)
    with pytest.raises(BadWeights, match=r"missing\.sf3"):
        SoundFont(tmp_path / "missing.sf3")
