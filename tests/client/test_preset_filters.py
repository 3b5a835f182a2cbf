"""Which presets a gallery shows, and in which order."""

from __future__ import annotations

from typing import Any

import pytest

from neural_style_client.preset_filters import ALL, FAVOURITES, OWN, RECENT, filters, matches, shown


def preset(name: str, **more: object) -> dict[str, Any]:
    return {"name": name, "title": name.title(), "description": "", "tags": [], "read_only": True, **more}


KNOWN = [
    preset("sea", last_used=3.0, tags=["tiles"]),
    preset("mosaic", tags=["tiles"], favourite=True),
    preset("ink", tags=["line"], description="Black on white"),
    preset("mine", read_only=False, last_used=5.0),
]


@pytest.mark.parametrize(("narrowed", "search", "names"), [
    (ALL, "", ["mosaic", "ink", "mine", "sea"]),
    (ALL, "white BLACK", ["ink"]),
    (ALL, "grey sea", []),
    (FAVOURITES, "", ["mosaic"]),
    (RECENT, "", ["mine", "sea"]),
    (OWN, "", ["mine"]),
    ("tiles", "", ["mosaic", "sea"]),
    ("tiles", "sea", ["sea"]),
])  # fmt: skip
def test_the_gallery_is_narrowed_by_search_tag_favourite_and_use(narrowed: str, search: str, names: list[str]) -> None:
    assert [one["name"] for one in shown(KNOWN, narrowed, search)] == names


def test_the_fixed_filters_go_before_every_tag() -> None:
    assert [key for key, _ in filters(KNOWN)] == [ALL, FAVOURITES, RECENT, OWN, "line", "tiles"]


def test_a_preset_is_found_by_any_of_its_words() -> None:
    ink = preset("ink-wash", description="Wet grey", tags=["paper"])
    assert matches(ink, ALL, "GREY ink") and matches(ink, ALL, "paper") and not matches(ink, "water", "")
