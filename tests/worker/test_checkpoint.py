"""A checkpoint that is damaged in any way is told from a whole one, and the one before it takes its place."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from neural_style_server.errors import ImageError
from neural_style_server.files import UNREADABLE
from neural_style_server.jobs.task import CHECKPOINT, FORMER_CHECKPOINT, has_checkpoint
from neural_style_server.worker.checkpoint import Checkpoints

CPU = torch.device("cpu")


def state(number: int) -> dict[str, Any]:
    return {"number": number, "numbers": torch.full((3, 50, 40), float(number))}


def saved(folder: Path, *numbers: int) -> Checkpoints:
    folder.mkdir(exist_ok=True)
    kept = Checkpoints(folder)
    for number in numbers:
        kept.save(state(number))
    return kept


def found(folder: Path) -> int | None:
    taken: list[int] = []

    def take(state: dict[str, Any]) -> None:
        assert bool((state["numbers"] == state["number"]).all())
        taken.append(state["number"])

    assert Checkpoints(folder).restore(take, CPU) is bool(taken)
    return taken[0] if taken else None


def test_the_latest_is_used_and_the_one_before_is_kept(tmp_path: Path) -> None:
    kept = saved(tmp_path / "job", 1, 2, 3)
    assert sorted(os.listdir(tmp_path / "job")) == [FORMER_CHECKPOINT, CHECKPOINT]
    assert found(tmp_path / "job") == 3
    (tmp_path / "job" / CHECKPOINT).unlink()
    assert has_checkpoint(tmp_path / "job") and found(tmp_path / "job") == 2
    kept.save(state(4))
    assert found(tmp_path / "job") == 4
    kept.forget_former()
    assert os.listdir(tmp_path / "job") == [CHECKPOINT]


def make_fifo(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def make_folder(path: Path) -> None:
    path.unlink()
    (path / "in").mkdir(parents=True)


DAMAGE: dict[str, Callable[[Path], Any]] = {
    "empty": lambda path: path.write_bytes(b""),
    "zeros": lambda path: path.write_bytes(bytes(path.stat().st_size)),
    "of another kind": lambda path: torch.save([1, 2], path),
    "another job's": lambda path: os.replace(saved(path.parents[1] / "other", 7)._latest, path),
    "huge": lambda path: os.truncate(path, 1 << 40),
    "zeros within": lambda path: path.write_bytes(path.read_bytes()[:5000] + bytes(999) + path.read_bytes()[5999:]),
    "a folder": make_folder,
    **{f"{n} tenths": lambda path, n=n: os.truncate(path, path.stat().st_size * n // 10) for n in range(1, 10)},
}
if hasattr(os, "mkfifo"):
    DAMAGE["a FIFO"] = make_fifo


@pytest.mark.parametrize("how", DAMAGE)
def test_a_damaged_one_is_set_aside_and_the_one_before_is_used(tmp_path: Path, how: str) -> None:
    folder = tmp_path / "job"
    saved(folder, 1, 2)
    DAMAGE[how](folder / CHECKPOINT)
    assert found(folder) == 1
    assert os.listdir(folder / UNREADABLE) == [CHECKPOINT]
    saved(folder, 3)
    assert found(folder) == 3
    DAMAGE[how](folder / CHECKPOINT)
    DAMAGE[how](folder / FORMER_CHECKPOINT)
    assert found(folder) is None


def test_no_bit_can_be_wrong_without_being_seen(tmp_path: Path) -> None:
    """Or it is one that nobody reads: then the numbers are the right ones."""
    folder = tmp_path / "job"
    saved(folder, 2)
    whole, seen = (folder / CHECKPOINT).read_bytes(), 0
    places = range(0, len(whole), 97)
    for place in places:
        (folder / CHECKPOINT).write_bytes(whole[:place] + bytes([whole[place] ^ 4]) + whole[place + 1 :])
        taken = found(folder)
        assert taken in (2, None)
        seen += taken is None
    assert seen > len(places) * 0.9


def test_one_that_another_network_made_is_no_damage(tmp_path: Path) -> None:
    def refuse(state: dict[str, Any]) -> None:
        raise ImageError("another network")

    kept = saved(tmp_path / "job", 1, 2)
    with pytest.raises(ImageError):
        kept.restore(refuse, CPU)
    assert found(tmp_path / "job") == 2


def test_one_that_does_not_fit_is_as_good_as_damaged(tmp_path: Path) -> None:
    def take(state: dict[str, Any]) -> None:
        if state["number"] == 2:
            raise KeyError("position")

    kept = saved(tmp_path / "job", 1, 2)
    assert kept.restore(take, CPU) and kept.damaged == 1
