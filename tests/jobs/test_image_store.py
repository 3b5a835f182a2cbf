"""Pictures are stored once, within limits, and never get in a painter's way."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.jobs.fakes import Shop, grey

from neural_style_server.errors import NotFound, TooLarge, TooMany
from neural_style_server.files import UNREADABLE
from neural_style_server.jobs import disk_limit
from neural_style_server.jobs import image_store as images_module
from neural_style_server.jobs.counters import Counters
from neural_style_server.jobs.disk_limit import DiskLimit, bytes_in
from neural_style_server.jobs.image_store import ImageStore
from neural_style_server.pixels import Picture


@pytest.fixture
def make(tmp_path: Path) -> Callable[..., ImageStore]:
    def made(most: int = 3, size: int = 1 << 20) -> ImageStore:
        return ImageStore(
            tmp_path / "images", most, DiskLimit(size, partial(bytes_in, [tmp_path / "images"])), Counters()
        )

    return made


def age(store: ImageStore, identity: str) -> None:
    os.utime((store._folder / identity).with_suffix(".json"), (1, 1))


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
    store.hold("job", [ids[0]])
    with pytest.raises(TooMany, match="3 images"):
        store.put(grey(9))


def test_a_picture_that_is_sent_again_is_fresh_again(make: Callable[..., ImageStore]) -> None:
    store = make()
    identity = store.put(grey(1))["id"]
    age(store, identity)
    store.put(grey(1))
    assert store.sweep(images_module.FRESH_S, (store._folder / identity).with_suffix(".json").stat().st_mtime) == 0
    store.get(identity)


def test_the_bytes_of_all_are_limited(make: Callable[..., ImageStore]) -> None:
    store = make(10, 570)
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
    (store._folder / identity).with_suffix(".raw").write_bytes(b"short")
    store.put(grey(1))
    assert np.array_equal(store.get(identity).pixels, grey(1).pixels)


def flip(path: Path, place: int = 40) -> None:
    data = bytearray(path.read_bytes())
    data[place] ^= 1
    path.write_bytes(data)


def test_a_picture_with_one_wrong_bit_is_not_given_out_and_an_upload_repairs_it(
    make: Callable[..., ImageStore], caplog: pytest.LogCaptureFixture
) -> None:
    store = make()
    identity = store.put(grey(1))["id"]
    flip((store._folder / identity).with_suffix(".raw"))
    for _ in range(3):
        with pytest.raises(NotFound):
            store.get(identity)
    assert len(caplog.records) == 1 and "check sum is wrong" in caplog.text
    assert store.put(grey(1))["id"] == identity
    assert np.array_equal(store.get(identity).pixels, grey(1).pixels)


def test_a_picture_of_the_former_version_is_checked_by_its_name(make: Callable[..., ImageStore]) -> None:
    store = make()
    identity = store.put(grey(1))["id"]
    path = (store._folder / identity).with_suffix(".json")
    path.write_text('{"width": 8, "height": 6, "format": "RGBA8"}')
    store.get(identity)
    flip(path.with_suffix(".raw"))
    with pytest.raises(NotFound):
        store.get(identity)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no FIFO")
def test_what_is_no_picture_is_out_of_the_way_after_a_start(make: Callable[..., ImageStore], tmp_path: Path) -> None:
    folder = tmp_path / "images"
    kept = make().put(grey(1))["id"]
    lost = [make().put(grey(n))["id"] for n in (2, 3)]
    for identity, suffix in zip(lost, (".raw", ".json"), strict=True):
        (folder / identity).with_suffix(suffix).unlink()
    os.mkfifo((folder / lost[0]).with_suffix(".raw"))
    (folder / lost[1]).with_suffix(".json").mkdir()
    (folder / "ff.part" / "in").mkdir(parents=True)
    store = make()
    store.get(kept)
    assert {path.stem for path in folder.iterdir()} == {kept, UNREADABLE}
    for number, identity in zip((2, 3), lost, strict=True):
        with pytest.raises(NotFound):
            store.get(identity)
        assert store.put(grey(number))["id"] == identity
        store.get(identity)


def test_what_a_job_holds_stays_until_it_lets_go(make: Callable[..., ImageStore]) -> None:
    store = make()
    identity = store.put(grey(1))["id"]
    age(store, identity)
    store.hold("job", [identity])
    store.set_finished("job", True)
    assert store.sweep(60, time.time()) == 0
    store.release("job")
    assert store.sweep(60, time.time()) == 1


def test_pictures_of_a_finished_job_make_room(make: Callable[..., ImageStore]) -> None:
    store = make()
    ids = [store.put(grey(n))["id"] for n in range(3)]
    age(store, ids[0])
    store.hold("job", [ids[0]])
    store.set_finished("job", True)
    store.put(grey(9))
    with pytest.raises(NotFound):
        store.get(ids[0])


def test_a_picture_is_either_held_or_swept_and_never_both(make: Callable[..., ImageStore]) -> None:
    """Whoever may hold a picture that is being swept finds it afterwards, every time."""
    store = make(50)
    for round_ in range(30):
        identity = store.put(grey(round_))["id"]
        age(store, identity)
        start, outcome = threading.Barrier(2), list[bool]()

        def hold(identity: str = identity, start: threading.Barrier = start, outcome: list[bool] = outcome) -> None:
            start.wait()
            try:
                store.hold("job", [identity])
                store.get(identity)
                outcome.append(True)
            except NotFound:
                outcome.append(False)

        thread = threading.Thread(target=hold)
        thread.start()
        start.wait()
        store.sweep(60, time.time())
        thread.join()
        if outcome == [True]:
            store.get(identity)
        store.release("job")


def test_a_fresh_picture_can_be_held_while_another_upload_looks_for_room(
    make: Callable[..., ImageStore], monkeypatch: pytest.MonkeyPatch
) -> None:
    store = make()
    identity = store.put(grey(1))["id"]
    came = images_module._came

    def hold_first(path: Path) -> float:
        store.hold("job", [identity])
        return came(path)

    monkeypatch.setattr(images_module, "_came", hold_first)
    assert not store._delete(identity, time.time() - images_module.FRESH_S)


def test_a_picture_of_a_job_that_is_submitted_while_pictures_are_swept_stays(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The sweep has looked at all jobs already when one more comes that names an old picture."""
    mask = shop.images.put(grey(255))["id"]
    for path in (shop.home / "images").iterdir():
        os.utime(path, (1, 1))
    real, jobs = shop.images._delete, list[str]()

    def delete(*args: Any, **more: Any) -> bool:
        if not jobs:
            jobs.append(shop.submit(mask=mask))
        return real(*args, **more)

    monkeypatch.setattr(shop.images, "_delete", delete)
    shop.all.retention._began -= 3600
    shop.all.retention.tidy()
    shop.images.get(mask)
    shop.images.get(shop.content)
    assert shop.state(jobs[0]) == "running"


def test_images_jobs_and_caches_share_one_limit(
    open_shop: Callable[..., Shop], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(disk_limit, "MEASURE_S", 0.0)
    shop = open_shop(disk_limit_bytes=100_000)
    (shop.home / "cache" / "targets.pt").write_bytes(bytes(60_000))
    (shop.home / "jobs" / "x").mkdir()
    (shop.home / "jobs" / "x" / "result.raw").write_bytes(bytes(20_000))
    shop.images.put(grey(1, 50, 50))
    with pytest.raises(TooLarge, match="disk space"):
        shop.images.put(grey(2, 60, 60))
    (shop.home / "cache" / "targets.pt").unlink()
    shop.images.put(grey(2, 60, 60))


@pytest.mark.skipif(os.name == "nt", reason="Windows does not tell what a file takes")
def test_a_file_with_holes_counts_as_what_it_takes(tmp_path: Path) -> None:
    (tmp_path / "whole").write_bytes(bytes(5000))
    (tmp_path / "holes").touch()
    os.truncate(tmp_path / "holes", 1 << 40)
    assert 5000 <= disk_limit.folder_bytes(tmp_path) < 10_000


def test_an_upload_makes_old_results_go(open_shop: Callable[..., Shop], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(disk_limit, "MEASURE_S", 0.0)
    shop = open_shop(disk_limit_bytes=600_000)
    shop.warm()
    job = shop.submit()
    shop.worker.done(job)
    (shop.controller.folder(job) / "large").write_bytes(bytes(590_000))
    with pytest.raises(TooLarge):
        shop.images.put(grey(2, 60, 60))
    shop.live(job).record.finished = time.time() - 3600
    shop.images.put(grey(2, 60, 60))
    assert shop.controller.jobs() == []
