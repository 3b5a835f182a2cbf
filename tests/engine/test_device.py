from __future__ import annotations

from collections.abc import Iterator

import pytest
import torch

from neural_style_server.engine import device
from neural_style_server.engine.device import DeviceMissing, be_deterministic, choose, matrix_rate


@pytest.fixture
def _deterministic_as_before() -> Iterator[None]:
    yield
    torch.use_deterministic_algorithms(False)


def pretend_rates(monkeypatch: pytest.MonkeyPatch, float32: float, bfloat16: float) -> None:
    rates = {torch.float32: float32, torch.bfloat16: bfloat16}
    monkeypatch.setattr(device, "matrix_rate", rates.__getitem__)


@pytest.mark.parametrize(("rate", "dtype"), [(3.0, torch.bfloat16), (0.3, torch.float32), (1.0, torch.float32)])
def test_a_cpu_takes_bfloat16_only_where_it_is_really_faster(
    monkeypatch: pytest.MonkeyPatch, rate: float, dtype: torch.dtype
) -> None:
    pretend_rates(monkeypatch, 1.0, rate)
    assert choose("cpu").dtype == dtype


def test_what_the_settings_name_is_taken_without_measuring(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(device, "matrix_rate", None)
    place = choose("cpu", "float32")
    assert (place.device.type, place.dtype) == ("cpu", torch.float32)
    assert place.name.startswith("CPU") and "float32" in place.name


def test_the_number_of_threads_is_the_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    wanted: list[int] = []
    monkeypatch.setattr(torch, "set_num_threads", wanted.append)
    choose("cpu", "float32", threads=3)
    choose("cpu", "float32", threads=0)
    assert wanted == [3]


@pytest.mark.parametrize(("threads", "words"), [(1, "CPU, 1 thread (float32)"), (4, "CPU, 4 threads (float32)")])
def test_a_processor_is_named_with_its_threads(monkeypatch: pytest.MonkeyPatch, threads: int, words: str) -> None:
    monkeypatch.setattr(torch, "get_num_threads", lambda: threads)
    assert choose("cpu", "float32").name == words


@pytest.mark.parametrize("missing", ["cuda", "cuda:7", "mps"])
def test_a_missing_device_is_told_and_not_replaced(monkeypatch: pytest.MonkeyPatch, missing: str) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)
    with pytest.raises(DeviceMissing, match=missing) as caught:
        choose(missing, "float32")
    assert caught.value.code == "device" and "settings" in caught.value.hint


def test_a_gpu_beyond_those_that_there_are_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    with pytest.raises(DeviceMissing, match=r"cuda:2.*only 2"):
        choose("cuda:2", "float32")


def test_auto_falls_to_the_cpu_where_there_is_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)
    assert choose("auto", "float32").device.type == "cpu"


def test_the_matrix_rate_is_a_plausible_number() -> None:
    assert 1e7 < matrix_rate(torch.float32, side=128) < 1e15


@pytest.mark.usefixtures("_deterministic_as_before")
@pytest.mark.parametrize("wanted", [True, False])
def test_determinism_is_a_switch(wanted: bool) -> None:
    be_deterministic(wanted)
    assert torch.are_deterministic_algorithms_enabled() is wanted


@pytest.mark.parametrize(("wanted", "expected"), [("cuda", ["cuda:1", "cuda:2"]), ("cuda:1", []), ("cpu", [])])
def test_all_gpus_share_the_work_unless_one_is_named(
    monkeypatch: pytest.MonkeyPatch, wanted: str, expected: list[str]
) -> None:
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 3)
    place = device.Place(torch.device(wanted), torch.bfloat16, "")
    assert device.other_gpus(place) == expected
