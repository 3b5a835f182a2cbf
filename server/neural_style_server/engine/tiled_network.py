"""The network on a canvas, tile by tile, on one device or several."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from torch import Tensor

from .memory import tiles
from .memory.tensor_store import TensorStore
from .method import Method
from .vgg import Hook, HookSums, Network

T = TypeVar("T")


class TiledNetwork:
    """`tiles` of one canvas, and the networks that share them: the first one's device has the losses."""

    def __init__(
        self, networks: Sequence[Network], method: Method, canvas_tiles: list[tiles.Tile], store: TensorStore
    ) -> None:
        self.networks, self.method, self.tiles, self.store = networks, method, canvas_tiles, store

    def each(self, work: Callable[[int, Network], T]) -> Iterator[T]:
        """`work(index, network)` of every tile, in the tiles' order, so that sums do not depend on the devices.

        Each device has one tile at a time.
        """
        if len(self.networks) == 1:
            for index in range(len(self.tiles)):
                yield work(index, self.networks[0])
                self.store.release()
            return
        with ThreadPoolExecutor(len(self.networks)) as pool:
            for start in range(0, len(self.tiles), len(self.networks)):
                indices = range(start, min(len(self.tiles), start + len(self.networks)))
                yield from list(pool.map(work, indices, self.networks))
                self.store.release()

    def cut(self, image: Tensor, index: int, network: Network) -> Tensor:
        """A tile of the image, margins included, on the network's device."""
        return tiles.cut(image, self.tiles[index]).detach().to(network.device)

    def forward(
        self, part: Tensor, index: int, network: Network, layers: Iterable[str], hook: Hook | None, kept: Iterable[str]
    ) -> tuple[dict[str, Tensor], HookSums]:
        """`Network.forward` on a part that was cut; tiles are there to save memory, so their maps are recomputed."""
        whole, padding = self.tiles[index].whole, self.method.padding
        if self.method.seamless:
            padding = "wrap" if whole else "zeros"
        return network.forward(
            part, layers, hook, kept, pooling=self.method.pooling, padding=padding, recompute=not whole
        )
