from __future__ import annotations

import subprocess
import sys

import pytest
import torch

from neural_style_server.engine import memory
from neural_style_server.engine.memory import held_bytes, is_out_of_memory, keep_within, memory_free


def test_a_limit_bounds_what_is_free(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "free_bytes", lambda: 1000)
    monkeypatch.setattr(memory, "held_bytes", lambda: 300)
    cpu = torch.device("cpu")
    assert memory_free(cpu) == 1000
    assert memory_free(cpu, 800) == 500
    assert memory_free(cpu, 100) == 0
    monkeypatch.setattr(memory, "free_bytes", lambda: None)
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
from neural_style_server.engine.memory import held_bytes, is_out_of_memory, keep_within
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
