"""The limit on disk space, with folders that only say what they hold."""

from __future__ import annotations

from collections.abc import Callable

from neural_style_server.jobs.disk_limit import DiskLimit


def deleting(sizes: list[int], told: int) -> Callable[[int], int]:
    """Deletes all there is, and counts `told` bytes of it."""

    def evict(wanted: int) -> int:
        assert wanted > 0
        freed = told if sizes else 0
        sizes.clear()
        return freed

    return evict


def test_what_fits_deletes_nothing() -> None:
    sizes = [40]
    limit = DiskLimit(100, lambda: sum(sizes))
    limit.evictors.append(deleting(sizes, 40))
    assert limit.make_room(60) and sizes == [40]
    sizes.append(60)
    assert limit.make_room(1) and sizes == []


def test_a_file_that_was_counted_twice_while_it_was_replaced_refuses_nobody() -> None:
    """Its half lay beside it as all was measured, and had gone when it was deleted."""
    sizes = [50, 50]
    limit = DiskLimit(100, lambda: sum(sizes))
    limit.evictors.append(deleting(sizes, 50))
    assert limit.make_room(90)


def test_evictors_stop_when_there_is_room_and_what_does_not_fit_is_refused() -> None:
    first, second = [50], [50]
    limit = DiskLimit(100, lambda: sum(first) + sum(second))
    limit.evictors += [deleting(first, 50), deleting(second, 50)]
    assert limit.make_room(50)
    assert (first, second) == ([], [50])
    assert not limit.make_room(101)


def test_what_is_written_also_has_to_fit_into_the_whole() -> None:
    whole = DiskLimit(100, lambda: 60)
    part = DiskLimit(50, lambda: 0, whole)
    assert part.make_room(40) and not part.make_room(41)
