"""The pictures of docs/guide/when-it-looks-wrong.md: what is wrong, and the same with the slider that cures it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, NamedTuple

from pictures_page import Item, art, fitted, paint, row, sample, save, upload
from pictures_subjects import SMALL, portrait

from neural_style_client import Client


class Case(NamedTuple):
    """A picture, a preset, the controls that it looks wrong with, and those that it looks right with."""

    content: str
    preset: str
    wrong: Mapping[str, Any]
    right: Mapping[str, Any]


CASES: Mapping[str, Case] = {
    "washed-out": Case("town", "watercolour-wash", {}, {"less_white": 70, "boldness": 70}),
    "muddy": Case("town", "cubist-facets", {}, {"colour": 90, "boldness": 70, "detail": 70}),
    "too-busy": Case("town", "pointillism", {"brush_size": 50}, {"brush_size": 170, "smoothness": 50}),
    "lost-face": Case("face", "impasto-oil", {"detail": 20}, {"detail": 80}),
    "wrong-colours": Case("face", "night-swirl", {}, {"colour": "mine"}),
}


def _row(name: str, client: Client) -> None:
    """Photo, style, what looks wrong, and what the sliders make of it."""
    case = CASES[name]
    content = portrait() if case.content == "face" else sample(SMALL)
    identity = upload(client, content)
    items: list[Item] = [("photo", content), (case.preset, fitted(art(case.preset), content.size))]
    for controls in (case.wrong, case.right):
        told = ", ".join(f"{key} {value}" for key, value in controls.items()).replace("_", " ")
        picture = paint(client, {"content": identity, "preset": case.preset, "controls": dict(controls)})[-1]
        items.append((told or "as it comes", picture))
    save(row(items, 190), f"{name}.jpg")


MAKERS: dict[str, Callable[[Client], None]] = {name: partial(_row, name) for name in CASES}
