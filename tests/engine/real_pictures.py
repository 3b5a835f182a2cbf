"""Small pictures of the project itself for tests with the real network, and pictures that hardly are any."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor

ROOT = Path(__file__).resolve().parents[2]


def read(path: Path, side: int) -> Tensor:
    image = Image.open(ROOT / path).convert("RGB")
    image.thumbnail((side, side), Image.Resampling.LANCZOS)
    return torch.from_numpy(np.asarray(image, dtype=np.float32)).permute(2, 0, 1)[None].contiguous()


def photo(side: int) -> Tensor:
    return read(Path("presets/_sample.jpg"), side)


def style(side: int) -> Tensor:
    return read(Path("presets/night-swirl/style.jpg"), side)


def flat(height: int, width: int, *colour: float) -> Tensor:
    return torch.tensor(colour).view(1, 3, 1, 1).expand(1, 3, height, width).contiguous()


def gradient(height: int, width: int) -> Tensor:
    """From a blue above to a pale yellow below, as a clear evening sky."""
    rows = torch.linspace(0, 1, height)[None, None, :, None]
    colours = (1 - rows) * torch.tensor([70.0, 120, 190]).view(1, 3, 1, 1) + rows * torch.tensor(
        [250.0, 225, 185]
    ).view(1, 3, 1, 1)
    return colours.expand(1, 3, height, width).contiguous()
