"""What is found, against comparing every place with every other in plain torch."""

from __future__ import annotations

import torch
from torch import Tensor

from neural_style_server.engine.neighbours import search
from neural_style_server.engine.neighbours.matches import Matches, matches
from neural_style_server.engine.neighbours.places import Layout, Projection, StylePlaces
from neural_style_server.engine.neighbours.prices import Prices, no_bias


def random(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def places_with(keys: Tensor, *sizes: tuple[int, int], shares: tuple[float, ...] = (1.0,)) -> StylePlaces:
    """Places with these keys (M, d) in images of these (rows, columns)."""
    layouts, first = [], 0
    for rows, columns in sizes:
        layouts.append(Layout(rows, columns, first))
        first += rows * columns
    image = torch.cat([torch.full((one.rows * one.columns,), number) for number, one in enumerate(layouts)])
    unit = torch.nn.functional.normalize(keys, dim=1)
    none = Projection({}, keys.mean(0))
    return StylePlaces(tuple(layouts), shares, image, keys[:, :3], unit, none, torch.zeros(first, dtype=torch.bool), {})


def smooth(rows: int, columns: int, seed: int) -> Tensor:
    """Keys that change slowly over the image, as those of a picture do: (rows · columns, 16)."""
    coarse = random(1, 16, 5, 5, seed=seed)
    return torch.nn.functional.interpolate(coarse, (rows, columns), mode="bicubic")[0].flatten(1).t()


def brute_force(queries: Tensor, places: StylePlaces) -> Tensor:
    likeness = torch.nn.functional.cosine_similarity(queries[:, None], places.keys[None], dim=2)
    likeness[:, places.closed] = -9
    return likeness.argmax(1)


def test_all_are_compared() -> None:
    places, queries = places_with(random(60, 8), (6, 10)), random(37, 8, seed=1)
    found = search.compare_all(queries, places, no_bias(places))
    assert torch.equal(found, brute_force(queries, places))


def test_the_order_of_the_places_changes_nothing() -> None:
    keys, queries = random(60, 8), random(37, 8, seed=1)
    order = torch.randperm(60, generator=torch.Generator().manual_seed(2))
    straight = search.compare_all(queries, places_with(keys, (6, 10)), torch.zeros(60, dtype=torch.float64))
    mixed = search.compare_all(queries, places_with(keys[order], (6, 10)), torch.zeros(60, dtype=torch.float64))
    assert torch.equal(order[mixed], straight)


def test_a_picture_is_its_own_match() -> None:
    places = places_with(random(60, 8), (6, 10))
    assert torch.equal(search.compare_all(places.keys * 5, places, no_bias(places)), torch.arange(60))


def test_closed_places_are_never_found() -> None:
    places, queries = places_with(random(60, 8), (6, 10)), random(37, 8, seed=1)
    places.closed[:40] = True
    found = search.compare_all(queries, places, no_bias(places))
    assert int(found.min()) >= 40 and torch.equal(found, brute_force(queries, places))
    start = torch.full((37,), 50)
    refined = search.refine(queries, start, (1, 37), places, no_bias(places), 0, 3)
    assert int(refined.min()) >= 40


def test_candidates_find_nearly_what_comparing_all_finds() -> None:
    places = places_with(smooth(40, 50, 1), (40, 50))
    queries, bias = smooth(30, 36, 2), no_bias(places)
    start = torch.randint(places.count, (30 * 36,), generator=torch.Generator().manual_seed(3))
    unit = torch.nn.functional.normalize(queries, dim=1)
    best = search.likeness(unit, search.compare_all(queries, places, bias), places, bias)
    found = search.refine(queries, start, (30, 36), places, bias, 0, search.FIRST_ROUNDS)
    assert float((best - search.likeness(unit, found, places, bias)).mean()) < 0.01
    again = search.refine(queries, start, (30, 36), places, bias, 0, search.FIRST_ROUNDS)
    assert torch.equal(found, again)


def test_candidates_never_make_a_match_worse() -> None:
    places = places_with(random(200, 8), (10, 20))
    queries, bias = random(48, 8, seed=1), no_bias(places)
    start = brute_force(queries, places)
    assert torch.equal(search.refine(queries, start, (6, 8), places, bias, 0, 2), start)


def continued(found: Tensor, grid: tuple[int, int], places: StylePlaces) -> float:
    """The share of places whose match is right of their left neighbour's."""
    numbers = found.view(grid)
    beside = places.moved(numbers[:, :-1].flatten(), 0, 1)
    return float((beside == numbers[:, 1:].flatten()).double().mean())


def test_matches_continue_their_neighbours_where_that_costs_little() -> None:
    places = places_with(smooth(20, 24, 1), (20, 24))
    queries, bias, grid = smooth(12, 16, 2), no_bias(places), (12, 16)
    start = search.compare_all(queries, places, bias)
    found = search.cohere(queries, start, grid, places, bias)
    assert continued(found, grid, places) > continued(start, grid, places)
    unit = torch.nn.functional.normalize(queries, dim=1)
    lost = search.likeness(unit, start, places, bias) - search.likeness(unit, found, places, bias)
    assert 0 < float(lost.max()) <= 4 * search.COHERENCE


def test_without_a_gain_the_best_matches_stay() -> None:
    places, queries = places_with(random(60, 8), (6, 10)), random(35, 8, seed=1)
    start = search.compare_all(queries, places, no_bias(places))
    assert torch.equal(search.cohere(queries, start, (5, 7), places, no_bias(places), 0.0), start)


def test_no_match_continues_into_a_closed_place() -> None:
    places, queries = places_with(random(60, 8), (6, 10)), random(35, 8, seed=1)
    places.closed[::2] = True
    start = search.compare_all(queries, places, no_bias(places))
    assert bool((search.cohere(queries, start, (5, 7), places, no_bias(places)) % 2 == 1).all())


def test_a_finer_scale_begins_with_what_the_coarser_one_matched() -> None:
    coarse, fine = places_with(random(30, 4), (5, 6)), places_with(random(120, 4), (10, 12))
    numbers = torch.arange(30).view(5, 6)  # every place its own
    known = matches(numbers, Prices(torch.arange(30.0), torch.zeros(1)), coarse)
    assert torch.equal(known.at(10, 12, fine), torch.arange(120).view(10, 12))
    assert known.prices_of(fine).places.view(10, 12)[4:6, 2:4].unique().tolist() == [13.0]


def test_matches_are_the_same_after_they_were_saved() -> None:
    places = places_with(random(30, 4), (5, 6))
    known = matches(torch.randint(30, (7, 9)), Prices(torch.arange(30.0), torch.ones(1)), places)
    again = Matches.from_state(known.state(), torch.device("cpu"))
    assert torch.equal(again.at(7, 9, places), known.at(7, 9, places))
    assert torch.equal(again.prices_of(places).bias(places), known.prices_of(places).bias(places))
