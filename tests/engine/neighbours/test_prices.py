"""Prices against hand-computed ones, and what they do to matches, search after search."""

from __future__ import annotations

import math

import pytest
import torch
from tests.engine.neighbours.test_search import places_with, random
from torch import Tensor

from neural_style_server.engine.neighbours import search
from neural_style_server.engine.neighbours.places import StylePlaces
from neural_style_server.engine.neighbours.prices import CLOSED, PRICE, PRICE_RATE, SHARE_STEP_LATER, Prices


def searched(queries: Tensor, places: StylePlaces, variety: float, times: int) -> tuple[Tensor, Prices]:
    """What the last of some searches finds, each with the prices after the one before."""
    prices, found = Prices.none(places), torch.zeros(0)
    for _ in range(times):
        found = search.compare_all(queries, places, prices.bias(places))
        prices = prices.after(found, places, variety)
    return found, prices


def test_a_crowded_place_gets_dearer_and_an_empty_one_cheaper() -> None:
    places = places_with(random(4, 8), (1, 4))
    before = Prices(torch.tensor([0.0, 0.0, 0.0, 0.05], dtype=torch.float64), torch.zeros(1, dtype=torch.float64))
    after = before.after(torch.tensor([0, 0, 0, 1]), places, 0.5)
    assert after.places.tolist() == pytest.approx(
        [PRICE_RATE * PRICE * 0.5 * math.log2(3), 0, 0, (1 - PRICE_RATE) * 0.05]
    )
    assert float(after.images[0]) == 0


def test_those_that_count_little_make_nothing_dear() -> None:
    places = places_with(random(4, 8), (1, 4))
    weight = torch.tensor([0.0, 0.0, 0.0, 1.0])
    after = Prices.none(places).after(torch.tensor([0, 0, 0, 1]), places, 1.0, weight)
    assert after.places.tolist() == pytest.approx([0, PRICE_RATE * PRICE * 2, 0, 0])


def test_closed_places_are_not_counted_among_those_that_could_be_used() -> None:
    places = places_with(random(4, 8), (1, 4))
    places.closed[2:] = True
    after = Prices.none(places).after(torch.tensor([0, 1]), places, 1.0)
    assert after.places.tolist() == [0, 0, 0, 0], "an even use of what is open"
    assert after.bias(places).tolist() == [0, 0, CLOSED, CLOSED]


def test_an_image_with_more_than_its_share_loses() -> None:
    places = places_with(random(4, 8), (1, 2), (1, 2), shares=(0.25, 0.75))
    after = Prices.none(places).after(torch.tensor([0, 0, 1, 2]), places, 0.0)
    assert after.images.tolist() == pytest.approx([SHARE_STEP_LATER * 0.5, -SHARE_STEP_LATER * 0.5])
    assert after.bias(places).tolist() == pytest.approx([-SHARE_STEP_LATER * 0.5] * 2 + [SHARE_STEP_LATER * 0.5] * 2)


def test_variety_spreads_the_matches_over_more_places() -> None:
    tenths = [0, 0, 0]
    for seed in range(8):
        places = places_with(random(60, 4), (6, 10))
        queries = random(300, 4, seed=seed) * 0.5 + random(1, 4, seed=100 + seed)
        for number, variety in enumerate((0.0, 0.5, 1.0)):
            found, _ = searched(queries, places, variety, 12)
            counts = torch.bincount(found, minlength=60).sort(descending=True).values
            tenths[number] += int(counts[:6].sum())
    assert tenths[0] > 1.1 * tenths[1] and tenths[1] > 1.05 * tenths[2], "of 2400, in the most used tenth of the places"


def test_prices_come_to_rest() -> None:
    places, queries = places_with(random(60, 4), (6, 10)), random(300, 4, seed=1) * 0.5 + random(1, 4, seed=2)
    _, late = searched(queries, places, 0.5, 30)
    _, later = searched(queries, places, 0.5, 31)
    assert float((late.places - later.places).abs().mean()) < 0.1 * float(late.places.mean())


def test_images_get_their_shares_of_the_canvas() -> None:
    keys = random(120, 8)
    keys[60:] += 2  # what is looked for is more like the first image
    queries = random(500, 8, seed=1)
    for share in (0.3, 0.7):
        places = places_with(keys, (6, 10), (6, 10), shares=(share, 1 - share))
        prices = search.balanced(queries, places, 0.0)
        for _ in range(10):
            found = search.compare_all(queries, places, prices.bias(places))
            assert abs(float((found < 60).double().mean()) - share) < 0.1
            prices = prices.after(found, places, 0.0)
