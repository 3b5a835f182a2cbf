"""An actor without Ray: commands out of order, files in and out, and a disk that is full."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.cluster.sleeping import SleepingActor
from tests.jobs.fakes import grey

from neural_style_server.cluster import node as node_module
from neural_style_server.cluster.actor import WorkerActor, versions
from neural_style_server.cluster.travel import blob, items_of
from neural_style_server.jobs.messages import EndRun, Message, Quit, StartRun, WorkerOptions, as_line, read_message
from neural_style_server.jobs.picture_files import picture_sum, write_picture
from neural_style_server.jobs.task import TaskFile, TaskRegion, TaskStyle

JOB = "0123456789abcdef"


@pytest.fixture
def actor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SleepingActor]:
    monkeypatch.setenv("NEURAL_STYLE_NODE_HOME", str(tmp_path / "node"))
    monkeypatch.setenv("NEURAL_STYLE_TEST_SLEEP", "0.001")
    made = SleepingActor()
    made.begin(as_line(WorkerOptions()), None, None)
    yield made
    made.tell(99, as_line(Quit()), [])
    made._lines.put(None)


@pytest.fixture
def parcel(tmp_path: Path) -> tuple[list[str], list[Any]]:
    content = grey(7)
    (tmp_path / "images").mkdir()
    (tmp_path / JOB / "styles").mkdir(parents=True)
    write_picture(tmp_path / "images" / picture_sum(content), content)
    style = TaskStyle(file="styles/0-0.png", weight=1)
    method = {"iterations": 6, "seed": 1}
    regions = [TaskRegion(mask=None, styles=[style])]
    TaskFile(method=method, frames={"every": 5}, content=picture_sum(content), regions=regions).write(tmp_path / JOB)
    (tmp_path / JOB / "styles" / "0-0.png").write_bytes(b"style")
    items = items_of(tmp_path / JOB, tmp_path / "images")
    return [item.name for item in items], [blob(item.path) for item in items]


def start(run: str) -> str:
    return as_line(StartRun(id=run, folder=JOB))


def heard(actor: WorkerActor, until: str) -> tuple[list[Message], list[str]]:
    """Messages up to one of this kind, and the names of the files that came with them."""
    messages: list[Message] = []
    files: list[str] = []
    while not messages or messages[-1].event != until:
        post = actor.hear(20.0)
        assert post.lines, "it says nothing"
        messages += map(read_message, post.lines)
        files += [part.name for parts in post.parts.values() for part in parts]
    return messages, files


def test_commands_that_overtake_each_other_are_obeyed_in_their_order(
    actor: SleepingActor, parcel: tuple[list[str], list[Any]]
) -> None:
    actor.tell(1, as_line(EndRun(op="finish", id="run-1")), [])
    actor.tell(0, start("run-1"), parcel[0], *parcel[1])
    messages, files = heard(actor, "ended")
    assert [message.event for message in messages if message.event != "progress"] == [
        "ready",
        "started",
        "frame",
        "ended",
    ]
    assert messages[-1].state == "done"  # type: ignore[union-attr]
    assert {"frames/1.raw", "result.raw", "checkpoint.pt"} <= set(files)


def test_nothing_of_a_run_stays_on_the_node(
    actor: SleepingActor, parcel: tuple[list[str], list[Any]], tmp_path: Path
) -> None:
    actor.tell(0, start("run-1"), parcel[0], *parcel[1])
    messages, _ = heard(actor, "ended")
    assert messages[0].host  # type: ignore[union-attr]
    left = [path for path in (tmp_path / "node").rglob("*") if path.is_file()]
    assert left == []
    actor.tell(1, start("run-2"), parcel[0], *parcel[1])
    assert heard(actor, "ended")[0][-1].state == "done"  # type: ignore[union-attr]


def test_a_node_whose_disk_is_full_ends_the_job_with_a_sentence_that_names_it(
    actor: SleepingActor, parcel: tuple[list[str], list[Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(path: Path, data: Any) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(node_module, "_write", full)
        actor.tell(0, start("run-1"), parcel[0], *parcel[1])
        ended = heard(actor, "ended")[0][-1]
    assert ended.state == "failed"  # type: ignore[union-attr]
    error = ended.error or {}  # type: ignore[union-attr]
    assert error["code"] == "disk_full"
    assert error["detail"].startswith("On the cluster's node ") and "No space left" in error["detail"]
    assert "NEURAL_STYLE_NODE_HOME" in error["hint"]
    actor.tell(1, start("run-2"), parcel[0], *parcel[1])
    assert heard(actor, "ended")[0][-1].state == "done"  # type: ignore[union-attr]


def test_the_folders_of_workers_that_are_gone_are_deleted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEURAL_STYLE_NODE_HOME", str(tmp_path))
    gone = tmp_path / "workers" / f"{2**22 + 1}-aa"
    gone.mkdir(parents=True)
    (tmp_path / "workers" / ".DS_Store").touch()
    first, second = node_module.NodeFolder(), node_module.NodeFolder()
    assert (tmp_path / "workers" / ".DS_Store").exists(), "somebody else's"
    assert not gone.exists() and first.images.exists() and second.images.exists()
    assert first.images != second.images and first.home == second.home


def test_a_users_own_weights_are_written_once_on_a_node(tmp_path: Path) -> None:
    data = np.frombuffer(b"weights", np.uint8)
    first = node_module.node_file(tmp_path / "weights", "a.pt", data)
    stamp = first.stat().st_mtime_ns
    assert node_module.node_file(tmp_path / "weights", "a.pt", data) == first
    assert (first.read_bytes(), first.stat().st_mtime_ns) == (b"weights", stamp)


def test_versions_are_of_what_decides_the_bytes() -> None:
    pytest.importorskip("ray")
    assert set(versions()) == {"neural-style-server", "Python", "ray", "torch"}
    assert all("+" not in version for version in versions().values())
