"""The neighbour term: what is searched, where it pulls, and what it leaves alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
import torch
from torch import Tensor

from neural_style_server.engine import neighbour_term
from neural_style_server.engine.carried import Carried
from neural_style_server.engine.method import Method
from neural_style_server.engine.neighbours.places import CELL
from neural_style_server.engine.objective import Objective
from neural_style_server.engine.style_term import RegionTerm
from neural_style_server.engine.targets import places_of, region_term, style_moments
from neural_style_server.engine.task import Region, Style, Task
from neural_style_server.engine.transfer import Transfer
from neural_style_server.engine.vgg import Network

PictureOf = Callable[..., Tensor]

ALONE = Method(content_weight=0.0, tv_weight=0.0, variety=0.0, texture_layers={"relu1_1": 0.0})
"""The neighbour term without any other."""


def searched(network: Network, method: Method, content: Tensor, regions: list[RegionTerm], image: Tensor) -> Objective:
    objective = Objective(network, method, content, regions)
    objective.neighbours.search(image, 0)
    return objective


def test_a_picture_in_its_own_style_is_its_own_match_and_has_no_loss(tiny_vgg: Network, picture_of: PictureOf) -> None:
    image = picture_of(64, 48)
    objective = searched(tiny_vgg, ALONE, image, [region_term(tiny_vgg, image, ALONE)], image)
    losses, gradient = objective.evaluate(image)
    assert losses.total < 1e-10 and float(gradient.abs().max()) < 1e-9
    (found,) = objective.neighbours.matches
    rows, columns = found.coordinates.shape[1:]
    y, x = torch.meshgrid(torch.arange(rows) + 0.5, torch.arange(columns) + 0.5, indexing="ij")
    assert torch.allclose(found.coordinates[1] * rows, y.to(found.coordinates))
    assert torch.allclose(found.coordinates[2] * columns, x.to(found.coordinates))


def test_following_the_matches_brings_the_picture_nearer(tiny_vgg: Network, picture_of: PictureOf) -> None:
    image, style = picture_of(48, 48, 1), picture_of(48, 48, 2)
    objective = searched(tiny_vgg, ALONE, image, [region_term(tiny_vgg, style, ALONE)], image)
    before, gradient = objective.evaluate(image)
    after, _ = objective.evaluate(image - 0.1 * gradient / gradient.abs().max())
    assert after.total < before.total


def test_a_place_that_goes_on_looks_less_for_the_content(
    tiny_vgg: Network, picture_of: PictureOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With none of the content left, what is trusted matches as if the picture were the content."""
    monkeypatch.setattr(neighbour_term, "OWN_SHARE", 1.0)
    content, style, image = (picture_of(48, 64, seed) for seed in (1, 2, 3))
    term = region_term(tiny_vgg, style, ALONE)
    trust = torch.zeros_like(image[:, :1])
    trust[..., :32] = 1

    def numbers(method: Method, carried: Carried | None) -> Tensor:
        objective = Objective(tiny_vgg, method, content, [term], carried=carried)
        objective.neighbours.search(image, 0)
        return objective.neighbours.matches[0].coordinates[1:]

    usual, own = numbers(ALONE, None), numbers(replace(ALONE, search_content=0.0), None)
    found = numbers(ALONE, Carried(image, trust))
    left, right = slice(0, 6), slice(10, 16)  # away from the border, which coherence reaches over
    assert torch.equal(found[..., left], own[..., left]) and not torch.equal(found[..., left], usual[..., left])
    assert torch.equal(found[..., right], usual[..., right])


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_the_search_sees_content_and_picture_by_their_shares(
    tiny_vgg: Network, picture_of: PictureOf, share: float
) -> None:
    """With all of one nothing depends on the other."""
    method, (content, style) = replace(ALONE, search_content=share), (picture_of(48, 48, seed) for seed in (1, 2))
    term = region_term(tiny_vgg, style, method)
    found = [
        searched(tiny_vgg, method, content, [term], picture_of(48, 48, seed)).neighbours.matches[0] for seed in (3, 4)
    ]
    assert torch.equal(found[0].coordinates, found[1].coordinates) == (share == 1)


def test_each_region_searches_in_its_own_style(tiny_vgg: Network, picture_of: PictureOf) -> None:
    image, left = picture_of(64, 64, 1), torch.zeros(1, 1, 64, 64, dtype=torch.float64)
    left[..., :32] = 1
    dark, light = torch.full_like(image, 20), torch.full_like(image, 230)
    regions = [
        RegionTerm(mask, style_moments(tiny_vgg, style, ALONE), 0.5, places=places_of(tiny_vgg, [Style(style)], ALONE))
        for mask, style in ((left, dark), (1 - left, light))
    ]
    objective = searched(tiny_vgg, ALONE, image, regions, image)
    _, gradient = objective.evaluate(torch.full_like(image, 128.0))
    inner = CELL * 5  # beyond what a feature there can see of the other half
    assert float(gradient[..., : 32 - inner].mean()) > 0 > float(gradient[..., 32 + inner :].mean())


def test_transparent_places_do_not_pull(tiny_vgg: Network, picture_of: PictureOf) -> None:
    image, visible = picture_of(96, 96, 1), torch.zeros(1, 1, 96, 96, dtype=torch.float64)
    visible[..., :32] = 1
    term = replace(region_term(tiny_vgg, picture_of(48, 48, 2), ALONE), weight=visible)
    _, gradient = searched(tiny_vgg, ALONE, image, [term], image).evaluate(image)
    assert bool(gradient[..., :32].any()) and not bool(gradient[..., 80:].any())


def test_several_styles_share_the_canvas_by_their_weights(tiny_vgg: Network, picture_of: PictureOf) -> None:
    content = picture_of(96, 96, 1)
    styles = [Style(picture_of(64, 64, 2), 3.0), Style(picture_of(64, 64, 3), 1.0)]
    term = RegionTerm(None, style_moments(tiny_vgg, styles[0].image, ALONE), places=places_of(tiny_vgg, styles, ALONE))
    objective = searched(tiny_vgg, replace(ALONE, search_content=1.0), content, [term], content)
    share = float((objective.neighbours.matches[0].coordinates[0] == 0).double().mean())
    assert 0.6 < share < 0.9


def test_the_start_takes_the_colours_of_the_matches(tiny_vgg: Network, picture_of: PictureOf) -> None:
    content, style = picture_of(64, 64, 1), torch.full((1, 3, 64, 64), 40.0, dtype=torch.float64)
    style[:, 0] = 200
    task = Task(content, [Region([Style(style)])])
    run = Transfer(tiny_vgg, task, Method(iterations=1, scales=1, learning_rate=1e-3))
    run.step()
    red, green, blue = run.picture()[0].mean((1, 2))
    assert float(red) > 180 and float(green) < 60 and float(blue) < 60


@pytest.mark.parametrize("iterations", [3, 9])
def test_a_search_in_the_middle_of_a_scale_is_the_same_after_a_pause(
    tiny_vgg: Network, picture_of: PictureOf, iterations: int
) -> None:
    """To the bit, whether the run stops before a search or after it."""
    task = Task(picture_of(48, 48, 1), [Region([Style(picture_of(48, 48, 2))])])
    method = Method(iterations=16, scales=1)
    straight, paused, resumed = (Transfer(tiny_vgg, task, method) for _ in range(3))
    for _ in straight:
        pass
    for _ in range(iterations):
        paused.step()
    resumed.restore(paused.state())
    for _ in resumed:
        pass
    assert torch.equal(resumed.picture(), straight.picture())
