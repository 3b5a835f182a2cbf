"""Records of sequences, without jobs or workers: whose they are, what they hold, and who may change them when."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.jobs.fakes import grey

from neural_style_server.errors import NotFound
from neural_style_server.files import read_json
from neural_style_server.jobs.counters import Counters
from neural_style_server.jobs.disk_limit import DiskLimit
from neural_style_server.jobs.image_store import ImageStore
from neural_style_server.jobs.sequence_record import SequenceRecord
from neural_style_server.jobs.sequence_store import SequenceStore
from neural_style_server.jobs.store import JobStore
from neural_style_server.jobs.table import JobTable
from neural_style_server.users import OWNER

DAYS_S = 1e6


@pytest.fixture
def images(tmp_path: Path) -> ImageStore:
    return ImageStore(tmp_path / "images", 100, DiskLimit(1 << 30, lambda: 0), Counters())


@pytest.fixture
def open_store(tmp_path: Path, images: ImageStore) -> Iterator[Callable[..., SequenceStore]]:
    """Opens the records of one home, which has no jobs."""
    jobs = JobStore(tmp_path / "jobs")
    table = JobTable(jobs, images, Counters())
    yield lambda keep_s=DAYS_S: SequenceStore(tmp_path / "sequences", table, images, keep_s)
    jobs.close()


@pytest.fixture
def store(open_store: Callable[..., SequenceStore]) -> SequenceStore:
    return open_store()


def record(identity: str, *keys: str, owner: str = OWNER, created: float = 1.0) -> SequenceRecord:
    """With keys that are these pictures."""
    request = {"preset": "ink", "keys": [{"frame": frame, "image": image} for frame, image in enumerate(keys, 1)]}
    return SequenceRecord(id=identity, owner=owner, request=request, created=created)


def picture(images: ImageStore, value: int) -> str:
    return str(images.put(grey(value))["id"])


def stored(images: ImageStore, *pictures: str) -> list[bool]:
    """Which of them stay when all that nobody holds are deleted."""
    images.sweep(0.0, 2e9)
    found = []
    for one in pictures:
        try:
            found.append(bool(images.get(one)))
        except NotFound:
            found.append(False)
    return found


def test_a_user_finds_own_records_only_newest_first(store: SequenceStore, images: ImageStore) -> None:
    for identity, owner, created in (("a", OWNER, 1.0), ("b", "anna", 2.0), ("c", OWNER, 3.0)):
        store.add(record(identity, owner=owner, created=created), images)
    assert [found.id for found in store.of(OWNER)] == ["c", "a"]
    assert store.find("b", "anna").id == "b"
    said = []
    for identity in ("b", "none"):
        with pytest.raises(NotFound) as caught:
            store.find(identity, OWNER)
        said.append(caught.value.detail.replace(identity, "ID"))
    assert said[0] == said[1]


def test_records_and_what_they_hold_outlive_the_daemon(
    open_store: Callable[..., SequenceStore], images: ImageStore
) -> None:
    key, other = picture(images, 1), picture(images, 2)
    before = record("a", key)
    open_store().add(before, images)
    assert open_store().find("a", OWNER) == before
    assert stored(images, key, other) == [True, False]


def test_what_is_older_than_it_is_kept_is_forgotten(
    open_store: Callable[..., SequenceStore], images: ImageStore, tmp_path: Path
) -> None:
    open_store().add(record("a"), images)
    assert open_store(keep_s=-1.0).of(OWNER) == []
    assert not list((tmp_path / "sequences").iterdir())


def test_a_record_whose_key_is_missing_is_not_added(store: SequenceStore, images: ImageStore, tmp_path: Path) -> None:
    key = picture(images, 1)
    with pytest.raises(NotFound):
        store.add(record("a", key, "0" * 64), images)
    assert store.of(OWNER) == [] and not list((tmp_path / "sequences").iterdir())
    assert stored(images, key) == [False]


def test_a_replaced_record_holds_its_new_keys_alone(store: SequenceStore, images: ImageStore, tmp_path: Path) -> None:
    old, new = picture(images, 1), picture(images, 2)
    store.add(record("a", old), images)
    with store.changing("a", OWNER) as before:
        changed = record("a", new)
        with store.replacing(before, changed):
            store.save(changed)
            assert stored(images, old, new) == [True, True]
    assert store.find("a", OWNER) == changed
    assert read_json(tmp_path / "sequences" / "a.json")["request"] == changed.request
    assert stored(images, old, new) == [False, True]


def test_after_an_error_the_former_record_is_back(store: SequenceStore, images: ImageStore, tmp_path: Path) -> None:
    old, new = picture(images, 1), picture(images, 2)
    store.add(record("a", old), images)
    with pytest.raises(RuntimeError), store.changing("a", OWNER) as before:
        changed = record("a", new)
        with store.replacing(before, changed):
            store.save(changed)
            raise RuntimeError
    assert store.find("a", OWNER) == before
    assert read_json(tmp_path / "sequences" / "a.json")["request"] == before.request
    assert stored(images, old, new) == [True, False]


def test_a_removed_record_holds_nothing(store: SequenceStore, images: ImageStore, tmp_path: Path) -> None:
    key = picture(images, 1)
    store.add(record("a", key), images)
    with store.changing("a", OWNER) as found:
        store.remove(found)
    with pytest.raises(NotFound):
        store.find("a", OWNER)
    assert stored(images, key) == [False] and not list((tmp_path / "sequences").iterdir())


def test_a_sequence_is_changed_by_one_at_a_time_and_no_other_waits(store: SequenceStore, images: ImageStore) -> None:
    for identity in ("a", "b"):
        store.add(record(identity), images)
    order: list[str] = []

    def change() -> None:
        with store.changing("a", OWNER):
            order.append("second")

    second = threading.Thread(target=change)
    with store.changing("a", OWNER):
        second.start()
        with store.changing("b", OWNER):
            second.join(0.1)
            order.append("first")
    second.join(10)
    assert order == ["first", "second"]


def test_who_waits_for_a_record_that_is_removed_finds_none(store: SequenceStore, images: ImageStore) -> None:
    store.add(record("a"), images)
    missing = threading.Event()

    def change() -> None:
        try:
            with store.changing("a", OWNER):
                pass
        except NotFound:
            missing.set()

    waiting = threading.Thread(target=change)
    with store.changing("a", OWNER) as found:
        waiting.start()
        waiting.join(0.1)
        store.remove(found)
    waiting.join(10)
    assert missing.is_set()
