import numpy as np
import pytest

torch = pytest.importorskip("torch")

from moodscore.learn.models import face_detector as detector  # noqa: E402
from moodscore.learn.models.expression_net import ExpressionNet  # noqa: E402
from moodscore.learn.models.vgg16_fer import Vgg16  # noqa: E402


@pytest.fixture(autouse=True)
def _one_thread():
    torch.set_num_threads(1)
    torch.manual_seed(0)


@pytest.mark.parametrize("size", [(64, 96), (320, 32)])
def test_the_detector_takes_any_size_of_whole_strides(size):
    maps = detector.FaceDetector().eval()(torch.zeros(1, 3, *size))
    assert [tuple(m.shape) for m in maps] == [(1, 15, size[0] // s, size[1] // s) for s in detector.STRIDES]


def test_the_detector_fits_its_budget():
    assert sum(p.numel() for p in detector.FaceDetector().parameters()) * 4 < 2_000_000


def test_each_box_is_answered_for_at_the_stride_of_its_size():
    maps = [torch.zeros(1, 15, 256 // s, 256 // s) for s in detector.STRIDES]
    _, centres, strides = detector.cells(maps)
    boxes = torch.tensor([[20.0, 20.0, 40.0, 44.0], [60.0, 60.0, 130.0, 140.0], [20.0, 20.0, 230.0, 240.0]])
    chosen, silent = detector.assigned(boxes, torch.ones(3), centres, strides)
    for index, expected in enumerate([{8.0}, {16.0}, {32.0}]):
        assert set(strides[chosen == index].tolist()) == expected
        middle = (boxes[index, :2] + boxes[index, 2:]) / 2
        assert ((centres[chosen == index] - middle).abs() < 1.25 * max(expected)).all()
    assert not silent.any()


def test_cells_inside_an_unknown_box_say_nothing():
    maps = [torch.zeros(1, 15, 128 // s, 128 // s) for s in detector.STRIDES]
    _, centres, strides = detector.cells(maps)
    chosen, silent = detector.assigned(torch.tensor([[0.0, 0.0, 64.0, 64.0]]), torch.zeros(1), centres, strides)
    assert (chosen == -1).all()
    assert torch.equal(silent, ((centres < 64) & (centres > 0)).all(1))


def test_overlap_of_the_same_box_is_one_and_of_far_boxes_negative_when_generalised():
    box = torch.tensor([[0.0, 0.0, 10.0, 10.0]])
    assert detector.pair_overlap(box, box)[0].item() == pytest.approx(1)
    iou, giou = detector.pair_overlap(box, box + 30)
    assert iou.item() == 0
    assert giou.item() < 0


def test_a_perfect_answer_costs_less_than_an_untrained_one():
    box = torch.tensor([[40.0, 40.0, 80.0, 90.0]])
    landmarks = torch.tensor([[50.0, 55, 70, 55, 60, 65, 53, 78, 67, 78]])
    truth = [(box, torch.ones(1), landmarks)]
    maps = [torch.zeros(1, 15, 128 // s, 128 // s) for s in detector.STRIDES]
    plain = float(detector.detection_loss(maps, truth))
    _, centres, strides = detector.cells(maps)
    chosen, _ = detector.assigned(box, torch.ones(1), centres, strides)
    flat = torch.zeros(1, len(centres), 15)
    flat[..., 0] = -12
    hit = chosen == 0
    reach = torch.cat([centres - box[0, :2], box[0, 2:] - centres], 1) / strides[:, None]
    flat[0, hit, 0] = 12.0
    flat[0, hit, 1:5] = reach[hit].clamp_min(1e-3).log()
    flat[0, hit, 5:] = (landmarks[0] - centres[hit].repeat(1, 5)) / strides[hit, None]
    sides = [128 // s for s in detector.STRIDES]
    parts = flat.split([s * s for s in sides], 1)
    best = [p.transpose(1, 2).reshape(1, 15, s, s) for p, s in zip(parts, sides, strict=True)]
    assert float(detector.detection_loss(best, truth)) < 0.01 * plain


def test_a_batch_without_faces_has_a_loss_that_can_be_learnt_from():
    net = detector.FaceDetector()
    nothing = (torch.zeros(0, 4), torch.zeros(0), torch.zeros(0, 10))
    loss = detector.detection_loss(net(torch.rand(2, 3, 64, 64)), [nothing, nothing])
    loss.backward()
    assert torch.isfinite(loss)
    assert net.head.bias.grad is not None


def test_expression_answers_do_not_depend_on_light_or_contrast():
    net = ExpressionNet().eval()
    x = torch.from_numpy(np.random.default_rng(0).integers(60, 200, (2, 1, 48, 48)).astype(np.float32))
    with torch.no_grad():
        plain, darker = net(x), net(x * 0.5 + 20)
    for one, other in zip(plain, darker, strict=True):
        assert one.shape == (2, 7)
        assert torch.allclose(one, other, atol=0.05)


def test_a_blank_face_is_answered_with_finite_numbers():
    with torch.no_grad():
        assert all(torch.isfinite(a).all() for a in ExpressionNet().eval()(torch.full((1, 1, 48, 48), 7.0)))


def test_vgg16_has_its_thirteen_convolutions_and_three_layers():
    net = Vgg16()
    assert sum(isinstance(m, torch.nn.Conv2d) for m in net.modules()) == 13
    assert sum(isinstance(m, torch.nn.Linear) for m in net.modules()) == 3
    probs = net.probabilities(torch.rand(2, 1, 48, 48) * 255)
    assert torch.allclose(probs.sum(1), torch.ones(2))
