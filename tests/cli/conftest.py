"""The command line: as a function where it needs no daemon, as a process where it does."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image
from tests.leaks import no_thread_leaks  # noqa: F401
from tests.real import COMMAND, environment

from neural_style_server.cli import main

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("NEURAL_STYLE_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    return tmp_path / "home"


@pytest.fixture
def cli(home: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs a command in this process; answers exit code, stdout, stderr."""

    def run(*words: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as ended:
            main(list(words))
        said = capsys.readouterr()
        return int(ended.value.code or 0), said.out, said.err

    return run


def process(home: Path, *words: str, cwd: Path | None = None) -> tuple[int, str, str]:
    """Runs a command as a shell does."""
    run = subprocess.run([*COMMAND, *words], env=environment(home), capture_output=True, text=True, cwd=cwd)
    return run.returncode, run.stdout, run.stderr


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "my photo.png"
    Image.effect_mandelbrot((48, 40), (-2, -1, 1, 1), 40).convert("RGB").save(path)
    return path


def plain(said: str) -> str:
    """What was said on stderr, which must be one line and no traceback."""
    assert said.startswith("neural-style: ")
    assert said.count("\n") == 1, said
    return said
