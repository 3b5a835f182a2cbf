"""What the runs of a worker share: a tiny network, measured once, and which kind of run a command begins."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from tests.engine.conftest import _one_thread, tiny_vgg  # noqa: F401

from neural_style_server.engine.memory import calibration
from neural_style_server.engine.method import Method
from neural_style_server.engine.vgg import Network
from neural_style_server.errors import StorageError, WeightsError
from neural_style_server.files import write_json
from neural_style_server.jobs.corrections import mark_of
from neural_style_server.jobs.forecasting import CALIBRATION_FILE, read_calibration
from neural_style_server.jobs.messages import StartRun, WorkerOptions
from neural_style_server.jobs.picture_files import write_picture
from neural_style_server.jobs.task import TaskFile, TaskPrevious, TaskRegion, TaskStyle
from neural_style_server.pixels import Picture
from neural_style_server.worker import warm_network
from neural_style_server.worker.held_run import HeldRun
from neural_style_server.worker.live_run import LiveRun
from neural_style_server.worker.run import Run
from neural_style_server.worker.warm_network import WarmNetwork, calibrate

MEASURED = {"pixels": [64, 128], "seconds": [0.1, 0.2], "device": "cpu", "device_bytes": None}
SIDE = 32


@pytest.fixture
def warm(
    tmp_path: Path,
    tiny_vgg: Network,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> Callable[..., WarmNetwork]:
    monkeypatch.setattr(warm_network, "load_network", lambda choice, folder: tiny_vgg)
    monkeypatch.setattr(warm_network, "map_large_blocks", lambda: None)  # it would hold for all tests of this process
    monkeypatch.setattr(calibration, "measure", lambda network: dict(MEASURED))
    usual = {"device": "cpu", "deterministic": "off"}
    return lambda **options: WarmNetwork(tmp_path, tmp_path / "images", WorkerOptions(**usual, **options))


def job(home: Path, name: str, **more: Any) -> Path:
    """A job's folder. All jobs have one content and one style."""
    (home / "images").mkdir(exist_ok=True)
    pixels = np.full((SIDE, SIDE, 4), 255, np.uint8)
    pixels[: SIDE // 2, :, :3] = 40
    for image in ("content", "style"):
        write_picture(home / "images" / image, Picture(pixels, "RGBA8"))
    folder = home / "jobs" / name
    folder.mkdir(parents=True)
    TaskFile(
        method=Method(iterations=3, scales=1).as_dict(),
        frames={"at": [3]},
        content="content",
        regions=[TaskRegion(mask=None, styles=[TaskStyle(image="style", weight=1.0)])],
        **more,
    ).write(folder)
    return folder


def test_it_is_ready_once_it_has_been_measured(warm: Callable[..., WarmNetwork], tmp_path: Path) -> None:
    ready = warm(dtype="float32").ready
    assert (ready.network, ready.network_sha256, ready.dtype) == ("tiny", "tiny-sha256", "float32")
    assert ready.other_devices == []
    known = read_calibration(tmp_path)
    assert known == {"place": [ready.device, "tiny-sha256", calibration.VERSION, torch.__version__], **MEASURED}
    assert ready.calibration == mark_of(known) is not None


def test_a_device_whose_like_is_measured_is_not_measured_itself(
    warm: Callable[..., WarmNetwork], tmp_path: Path
) -> None:
    ready = warm(calibrate=False).ready
    assert read_calibration(tmp_path) is None and ready.calibration is None
    write_json(tmp_path / CALIBRATION_FILE, {"place": ["its like"], **MEASURED})
    assert warm(calibrate=False).ready.calibration is None


def test_missing_weights_are_told(warm: Callable[..., WarmNetwork], monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(*_: Any) -> Network:
        raise WeightsError("There are none.")

    monkeypatch.setattr(warm_network, "load_network", missing)
    with pytest.raises(WeightsError):
        warm()


def test_a_command_begins_the_kind_of_run_that_its_job_needs(warm: Callable[..., WarmNetwork], tmp_path: Path) -> None:
    network, first = warm(dtype="float32"), job(tmp_path, "0" * 16)
    runs: list[Any] = [network.run(StartRun(id="run-1", folder=str(first)))]
    live = job(tmp_path, "1" * 16, live=True)
    runs.append(network.run(StartRun(id="run-2", folder=str(live), live=True)))
    write_picture(first / "result", Picture(np.full((SIDE, SIDE, 4), 9, np.uint8), "RGBA8"), iteration=3)
    held = job(tmp_path, "2" * 16, previous=TaskPrevious(content="content", job="0" * 16))
    runs.append(network.run(StartRun(id="run-3", folder=str(held))))
    assert [type(run) for run in runs] == [Run, LiveRun, HeldRun]
    assert [run.identity for run in runs] == ["run-1", "run-2", "run-3"]
    for run in runs:
        run.close()


def test_runs_share_style_targets_and_what_they_use_is_told_once(
    warm: Callable[..., WarmNetwork], tmp_path: Path
) -> None:
    network, told = warm(dtype="float32"), []
    for name in ("0" * 16, "1" * 16):
        run: Any = network.run(StartRun(id=name, folder=str(job(tmp_path, name))))
        list(run.advance())
        run.close()
        told.append(network.cache_uses())
    (_, missed), (found, missed_again) = told
    assert missed > 0 and (found, missed_again) == (missed, 0)
    assert network.cache_uses() == (0, 0)


def test_what_is_measured_of_a_device_is_kept_and_not_measured_again(
    tiny_vgg: Network,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    measured: list[dict[str, Any]] = []
    real = calibration.measure
    monkeypatch.setattr(calibration, "measure", lambda network: measured.append(real(network)) or measured[-1])
    for place in ("here", "here", "there"):
        calibrate(tmp_path, tiny_vgg.to("cpu", torch.float32), [place])
        assert read_calibration(tmp_path) == {"place": [place], **measured[-1]}
    assert len(measured) == 2


def test_a_disk_that_is_full_hinders_no_measured_worker(
    tiny_vgg: Network,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    def full(*_: Any) -> None:
        raise StorageError("No space is left.")

    monkeypatch.setattr(calibration, "measure", lambda network: dict(MEASURED))
    monkeypatch.setattr(warm_network, "write_json", full)
    calibrate(tmp_path, tiny_vgg, ["here"])
    assert read_calibration(tmp_path) is None
