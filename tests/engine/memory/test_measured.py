"""The memory formulas against what is really taken.

Coarse: on small canvases the heap's fragments vary from run to run by a third.
"""

from __future__ import annotations

import io
import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import Tensor

from neural_style_server.engine.memory.tensor_store import MappedStore
from neural_style_server.engine.memory.working_set import (
    CHECKPOINT_BYTES_PER_PIXEL,
    DISK_BYTES_PER_PIXEL,
    LBFGS_BYTES_PER_PIXEL,
    LBFGS_HISTORY,
)
from neural_style_server.engine.method import Method
from neural_style_server.engine.transfer import Region, Style, Task, Transfer
from neural_style_server.engine.vgg import Network
from neural_style_server.weights import load_network

PictureOf = Callable[..., Tensor]

EVALUATIONS = """
import json, sys
from pathlib import Path
import torch
from neural_style_server.engine.memory import allocator, release
from neural_style_server.engine.memory.forecast import FIRST_BYTES
from neural_style_server.engine.memory.host import process_bytes
from neural_style_server.engine.memory.working_set import evaluation_bytes, profile_for
from neural_style_server.engine.method import Method
from neural_style_server.engine.objective import Objective
from neural_style_server.engine.style_term import RegionTerm
from neural_style_server.engine.targets import style_moments
from neural_style_server.weights import load_network

torch.set_num_threads(1)
allocator.map_large_blocks()
network = load_network(None, Path()).to("cpu", torch.float32)

def evaluate(height, width, pooling, tile):
    method = Method(pooling=pooling)
    image = torch.rand(1, 3, height, width) * 255
    targets = style_moments(network, image[..., :64, :64], method)
    objective = Objective(network, method, image, [RegionTerm(None, targets)], tile_size=tile)
    objective.evaluate(image)

evaluate(64, 64, "max", None)
found = {}
for name, height, width, pooling, tile in json.loads(sys.argv[1]):
    evaluate(height, width, pooling, tile)  # libraries keep what they allocate at first use, as in an idle worker
    release.release_all()
    idle = process_bytes("VmRSS")
    Path("/proc/self/clear_refs").write_text("5")
    evaluate(height, width, pooling, tile)
    formula = evaluation_bytes(height, width, tile, profile_for(network.memory_profile, pooling, None))
    found[name] = (process_bytes("VmHWM") - idle, formula + FIRST_BYTES)
print(json.dumps(found))
"""

CASES = [
    ("whole", 256, 256, "max", None),
    ("average pooling", 256, 256, "average", None),
    ("tiles", 400, 160, "max", 384),
]


@pytest.fixture(scope="module")
def peaks() -> dict[str, tuple[int, int]]:
    command = [sys.executable, "-c", EVALUATIONS, json.dumps(CASES)]
    found: dict[str, tuple[int, int]] = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
    return found


@pytest.mark.skipif(sys.platform != "linux", reason="reads a process's peak from /proc")
@pytest.mark.parametrize("name", [case[0] for case in CASES])
def test_an_evaluation_peaks_near_its_formula(peaks: dict[str, tuple[int, int]], name: str) -> None:
    measured, formula = peaks[name]
    assert 0.4 * formula < measured < 1.6 * formula


class CountingStore(MappedStore):
    """Remembers the most bytes that its files ever took together."""

    most = 0

    def empty(self, shape: tuple[int, ...], dtype: torch.dtype) -> Tensor:
        found = super().empty(shape, dtype)
        self.most = max(self.most, sum(len(pages) for pages in self._maps))
        return found


def task_of(picture_of: PictureOf, side: int) -> Task:
    return Task(picture_of(side, side, 1).float(), [Region([Style(picture_of(48, 40, 2).float())])])


def test_files_of_a_canvas_take_what_is_reserved_for_them(picture_of: PictureOf, tmp_path: Path) -> None:
    network, store, side = load_network(None, Path()).to("cpu", torch.float32), CountingStore(tmp_path), 128
    for seamless in (False, True):
        task = replace(task_of(picture_of, side), alpha=None)
        run = Transfer(network, task, Method(iterations=3, average=2, seamless=seamless), store=store)
        for _ in run:
            run.picture()
    assert 0.4 * DISK_BYTES_PER_PIXEL < store.most / side**2 <= DISK_BYTES_PER_PIXEL


def test_a_checkpoint_takes_what_is_reserved_for_it(tiny_vgg: Network, picture_of: PictureOf) -> None:
    side = 64
    run = Transfer(tiny_vgg.to("cpu", torch.float32), task_of(picture_of, side), Method(iterations=3, average=2))
    for _ in run:
        pass
    file = io.BytesIO()
    torch.save(run.state(), file)
    assert len(file.getvalue()) / side**2 == pytest.approx(CHECKPOINT_BYTES_PER_PIXEL, rel=0.1)


def test_lbfgs_remembers_what_is_counted_for_it(tiny_vgg: Network, picture_of: PictureOf) -> None:
    side, method = 32, Method(iterations=LBFGS_HISTORY + 4, scales=1, optimiser="lbfgs")
    run = Transfer(tiny_vgg.to("cpu", torch.float32), task_of(picture_of, side), method)
    for _ in run:
        pass
    file = io.BytesIO()
    torch.save(run.state(), file)
    assert 0.8 * LBFGS_BYTES_PER_PIXEL < len(file.getvalue()) / side**2 < LBFGS_BYTES_PER_PIXEL
