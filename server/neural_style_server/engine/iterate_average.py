"""Iterate averaging (Polyak and Juditsky 1992): the result is the mean of a run's last iterates."""

from __future__ import annotations

from torch import Tensor

from .memory.tensor_store import TensorStore
from .memory.working_set import strips


class IterateAverage:
    """The sum of some iterates (1, 3, H, W), each clamped to 0–255, and their `count`."""

    def __init__(self, store: TensorStore, total: Tensor | None = None, count: int = 0) -> None:
        self._store, self.total, self.count = store, total, count

    def add(self, image: Tensor) -> None:
        if self.total is None:
            self.total = self._store.zeros(tuple(image.shape), image.dtype)
        for rows in strips(*image.shape[-2:]):
            self.total[..., rows, :] += image[..., rows, :].clamp(0, 255)
            self._store.release()
        self.count += 1

    def picture(self, image: Tensor) -> Tensor:
        """A new tensor with the mean of the iterates, or if there are none with `image`; within 0–255."""
        source, count = (image, 1) if self.total is None else (self.total, self.count)
        picture = self._store.empty(tuple(image.shape), image.dtype)
        for rows in strips(*image.shape[-2:]):
            picture[..., rows, :] = (source[..., rows, :] / count).clamp(0, 255)
            self._store.release()
        return picture
