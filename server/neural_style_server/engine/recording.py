"""An evaluation's kernels, recorded once as a CUDA graph and played again.

Launching two hundred small kernels one by one from Python takes longer than a GPU needs to run them.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Generic, TypeVar

import torch
from torch import Tensor

from .memory import is_out_of_memory

T = TypeVar("T")
log = logging.getLogger(__name__)

AS_USUAL = 2
"""Evaluations before the recording: the libraries choose their algorithms and take their memory in the first ones."""


class Recorder(Generic[T]):
    """Plays one piece of work on images of one size: from the third time on its recording, the same kernels on the same
    memory, so that what was answered before is overwritten.

    The work must not wait for the device. Where it cannot be recorded that is logged, and it is done as before.
    """

    def __init__(self) -> None:
        self._calls = 0
        self._graph: torch.cuda.CUDAGraph | None = None
        self._held: tuple[Tensor, T] | None = None

    def play(self, work: Callable[[Tensor], T], image: Tensor) -> T:
        self._calls += 1
        if self._calls == AS_USUAL + 1:
            self._record(work, image)
        if self._graph is None or self._held is None:
            return work(image)
        still, answer = self._held
        still.copy_(image)
        self._graph.replay()
        return answer

    def _record(self, work: Callable[[Tensor], T], image: Tensor) -> None:
        still, graph = image.clone(), torch.cuda.CUDAGraph()
        try:
            with torch.cuda.graph(graph):
                answer = work(still)
        except RuntimeError as error:
            if is_out_of_memory(error):
                raise
            log.warning("an evaluation could not be recorded, so it is launched piece by piece (%s)", error)
            return
        self._graph, self._held = graph, (still, answer)
