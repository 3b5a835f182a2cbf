"""Colour spaces by value: there and back nothing is lost, and known colours are where others have them."""

from __future__ import annotations

import numpy as np
import pytest

from neural_style_server.errors import InvalidRequest
from neural_style_server.pictures.colour_spaces import (
    ACESCG,
    AP1,
    LINEAR,
    SPACES,
    SRGB,
    in_srgb,
    out_of_srgb,
    space_named,
    space_of,
)
from neural_style_server.pixels import Picture

HALF = np.random.default_rng(3).normal(0.5, 3, (300, 5, 3)).astype(np.float16)
EXTREMES = np.array([[[0, -0.0, 6e-8], [65504, -65504, 1], [0.0031308, 0.04045, -0.003]]], np.float16)

AP0 = ((0.7347, 0.2653), (0.0, 1.0), (0.0001, -0.077), (0.32168, 0.33767))
TO_ACESCG = [[0.6130974, 0.3395231, 0.0473795], [0.0701937, 0.9163540, 0.0134524], [0.0206156, 0.1095698, 0.8698146]]
"""From linear Rec. 709 to ACEScg, as published with the ACES color space conversions (Bradford)."""


@pytest.mark.parametrize("name", SPACES)
@pytest.mark.parametrize("values", [HALF, EXTREMES])
def test_there_and_back_half_floats_keep_their_bits(name: str, values: np.ndarray) -> None:
    space = space_named(name)
    back = space.from_srgb(space.to_srgb(values)).astype(np.float16)
    if space is ACESCG:  # three channels are mixed, so a small one beside a large one keeps the precision of that one
        error = np.abs(back.astype(float) - values).max(-1) / np.abs(values.astype(float)).max(-1)
        assert error.max() < 1e-6
    else:
        assert np.array_equal(back, values)


@pytest.mark.parametrize("name", SPACES)
def test_there_and_back_floats_differ_by_less_than_a_millionth(name: str) -> None:
    values = np.random.default_rng(4).uniform(0.01, 40, (300, 7, 3)).astype(np.float32)
    space = space_named(name)
    error = np.abs(space.from_srgb(space.to_srgb(values)) - values).max(-1) / values.max(-1)
    assert error.max() < 1e-6


def test_known_values_of_srgb() -> None:
    light = np.array([[[0.0, 0.18, 1.0], [0.2140411, 0.0021227, 4.0]]])
    want = [[[0, 0.4613561, 1], [0.5, 0.0274253, 1.8247985]]]
    assert np.allclose(LINEAR.to_srgb(light), want, atol=2e-6)
    assert np.allclose(LINEAR.to_srgb(-light), -np.array(want), atol=2e-6)


def test_acescg_is_where_the_academy_has_it() -> None:
    light = np.random.default_rng(5).uniform(0, 2, (4, 6, 3))
    found = ACESCG.from_srgb(LINEAR.to_srgb(light))
    assert np.abs(found - light @ np.array(TO_ACESCG).T).max() < 1e-4


@pytest.mark.parametrize("space", [LINEAR, ACESCG, space_of(AP0)])
def test_white_stays_white_and_grey_stays_grey(space: object) -> None:
    greys = np.linspace(0, 3, 7)[None, :, None].repeat(3, -1)
    assert np.abs(space.to_srgb(greys) - LINEAR.to_srgb(greys)).max() < 1e-5  # type: ignore[attr-defined]


def test_primaries_of_a_file_have_their_names() -> None:
    rounded = tuple((float(np.float32(x)), float(np.float32(y))) for x, y in AP1)
    assert space_of(rounded) is ACESCG  # type: ignore[arg-type]
    assert space_of(LINEAR.primaries) is LINEAR and space_of(AP0).name == "its own primaries"


@pytest.mark.parametrize("point", [(0.3, 0.0), (np.nan, 0.3)])
def test_primaries_that_are_no_colours_are_refused(point: tuple[float, float]) -> None:
    with pytest.raises(ValueError):
        space_of((point, *AP1[1:]))
    with pytest.raises(ValueError):
        space_of((AP1[0], AP1[0], AP1[0], AP1[3]))


def test_a_picture_in_srgb_is_left_as_it_is() -> None:
    picture = Picture(np.full((2, 3, 4), 77, np.uint8), "RGBA8")
    assert in_srgb(picture, SRGB) is picture and out_of_srgb(picture, SRGB) is picture
    assert in_srgb(picture, LINEAR).format == "RGBAF32"


def test_another_name_is_told_with_the_list() -> None:
    with pytest.raises(InvalidRequest) as caught:
        space_named("rec2020")
    assert "srgb, linear, acescg" in caught.value.hint
