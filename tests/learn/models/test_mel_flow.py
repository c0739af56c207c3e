"""The flow net has the size it should, listens to everything it is told, learns, and is the same as ONNX."""

import numpy as np
import pytest
import torch

from moodscore.learn import export_flow
from moodscore.learn.models.mel_flow import MelFlow, Shape
from moodscore.music.diffusion_wishes import WIDTH
from moodscore.weights.session import Session

SMALL = Shape(patch=12, width=16, layers=2, heads=2, inner=32)


def inputs(n=2, t=6, seed=0):
    rng = torch.Generator().manual_seed(seed)
    known = torch.zeros(n, t)
    known[:, 0] = 1
    return (
        torch.randn(n, t, 12, generator=rng),
        torch.rand(n, generator=rng),
        known,
        torch.rand(n, t, WIDTH, generator=rng),
    )


@pytest.fixture
def net():
    """A small net that is not as it was born, when it answers nothing."""
    torch.manual_seed(0)
    net = MelFlow(SMALL)
    with torch.no_grad():
        for parameter in net.parameters():
            parameter.add_(0.1 * torch.randn_like(parameter))
    return net.eval()


def test_the_net_that_ships_has_between_five_and_twenty_million_parameters():
    assert 5e6 < sum(p.numel() for p in MelFlow().parameters()) < 20e6


def test_it_listens_to_noise_time_what_is_known_and_every_wish(net):
    given = inputs()
    with torch.no_grad():
        said = net(given)
        assert said.shape == (2, 6, 12)
        for k in range(4):
            changed = [x.clone() for x in given]
            changed[k] = changed[k] + 0.5
            assert not torch.allclose(net(tuple(changed)), said, atol=1e-4)


def test_a_window_may_be_anywhere_positions_only_tell_distances(net):
    noisy, time, known, wishes = inputs(t=8)
    with torch.no_grad():
        alone = net((noisy, time, known, wishes))
        turned = net((noisy.flip(1), time, known.flip(1), wishes.flip(1))).flip(1)
    assert not torch.allclose(alone, turned, atol=1e-4)


def test_it_learns_to_draw_one_thing():
    torch.manual_seed(0)
    net, target = MelFlow(SMALL), torch.randn(1, 6, 12)
    optimizer = torch.optim.AdamW(net.parameters(), 1e-2)
    losses = []
    for step in range(60):
        noisy, time, known, wishes = inputs(8, seed=step)
        mixed = (1 - time[:, None, None]) * noisy + time[:, None, None] * target
        loss = ((net((mixed, time, known, wishes)) - target) ** 2).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < 0.1 * losses[0]


def test_as_onnx_it_answers_the_same_for_any_number_of_windows(net, tmp_path):
    path = tmp_path / "flow.onnx"
    checksum = export_flow.flow_to_onnx(net, path, 6)
    assert len(checksum) == 64
    session = Session(path.read_bytes(), "flow")
    for n in (1, 3):
        given = inputs(n)
        said = session.run(dict(zip(export_flow.INPUTS, (x.numpy() for x in given), strict=True)))["clean"]
        with torch.no_grad():
            assert np.allclose(said, net(given).numpy(), atol=1e-4)
