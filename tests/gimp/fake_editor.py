"""As much of GIMP as a run touches: layers are records, an undo step is an entry in a list."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any, NamedTuple

from document.errors import SizeChanged
from document.pixels import Picture
from neural_style_client.regions import MarkedRegion


class FinishedLayer(NamedTuple):
    layer: Any
    name: str
    record: bytes
    parts: Any = ()
    instead: bool = False


class Source(NamedTuple):
    layer: Any
    picture: Picture
    weights: bytes
    box: tuple[int, int, int, int] = (0, 0, 1, 1)
    place: tuple[int, int, int, int] = (0, 0, 1, 1)
    canvas: tuple[int, int] = (9, 9)


class FakeLayer:
    def __init__(self, name: str, data: bytes = bytes([255, 0, 0, 255])) -> None:
        self.name = name
        self.data = data
        self.alive = True
        self.written = 0

    def get_name(self) -> str:
        return self.name

    def is_valid(self) -> bool:
        return self.alive

    def copy(self) -> FakeLayer:
        return FakeLayer(self.name + " copy", self.data)


class FakeImage:
    def __init__(self, *layers: FakeLayer) -> None:
        self.layers = list(layers)
        self.undo_steps: list[list[str]] = []
        self.open = True
        self.indexed = False

    def is_valid(self) -> bool:
        return self.open


class FakeEditor:
    FinishedLayer = FinishedLayer

    def __init__(self, image: FakeImage) -> None:
        self.image = image
        self.slow_s, self.resized = 0.0, False
        self.weights: dict[str, bytes] = {}
        self.told: list[str] = []
        self.groups: dict[str, Any] = {}
        self.made: list[FakeLayer] = []

    def is_indexed(self, image: FakeImage) -> bool:
        return image.indexed

    def read_picture(self, image: FakeImage, layer: FakeLayer) -> Iterator[None]:
        yield
        return Picture(1, 1, "RGBA8", [layer.data])

    def read_source(self, image: FakeImage, layer: FakeLayer) -> Iterator[None]:
        picture = yield from self.read_picture(image, layer)
        return Source(layer, picture, b"")

    def read_result(self, image: FakeImage, layer: FakeLayer, box: Any) -> Iterator[None]:
        picture = yield from self.read_picture(image, layer)
        return Source(layer, picture, b"", box)

    def returned_source(self, image: FakeImage, layer: FakeLayer, place: Any) -> Source:
        return Source(layer, Picture(*place[2:], "RGBA8", ()), b"", place=tuple(place))

    def read_regions(self, image: FakeImage, area: Any, regions: Any) -> Iterator[None]:
        yield
        return [MarkedRegion(region, self.weights[region.layer]) for region in regions]

    def tell(self, text: str) -> None:
        self.told.append(text)

    def new_layer(self, source: Source, name: str) -> Iterator[None]:
        yield
        return self._made(FakeLayer(name, b""))

    def new_returned(self, source: Source, name: str) -> Iterator[None]:
        layer = yield from self.new_layer(source, name)
        layer.mask, layer.place = source.weights, source.place
        return layer

    def cut(self, layer: FakeLayer, region_layers: Any, style: str) -> Iterator[None]:
        yield
        names = [one.region.layer if one.region else style for one in region_layers]
        parts = zip(names, region_layers, strict=True)
        return [self._made(FakeLayer(name, layer.data + one.weights)) for name, one in parts]

    def _made(self, layer: FakeLayer) -> FakeLayer:
        self.made.append(layer)
        return layer

    def write_frame(self, source: Source, layer: FakeLayer, frame: Any) -> Iterator[None]:
        if self.resized:
            raise SizeChanged("The size of the layer was changed.")
        layer.data = b"half of " + frame.data
        yield
        time.sleep(self.slow_s)
        yield
        layer.data = frame.data
        layer.written += 1

    def show_live(self, image: FakeImage, layer: FakeLayer, source: Source) -> FakeLayer:
        self.image.layers.insert(self._place(source), layer)
        return layer

    def _place(self, source: Source) -> int:
        """Above the layer that was painted; on top where that was deleted."""
        return self.image.layers.index(source.layer) if source.layer in self.image.layers else 0

    def stands_in(self, layer: FakeLayer, image: FakeImage) -> bool:
        return layer in image.layers

    def remove_live(self, layer: FakeLayer) -> None:
        layer.alive = False
        if layer in self.image.layers:
            self.image.layers.remove(layer)

    def insert_results(self, image: FakeImage, results: Any, group: str) -> list[FakeLayer]:
        made = [one for _, layers in results for one in layers]
        for source, layers in results:
            for one in layers:
                one.layer.name = one.name
                if one.parts:
                    self.groups[one.name] = one.parts
                image.layers.insert(self._place(source), one.layer)
            if layers[-1].instead and source.layer in image.layers:
                image.layers.remove(source.layer)
        image.undo_steps.append([one.name for one in made])
        return [one.layer for one in made]
