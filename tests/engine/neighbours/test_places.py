"""Where a style's places are, and what is kept of each."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from neural_style_server.engine.method import Method
from neural_style_server.engine.neighbours.places import CELL, StylePlaces
from neural_style_server.engine.targets import places_of
from neural_style_server.engine.task import Style
from neural_style_server.engine.vgg import Network
from neural_style_server.errors import ImageError

PictureOf = Callable[..., Tensor]
LAYERS = {"relu2_1": 1.0, "relu3_1": 1.0, "relu4_1": 1.0}


@pytest.fixture
def places(tiny_vgg: Network, picture_of: PictureOf) -> StylePlaces:
    """Of two images: 10 × 8 places, and 5 × 7."""
    styles = [Style(picture_of(42, 34, 1), 3.0), Style(picture_of(22, 30, 2))]
    found = places_of(tiny_vgg, styles, Method(neighbour_layers=LAYERS))
    assert found is not None
    return found


def test_places_are_numbered_image_by_image(places: StylePlaces) -> None:
    assert places.count == 10 * 8 + 5 * 7
    assert places.shares == (0.75, 0.25)
    assert places.image.tolist() == [0] * 80 + [1] * 35


def test_coordinates_lead_back_to_their_places(places: StylePlaces) -> None:
    numbers = torch.arange(places.count)
    assert torch.equal(places.numbers(places.coordinates(numbers)), numbers)
    beyond = places.coordinates(numbers)
    beyond[1:] = beyond[1:] * 3 - 1
    inside = places.numbers(beyond)
    assert torch.equal(places.image[inside], places.image)


def test_a_move_ends_at_the_edge_of_its_image(places: StylePlaces) -> None:
    numbers = torch.tensor([0, 7, 79, 80, 114])
    assert places.moved(numbers, 1, 0).tolist() == [8, 15, 79, 87, 114]
    assert places.moved(numbers, -9, -9).tolist() == [0, 0, 0, 80, 80]


def test_each_layers_column_is_that_of_the_place(places: StylePlaces, tiny_vgg: Network, picture_of: PictureOf) -> None:
    """Place (3, 5) of the second image: its own element at relu3_1, the first of four at relu2_1, a shared one of 2 × 3
    at relu4_1, whose map ends before the last places."""
    maps = tiny_vgg.features(picture_of(22, 30, 2), LAYERS, padding="replicate")
    number = torch.tensor([80 + 3 * 7 + 5])
    for layer, (y, x) in {"relu2_1": (6, 10), "relu3_1": (3, 5), "relu4_1": (1, 2)}.items():
        table = places.tables[layer]
        assert torch.equal(table.columns[table.first[number]][0], maps[layer][0, :, y, x])
    finer = places.tables["relu2_1"]
    assert torch.equal(finer.columns[finer.first[number] + finer.line[number] + 1][0], maps["relu2_1"][0, :, 7, 11])


def test_colours_are_the_means_of_the_places(places: StylePlaces, picture_of: PictureOf) -> None:
    image = picture_of(42, 34, 1)
    assert torch.allclose(places.colours[8 * 2 + 3], image[0, :, 8:12, 12:16].mean((1, 2)))


def test_a_place_outside_the_mask_is_closed(tiny_vgg: Network, picture_of: PictureOf) -> None:
    mask = torch.zeros(1, 1, 32, 32, dtype=torch.float64)
    mask[..., :16] = 1
    found = places_of(tiny_vgg, [Style(picture_of(32, 32), 1.0, mask)], Method())
    assert found is not None
    closed = found.closed.view(32 // CELL, 32 // CELL)
    assert not bool(closed[:, :4].any()) and bool(closed[:, 4:].all())


def test_a_mask_that_leaves_nothing_is_refused(tiny_vgg: Network, picture_of: PictureOf) -> None:
    mask = torch.zeros(1, 1, 32, 32, dtype=torch.float64)
    mask[..., :2, :2] = 1
    with pytest.raises(ImageError, match="too small to find anything"):
        places_of(tiny_vgg, [Style(picture_of(32, 32), 1.0, mask)], Method())


@pytest.mark.parametrize("kept", [1, 3])
def test_a_handful_of_places_is_enough(tiny_vgg: Network, picture_of: PictureOf, kept: int) -> None:
    mask = torch.zeros(1, 1, 32, 32)
    mask[..., : 4 * kept, :4] = 1
    style = Style(picture_of(32, 32).float(), 1.0, mask)
    found = places_of(tiny_vgg.to("cpu", torch.float32), [style], Method())
    assert found is not None and int((~found.closed).sum()) == kept
    assert bool(torch.isfinite(found.keys).all())


@pytest.mark.parametrize("tile", [48, 64])
def test_places_are_the_same_in_tiles(tiny_vgg: Network, picture_of: PictureOf, tile: int) -> None:
    whole, tiled = (
        places_of(tiny_vgg, [Style(picture_of(100, 80))], Method(neighbour_layers=LAYERS), size)
        for size in (None, tile)
    )
    assert whole is not None and tiled is not None
    for layer in LAYERS:
        assert torch.allclose(whole.tables[layer].columns, tiled.tables[layer].columns)


def test_other_losses_need_none(tiny_vgg: Network, picture_of: PictureOf) -> None:
    assert places_of(tiny_vgg, [Style(picture_of(32, 32))], Method(loss="balanced")) is None
