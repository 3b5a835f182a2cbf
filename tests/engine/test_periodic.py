"""The periodic component against its definition in float64, and what a painter relies on."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from neural_style_server.engine import periodic as module
from neural_style_server.engine.memory.tensor_store import InMemoryStore, MappedStore
from neural_style_server.engine.periodic import periodic

MEMORY = InMemoryStore("cpu")


def picture(height: int, width: int, seed: int = 0) -> torch.Tensor:
    return 60 + 120 * torch.rand(1, 3, height, width, generator=torch.Generator().manual_seed(seed))


def laplacian(x: np.ndarray, wrap: bool) -> np.ndarray:
    """The sum of the differences from the neighbours above, below, left and right; beyond an edge lies the opposite
    one, or nothing that differs."""
    around = np.pad(x, 1, mode="wrap" if wrap else "edge")
    return around[:-2, 1:-1] + around[2:, 1:-1] + around[1:-1, :-2] + around[1:-1, 2:] - 4 * x


@given(st.integers(2, 40), st.integers(2, 40), st.integers(0, 1000))
def test_differences_within_the_picture_stay_and_those_over_the_joint_vanish(height: int, width: int, seed: int):
    """Moisan's definition: the periodic Laplacian of the result is the Laplacian of the picture inside its edges."""
    image = picture(height, width, seed)
    found = periodic(image, MEMORY)
    if float(found.min()) == 0 or float(found.max()) == 255:
        return  # what does not fit into the range is cut off
    for channel in range(3):
        own, result = image[0, channel].double().numpy(), found[0, channel].double().numpy()
        np.testing.assert_allclose(laplacian(result, wrap=True), laplacian(own, wrap=False), atol=5e-3)
        np.testing.assert_allclose(result.mean(), own.mean(), atol=1e-3)


def test_a_picture_that_meets_itself_stays():
    y, x = torch.meshgrid(torch.arange(48.0), torch.arange(64.0), indexing="ij")
    wave = 128 + 60 * torch.sin(2 * torch.pi * (y - 23.5) / 48).abs() + 40 * torch.cos(2 * torch.pi * (x - 31.5) / 64)
    image = wave.expand(1, 3, 48, 64)
    torch.testing.assert_close(periodic(image, MEMORY), image, atol=1e-3, rtol=0)


def test_a_slope_from_light_to_dark_meets_itself():
    """From sky to water: the middle stays nearly as it is, and the edges meet in the middle of their tones."""
    image = torch.linspace(220, 30, 96)[None, None, :, None].expand(1, 3, 96, 64)
    found = periodic(image, MEMORY)
    assert float((found[..., 0, :] - found[..., -1, :]).abs().max()) < 3
    assert float((found[..., 40:56, :] - image[..., 40:56, :]).abs().mean()) < 20


def test_edges_that_nobody_sees_do_not_change_what_is_seen():
    """Red carried to the left edge and blue to the right one, both transparent: such a layer tiles already."""
    image = torch.zeros(1, 3, 20, 30)
    image[:, 0, :, :15], image[:, 2, :, 15:] = 255, 255
    alpha = torch.zeros(1, 1, 20, 30)
    alpha[..., 4:16, 5:25] = 1
    torch.testing.assert_close(periodic(image, MEMORY, alpha), image)
    assert float((periodic(image, MEMORY) - image).abs().max()) > 50


@pytest.mark.parametrize("size", [(1, 9), (9, 1), (1, 1), (16, 320)])
def test_the_thinnest_pictures(size: tuple[int, int]):
    found = periodic(picture(*size), MEMORY)
    assert found.shape[-2:] == size
    assert bool(found.isfinite().all())


def test_in_pieces_and_in_files_it_is_the_same(monkeypatch, tmp_path):
    image = picture(70, 50)
    whole = periodic(image, MEMORY)
    monkeypatch.setattr(module, "STRIP_PIXELS", 300)
    monkeypatch.setattr("neural_style_server.engine.memory.working_set.STRIP_PIXELS", 300)
    torch.testing.assert_close(periodic(image, MappedStore(tmp_path)), whole, atol=1e-4, rtol=0)
