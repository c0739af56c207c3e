"""Riffusion: sound from words, as a picture that Stable Diffusion paints; an extra, with weights the user names.

S. Forsgren & H. Martiros, "Riffusion: stable diffusion for real-time music generation", 2022. A tune longer than one picture
is painted on one wide canvas: at every step the net looks at overlapping windows of 5.12 s and their answers are averaged
(O. Bar-Tal et al., "MultiDiffusion", ICML 2023), so that there is no seam between them, and none at the end of a loop, where
the canvas is a ring. Words may change along the way: their embeddings are turned into each other.

A seed picture gives beat and harmony: painting starts from it as far as `strength` says, and where a mask is black it is
kept (A. Lugmayr et al., "RePaint", CVPR 2022, without resampling).
"""

from __future__ import annotations

import importlib
import logging
import math
import os
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from moodscore.errors import BadValue, BadWeights, MissingExtra, RenderFailed
from moodscore.media import Tune
from moodscore.music import mix, spectrogram
from moodscore.music.phase import HOP, RATE
from moodscore.music.riffusion_choices import Choices, Seed

MODEL = "riffusion/riffusion-model-v1"
EXTRA = "riffusion"
SEAM_S = 0.4

Array = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Riffusion:
    """A loaded pipeline: its name, and the parts of Stable Diffusion on a device."""

    name: str
    pipeline: Any
    device: str

    def tune(self, prompts: Sequence[str], choices: Choices | None = None, seed: Seed | None = None) -> Tune:
        """Sound for one prompt, or for several that follow each other at equal distances; as long as asked, to the sample.

        The same arguments on the same kind of device give the same samples. Raises BadValue for no prompt.
        """
        wanted = choices or Choices()
        return self.sounding(self.paint(prompts, wanted, seed), prompts, wanted, seed)

    def sounding(
        self, picture: Image.Image, prompts: Sequence[str], choices: Choices, seed: Seed | None = None
    ) -> Tune:
        """The sound of a painted picture, and in its recipe what it was painted by."""
        recipe = {
            "composer": "riffusion",
            "model": self.name,
            "prompts": list(prompts),
            "seed": choices.seed,
            "steps": choices.steps,
            "guidance": choices.guidance,
            "seconds": choices.seconds,
            "loop": choices.loop,
            **({"unwanted": choices.unwanted} if choices.unwanted else {}),
            **({"strength": choices.strength, "mask": seed.mask is not None} if seed else {}),
        }
        return Tune(_sounding(picture, choices), RATE, None, recipe)

    def paint(self, prompts: Sequence[str], choices: Choices, seed: Seed | None = None) -> Image.Image:
        """The spectrogram of a tune, 512 tall, a column for every 10 ms, and at least 512 wide."""
        if not [p for p in prompts if p.strip()]:
            raise BadValue("prompt: expected at least one, got none; say what should be heard")
        from moodscore.music.riffusion_canvas import Canvas

        torch = importlib.import_module("torch")
        try:
            with torch.inference_mode(), _quiet():
                return Canvas(self.pipeline, self.device).paint(prompts, choices, seed)
        except (RuntimeError, MemoryError) as error:
            why = " ".join(str(error).split())[:200]
            raise RenderFailed(f"riffusion: painting failed on {self.device}: {why}") from error


def _sounding(picture: Image.Image, choices: Choices) -> Array:
    """Samples (frames, 2) of a painted picture, as long as asked; a ring's end runs into its beginning."""
    rate, hop = RATE, HOP
    grey = np.asarray(picture.convert("RGB")).mean(axis=2, keepdims=True)
    seam = round(SEAM_S * rate) if choices.loop else 0
    shown = grey if choices.loop else grey[:, : math.ceil(choices.seconds * rate / hop)]
    shown = np.concatenate([shown, shown[:, : -(-seam // hop)]], axis=1)
    image = Image.fromarray(np.rint(np.repeat(shown, 3, axis=2)).astype(np.uint8))
    sound = spectrogram.to_tune(image, choices.seed).samples
    frames = grey.shape[1] * hop if choices.loop else round(choices.seconds * rate)
    out = np.ascontiguousarray(sound[:frames])
    if choices.loop:
        share = np.linspace(0.0, 1.0, seam, dtype=np.float32)[:, None]
        out[:seam] = out[:seam] * np.sqrt(share) + sound[frames : frames + seam] * np.sqrt(1.0 - share)
    else:
        mix.fade_ends(out, rate)
    mix.master(out, rate)
    return out


@contextmanager
def _quiet() -> Iterator[None]:
    """Third parties say what they will drop one day; a user can do nothing about it."""
    with warnings.catch_warnings():
        warnings.filterwarnings(
            "ignore", category=FutureWarning, module=r"(diffusers|transformers|torch|huggingface_hub)"
        )
        warnings.filterwarnings("ignore", category=DeprecationWarning, module=r"(diffusers|transformers|torch)")
        yield


def load(model: str = MODEL, device: str = "auto", online: bool = False) -> Riffusion:
    """Open a Stable Diffusion pipeline by local folder or hub name, safetensors only; `device` is auto, cpu, cuda or mps.

    Without `online` a hub name is only looked for among what was downloaded before. Raises MissingExtra without the extra,
    BadWeights when the model cannot be opened, BadValue for a device there is not.
    """
    try:
        with _quiet():
            torch = importlib.import_module("torch")
            diffusers = importlib.import_module("diffusers")
            importlib.import_module("transformers")
    except ImportError as error:
        raise MissingExtra("music by Riffusion", EXTRA) from error
    place = _device(device)
    local = (os.sep in model and Path(model).exists()) or Path(model).is_dir()
    logging.getLogger("diffusers").setLevel(logging.ERROR)
    try:
        with _quiet():
            pipeline = diffusers.StableDiffusionPipeline.from_pretrained(
                model,
                use_safetensors=True,
                local_files_only=local or not online,
                safety_checker=None,
                feature_extractor=None,
                requires_safety_checker=False,
                torch_dtype=torch.float16 if place == "cuda" else torch.float32,
            )
            pipeline.scheduler = diffusers.DDIMScheduler.from_config(pipeline.scheduler.config)
    except (OSError, ValueError, ImportError, KeyError, TypeError) as error:
        why = " ".join(str(error).split())[:200]
        hint = "" if local or online else "; fetch it once with --download, or name a folder"
        raise BadWeights(
            f"{model}: expected a Stable Diffusion pipeline in safetensors (hub name or folder), got: {why}{hint}"
        ) from error
    pipeline.to(place)
    name = Path(model).name if local else model
    return Riffusion(f"{name}@{'local' if local else 'hub'}", pipeline, place)


def _device(device: str) -> str:
    torch = importlib.import_module("torch")
    there = {"cpu": True, "cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    if device == "auto":
        return next(name for name in ("cuda", "mps", "cpu") if there[name])
    if not there.get(device, False):
        found = ", ".join(name for name, is_there in there.items() if is_there)
        raise BadValue(f"device: expected one of auto, {found}, got {device!r}")
    return device
