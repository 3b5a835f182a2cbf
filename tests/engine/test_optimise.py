from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import Tensor

from neural_style_server.engine.memory import working_set
from neural_style_server.engine.memory.tensor_store import MappedStore
from neural_style_server.engine.method import Method
from neural_style_server.engine.optimise import ImageOptimiser, schedule
from neural_style_server.engine.terms import Losses

OPTIMISERS = ("adam", "lbfgs")


def bowl(image: Tensor) -> tuple[Losses, Tensor]:
    """½‖x − 100‖² / 1000: lowest at mid-grey."""
    difference = image - 100
    total = float(difference.square().sum()) / 2000
    return Losses(total, total, 0.0, 0.0), difference / 1000


def broken(image: Tensor) -> tuple[Losses, Tensor]:
    return Losses(float("nan"), 0.0, 0.0, 0.0), image * float("nan")


def start() -> Tensor:
    return torch.full((1, 3, 4, 4), 30.0, dtype=torch.float64)


@pytest.mark.parametrize("optimiser", OPTIMISERS)
def test_steps_go_downhill(optimiser: str) -> None:
    image_optimiser = ImageOptimiser(start(), Method(optimiser=optimiser, loss="gram", learning_rate=2.0), 1.0)
    totals = [image_optimiser.step(bowl, 1.0).total for _ in range(10)]
    assert totals[-1] < 0.7 * totals[0]


@pytest.mark.parametrize("optimiser", OPTIMISERS)
def test_a_loss_that_is_not_finite_leaves_the_image_as_it_was(optimiser: str) -> None:
    image_optimiser = ImageOptimiser(start(), Method(optimiser=optimiser), 1.0)
    image_optimiser.step(bowl, 1.0)
    before = image_optimiser.image.detach().clone()
    assert not image_optimiser.step(broken, 1.0).finite
    assert torch.equal(image_optimiser.image.detach(), before)


@pytest.mark.parametrize("optimiser", OPTIMISERS)
def test_a_restored_stepper_goes_on_as_if_nothing_had_happened(optimiser: str) -> None:
    method = Method(optimiser=optimiser, loss="gram")
    one, other = (
        ImageOptimiser(start(), method, 0.7),
        ImageOptimiser(torch.zeros(1, 3, 4, 4, dtype=torch.float64), method, 0.7),
    )
    for _ in range(4):
        one.step(bowl, 0.9)
    other.restore(deepcopy(one.state()))
    other.step(bowl, 0.5)
    after = other.image.detach().clone()
    one.step(bowl, 0.5)
    assert torch.equal(one.image.detach(), after)


def test_adams_image_stays_within_the_range() -> None:
    image_optimiser = ImageOptimiser(start(), Method(learning_rate=255.0), 1.0)
    for _ in range(5):
        image_optimiser.step(bowl, 1.0)
        assert float(image_optimiser.image.detach().min()) >= 0 and float(image_optimiser.image.detach().max()) <= 255


def test_adams_first_step_is_the_learning_rate_times_both_shares() -> None:
    image_optimiser = ImageOptimiser(start(), Method(learning_rate=8.0), 0.5)
    image_optimiser.step(bowl, 0.25)
    assert torch.allclose(image_optimiser.image.detach() - start(), torch.tensor(1.0, dtype=torch.float64))


def test_a_pixel_without_gradient_is_not_moved() -> None:
    def half(image: Tensor) -> tuple[Losses, Tensor]:
        losses, gradient = bowl(image)
        gradient[..., :2] = 0
        return losses, gradient

    for optimiser in OPTIMISERS:
        image_optimiser = ImageOptimiser(start(), Method(optimiser=optimiser), 1.0)
        for _ in range(4):
            image_optimiser.step(half, 1.0)
        assert torch.equal(image_optimiser.image.detach()[..., :2], start()[..., :2])
        assert bool((image_optimiser.image.detach()[..., 2:] != 30).all())


def test_a_cosine_falls_from_one_and_never_to_nothing() -> None:
    shares = [schedule(step, 12, Method(schedule="cosine")) for step in range(12)]
    assert shares[0] == 1 and shares == sorted(shares, reverse=True) and 0 < shares[-1] < 0.5
    assert schedule(40, 12, Method(schedule="cosine")) == pytest.approx(shares[-1])


def test_a_constant_schedule_and_a_single_step_have_the_full_rate() -> None:
    constant = replace(Method(), schedule="constant")
    assert {schedule(step, 9, constant) for step in range(9)} == {1.0}
    assert schedule(0, 1, Method(schedule="cosine")) == 1


def test_adam_takes_the_very_steps_of_torchs_own_in_strips_as_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    method = Method(learning_rate=5.0)
    generator = torch.Generator().manual_seed(3)
    image = torch.rand(1, 3, 40, 31, generator=generator) * 255
    reference = image.clone().requires_grad_()
    theirs = torch.optim.Adam([reference], lr=5.0 * 0.7, betas=(method.beta1, method.beta2), eps=1e-12, foreach=False)
    ours = [ImageOptimiser(image, method, 0.7, store) for store in (None, MappedStore(tmp_path))]
    for _ in range(6):
        gradient = torch.randn(image.shape, generator=generator) * 1e-5
        reference.grad = gradient.clone()
        theirs.step()
        with torch.no_grad():
            reference.clamp_(0, 255)
        for strip, image_optimiser in zip((1 << 20, 100), ours, strict=True):
            monkeypatch.setattr(working_set, "STRIP_PIXELS", strip)
            image_optimiser.step(lambda _, slope=gradient: (Losses(1.0, 1.0, 0.0, 0.0), slope), 1.0)
            assert torch.equal(image_optimiser.image, reference.detach())
