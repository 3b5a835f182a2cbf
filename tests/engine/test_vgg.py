from __future__ import annotations

import gc
import weakref
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from neural_style_server.engine.kernels import checkpointed_rows
from neural_style_server.engine.layers import LAYERS, STRIDE, receptive_radius
from neural_style_server.engine.memory import allocator, working_set
from neural_style_server.engine.vgg import Network

PictureOf = Callable[..., Tensor]


def looped_convolution(x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    """Nine shifted products with zeros beyond the edge; (C, H, W) -> (C_out, H, W)."""
    height, width = x.shape[-2:]
    wide = torch.zeros(x.shape[0], height + 2, width + 2, dtype=x.dtype)
    wide[:, 1:-1, 1:-1] = x
    out = bias[:, None, None].repeat(1, height, width)
    for dy in range(3):
        for dx in range(3):
            out += torch.einsum("oc,chw->ohw", weight[:, :, dy, dx], wide[:, dy : dy + height, dx : dx + width])
    return out.clamp_min(0)


def test_features_equal_convolutions_written_as_shifted_sums(tiny_vgg: Network, picture_of: PictureOf) -> None:
    image = picture_of(8, 6)
    found = tiny_vgg.features(image, ["relu1_2", "relu2_1"])
    x = image[0] - torch.tensor(tiny_vgg.mean, dtype=torch.float64)[:, None, None]
    x = looped_convolution(looped_convolution(x, *tiny_vgg.weights["conv1_1"]), *tiny_vgg.weights["conv1_2"])
    assert torch.allclose(found["relu1_2"][0], x, rtol=1e-10)
    pooled = x.view(-1, 4, 2, 3, 2).amax((2, 4))
    assert torch.allclose(found["relu2_1"][0], looped_convolution(pooled, *tiny_vgg.weights["conv2_1"]), rtol=1e-10)


def test_average_pooling_takes_the_mean_of_four(tiny_vgg: Network, picture_of: PictureOf) -> None:
    image = picture_of(8, 6)
    found = tiny_vgg.features(image, ["relu1_2", "relu2_1"], pooling="average")
    pooled = found["relu1_2"][0].view(-1, 4, 2, 3, 2).mean((2, 4))
    expected = looped_convolution(pooled, *tiny_vgg.weights["conv2_1"])
    assert torch.allclose(found["relu2_1"][0], expected, rtol=1e-10)


def test_every_layer_has_the_size_of_its_stride_also_for_odd_pictures(tiny_vgg: Network, picture_of: PictureOf) -> None:
    for layer, features in tiny_vgg.features(picture_of(37, 51), LAYERS).items():
        assert features.shape[-2:] == (37 // STRIDE[layer], 51 // STRIDE[layer])


@pytest.mark.parametrize("layer", ["relu1_2", "relu2_2", "relu3_1"])
def test_an_element_sees_no_further_than_the_receptive_radius(
    tiny_vgg: Network, picture_of: PictureOf, layer: str
) -> None:
    image = picture_of(64, 64).requires_grad_()
    row = 32 // STRIDE[layer]
    tiny_vgg.features(image, [layer], pooling="average")[layer][..., row, :].sum().backward()
    rows = torch.nonzero(image.grad.abs().sum((0, 1, 3))).flatten()
    reach = receptive_radius(layer)
    assert int(rows.min()) >= 32 - reach and int(rows.max()) < 32 + STRIDE[layer] + reach


def test_wrapped_features_of_a_rolled_picture_are_rolled(tiny_vgg: Network, picture_of: PictureOf) -> None:
    image = picture_of(32, 48)
    plain = tiny_vgg.features(image, ["relu5_1"], padding="wrap")["relu5_1"]
    rolled = tiny_vgg.features(image.roll((16, 32), (2, 3)), ["relu5_1"], padding="wrap")["relu5_1"]
    assert torch.allclose(rolled, plain.roll((1, 2), (2, 3)), rtol=1e-9)


def test_replicate_padding_shows_the_first_convolution_a_picture_that_goes_on(
    tiny_vgg: Network, picture_of: PictureOf
) -> None:
    image = picture_of(16, 16)
    wider = torch.nn.functional.pad(image, (3, 3, 3, 3), mode="replicate")
    found = tiny_vgg.features(image, ["relu1_1"], padding="replicate")["relu1_1"]
    expected = tiny_vgg.features(wider, ["relu1_1"])["relu1_1"][..., 3:-3, 3:-3]
    assert torch.allclose(found, expected, rtol=1e-10)


def test_only_what_is_asked_for_comes_back(tiny_vgg: Network, picture_of: PictureOf) -> None:
    assert tiny_vgg.features(picture_of(16, 16), []) == {}
    assert set(tiny_vgg.features(picture_of(16, 16), ["relu2_1", "relu1_1"])) == {"relu1_1", "relu2_1"}


def test_an_unknown_layer_is_refused_with_those_that_there_are(tiny_vgg: Network, picture_of: PictureOf) -> None:
    with pytest.raises(ValueError, match=r"no layer 'relu6_1'; it has relu1_1.*relu5_4"):
        tiny_vgg.features(picture_of(16, 16), ["relu6_1"])


def test_a_picture_below_the_deepest_stride_is_refused(tiny_vgg: Network, picture_of: PictureOf) -> None:
    with pytest.raises(ValueError, match="16"):
        tiny_vgg.features(picture_of(15, 40), ["relu5_1"])


def test_moving_the_network_keeps_its_numbers_and_names(tiny_vgg: Network, picture_of: PictureOf) -> None:
    moved = tiny_vgg.to("cpu", torch.float32)
    assert (moved.name, moved.sha256, moved.dtype) == (tiny_vgg.name, tiny_vgg.sha256, torch.float32)
    image = picture_of(20, 20)
    found = moved.features(image.float(), ["relu3_1"])["relu3_1"]
    assert torch.allclose(found.double(), tiny_vgg.features(image, ["relu3_1"])["relu3_1"], rtol=1e-3, atol=1e-2)


def squares(layer: str, features: Tensor, first: int) -> tuple[Tensor, tuple[Tensor, ...]]:
    """Sums that differ with the place: (Σ F², Σ row · F)."""
    rows = torch.arange(first, first + features.shape[-2], dtype=features.dtype)[:, None]
    return features, (features.square().sum(), (features * rows).sum())


@pytest.mark.parametrize(("height", "width"), [(37, 51), (16, 16), (50, 33), (45, 20)])
@pytest.mark.parametrize("pooling", ["max", "average"])
@pytest.mark.parametrize("padding", ["zeros", "replicate", "wrap"])
@pytest.mark.parametrize("deepest", ["relu1_2", "relu2_1", "relu5_1"])
def test_blocks_in_strips_give_the_same_maps_sums_and_gradient(
    tiny_vgg: Network,
    picture_of: PictureOf,
    monkeypatch: pytest.MonkeyPatch,
    height: int,
    width: int,
    pooling: str,
    padding: str,
    deepest: str,
) -> None:
    layers = [layer for layer in ("relu1_1", "relu1_2", "relu2_1", "relu4_1", deepest) if layer <= deepest]
    kept = ["relu4_2"] if deepest == "relu5_1" else []

    def everything() -> list[Tensor]:
        image = picture_of(height, width).requires_grad_()
        maps, sums = tiny_vgg.forward(image, layers, squares, kept, pooling=pooling, padding=padding)
        assert set(maps) == set(kept) and set(sums) == set(layers)
        values = [value for layer in sorted(sums) for value in sums[layer]]
        torch.stack(
            [x.square().sum() / (1 + x.detach().square().sum()) for x in (*maps.values(), *values)]
        ).sum().backward()
        assert image.grad is not None
        return [each.detach() for each in (image.grad, *maps.values(), *values)]

    plain = everything()
    monkeypatch.setattr(checkpointed_rows, "rows_at_once", lambda row_bytes: 6)
    monkeypatch.setattr(working_set, "AVERAGED_FROM", 0)
    for limits in ((0, 10**9), (0, 0)):  # one block, and both
        monkeypatch.setitem(working_set.RECOMPUTED_FROM, 4, limits)
        for found, expected in zip(everything(), plain, strict=True):
            assert torch.allclose(found, expected, rtol=1e-10, atol=1e-11 * float(expected.abs().max()))


@given(st.integers(1, 1 << 24))
def test_a_strip_has_even_rows_and_stays_below_what_is_mapped_apart_where_it_can(row_bytes: int) -> None:
    rows = checkpointed_rows.rows_at_once(row_bytes)
    assert rows % 2 == 0 and checkpointed_rows.FEWEST_ROWS <= rows <= checkpointed_rows.MOST_ROWS
    assert rows == checkpointed_rows.FEWEST_ROWS or rows * row_bytes < allocator.MAP_BYTES


@pytest.mark.parametrize(("blocks", "limits"), [(1, (0, 10**9)), (2, (0, 0))])
def test_a_large_picture_keeps_no_map_of_its_first_blocks(
    tiny_vgg: Network, picture_of: PictureOf, monkeypatch: pytest.MonkeyPatch, blocks: int, limits: tuple[int, int]
) -> None:
    monkeypatch.setitem(working_set.RECOMPUTED_FROM, 4, limits)
    seen: list[tuple[int, ...]] = []
    plain = Network._convolve

    def convolve(self: Network, x: Tensor, conv: str, *options: Any) -> Tensor:
        found = plain(self, x, conv, *options)
        if int(conv[4]) <= blocks:
            seen.append(tuple(found.shape[-2:]))
        return found

    monkeypatch.setattr(Network, "_convolve", convolve)
    tiny_vgg.forward(picture_of(400, 24), ["relu1_1", "relu2_1", "relu3_1"], squares)
    assert max(height for height, _ in seen) <= checkpointed_rows.MOST_ROWS + 4


def test_on_the_way_back_a_strip_computes_no_convolution_again_that_only_pooling_reads(
    tiny_vgg: Network, picture_of: PictureOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(working_set.RECOMPUTED_FROM, 4, (0, 0))
    computed: Counter[str] = Counter()
    plain = Network._convolve

    def convolve(self: Network, x: Tensor, conv: str, padding: str, wanted: bool = True) -> Tensor:
        computed[conv] += wanted
        return plain(self, x, conv, padding, wanted)

    monkeypatch.setattr(Network, "_convolve", convolve)
    image = picture_of(96, 24).requires_grad_()
    _, sums = tiny_vgg.forward(image, ["relu1_1", "relu2_2", "relu3_1"], squares)
    once = dict(computed)
    torch.stack([sums[layer][0] for layer in ("relu1_1", "relu2_2", "relu3_1")]).sum().backward()
    assert computed["conv1_1"] == 2 * once["conv1_1"] and computed["conv1_2"] == once["conv1_2"]
    assert computed["conv2_2"] == 2 * once["conv2_2"], "its own map is asked for"


def test_what_the_backward_pass_held_is_free_without_the_garbage_collector(
    tiny_vgg: Network, picture_of: PictureOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(working_set.RECOMPUTED_FROM, 4, (0, 0))
    gc.disable()
    try:
        image = picture_of(40, 24).requires_grad_()
        _, sums = tiny_vgg.forward(image, ["relu1_1", "relu3_1"], squares)
        sums["relu3_1"][0].backward()
        watched = weakref.ref(sums["relu1_1"][0])
        del sums
        assert watched() is None
    finally:
        gc.enable()
