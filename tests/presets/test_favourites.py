"""Favourites and last use survive a restart, another program's change and a damaged file."""

from pathlib import Path

import pytest

from neural_style_server.presets import favourites
from neural_style_server.presets.favourites import Favourites, FavouritesFile


def test_marks_survive_a_restart(tmp_path: Path) -> None:
    file = FavouritesFile(tmp_path / "new" / "library.json")
    file.set_favourite("ink", True)
    file.use("ink", 12.5)
    assert FavouritesFile(file.path).read() == Favourites(frozenset({"ink"}), {"ink": 12.5})
    file.set_favourite("ink", False)
    file.forget("ink")
    assert FavouritesFile(file.path).read() == Favourites()


def test_another_program_s_change_is_seen(tmp_path: Path) -> None:
    here, there = FavouritesFile(tmp_path / "library.json"), FavouritesFile(tmp_path / "library.json")
    here.set_favourite("ink", True)
    there.set_favourite("oil", True)
    assert here.read().favourites == {"ink", "oil"}


@pytest.mark.parametrize("text", ["", "[]", "{", '{"favourites": 1}', "[" * 100_000, "\x00", "\xff"])
def test_a_damaged_file_is_no_disaster(tmp_path: Path, text: str) -> None:
    path = tmp_path / "library.json"
    path.write_text(text)
    file = FavouritesFile(path)
    assert file.read() == Favourites()
    file.set_favourite("ink", True)
    assert FavouritesFile(path).read().favourites == {"ink"}


def test_a_time_that_cannot_be_is_left_out_alone(tmp_path: Path) -> None:
    path = tmp_path / "library.json"
    path.write_text(
        '{"favourites": ["ink", 5], "last_used": {"a": 12.5, "b": %s, "c": NaN, "d": -1, "e": "x"}}' % ("9" * 401)
    )
    assert FavouritesFile(path).read() == Favourites(frozenset({"ink"}), {"a": 12.5})


def test_a_damaged_file_is_set_aside_once_and_never_lost(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "library.json"
    for damage in ('{"favourites": ["ink"', "[]"):
        path.write_text(damage)
        file = FavouritesFile(path)
        for _ in range(3):
            file.read()
        file.use("oil")
    kept = [(tmp_path / f"library.json.unreadable-{number}").read_text() for number in (1, 2)]
    assert kept == ['{"favourites": ["ink"', "[]"]
    assert len(caplog.records) == 2


def test_without_a_path_marks_live_as_long_as_the_program() -> None:
    file = FavouritesFile(None)
    file.set_favourite("ink", True)
    assert file.read().favourites == {"ink"}


def test_only_the_latest_uses_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(favourites, "MAX_USED", 2)
    file = FavouritesFile(None)
    for when, name in enumerate(["a", "b", "c"]):
        file.use(name, when)
    assert set(file.read().last_used) == {"b", "c"}
