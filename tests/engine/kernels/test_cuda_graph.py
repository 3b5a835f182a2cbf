"""When something is recorded and when it is played, with a graph that only counts. The real one: `test_gpu.py`."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import pytest
import torch
from torch import Tensor

from neural_style_server.engine.kernels.cuda_graph import CALLS_BEFORE_RECORDING, RecordedGraph

PLAYED: list[Any] = []
IMAGE = torch.ones(1, 3, 4, 4)


class Graph:
    def replay(self) -> None:
        PLAYED.append(self)


@pytest.fixture(autouse=True)
def used(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What was entered, in order: the device, the stream, the recording with its stream."""
    seen: list[Any] = []

    def entering(name: str) -> Any:
        @contextlib.contextmanager
        def enter(*given: Any, **named: Any) -> Iterator[None]:
            seen.append((name, *given[:1], *named.values()) if name != "graph" else (name, *named.values()))
            yield
            seen.append(f"left {name}")

        return enter

    PLAYED.clear()
    monkeypatch.setattr(torch.cuda, "CUDAGraph", Graph)
    monkeypatch.setattr(torch.cuda, "Stream", lambda device: f"a stream on {device}")
    for name in ("device", "stream", "graph"):
        monkeypatch.setattr(torch.cuda, name, entering(name))
    return seen


def test_it_is_recorded_once_on_the_images_device_and_played_from_then_on(used: list[Any]) -> None:
    calls: list[Tensor] = []

    def work(image: Tensor) -> Tensor:
        calls.append(image)
        return image * 2

    recorder: RecordedGraph[Tensor] = RecordedGraph()
    answers = [recorder.play(work, IMAGE * number) for number in range(CALLS_BEFORE_RECORDING + 4)]
    assert len(calls) == CALLS_BEFORE_RECORDING + 1 and len(PLAYED) == 4
    assert all(answer is answers[-1] for answer in answers[CALLS_BEFORE_RECORDING:])
    assert torch.equal(calls[-1], IMAGE * (CALLS_BEFORE_RECORDING + 3)), "what is played looks at the latest image"
    stream = "a stream on cpu"
    assert used[:3] == [("device", IMAGE.device), ("stream", stream), ("graph", stream)]


@pytest.mark.parametrize("error", [RuntimeError("not permitted when stream is capturing"), torch.OutOfMemoryError()])
def test_what_cannot_be_recorded_is_told_and_done_as_before(error: Exception, caplog: pytest.LogCaptureFixture) -> None:
    calls: list[int] = []

    def work(image: Tensor) -> int:
        calls.append(len(calls))
        if len(calls) == CALLS_BEFORE_RECORDING + 1:
            raise error
        return calls[-1]

    recorder: RecordedGraph[int] = RecordedGraph()
    answers = [recorder.play(work, IMAGE) for _ in range(CALLS_BEFORE_RECORDING + 3)]
    assert not PLAYED and len(set(answers)) == len(answers)
    assert [record.levelname for record in caplog.records] == ["WARNING"]
