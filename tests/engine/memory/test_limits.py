from __future__ import annotations

import subprocess
import sys

import pytest
import torch

from neural_style_server.engine.memory import limits
from neural_style_server.engine.memory.host import free_bytes, held_bytes
from neural_style_server.engine.memory.limits import available_bytes, limit_process


def test_a_limit_bounds_what_is_free(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "free_bytes", lambda: 1000)
    monkeypatch.setattr(limits, "held_bytes", lambda: 300)
    cpu = torch.device("cpu")
    assert available_bytes(cpu) == 1000
    assert available_bytes(cpu, 800) == 500
    assert available_bytes(cpu, 100) == 0
    monkeypatch.setattr(limits, "free_bytes", lambda: None)
    assert available_bytes(cpu) is None
    assert available_bytes(cpu, 800) == 500


def test_metal_shares_the_hosts_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "free_bytes", lambda: 1000)
    assert available_bytes(torch.device("mps")) == 1000


def test_free_memory_is_known_where_psutil_is_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    found = free_bytes()
    assert found is not None and 0 < found < 1 << 50
    monkeypatch.setitem(sys.modules, "psutil", None)
    assert free_bytes() is None


def test_no_limit_is_none() -> None:
    assert limit_process(None) is None


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux bounds what a process holds")
def test_what_goes_beyond_the_limit_is_refused_and_told_as_out_of_memory() -> None:
    code = """
import torch
from neural_style_server.engine.memory.limits import limit_process
from neural_style_server.engine.memory.out_of_memory import is_out_of_memory
assert limit_process(50 << 20) >= 50 << 20
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
from neural_style_server.engine.memory.allocator import map_small_blocks
from neural_style_server.engine.memory.host import process_bytes
if {apart}:
    map_small_blocks()
torch.empty(30 << 18).fill_(1.0)  # freed: else the system's allocator may keep what is smaller in its heap from now on
kept = []
for _ in range(20):
    block = torch.empty(2 << 20, dtype=torch.uint8)
    kept.append(torch.empty(1000))
    del block
    kept.append(torch.empty(3 << 20, dtype=torch.uint8))
before = process_bytes("VmData")
del kept[1:-1]
print(before - process_bytes("VmData"))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_blocks_that_are_kept_apart_no_longer_count_when_they_are_freed() -> None:
    def given_back(apart: bool) -> int:
        command = [sys.executable, "-c", SCATTERED.format(apart=apart)]
        return int(subprocess.run(command, capture_output=True, text=True, check=True).stdout)

    assert given_back(True) >= 50 << 20 > given_back(False)
