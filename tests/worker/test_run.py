"""One job inside the worker, with a network of three channels: from its folder through the transfer to files."""

from __future__ import annotations

import errno
import gc
import itertools
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from tests.engine.conftest import _one_thread, picture_of, tiny_vgg, weight_of  # noqa: F401

from neural_style_server.engine.carried import Carried
from neural_style_server.engine.memory import tensor_store, working_set
from neural_style_server.engine.method import Method
from neural_style_server.engine.objective import Objective
from neural_style_server.engine.targets import TargetCache
from neural_style_server.engine.vgg import Network
from neural_style_server.errors import DiskFull, ImageError, OutOfMemory, StorageError
from neural_style_server.jobs.messages import Progress
from neural_style_server.jobs.picture_files import read_picture, write_picture
from neural_style_server.jobs.task import TaskDrawnTo, TaskFile, TaskPrevious, TaskRegion, TaskStyle
from neural_style_server.pictures.png import encode_png
from neural_style_server.pixels import DTYPES, PEAK, Picture
from neural_style_server.worker import run as run_module
from neural_style_server.worker.canvas import MASK_SURROUNDINGS, Canvas
from neural_style_server.worker.run import Run

METHOD = {"iterations": 7, "scales": 2, "average": 2, "learning_rate": 4.0}
Begin = Callable[..., Run]


def noise(height: int, width: int, seed: int, format: str = "RGBA8") -> Picture:
    """Random pixels, transparent and half-transparent ones among them."""
    values = np.random.default_rng(seed).random((height, width, 4))
    values[..., 3] = np.clip(3 * values[..., 3] - 1, 0, 1)
    return Picture((values * PEAK[format]).astype(DTYPES[format]), format)


@pytest.fixture
def begin(tmp_path: Path, tiny_vgg: Network) -> Iterator[Begin]:  # noqa: F811
    """Begins a job in a folder of its own; the same folder again goes on from its checkpoint."""
    runs: list[Run] = []
    network = tiny_vgg.to("cpu", torch.float32)

    def make(name: str, content: Picture, mask: Picture | None = None, **more: Any) -> Run:
        folder = tmp_path / name
        if not folder.exists():
            folder.mkdir()
            write_picture(tmp_path / f"{name}-content", content)
            write_picture(tmp_path / "style", noise(40, 30, 99))
            if mask is not None:
                write_picture(tmp_path / f"{name}-mask", mask)
            task = TaskFile(
                method=Method(**{**METHOD, **more.get("method", {})}).as_dict(),
                frames={"at": [3]},
                content=f"{name}-content",
                mask=None if mask is None else f"{name}-mask",
                size=more.get("size"),
                regions=[TaskRegion(mask=None, styles=[TaskStyle(image="style", weight=1.0)])],
            )
            task.write(folder)
        runs.append(Run("job", folder, tmp_path, network, TargetCache()))
        return runs[-1]

    yield make
    for run in runs:
        run.close()


def painted(run: Run, iterations: int = 1000) -> bytes:
    """So many iterations, or all of them and the result."""
    for _ in range(iterations):
        if run.finished:
            list(run.finish())
            return pixels_of(run)
        list(run.advance())
    return b""


def pixels_of(run: Run, name: str = "result") -> bytes:
    found = read_picture(run._folder / name)
    assert found is not None
    return found[0].pixels.tobytes()


def test_what_is_not_to_be_extended_leaves_no_checkpoint_and_has_the_same_bytes(begin: Begin) -> None:
    wanted = painted(begin("kept", noise(40, 52, 1)))
    task = TaskFile.read(begin("frame", noise(40, 52, 1))._folder)
    task.extendable = False
    folder = begin("frame", noise(40, 52, 1))._folder
    task.write(folder)
    run = begin("frame", noise(40, 52, 1))
    list(run.advance())
    run.save_checkpoint()
    (folder / "checkpoint.pt").unlink()
    assert painted(run) == wanted
    assert list(folder.glob("checkpoint*")) == [] and (folder.parent / "kept" / "checkpoint.pt").is_file()


def test_the_frame_before_comes_from_its_own_job(begin: Begin, tmp_path: Path) -> None:
    """Its result, carried along the motion of the part of the canvas that is painted."""
    width, height = 320, 40
    scene = np.random.default_rng(1).integers(0, 255, (height // 8, width // 8 + 1, 4), "u1")
    scene[..., 3] = 255
    wide = np.asarray(Image.fromarray(scene, "RGBA").resize((width + 8, height), Image.Resampling.BICUBIC))
    former, content = (np.ascontiguousarray(wide[:, left : left + width]) for left in (0, 3))
    first = begin("0" * 16, Picture(former, "RGBA8"))
    painted(first)
    mask = np.zeros((height, width, 4), "u1")
    mask[:, 200:] = 255
    second = begin("1" * 16, Picture(content, "RGBA8"), Picture(mask, "RGBA8"))
    task = TaskFile.read(second._folder)
    task.previous = TaskPrevious(content=f"{'0' * 16}-content", job="0" * 16)

    def carried() -> Carried | None:
        return Canvas(second._folder, tmp_path, task).task(second._painting.store, torch.device("cpu")).carried

    found, result = carried(), read_picture(first._folder / "result")
    assert found is not None and result is not None
    box = slice(200 - MASK_SURROUNDINGS, width)
    assert found.picture.shape[-1] == width - box.start
    moved = torch.tensor(result[0].rgb()[:, box]).permute(2, 0, 1)[None]
    rows, left, right = slice(8, -8), slice(20, -23), slice(23, -20)
    difference = (found.picture[..., rows, left] - moved[..., rows, right]).abs().mean()
    assert difference < 5 < (found.picture - moved)[..., rows, left].abs().mean()
    task.previous = TaskPrevious(content="style", job="0" * 16)
    with pytest.raises(ImageError, match="size"):
        carried()
    (first._folder / "result.raw").unlink()
    with pytest.raises(ImageError, match="frame before"):
        carried()


def test_another_scene_goes_on_from_nothing(begin: Begin, tmp_path: Path) -> None:
    first, second = begin("0" * 16, noise(40, 52, 1)), begin("1" * 16, noise(40, 52, 2))
    painted(first)
    task = TaskFile.read(second._folder)
    task.previous = TaskPrevious(content=f"{'0' * 16}-content", job="0" * 16)
    assert Canvas(second._folder, tmp_path, task).task(second._painting.store, torch.device("cpu")).carried is None


def test_a_later_key_pulls_by_its_distance(begin: Begin, tmp_path: Path) -> None:
    """In a still scene what is carried is the mean of both pictures by their shares."""
    still = noise(40, 52, 1)
    first, second = begin("0" * 16, still), begin("1" * 16, still)
    painted(first)
    write_picture(tmp_path / "key", noise(40, 52, 9))
    result, key = read_picture(first._folder / "result"), read_picture(tmp_path / "key")
    assert result is not None and key is not None
    task = TaskFile.read(second._folder)
    content = f"{'0' * 16}-content"
    inside = (slice(12, 28), slice(12, 40))

    def carried() -> Any:
        found = Canvas(second._folder, tmp_path, task).task(second._painting.store, torch.device("cpu")).carried
        assert found is not None
        return found.picture[0].permute(1, 2, 0).numpy()[inside]

    task.drawn_to = TaskDrawnTo(image="key", content=content, frames=3)
    assert np.allclose(carried(), key[0].rgb()[inside], atol=1e-3), "alone"
    task.previous = TaskPrevious(content=content, job="0" * 16)
    assert np.allclose(carried(), (0.75 * result[0].rgb() + 0.25 * key[0].rgb())[inside], atol=1e-3)


@pytest.fixture
def on_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every canvas counts as large for its tensors, and is worked on a few rows at a time."""
    monkeypatch.setattr(working_set, "IN_MEMORY_PIXELS", 10)
    monkeypatch.setattr(working_set, "STRIP_PIXELS", 100)


@pytest.mark.parametrize("format", ["RGBA8", "RGBA16", "RGBAF32"])
@pytest.mark.parametrize("masked", [False, True])
@pytest.mark.parametrize(("method", "size"), [({}, None), ({"colour": 0.5}, 32)])
def test_strips_and_files_change_no_byte(
    begin: Begin, request: pytest.FixtureRequest, format: str, masked: bool, method: dict[str, Any], size: int | None
) -> None:
    mask = noise(40, 52, 5) if masked else None
    options = {"method": {**method, "start_colours": 0.0}, "size": size}
    small = begin("small", noise(40, 52, 1, format), mask, **options)
    expected = painted(small)
    request.getfixturevalue("on_disk")
    large = begin("large", noise(40, 52, 1, format), mask, **options)
    assert painted(large) == expected
    assert pixels_of(large, "frames/1") == pixels_of(small, "frames/1") != expected
    assert pixels_of(large, "frames/2") == expected
    assert {path.name for path in large._folder.iterdir()} == {
        *("task.json", "losses.jsonl", "checkpoint.pt", "frames", "result.raw", "result.json")
    }


def test_a_large_seamless_canvas_is_as_close_as_rounding_lets_it_be(
    begin: Begin, request: pytest.FixtureRequest
) -> None:
    """Its joint is made from fewer pixels, whose weights are rounded otherwise; a match may change with that."""
    method = {"loss": "balanced", "seamless": True, "start_colours": 0.0, "tv_weight": 5.0}
    expected = painted(begin("small", noise(40, 52, 1), method=method))
    request.getfixturevalue("on_disk")
    found = painted(begin("large", noise(40, 52, 1), method=method))
    one, other = (np.frombuffer(each, "u1").astype(int) for each in (found, expected))
    assert np.abs(one - other).mean() < 0.05


@pytest.mark.parametrize("after", [2, 4, 6, 7])
@pytest.mark.parametrize("where", ["memory", "disk"])
def test_a_run_goes_on_from_its_checkpoint_to_the_same_bytes(
    begin: Begin, request: pytest.FixtureRequest, after: int, where: str
) -> None:
    if where == "disk":
        request.getfixturevalue("on_disk")
    content = noise(40, 52, 1)
    expected = painted(begin("whole", content))
    first = begin("parts", content)
    painted(first, after)
    first.save_checkpoint()
    again = begin("parts", content)
    assert again._transfer.position.iteration == after
    assert painted(again) == expected


@pytest.mark.parametrize("both", [False, True])
def test_a_run_whose_checkpoint_is_damaged_goes_on_from_the_one_before_and_says_so(begin: Begin, both: bool) -> None:
    content = noise(40, 52, 1)
    expected = painted(begin("whole", content))
    first = begin("parts", content)
    assert first.notes == []
    for iterations in (2, 3):
        painted(first, iterations)
        first.save_checkpoint()
    folder = first._folder
    for name in ("checkpoint.pt", "checkpoint.former.pt")[: 1 + both]:
        os.truncate(folder / name, 5000)
    again = begin("parts", content)
    assert again._transfer.position.iteration == (0 if both else 2)
    assert len(again.notes) == 1 and ("from its start" if both else "at iteration 2") in again.notes[0]
    assert painted(again) == expected
    done = begin("parts", content)
    assert done.notes == [] and done.finished


def test_a_run_that_begins_again_for_want_of_a_checkpoint_says_so(begin: Begin) -> None:
    painted(begin("parts", noise(40, 52, 1)), 2)
    assert "no checkpoint" in begin("parts", noise(40, 52, 1)).notes[0]


def test_a_checkpoint_of_another_canvas_is_not_taken_up(begin: Begin) -> None:
    other, own = begin("other", noise(30, 32, 1)), begin("own", noise(40, 52, 1))
    painted(other, 2)
    with pytest.raises(ValueError, match="shape"):
        own._transfer.restore(other._transfer.state())


def test_a_damaged_style_file_fails_the_job_with_a_reason(begin: Begin) -> None:
    folder = begin("styled", noise(40, 52, 1))._folder
    task = TaskFile.read(folder)
    style = TaskStyle(file="styles/0-0.png", weight=1.0, sha256="0" * 64)
    (folder / "styles").mkdir()
    (folder / "styles" / "0-0.png").write_bytes(encode_png(noise(40, 40, 2)))
    task.model_copy(update={"regions": [TaskRegion(mask=None, styles=[style])]}).write(folder)
    with pytest.raises(ImageError, match="style image of the job is missing or damaged"):
        begin("styled", noise(40, 52, 1))


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@pytest.mark.parametrize("optimiser", ["adam", "lbfgs"])
def test_a_checkpoint_is_no_longer_mapped_once_it_is_read(begin: Begin, optimiser: str) -> None:
    """Windows cannot replace a file that is."""
    content, method = noise(40, 52, 1), {"optimiser": optimiser}
    first = begin("parts", content, method=method)
    painted(first, 4)
    first.save_checkpoint()
    again = begin("parts", content, method=method)
    assert again._transfer.position.iteration == 4
    assert "checkpoint.pt" not in Path("/proc/self/maps").read_text()


@pytest.mark.parametrize("size", [(1, 5000), (5000, 1), (1, 1), (17, 333)])
@pytest.mark.usefixtures("on_disk")
def test_odd_canvases_come_back_in_their_own_size(begin: Begin, size: tuple[int, int]) -> None:
    content = Picture(np.full((*size, 4), 255, "u1"), "RGBA8")
    run = begin("odd", content, method={"iterations": 2})
    painted(run)
    found = read_picture(run._folder / "result")
    assert found is not None and (found[0].height, found[0].width) == size


def test_memory_that_runs_out_is_met_with_smaller_tiles_and_told(begin: Begin, monkeypatch: pytest.MonkeyPatch) -> None:
    content = noise(500, 60, 1)
    method = {"method": {"scales": 1, "iterations": 3, "average": 0}}
    painted(undisturbed := begin("undisturbed", content, **method))
    real, calls = Objective.evaluate, itertools.count(1)

    def evaluate(self: Objective, image: torch.Tensor) -> Any:
        if next(calls) == 2:
            raise RuntimeError("DefaultCPUAllocator: can't allocate memory")
        return real(self, image)

    monkeypatch.setattr(Objective, "evaluate", evaluate)
    run = begin("disturbed", content, **method)
    assert run.tile_size is None
    messages = []
    while not run.finished:
        messages += list(run.advance())
    list(run.finish())
    assert [one.tile for one in messages if isinstance(one, Progress)] == [None, 384, 384]
    one, other = (np.frombuffer(pixels_of(each), "u1").astype(int) for each in (run, undisturbed))
    assert np.abs(one - other).max() <= 1


def test_not_enough_memory_for_the_smallest_tile_ends_the_job_with_a_clear_message(
    begin: Begin, monkeypatch: pytest.MonkeyPatch
) -> None:
    def evaluate(self: Objective, image: torch.Tensor) -> Any:
        raise MemoryError

    monkeypatch.setattr(Objective, "evaluate", evaluate)
    run = begin("hopeless", noise(40, 52, 1))
    with pytest.raises(OutOfMemory, match="smallest tile") as caught:
        list(run.advance())
    assert "smaller size" in caught.value.hint
    assert not list(run._folder.glob("result*"))


@pytest.mark.usefixtures("on_disk")
@pytest.mark.parametrize("room", [0, 20_000, 60_000, 100_000])
def test_a_disk_that_fills_up_ends_the_job_with_a_clear_message_and_leaves_nothing(
    begin: Begin, monkeypatch: pytest.MonkeyPatch, room: int
) -> None:
    """At the start, on the way into a scale, in an iteration: wherever the disk has no more room for a file."""
    left = [room]

    def reserve(handle: int, size: int) -> None:
        left[0] -= size
        if left[0] < 0:
            raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(tensor_store, "reserve", reserve)
    monkeypatch.setattr(tensor_store.MappedStore, "empty", _written_by(tensor_store.MappedStore.empty))
    with pytest.raises(DiskFull, match="No space left") as caught:
        painted(begin("full", noise(40, 52, 1)))
    assert "Free some space" in caught.value.hint
    gc.collect()


def _written_by(empty: Any) -> Any:
    """`reserve` does not lengthen the file here, so the map would be empty."""

    def make(self: Any, shape: tuple[int, ...], dtype: torch.dtype) -> torch.Tensor:
        tensor_store.reserve(0, int(np.prod(shape)) * dtype.itemsize)
        return torch.zeros(shape, dtype=dtype)

    return make


def test_a_frame_that_the_disk_does_not_take_leaves_no_half_of_itself(
    begin: Begin, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = begin("frame", noise(40, 52, 1))
    painted(run, 2)

    def full(handle: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(DiskFull):
        list(run.advance())
    assert list((run._folder / "frames").iterdir()) == []


@pytest.mark.skipif(sys.platform != "linux", reason="/dev/full is Linux's")
def test_losses_that_the_disk_does_not_take_end_the_run_with_the_reason(begin: Begin) -> None:
    run = begin("full-losses", noise(40, 52, 1))
    run._losses.close()
    run._losses._file = open("/dev/full", "a")  # noqa: SIM115
    with pytest.raises(DiskFull):
        painted(run)
    run.close()


@pytest.mark.parametrize(("number", "kind"), [(errno.ENOSPC, DiskFull), (errno.EIO, StorageError)])
def test_a_checkpoint_that_the_disk_does_not_take_leaves_the_one_before(
    begin: Begin, monkeypatch: pytest.MonkeyPatch, number: int, kind: type[StorageError]
) -> None:
    run = begin("saved", noise(40, 52, 1))
    painted(run, 2)
    run.save_checkpoint()
    before = (run._folder / "checkpoint.pt").read_bytes()
    painted(run, 1)
    real = os.fdopen

    class Full:
        """Takes a thousand bytes."""

        def __init__(self, file: Any) -> None:
            self._file, self._left = file, 1000

        def __enter__(self) -> Full:
            return self

        def __exit__(self, *_: Any) -> None:
            self._file.close()

        def write(self, data: Any) -> int:
            self._left -= len(data)
            if self._left < 0:
                raise OSError(number, os.strerror(number))
            return len(data)

    monkeypatch.setattr(os, "fdopen", lambda *args: Full(real(*args)))
    with pytest.raises(StorageError) as caught:
        run.save_checkpoint()
    assert type(caught.value) is kind
    monkeypatch.undo()
    assert (run._folder / "checkpoint.pt").read_bytes() == before
    assert not list(run._folder.glob(".*"))


def test_a_checkpoint_of_a_large_canvas_takes_a_small_share_of_the_time(
    begin: Begin, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = itertools.count(0.0, 10.0)
    monkeypatch.setattr(run_module.time, "monotonic", lambda: next(clock))
    run = begin("slow", noise(40, 52, 1), method={"iterations": 20})
    saved = []
    real = Run.save_checkpoint
    monkeypatch.setattr(Run, "save_checkpoint", lambda self: saved.append(1) or real(self))
    painted(run, 20)
    assert 1 <= len(saved) <= 3  # each takes 10 s of this clock, so that the next is due after 200
