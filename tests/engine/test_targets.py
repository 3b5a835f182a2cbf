from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import Tensor

from neural_style_server.engine import targets
from neural_style_server.engine.method import Method
from neural_style_server.engine.neighbours.places import StylePlaces
from neural_style_server.engine.targets import TargetCache, mixed, places_of, style_moments, target_key
from neural_style_server.engine.task import Style
from neural_style_server.engine.vgg import Network

PictureOf = Callable[..., Tensor]
METHOD = Method(loss="balanced", style_layers={"relu1_1": 1.0, "relu3_1": 0.5})


def same(one: object, other: object) -> bool:
    return all(torch.equal(a, b) for name in one for a, b in zip(one[name], other[name], strict=True))  # type: ignore


def must(places: StylePlaces | None) -> StylePlaces:
    assert places is not None
    return places


@pytest.fixture
def count(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Grows by one each time that moments are really computed."""
    calls: list[int] = []

    def counted(*arguments: object) -> object:
        calls.append(1)
        return style_moments(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(targets, "style_moments", counted)
    return calls


def test_the_second_use_computes_nothing(tiny_vgg: Network, picture_of: PictureOf, count: list[int]) -> None:
    cache, image = TargetCache(), picture_of(32, 32)
    first, second = (cache.get(tiny_vgg, image, METHOD) for _ in range(2))
    assert same(first, second) and count == [1]
    assert (cache.hits, cache.misses) == (1, 1)


def test_targets_outlive_the_process_on_disk(
    tiny_vgg: Network, picture_of: PictureOf, count: list[int], tmp_path: Path
) -> None:
    first = TargetCache(tmp_path / "targets").get(tiny_vgg, picture_of(32, 32), METHOD)
    again = TargetCache(tmp_path / "targets")
    assert same(again.get(tiny_vgg, picture_of(32, 32), METHOD), first)
    assert count == [1] and again.hits == 1


@pytest.mark.parametrize("damage", ["empty", "no tensor", "cut", "one bit", "another style's"])
def test_a_damaged_file_is_computed_again_and_written_again(
    tiny_vgg: Network, picture_of: PictureOf, count: list[int], tmp_path: Path, damage: str
) -> None:
    image = picture_of(32, 32)
    TargetCache(tmp_path / "other").get(tiny_vgg, picture_of(40, 32), METHOD)
    count.clear()
    first = TargetCache(tmp_path).get(tiny_vgg, image, METHOD)
    (file,), (other,) = tmp_path.glob("*.pt"), tmp_path.glob("other/*.pt")
    whole = file.read_bytes()
    place = whole.index(b"/data/0") + 120  # among the numbers
    damaged = {
        "empty": b"",
        "no tensor": b"not a tensor",
        "cut": whole[:-200],
        "one bit": whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :],
        "another style's": other.read_bytes(),
    }
    file.write_bytes(damaged[damage])
    assert same(TargetCache(tmp_path).get(tiny_vgg, image, METHOD), first)
    assert len(count) == 2
    TargetCache(tmp_path).get(tiny_vgg, image, METHOD)
    assert len(count) == 2


def test_the_folder_stays_within_its_limit_and_the_oldest_use_goes_first(
    tiny_vgg: Network, picture_of: PictureOf, tmp_path: Path
) -> None:
    images = [picture_of(16, 16, seed) for seed in range(4)]
    TargetCache(tmp_path).get(tiny_vgg, images[0], METHOD)
    size = next(tmp_path.glob("*.pt")).stat().st_size
    cache = TargetCache(tmp_path, limit_bytes=2 * size)
    for age, image in enumerate(images[1:]):
        for file in tmp_path.glob("*.pt"):
            os.utime(file, (file.stat().st_atime - 10, file.stat().st_mtime - 10 - age))
        cache.get(tiny_vgg, image, METHOD)
    kept = {file.stem for file in tmp_path.iterdir()}
    assert kept == {target_key(tiny_vgg, METHOD, image, None) for image in images[-2:]}


def test_memory_holds_only_so_many(
    tiny_vgg: Network, picture_of: PictureOf, count: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(targets, "MEMORY_ENTRIES", 1)
    cache = TargetCache()
    for seed in (0, 1, 0):
        cache.get(tiny_vgg, picture_of(16, 16, seed), METHOD)
    assert len(count) == 3


def test_a_full_disk_costs_time_but_not_the_job(tiny_vgg: Network, picture_of: PictureOf, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    cache = TargetCache(tmp_path / "file" / "targets")
    assert set(cache.get(tiny_vgg, picture_of(16, 16), METHOD)) == {"relu1_1", "relu3_1"}


def test_a_write_that_fails_leaves_nothing_behind(
    tiny_vgg: Network, picture_of: PictureOf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(targets.os, "replace", full)
    TargetCache(tmp_path).get(tiny_vgg, picture_of(16, 16), METHOD)
    assert list(tmp_path.iterdir()) == []


def test_the_key_knows_everything_that_targets_depend_on(
    tiny_vgg: Network, picture_of: PictureOf, weight_of: PictureOf
) -> None:
    image, weight = picture_of(16, 24), weight_of(16, 24)
    keys = [
        target_key(tiny_vgg, METHOD, image, None),
        target_key(tiny_vgg, METHOD, image, weight),
        target_key(tiny_vgg, METHOD, image, 1 - weight),
        target_key(tiny_vgg, METHOD, image + 1, None),
        target_key(tiny_vgg, METHOD, image.view(1, 3, 24, 16), None),
        target_key(tiny_vgg.to("cpu", torch.float32), METHOD, image, None),
        target_key(replace(tiny_vgg, sha256="other"), METHOD, image, None),
        target_key(tiny_vgg, replace(METHOD, pooling="average"), image, None),
        target_key(tiny_vgg, replace(METHOD, padding="zeros"), image, None),
        target_key(tiny_vgg, replace(METHOD, style_layers={"relu1_1": 1.0}), image, None),
    ]
    assert len(set(keys)) == len(keys)


def test_the_key_does_not_know_loss_seed_or_weights(tiny_vgg: Network, picture_of: PictureOf) -> None:
    other = replace(METHOD, loss="gram", seed=9, style_layers={"relu3_1": 7.0, "relu1_1": 2.0})
    image = picture_of(16, 24)
    assert target_key(tiny_vgg, METHOD, image, None) == target_key(tiny_vgg, other, image, None)


def test_moments_in_tiles_are_those_of_the_whole(
    tiny_vgg: Network, picture_of: PictureOf, weight_of: PictureOf
) -> None:
    image, weight = picture_of(75, 50), weight_of(75, 50)
    whole, tiled = (style_moments(tiny_vgg, image, Method(), weight, size) for size in (None, 32))
    for name in whole:
        for one, other in zip(whole[name], tiled[name], strict=True):
            assert torch.allclose(one, other, rtol=1e-9)


def test_masked_style_pixels_take_no_part(tiny_vgg: Network, picture_of: PictureOf) -> None:
    method, image = Method(loss="balanced", style_layers={"relu1_1": 1.0}), picture_of(16, 32)
    weight = torch.zeros(1, 1, 16, 32, dtype=torch.float64)
    weight[..., :16] = 1
    other = image.clone()
    other[..., 17:] = 0  # one pixel further, for the convolution looks over the edge of the mask
    assert same(style_moments(tiny_vgg, image, method, weight), style_moments(tiny_vgg, other, method, weight))


def test_mixed_styles_are_the_mean_by_weight(tiny_vgg: Network, picture_of: PictureOf) -> None:
    a, b = (style_moments(tiny_vgg, picture_of(16, 16, seed), METHOD) for seed in (1, 2))
    blend = mixed([(3.0, a), (1.0, b)])
    assert torch.allclose(blend["relu3_1"].second, 0.75 * a["relu3_1"].second + 0.25 * b["relu3_1"].second)
    assert same(mixed([(2.0, a)]), a)


def test_places_that_were_used_last_are_kept(tiny_vgg: Network, picture_of: PictureOf) -> None:
    method = Method(neighbour_layers={"relu2_1": 1.0, "relu3_1": 1.0})
    cache = TargetCache().places
    styles = [Style(picture_of(32, 40, seed=seed)) for seed in range(3)]
    first = cache.get(tiny_vgg, styles[:1], method)
    assert first is not None and cache.get(tiny_vgg, styles[:1], method) is first
    others = [
        cache.get(tiny_vgg, styles[1:2], method),
        cache.get(tiny_vgg, styles[:2], method),
        cache.get(tiny_vgg, [replace(styles[0], weight=2.0), styles[1]], method),
        cache.get(tiny_vgg, [replace(styles[0], mask=torch.ones(1, 1, 32, 40).double())], method),
        cache.get(tiny_vgg, styles[:1], replace(method, padding="zeros")),
        cache.get(tiny_vgg, styles[:1], replace(method, neighbour_layers={"relu3_1": 1.0})),
    ]
    assert len({id(it) for it in [first, *others]}) == len(others) + 1
    assert torch.equal(first.keys, must(places_of(tiny_vgg, styles[:1], method)).keys)
    assert cache.get(tiny_vgg, styles[:1], Method(loss="balanced")) is None


def test_places_are_kept_in_little_memory(
    tiny_vgg: Network, picture_of: PictureOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    method = Method(neighbour_layers={"relu2_1": 1.0})
    cache, styles = TargetCache().places, [[Style(picture_of(32, 40, seed=seed))] for seed in range(3)]
    size = must(cache.get(tiny_vgg, styles[0], method)).nbytes
    monkeypatch.setattr(targets, "PLACES_BYTES", 2 * size)
    kept = [cache.get(tiny_vgg, style, method) for style in styles]
    assert all(cache.get(tiny_vgg, style, method) is it for style, it in list(zip(styles, kept, strict=True))[1:])
    assert cache.get(tiny_vgg, styles[0], method) is not kept[0]
    monkeypatch.setattr(targets, "PLACES_BYTES", size - 1)
    assert cache.get(tiny_vgg, styles[2], method) is not cache.get(tiny_vgg, styles[2], method)
