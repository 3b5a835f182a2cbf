"""A result cut into the layers of its regions, laid above one another again."""

from __future__ import annotations

import itertools

import pytest

from neural_style_client.region_layers import RegionLayer, region_layers
from neural_style_client.regions import MarkedRegion, Region

SKY, SEA, SUN = Region("sky", "mosaic"), Region("sea", "pastel", 50), Region("sun", "gouache")
EVERY = bytes(range(256))


def composed(layers: list[RegionLayer], alpha: bytes) -> list[float]:
    """How opaque the layers are together, which all have the result's own colours."""
    through = [1.0] * len(alpha)
    for one in layers:
        through = [left * (1 - a / 255 * w / 255) for left, a, w in zip(through, alpha, one.weights, strict=True)]
    return [255 * (1 - one) for one in through]


def test_each_region_has_its_weights_and_the_rest_lies_below_them() -> None:
    marked = [MarkedRegion(SKY, bytes((255, 100, 0, 0))), MarkedRegion(SEA, bytes((0, 0, 200, 0)))]
    found = region_layers(marked, b"\xff" * 4)
    assert [(one.region, list(one.weights)) for one in found] == [
        (None, [0, 255, 255, 255]),  # under soft edges it is whole
        (SEA, [0, 0, 100, 0]),
        (SKY, [255, 100, 0, 0]),
    ]


def test_a_region_that_marks_nothing_has_no_layer() -> None:
    marked = [MarkedRegion(SUN, b"\0\0"), MarkedRegion(SKY, b"\xff\0")]
    assert [one.region for one in region_layers(marked, b"\xff\xff")] == [None, SKY]
    assert region_layers(marked[:1], b"\xff\xff") == []


def test_nothing_is_left_where_the_regions_cover_all() -> None:
    halves = [MarkedRegion(SKY, b"\xff\0"), MarkedRegion(SUN, b"\0\xff")]
    assert [one.region for one in region_layers(halves, b"\xff\xff")] == [SUN, SKY]
    assert region_layers([MarkedRegion(SKY, b"\xff\xff")], b"\xff\xff") == []  # one layer is the result itself


@pytest.mark.parametrize("alpha", [0, 1, 60, 128, 254, 255])
def test_together_they_are_as_opaque_as_the_result(alpha: int) -> None:
    pairs = list(itertools.product((0, 1, 90, 128, 254, 255), repeat=2))
    first, second = (bytes(pair[side] for pair in pairs) for side in (0, 1))
    result = bytes([alpha]) * len(pairs)
    found = region_layers([MarkedRegion(SKY, first), MarkedRegion(SUN, second)], result)
    assert len(found) == 3
    assert composed(found, result) == pytest.approx([alpha] * len(pairs), abs=0.6)


def test_only_where_it_must_a_mask_is_lowered() -> None:
    alpha = bytes((255, 128, 128))
    found = region_layers([MarkedRegion(SKY, b"\xff\xff\x50"), MarkedRegion(SUN, b"\xff\xff\0")], alpha)
    assert [list(one.weights) for one in found[::-1]][:2] == [[255, 255, 80], [255, 0, 0]]
