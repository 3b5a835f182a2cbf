"""An evaluation's kernels, recorded once as a CUDA graph and played again.

Launching two hundred small kernels one by one from Python takes longer than a GPU needs to run them.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Generic, TypeVar

import torch
from torch import Tensor

T = TypeVar("T")
log = logging.getLogger(__name__)

AS_USUAL = 2
"""Evaluations before the recording: the libraries choose their algorithms and take their memory in the first ones."""


class RecordedGraph(Generic[T]):
    """Plays one piece of work on images of one size: from the third time on its recording, the same kernels on the same
    memory, so that what was answered before is overwritten.

    The work must not wait for the device. Where it cannot be recorded that is logged, and it is done as before.
    """

    def __init__(self) -> None:
        self._calls = 0
        self._recorded: tuple[torch.cuda.CUDAGraph, Tensor, T] | None = None

    def play(self, work: Callable[[Tensor], T], image: Tensor) -> T:
        self._calls += 1
        if self._calls == AS_USUAL + 1:
            self._record(work, image)
        if self._recorded is None:
            return work(image)
        graph, still, answer = self._recorded
        still.copy_(image)
        graph.replay()
        return answer

    def _record(self, work: Callable[[Tensor], T], image: Tensor) -> None:
        still, graph = image.clone(), torch.cuda.CUDAGraph()
        # on the image's own device: left to itself torch would record nothing on the first one. The outer context
        # restores the stream also where recording fails
        stream = torch.cuda.Stream(image.device)  # type: ignore[no-untyped-call]
        try:
            with torch.cuda.device(image.device), torch.cuda.stream(stream), torch.cuda.graph(graph, stream=stream):
                answer = work(still)
        except RuntimeError as error:
            log.warning("an evaluation could not be recorded, so it is launched piece by piece (%s)", error)
            return
        self._recorded = graph, still, answer
