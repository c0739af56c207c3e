import numpy as np
import torch

from moodscore.learn.export_music import step_to_onnx
from moodscore.learn.models.music_transformer import MusicTransformer, Shape, Step
from moodscore.learn.train import TrainConfig, fit
from moodscore.music.conditions import WIDTH
from moodscore.music.tokens import VOCABULARY
from moodscore.weights.session import Session

TINY = Shape(width=32, layers=2, heads=2, inner=48, reach=24)


def tiny():
    torch.manual_seed(3)
    net = MusicTransformer(TINY).eval()
    with torch.no_grad():
        for block in net.blocks:
            block.relation.normal_()
            block.join.weight.normal_(std=0.3)
    return net


def inputs(count, length):
    rng = torch.Generator().manual_seed(5)
    return torch.randint(0, VOCABULARY, (count, length), generator=rng), torch.randn(
        count, length, WIDTH, generator=rng
    )


def test_a_token_hears_the_past_its_distance_and_what_is_asked_and_never_the_future():
    net, (ids, said) = tiny(), inputs(1, 16)
    with torch.no_grad():
        plain = net((ids, said))
        later = ids.clone()
        later[0, 10] += 1
        changed = net((later % VOCABULARY, said))
        asked = said.clone()
        asked[0, 10] += 1
        told = net((ids, asked))
    for other in (changed, told):
        assert torch.equal(plain[0, :10], other[0, :10])
        assert (plain[0, 10:] - other[0, 10:]).abs().max() > 1e-3


def test_skewed_relations_are_those_of_each_distance():
    net, (ids, said) = tiny(), inputs(1, 12)
    block, x = net.blocks[0], net.begun(ids, said)
    with torch.no_grad():
        query, key, value = block.queries(x)
        logits = torch.full((2, 12, 12), -1e4)
        for i in range(12):
            for j in range(i + 1):
                logits[:, i, j] = (query[0, :, i] * (key[0, :, j] + block.relation[:, i - j])).sum(-1)
        slow = block.finish(x, logits.softmax(-1)[None] @ value)
        torch.testing.assert_close(block(x, torch.full((12, 12), -1e4).triu(1)), slow, atol=1e-5, rtol=1e-5)


def test_steps_with_a_cache_say_what_the_whole_says():
    net, (ids, said) = tiny(), inputs(2, 20)
    past, at = torch.full((2, 2, 2, 2, 22, 16), 9.0), 0
    with torch.no_grad():
        whole = net((ids, said))
        for count in (3, 1, 1, 5, 1, 1, 1, 7):
            logits, made = Step(net)(ids[:, at : at + count], said[:, at : at + count], past, torch.tensor(at))
            past[..., at : at + count, :] = made
            at += count
            torch.testing.assert_close(logits, whole[:, at - 1], atol=1e-4, rtol=1e-4)


def test_the_file_says_token_by_token_what_the_net_says(tmp_path):
    net, (ids, said) = tiny().half().float(), inputs(2, 20)  # values that float16 holds exactly
    step_to_onnx(net, tmp_path / "net.onnx")
    data = (tmp_path / "net.onnx").read_bytes()
    session = Session(data, "net")
    past = np.zeros((2, 2, 2, 2, 24, 16), np.float32)
    with torch.no_grad():
        whole = net((ids, said)).numpy()
    for k in range(20):
        feeds = {"ids": ids[:, k : k + 1].numpy(), "conditions": said[:, k : k + 1].numpy()}
        answer = session.run(feeds | {"past": past, "length": np.array(k)})
        past[..., k : k + 1, :] = answer["made"]
        np.testing.assert_allclose(answer["logits"], whole[:, k], atol=2e-4, rtol=1e-3)
    feeds = {
        "ids": ids[:1].numpy(),
        "conditions": said[:1].numpy(),
        "past": past[:, :, :1, :, :1],
        "length": np.array(0),
    }
    np.testing.assert_allclose(session.run(feeds)["logits"], whole[:1, -1], atol=2e-4, rtol=1e-3)
    assert len(data) < 2 * sum(p.numel() for p in net.parameters()) + 120_000


class OnePiece:
    """The same batch again and again."""

    def __len__(self):
        return 60

    def epoch(self, number, config, progress):
        ids, said = inputs(4, 24)
        for _ in range(60):
            yield (ids[:, :-1], said[:, :-1]), ids[:, 1:]


def test_the_one_loop_teaches_it(tmp_path):
    net = MusicTransformer(TINY)

    def loss(said, aims):
        return torch.nn.functional.cross_entropy(said.float().flatten(0, 1), aims.flatten())

    config = TrainConfig(epochs=2, learning_rate=1e-2, batch_size=4, warmup=10, clip_norm=1.0)
    log = fit(net, (OnePiece(), None), config, tmp_path / "run", (loss, lambda said, aims: 0.0))
    assert log[-1]["loss"] < 0.8 * log[0]["loss"]
    assert log[-1]["loss"] < 0.45 * np.log(VOCABULARY)  # what guessing would cost
