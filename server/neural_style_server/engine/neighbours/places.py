"""The places of a region's style images, and what each looks like to the network.

A place is a square of CELL × CELL pixels. Its column is the feature columns of several layers there, each divided by
its number of channels, joined (Kolkin et al. 2022, "Neural Neighbor Style Transfer", section 3). Columns are compared
by the cosine of their first principal components, around their mean: a tenth of the numbers, nearly all the variance.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from ...errors import ImageError
from ..layers import CHANNELS, LAYERS, STRIDE

CELL = 4
"""Pixels of a place's side: the stride of relu3, whose elements still tell where things are."""

COMPONENTS = 64
"""Principal components that columns are compared in."""

SAMPLED = 8192
"""Places that the components are computed from, at most about."""

SOLID = 0.5
"""Share of a place that must be inside a mask for the place to be found."""

TINY = 1e-8


def cells(height: int, width: int) -> tuple[int, int]:
    """(rows, columns) of a picture's places."""
    return height // CELL, width // CELL


@dataclass(frozen=True, eq=False)
class StyleMaps:
    """What one style image is made of: feature maps (1, C, h, w) by layer, its pixels (1, 3, H, W) in 0–255, a mask
    (1, 1, H, W) or None, and its weight among the others."""

    maps: Mapping[str, Tensor]
    image: Tensor
    mask: Tensor | None = None
    weight: float = 1.0


@dataclass(frozen=True, eq=False)
class Layout:
    """Where the places of one style image are: rows × columns of them, numbered from `first` on, row by row."""

    rows: int
    columns: int
    first: int


@dataclass(frozen=True, eq=False)
class LayerTable:
    """The feature columns (n, C) of all style images at one layer. first: (M,), the row where a place begins; line:
    (M,), rows from one line of its image to the next; mean: (C,); energy: (), the mean of |column|²."""

    columns: Tensor
    first: Tensor
    line: Tensor
    mean: Tensor
    energy: Tensor


@dataclass(frozen=True, eq=False)
class Projection:
    """To the principal components of the style's columns, around their mean. parts: layer -> (C, d); mean: (d,)."""

    parts: Mapping[str, Tensor]
    mean: Tensor

    def of(self, maps: Mapping[str, Tensor], rows: int, columns: int) -> Tensor:
        """A picture's places (1, d, rows, columns), from its feature maps (1, C, h, w)."""
        total = -self.mean[None, :, None, None].expand(-1, -1, rows, columns)
        for layer, part in self.parts.items():
            features = maps[layer].to(part)
            components = (features.permute(0, 2, 3, 1) @ part).permute(0, 3, 1, 2) / CHANNELS[layer]
            total = total + _at_cells(components, STRIDE[layer], rows, columns)
        return total


@dataclass(frozen=True, eq=False)
class StylePlaces:
    """All M places of a region's style images.

    layouts, shares: one per image; shares add up to 1. image: (M,), the number of a place's image. colours: (M, 3),
    0–255. keys: (M, d), unit vectors, what queries are compared with. closed: (M,), True where a mask excludes a place.
    tables: by layer.
    """

    layouts: tuple[Layout, ...]
    shares: tuple[float, ...]
    image: Tensor
    colours: Tensor
    keys: Tensor
    projection: Projection
    closed: Tensor
    tables: Mapping[str, LayerTable]

    @property
    def device(self) -> torch.device:
        return self.keys.device

    @property
    def count(self) -> int:
        return int(self.keys.shape[0])

    @property
    def components(self) -> int:
        return int(self.keys.shape[1])

    @property
    def nbytes(self) -> int:
        tables = [
            part for table in self.tables.values() for part in (table.columns, table.first, table.line, table.mean)
        ]
        return sum(it.nbytes for it in (self.image, self.colours, self.keys, *self.projection.parts.values(), *tables))

    def coordinates(self, numbers: Tensor) -> Tensor:
        """Places (N,) as (3, N): the image's number, and the place's centre as shares of its height and width."""
        image = self.image[numbers]
        rows, columns, first = self._layout(image)
        top, left = _position(numbers - first, columns)
        y = (top + 0.5) / rows
        return torch.stack([image.to(y.dtype), y, (left + 0.5) / columns])

    def numbers(self, coordinates: Tensor) -> Tensor:
        """The places (N,) where coordinates (3, N) lie; beyond an edge, the nearest."""
        image = coordinates[0].long()
        rows, columns, first = self._layout(image)
        top, left = (coordinates[1] * rows).floor().long(), (coordinates[2] * columns).floor().long()
        return first + _number(top, left, rows, columns)

    def moved(self, numbers: Tensor, down: Tensor | int, right: Tensor | int) -> Tensor:
        """The places so many rows and columns away within the same image, at most as far as its edge."""
        rows, columns, first = self._layout(self.image[numbers])
        top, left = _position(numbers - first, columns)
        return first + _number(top + down, left + right, rows, columns)

    def _layout(self, image: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Rows, columns and the first place of each image, (N,) each."""
        table = torch.tensor([[each.rows, each.columns, each.first] for each in self.layouts], device=image.device)
        rows, columns, first = table[image].unbind(1)
        return rows, columns, first


def _position(within: Tensor, columns: Tensor) -> tuple[Tensor, Tensor]:
    """(row, column) of places, counted within their image."""
    return torch.div(within, columns, rounding_mode="floor"), within % columns


def _number(top: Tensor, left: Tensor, rows: Tensor, columns: Tensor) -> Tensor:
    """The inverse of `_position`; of what lies beyond an edge, the nearest place."""
    return torch.minimum(top.clamp_min(0), rows - 1) * columns + torch.minimum(left.clamp_min(0), columns - 1)


def _at_cells(features: Tensor, stride: int, rows: int, columns: int) -> Tensor:
    """A map with one element per place: averaged where it is finer, interpolated where it is coarser."""
    if stride < CELL:
        features = F.avg_pool2d(features, CELL // stride)
    elif stride > CELL:
        features = F.interpolate(features, scale_factor=stride // CELL, mode="bilinear", align_corners=False)
        missing = (0, max(0, columns - features.shape[-1]), 0, max(0, rows - features.shape[-2]))
        features = F.pad(features, missing, mode="replicate")
    return features[..., :rows, :columns]


def style_places(styles: Sequence[StyleMaps], layers: Iterable[str]) -> StylePlaces:
    """All places of the style images, with a table for each layer. Raises ImageError where masks exclude all."""
    layouts: list[Layout] = []
    for style in styles:
        first = layouts[-1].first + layouts[-1].rows * layouts[-1].columns if layouts else 0
        layouts.append(Layout(*cells(*style.image.shape[-2:]), first))
    pairs = list(zip(styles, layouts, strict=True))
    tables = {layer: _table(layer, pairs) for layer in sorted(layers, key=LAYERS.index)}
    closed = torch.cat([_closed(*pair) for pair in pairs])
    if bool(closed.all()):
        raise ImageError(
            "The part of the style image that this region uses is too small to find anything in.",
            hint="Enlarge the region of the style image, or use all of it.",
        )
    counts = torch.tensor([layout.rows * layout.columns for layout in layouts])
    projection = _principal_components(tables, closed)
    keys = [projection.of(style.maps, layout.rows, layout.columns) for style, layout in pairs]
    total = sum(style.weight for style in styles)
    return StylePlaces(
        tuple(layouts),
        tuple(style.weight / total for style in styles),
        torch.arange(len(styles)).repeat_interleave(counts).to(closed.device),
        torch.cat([_colours(*pair) for pair in pairs]),
        F.normalize(torch.cat([each[0].flatten(1).t() for each in keys]), dim=1),
        projection,
        closed,
        tables,
    )


def _principal_components(tables: Mapping[str, LayerTable], closed: Tensor) -> Projection:
    """Of the columns of a sample of the places that are not closed."""
    known = (~closed).nonzero()[:, 0]
    known = known[:: -(-len(known) // SAMPLED)]
    parts = {layer: table.columns[table.first[known]] / CHANNELS[layer] for layer, table in tables.items()}
    columns = torch.cat([part.to(torch.promote_types(part.dtype, torch.float32)) for part in parts.values()], 1)
    mean = columns.mean(0)
    centred = columns - mean
    # in float32 the solver gives up where a mask leaves a handful of places, and Metal has no float64
    _, vectors = torch.linalg.eigh((centred.t() @ centred).cpu().double())
    components = vectors[:, -COMPONENTS:].to(mean)
    sizes = [part.shape[1] for part in parts.values()]
    return Projection(dict(zip(parts, components.split(sizes), strict=True)), mean @ components)


def _pooled(image: Tensor, layout: Layout) -> Tensor:
    return F.avg_pool2d(image, CELL)[..., : layout.rows, : layout.columns]


def _colours(style: StyleMaps, layout: Layout) -> Tensor:
    return _pooled(style.image, layout)[0].flatten(1).t()


def _closed(style: StyleMaps, layout: Layout) -> Tensor:
    if style.mask is None:
        return torch.zeros(layout.rows * layout.columns, dtype=torch.bool, device=style.image.device)
    return (_pooled(style.mask, layout) < SOLID).flatten()


def _table(layer: str, pairs: Sequence[tuple[StyleMaps, Layout]]) -> LayerTable:
    """The layer's columns of all images. Places of a coarser layer share an element, those of a finer one begin at
    their first."""
    stride, tables, firsts, lines, begun = STRIDE[layer], [], [], [], 0
    for style, layout in pairs:
        features = style.maps[layer]
        height, width = features.shape[-2:]
        y = (torch.arange(layout.rows, device=features.device) * CELL // stride).clamp_max(height - 1)
        x = (torch.arange(layout.columns, device=features.device) * CELL // stride).clamp_max(width - 1)
        tables.append(features.permute(0, 2, 3, 1).flatten(0, 2))
        firsts.append((begun + y[:, None] * width + x[None]).flatten())
        lines.append(torch.full((layout.rows * layout.columns,), width, device=features.device))
        begun += height * width
    columns = torch.cat(tables)
    wide = torch.promote_types(columns.dtype, torch.float32)
    energy = columns.to(wide).square().sum(1).mean().clamp_min(TINY)
    return LayerTable(columns, torch.cat(firsts), torch.cat(lines), columns.mean(0, dtype=wide), energy)
