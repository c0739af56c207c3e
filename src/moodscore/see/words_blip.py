"""BLIP: three English captions by a captioning network, as an extra; same interface as the embedded describer.

Nucleus sampling gives three different ones: A. Holtzman, J. Buys, L. Du, M. Forbes & Y. Choi, "The curious case of neural
text degeneration", ICLR 2020. BLIP: J. Li, D. Li, C. Xiong & S. Hoi, "BLIP: bootstrapping language-image pre-training for
unified vision-language understanding and generation", ICML 2022. It speaks English only: Korean and
the reading stay with the embedded describer. A network may claim what is not there; the embedded describer is held not to.
"""

from __future__ import annotations

import importlib
import os
import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from moodscore.errors import BadWeights, MissingExtra
from moodscore.grammar.english import sentence
from moodscore.media import Photo
from moodscore.see import words

MODEL = "Salesforce/blip-image-captioning-base"
EXTRA = "captions"
TOP_P = 0.9
MOST_TOKENS = 30
ROUNDS = 6  # of three samples each, until three captions differ


@dataclass(frozen=True, slots=True)
class Blip:
    """A loaded BLIP that describes photos: call it with a photo and a seed >= 0."""

    name: str
    network: Any
    processor: Any

    def __call__(self, photo: Photo, seed: int = 0) -> words.Described:
        """Three different sampled captions, the same for the same seed; sentences it lacks are the embedded describer's."""
        plain = words.describe(photo)
        found = self._sampled(photo, seed)
        own = len(found)
        first, second, third = (found + [c for c in plain.english if c not in found])[:3]
        source = f"{self.name}+{plain.source}" if own else plain.source
        return replace(plain, english=(first, second, third), source=source)

    def _sampled(self, photo: Photo, seed: int) -> list[str]:
        """At most three different captions."""
        torch = importlib.import_module("torch")
        inputs = self.processor(images=photo.pixels, return_tensors="pt")
        found: list[str] = []
        with torch.random.fork_rng(devices=[]), torch.no_grad():
            torch.manual_seed(seed)
            for _ in range(ROUNDS):
                tokens = self.network.generate(
                    **inputs,
                    do_sample=True,
                    top_p=TOP_P,
                    top_k=0,
                    num_beams=1,
                    max_new_tokens=MOST_TOKENS,
                    num_return_sequences=3,
                )
                texts = self.processor.batch_decode(tokens, skip_special_tokens=True)
                found += [caption for caption in map(tidied, texts) if caption]
                found = list(dict.fromkeys(found))
                if len(found) >= 3:
                    break
        return found[:3]


def tidied(text: str) -> str:
    """What a network said as one sentence: on one line, without stops inside, with a capital and a full stop; or ""."""
    line = re.sub(r"[.!?。]+", ",", " ".join(text.split()))
    line = re.sub(r"(\s*,)+", ",", line).strip(" ,")
    return sentence(line) if re.search(r"\w", line) else ""


def load(model: str = MODEL) -> Blip:
    """Open BLIP by hub name or local folder, safetensors only; a local folder is never looked for elsewhere.

    A hub name may reach the network on first use, unless HF_HUB_OFFLINE is set. Raises MissingExtra without the extra,
    BadWeights when the model cannot be opened.
    """
    try:
        transformers = importlib.import_module("transformers")
        importlib.import_module("torch")
    except ImportError as error:
        raise MissingExtra("captions by BLIP", EXTRA) from error
    local = (os.sep in model and Path(model).exists()) or Path(model).is_dir()
    try:
        network = transformers.BlipForConditionalGeneration.from_pretrained(
            model, use_safetensors=True, local_files_only=local
        )
        tokenizer = transformers.AutoTokenizer.from_pretrained(model, local_files_only=local)
        kind = getattr(transformers, "BlipImageProcessorPil", None) or transformers.BlipImageProcessor
        pictures = kind.from_pretrained(model, local_files_only=local)
    except (OSError, ValueError, ImportError) as error:
        why = " ".join(str(error).split())[:200]
        raise BadWeights(f"{model}: expected a BLIP captioning model (hub name or folder), got: {why}") from error
    network.eval()
    name = Path(model).name if local else model
    return Blip(f"{name}@{'local' if local else 'hub'}", network, transformers.BlipProcessor(pictures, tokenizer))
