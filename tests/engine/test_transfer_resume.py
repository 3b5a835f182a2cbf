"""Going on from a checkpoint gives, to the bit, the picture of the run that was never interrupted."""

from __future__ import annotations

import gc
import io
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from neural_style_server.engine.method import Method
from neural_style_server.engine.scales import Scale
from neural_style_server.engine.transfer import Region, Style, Task, Transfer
from neural_style_server.engine.vgg import Network
from neural_style_server.errors import ImageError

PictureOf = Callable[..., Tensor]
Begin = Callable[..., Transfer]

ADAM = Method(iterations=9, learning_rate=4.0, start="mix")
METHODS = {
    "adam": ADAM,
    "lbfgs": replace(ADAM, optimiser="lbfgs"),
    "averaging": replace(ADAM, average=3),
    "plateau": replace(ADAM, plateau=0.5, schedule="constant"),
    "seamless": replace(ADAM, seamless=True, optimiser="lbfgs"),
}
every_method = pytest.mark.parametrize("method", METHODS.values(), ids=METHODS.keys())
FINEST = 14


@pytest.fixture
def begin(tiny_vgg: Network, picture_of: PictureOf, weight_of: PictureOf) -> Begin:
    """A run of 4 iterations at 32 × 32 and 14 at 48 × 48."""

    def make(method: Method, network: Network = tiny_vgg) -> Transfer:
        task = Task(picture_of(50, 44, 1), [Region([Style(picture_of(40, 40, 2))])], alpha=weight_of(50, 44))
        return Transfer(network, task, method, scales=[Scale(32, 32, 4, 1.0), Scale(48, 48, FINEST, 0.7)])

    return make


def saved(run: Transfer) -> dict[str, Any]:
    """The checkpoint as it comes back from a file."""
    file = io.BytesIO()
    torch.save(run.state(), file)
    file.seek(0)
    state: dict[str, Any] = torch.load(file, weights_only=True)
    return state


def steps(run: Transfer, count: int | None = None) -> Transfer:
    """Paint so many iterations, or all that are left."""
    for index, _ in enumerate(run, 1):
        if index == count:
            break
    return run


@every_method
@pytest.mark.parametrize("after", [0, 2, 4, 17])
def test_a_resumed_run_ends_in_the_same_picture(begin: Begin, method: Method, after: int) -> None:
    """Before the start, in the first scale, at its end, in the second, and among the iterates that are averaged."""
    first, again = begin(method), begin(method)
    if after:
        steps(first, after)
    again.restore(saved(first))
    assert torch.equal(steps(again).picture(), steps(begin(method)).picture())
    assert again.position == steps(first).position


@every_method
def test_the_picture_is_there_again_right_after_resuming(begin: Begin, method: Method) -> None:
    for count in (3, 9, 17):
        run, again = steps(begin(method), count), begin(method)
        again.restore(saved(run))
        assert torch.equal(again.picture(), run.picture())


@every_method
def test_a_finished_run_is_extended_the_same_live_or_from_its_checkpoint(begin: Begin, method: Method) -> None:
    live, asked_before, resumed = begin(method), begin(method), begin(method)
    asked_before.extend(5)
    steps(asked_before)
    state = saved(steps(live))
    live.extend(5)
    steps(live)
    resumed.extend(5)
    resumed.restore(state)
    steps(resumed)
    assert torch.equal(resumed.picture(), asked_before.picture())
    assert torch.equal(live.picture(), asked_before.picture())
    assert live.position == resumed.position


@every_method
def test_a_checkpoint_that_is_extended_after_it_was_restored_is_the_same_too(begin: Begin, method: Method) -> None:
    first, again, whole = steps(begin(method)), begin(method), begin(method)
    again.restore(saved(first))
    again.extend(4)
    whole.extend(4)
    assert torch.equal(steps(again).picture(), steps(whole).picture())


@every_method
def test_an_extended_run_can_be_interrupted_within_the_extension(begin: Begin, method: Method) -> None:
    whole = begin(method)
    whole.extend(6)
    first = steps(begin(method))
    first.extend(6)
    steps(first, 3)
    again = begin(method)
    again.extend(6)
    again.restore(saved(first))
    assert torch.equal(steps(again).picture(), steps(whole).picture())


def test_extending_while_iterates_are_averaged_shows_the_present_image(begin: Begin) -> None:
    method, plain = METHODS["averaging"], replace(METHODS["averaging"], average=0)
    run, reference = steps(begin(method), 17), begin(plain)
    run.extend(5)
    reference.extend(5)
    steps(reference, 17)
    for _ in range(2):
        run.step()
        reference.step()
        assert torch.equal(run.picture(), reference.picture())


def test_an_extension_lowers_the_loss_further_and_counts_on(begin: Begin) -> None:
    run = begin(ADAM)
    last = [progress.losses.total for progress in run][-1]
    run.extend(8)
    more = list(run)
    assert more[-1].losses.total < last
    assert [progress.iteration for progress in more] == list(range(4 + FINEST + 1, 4 + FINEST + 9))
    assert more[-1].iterations == 4 + FINEST + 8


def test_a_finished_run_restores_as_finished(begin: Begin) -> None:
    run, again = steps(begin(ADAM)), begin(ADAM)
    again.restore(saved(run))
    assert again.finished and torch.equal(again.picture(), run.picture())
    assert list(again) == []


def test_a_checkpoint_of_another_network_is_refused(begin: Begin, tiny_vgg: Network) -> None:
    state = saved(steps(begin(ADAM), 2))
    with pytest.raises(ImageError, match="another network"):
        begin(ADAM, replace(tiny_vgg, sha256="other")).restore(state)


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@every_method
def test_nothing_of_a_checkpoints_file_stays_mapped(begin: Begin, method: Method, tmp_path: Path) -> None:
    """Windows does not replace a file that is mapped, and the next checkpoint replaces it."""
    run = begin(method)
    for _ in range(6):
        run.step()
    torch.save(run.state(), tmp_path / "checkpoint.pt")
    again = begin(method)
    again.restore(torch.load(tmp_path / "checkpoint.pt", weights_only=True, mmap=True))
    gc.collect()
    assert str(tmp_path) not in Path("/proc/self/maps").read_text()
    assert torch.equal(again.picture(), run.picture())
