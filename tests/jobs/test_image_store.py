"""Pictures are stored once, within limits, and never get in a painter's way."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from tests.jobs.fakes import grey

from neural_style_server.errors import NotFound, TooLarge, TooMany
from neural_style_server.jobs import image_store as images_module
from neural_style_server.jobs.image_store import ImageStore
from neural_style_server.pixels import Picture


@pytest.fixture
def make(tmp_path: Path) -> Callable[..., ImageStore]:
    return lambda most=3, size=1 << 20: ImageStore(tmp_path / "images", most, size)


def age(store: ImageStore, identity: str) -> None:
    os.utime(store.path(identity).with_suffix(".json"), (1, 1))


def test_the_same_pixels_are_stored_once(make: Callable[..., ImageStore], tmp_path: Path) -> None:
    store = make()
    assert store.put(grey(1)) == store.put(grey(1))
    assert len(list((tmp_path / "images").iterdir())) == 2


def test_the_size_is_part_of_the_identity(make: Callable[..., ImageStore]) -> None:
    store = make()
    flat = Picture(np.zeros((2, 6, 4), "u1"), "RGBA8")
    tall = Picture(np.zeros((6, 2, 4), "u1"), "RGBA8")
    assert store.put(flat)["id"] != store.put(tall)["id"]


def test_the_oldest_make_room_for_new_ones(make: Callable[..., ImageStore]) -> None:
    store = make()
    ids = [store.put(grey(n))["id"] for n in range(3)]
    age(store, ids[1])
    store.put(grey(9))
    with pytest.raises(NotFound):
        store.get(ids[1])
    store.get(ids[0])


def test_fresh_and_needed_pictures_stay(make: Callable[..., ImageStore]) -> None:
    store = make()
    ids = [store.put(grey(n))["id"] for n in range(3)]
    age(store, ids[0])
    store.needed = lambda: {ids[0]}
    with pytest.raises(TooMany, match="3 images"):
        store.put(grey(9))


def test_a_picture_that_is_sent_again_is_fresh_again(make: Callable[..., ImageStore]) -> None:
    store = make()
    identity = store.put(grey(1))["id"]
    age(store, identity)
    store.put(grey(1))
    assert store.sweep(set(), images_module.FRESH_S, store.path(identity).with_suffix(".json").stat().st_mtime) == 0
    store.get(identity)


def test_the_bytes_of_all_are_limited(make: Callable[..., ImageStore]) -> None:
    store = make(10, 500)
    ids = [store.put(grey(n))["id"] for n in range(2)]
    with pytest.raises(TooLarge, match="disk space"):
        store.put(grey(9))
    age(store, ids[0])
    store.put(grey(9))


@pytest.mark.parametrize("identity", ["", "0" * 64, "../../etc/passwd", "." * 64, "é" * 64, "0" * 63])
def test_an_unknown_id_is_not_found(make: Callable[..., ImageStore], identity: str) -> None:
    with pytest.raises(NotFound):
        make().get(identity)


def test_halves_of_a_killed_write_are_taken_away_at_the_start(make: Callable[..., ImageStore], tmp_path: Path) -> None:
    kept = make().put(grey(1))["id"]
    (tmp_path / "images" / ".abc.part").write_bytes(b"half")
    (tmp_path / "images" / f"{'0' * 64}.raw").write_bytes(b"half")
    make().get(kept)
    assert {path.stem for path in (tmp_path / "images").iterdir()} == {kept}


def test_a_damaged_picture_is_written_again(make: Callable[..., ImageStore]) -> None:
    store = make()
    identity = store.put(grey(1))["id"]
    store.path(identity).with_suffix(".raw").write_bytes(b"short")
    store.put(grey(1))
    assert np.array_equal(store.get(identity).pixels, grey(1).pixels)
