import mmap
import resource

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from moodscore.prepare import spool


@given(st.integers(1, 5000), st.integers(0, 5000))
def test_silence_is_silent_stereo_wherever_it_lives(frames, longest):
    samples = spool.silence(frames, longest)
    assert samples.shape == (frames, 2)
    assert samples.dtype == np.float32
    assert not samples.any()


@given(st.integers(2, 100_000), st.integers(0, 2**32 - 1))
def test_what_was_written_is_still_there_after_its_memory_was_given_back(frames, seed):
    sound = np.random.default_rng(seed).random((frames, 2), np.float32)
    samples = spool.silence(frames, 0)
    samples[:] = sound
    spool.forget(samples)
    spool.forget(samples[1:])
    assert np.array_equal(samples, sound)


def test_forgetting_plain_memory_does_nothing():
    samples = np.ones((10, 2), np.float32)
    spool.forget(samples)
    spool.forget(samples[3:])
    assert samples.all()


@pytest.mark.skipif(not hasattr(mmap, "MADV_DONTNEED"), reason="the system cannot give pages back")
def test_walking_through_long_sound_in_blocks_needs_the_memory_of_a_block():
    frames, block = 16_000_000, 1_000_000  # 128 MB in blocks of 8 MB
    samples = spool.silence(frames, 0)
    before = resident_bytes()
    for start in range(0, frames, block):
        samples[start : start + block] = 0.5
        spool.forget(samples)
        assert resident_bytes() - before < 40e6


def test_a_full_disk_means_memory_not_a_crash(monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(spool.os, "posix_fallocate", full)
    samples = spool.silence(1000, 0)
    samples[:] = 1
    assert samples.base is None


def resident_bytes():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * resource.getpagesize()
