from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from tests.engine.real_pictures import ROOT, photo, read
from torch import Tensor

from neural_style_server.engine import colour

PictureOf = Callable[..., Tensor]
TWO_PICTURES = (colour.match_covariance, colour.match_histogram, colour.match_luma, colour.keep_chroma)
AMOUNTS = (0.0, 0.25, 0.5, 1.0)


def moments_of(image: Tensor, weight: Tensor | None = None) -> tuple[Tensor, Tensor]:
    x = image[0].flatten(1)
    w = None if weight is None else weight.flatten()
    mean = x.mean(1) if w is None else (x * w).sum(1) / w.sum()
    return mean, torch.cov(x, correction=0, aweights=w)


@pytest.mark.parametrize("function", TWO_PICTURES)
def test_an_amount_of_zero_changes_nothing(function: Callable[..., Tensor], picture_of: PictureOf) -> None:
    image = picture_of(12, 16)
    assert torch.equal(function(image, picture_of(12, 16, 1), 0.0), image)


@pytest.mark.parametrize("function", TWO_PICTURES)
def test_more_of_it_goes_further_from_the_picture(function: Callable[..., Tensor], picture_of: PictureOf) -> None:
    image, other = picture_of(12, 16) * 0.5, picture_of(12, 16, 1)
    distances = [float((function(image, other, amount) - image).norm()) for amount in AMOUNTS]
    assert distances == sorted(distances) and distances[0] == 0 < distances[1]


def test_matched_covariance_is_the_references(picture_of: PictureOf) -> None:
    image, reference = picture_of(24, 20) * 0.5 + 60, picture_of(30, 16, 1) * 0.3 + 80
    mean, covariance = moments_of(colour.match_covariance(image, reference))
    goal_mean, goal_covariance = moments_of(reference)
    assert torch.allclose(mean, goal_mean, rtol=1e-6)
    assert torch.allclose(covariance, goal_covariance, rtol=1e-3, atol=1.0)


def test_matched_covariance_counts_only_what_weighs(picture_of: PictureOf) -> None:
    image, reference = picture_of(24, 20) * 0.5 + 60, picture_of(24, 20, 1) * 0.3 + 80
    weight = torch.zeros(1, 1, 24, 20, dtype=torch.float64)
    weight[..., :10] = 1
    other_image, other_reference = (torch.where(weight > 0, x, 255 - x) for x in (image, reference))
    one = colour.match_covariance(image, reference, 1.0, weight, weight)
    two = colour.match_covariance(other_image, other_reference, 1.0, weight, weight)
    assert torch.allclose(one[..., :10], two[..., :10], rtol=1e-12)


def test_mixed_moments_are_those_of_all_pixels_together(picture_of: PictureOf) -> None:
    one, two = picture_of(10, 20) * 0.3 + 150, picture_of(10, 20, 1) * 0.2
    parts = [(3.0, colour.colour_moments(one)), (1.0, colour.colour_moments(two))]
    mean, covariance = moments_of(torch.cat([one, one, one, two], -1))
    found = colour.mixed_moments(parts)
    assert torch.allclose(found.mean[:, 0], mean.double(), rtol=1e-6)
    assert torch.allclose(found.covariance, covariance.double(), rtol=1e-6)
    assert all(map(torch.equal, colour.mixed_moments(parts[:1]), parts[0][1]))


def test_matched_histogram_is_the_references(picture_of: PictureOf) -> None:
    image, reference = picture_of(32, 32), picture_of(32, 32, 1) * 0.6 + 20
    matched = colour.match_histogram(image, reference)
    for channel in range(3):
        own, goal = (x[0, channel].flatten().sort().values for x in (matched, reference))
        assert float((own - goal).abs().mean()) < 2


def test_matched_luma_has_the_references_mean_and_deviation(picture_of: PictureOf) -> None:
    image, reference = picture_of(20, 20), picture_of(20, 20, 1) * 0.5 + 40
    found, goal = colour.luma(colour.match_luma(image, reference)), colour.luma(reference)
    assert float(found.mean()) == pytest.approx(float(goal.mean()))
    assert float(found.std()) == pytest.approx(float(goal.std()), rel=1e-3)


def test_kept_chroma_has_the_results_luma_and_the_contents_chroma(picture_of: PictureOf) -> None:
    result, content = picture_of(10, 10), picture_of(10, 10, 1)
    kept = colour.keep_chroma(result, content, 1.0)
    assert torch.allclose(colour.luma(kept), colour.luma(result))
    assert torch.allclose(kept - colour.luma(kept), content - colour.luma(content))


@pytest.mark.parametrize("preset", sorted(path.parent.name for path in (ROOT / "presets").glob("*/thumbnail.png")))
def test_every_built_in_style_keeps_the_photos_colours_in_what_is_delivered(preset: str) -> None:
    """Rounded and within 0–255, where a light or dark tone has no room for all of a colour."""
    result = read(Path("presets") / preset / "thumbnail.png", 256)
    content = torch.nn.functional.interpolate(photo(256), result.shape[-2:], mode="area")
    kept = colour.keep_chroma(result, content, 1.0).round().clamp(0, 255)
    away = [(each - colour.luma(each)) - (content - colour.luma(content)) for each in (result, kept)]
    assert float(away[0].abs().mean()) > 5, "the style has colours of its own"
    assert float(away[1].abs().mean()) < 1 and float((colour.luma(kept) - colour.luma(result)).abs().mean()) < 1


@pytest.mark.parametrize("function", TWO_PICTURES[:3])
@pytest.mark.parametrize("size", [(1, 1), (6, 6)])
def test_flat_and_single_pixel_pictures_stay_finite(function: Callable[..., Tensor], size: tuple[int, int]) -> None:
    flat, other = torch.full((1, 3, *size), 40.0), torch.full((1, 3, *size), 200.0)
    matched = function(flat, other)
    assert bool(torch.isfinite(matched).all())
    assert torch.allclose(matched, other, atol=1)


def saturation(image: Tensor) -> float:
    return float((image - colour.luma(image)).norm())


def test_boldness_of_one_changes_nothing_and_more_is_more_saturated(picture_of: PictureOf) -> None:
    image = picture_of(16, 16) * 0.2 + 100
    assert torch.equal(colour.boldness(image, 1.0), image)
    found = [saturation(colour.boldness(image, factor)) for factor in (0.25, 0.5, 1.0, 2.0, 4.0)]
    assert found == sorted(found) and found[0] < found[-1]


def test_boldness_stays_within_the_range(picture_of: PictureOf) -> None:
    bold = colour.boldness(picture_of(16, 16), 4.0)
    assert float(bold.min()) >= 0 and float(bold.max()) <= 255


def test_less_white_brings_light_tones_down_and_leaves_dark_ones() -> None:
    white, dark = torch.full((1, 3, 2, 2), 255.0), torch.full((1, 3, 2, 2), 60.0)
    assert torch.equal(colour.less_white(white, 0.0), white)
    tones = [float(colour.less_white(white, amount).mean()) for amount in AMOUNTS]
    assert tones == sorted(tones, reverse=True) and tones[-1] < 200
    assert torch.equal(colour.less_white(dark, 1.0), dark)


def test_less_white_keeps_the_order_of_tones() -> None:
    ramp = torch.linspace(0, 255, 256).view(1, 1, 1, 256).expand(1, 3, 1, 256)
    pressed = colour.luma(colour.less_white(ramp, 1.0)).flatten()
    assert bool((pressed.diff() > 0).all())
