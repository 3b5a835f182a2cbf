"""A picture that a run goes on from: where it is trusted the new one keeps it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import torch
from torch import Tensor

from neural_style_server.engine.carried import Carried, add_temporal, mixed
from neural_style_server.engine.memory import working_set
from neural_style_server.engine.memory.tensor_store import InMemoryStore
from neural_style_server.engine.method import Method
from neural_style_server.engine.scales import plan_carried_scales, plan_scales
from neural_style_server.engine.transfer import Region, Style, Task, Transfer
from neural_style_server.engine.vgg import Network

PictureOf = Callable[..., Tensor]
STORE = InMemoryStore("cpu")


@pytest.fixture(params=[10**9, 100])
def strip_pixels(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(working_set, "STRIP_PIXELS", request.param)


def halves(picture: Tensor) -> Carried:
    """Trusted on the left."""
    trust = torch.zeros_like(picture[:, :1])
    trust[..., : picture.shape[-1] // 2] = 1
    return Carried(picture, trust)


def test_the_term_and_its_gradient_are_the_formula_s(strip_pixels: None, picture_of: PictureOf) -> None:
    image, carried = picture_of(20, 24, 1), Carried(picture_of(20, 24, 2), picture_of(20, 24, 3)[:, :1] / 255)
    leaf = image.clone().requires_grad_()
    wanted = 7 * (carried.trust * ((leaf - carried.picture) / 255).square()).mean()
    wanted.backward()  # type: ignore[no-untyped-call]
    gradient = torch.ones_like(image)
    found = add_temporal(image, gradient, 7, carried, STORE)
    assert float(found) == pytest.approx(float(wanted.detach()), rel=1e-12)
    assert torch.allclose(gradient, 1 + leaf.grad, rtol=1e-10, atol=0)


def test_what_is_still_has_no_gradient(strip_pixels: None, picture_of: PictureOf) -> None:
    carried = replace(halves(picture_of(20, 24, 2)), still=halves(picture_of(20, 24, 2)).trust)
    gradient = torch.ones_like(carried.picture)
    add_temporal(picture_of(20, 24, 1), gradient, 7, carried, STORE)
    assert not gradient[..., :12].any() and bool((gradient[..., 12:] == 1).all())


@pytest.mark.parametrize("size", [None, 32])
def test_still_places_keep_every_bit_unless_the_result_is_enlarged(
    tiny_vgg: Network, picture_of: PictureOf, size: int | None
) -> None:
    given = halves(picture_of(40, 48, 5))
    task = Task(picture_of(40, 48, 1), [Region([Style(picture_of(44, 36, 2))])], size=size)
    run = Transfer(tiny_vgg, replace(task, carried=replace(given, still=given.trust)), Method(iterations=12, scales=2))
    inputs = run._pyramid.at(run.scales[-1], None)
    assert inputs.carried is not None and (inputs.carried.still is None) == (size is not None)
    for _ in run:
        pass
    if size is None:
        assert torch.allclose(run.picture()[..., :24], given.picture[..., :24], rtol=0, atol=1e-9)


def test_what_is_trusted_lies_over_the_start(strip_pixels: None, picture_of: PictureOf) -> None:
    image, carried = picture_of(20, 24, 1), halves(picture_of(20, 24, 2))
    found = carried.over(image.clone(), STORE)
    assert torch.allclose(found[..., :12], carried.picture[..., :12])
    assert torch.equal(found[..., 12:], image[..., 12:])


def test_several_pictures_pull_by_their_weights_where_they_are_trusted(picture_of: PictureOf) -> None:
    first, second = halves(picture_of(20, 24, 1)), Carried(picture_of(20, 24, 2), torch.ones(1, 1, 20, 24).double())
    found = mixed([(first, 0.75), (second, 0.25)])
    both, alone = slice(0, 12), slice(12, 24)
    wanted = 0.75 * first.picture + 0.25 * second.picture
    assert torch.allclose(found.picture[..., both], wanted[..., both])
    assert torch.allclose(found.picture[..., alone], second.picture[..., alone])
    assert torch.equal(found.trust, second.trust), "held as firmly as by one"


def test_where_nothing_is_trusted_nothing_pulls(picture_of: PictureOf) -> None:
    nothing = Carried(picture_of(20, 24, 1), torch.zeros(1, 1, 20, 24).double())
    found = mixed([(nothing, 0.5), (nothing, 0.5)])
    assert bool(found.picture.isfinite().all()) and float(found.trust.max()) == 0


@pytest.mark.parametrize("loss", ["neighbours", "balanced"])
def test_a_run_keeps_what_is_trusted_and_paints_the_rest_anew(
    tiny_vgg: Network, picture_of: PictureOf, loss: str
) -> None:
    method = Method(loss=loss, iterations=12, scales=1, start="noise", seed=3)
    task = Task(picture_of(40, 48, 1), [Region([Style(picture_of(44, 36, 2))])])
    carried = halves(picture_of(40, 48, 5))

    def painted(**more: Any) -> Tensor:
        run = Transfer(tiny_vgg, replace(task, **more), method)
        progress = list(run)
        assert (progress[-1].losses.temporal is None) == (not more)
        assert ("temporal" in progress[-1].losses.as_dict()) == bool(more)
        terms = {key: value for key, value in progress[-1].losses.as_dict().items() if key != "total"}
        assert sum(terms.values()) == pytest.approx(progress[-1].losses.total)
        return run.picture()

    def distance(picture: Tensor, columns: slice) -> float:
        return float((picture - carried.picture)[..., columns].abs().mean())

    alone, gone_on = painted(), painted(carried=carried)
    left, right = slice(0, 20), slice(28, 48)
    assert distance(gone_on, left) < 0.5 * distance(alone, left)
    assert distance(gone_on, right) > 0.8 * distance(alone, right)


def test_going_on_takes_fewer_iterations_at_the_same_sizes() -> None:
    method = Method()
    usual, fewer = plan_scales(300, 400, method), plan_carried_scales(300, 400, method)
    assert [(each.height, each.width) for each in fewer] == [(each.height, each.width) for each in usual]
    assert sum(each.iterations for each in fewer) <= 0.5 * sum(each.iterations for each in usual)
    assert all(each.iterations == 1 for each in plan_carried_scales(300, 400, replace(method, iterations=4)))
