from __future__ import annotations

import subprocess
import sys

import pytest
import torch

from neural_style_server.engine.memory import limits
from neural_style_server.engine.memory.limits import held_bytes, is_out_of_memory, keep_within, memory_free


def test_a_limit_bounds_what_is_free(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "free_bytes", lambda: 1000)
    monkeypatch.setattr(limits, "held_bytes", lambda: 300)
    cpu = torch.device("cpu")
    assert memory_free(cpu) == 1000
    assert memory_free(cpu, 800) == 500
    assert memory_free(cpu, 100) == 0
    monkeypatch.setattr(limits, "free_bytes", lambda: None)
    assert memory_free(cpu) is None
    assert memory_free(cpu, 800) == 500


def test_no_limit_is_none() -> None:
    assert keep_within(None) is None


@pytest.mark.parametrize(
    ("error", "is_one"),
    [
        (MemoryError(), True),
        (torch.OutOfMemoryError("CUDA out of memory"), True),
        (RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried"), True),
        (RuntimeError("could not create a memory object"), True),
        (RuntimeError("could not create a primitive"), True),
        (RuntimeError("could not execute a primitive"), True),
        (RuntimeError("size mismatch"), False),
        (ValueError("out of memory"), False),
    ],
)
def test_out_of_memory_has_many_names(error: Exception, is_one: bool) -> None:
    assert is_out_of_memory(error) is is_one


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux bounds what a process holds")
def test_what_goes_beyond_the_limit_is_refused_and_told_as_out_of_memory() -> None:
    code = """
import torch
from neural_style_server.engine.memory.limits import held_bytes, is_out_of_memory, keep_within
assert keep_within(50 << 20) >= 50 << 20
kept = torch.ones(10 << 20, dtype=torch.uint8)
try:
    torch.ones(1 << 30, dtype=torch.uint8)
except RuntimeError as error:
    assert is_out_of_memory(error), error
    print("refused")
"""
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert found.stdout == "refused\n", found.stderr
    assert held_bytes() > 0


SCATTERED = """
import os, torch
from neural_style_server.engine.memory.allocator import keep_apart
from neural_style_server.engine.memory.limits import _status_bytes
if {apart}:
    keep_apart()
torch.empty(30 << 18).fill_(1.0)  # freed: else the system's allocator may keep what is smaller in its heap from now on
kept = []
for _ in range(20):
    block = torch.empty(2 << 20, dtype=torch.uint8)
    kept.append(torch.empty(1000))
    del block
    kept.append(torch.empty(3 << 20, dtype=torch.uint8))
before = _status_bytes("VmData")
del kept[1:-1]
print(before - _status_bytes("VmData"))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_blocks_that_are_kept_apart_no_longer_count_when_they_are_freed() -> None:
    def given_back(apart: bool) -> int:
        command = [sys.executable, "-c", SCATTERED.format(apart=apart)]
        return int(subprocess.run(command, capture_output=True, text=True, check=True).stdout)

    assert given_back(True) >= 50 << 20 > given_back(False)
