"""From fields and pictures to the files of a preset."""

from collections.abc import Callable

import pytest

from neural_style_server.errors import PresetError
from neural_style_server.presets.authoring import merge, new_preset
from neural_style_server.presets.preset import parse_preset

Picture = Callable[..., bytes]


def test_a_new_preset_has_plain_file_names_and_a_title(picture: Picture) -> None:
    pictures = [
        ("../Mein Gemälde.JPG", picture("JPEG"), 1.0),
        ("mein gemälde.jpeg", picture("JPEG"), 2),
        ("…", picture(), 1),
    ]
    contents = new_preset("my-style", {"tags": ["mine"]}, pictures)
    preset = parse_preset(contents["preset.yaml"].decode(), path="p", name="my-style")
    assert preset.title == "My style" and preset.tags == ("mine",)
    assert [(it.file, it.weight) for it in preset.images] == [
        ("mein-gem-lde.jpg", 1.0), ("mein-gem-lde-2.jpg", 2), ("style.png", 1)
    ]  # fmt: skip
    assert contents.keys() == {"preset.yaml", *(it.file for it in preset.images)}


def test_a_picture_called_thumbnail_gets_another_name(picture: Picture) -> None:
    assert "thumbnail-2.png" in new_preset("a", {}, [("thumbnail.png", picture(), 1)])


@pytest.mark.parametrize("count", [0, 17])
def test_a_preset_needs_pictures_but_not_too_many(picture: Picture, count: int) -> None:
    with pytest.raises(PresetError, match="made of 1–16 style images"):
        new_preset("a", {}, [("a.png", picture(), 1.0)] * count)


def test_changes_are_merged_key_by_key() -> None:
    old = {"title": "Ink", "tags": ["a"], "controls": {"strength": 1, "detail": 2}, "method": {"seed": 3}}
    layers = {"style_layers": {"relu1_1": 1}}
    assert merge(old, {"tags": ["b"], "controls": {"detail": None, "colour": 4}, "method": layers}) == {
        "title": "Ink", "tags": ["b"],
        "controls": {"strength": 1, "colour": 4}, "method": {"seed": 3, **layers},
    }  # fmt: skip
    assert merge(old, {"controls": None}).keys() == {"title", "tags", "method"}
