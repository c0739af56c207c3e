import numpy as np
import pytest

from moodscore.errors import BadMedia
from moodscore.learn.data import fer2013

HAPPY, SAD = 3, 4


def votes(**counts):
    names = ("neutral", "happiness", "surprise", "sadness", "anger", "disgust", "fear", "contempt", "unknown", "nf")
    return [counts.get(name, 0) for name in names]


@pytest.fixture
def pack(tmp_path):
    """Forty training faces, of which row 1 repeats row 0 with another label and row 2 stands in the test split, too."""
    rng = np.random.default_rng(0)
    image = rng.integers(0, 255, (42, 48, 48), np.uint8)
    image[1] = image[0]
    image[40] = image[2]
    label = np.full(42, HAPPY, np.uint8)
    label[1] = SAD
    split = np.array([0] * 40 + [1] * 2, np.uint8)
    counts = np.tile(np.array(votes(happiness=8, unknown=2), np.uint8), (42, 1))
    duplicate = np.arange(42) == 2
    path = tmp_path / "faces.npz"
    np.savez(path, image=image, label=label, split=split, ferplus_votes=counts, duplicate_of_valid=duplicate)
    return path


def test_votes_become_distributions_over_our_seven_classes():
    counts = np.array([votes(happiness=6, sadness=2, contempt=2), votes(nf=10), [255] * 10], np.uint8)
    distributions, trust = fer2013.vote_distributions(counts)
    assert distributions[0, HAPPY] == pytest.approx(0.75)
    assert distributions[0, SAD] == pytest.approx(0.25)
    assert np.allclose(distributions[1:], 1 / 7)
    assert trust == pytest.approx([0.8, 0, 0])


def test_every_vote_lands_on_the_class_of_its_name():
    order = ("anger", "disgust", "fear", "happiness", "sadness", "surprise", "neutral")
    counts = np.array([votes(**{name: 10}) for name in order], np.uint8)
    assert np.array_equal(fer2013.vote_distributions(counts)[0], np.eye(7))


def test_training_drops_test_pictures_and_merges_identical_ones(pack):
    learn, held = fer2013.training(pack, holdout_share=0.3)
    assert len(learn) + len(held) == 38
    both = np.concatenate([learn.labels, held.labels])
    assert np.count_nonzero((both[:, HAPPY] == 0.5) & (both[:, SAD] == 0.5)) == 1
    test = {image.tobytes() for image in fer2013.public_test(pack).images}
    assert not test & {image.tobytes() for image in np.concatenate([learn.images, held.images])}


def test_the_held_out_share_is_the_same_every_time_and_apart(pack):
    learn, held = fer2013.training(pack, holdout_share=0.3)
    again = fer2013.training(pack, holdout_share=0.3)[1]
    assert np.array_equal(held.images, again.images)
    assert 0 < len(held) < len(learn)
    assert not {i.tobytes() for i in held.images} & {i.tobytes() for i in learn.images}


def test_a_file_that_is_no_pack_is_named(tmp_path):
    path = tmp_path / "other.npz"
    np.savez(path, image=np.zeros(3))
    with pytest.raises(BadMedia, match=r"other\.npz"):
        fer2013.training(path)
