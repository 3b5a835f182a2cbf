"""Image-sized tensors in nameless files: the same numbers, nothing left behind."""

from __future__ import annotations

import errno
import gc
import os
from pathlib import Path

import pytest
import torch

from neural_style_server.engine.memory import tensor_store
from neural_style_server.engine.memory.tensor_store import InMemoryStore, MappedStore, copy, store_for
from neural_style_server.engine.memory.working_set import FLOAT32, IN_MEMORY_PIXELS


@pytest.fixture
def scratch(tmp_path: Path) -> MappedStore:
    return MappedStore(tmp_path)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.bfloat16])
def test_a_file_holds_the_numbers_also_after_its_memory_was_given_back(
    scratch: MappedStore, dtype: torch.dtype
) -> None:
    numbers = torch.rand(1, 3, 70, 50).to(dtype)
    kept = copy(scratch, numbers)
    scratch.release()
    assert torch.equal(kept, numbers)
    kept[..., 10:20, :] += 1
    scratch.release()
    numbers[..., 10:20, :] += 1
    assert torch.equal(kept, numbers)


def test_channels_stay_last_in_memory(scratch: MappedStore) -> None:
    features = torch.rand(1, 5, 8, 9).contiguous(memory_format=torch.channels_last)
    for tensor in (features, features[..., 2:6, 1:4], torch.rand(1, 5, 4, 3)):
        kept = copy(scratch, tensor)
        assert torch.equal(kept, tensor)
        assert (kept.stride(1) == 1) is (tensor.stride(1) == 1)


def test_it_begins_with_zeros_where_that_is_asked_for(scratch: MappedStore) -> None:
    assert not bool(scratch.zeros((2, 3), torch.float32).any())


def test_no_name_is_seen_on_the_disk_and_maps_end_with_their_tensors(scratch: MappedStore, tmp_path: Path) -> None:
    kept = scratch.empty((1000, 1000), torch.float32)
    assert os.listdir(tmp_path) == []
    assert len(scratch._maps) == 1
    part = kept[5:7]
    del kept
    gc.collect()
    assert len(scratch._maps) == 1  # a part is still in use
    part.fill_(3)
    del part
    gc.collect()
    assert len(scratch._maps) == 0


def test_a_full_disk_is_told_before_anything_is_written(
    scratch: MappedStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(handle: int, start: int, size: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "posix_fallocate", full, raising=False)
    with pytest.raises(OSError, match="No space"):
        scratch.empty((10,), torch.float32)
    assert os.listdir(tmp_path) == []


def test_without_that_call_the_space_is_taken_by_writing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "posix_fallocate", raising=False)
    monkeypatch.setattr(tensor_store, "ZEROS", bytes(1000))
    with (tmp_path / "file").open("wb") as file:
        tensor_store.reserve(file.fileno(), 2500)
    assert (tmp_path / "file").read_bytes() == bytes(2500)


def test_small_canvases_stay_in_memory(tmp_path: Path) -> None:
    cpu = torch.device("cpu")
    assert isinstance(store_for(IN_MEMORY_PIXELS, cpu, tmp_path, FLOAT32), InMemoryStore)
    assert isinstance(store_for(IN_MEMORY_PIXELS + 1, cpu, tmp_path, FLOAT32), MappedStore)
    assert isinstance(store_for(IN_MEMORY_PIXELS + 1, cpu, None, FLOAT32), InMemoryStore)
