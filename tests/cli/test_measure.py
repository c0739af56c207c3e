"""What a user of `measure` and `listening-test` relies on."""

import json

import numpy as np
import pytest

from moodscore import cli
from moodscore.affect import Affect
from moodscore.cli import composing
from moodscore.cli.composing import Task
from moodscore.errors import BadMedia
from moodscore.media import Note, Score, Track
from moodscore.music import listening
from moodscore.music.score import to_midi
from moodscore.schemes import MOODS


def moodscore(*args: object) -> int:
    return cli.main([str(a) for a in args])


@pytest.fixture(scope="module")
def people(tmp_path_factory):
    """A folder of twelve MIDI files long enough to be measured, a broken one, and one that is too short."""
    where = tmp_path_factory.mktemp("real")
    rng = np.random.default_rng(0)
    for k in range(12):
        notes = tuple(Note(0.5 * i, 0.45, int(rng.integers(55, 80)), 80) for i in range(60))
        (where / f"{k}.mid").write_bytes(to_midi(Score((Track("piano", 0, notes),), 30.0)))
    (where / "broken.mid").write_bytes(b"MThd and nothing")
    (where / "short.mid").write_bytes(to_midi(Score((Track("piano", 0, (Note(0, 1, 60, 80),)),), 2.0)))
    return where


@pytest.fixture(scope="module")
def measured(people, tmp_path_factory):
    """One run of the command: its page, its kept pieces, what it kept of the real ones."""
    where = tmp_path_factory.mktemp("measured")
    options = ["--seeds", 1, "--seconds", 14, "--processes", 1, "--composer", "rules", "-q"]
    options += ["--real", people, "--keep-real", where / "real.json"]
    assert moodscore("measure", "music", *options, "-o", where / "page.md", "--resume", where / "kept.jsonl") == 0
    return where


def test_the_page_has_every_table(measured):
    page = (measured / "page.md").read_text("utf-8")
    assert "| rules | 25 | " in page
    assert page.count("| **+0.8** | ") == 1
    for name in ("groove similarity", "pitch-class entropy", "empty beats", "in key", "notes a second"):
        assert page.count(f"| {name} | ") == 2
    assert "12 pieces (real0 12)" in page
    assert "not verified" in page


def test_an_interrupted_run_goes_on_where_it_was(measured, monkeypatch, capsys):
    lines = (measured / "kept.jsonl").read_text("utf-8").splitlines()
    assert len(lines) == 25
    (measured / "half.jsonl").write_text("\n".join([*lines[:24], lines[24][:40]]) + "\n", "utf-8")
    composed = []
    whole = composing.compose
    monkeypatch.setattr(composing, "compose", lambda task: (composed.append(task), whole(task))[1])
    options = ["--seeds", 1, "--seconds", 14, "--processes", 1, "--composer", "rules", "--json", "-q"]
    assert moodscore("measure", "music", *options, "--resume", measured / "half.jsonl") == 0
    assert len(composed) == 1
    found = json.loads(capsys.readouterr().out)
    (rules,) = found["composers"]
    assert (rules["composer"], rules["pieces"], rules["failed"]) == ("rules", 25, [])
    assert rules["following"]["valence_r"] > 0.4
    assert len(rules["grid"]) == 25
    assert set(rules["distances"]) <= set(rules["measures"])
    assert rules["nearness"]["overlap"] > 0


def test_a_piece_that_cannot_be_composed_is_told(capsys, monkeypatch):
    from moodscore.errors import BadValue
    from moodscore.music import composers

    def stuck(plan, seed, name):
        raise BadValue("no idea today")

    monkeypatch.setattr(composers, "compose", stuck)
    done = composing.compose(Task("rules", Affect(0, 0), 0, 6.0))
    assert (done.piece, done.reason) == (None, "no idea today")
    assert moodscore("measure", "music", "--seeds", 1, "--processes", 1, "-q", "--composer", "rules") == 2
    assert "25 of 25 pieces could not be composed; no idea today" in capsys.readouterr().err


def test_processes_give_what_one_process_gives():
    tasks = composing.grid(["rules"], 1, 14.0)[:3]
    one, two = (composing.run(tasks, n, lambda stage, share: None) for n in (1, 2))
    assert [d.piece.measures for d in one] == [d.piece.measures for d in two]
    assert [d.piece.heard for d in one] == [d.piece.heard for d in two]


def test_real_pieces_are_found_in_folders_and_zips(people, tmp_path):
    import zipfile

    with zipfile.ZipFile(tmp_path / "set.zip", "w") as archive:
        archive.write(people / "0.mid", "inside/0.MID")
        archive.writestr("notes.txt", "no music")
    found = composing.corpora([people, tmp_path])
    assert (len(found[people.stem]), found["set"]) == (14, [(tmp_path / "set.zip", "inside/0.MID")])
    rows = composing.real([tmp_path], 5, 6.0, 1, lambda stage, share: None)
    assert len(rows["set"]) == 1
    (tmp_path / "bad.zip").write_bytes(b"PK no")
    for wrong in (tmp_path / "bad.zip", tmp_path / "nothing"):
        with pytest.raises(BadMedia, match=f"^{wrong}: expected"):
            composing.corpora([wrong])


def test_keeping_real_pieces_needs_real_pieces(capsys):
    assert moodscore("measure", "music", "--keep-real", "x.json") == 2
    assert "--keep-real goes with --real" in capsys.readouterr().err


@pytest.fixture(scope="module")
def held(tmp_path_factory):
    """A test that was written and two participants who took it: they hear what was meant, or its neighbour."""
    where = tmp_path_factory.mktemp("held")
    patch = pytest.MonkeyPatch()
    clips = tuple(listening.Clip(f"{mood.name}".encode(), mood, "rules", "seed 1") for mood in MOODS.labels)
    patch.setattr(listening, "clips", lambda choices, progress: clips)
    patch.setattr(listening, "check_sound", lambda: b"chord")
    assert moodscore("listening-test", "-o", where / "page.html", "-q", "--lang", "ko") == 0
    patch.undo()
    key = json.loads((where / "page.key.json").read_text("utf-8"))
    for person in range(2):
        answers = []
        for clip, entry in key["clips"].items():
            mood = MOODS.labels[(MOODS.names.index(entry["mood"]) + person) % 8]
            place = {"valence": mood.place.valence, "arousal": mood.place.arousal}
            answers.append({"clip": clip, "mood": mood.name, **place, "unplayable": False})
        results = {"format": "moodscore-listening-results", "version": 1, "test": key["test"]}
        results |= {"participant": f"p{person}", "answers": answers}
        (where / f"results-{person}.json").write_text(json.dumps(results), "utf-8")
    return where


def test_the_page_and_its_key_are_two_files(held):
    page, key = (held / "page.html").read_text("utf-8"), json.loads((held / "page.key.json").read_text("utf-8"))
    assert all(f'"id":"{clip}"' in page for clip in key["clips"])
    assert key["test"] in page
    assert '"composer"' not in page
    assert '<html lang="ko">' in page


def test_answers_are_scored_with_the_key_beside_them(held, capsys):
    assert moodscore("measure", "listening", held, "--json", "-o", held / "heard.png") == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["all"]["participants"], found["all"]["answers"]) == (2, 16)
    assert (found["all"]["right"]["share"], found["all"]["within_one"]["share"]) == (0.5, 1)
    assert found["chance"] == {"right": 0.125, "within_one": 0.375}
    assert (held / "heard.png").read_bytes().startswith(b"\x89PNG")
    assert moodscore("measure", "listening", held / "results-0.json") == 0
    out = capsys.readouterr()
    assert "100% [68%, 100%]" in out.out
    assert "guessing" in out.out
    assert "1 participant" in out.err


def test_files_that_are_no_answers_are_named_on_one_line(held, tmp_path, capsys):
    (tmp_path / "else.json").write_text("{}", "utf-8")
    (tmp_path / "binary.json").write_bytes(bytes(range(256)))
    (tmp_path / "mine.json").write_bytes((held / "results-0.json").read_bytes())
    key = ["--key", held / "page.key.json"]
    for options, says in (
        ([tmp_path / "else.json", *key], "else.json: expected the answers of a listening test"),
        ([tmp_path / "binary.json", *key], "binary.json: expected a file of a listening test"),
        ([tmp_path / "none.json", *key], "none.json: expected a file of a listening test"),
        ([tmp_path / "mine.json"], "mine.json: expected the test's key beside it"),
        ([tmp_path / "mine.json", held / "results-0.json", *key], "got the same"),
        ([held / "results-0.json", "--key", held / "results-1.json"], "results-1.json: expected the key"),
    ):
        assert moodscore("measure", "listening", *options) == 2
        lines = capsys.readouterr().err.strip().splitlines()
        assert len(lines) == 1, lines
        assert says in lines[0]
