import errno

import pytest

from moodscore.errors import RenderFailed
from moodscore.prepare.whole import whole


def test_a_file_appears_under_its_name_only_when_it_is_finished(tmp_path):
    out = tmp_path / "film.mp4"
    with whole(out) as part:
        part.write_bytes(b"half")
        assert not out.exists()
    assert out.read_bytes() == b"half"
    assert list(tmp_path.iterdir()) == [out]


@pytest.mark.parametrize("stop", [KeyboardInterrupt, ValueError])
def test_whatever_stops_the_work_leaves_the_old_file_and_nothing_else(stop, tmp_path):
    out = tmp_path / "tune.wav"
    out.write_bytes(b"old")

    def work():
        with whole(out) as part:
            part.write_bytes(b"half")
            raise stop

    with pytest.raises(stop):
        work()
    assert out.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [out]


def test_a_full_disk_is_told_with_the_file_and_the_remedy(tmp_path):
    with pytest.raises(RenderFailed, match=r"x\.png: .*No space left.*free some space"), whole(tmp_path / "x.png"):
        raise OSError(errno.ENOSPC, "No space left on device")
    assert list(tmp_path.iterdir()) == []
