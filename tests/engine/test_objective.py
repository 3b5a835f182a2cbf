"""The objective against its formula, and tile by tile against the whole canvas, in float64."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from neural_style_server.engine import total_variation as tv_module
from neural_style_server.engine.losses import STYLE_LOSSES, content_loss, total_variation
from neural_style_server.engine.memory.tensor_store import MappedStore
from neural_style_server.engine.method import LOSSES, Method
from neural_style_server.engine.moments import moments
from neural_style_server.engine.objective import Objective
from neural_style_server.engine.style_term import RegionTerm
from neural_style_server.engine.targets import region_term, style_moments
from neural_style_server.engine.vgg import Network
from neural_style_server.weights import load_network

PictureOf = Callable[..., Tensor]
Make = Callable[..., tuple[Objective, Tensor]]


@pytest.fixture
def make(tiny_vgg: Network, picture_of: PictureOf, weight_of: PictureOf) -> Make:
    """An objective and an image to evaluate it at."""

    def build(
        method: Method,
        height: int,
        width: int,
        tile: int | None = None,
        alpha: bool = False,
        regions: int = 1,
        **options: Any,
    ) -> tuple[Objective, Tensor]:
        visible = weight_of(height, width, 5) if alpha else None
        parts = []
        for index in range(regions):
            mask = weight_of(height, width, 6 + index) if regions > 1 else visible
            term = region_term(tiny_vgg, picture_of(48, 40, 20 + index), method)
            parts.append(replace(term, weight=mask, share=0.3 + 0.4 * index if regions > 1 else 1.0))
        content = picture_of(height, width, 1)
        found = Objective(tiny_vgg, method, content, parts, visible=visible, tile_size=tile, **options)
        return found, picture_of(height, width, 2)

    return build


def same(one: tuple[Any, Tensor], other: tuple[Any, Tensor]) -> None:
    """Gradients agree to 1e-8 of their size, losses to 1e-7: the root of rounding noise of 1e-16 is 1e-8."""
    assert one[0].as_dict() == pytest.approx(other[0].as_dict(), rel=1e-7)
    assert dict(one[0].layers) == pytest.approx(dict(other[0].layers), rel=1e-7)
    assert float((one[1] - other[1]).norm() / other[1].norm()) < 1e-8


@pytest.mark.parametrize(
    ("loss", "pooling", "padding"), list(product(LOSSES, ("max", "average"), ("zeros", "replicate")))
)
def test_tiled_gradient_is_that_of_the_whole(make: Make, loss: str, pooling: str, padding: str) -> None:
    method = Method(loss=loss, pooling=pooling, padding=padding, tv_weight=1.0)
    whole, image = make(method, 67, 51)
    tiled, _ = make(method, 67, 51, tile=48)
    assert len(tiled.tiles) > 9
    same(tiled.evaluate(image), whole.evaluate(image))


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize(("alpha", "regions"), [(True, 1), (False, 2), (True, 3)])
def test_tiled_gradient_is_that_of_the_whole_with_alpha_and_regions(
    make: Make, loss: str, alpha: bool, regions: int
) -> None:
    method = Method(loss=loss, tv_weight=1.0)
    whole, image = make(method, 53, 70, alpha=alpha, regions=regions)
    tiled, _ = make(method, 53, 70, tile=64, alpha=alpha, regions=regions)
    same(tiled.evaluate(image), whole.evaluate(image))


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("alpha", [False, True])
def test_tiled_gradient_is_that_of_the_whole_where_edges_are_joined(make: Make, loss: str, alpha: bool) -> None:
    method = Method(loss=loss, seamless=True, tv_weight=1.0)
    whole, image = make(method, 64, 48, alpha=alpha)
    tiled, _ = make(method, 64, 48, tile=48, alpha=alpha)
    same(tiled.evaluate(image), whole.evaluate(image))


@pytest.mark.parametrize("shape", [(16, 320), (33, 17), (100, 16)])
def test_tiled_gradient_is_that_of_the_whole_for_thin_canvases(make: Make, shape: tuple[int, int]) -> None:
    whole, image = make(Method(), *shape)
    tiled, _ = make(Method(), *shape, tile=16)
    same(tiled.evaluate(image), whole.evaluate(image))


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("tile", [None, 32])
def test_gradient_is_the_numeric_one(make: Make, loss: str, tile: int | None) -> None:
    layers = {"relu1_1": 1.0, "relu2_1": 1.0}  # deeper ones have empty directions here, where a root has no slope
    method = Method(loss=loss, tv_weight=0.5, pooling="average", style_layers=layers, texture_layers=layers)
    objective, image = make(method, 33, 34, tile=tile, alpha=True)
    _, gradient = objective.evaluate(image)
    direction = torch.randn(image.shape, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    ahead, behind = (objective.evaluate(image + side * 1e-4 * direction)[0].total for side in (1, -1))
    assert float((gradient * direction).sum()) == pytest.approx((ahead - behind) / 2e-4, rel=1e-4)


def test_gram_objective_is_the_papers_sum(make: Make, tiny_vgg: Network, picture_of: PictureOf) -> None:
    """α·½Σ(F−P)² + β·Σ w_l E_l + γ·TV, written out."""
    method = Method(
        loss="gram", content_weight=3.0, style_weight=7.0, tv_weight=2.0, style_layers={"relu1_1": 0.5, "relu3_1": 2.0}
    )
    objective, image = make(method, 40, 48)
    losses, _ = objective.evaluate(image)
    options = {"pooling": method.pooling, "padding": method.padding}
    maps = tiny_vgg.features(image, ["relu1_1", "relu3_1", "relu4_2"], **options)
    goals = tiny_vgg.features(picture_of(40, 48, 1), ["relu4_2"], **options)
    targets = style_moments(tiny_vgg, picture_of(48, 40, 20), method)
    terms = {name: STYLE_LOSSES["gram"](moments(maps[name]), targets[name]) for name in method.style_layers}
    assert losses.content == pytest.approx(3 * float(content_loss(maps["relu4_2"], goals["relu4_2"])), rel=1e-9)
    assert losses.style == pytest.approx(7 * float(0.5 * terms["relu1_1"] + 2 * terms["relu3_1"]), rel=1e-9)
    assert losses.tv == pytest.approx(2 * float(total_variation(image)), rel=1e-9)
    assert losses.total == pytest.approx(losses.content + losses.style + losses.tv)
    assert sum(losses.layers.values()) == pytest.approx(losses.style)


@pytest.mark.parametrize("loss", ["balanced", "wasserstein"])
def test_content_term_is_relative_to_the_contents_own_energy(make: Make, loss: str) -> None:
    """A black picture's features differ from the content's by something near the content's own: α times about 1."""
    objective, image = make(Method(loss=loss, content_weight=1.0, style_weight=0.0, tv_weight=0.0), 48, 48)
    losses, _ = objective.evaluate(image)
    assert 0.01 < losses.content < 4


def test_content_term_is_zero_at_the_content(make: Make, picture_of: PictureOf) -> None:
    objective, _ = make(Method(style_weight=0.0, tv_weight=0.0), 48, 48)
    losses, gradient = objective.evaluate(picture_of(48, 48, 1))
    assert losses.total == 0 and not bool(gradient.any())


@pytest.mark.parametrize("weights", [(0.0, 1.0, 0.0), (1.0, 0.0, 0.0), (0.0, 0.0, 1.0), (0.0, 0.0, 0.0)])
@pytest.mark.parametrize("tile", [None, 32])
def test_terms_of_weight_zero_are_left_out(make: Make, weights: tuple[float, ...], tile: int | None) -> None:
    content, style, tv = weights
    method = Method(content_weight=content, style_weight=style, tv_weight=tv)
    objective, image = make(method, 40, 40, tile=tile)
    losses, gradient = objective.evaluate(image)
    shown = tuple(float(term > 0) for term in (losses.content, losses.style, losses.tv))
    assert shown == weights and bool(gradient.any()) == (losses.total > 0)


def test_a_region_pulls_only_near_where_it_applies(tiny_vgg: Network, picture_of: PictureOf) -> None:
    method = Method(loss="balanced", content_weight=0.0, tv_weight=0.0, style_layers={"relu1_1": 1.0})
    left = torch.zeros(1, 1, 32, 32, dtype=torch.float64)
    left[..., :16] = 1
    region = RegionTerm(left, style_moments(tiny_vgg, picture_of(32, 32, 3), method), 0.5)
    _, gradient = Objective(tiny_vgg, method, picture_of(32, 32), [region]).evaluate(picture_of(32, 32, 1))
    assert bool(gradient[..., :16].any()) and not bool(gradient[..., 17:].any())


def test_each_region_goes_to_its_own_targets(tiny_vgg: Network, picture_of: PictureOf) -> None:
    """Where each half already has its style's statistics the style term is zero, and is not when they are swapped."""
    method = Method(loss="balanced", content_weight=0.0, tv_weight=0.0, style_layers={"relu1_1": 1.0})
    image = picture_of(32, 32, 4)
    left = torch.zeros(1, 1, 32, 32, dtype=torch.float64)
    left[..., :16] = 1
    halves = [(mask, style_moments(tiny_vgg, image, method, mask)) for mask in (left, 1 - left)]
    right_way = [RegionTerm(mask, goal, 0.5) for mask, goal in halves]
    swapped = [RegionTerm(mask, goal, 0.5) for (mask, _), (_, goal) in zip(halves, reversed(halves), strict=True)]
    totals = [Objective(tiny_vgg, method, image, parts).evaluate(image)[0].total for parts in (right_way, swapped)]
    assert totals[0] < 1e-20 < totals[1]


def test_losses_that_are_not_finite_are_told(make: Make) -> None:
    objective, image = make(replace(Method(), start="noise"), 32, 32)
    assert objective.evaluate(image)[0].finite
    assert not objective.evaluate(image * float("nan"))[0].finite


@pytest.mark.parametrize("count", [1, 2, 5])
def test_several_devices_share_the_tiles_and_change_nothing(make: Make, tiny_vgg: Network, count: int) -> None:
    """The devices are copies on the same processor; sums are taken in the tiles' order whoever is done first."""
    method = Method(tv_weight=1.0)
    alone, image = make(method, 67, 51, tile=48, alpha=True)
    replicas = [tiny_vgg.to("cpu", torch.float64) for _ in range(count)]
    shared, _ = make(method, 67, 51, tile=48, alpha=True, replicas=replicas)
    one, other = alone.evaluate(image), shared.evaluate(image)
    assert torch.equal(one[1], other[1])
    assert one[0].as_dict() == other[0].as_dict()


def test_every_device_has_its_share(make: Make, tiny_vgg: Network, monkeypatch: pytest.MonkeyPatch) -> None:
    used = []
    real = Network.forward
    monkeypatch.setattr(Network, "forward", lambda self, *a, **k: used.append(self) or real(self, *a, **k))
    replicas = [tiny_vgg.to("cpu", torch.float64) for _ in range(2)]
    shared, image = make(Method(), 67, 51, tile=48, replicas=replicas)
    used.clear()
    shared.evaluate(image)
    counts = [sum(network is one for network in used) for one in (tiny_vgg, *replicas)]
    assert sum(counts) == 2 * len(shared.tiles)
    assert max(counts) - min(counts) <= 2


def test_out_of_memory_on_one_device_is_told(make: Make, tiny_vgg: Network, monkeypatch: pytest.MonkeyPatch) -> None:
    replica = tiny_vgg.to("cpu", torch.float64)
    shared, image = make(Method(), 67, 51, tile=48, replicas=[replica])
    real = Network.forward

    def features(self: Network, *args: Any, **options: Any) -> Any:
        if self is replica:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return real(self, *args, **options)

    monkeypatch.setattr(Network, "forward", features)
    with pytest.raises(torch.OutOfMemoryError):
        shared.evaluate(image)


@pytest.mark.parametrize("tile", [None, 48])
def test_tensors_on_disk_give_the_same_to_the_bit(make: Make, tmp_path: Path, tile: int | None) -> None:
    method = Method(tv_weight=1.0)
    memory, image = make(method, 67, 51, tile=tile, alpha=True)
    disk, _ = make(method, 67, 51, tile=tile, alpha=True, store=MappedStore(tmp_path))
    one, other = memory.evaluate(image), disk.evaluate(image)
    assert torch.equal(one[1], other[1])
    assert one[0].as_dict() == other[0].as_dict()


def test_a_large_canvas_has_its_variation_by_strips(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    small, image = make(Method(tv_weight=2.0), 40, 33, alpha=True)
    expected = small.evaluate(image)
    monkeypatch.setattr(tv_module, "STRIP_PIXELS", 10)
    same(small.evaluate(image), expected)


@pytest.mark.parametrize("changes", [{}, {"loss": "gram", "content_weight": 1e-3}, {"style_weight": 1000.0}])
def test_float16_has_room_for_the_gradient(picture_of: PictureOf, changes: dict[str, Any]) -> None:
    """Neither lost below its least number nor above its greatest; with VGG's own numbers, which decide its size. Small,
    because processors take minutes over float16."""
    vgg, method, gradients = load_network(None, Path()), replace(Method(), **changes), []
    for dtype in (torch.float32, torch.float16):
        network = vgg.to("cpu", dtype)
        parts = [region_term(network, picture_of(48, 40, 20).float(), method)]
        made = Objective(network, method, picture_of(48, 40, 1).float(), parts)
        gradients.append(made.evaluate(picture_of(48, 40, 2).float())[1].double())
    exact, found = gradients
    assert float((found - exact).norm() / exact.norm()) < 0.05
