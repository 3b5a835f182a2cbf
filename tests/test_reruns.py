"""Tests that pass only at a second try are named, and too many of them fail the run."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[1]


@pytest.mark.parametrize(
    ("steady", "options", "code"),
    [(99, [], 0), (98, [], 1), (9, ["--tests-per-rerun", "10"], 0), (8, ["--tests-per-rerun", "10"], 1)],
)
def test_one_in_so_many_may_be_tried_again(tmp_path: Path, steady: int, options: list[str], code: int) -> None:
    (tmp_path / "test_flaky.py").write_text(
        "import pytest\ntries = []\n\n\n"
        "def test_flaky():\n    tries.append(1)\n    assert len(tries) > 1\n\n\n"
        f"@pytest.mark.parametrize('number', range({steady}))\ndef test_steady(number):\n    pass\n"
    )
    command = [sys.executable, "-m", "pytest", "-q", "--reruns", "2", "-p", "tests.reruns", "-c", "/dev/null"]
    done = subprocess.run(
        [*command, *options, "--rootdir", str(tmp_path), str(tmp_path)], cwd=REPOSITORY, capture_output=True, text=True
    )
    assert done.returncode == code, done.stdout + done.stderr
    assert "test_flaky.py::test_flaky" in done.stdout
    assert "assert len(tries) > 1" in done.stdout, "why it failed at first"
    assert f"1 of {steady + 1}" in done.stdout
