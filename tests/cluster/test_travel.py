"""What travels to a node, and what comes back: each file once, and only what has changed."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.jobs.fakes import grey

from neural_style_server.cluster.objects import INLINE, Objects
from neural_style_server.cluster.travel import Changes, Item, Part, items_of, take
from neural_style_server.errors import DiskFull
from neural_style_server.files import write_atomic
from neural_style_server.jobs.picture_files import picture_sum, read_picture, share_picture, write_picture
from neural_style_server.jobs.task import TaskDrawnTo, TaskFile, TaskPrevious, TaskRegion, TaskStyle

JOB, BEFORE = "0123456789abcdef", "fedcba9876543210"


@pytest.fixture
def job(tmp_path: Path) -> Path:
    """A frame's job that was painted half, with its predecessor and its pictures."""
    (tmp_path / "images").mkdir()
    pictures = [grey(shade) for shade in (1, 2, 3)]
    ids = [picture_sum(picture) for picture in pictures]
    for identity, picture in zip(ids, pictures, strict=True):
        write_picture(tmp_path / "images" / identity, picture)
    folder, before = tmp_path / "jobs" / JOB, tmp_path / "jobs" / BEFORE
    for path in (folder / "frames", folder / "styles", before / "styles"):
        path.mkdir(parents=True)
    style = TaskStyle(file="styles/0-0.png", weight=1, sha256="5" * 64)
    task = TaskFile(
        method={},
        frames={"every": 5},
        content=ids[0],
        mask=ids[1],
        regions=[TaskRegion(mask=None, styles=[style, TaskStyle(image=ids[2], weight=1)])],
        previous=TaskPrevious(content=ids[2], job=BEFORE),
    )
    task.write(folder)
    task.model_copy(update={"previous": None}).write(before)
    (folder / "styles" / "0-0.png").write_bytes(b"style")
    write_picture(before / "result", grey(9))
    for number in (9, 10):
        write_picture(folder / "frames" / str(number), grey(number))
    (folder / "checkpoint.pt").write_bytes(b"state")
    return folder


def names(parts: list[Part]) -> list[str]:
    return [part.name for part in parts]


def test_a_job_travels_with_its_pictures_styles_predecessor_and_checkpoint(job: Path, tmp_path: Path) -> None:
    items = items_of(job, tmp_path / "images")
    pictures = [path.stem for path in (tmp_path / "images").glob("*.raw")]
    found = {item.name for item in items}
    own = {"task.json", "styles/0-0.png", "checkpoint.pt", "frames/10.json"}
    assert found == (
        {f"{JOB}/{name}" for name in own}
        | {f"{BEFORE}/{name}" for name in ("task.json", "result.raw", "result.json")}
        | {f"images/{identity}{suffix}" for identity in pictures for suffix in (".raw", ".json")}
    )
    assert len(pictures) == 3
    keys = {item.name: item.key for item in items}
    assert keys[f"{JOB}/styles/0-0.png"] == "5" * 64 and keys[f"{JOB}/checkpoint.pt"] is None
    assert all(key == name for name, key in keys.items() if name.startswith("images/"))


def test_a_frame_travels_with_every_picture_that_its_task_names(job: Path, tmp_path: Path) -> None:
    """The painted key that it is drawn to, and that one's content, among them."""
    ids = []
    for shade in (4, 5):
        ids.append(picture_sum(grey(shade)))
        write_picture(tmp_path / "images" / ids[-1], grey(shade))
    task = TaskFile.read(job)
    task.model_copy(update={"drawn_to": TaskDrawnTo(image=ids[0], content=ids[1], frames=2)}).write(job)
    stored = {path.stem for path in (tmp_path / "images").glob("*.raw")}
    named = {word for word in stored if word in (job / "task.json").read_text()}
    sent = {item.path.stem for item in items_of(job, tmp_path / "images") if item.name.startswith("images/")}
    assert len(named) == 5 and sent == named


def test_the_same_content_is_put_into_the_store_once_and_small_files_not_at_all(tmp_path: Path) -> None:
    put: list[int] = []
    objects = Objects(lambda array: put.append(len(array)) or len(put), lambda: 3 * INLINE)
    for name in ("a", "b", "small"):
        (tmp_path / name).write_bytes(bytes(2 * INLINE if name != "small" else 9))
    items = {name: Item(name, tmp_path / name, name) for name in ("a", "b", "small")}
    assert objects.argument(items["a"]) == objects.argument(items["a"]) == 1
    assert len(objects.argument(items["small"])) == 9
    objects.argument(items["a"]._replace(key=None))
    assert len(put) == 2, "what has no key is another content each time"
    objects.argument(items["b"])
    objects.argument(items["a"])
    assert len(put) == 4, "beyond the limit the oldest is let go"


def test_only_what_has_changed_comes_back(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    (folder / "frames").mkdir(parents=True)
    (folder / "checkpoint.pt").write_bytes(b"sent")
    changes = Changes(folder)
    assert changes.parts() == []
    write_picture(folder / "frames" / "1", grey(1))
    (folder / "losses.jsonl").write_bytes(b"one\n")
    assert names(changes.parts()) == ["frames/1.raw", "losses.jsonl", "frames/1.json"]
    with (folder / "losses.jsonl").open("ab") as file:
        file.write(b"two\n")
    [part] = changes.parts()
    assert (part.name, part.offset, bytes(part.data)) == ("losses.jsonl", 4, b"two\n")  # type: ignore[arg-type]
    write_atomic(folder / "losses.jsonl", b"one\n")
    assert changes.parts()[0].offset is None, "it was cut back, so all of it comes"
    write_atomic(folder / "checkpoint.pt", b"new")
    assert names(changes.parts()) == ["checkpoint.pt"]
    assert changes.parts() == []


def test_a_result_that_is_the_last_frame_comes_once_and_sent_frames_leave_the_node(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    (folder / "frames").mkdir(parents=True)
    changes = Changes(folder)
    for number in (9, 10):
        write_picture(folder / "frames" / str(number), grey(number))
    share_picture(folder / "frames" / "10", folder / "result")
    parts = changes.parts()
    assert sum(part.data is not None and part.name.endswith(".raw") for part in parts) == 2
    assert {part.name: part.same for part in parts if part.same} == {
        "result.raw": "frames/10.raw",
        "result.json": "frames/10.json",
    }
    assert sorted(path.name for path in (folder / "frames").iterdir()) == ["10.json", "10.raw"]
    home = tmp_path / "home"
    home.mkdir()
    take(parts, home)
    for name, shade in (("frames/9", 9), ("frames/10", 10), ("result", 10)):
        found = read_picture(home / name)
        assert found is not None and found[0].pixels[0, 0, 0] == shade


def test_the_daemon_keeps_the_checkpoint_before(tmp_path: Path) -> None:
    for content in (b"first", b"second"):
        take([Part("checkpoint.pt", np.frombuffer(content, np.uint8))], tmp_path)
    assert (tmp_path / "checkpoint.pt").read_bytes() == b"second"
    assert (tmp_path / "checkpoint.former.pt").read_bytes() == b"first"
    take([Part("losses.jsonl", np.frombuffer(b"one\ntw", np.uint8))], tmp_path)
    take([Part("losses.jsonl", np.frombuffer(b"two\n", np.uint8), 4)], tmp_path)
    assert (tmp_path / "losses.jsonl").read_bytes() == b"one\ntwo\n"


def test_a_full_disk_here_is_told_as_such(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(DiskFull):
        take([Part("checkpoint.pt", np.frombuffer(b"state", np.uint8))], tmp_path)
