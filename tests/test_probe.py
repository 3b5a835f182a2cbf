from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from neural_style_server import probe
from neural_style_server.probe import run_probe, seconds_per_iteration


def answer(monkeypatch: pytest.MonkeyPatch, stdout: bytes = b"", stderr: bytes = b"", status: int = 0) -> None:
    def run(command: list[str], **_: Any) -> subprocess.CompletedProcess[bytes]:
        return subprocess.CompletedProcess(command, status, stdout, stderr)

    monkeypatch.setattr(subprocess, "run", run)


def test_last_line_counts_whatever_torch_prints_before(monkeypatch: pytest.MonkeyPatch) -> None:
    answer(monkeypatch, b"some warning\n" + json.dumps({"device": {}}).encode() + b"\n")

    assert run_probe("cpu", None, Path()) == {"device": {}}


def test_process_that_crashes_is_told_by_its_last_words(monkeypatch: pytest.MonkeyPatch) -> None:
    answer(monkeypatch, stderr=b"Traceback\nImportError: libcudart", status=1)
    assert run_probe("cpu", None, Path()) == {"error": "ImportError: libcudart"}

    answer(monkeypatch, status=-11)
    assert run_probe("cpu", None, Path()) == {"error": "it ended with status -11"}


def test_process_that_hangs_or_cannot_start_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def hang(command: list[str], **_: Any) -> None:
        raise subprocess.TimeoutExpired(command, 1)

    monkeypatch.setattr(subprocess, "run", hang)
    assert "did not answer" in run_probe("cpu", None, Path())["error"]

    def refuse(command: list[str], **_: Any) -> None:
        raise PermissionError("not allowed")

    monkeypatch.setattr(subprocess, "run", refuse)
    assert run_probe("cpu", None, Path()) == {"error": "not allowed"}


def test_each_part_reports_its_own_failure(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    def broken(*_: object) -> dict[str, Any]:
        raise RuntimeError("no such device")

    monkeypatch.setattr(probe, "_device", broken)
    monkeypatch.setattr(probe, "_weights", lambda *_: {"name": "x", "sha256": "y"})

    probe.main(["cuda:9", "", str(tmp_path)])

    found = json.loads(capsys.readouterr().out)
    assert found["device"] == {"error": "no such device", "hint": ""}
    assert found["weights"] == {"name": "x", "sha256": "y"}


def test_twice_the_rate_is_half_the_time() -> None:
    assert seconds_per_iteration(400) == pytest.approx(seconds_per_iteration(200) / 2)


def test_processor_is_measured_in_both_types() -> None:
    pytest.importorskip("torch")

    assert probe._gflops("cpu", "float32", 64) > 0
    assert probe._gflops("cpu", "bfloat16", 64) > 0
