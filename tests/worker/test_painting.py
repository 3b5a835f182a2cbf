"""What a job's iterations were to take, told with each of them, and what is left at the pace of the latest."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from tests.engine.conftest import _one_thread, tiny_vgg  # noqa: F401

from neural_style_server.engine import transfer as transfer_module
from neural_style_server.engine.memory.duration import Load, ScaleSeconds, scale_seconds
from neural_style_server.engine.method import Method
from neural_style_server.engine.objective import Objective
from neural_style_server.engine.targets import TargetCache
from neural_style_server.engine.transfer import Transfer
from neural_style_server.engine.vgg import Network
from neural_style_server.jobs.messages import Progress
from neural_style_server.jobs.picture_files import write_picture
from neural_style_server.jobs.task import TaskFile, TaskRegion, TaskStyle
from neural_style_server.pixels import Picture
from neural_style_server.worker.run import Run

CALIBRATION = {"pixels": [1024, 9216], "seconds": [2.0, 10.0]}
METHOD = Method(iterations=40, scales=2, average=0)
CHANGED = 3
Begin = Callable[..., Run]


class Clock:
    """In place of `time`: it goes on by `slow` times what an evaluation of the network is to take, and by no other."""

    def __init__(self) -> None:
        self.now, self.slow = 0.0, 1.0

    def perf_counter(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(transfer_module, "time", made)
    return made


@pytest.fixture
def begin(
    tmp_path: Path,
    tiny_vgg: Network,  # noqa: F811
) -> Iterator[Begin]:
    runs: list[Run] = []
    network, cache = tiny_vgg.to("cpu", torch.float32), TargetCache()

    def make(name: str = "job") -> Run:
        folder = tmp_path / name
        if not folder.exists():
            folder.mkdir()
            for seed, image in enumerate(("content", "style")):
                pixels = np.random.default_rng(seed).integers(0, 255, (160, 120, 4), np.uint8)
                pixels[..., 3] = 255
                write_picture(tmp_path / image, Picture(pixels, "RGBA8"))
            TaskFile(
                method=METHOD.as_dict(),
                frames={"at": [99]},
                content="content",
                regions=[TaskRegion(mask=None, styles=[TaskStyle(image="style", weight=1.0)])],
            ).write(folder)
        runs.append(Run("job", folder, tmp_path, network, cache, calibration=CALIBRATION))
        return runs[-1]

    yield make
    for run in runs:
        run.close()


def told(run: Run, most: int = 100) -> list[Progress]:
    found: list[Any] = []
    while not run.finished and len(found) < most:
        found += run.advance()
    return found


def costs_of(run: Run, styles: int) -> list[ScaleSeconds]:
    load = Load(styles=styles, places=styles, work=METHOD.work, style_scale=METHOD.style_scale)
    assert len(run._transfer.scales) == 2
    return scale_seconds(run._transfer.scales, load, CALIBRATION)


def foretold(run: Run, styles: int) -> float:
    """Of all scales."""
    pairs = zip(run._transfer.scales, costs_of(run, styles), strict=True)
    return sum(cost.begin + scale.iterations * cost.iteration for scale, cost in pairs)


def test_iterations_add_up_to_what_was_foretold(begin: Begin) -> None:
    run = begin()
    messages = told(run)
    assert sum(message.expected for message in messages) == pytest.approx(foretold(run, styles=1))
    assert messages[-1].eta == 0.0 and all(message.took > 0 for message in messages)
    assert sum(message.took for message in messages) == pytest.approx(messages[-1].seconds, abs=0.01)


def test_cached_targets_are_not_expected_to_be_computed(begin: Begin) -> None:
    told(begin("first"))
    run = begin("second")
    assert sum(message.expected for message in told(run)) == pytest.approx(foretold(run, styles=0))


def test_a_run_that_goes_on_begins_its_scale_again(begin: Begin) -> None:
    whole = [message.expected for message in told(begin("whole"))]
    told(begin("parts"), most=5)
    first = begin("parts")
    before = told(first, most=5)
    first.save_checkpoint()
    after = told(begin("parts"))
    assert len(before) + len(after) == len(whole)
    assert after[0].expected > whole[5] == pytest.approx(after[1].expected)


def test_what_is_left_follows_the_machine(begin: Begin, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    """Three times as slow as it was calibrated, and from an iteration of the finest scale on six times: the time that
    is told to be left is right from the first iteration on, and again four after the change."""
    run, evaluate, enter = begin(), Objective.evaluate, Transfer._enter
    costs = costs_of(run, styles=1)

    def timed(objective: Objective, image: Any) -> Any:
        clock.now += clock.slow * costs[run._transfer.position.scale].iteration
        return evaluate(objective, image)

    def timed_enter(transfer: Transfer) -> None:
        clock.now += clock.slow * costs[transfer.position.scale].begin
        enter(transfer)

    monkeypatch.setattr(Objective, "evaluate", timed)
    monkeypatch.setattr(Transfer, "_enter", timed_enter)
    messages: list[Progress] = []
    while not run.finished:
        position = run._transfer.position
        clock.slow = 6.0 if position.scale == 1 and position.step >= CHANGED else 3.0
        messages += told(run, most=1)
    fine = next(index for index, message in enumerate(messages) if message.scale == 1)
    for message in messages[: fine + CHANGED]:
        assert message.seconds + message.eta == pytest.approx(3 * foretold(run, styles=1), rel=0.01)
    for message in messages[fine + CHANGED + 4 :]:
        assert message.seconds + message.eta == pytest.approx(messages[-1].seconds, rel=0.25)
