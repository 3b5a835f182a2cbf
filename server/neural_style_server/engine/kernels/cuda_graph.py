"""An evaluation's kernels, recorded once as a CUDA graph and replayed.

Launching two hundred small kernels one by one from Python takes longer than the GPU takes to run them.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Generic, TypeVar

import torch
from torch import Tensor

T = TypeVar("T")
log = logging.getLogger(__name__)

CALLS_BEFORE_RECORDING = 2
"""In these the libraries choose their algorithms and allocate their memory."""


class RecordedGraph(Generic[T]):
    """Runs one piece of work on images of one size; after CALLS_BEFORE_RECORDING by replaying its graph.

    A replay overwrites the results of the one before. The work must not wait for the device. If it cannot be recorded,
    that is logged, and its kernels are launched one by one.
    """

    def __init__(self) -> None:
        self._calls = 0
        self._recorded: tuple[torch.cuda.CUDAGraph, Tensor, T] | None = None

    def play(self, work: Callable[[Tensor], T], image: Tensor) -> T:
        self._calls += 1
        if self._calls == CALLS_BEFORE_RECORDING + 1:
            self._record(work, image)
        if self._recorded is None:
            return work(image)
        graph, input_, result = self._recorded
        input_.copy_(image)
        graph.replay()
        return result

    def _record(self, work: Callable[[Tensor], T], image: Tensor) -> None:
        input_, graph = image.clone(), torch.cuda.CUDAGraph()
        # torch records on the current device, so it must be the image's; the outer stream context restores the stream
        # also if recording fails
        stream = torch.cuda.Stream(image.device)  # type: ignore[no-untyped-call]
        try:
            with torch.cuda.device(image.device), torch.cuda.stream(stream), torch.cuda.graph(graph, stream=stream):
                result = work(input_)
        except RuntimeError as error:
            log.warning(
                "an evaluation could not be recorded as a CUDA graph, so it takes longer (%s)",
                error,
            )
            return
        self._recorded = graph, input_, result
