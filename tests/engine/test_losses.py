"""Each loss against the same mathematics written slowly, against numeric gradients, and against a case by hand."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from neural_style_server.engine import losses
from neural_style_server.engine import moments as moments_module
from neural_style_server.engine.losses import (
    STYLE_LOSSES,
    TraceOfSqrt,
    balanced_loss,
    content_energy,
    content_loss,
    gram,
    gram_loss,
    matrix_sqrt,
    mean_and_covariance,
    total_variation,
    wasserstein_loss,
)
from neural_style_server.engine.moments import Moments, moments, moments_and_features

every_style_loss = pytest.mark.parametrize("name", sorted(STYLE_LOSSES))


def random(*shape: int, seed: int = 0) -> Tensor:
    return torch.rand(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def looped_gram(features: Tensor, weight: Tensor | None = None) -> Tensor:
    """1/Σw · Σ_k w_k F_ik F_jk, one product at a time."""
    rows = features[0].flatten(1).tolist()
    weights = [1.0] * len(rows[0]) if weight is None else weight.flatten().tolist()
    return torch.tensor(
        [[sum(w * x * y for w, x, y in zip(weights, a, b, strict=True)) / sum(weights) for b in rows] for a in rows],
        dtype=torch.float64,
    )


def slow_gram_loss(features: Tensor, target: Tensor) -> Tensor:
    a, b = looped_gram(features), looped_gram(target)
    return sum(((a - b) ** 2).flatten().tolist()) / (4 * a.shape[0] ** 2)


def slow_balanced_loss(features: Tensor, target: Tensor) -> Tensor:
    a, b = looped_gram(features), looped_gram(target)
    return torch.einsum("ij,ij->", a - b, a - b) / torch.einsum("ij,ij->", b, b)


def slow_wasserstein_loss(features: Tensor, target: Tensor) -> Tensor:
    """tr (S T)^½ by the eigenvalues of the product, which is not symmetric: another road to the same number."""
    x, y = features[0].flatten(1), target[0].flatten(1)
    s, t = torch.cov(x, correction=0), torch.cov(y, correction=0)
    cross = torch.linalg.eigvals(s @ t).real.clamp_min(0).sqrt().sum()
    distance = (x.mean(1) - y.mean(1)).square().sum() + s.trace() + t.trace() - 2 * cross
    return distance / torch.einsum("ck,ck->", y, y) * y.shape[1]


SLOW: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    "gram": slow_gram_loss,
    "balanced": slow_balanced_loss,
    "neighbours": slow_balanced_loss,
    "wasserstein": slow_wasserstein_loss,
}


@every_style_loss
def test_style_loss_equals_a_slow_independent_one(name: str) -> None:
    features, target = random(1, 3, 5, 4, seed=1) * 3, random(1, 3, 6, 7, seed=2)
    loss = STYLE_LOSSES[name](moments(features), moments(target))
    assert float(loss) == pytest.approx(float(SLOW[name](features, target)), rel=1e-7)


@every_style_loss
def test_style_loss_gradient_equals_the_numeric_one(name: str) -> None:
    target, weight = moments(random(1, 3, 4, 5, seed=3)), random(1, 1, 4, 4, seed=4)
    features = (random(1, 3, 4, 4, seed=5) * 2).requires_grad_()
    assert torch.autograd.gradcheck(lambda x: STYLE_LOSSES[name](moments(x, weight), target), features)


@every_style_loss
def test_style_loss_of_features_with_themselves_is_zero(name: str) -> None:
    sums = moments(random(1, 4, 5, 6, seed=6))
    assert float(STYLE_LOSSES[name](sums, sums)) == pytest.approx(0, abs=1e-9)


@every_style_loss
def test_style_loss_does_not_see_where_things_are(name: str) -> None:
    features, target = random(1, 3, 4, 6, seed=7), moments(random(1, 3, 4, 4, seed=8))
    order = torch.randperm(24, generator=torch.Generator().manual_seed(9))
    shuffled = features.flatten(2)[..., order].view(1, 3, 6, 4)
    loss = STYLE_LOSSES[name]
    assert float(loss(moments(shuffled), target)) == pytest.approx(float(loss(moments(features), target)), rel=1e-12)


@every_style_loss
def test_style_loss_does_not_grow_with_the_picture(name: str) -> None:
    features, target = random(1, 3, 4, 4, seed=10), moments(random(1, 3, 4, 4, seed=11))
    loss = STYLE_LOSSES[name]
    twice = moments(features.repeat(1, 1, 2, 3))
    assert float(loss(twice, target)) == pytest.approx(float(loss(moments(features), target)), rel=1e-9)


@every_style_loss
def test_style_loss_towards_a_silent_layer_is_finite(name: str) -> None:
    features = random(1, 3, 4, 4, seed=12).requires_grad_()
    loss = STYLE_LOSSES[name](moments(features), moments(torch.zeros(1, 3, 4, 4, dtype=torch.float64)))
    loss.backward()
    assert bool(torch.isfinite(loss)) and bool(torch.isfinite(features.grad).all())


@every_style_loss
def test_style_loss_of_a_flat_picture_has_a_finite_gradient(name: str) -> None:
    features = torch.full((1, 3, 4, 4), 2.0, dtype=torch.float64, requires_grad=True)
    loss = STYLE_LOSSES[name](moments(features), moments(random(1, 3, 4, 4, seed=13)))
    loss.backward()
    assert bool(torch.isfinite(features.grad).all())


def test_gram_loss_and_wasserstein_distance_are_symmetric() -> None:
    a, b = moments(random(1, 3, 4, 4, seed=14)), moments(random(1, 3, 4, 4, seed=15))
    assert float(gram_loss(a, b)) == pytest.approx(float(gram_loss(b, a)), rel=1e-12)
    energy_a, energy_b = (float(gram(sums).trace()) for sums in (a, b))
    there, back = float(wasserstein_loss(a, b)) * energy_b, float(wasserstein_loss(b, a)) * energy_a
    assert there == pytest.approx(back, rel=1e-6)


def test_losses_of_two_channels_and_two_positions_by_hand() -> None:
    # F = [[1, 1], [0, 2]]: Gram/M = [[1, 1], [1, 2]], mean (1, 1), covariance [[0, 0], [0, 1]]
    # P = [[2, 0], [0, 0]]: Gram/M = [[2, 0], [0, 0]], mean (1, 0), covariance [[1, 0], [0, 0]]
    sums = moments(torch.tensor([[[[1.0, 1.0]], [[0.0, 2.0]]]], dtype=torch.float64))
    target = moments(torch.tensor([[[[2.0, 0.0]], [[0.0, 0.0]]]], dtype=torch.float64))
    assert float(gram_loss(sums, target)) == pytest.approx((1 + 1 + 1 + 4) / 16)
    assert float(balanced_loss(sums, target)) == pytest.approx(7 / 4)
    assert float(wasserstein_loss(sums, target)) == pytest.approx((1 + 1 + 1 - 0) / 2)


def test_weighted_moments_equal_sums_over_positions() -> None:
    features, weight = random(1, 3, 3, 4, seed=16), random(1, 1, 3, 4, seed=17)
    sums = moments(features, weight)
    assert torch.allclose(gram(sums), looped_gram(features, weight), rtol=1e-12)
    assert torch.allclose(sums.first, torch.einsum("chw,hw->c", features[0], weight[0, 0]), rtol=1e-12)
    assert float(sums.mass) == pytest.approx(float(weight.sum()))


def test_a_position_of_weight_two_counts_like_two_positions() -> None:
    features = random(1, 3, 1, 3, seed=18)
    doubled = moments(torch.cat([features, features[..., :1]], -1))
    weighted = moments(features, torch.tensor([2.0, 1.0, 1.0], dtype=torch.float64).view(1, 1, 1, 3))
    for one, other in zip(doubled, weighted, strict=True):
        assert torch.allclose(one, other, rtol=1e-12)


def test_a_position_of_weight_zero_takes_no_part() -> None:
    features, weight = random(1, 3, 4, 4, seed=19), torch.ones(1, 1, 4, 4, dtype=torch.float64)
    weight[..., 2:] = 0
    changed = features.clone()
    changed[..., 2:] = 1e6
    for one, other in zip(moments(features, weight), moments(changed, weight), strict=True):
        assert torch.equal(one, other)


def test_moments_of_two_halves_add_up_to_those_of_the_whole() -> None:
    features = random(1, 3, 4, 6, seed=20)
    halves = moments(features[..., :2]) + moments(features[..., 2:])
    for one, other in zip(halves, moments(features), strict=True):
        assert torch.allclose(one, other, rtol=1e-12)


def test_moments_of_short_numbers_are_summed_in_float32() -> None:
    sums = moments(torch.ones(1, 2, 64, 64, dtype=torch.bfloat16))
    assert sums.second.dtype == torch.float32 and float(sums.second[0, 0]) == 4096


@pytest.mark.parametrize("positions", [(3, 5), (16, 32), (40, 33), (96, 96)])
@pytest.mark.parametrize("weighted", [False, True])
def test_moments_in_bfloat16_and_their_gradient_are_those_of_the_same_numbers_in_float64(
    positions: tuple[int, int], weighted: bool
) -> None:
    features = random(1, 6, *positions, seed=24).relu().to(torch.bfloat16).requires_grad_()
    exact = features.detach().double().requires_grad_()
    weight = random(1, 1, *positions, seed=25).abs().clamp(0, 1).to(torch.bfloat16).double() if weighted else None
    found, expected = moments(features, weight), moments(exact, weight)
    for one, other in zip(found, expected, strict=True):
        assert one.dtype == torch.float32
        assert float(((one - other).norm() / other.norm()).detach()) < 5e-3
    for sums in (found, expected):
        (sums.second / sums.mass).square().sum().backward()
    assert float((features.grad - exact.grad).norm() / exact.grad.norm()) < 1e-2


@pytest.mark.parametrize("means", [False, True])
@pytest.mark.parametrize("followed", [False, True])
@pytest.mark.parametrize("pulled", [False, True])
def test_moments_on_the_way_are_the_same_and_so_is_the_gradient(means: bool, followed: bool, pulled: bool) -> None:
    """Also where nothing follows, and where the sums are not used."""
    leaves = [random(1, 3, 5, 7, seed=30).requires_grad_() for _ in range(2)]

    def total(features: Tensor, sums: Moments) -> Tensor:
        values = [features.square().sum()] if followed else []
        values += [(sums.second * random(3, 3, seed=31)).sum()] if pulled else []
        values += [(sums.first.exp()).sum()] if pulled and means else []
        return sum(values, torch.zeros(()))

    # nothing but the map itself may be at stake: what comes back to it is changed in place
    passed, sums = moments_and_features(leaves[0] * 1, means=means)
    expected = leaves[1] * 1
    plain = moments(expected, means=means)
    assert torch.equal(passed, expected)
    for one, other in zip(sums, plain, strict=True):
        assert torch.allclose(one, other, rtol=1e-12)
    if not (followed or pulled):
        return
    total(passed, sums).backward()
    total(expected, plain).backward()
    assert torch.allclose(leaves[0].grad, leaves[1].grad, rtol=1e-12)


def test_a_few_numbers_at_a_time_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    features = random(1, 16, 40, 33, seed=32).to(torch.bfloat16)
    target, weight = random(1, 16, 40, 33, seed=33).to(torch.bfloat16), random(1, 1, 40, 33, seed=34).float()

    def everything() -> list[Tensor]:
        leaf = features.clone().requires_grad_()
        loss = content_loss(leaf, target, weight)
        loss.backward()
        return [moments(features).second, loss.detach(), leaf.grad]

    whole = everything()
    for module in (losses, moments_module):
        monkeypatch.setattr(module, "NUMBERS_AT_ONCE", 100)
    for part, other in zip(everything(), whole, strict=True):
        assert torch.allclose(part, other, rtol=1e-5)


def test_moments_of_half_precision_do_not_overflow() -> None:
    sums = moments(torch.full((1, 2, 64, 64), 1000.0, dtype=torch.float16))
    assert float(sums.second[0, 0]) == 4096e6


def test_covariance_equals_torch_cov() -> None:
    features = random(1, 3, 4, 5, seed=21)
    mean, covariance = mean_and_covariance(moments(features))
    assert torch.allclose(covariance, torch.cov(features[0].flatten(1), correction=0), rtol=1e-10)
    assert torch.allclose(mean, features.mean((0, 2, 3)), rtol=1e-12)


def test_matrix_square_root_squared_is_the_matrix() -> None:
    x = random(4, 9, seed=22)
    root = matrix_sqrt(x @ x.T)
    assert torch.allclose(root @ root, x @ x.T, rtol=1e-10)
    assert torch.allclose(root, root.T, atol=1e-12)


def test_trace_of_the_square_root_has_half_the_inverse_root_as_gradient() -> None:
    x = random(4, 9, seed=23)
    matrix = (x @ x.T).requires_grad_()
    TraceOfSqrt.apply(matrix).backward()
    assert torch.allclose(matrix.grad, 0.5 * torch.linalg.inv(matrix_sqrt(matrix.detach())), rtol=1e-8)


def test_trace_of_the_square_root_passes_gradcheck_where_eigenvalues_coincide() -> None:
    matrix = torch.diag(torch.tensor([2.0, 2.0, 2.0, 1.0], dtype=torch.float64)).requires_grad_()
    assert torch.autograd.gradcheck(lambda m: TraceOfSqrt.apply((m + m.T) / 2), matrix)


def test_trace_of_the_square_root_is_finite_for_an_empty_direction() -> None:
    matrix = torch.diag(torch.tensor([4.0, 0.0], dtype=torch.float64)).requires_grad_()
    trace = TraceOfSqrt.apply(matrix)
    trace.backward()
    assert float(trace.detach()) == 2
    assert torch.equal(matrix.grad, torch.tensor([[0.25, 0], [0, 0]], dtype=torch.float64))


def test_content_loss_by_hand_and_by_gradcheck() -> None:
    features = torch.tensor([[[[1.0, 4.0]]]], dtype=torch.float64, requires_grad=True)
    target = torch.tensor([[[[3.0, 1.0]]]], dtype=torch.float64)
    half = torch.tensor([[[[1.0, 0.5]]]], dtype=torch.float64)
    assert content_loss(features, target).item() == 0.5 * (4 + 9)
    assert content_loss(features, target, half).item() == 0.5 * (4 + 4.5)
    assert torch.autograd.gradcheck(lambda x: content_loss(x, target, half), features)


def test_content_energy_is_the_weighted_sum_of_squares() -> None:
    target, weight = random(1, 3, 4, 4, seed=24), random(1, 1, 4, 4, seed=25)
    expected = torch.einsum("bchw,bchw,bhw->", target, target, weight[:, 0])
    assert float(content_energy(target, weight)) == pytest.approx(float(expected), rel=1e-6)


def slow_variation(image: Tensor, weight: Tensor, wrap: bool) -> float:
    """Weighted mean of squared differences along rows plus the same along columns, pair by pair."""
    total, (height, width) = 0.0, image.shape[-2:]
    for down, right in ((1, 0), (0, 1)):
        squares = weights = 0.0
        for y in range(height if wrap else height - down):
            for x in range(width if wrap else width - right):
                there = (y + down) % height, (x + right) % width
                w = float(weight[0, 0, y, x] * weight[0, 0, there[0], there[1]])
                step = (image[0, :, there[0], there[1]] - image[0, :, y, x]) / 255
                squares, weights = squares + w * float(step.square().sum()), weights + 3 * w
        total += squares / weights
    return total


@pytest.mark.parametrize("wrap", [False, True])
@pytest.mark.parametrize("masked", [False, True])
def test_total_variation_equals_a_slow_independent_one(wrap: bool, masked: bool) -> None:
    image = random(1, 3, 4, 5, seed=26) * 255
    weight = random(1, 1, 4, 5, seed=27) if masked else None
    slow = slow_variation(image, torch.ones(1, 1, 4, 5) if weight is None else weight, wrap)
    assert float(total_variation(image, weight, wrap=wrap)) == pytest.approx(slow, rel=1e-9)
    image.requires_grad_()
    assert torch.autograd.gradcheck(lambda x: total_variation(x, weight, wrap=wrap), image)


@pytest.mark.parametrize("wrap", [False, True])
def test_total_variation_does_not_see_pixels_of_weight_zero(wrap: bool) -> None:
    image, weight = random(1, 3, 6, 6, seed=28) * 255, torch.ones(1, 1, 6, 6, dtype=torch.float64)
    weight[..., 2:4, :] = 0
    changed = image.clone()
    changed[..., 2:4, :] = 0
    assert torch.equal(total_variation(image, weight, wrap=wrap), total_variation(changed, weight, wrap=wrap))


def test_total_variation_by_hand() -> None:
    image = torch.tensor([0.0, 255.0, 255.0], dtype=torch.float64).view(1, 1, 1, 3).expand(1, 3, 1, 3)
    assert float(total_variation(image)) == pytest.approx(1 / 2)
    assert float(total_variation(image, wrap=True)) == pytest.approx(2 / 3)


def test_total_variation_of_a_single_pixel_or_a_flat_picture_is_zero() -> None:
    assert float(total_variation(torch.zeros(1, 3, 1, 1))) == 0
    assert float(total_variation(torch.full((1, 3, 5, 5), 77.0), torch.zeros(1, 1, 5, 5))) == 0
