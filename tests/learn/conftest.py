"""A tiny set in LIRIS-ACCEDE's layout: clips whose motion and pitch carry arousal, whose colour carries valence."""

from fractions import Fraction

import av
import numpy as np
import pytest

RATE, FPS, SIZE = 22050, 10, 64


def film(path, speed=2.0, warmth=0.5, pitch=440.0, seconds=1.0, sound=True):
    """A grating that drifts to the right by `speed` pixels a frame, orange (1) to blue (0), with a tone."""
    across = np.arange(SIZE)
    with av.open(str(path), "w") as container:
        picture = container.add_stream("mpeg4", rate=FPS, options={"qscale": "2"})
        picture.width = picture.height = SIZE
        picture.pix_fmt = "yuv420p"
        picture.codec_context.flags |= 1 << 1  # a fixed quality
        tone = container.add_stream("aac", rate=RATE, layout="mono") if sound else None
        for number in range(round(seconds * FPS)):
            wave = 0.5 + 0.5 * np.sin((across - speed * number) * 2 * np.pi / 32)
            cross = 0.75 + 0.25 * np.sin(across * 2 * np.pi / 16)[:, None]
            tint = np.array([warmth, 0.5, 1 - warmth])
            pixels = (255 * (wave * cross)[..., None] * tint).astype(np.uint8)
            frame = av.VideoFrame.from_ndarray(pixels, "rgb24")
            frame.pts, frame.time_base = number, Fraction(1, FPS)
            container.mux(picture.encode(frame))
        container.mux(picture.encode())
        if tone is not None:
            heard = 0.3 * np.sin(2 * np.pi * pitch * np.arange(round(seconds * RATE)) / RATE)
            block = av.AudioFrame.from_ndarray(heard.astype(np.float32)[None], "fltp", "mono")
            block.sample_rate, block.pts, block.time_base = RATE, 0, Fraction(1, RATE)
            container.mux(tone.encode(block))
            container.mux(tone.encode())
    return path


def liris(folder, sets, seed=0, films=True):
    """A LIRIS-ACCEDE folder with a clip for each entry of `sets` (0, 1, 2); valence and arousal are drawn, then shown."""
    rng = np.random.default_rng(seed)
    (folder / "annotations").mkdir(parents=True)
    (folder / "data").mkdir()
    ranking = ["id\tname\tvalenceRank\tarousalRank\tvalenceValue\tarousalValue\tvalenceVariance\tarousalVariance"]
    listed = ["id\tname\tset"]
    for number, part in enumerate(sets):
        valence, arousal = rng.uniform(0, 1, 2)
        name = f"ACCEDE{number:05d}.mp4"
        if films:
            film(folder / "data" / name, 0.5 + 5 * arousal, valence, 200 * 2 ** (3 * arousal))
        ranking.append(f"{number}\t{name}\t0\t0\t{1.5 + 2 * valence:.6f}\t{1.5 + 2.5 * arousal:.6f}\t0.1\t0.1")
        listed.append(f"{number}\t{name}\t{part}")
    (folder / "annotations" / "ACCEDEranking.txt").write_text("\n".join(ranking) + "\n")
    (folder / "annotations" / "ACCEDEsets.txt").write_text("\n".join(listed) + "\n")
    return folder


@pytest.fixture(scope="session")
def make_film():
    return film


@pytest.fixture(scope="session")
def make_liris():
    return liris
