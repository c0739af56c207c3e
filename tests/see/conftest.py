"""A tiny random BLIP in a folder, for everything that describes photos."""

import importlib.util

import pytest

WORDS = ("a", "the", "photo", "dog", "tree", "house", "sky", "red", "blue", "small", "near", "with", "of", "on", "two")


@pytest.fixture(scope="session")
def tiny_blip(tmp_path_factory):
    """A folder with a tiny random BLIP of few words; skipped where the extra is not installed."""
    if importlib.util.find_spec("transformers") is None or importlib.util.find_spec("torch") is None:
        pytest.skip("the extra 'captions' is not installed, so BLIP was not tried")
    import torch
    import transformers

    home = tmp_path_factory.mktemp("tiny-blip")
    vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *WORDS]
    (home / "vocab.txt").write_text("\n".join(vocabulary))
    size = len(vocabulary)
    ids = {"bos_token_id": 2, "eos_token_id": 3, "sep_token_id": 3, "pad_token_id": 0}
    small = {"hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2}
    config = transformers.BlipConfig(
        text_config={**small, **ids, "vocab_size": size, "encoder_hidden_size": 16, "max_position_embeddings": 64},
        vision_config={**small, "image_size": 32, "patch_size": 16},
        projection_dim=16,
        image_text_hidden_size=16,
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        transformers.BlipForConditionalGeneration(config).save_pretrained(home)
    transformers.BertTokenizer(str(home / "vocab.txt")).save_pretrained(home)
    pictures = getattr(transformers, "BlipImageProcessorPil", None) or transformers.BlipImageProcessor
    pictures(size={"height": 32, "width": 32}).save_pretrained(home)
    return home


@pytest.fixture(scope="module")
def one_thread():
    """Torch on one thread while a module's tests run: a net this small only waits for further ones."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)
