"""Riffusion canvas: the one place that runs Stable Diffusion; imported when something is painted, as it needs the extra.

A picture wider than 512 columns is painted whole: at every step the net looks at overlapping windows and their answers are
averaged (O. Bar-Tal et al., "MultiDiffusion", ICML 2023); of a loop the canvas is a ring.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from moodscore.music import spectrogram
from moodscore.music.riffusion_choices import Choices, Seed

COLUMN_S = 0.01
WINDOW = 512  # columns of one picture, 5.12 s

Array = NDArray[np.float32]
Places = Sequence[Sequence[int]]


class Pipeline(Protocol):
    """The parts of a Stable Diffusion pipeline."""

    unet: Any
    vae: Any
    text_encoder: Any
    tokenizer: Any
    scheduler: Any


class Canvas:
    """One painting: latents (1, channels, height, width), as wide as the tune."""

    def __init__(self, pipeline: Pipeline, device: str) -> None:
        self._pipe, self._device = pipeline, device
        self._shrunk = 2 ** (len(pipeline.vae.config.block_out_channels) - 1)
        self._scale = float(pipeline.vae.config.scaling_factor)

    def paint(self, prompts: Sequence[str], choices: Choices, seed: Seed | None) -> Image.Image:
        """The picture for prompts that follow each other, wide enough for the seconds asked for."""
        scheduler = self._pipe.scheduler
        width = math.ceil(max(WINDOW, math.ceil(choices.seconds / COLUMN_S)) / self._shrunk)
        places = windows(width, WINDOW // self._shrunk, choices.loop)
        drawn = torch.Generator("cpu").manual_seed(choices.seed)
        shape = (1, self._pipe.unet.config.in_channels, spectrogram.BANDS // self._shrunk, width)
        noise = torch.randn(shape, generator=drawn).to(self._device)
        words = self._words(prompts, choices, len(places))
        scheduler.set_timesteps(choices.steps, device=self._device)
        times = scheduler.timesteps
        given, paints = self._given(seed, shape) if seed else (None, None)
        latents = noise * scheduler.init_noise_sigma
        if given is not None:
            times = times[len(times) - round(len(times) * choices.strength) :]
            latents = scheduler.add_noise(given, noise, times[:1]) if len(times) else given
        for k, time in enumerate(times):
            said = self._answer(latents, time, (places, words), choices.guidance)
            latents = scheduler.step(said, time, latents, return_dict=False)[0]
            if given is not None and paints is not None:
                later = times[k + 1 : k + 2]
                kept = scheduler.add_noise(given, noise, later) if len(later) else given
                latents = paints * latents + (1 - paints) * kept
        return self._picture(latents, places)

    def _words(self, prompts: Sequence[str], choices: Choices, count: int) -> Tensor:
        """(windows, 2, tokens, d): what is unwanted, and what is said in each window, one prompt turning into the next."""
        said = [self._embedded(p) for p in prompts if p.strip()]
        nothing = self._embedded(choices.unwanted)
        out = []
        for k in range(count):
            at = k / count * len(said) if choices.loop else (k / (count - 1) if count > 1 else 0.5) * (len(said) - 1)
            first = int(at)
            after = (first + 1) % len(said) if choices.loop else min(first + 1, len(said) - 1)
            out.append(torch.stack([nothing, slerp(said[first], said[after], at - first)]))
        return torch.stack(out)

    def _embedded(self, text: str) -> Tensor:
        tokenizer = self._pipe.tokenizer
        most = tokenizer.model_max_length
        tokens = tokenizer(text, padding="max_length", max_length=most, truncation=True, return_tensors="pt")
        said: Tensor = self._pipe.text_encoder(tokens.input_ids.to(self._device))[0][0]
        return said

    def _answer(self, latents: Tensor, time: Tensor, seen_by: tuple[Places, Tensor], guidance: float) -> Tensor:
        """What the net says of the whole canvas: the weighted mean of what it says of each window."""
        unet, scheduler = self._pipe.unet, self._pipe.scheduler
        total, weight = torch.zeros_like(latents), torch.zeros_like(latents)
        for place, words in zip(*seen_by, strict=True):
            at = torch.tensor(place, device=latents.device)
            seen = scheduler.scale_model_input(latents[..., at], time).to(unet.dtype)
            said = unet(torch.cat([seen] * 2), time, encoder_hidden_states=words.to(unet.dtype)).sample.float()
            hill = torch.from_numpy(_hill(len(place))).to(latents)
            total[..., at] += hill * (said[:1] + guidance * (said[1:] - said[:1]))
            weight[..., at] += hill
        return total / weight

    def _given(self, seed: Seed, shape: tuple[int, ...]) -> tuple[Tensor, Tensor | None]:
        """Latents of the seed picture, repeated or cut to the canvas, and the mask (1 is painted) or None."""
        vae, columns = self._pipe.vae, shape[3] * self._shrunk
        pixels = _laid(np.asarray(seed.image.convert("RGB"), np.float32), columns)
        picture = torch.from_numpy(pixels / 127.5 - 1.0).permute(2, 0, 1)[None].to(self._device, vae.dtype)
        parts, weight = torch.zeros(shape, device=self._device), torch.zeros(shape, device=self._device)
        for place in windows(shape[3], WINDOW // self._shrunk, loop=False):
            area = picture[..., place[0] * self._shrunk : (place[-1] + 1) * self._shrunk]
            said = vae.encode(area).latent_dist.mode().float() * self._scale
            hill = torch.from_numpy(_hill(len(place))).to(said)
            parts[..., place[0] : place[-1] + 1] += hill * said
            weight[..., place[0] : place[-1] + 1] += hill
        if seed.mask is None:
            return parts / weight, None
        grey = _laid(np.asarray(seed.mask.convert("L"), np.float32)[..., None], columns)[..., 0] / 255.0
        small = grey.reshape(shape[2], self._shrunk, shape[3], self._shrunk).mean((1, 3))
        return parts / weight, torch.from_numpy(small)[None, None].to(parts)

    def _picture(self, latents: Tensor, places: Places) -> Image.Image:
        """The painted canvas, decoded window by window and averaged where windows overlap."""
        vae = self._pipe.vae
        total = np.zeros((spectrogram.BANDS, latents.shape[3] * self._shrunk, 3), np.float32)
        weight = np.zeros((1, total.shape[1], 1), np.float32)
        for place in places:
            at = torch.tensor(place, device=latents.device)
            said = vae.decode((latents[..., at] / self._scale).to(vae.dtype)).sample[0]
            columns = (np.array(place)[:, None] * self._shrunk + np.arange(self._shrunk)).reshape(-1)
            hill = _hill(len(columns))[None, :, None]
            total[:, columns] += hill * said.float().cpu().numpy().transpose(1, 2, 0)
            weight[:, columns] += hill
        shades = np.clip((total / weight + 1.0) * 127.5, 0, 255)
        return Image.fromarray(np.rint(shades).astype(np.uint8))


def windows(width: int, size: int, loop: bool) -> list[list[int]]:
    """Which columns of a canvas each window sees: half of each is seen by the next, and those of a ring run over the end."""
    if loop:
        count = max(1, math.ceil(width / (size / 2))) if width > size else 2
        return [[(round(k * width / count) + i) % width for i in range(min(size, width))] for k in range(count)]
    count = math.ceil(max(0, width - size) / (size / 2)) + 1
    starts = [round(k * (width - size) / max(1, count - 1)) for k in range(count)]
    return [list(range(start, start + size)) for start in starts]


def slerp(one: Tensor, other: Tensor, share: float) -> Tensor:
    """`share` of the way from one tensor to another along the arc between them; straight where they point the same way."""
    if share <= 0.0:
        return one
    a, b = one / one.norm(), other / other.norm()
    cosine = (a * b).sum().clamp(-1.0, 1.0)
    if cosine.abs() > 0.9995:
        return one + share * (other - one)
    angle = torch.acos(cosine)
    return (torch.sin((1 - share) * angle) * one + torch.sin(share * angle) * other) / torch.sin(angle)


def _hill(count: int) -> Array:
    """Weights of a window's columns: high in the middle, low but never nothing at the ends."""
    return np.asarray(0.02 + np.sin(np.pi * (np.arange(count) + 0.5) / count) ** 2, np.float32)


def _laid(pixels: Array, columns: int) -> Array:
    """A picture (512, n, c) repeated or cut to `columns`."""
    times = -(-columns // pixels.shape[1])
    return np.ascontiguousarray(np.tile(pixels, (1, times, 1))[:, :columns])
