from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from neural_style_server.engine.memory import working_set
from neural_style_server.engine.pyramid import fill_transparent, next_start, pool_weight, resize

PictureOf = Callable[..., Tensor]


def flat(value: float, height: int = 8, width: int = 8) -> Tensor:
    return torch.full((1, 3, height, width), value, dtype=torch.float64)


def test_resizing_to_the_same_size_changes_nothing(picture_of: PictureOf) -> None:
    image = picture_of(20, 30)
    assert resize(image, (20, 30)) is image


@pytest.mark.parametrize("wrap", [False, True])
@pytest.mark.parametrize("size", [(7, 9), (31, 64), (1, 1)])
def test_resizing_a_flat_picture_keeps_its_colour(wrap: bool, size: tuple[int, int]) -> None:
    resized = resize(flat(93.0, 20, 16), size, wrap=wrap)
    assert resized.shape[-2:] == size and torch.allclose(resized, torch.tensor(93.0, dtype=torch.float64))


def test_wrapped_resizing_commutes_with_rolling(picture_of: PictureOf) -> None:
    image = picture_of(16, 32)
    rolled = resize(image.roll((4, 8), (2, 3)), (8, 16), wrap=True)
    assert torch.allclose(rolled, resize(image, (8, 16), wrap=True).roll((2, 4), (2, 3)), atol=1e-3)


def test_finer_scale_of_an_unchanged_result_starts_at_the_content(picture_of: PictureOf) -> None:
    content = picture_of(40, 40)
    coarser = resize(content, (20, 20))
    assert torch.allclose(next_start(coarser, content, coarser, 1.0, wrap=False), content)


def test_without_injection_the_finer_scale_starts_at_the_enlarged_result(picture_of: PictureOf) -> None:
    content, result = picture_of(40, 40), picture_of(20, 20, 1)
    start = next_start(result, content, resize(content, (20, 20)), 0.0, wrap=False)
    assert torch.equal(start, resize(result, (40, 40)).clamp(0, 255))


@pytest.mark.parametrize("stride", [1, 2, 8])
def test_pooled_weight_is_the_mean_over_an_elements_pixels(weight_of: PictureOf, stride: int) -> None:
    weight = weight_of(19, 33)
    pooled = pool_weight(weight, stride)
    assert pooled.shape[-2:] == (19 // stride, 33 // stride)
    assert float(pooled[0, 0, 1, 2]) == pytest.approx(
        float(weight[0, 0, stride : 2 * stride, 2 * stride : 3 * stride].mean())
    )


def test_opaque_pixels_are_kept_when_transparent_ones_are_filled(picture_of: PictureOf) -> None:
    image, alpha = picture_of(21, 34), torch.ones(1, 1, 21, 34, dtype=torch.float64)
    alpha[..., 5:12, 7:20] = 0
    filled = fill_transparent(image, alpha)
    kept = (alpha == 1).expand_as(image)
    assert torch.equal(filled[kept], image[kept])
    assert float(filled.min()) >= 0 and float(filled.max()) <= 255


@pytest.mark.parametrize("size", [(20, 20), (1, 40), (37, 2), (17, 300)])
def test_what_lies_under_transparent_pixels_changes_nothing(picture_of: PictureOf, size: tuple[int, int]) -> None:
    image, alpha = picture_of(*size), torch.ones(1, 1, *size, dtype=torch.float64)
    alpha[..., size[1] // 2 :] = 0
    other = torch.where(alpha > 0, image, 255 - image)
    assert torch.equal(fill_transparent(image, alpha), fill_transparent(other, alpha))


def test_a_hole_in_a_flat_picture_is_filled_with_its_colour() -> None:
    image, alpha = flat(50.0, 30, 30), torch.ones(1, 1, 30, 30, dtype=torch.float64)
    alpha[..., 10:20, 10:20] = 0
    image = torch.where(alpha > 0, image, torch.tensor(255.0, dtype=torch.float64))
    assert torch.allclose(fill_transparent(image, alpha), flat(50.0, 30, 30))


def test_a_half_transparent_layer_keeps_its_detail(picture_of: PictureOf) -> None:
    image = picture_of(24, 24)
    filled = fill_transparent(image, torch.full((1, 1, 24, 24), 0.5, dtype=torch.float64))
    assert torch.allclose(filled, image)


def test_a_fully_transparent_picture_becomes_mid_grey(picture_of: PictureOf) -> None:
    filled = fill_transparent(picture_of(9, 9), torch.zeros(1, 1, 9, 9, dtype=torch.float64))
    assert torch.allclose(filled, flat(127.5, 9, 9), rtol=1e-12)


def test_an_opaque_picture_is_not_touched(picture_of: PictureOf) -> None:
    image = picture_of(9, 9)
    assert fill_transparent(image, torch.ones(1, 1, 9, 9)) is image


@pytest.mark.parametrize("size", [(24, 40), (64, 96), (96, 144), (50, 77), (16, 16)])
def test_a_large_picture_is_joined_like_a_small_one(
    picture_of: Callable[..., Tensor], monkeypatch: pytest.MonkeyPatch, size: tuple[int, int]
) -> None:
    picture = picture_of(48, 80)
    expected = resize(picture, size, wrap=True)
    monkeypatch.setattr(working_set, "STRIP_PIXELS", 100)
    assert torch.allclose(resize(picture, size, wrap=True), expected, atol=1e-6)
