"""Music Transformer: a decoder with relative self-attention, told beside each token what is asked of the bar.

C.-Z. A. Huang et al., "Music Transformer: generating music with long-term structure", ICLR 2019 (arXiv 2018): relative
position logits by skewing. Layer norms come first, the output shares the embedding's weights.
"""

from __future__ import annotations

from dataclasses import dataclass

from moodscore.errors import MissingExtra
from moodscore.music.conditions import WIDTH
from moodscore.music.tokens import VOCABULARY

try:
    import torch
    from torch import Tensor, nn
    from torch.nn import functional
except ModuleNotFoundError as error:
    raise MissingExtra("training", "learn") from error


@dataclass(frozen=True, slots=True)
class Shape:
    """The net's size.

    Model width, layers, heads, width of the feed-forward layers, and how far back relations reach.
    """

    width: int = 256
    layers: int = 5
    heads: int = 4
    inner: int = 1024
    reach: int = 512


class Block(nn.Module):
    """One layer: relative self-attention and a feed-forward net, each added to what came in."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        d = shape.width
        self.heads, self.reach = shape.heads, shape.reach
        self.first_norm, self.second_norm = nn.LayerNorm(d), nn.LayerNorm(d)
        self.attend = nn.Linear(d, 3 * d, bias=False)
        self.join = nn.Linear(d, d, bias=False)
        self.widen, self.narrow = nn.Linear(d, shape.inner), nn.Linear(shape.inner, d)
        # relation[h, k] is what head h sees in a distance of k tokens
        self.relation = nn.Parameter(torch.randn(shape.heads, shape.reach, d // shape.heads) * 0.02)

    def queries(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Queries, keys and values (n, heads, t, d / heads) of x (n, t, d); queries are scaled."""
        n, t, d = x.shape
        both = self.attend(self.first_norm(x)).view(n, t, 3, self.heads, d // self.heads).permute(2, 0, 3, 1, 4)
        return both[0] * (d // self.heads) ** -0.5, both[1], both[2]

    def finish(self, x: Tensor, seen: Tensor) -> Tensor:
        """The layer's answer from what attention saw (n, heads, t, d / heads)."""
        n, t, d = x.shape
        x = x + self.join(seen.transpose(1, 2).reshape(n, t, d))
        out: Tensor = x + self.narrow(functional.gelu(self.widen(self.second_norm(x)), approximate="tanh"))
        return out

    def forward(self, x: Tensor, future: Tensor) -> Tensor:
        """X (n, t, d) with t at most `reach`; `future` (t, t) is 0, and -inf above the diagonal."""
        t = x.shape[1]
        query, key, value = self.queries(x)
        # Skewing: column c of the product is distance t - 1 - c; a padded column and a reshape line the distances up.
        far = query @ self.relation[:, :t].flip(1).transpose(1, 2).to(query.dtype)
        n, heads = far.shape[:2]
        skewed = functional.pad(far, (1, 0)).view(n, heads, t + 1, t)[:, :, 1:]
        logits = query @ key.transpose(2, 3) + skewed + future.to(query.dtype)
        return self.finish(x, logits.softmax(-1).to(value.dtype) @ value)


class MusicTransformer(nn.Module):
    """Logits (n, t, vocabulary) for tokens (n, t) and conditions (n, t, c) (see `conditions.vectors`)."""

    def __init__(self, shape: Shape | None = None) -> None:
        super().__init__()
        self.shape = shape = shape or Shape()
        self.embed = nn.Embedding(VOCABULARY, shape.width)
        self.condition = nn.Sequential(
            nn.Linear(WIDTH, shape.width), nn.GELU(approximate="tanh"), nn.Linear(shape.width, shape.width)
        )
        self.blocks = nn.ModuleList(Block(shape) for _ in range(shape.layers))
        self.norm = nn.LayerNorm(shape.width)
        self.bias = nn.Parameter(torch.zeros(VOCABULARY))
        nn.init.normal_(self.embed.weight, std=0.04)
        for block in self.blocks:
            assert isinstance(block, Block)
            for layer in (block.join, block.narrow):
                nn.init.normal_(layer.weight, std=0.02 / (2 * shape.layers) ** 0.5)

    def begun(self, ids: Tensor, conditions: Tensor) -> Tensor:
        """What enters the first layer, (n, t, d)."""
        said: Tensor = self.embed(ids) + self.condition(conditions)
        return said

    def ended(self, x: Tensor) -> Tensor:
        """Logits from what leaves the last layer."""
        return functional.linear(self.norm(x), self.embed.weight, self.bias)

    def forward(self, inputs: tuple[Tensor, Tensor]) -> Tensor:
        """Logits (n, t, vocabulary) for inputs (ids, conditions)."""
        ids, conditions = inputs
        x = self.begun(ids, conditions)
        t = ids.shape[1]
        future = torch.full((t, t), -1e4, device=x.device).triu(1)
        for block in self.blocks:
            x = block(x, future)
        return self.ended(x)


class Step(nn.Module):
    """The net with a key-value cache, for generation: what `export` writes.

    ids (n, t) int64, conditions (n, t, c), past (layers, 2, n, heads, p, d / heads), length () int64: how many of the
    p places hold something (the first `length` ones; the rest is masked). Returns logits (n, vocabulary) of the last
    token and the keys and values of these t tokens (layers, 2, n, heads, t, d / heads), which the caller writes at
    places length .. length + t. Distances beyond the net's reach count as its furthest.
    """

    def __init__(self, net: MusicTransformer) -> None:
        super().__init__()
        self.net = net

    def forward(self, ids: Tensor, conditions: Tensor, past: Tensor, length: Tensor) -> tuple[Tensor, Tensor]:
        """One step for all of n sequences."""
        net = self.net
        t, p = ids.shape[1], past.shape[4]
        here, old = torch.arange(t), torch.arange(p)
        back = (length + here[:, None] - old[None, :]).clamp(0, net.shape.reach - 1)
        own = (here[:, None] - here[None, :]).clamp(0, net.shape.reach - 1)
        unused = torch.where(old[None, :] < length, 0.0, -1e9)
        future = torch.where(here[:, None] >= here[None, :], 0.0, -1e9)
        x = net.begun(ids, conditions)
        made = []
        for number, block in enumerate(net.blocks):
            assert isinstance(block, Block)
            query, key, value = block.queries(x)
            far = query @ block.relation.transpose(1, 2)
            n, heads = far.shape[:2]
            before = query @ past[number, 0].transpose(2, 3) + far.gather(3, back.expand(n, heads, t, p)) + unused
            now = query @ key.transpose(2, 3) + far.gather(3, own.expand(n, heads, t, t)) + future
            weights = torch.cat([before, now], 3).softmax(-1)
            seen = weights[..., :p] @ past[number, 1] + weights[..., p:] @ value
            x = block.finish(x, seen)
            made.append(torch.stack([key, value]))
        return net.ended(x[:, -1]), torch.stack(made)
