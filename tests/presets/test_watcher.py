"""Changes are told once, soon, and without a thread left behind."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from neural_style_server.presets import watcher as module
from neural_style_server.presets.watcher import Watcher

Wait = Callable[..., float]


class Told:
    def __init__(self) -> None:
        self.count = 0
        self.error: Exception | None = None

    def __call__(self) -> None:
        self.count += 1
        if self.error:
            raise self.error


@pytest.fixture
def told() -> Told:
    return Told()


@pytest.fixture
def watcher(tmp_path: Path, told: Told) -> Iterator[Watcher]:
    (tmp_path / "here").mkdir()
    watcher = Watcher([tmp_path / "here", tmp_path / "later"], told, poll_s=60)
    watcher.start()
    yield watcher
    watcher.close()


def test_many_changes_at_once_are_told_once(watcher: Watcher, told: Told, tmp_path: Path, wait_until: Wait) -> None:
    for number in range(30):
        (tmp_path / "here" / str(number)).write_text("x")
    assert wait_until(lambda: told.count) < 1
    assert told.count == 1


def test_steady_changes_do_not_put_it_off_for_ever(
    watcher: Watcher, told: Told, tmp_path: Path, wait_until: Wait
) -> None:
    def touch_until_told() -> int:
        (tmp_path / "here" / "a").write_text("x")
        return told.count

    assert wait_until(touch_until_told) < 1


def test_reading_is_no_change(watcher: Watcher, told: Told, tmp_path: Path, wait_until: Wait) -> None:
    (tmp_path / "here" / "a").write_text("x")
    wait_until(lambda: told.count)
    (tmp_path / "here" / "a").read_text()
    threading.Event().wait(module.QUIET_S * 2)
    assert told.count == 1


def test_an_error_in_the_callback_does_not_end_it(
    watcher: Watcher, told: Told, tmp_path: Path, wait_until: Wait
) -> None:
    told.error = RuntimeError("a bug")
    (tmp_path / "here" / "a").write_text("x")
    wait_until(lambda: told.count == 1)
    (tmp_path / "here" / "a").write_text("y")
    wait_until(lambda: told.count == 2)


def test_a_folder_that_comes_later_is_found_by_polling(tmp_path: Path, told: Told, wait_until: Wait) -> None:
    watcher = Watcher([tmp_path / "later"], told, poll_s=0.05)
    watcher.start()
    (tmp_path / "later").mkdir()
    wait_until(lambda: watcher._watches)
    watcher.close()


def test_a_folder_made_again_is_watched_again(tmp_path: Path, told: Told, wait_until: Wait) -> None:
    folder = tmp_path / "here"
    folder.mkdir()
    watcher = Watcher([folder], told, poll_s=0.05)
    watcher.start()
    folder.rename(tmp_path / "gone")
    wait_until(lambda: not watcher._watches)
    folder.mkdir()
    wait_until(lambda: watcher._watches)
    watcher.close()


def test_a_system_out_of_watches_still_polls(
    tmp_path: Path, told: Told, wait_until: Wait, monkeypatch: pytest.MonkeyPatch
) -> None:
    watcher = Watcher([tmp_path], told, poll_s=0.05)

    def refuse(*_: object, **__: object) -> None:
        raise OSError(28, "inotify watch limit reached")

    monkeypatch.setattr(watcher._observer, "schedule", refuse)
    watcher.start()
    wait_until(lambda: told.count > 1)
    watcher.close()


def test_closing_twice_and_at_once_is_fine(tmp_path: Path, told: Told) -> None:
    watcher = Watcher([tmp_path], told)
    watcher.start()
    watcher.close()
    watcher.close()


def test_a_watched_folder_at_rest_is_read_now_and_then_only(tmp_path: Path, told: Told, wait_until: Wait) -> None:
    looks: list[int] = []

    class Counting(Watcher):
        def _watch_all(self) -> bool:
            looks.append(told.count)
            return super()._watch_all()

    watcher = Counting([tmp_path], told, poll_s=0.01)
    watcher.start()
    wait_until(lambda: told.count == 3)
    watcher.close()
    assert len(looks) - 1 >= 3 * module.READ_EVERY
