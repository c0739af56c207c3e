"""A tiny random Stable Diffusion, so that the road from words to sound is tried without its four gigabytes."""

import json
import warnings


def write(home):
    """Write a pipeline in safetensors to a folder; needs torch, transformers and diffusers."""
    import torch
    import transformers
    from diffusers import AutoencoderKL, PNDMScheduler, StableDiffusionPipeline, UNet2DConditionModel

    letters = [chr(c) for c in range(97, 123)]
    pieces = ["<|startoftext|>", "<|endoftext|>", *letters, *(f"{c}</w>" for c in letters)]
    (home / "vocab.json").write_text(json.dumps({piece: k for k, piece in enumerate(pieces)}))
    (home / "merges.txt").write_text("#version: 0.2\n")
    tokenizer = transformers.CLIPTokenizer(str(home / "vocab.json"), str(home / "merges.txt"), model_max_length=16)
    with torch.random.fork_rng(devices=[]), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.manual_seed(0)
        words = transformers.CLIPTextModel(
            transformers.CLIPTextConfig(
                vocab_size=len(pieces), hidden_size=16, intermediate_size=32, num_hidden_layers=1, num_attention_heads=2,
                max_position_embeddings=16, bos_token_id=0, eos_token_id=1, pad_token_id=1,
            )
        )  # fmt: skip
        unet = UNet2DConditionModel(
            sample_size=64, block_out_channels=(8, 8, 8), layers_per_block=1, cross_attention_dim=16, norm_num_groups=4,
            attention_head_dim=4, down_block_types=("DownBlock2D", "DownBlock2D", "CrossAttnDownBlock2D"),
            up_block_types=("CrossAttnUpBlock2D", "UpBlock2D", "UpBlock2D"),
        )  # fmt: skip
        vae = AutoencoderKL(
            block_out_channels=(2, 2, 4, 4), norm_num_groups=2, latent_channels=4, layers_per_block=1,
            down_block_types=("DownEncoderBlock2D",) * 4, up_block_types=("UpDecoderBlock2D",) * 4,
        )  # fmt: skip
        StableDiffusionPipeline(
            vae, words, tokenizer, unet, PNDMScheduler(skip_prk_steps=True), None, None, requires_safety_checker=False
        ).save_pretrained(home)
