from __future__ import annotations

import pytest
import torch

from neural_style_server.engine.memory.out_of_memory import is_out_of_memory, raising_out_of_memory
from neural_style_server.errors import OutOfMemory


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


def test_memory_that_runs_out_becomes_an_error_for_people_and_other_errors_stay() -> None:
    with pytest.raises(OutOfMemory, match="not enough memory"), raising_out_of_memory():
        raise MemoryError
    with pytest.raises(ValueError, match="other"), raising_out_of_memory():
        raise ValueError("other")
