import numpy as np
import pytest

from moodscore.errors import BadValue
from moodscore.media import Photo
from moodscore.reading import Reading
from moodscore.schemes import GENRES, Labels
from moodscore.see import genre


def photo(seed):
    pixels = np.random.default_rng(seed).integers(0, 256, (90, 160, 3), np.uint8)
    return Photo(pixels, "frame", (160, 90))


def reading(probs):
    labels = Labels.of("genre", probs)
    return Reading(labels.expectation, labels, max(labels.probs), "test@1", labels.spread)


def test_two_frames_suffice_for_a_distribution_over_the_six_genres():
    found = genre.perceive(photo(1), photo(2))
    assert found.labels.scheme == "genre"
    assert sum(found.labels.probs) == pytest.approx(1.0)
    assert found.confidence == max(found.labels.probs)
    assert found.source.startswith("genre@")


def test_a_pair_is_read_as_the_mean_of_its_frames():
    one, other = genre.perceive(photo(1), photo(1)), genre.perceive(photo(2), photo(2))
    both = genre.perceive(photo(1), photo(2))
    means = (np.array(one.labels.probs) + other.labels.probs) / 2
    assert np.allclose(both.labels.probs, means, atol=1e-6)


def test_a_pair_that_could_be_anything_hardly_counts():
    sure, unsure = reading([0.94, 0.02, 0.01, 0.01, 0.01, 0.01]), reading([1 / 6] * 6)
    found = genre.verdict([sure, *[unsure] * 20])
    assert found.labels.top.name == "action"
    assert found.labels["action"] > 0.8


def test_the_strongest_evidence_is_spread_over_the_clip():
    pairs = [genre.Evidence(k / 4, reading(np.roll([0.5, 0.1, 0.1, 0.1, 0.1, 0.1], k % 6))) for k in range(80)]
    found = genre.strongest(pairs, "action", 4)
    assert all(e.reading.labels.top.name == "action" for e in found)
    times = sorted(e.time_s for e in found)
    assert len(times) == 4
    assert min(np.diff(times)) >= 1.0


def test_without_frames_there_is_no_verdict():
    with pytest.raises(BadValue, match="pairs"):
        genre.verdict([])
    with pytest.raises(BadValue, match="embeddings"):
        genre.of_embeddings(np.zeros((0, 1280), np.float32))


def test_the_card_is_honest_about_where_it_learnt():
    from moodscore.weights import store

    card = store.card("genre")
    assert card.scheme == "genre"
    assert any("posters" in limit.lower() for limit in card.limits)
    assert tuple(GENRES.names) == ("action", "horror", "romance", "ani2d", "ani3d", "sf")
