"""The nets that learn film genres, each with the study's hyperparameters and a quick variant of them.

Where the study prints no optimizer (FC, FlowNet-S) it is SGD as for its other nets, and where it prints no learning rate
(FC, and the nets built on Inception) that of the net it is built on: decisions of this project.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from moodscore.errors import BadValue, BadWeights, MissingExtra
from moodscore.learn.models.double_stack import DoubleStack
from moodscore.learn.models.flownet_s import FlowNetGenre
from moodscore.learn.models.frame_fc import HEIGHT, WIDTH, FrameFC
from moodscore.learn.models.inception_v3 import InceptionV3
from moodscore.learn.models.lite_genre import LiteGenre
from moodscore.learn.models.motion_magnitude import MotionMagnitudeStack
from moodscore.learn.models.resnet50 import ResNet50
from moodscore.learn.models.two_frame_inception import TwoFrameInception
from moodscore.learn.models.vgg16 import VGG16
from moodscore.learn.train import TrainConfig
from moodscore.schemes import GENRES

try:
    import torch
    from safetensors import SafetensorError
    from safetensors.torch import load_file
    from torch import Tensor, nn
except ModuleNotFoundError as error:
    raise MissingExtra("training", "learn") from error

CLASSES = len(GENRES.labels)
_OPTIONAL = ("AuxLogits.",)


@dataclass(frozen=True, slots=True)
class Preset:
    """How a net is trained: the loop's config, frames of (width, height) pixels, channels relative to the paper's.

    `mirror` shows half of the training pairs mirrored, both frames alike.
    """

    config: TrainConfig
    size: tuple[int, int]
    width: float = 1.0
    mirror: bool = False


@dataclass(frozen=True, slots=True)
class GenreNet:
    """A net by name: how it is made for a preset, whether it looks at two frames, its smallest frame, and its presets."""

    name: str
    make: Callable[[Preset], nn.Module]
    two_frames: bool
    least_size: int
    presets: Mapping[str, Preset]

    def preset(self, name: str) -> Preset:
        """A preset by name; raises BadValue when the net has none of that name."""
        if name not in self.presets:
            raise BadValue(f"{self.name}: expected a preset out of {', '.join(self.presets)}, got {name!r}")
        return self.presets[name]


def _plain(epochs: int, batch_size: int, learning_rate: float, optimizer: str, decay: float = 1.0) -> TrainConfig:
    return TrainConfig(
        epochs, batch_size, learning_rate, weight_decay=0.0, optimizer=optimizer, flip=False, cosine=False, decay=decay
    )


_QUICK = TrainConfig(epochs=10, batch_size=32, learning_rate=1e-3, flip=False)


def _net(name: str, made: Callable[[Preset], nn.Module], two_frames: bool, least: int, paper: Preset) -> GenreNet:
    small = max(least, 96)
    quick = Preset(_QUICK, (small, small), 0.25, mirror=True)
    return GenreNet(name, made, two_frames, least, {"paper": paper, "quick": quick})


_SGD, _ADAM = (0.001, "sgd"), (1e-4, "adam")
NETS: Mapping[str, GenreNet] = {
    net.name: net
    for net in (
        GenreNet(
            "fc",
            lambda p: FrameFC(CLASSES, (p.size[1], p.size[0])),
            False,
            1,
            {
                "paper": Preset(_plain(50, 128, *_SGD), (WIDTH, HEIGHT)),
                "quick": Preset(_QUICK, (WIDTH, HEIGHT), mirror=True),
            },
        ),
        _net("vgg16", lambda p: VGG16(CLASSES, p.width), False, 32, Preset(_plain(100, 128, *_SGD), (224, 224))),
        _net("resnet50", lambda p: ResNet50(CLASSES, p.width), False, 32, Preset(_plain(30, 128, *_SGD), (224, 224))),
        _net(
            "flownet_s",
            lambda p: FlowNetGenre(CLASSES, p.width),
            True,
            16,
            Preset(_plain(60, 64, 0.01, "sgd", decay=0.96), (224, 224)),
        ),
        _net(
            "inception_v3",
            lambda p: InceptionV3(CLASSES, 3, p.width),
            False,
            75,
            Preset(_plain(20, 128, *_ADAM), (299, 299)),
        ),
        _net(
            "two_frame_inception",
            lambda p: TwoFrameInception(CLASSES, p.width),
            True,
            75,
            Preset(_plain(20, 64, *_ADAM), (299, 299)),
        ),
        _net(
            "double_stack",
            lambda p: DoubleStack(CLASSES, p.width),
            True,
            75,
            Preset(_plain(50, 64, *_ADAM), (299, 299)),
        ),
        _net(
            "motion_magnitude",
            lambda p: MotionMagnitudeStack(CLASSES, p.width),
            True,
            75,
            Preset(_plain(50, 64, *_ADAM), (299, 299)),
        ),
        GenreNet(
            "lite0",
            lambda p: LiteGenre(CLASSES),
            False,
            32,
            {"quick": Preset(replace(_QUICK, learning_rate=3e-4), (160, 160), mirror=True)},
        ),
    )
}


def net_named(name: str) -> GenreNet:
    """A net by its name; raises BadValue, naming all, when there is none."""
    if name not in NETS:
        raise BadValue(f"model: expected one of {', '.join(NETS)}, got {name!r}")
    return NETS[name]


def start_from(net: nn.Module, path: Path) -> int:
    """Give a net the ImageNet weights of a .safetensors file; returns how many of its tensors were set.

    Names are those of the usual PyTorch checkpoints of VGG16, ResNet50 and Inception v3. The classifier is left as it is
    unless it has the same shape; a first layer for two frames gets half of the weights for each. Raises BadWeights, naming
    tensors and shapes, when the file is not of this net, BadValue when the net has no ImageNet weights.
    """
    target = net.get_submodule(str(net.backbone)) if hasattr(net, "backbone") else net
    if not hasattr(target, "first"):
        raise BadValue("--weights: expected a net built on VGG16, ResNet50 or Inception v3; leave the option out")
    try:
        given = load_file(path)
    except (OSError, SafetensorError) as error:
        raise BadWeights(f"{path}: expected weights in the safetensors format, got {error}") from error
    own = {k: v for k, v in target.state_dict().items() if not k.endswith("num_batches_tracked")}
    tops = tuple(f"{name}." for name in target.top)  # type: ignore[union-attr]
    taken = {name: _fitting(value, given[name]) for name, value in own.items() if name in given}
    missing = [name for name in own if name not in given and not name.startswith(tops + _OPTIONAL)]
    wrong = [name for name, value in taken.items() if value is None and not name.startswith(tops)]
    unknown = [
        name
        for name in given
        if name not in own and not name.startswith(tops + _OPTIONAL) and "num_batches" not in name
    ]
    if missing or wrong or unknown:
        raise BadWeights(f"{path}: {_unfit(own, given, (missing, wrong, unknown))}")
    fits = {name: value for name, value in taken.items() if value is not None}
    target.load_state_dict(fits, strict=False)
    return len(fits)


def _fitting(own: Tensor, given: Tensor) -> Tensor | None:
    """The given tensor in the shape of our own, or None where it has another."""
    if given.shape == own.shape:
        return given
    if own.ndim == 4 and own.shape[1] == 6 and (own.shape[0], 3, *own.shape[2:]) == tuple(given.shape):
        return torch.cat((given, given), 1) / 2
    return None


def _unfit(own: Mapping[str, Tensor], given: Mapping[str, Tensor], faults: tuple[list[str], ...]) -> str:
    missing, wrong, unknown = faults
    said = []
    if wrong:
        one = wrong[0]
        said.append(f"{one} is {tuple(given[one].shape)} instead of {tuple(own[one].shape)}")
    if missing:
        said.append(f"{missing[0]} and {len(missing) - 1} more are missing")
    if unknown:
        said.append(f"{unknown[0]} and {len(unknown) - 1} more are not of this net")
    return (
        f"expected the published weights of this net at full width, got others: {'; '.join(said)}. "
        "Give the file of this net, and do not narrow it (--width 1)"
    )
