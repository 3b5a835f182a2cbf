"""Style targets: the moments and the places of the style images. Between jobs moments are kept in memory and on disk,
the places of small pictures, which first frames and live pictures are painted from, in memory.

A target depends on the network, the style image's content, its size, the mask on it and the way the features are
computed, and on nothing else; all of that is in the key. The loss is not: all losses read the same moments.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
import tempfile
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path

import torch
from torch import Tensor

from .layers import STRIDE
from .losses import EPSILON, gram
from .memory.tiles import Tile, cut, split
from .method import Method
from .moments import Moments, moments
from .neighbours.places import StyleMaps, StylePlaces, style_places
from .pyramid import pool_weight
from .style_term import RegionTerm
from .task import Style
from .tensor_files import load_tensors
from .vgg import Network

MEMORY_ENTRIES = 64
"""Entries kept in memory; an entry of five layers takes 2.4 MB."""

PLACES_BYTES = 32 << 20
"""Memory for places that were used; those of a style image of 256 px take 15 MB in bfloat16."""


def style_moments(
    network: Network,
    image: Tensor,
    method: Method,
    weight: Tensor | None = None,
    tile_size: int | None = None,
) -> dict[str, Moments]:
    """Moments of a style image by layer, divided by their mass. image: (1, 3, H, W), 0–255; weight: (1, 1, H, W)."""
    layers = set(method.statistics)
    height, width = image.shape[-2:]
    masks = {} if weight is None else {STRIDE[layer]: pool_weight(weight, STRIDE[layer]) for layer in layers}
    total: dict[str, Moments] = {}

    def sums(tile: Tile, layer: str, features: Tensor, first: int) -> tuple[Tensor, Moments]:
        stride, count = STRIDE[layer], features.shape[-2]
        mask = tile.core_of_canvas(masks[stride], stride, first, count) if masks else None
        return features, moments(tile.core(features, stride, first), mask)

    with torch.no_grad():
        for tile in split(height, width, layers, tile_size):
            part, hook = cut(image, tile), partial(sums, tile)
            _, found = network.forward(part, layers, hook, pooling=method.pooling, padding=method.padding)
            for layer, values in found.items():
                total[layer] = total[layer] + Moments(*values) if layer in total else Moments(*values)
        return {layer: normalised(each) for layer, each in total.items()}


@torch.no_grad()
def places_of(
    network: Network, styles: Sequence[Style], method: Method, tile_size: int | None = None
) -> StylePlaces | None:
    """All places of a region's style images, or None where the method's loss needs none."""
    layers = method.matches
    if not layers:
        return None
    maps = [
        StyleMaps(_maps(network, style.image, set(layers), method, tile_size), style.image, style.mask, style.weight)
        for style in styles
    ]
    return style_places(maps, layers)


def _maps(
    network: Network, image: Tensor, layers: set[str], method: Method, tile_size: int | None
) -> dict[str, Tensor]:
    """The feature maps (1, C, h, w) of a style image (1, 3, H, W) by layer, in the network's own type."""
    height, width = image.shape[-2:]
    whole: dict[str, Tensor] = {}
    for tile in split(height, width, layers, tile_size):
        maps = network.features(cut(image, tile), layers, pooling=method.pooling, padding=method.padding)
        if tile.whole:
            return maps
        for layer, features in maps.items():
            stride = STRIDE[layer]
            if layer not in whole:
                whole[layer] = features.new_empty((1, features.shape[1], height // stride, width // stride))
            tile.core_of_canvas(whole[layer], stride).copy_(tile.core(features, stride))
    return whole


def region_term(network: Network, image: Tensor, method: Method) -> RegionTerm:
    """The whole canvas in one style (1, 3, H, W), 0–255."""
    return RegionTerm(None, style_moments(network, image, method), places=places_of(network, [Style(image)], method))


def normalised(sums: Moments) -> Moments:
    """The same moments for a mass of one."""
    return Moments(gram(sums), sums.first / sums.mass.clamp_min(EPSILON), torch.ones_like(sums.mass))


def mixed(parts: Sequence[tuple[float, Mapping[str, Moments]]]) -> dict[str, Moments]:
    """Several styles as one: the mean of their normalised moments, by weight."""
    total = sum(weight for weight, _ in parts)

    def mean(layer: str, part: int) -> Tensor:
        return torch.stack([weight / total * found[layer][part] for weight, found in parts]).sum(0)

    return {layer: Moments(*(mean(layer, part) for part in range(3))) for layer in parts[0][1]}


def target_key(
    network: Network, method: Method, image: Tensor, weight: Tensor | None, layers: Iterable[str] | None = None
) -> str:
    """What features of this very image depend on, as a hash; `layers` are those of the moments where none are given."""
    digest = hashlib.sha256()
    for word in (network.sha256, network.dtype, network.device.type, method.pooling, method.padding):
        digest.update(f"{word}\n".encode())
    digest.update(",".join(sorted(method.statistics if layers is None else layers)).encode())
    for tensor in (image, weight):
        if tensor is not None:
            digest.update(str(tuple(tensor.shape)).encode())
            digest.update(tensor.contiguous().cpu().numpy().tobytes())
    return digest.hexdigest()


class PlacesCache:
    """The places that were used last, in at most PLACES_BYTES of memory."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, StylePlaces] = OrderedDict()
        self.misses = 0
        """Style images."""

    def get(
        self, network: Network, styles: Sequence[Style], method: Method, tile_size: int | None = None
    ) -> StylePlaces | None:
        """As `places_of`."""
        if not method.matches:
            return None
        keys = [(target_key(network, method, it.image, it.mask, method.matches), it.weight) for it in styles]
        key = repr((keys, tile_size))
        found = self._kept.pop(key, None)
        if found is None:
            self.misses += len(styles)
            found = places_of(network, styles, method, tile_size)
        if found is not None and found.nbytes <= PLACES_BYTES:
            self._kept[key] = found
            while sum(places.nbytes for places in self._kept.values()) > PLACES_BYTES:
                self._kept.popitem(last=False)
        return found


class TargetCache:
    """Moments by key: the latest in memory, all in `folder` up to `limit_bytes`, the least recently used deleted first.

    Without a folder only memory is used. A damaged file is ignored and written again.
    """

    def __init__(self, folder: Path | None = None, limit_bytes: int = 1 << 30) -> None:
        self._folder, self._limit = folder, limit_bytes
        self._memory: OrderedDict[str, dict[str, Moments]] = OrderedDict()
        self.places = PlacesCache()
        self.hits = 0
        self.misses = 0

    def get(
        self,
        network: Network,
        image: Tensor,
        method: Method,
        weight: Tensor | None = None,
        tile_size: int | None = None,
    ) -> dict[str, Moments]:
        """The style's moments, from the cache or computed and remembered."""
        key = target_key(network, method, image, weight)
        found = self._memory.get(key) or self._read(key, network.device)
        if found is None:
            self.misses += 1
            found = style_moments(network, image, method, weight, tile_size)
            self._write(key, found)
        else:
            self.hits += 1
        self._memory[key] = found
        self._memory.move_to_end(key)
        while len(self._memory) > MEMORY_ENTRIES:
            self._memory.popitem(last=False)
        return found

    def _read(self, key: str, device: torch.device) -> dict[str, Moments] | None:
        path = None if self._folder is None else self._folder / f"{key}.pt"
        if path is None or not path.exists():
            return None
        try:
            saved = load_tensors(path, device)
            if saved["key"] != key:
                raise ValueError("it is another style's")
            os.utime(path)
            return {layer: Moments(*parts) for layer, parts in saved["layers"].items()}
        except Exception:  # whatever is wrong with a cached file, it is computed again
            with contextlib.suppress(OSError):
                path.unlink()
            return None

    def _write(self, key: str, found: Mapping[str, Moments]) -> None:
        if self._folder is None:
            return
        with contextlib.suppress(OSError):  # a full disk costs time, not the job
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            buffer = io.BytesIO()
            torch.save({"key": key, "layers": {layer: tuple(parts) for layer, parts in found.items()}}, buffer)
            _replace(self._folder / f"{key}.pt", buffer.getvalue())
            self._make_room(self._folder)

    def _make_room(self, folder: Path) -> None:
        files = sorted(folder.glob("*.pt"), key=lambda path: path.stat().st_mtime, reverse=True)
        total = 0
        for path in files:
            total += path.stat().st_size
            if total > self._limit:
                path.unlink(missing_ok=True)


def _replace(path: Path, data: bytes) -> None:
    """Write a file in one step. Raises OSError, and leaves nothing behind."""
    handle, name = tempfile.mkstemp(dir=path.parent, suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        os.replace(name, path)
    except OSError:
        os.unlink(name)
        raise
