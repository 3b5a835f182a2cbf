"""What users of other programs have complained of, measured with the real network. The sizes that they spoke of are
painted with `make nightly`; otherwise smaller ones, for a minute."""

from __future__ import annotations

import importlib
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from PIL import Image
from tests.engine.real_pictures import ROOT, gradient, photo, style
from torch import Tensor

from neural_style_server.engine.memory.tensor_store import InMemoryStore
from neural_style_server.engine.method import Method
from neural_style_server.engine.pyramid import resize
from neural_style_server.engine.scales import Scale
from neural_style_server.engine.targets import TargetCache
from neural_style_server.engine.task_pyramid import TaskPyramid
from neural_style_server.engine.transfer import Region, Style, Task, Transfer
from neural_style_server.engine.vgg import Network
from neural_style_server.weights import load_network

WHOLE = "NEURAL_STYLE_NIGHTLY" in os.environ
SKY = (1440, 2560) if WHOLE else (192, 384)
PREVIEW, FULL = 512, 1024


@pytest.fixture(scope="module")
def network() -> Network:
    return load_network(None, Path()).to("cpu", torch.float32)


def measured_by(name: str) -> Any:
    """A benchmark's module."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(ROOT / "benchmarks"))
        return importlib.import_module(name)


def run(network: Network, content: Tensor, image: Tensor, **method: Any) -> Transfer:
    made = Transfer(network, Task(content, [Region([Style(image)])]), Method(**method))
    for _ in made:
        pass
    return made


def test_a_clear_sky_stays_clear(network: Network) -> None:
    """In the manner of a picture as smooth: neither grey nor specked, light where it was."""
    content = gradient(*SKY)
    picture = run(network, content, gradient(200, 300), iterations=24).picture()
    parts = [F.pad(channel, (1, 1, 1, 1), mode="reflect") for channel in picture.split(1, 1)]
    median = torch.cat([F.unfold(part, 3).median(1).values.view(1, 1, *SKY) for part in parts], 1)
    assert float((median - picture).max()) < 35 and float((median - picture).abs().mean()) < 4
    assert float((picture.mean(3) - content.mean(3)).abs().mean()) < 8

    def chroma(image: Tensor) -> float:
        return float((image.amax(1) - image.amin(1)).mean())

    assert chroma(picture) > 0.8 * chroma(content)


def test_no_place_of_the_style_is_everywhere_and_no_large_piece_is_copied(network: Network) -> None:
    variety = measured_by("variety")
    (state,) = run(network, photo(128), style(160), iterations=16).state()["matches"]
    _, y, x = state["coordinates"].numpy()
    size = tuple(state["prices"][0].shape)
    places = np.stack([np.round(y * size[0] - 0.5), np.round(x * size[1] - 0.5)], -1).astype(int)
    used, most, _ = variety.uses(places, size)
    assert used > 0.25, "of the style's places"
    assert most / (size[0] * size[1]) < 0.05, "of the picture is one place"
    assert variety.largest_piece(places) < 0.1 * places[..., 0].size


@pytest.mark.skipif(not WHOLE, reason="below 512 px a larger picture has no further scales")
def test_a_preview_looks_like_the_whole(network: Network, tmp_path: Path) -> None:
    """Strokes are relative to the picture: made as small as the preview, the whole is as near to the style."""
    peers, scores = measured_by("peers"), []

    def save(picture: Tensor, name: str) -> Path:
        Image.fromarray(picture[0].permute(1, 2, 0).clamp(0, 255).round().byte().numpy()).save(tmp_path / name)
        return tmp_path / name

    small, image = photo(PREVIEW), style(FULL)
    content, judged = save(small, "content.png"), save(style(PREVIEW), "style.png")
    for side in (PREVIEW, FULL):
        picture = run(network, photo(side), image, iterations=20).picture()
        shown = save(resize(picture, (int(small.shape[-2]), int(small.shape[-1]))), f"{side}.png")
        scores.append(peers.scores(shown, content, judged))
    for key in ("nearest", "palette"):
        assert scores[1][key] == pytest.approx(scores[0][key], rel=0.15), key


@pytest.mark.parametrize("size", [(64, 16), (16, 64), (64, 64)])
def test_a_style_is_never_stretched_to_the_shape_of_the_content(
    network: Network, monkeypatch: pytest.MonkeyPatch, size: tuple[int, int]
) -> None:
    seen: list[tuple[int, int]] = []
    get = TargetCache.get

    def noted(cache: TargetCache, network: Network, image: Tensor, *more: Any) -> Any:
        seen.append((int(image.shape[-2]), int(image.shape[-1])))
        return get(cache, network, image, *more)

    monkeypatch.setattr(TargetCache, "get", noted)
    image = style(90)[..., :48, :].contiguous()
    task = Task(photo(64), [Region([Style(image)])])
    TaskPyramid(network, task, Method(), InMemoryStore(torch.device("cpu")), TargetCache()).at(
        Scale(*size, 1, 1.0), None
    )
    ((height, width),) = seen
    assert height / width == pytest.approx(image.shape[-2] / image.shape[-1], rel=0.03)
