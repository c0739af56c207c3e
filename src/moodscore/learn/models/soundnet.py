"""SoundNet: eight convolutions over the raw wave. The sound stream of the film-affect net.

Source: Y. Aytar, C. Vondrick & A. Torralba, "SoundNet: learning sound representations from unlabeled video", NIPS 2016,
table 1: filters 16 32 64 128 256 512 1024, sizes 64 32 16 8 4 4 4, stride 2, pooling by 8, 8 and 4 after the first, second
and fifth; the eighth answers with 1,000 object and 401 scene scores. 14,352,713 parameters with it, 2,874,320 without.
The lengths of that table come out only when pooling steps by its own size, as the released net does, so it does here.
"""

from __future__ import annotations

from collections.abc import Mapping

from moodscore.errors import BadWeights, MissingExtra

try:
    from torch import Tensor, nn
    from torch.nn import functional
except ModuleNotFoundError as error:
    raise MissingExtra("training", "learn") from error

RATE = 22050  # Hz, mono
SCALE = 256.0  # the released net hears samples of -256..256
OBJECTS, SCENES = 1000, 401
CHANNELS = 1024
# (filters, size, padding, pooling behind it) of conv1..conv7; every stride is 2.
_LAYERS = (
    (16, 64, 32, 8),
    (32, 32, 16, 8),
    (64, 16, 8, 1),
    (128, 8, 4, 1),
    (256, 4, 2, 4),
    (512, 4, 2, 1),
    (1024, 4, 2, 1),
)


class SoundNet(nn.Module):
    """Waves (n, samples) in [-1, 1] at 22,050 Hz -> features (n, 1024, steps) of conv7, a step for 1.3 s.

    With `heads` it also has conv8, and `scores` gives objects (n, 1000, steps) and scenes (n, 401, steps). Waves must be at
    least `SHORTEST` samples long.
    """

    def __init__(self, heads: bool = False) -> None:
        super().__init__()
        before = 1
        for number, (filters, size, padding, _) in enumerate(_LAYERS, 1):
            self.add_module(f"conv{number}", nn.Conv1d(before, filters, size, 2, padding))
            self.add_module(f"batchnorm{number}", nn.BatchNorm1d(filters))
            before = filters
        self.conv8_objs = nn.Conv1d(before, OBJECTS, 8, 2) if heads else None
        self.conv8_scns = nn.Conv1d(before, SCENES, 8, 2) if heads else None

    def forward(self, waves: Tensor) -> Tensor:
        x = waves.unsqueeze(1) * SCALE
        for number, (_, _, _, pool) in enumerate(_LAYERS, 1):
            x = self.get_submodule(f"batchnorm{number}")(self.get_submodule(f"conv{number}")(x))
            x = functional.relu(x)
            x = functional.max_pool1d(x, pool) if pool > 1 else x
        return x

    def scores(self, waves: Tensor) -> tuple[Tensor, Tensor]:
        """Object and scene scores before softmax. Raises BadWeights when the net was made without heads."""
        if self.conv8_objs is None or self.conv8_scns is None:
            raise BadWeights("soundnet: expected a net with conv8, got one without; make it with heads=True")
        heard = self(waves)
        return self.conv8_objs(heard), self.conv8_scns(heard)


def steps(samples: int) -> int:
    """How many steps the features of so many samples have; 0 when they are too few."""
    for _, size, padding, pool in _LAYERS:
        samples = ((samples + 2 * padding - size) // 2 + 1) // pool
        if samples < 1:
            return 0
    return samples


SHORTEST = next(n for n in range(1, RATE) if steps(n) >= 1)


def load_published(net: SoundNet, stored: Mapping[str, Tensor]) -> None:
    """Give `net` published weights (a state dict), also of the nets that keep the wave as a picture of one pixel's width.

    Raises BadWeights, saying what is missing, when they belong to another net.
    """
    ours = net.state_dict()
    squeezed = {k: v.squeeze(-1) if v.ndim == 4 else v for k, v in stored.items()}
    fitting = {k: v for k, v in squeezed.items() if k in ours and v.shape == ours[k].shape}
    missing = sorted(k for k in ours if k not in fitting and not k.endswith("num_batches_tracked"))
    if missing:
        raise BadWeights(
            f"soundnet: expected weights of the 8-layer SoundNet, got a file in which {len(missing)} are missing or of "
            f"another shape, first {missing[0]!r}; give a state dict with conv1 .. conv7 and batchnorm1 .. batchnorm7"
        )
    net.load_state_dict(ours | fitting)
