from collections import Counter

from moodscore.music import judge, library_default
from moodscore.music.score import from_midi
from moodscore.schemes import MOODS, mood_steps


def test_three_pieces_of_each_mood_ship_and_are_heard_as_it_or_a_neighbour(tmp_path, monkeypatch):
    monkeypatch.setenv("MOODSCORE_CACHE", str(tmp_path))
    library = library_default.library()
    assert library.name == "default"
    assert not library.left_out
    assert Counter(p.reading.mood.name for p in library.pieces) == dict.fromkeys(MOODS.names, 3)
    scores = tuple(from_midi(p.path.read_bytes()) for p in library.pieces)
    heard = [reading.mood for reading in judge.hear_all(scores)]
    assert all(mood_steps(a, p.reading.mood) <= 1 for a, p in zip(heard, library.pieces, strict=True))
    assert all(50 < p.length_s < 80 for p in library.pieces)
    assert list((tmp_path / "libraries").glob("*.json"))
    assert not list(library_default.FOLDER.glob(".*"))  # nothing is written into the package


def test_the_pieces_are_free_to_use_and_say_how_they_were_made():
    assert "CC0" in (library_default.FOLDER / "LICENSE.txt").read_text("utf-8")
    for path in sorted(library_default.FOLDER.glob("*/*.mid"))[:3]:
        recipe = from_midi(path.read_bytes()).recipe
        assert recipe["licence"] == "CC0-1.0"
        assert recipe["mood"] == path.parent.name
