"""Imported before modules of the plug-in that touch Krita and Qt, it lets stand-ins take their places: a run or the
controller can then be tested alone. What they ask of Krita a test replaces where it matters."""

from __future__ import annotations

import types
from collections.abc import Iterator
from typing import Any

from tests.hosts.stand_ins import stand_in

stand_in("krita", "PyQt5")


class Layer:
    """A layer of a `Document`."""

    def __init__(self, document: Document, name: str = "paint") -> None:
        self.document, self._name = document, name

    def name(self) -> str:
        return self._name

    def type(self) -> str:
        return "paintlayer"

    def uniqueId(self) -> Any:
        return types.SimpleNamespace(toString=lambda: f"{{{self._name}}}")

    def parentNode(self) -> Any:
        return self.document.root

    def bounds(self) -> Any:
        side = self.document.width
        return types.SimpleNamespace(x=lambda: 0, y=lambda: 0, width=side, height=side)

    def locked(self) -> bool:
        return False

    def remove(self) -> None:
        self.document.layers.remove(self)

    def childNodes(self) -> list[Any]:
        return []


class Document:
    """As much of a document as a run asks for."""

    def __init__(self, name: str = "picture") -> None:
        self.name, self.side = name, 8
        self.layers = [Layer(self)]
        self.active: Layer | None = self.layers[0]
        self.root = types.SimpleNamespace(childNodes=lambda: self.layers)

    def activeNode(self) -> Layer | None:
        return self.active

    def rootNode(self) -> Any:
        return self.root

    def fileName(self) -> str:
        return f"/{self.name}.kra"

    def width(self) -> int:
        return self.side

    height = width

    def xOffset(self) -> int:
        return 0

    yOffset = xOffset

    def selection(self) -> None:
        return None

    def colorModel(self) -> str:
        return "RGBA"

    def colorDepth(self) -> str:
        return "U8"

    def colorProfile(self) -> str:
        return "sRGB-elle-V2-srgbtrc.icc"

    def nodeByUniqueID(self, identity: Any) -> Any:
        return next((one for one in self.layers if one.uniqueId().toString() == identity.toString()), None)


def drained(tasks: list[Iterator[Any]]) -> None:
    """Go through all tasks that wait, and those that they add."""
    while tasks:
        for _ in tasks.pop(0):
            pass
