"""A run from its start image to its picture: what falls, what repeats, what is refused."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from neural_style_server.engine import progress
from neural_style_server.engine import task as task_module
from neural_style_server.engine.memory import working_set
from neural_style_server.engine.memory.tensor_store import MappedStore
from neural_style_server.engine.method import Method
from neural_style_server.engine.objective import Objective
from neural_style_server.engine.scales import Scale
from neural_style_server.engine.targets import TargetCache
from neural_style_server.engine.terms import Losses
from neural_style_server.engine.transfer import Region, Style, Task, Transfer
from neural_style_server.engine.vgg import Network
from neural_style_server.errors import Diverged, ImageError

PictureOf = Callable[..., Tensor]
METHOD = Method(iterations=6, scales=1, learning_rate=4.0)
CONTINUOUS = replace(METHOD, loss="balanced")
"""For pictures that are computed in another order: with the loss `neighbours` a match may change with the last bit."""


@pytest.fixture
def task_of(picture_of: PictureOf) -> Callable[..., Task]:
    def make(height: int = 40, width: int = 48, style: tuple[int, int] = (44, 36), **more: Any) -> Task:
        return Task(picture_of(height, width, 1), [Region([Style(picture_of(*style, 2))])], **more)

    return make


def painted(network: Network, task: Task, method: Method, **options: Any) -> Tensor:
    run = Transfer(network, task, method, **options)
    for _ in run:
        pass
    return run.picture()


@pytest.mark.parametrize("loss", ["neighbours", "gram", "balanced", "wasserstein"])
@pytest.mark.parametrize("optimiser", ["adam", "lbfgs"])
def test_the_loss_falls(tiny_vgg: Network, task_of: Callable[..., Task], loss: str, optimiser: str) -> None:
    method = replace(METHOD, loss=loss, optimiser=optimiser, iterations=10, start="noise", content_weight=0.01)
    totals = [progress.losses.total for progress in Transfer(tiny_vgg, task_of(), method)]
    assert len(totals) == 10 and totals[-1] < totals[0]


@pytest.mark.parametrize("start", ["content", "noise", "mix", "style", "image"])
def test_the_same_seed_gives_the_same_picture(
    tiny_vgg: Network, task_of: Callable[..., Task], picture_of: PictureOf, start: str
) -> None:
    task = task_of(init=picture_of(30, 30, 9))
    one, other = (painted(tiny_vgg, task, replace(METHOD, start=start, seed=7)) for _ in range(2))
    assert torch.equal(one, other)
    assert float(one.min()) >= 0 and float(one.max()) <= 255


def test_another_seed_gives_another_noise(tiny_vgg: Network, task_of: Callable[..., Task]) -> None:
    one, other = (painted(tiny_vgg, task_of(), replace(METHOD, start="noise", seed=seed)) for seed in (1, 2))
    assert not torch.equal(one, other)


def first_image(network: Network, task: Task, method: Method) -> Tensor:
    """Where a run starts: a step so small that the image is still there."""
    return painted(network, task, replace(method, iterations=1, scales=1, learning_rate=1e-3, tv_weight=0.0))


def test_start_images_are_what_they_are_called(
    tiny_vgg: Network, task_of: Callable[..., Task], picture_of: PictureOf
) -> None:
    task = task_of(40, 48, (40, 48), init=picture_of(40, 48, 9))
    plain = replace(METHOD, start_colours=0.0, start_noise=0.5)
    found = {name: first_image(tiny_vgg, task, replace(plain, start=name)) for name in transfer_starts()}
    assert torch.allclose(found["content"], task.content, atol=0.01)
    assert torch.allclose(found["style"], task.regions[0].styles[0].image, atol=0.01)
    assert torch.allclose(found["image"], task.init, atol=0.01)
    assert torch.allclose(found["mix"], (found["content"] + found["noise"]) / 2, atol=0.02)


def transfer_starts() -> tuple[str, ...]:
    from neural_style_server.engine.method import STARTS

    return STARTS


def test_the_start_takes_the_styles_colours_where_wanted(tiny_vgg: Network, task_of: Callable[..., Task]) -> None:
    task = task_of()
    start = first_image(tiny_vgg, task, replace(METHOD, start="content", start_colours=1.0))
    goal = task.regions[0].styles[0].image.mean((2, 3))
    assert float((start.mean((2, 3)) - goal).abs().max()) < 6
    assert float((task.content.mean((2, 3)) - goal).abs().max()) > 6


def test_the_start_takes_the_colours_of_all_styles_by_weight(
    tiny_vgg: Network, task_of: Callable[..., Task], picture_of: PictureOf
) -> None:
    styles = [Style(picture_of(40, 48, 1) * 0.2 + 150, 3.0), Style(picture_of(40, 48, 2) * 0.2 + 50, 1.0)]
    task = replace(task_of(), regions=[Region(styles)])
    start = first_image(tiny_vgg, task, replace(METHOD, loss="gram", start="content", start_colours=1.0))
    goal = (3 * styles[0].image + styles[1].image).mean((2, 3)) / 4
    assert float((start.mean((2, 3)) - goal).abs().max()) < 6


def test_the_start_image_must_be_there(tiny_vgg: Network, task_of: Callable[..., Task]) -> None:
    with pytest.raises(ImageError, match="init"):
        painted(tiny_vgg, task_of(), replace(METHOD, start="image"))


def test_progress_counts_iterations_scales_and_sizes(tiny_vgg: Network, task_of: Callable[..., Task]) -> None:
    scales = [Scale(20, 24, 2, 1.0), Scale(40, 48, 3, 0.7)]
    steps = list(Transfer(tiny_vgg, task_of(), METHOD, scales=scales))
    assert [(step.iteration, step.scale, step.width, step.height) for step in steps] == [
        (1, 0, 24, 20),
        (2, 0, 24, 20),
        (3, 1, 48, 40),
        (4, 1, 48, 40),
        (5, 1, 48, 40),
    ]
    assert {(step.iterations, step.scales) for step in steps} == {(5, 2)}
    assert all(one.seconds <= other.seconds for one, other in itertools.pairwise(steps))


def test_a_run_that_is_not_asked_again_does_nothing_more(
    tiny_vgg: Network, task_of: Callable[..., Task], monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = []
    real = Objective.evaluate
    monkeypatch.setattr(Objective, "evaluate", lambda self, image: calls.append(1) or real(self, image))
    run = Transfer(tiny_vgg, task_of(), METHOD)
    steps = iter(run)
    next(steps)
    next(steps)
    steps.close()  # type: ignore[attr-defined]
    assert len(calls) == 2 and run.picture().shape == (1, 3, 40, 48)


@pytest.mark.parametrize("optimiser", ["adam", "lbfgs"])
def test_a_loss_that_is_not_finite_stops_the_run_and_keeps_the_last_picture(
    tiny_vgg: Network, task_of: Callable[..., Task], monkeypatch: pytest.MonkeyPatch, optimiser: str
) -> None:
    run = Transfer(tiny_vgg, task_of(), replace(METHOD, optimiser=optimiser))
    run.step()
    good = run.picture().clone()
    broken = Losses(float("inf"), 0.0, float("inf"), 0.0)
    monkeypatch.setattr(Objective, "evaluate", lambda self, image: (broken, image * float("nan")))
    with pytest.raises(Diverged, match="no longer a finite number"):
        run.step()
    assert torch.equal(run.picture(), good)


def test_no_scale_goes_on_beyond_a_plateau(tiny_vgg: Network, task_of: Callable[..., Task]) -> None:
    method = replace(METHOD, plateau=0.9, learning_rate=1e-3, schedule="constant")
    scales = [Scale(20, 24, 60, 1.0), Scale(40, 48, 60, 1.0)]
    steps = list(Transfer(tiny_vgg, task_of(), method, scales=scales))
    assert len(steps) == 2 * (progress.PLATEAU_WINDOW + 1)
    assert steps[-1].iteration == 60 + progress.PLATEAU_WINDOW + 1


def test_the_average_is_the_mean_of_the_last_iterates(tiny_vgg: Network, task_of: Callable[..., Task]) -> None:
    run = Transfer(tiny_vgg, task_of(), METHOD)
    iterates = [run.picture() for _ in run]
    averaged = painted(tiny_vgg, task_of(), replace(METHOD, average=3))
    assert torch.allclose(averaged, torch.stack(iterates[-3:]).mean(0), rtol=1e-12)


def test_a_second_run_with_the_same_style_computes_no_targets(tiny_vgg: Network, task_of: Callable[..., Task]) -> None:
    cache, method = TargetCache(), replace(METHOD, iterations=4)
    scales = [Scale(20, 24, 2, 1.0), Scale(40, 48, 2, 1.0)]
    one = painted(tiny_vgg, task_of(), method, cache=cache, scales=scales)
    misses = cache.misses
    assert misses == 2
    assert torch.equal(painted(tiny_vgg, task_of(), method, cache=cache, scales=scales), one)
    assert cache.misses == misses


@pytest.mark.parametrize(
    ("content", "style"),
    [
        ((16, 16), (16, 16)),
        ((16, 16), (70, 70)),
        ((70, 64), (5, 4)),
        ((16, 320), (30, 30)),
        ((320, 16), (16, 320)),
        ((1, 60), (1, 1)),
    ],
)
@pytest.mark.parametrize("seamless", [False, True])
def test_sizes_of_every_kind_are_painted(
    tiny_vgg: Network, task_of: Callable[..., Task], content: tuple[int, int], style: tuple[int, int], seamless: bool
) -> None:
    method = replace(METHOD, iterations=2, seamless=seamless, colour_method="luminance", colour=0.5)
    picture = painted(tiny_vgg, task_of(*content, style), method)
    assert picture.shape[-1] >= 16 and picture.shape[-2] >= 16
    assert bool(torch.isfinite(picture).all())


@pytest.mark.parametrize("loss", ["neighbours", "gram", "balanced", "wasserstein"])
@pytest.mark.parametrize("grey", [0.0, 128.0, 255.0])
def test_flat_pictures_are_painted(tiny_vgg: Network, picture_of: PictureOf, loss: str, grey: float) -> None:
    flat = torch.full((1, 3, 24, 24), grey, dtype=torch.float64)
    for content, style in ((flat, picture_of(24, 24)), (picture_of(24, 24), flat), (flat, flat)):
        picture = painted(tiny_vgg, Task(content, [Region([Style(style)])]), replace(METHOD, loss=loss, iterations=3))
        assert bool(torch.isfinite(picture).all())


def test_a_fully_transparent_layer_is_refused(tiny_vgg: Network, task_of: Callable[..., Task]) -> None:
    task = task_of(alpha=torch.zeros(1, 1, 40, 48, dtype=torch.float64))
    with pytest.raises(ImageError, match="fully transparent") as caught:
        Transfer(tiny_vgg, task, METHOD)
    assert caught.value.hint


def test_styles_that_all_weigh_nothing_are_refused(tiny_vgg: Network, picture_of: PictureOf) -> None:
    task = Task(picture_of(24, 24), [Region([Style(picture_of(24, 24, 2), weight=0.0)])])
    with pytest.raises(ImageError, match="weight"):
        Transfer(tiny_vgg, task, METHOD)


def test_tiles_in_the_middle_of_a_run_give_the_same_picture(tiny_vgg: Network, task_of: Callable[..., Task]) -> None:
    method = replace(CONTINUOUS, average=2)
    run = Transfer(tiny_vgg, task_of(), method)
    for index, _ in enumerate(run):
        if index == 2:
            run.use_tiles(16)
    assert torch.allclose(run.picture(), painted(tiny_vgg, task_of(), method), atol=1e-6)


def test_tiles_from_the_start_give_the_same_picture(tiny_vgg: Network, task_of: Callable[..., Task]) -> None:
    tiled = painted(tiny_vgg, task_of(), CONTINUOUS, tile_size=16)
    assert torch.allclose(tiled, painted(tiny_vgg, task_of(), CONTINUOUS), atol=1e-6)


def test_the_joint_of_a_seamless_picture_is_no_stronger_than_elsewhere(
    tiny_vgg: Network, task_of: Callable[..., Task]
) -> None:
    method = replace(METHOD, seamless=True, iterations=30, start="noise", content_weight=0.0, tv_weight=20.0)
    picture = painted(tiny_vgg, task_of(64, 64), method)
    for axis in (2, 3):
        steps = (picture - picture.roll(1, axis)).abs().mean([d for d in range(4) if d != axis])
        assert float(steps[0]) < 1.3 * float(steps[1:].mean())


def test_a_photo_whose_edges_differ_meets_itself_in_a_seamless_picture(
    tiny_vgg: Network, task_of: Callable[..., Task]
) -> None:
    """Sky above, water below: the joint was the hardest line of all."""
    slope = torch.linspace(230, 20, 64)[None, None, :, None].expand(1, 3, 64, 64).contiguous()
    task = replace(task_of(64, 64), content=slope)
    method = replace(METHOD, seamless=True, iterations=4, start_colours=0.0, style_weight=1e-3, content_weight=1.0)
    picture = painted(tiny_vgg, task, method)
    joint = float((picture[..., 0, :] - picture[..., -1, :]).abs().mean())
    assert joint < 20
    assert float((painted(tiny_vgg, task, replace(method, seamless=False))[..., 0, :] - 230).abs().mean()) < 60


def test_a_selection_meets_what_surrounds_it_not_its_opposite_edge(
    tiny_vgg: Network, task_of: Callable[..., Task], weight_of: PictureOf
) -> None:
    task = task_of(64, 64, mask=(weight_of(64, 64, 5) > 0.5).float())
    run = Transfer(tiny_vgg, task, replace(METHOD, seamless=True))
    outside = (task.mask == 0).expand_as(task.content)
    for _ in run:
        pass
    assert torch.equal(run.picture()[outside], task.content[outside])


LAYERED = [Scale(20, 24, 3, 1.0), Scale(40, 48, 4, 0.7)]


@pytest.mark.parametrize("start", ["content", "mix", "noise", "style", "image"])
@pytest.mark.parametrize("optimiser", ["adam", "lbfgs"])
def test_a_canvas_on_disk_gives_the_same_picture_to_the_bit(
    tiny_vgg: Network,
    task_of: Callable[..., Task],
    picture_of: PictureOf,
    weight_of: PictureOf,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    start: str,
    optimiser: str,
) -> None:
    method = replace(METHOD, start=start, average=2, optimiser=optimiser, tv_weight=1.0)
    weights = {"alpha": weight_of(40, 48, 3), "mask": weight_of(40, 48, 4)}
    task = task_of(init=picture_of(30, 30, 9), **weights)
    expected = painted(tiny_vgg, task, method, scales=LAYERED)
    monkeypatch.setattr(working_set, "STRIP_PIXELS", 200)
    found = painted(tiny_vgg, task, method, scales=LAYERED, store=MappedStore(tmp_path))
    # products of three by three matrices may round otherwise where they have fewer columns
    assert torch.equal(found, expected) or (start in ("content", "mix") and torch.allclose(found, expected, atol=1e-6))
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("method", ["chroma", "match", "luminance", "histogram"])
def test_a_large_canvass_colours_are_measured_on_a_smaller_one(
    tiny_vgg: Network, task_of: Callable[..., Task], weight_of: PictureOf, monkeypatch: pytest.MonkeyPatch, method: str
) -> None:
    method = replace(CONTINUOUS, colour_method=method, colour=0.7, iterations=3)
    task = task_of(alpha=weight_of(40, 48, 3))
    expected = painted(tiny_vgg, task, method)
    monkeypatch.setattr(task_module, "IN_MEMORY_PIXELS", 10)
    monkeypatch.setattr(task_module, "SAMPLE_SIDE", 24)
    assert float((painted(tiny_vgg, task, method) - expected).abs().mean()) < 6


def out_of_memory(*_: Any) -> None:
    raise RuntimeError("[enforce fail at alloc_cpu.cpp:117] DefaultCPUAllocator: can't allocate memory")


@pytest.mark.parametrize("failing", ["evaluate", "__init__"])
def test_memory_that_runs_out_anywhere_costs_nothing_but_time(
    tiny_vgg: Network, task_of: Callable[..., Task], monkeypatch: pytest.MonkeyPatch, failing: str
) -> None:
    """In an iteration, or on the way into a finer scale: the step is asked for again, with smaller tiles."""
    expected = painted(tiny_vgg, task_of(), CONTINUOUS, scales=LAYERED)
    real, calls, refused = getattr(Objective, failing), itertools.count(1), []

    def sometimes(self: Objective, *args: Any, **options: Any) -> Any:
        if next(calls) in (2, 5):
            out_of_memory()
        return real(self, *args, **options)

    monkeypatch.setattr(Objective, failing, sometimes)
    run, iterations = Transfer(tiny_vgg, task_of(), CONTINUOUS, scales=LAYERED), []
    while not run.finished:
        try:
            iterations.append(run.step().iteration)
        except RuntimeError:
            refused.append(len(iterations))
            run.use_tiles(16)
    assert iterations == list(range(1, 8))
    assert refused or failing == "__init__"  # the first refusal there is met when the finer scale is tried again
    assert torch.allclose(run.picture(), expected, atol=1e-6)


def test_another_failure_on_the_way_into_a_finer_scale_is_not_hidden(
    tiny_vgg: Network, task_of: Callable[..., Task], monkeypatch: pytest.MonkeyPatch
) -> None:
    run = Transfer(tiny_vgg, task_of(), METHOD, scales=LAYERED)
    run.step()
    run.step()

    def broken(*_: Any, **__: Any) -> None:
        raise RuntimeError("size mismatch")

    monkeypatch.setattr(Objective, "__init__", broken)
    with pytest.raises(RuntimeError, match="mismatch"):
        run.step()


def tv_at_the_start(network: Network, task: Task, method: Method) -> float:
    return Transfer(network, task, method).step().losses.tv


def test_smooth_styles_are_painted_smoothly_and_several_by_their_weights(
    tiny_vgg: Network, picture_of: PictureOf
) -> None:
    content, rough = picture_of(40, 48, 1), picture_of(40, 48, 2)
    smooth = (rough - rough.mean()) * 0.3 + rough.mean()
    method = replace(METHOD, start_colours=0.0)

    def tv(*weights: float, **changed: Any) -> float:
        styles = [Style(rough, weights[0]), Style(smooth, weights[1])]
        return tv_at_the_start(tiny_vgg, Task(content, [Region(styles)]), replace(method, **changed))

    assert tv(0, 1) > tv(1, 1) > tv(1, 0) > 0
    assert tv(0, 1, loss="gram") == tv(1, 0, loss="gram"), "the paper's objective stays as written"
