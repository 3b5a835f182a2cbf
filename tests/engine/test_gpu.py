"""The same numbers on a CUDA device as on the processor, also where evaluations are played from a recording.

Only where there is such a device. In float64 with the tiny network, so that what differs is a mistake.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import product
from typing import Any

import pytest
import torch
from torch import Tensor

from neural_style_server.engine import device
from neural_style_server.engine.kernels.cuda_graph import CALLS_BEFORE_RECORDING
from neural_style_server.engine.memory.out_of_memory import is_out_of_memory
from neural_style_server.engine.method import LOSSES, Method
from neural_style_server.engine.objective import Objective
from neural_style_server.engine.targets import region_term
from neural_style_server.engine.transfer import Region, Style, Task, Transfer
from neural_style_server.engine.vgg import Network

if not torch.cuda.is_available():
    pytest.skip("no CUDA device", allow_module_level=True)

PictureOf = Callable[..., Tensor]
CUDA = torch.device("cuda")


@pytest.fixture(scope="module")
def gpu_vgg(tiny_vgg: Network) -> Network:
    return tiny_vgg.to(CUDA, torch.float64)


@pytest.fixture
def _deterministic() -> Any:
    device.be_deterministic(True)
    yield
    device.be_deterministic(False)


def both(
    tiny_vgg: Network, gpu_vgg: Network, picture_of: PictureOf, weight_of: PictureOf, method: Method, **options: Any
) -> list[tuple[Objective, Tensor]]:
    """The same objective on the processor and on the GPU, each with an image to evaluate it at."""
    found = []
    alpha, tile = options.get("alpha", False), options.get("tile")
    for network in (tiny_vgg, gpu_vgg):
        visible = weight_of(80, 96, 5).to(network.device) if alpha else None
        term = replace(region_term(network, picture_of(48, 40, 20).to(network.device), method), weight=visible)
        content = picture_of(80, 96, 1).to(network.device)
        made = Objective(network, method, content, [term], visible=visible, tile_size=tile)
        found.append((made, picture_of(80, 96, 2).to(network.device)))
    return found


def same(one: tuple[Any, Tensor], other: tuple[Any, Tensor], tolerance: float = 1e-7) -> None:
    assert one[0].as_dict() == pytest.approx(other[0].as_dict(), rel=tolerance)
    assert dict(one[0].layers) == pytest.approx(dict(other[0].layers), rel=tolerance)
    first, second = one[1].cpu(), other[1].cpu()
    assert float((first - second).norm() / second.norm()) < tolerance


@pytest.mark.parametrize(
    ("loss", "pooling", "padding"), list(product(LOSSES, ("max", "average"), ("zeros", "replicate")))
)
def test_the_processors_gradient(
    tiny_vgg: Network,
    gpu_vgg: Network,
    picture_of: PictureOf,
    weight_of: PictureOf,
    loss: str,
    pooling: str,
    padding: str,
) -> None:
    method = Method(loss=loss, pooling=pooling, padding=padding)
    (reference, image), (made, there) = both(tiny_vgg, gpu_vgg, picture_of, weight_of, method)
    expected = reference.evaluate(image)
    for _ in range(CALLS_BEFORE_RECORDING + 2):
        same(made.evaluate(there), expected)


@pytest.mark.parametrize("options", [{"alpha": True}, {"tile": 64}, {"tile": 64, "alpha": True}])
@pytest.mark.parametrize("seamless", [False, True])
def test_the_processors_gradient_with_alpha_tiles_and_joined_edges(
    tiny_vgg: Network,
    gpu_vgg: Network,
    picture_of: PictureOf,
    weight_of: PictureOf,
    options: dict[str, Any],
    seamless: bool,
) -> None:
    (reference, image), (made, there) = both(
        tiny_vgg, gpu_vgg, picture_of, weight_of, Method(seamless=seamless), **options
    )
    expected = reference.evaluate(image)
    for _ in range(CALLS_BEFORE_RECORDING + 2):
        same(made.evaluate(there), expected)


def test_a_recording_follows_the_image(
    tiny_vgg: Network, gpu_vgg: Network, picture_of: PictureOf, weight_of: PictureOf
) -> None:
    (reference, _), (made, _) = both(tiny_vgg, gpu_vgg, picture_of, weight_of, Method())
    for seed in range(CALLS_BEFORE_RECORDING + 4):
        image = picture_of(80, 96, 30 + seed)
        same(made.evaluate(image.to(CUDA)), reference.evaluate(image))


def test_what_can_be_recorded_is(
    gpu_vgg: Network, tiny_vgg: Network, picture_of: PictureOf, weight_of: PictureOf, caplog: pytest.LogCaptureFixture
) -> None:
    _, (made, there) = both(tiny_vgg, gpu_vgg, picture_of, weight_of, Method())
    work, calls = made._differentiate, []
    made._differentiate = lambda image: (calls.append(1), work(image))[1]  # type: ignore[method-assign, func-returns-value]
    for _ in range(CALLS_BEFORE_RECORDING + 5):
        made.evaluate(there)
    assert len(calls) == CALLS_BEFORE_RECORDING + 1 and not caplog.records


def task_of(picture_of: PictureOf) -> Task:
    return Task(picture_of(80, 96, 1).to(CUDA), [Region([Style(picture_of(44, 36, 2).to(CUDA))])])


def painted(network: Network, task: Task, method: Method) -> Tensor:
    run = Transfer(network, task, method)
    for _ in run:
        pass
    return run.picture().cpu()


@pytest.mark.parametrize("changes", [{}, {"loss": "wasserstein"}, {"optimiser": "lbfgs"}, {"seamless": True}])
def test_a_run_ends_where_the_processors_does(
    tiny_vgg: Network, gpu_vgg: Network, picture_of: PictureOf, changes: dict[str, Any]
) -> None:
    """Rounding grows from step to step, so only a few of them."""
    method = replace(Method(iterations=8, scales=2, learning_rate=2.0), **changes)
    task = task_of(picture_of)
    there = Task(task.content.cpu(), [Region([Style(task.regions[0].styles[0].image.cpu())])])
    assert torch.allclose(painted(gpu_vgg, task, method), painted(tiny_vgg, there, method), atol=0.01)


@pytest.mark.usefixtures("_deterministic")
@pytest.mark.parametrize("padding", ["replicate", "zeros"])
def test_one_seed_gives_one_picture_where_that_is_asked_for(
    gpu_vgg: Network, picture_of: PictureOf, padding: str
) -> None:
    network = gpu_vgg.to(CUDA, torch.float32)
    method = Method(iterations=20, scales=2, padding=padding, start="mix")
    one, other = (painted(network, task_of(picture_of), method) for _ in range(2))
    assert torch.equal(one, other)


def test_a_canvas_that_the_device_has_no_memory_for_is_told(gpu_vgg: Network) -> None:
    with pytest.raises(RuntimeError) as caught:
        torch.empty(1 << 50, dtype=torch.uint8, device=CUDA)
    assert is_out_of_memory(caught.value)
