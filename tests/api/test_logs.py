"""The log tells a fault once until it changes, has what libraries print, and cannot grow or hang."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.real import environment

from neural_style_server.api import logs
from neural_style_server.api.logs import Repeats
from neural_style_server.settings import Settings

LARGE = 1 << 20


@pytest.fixture
def root() -> Iterator[logging.Logger]:
    """The root logger, which is as it was afterwards."""
    logger = logging.getLogger()
    before = logger.handlers[:], logger.level, logging.raiseExceptions
    yield logger
    for handler in logger.handlers:
        if handler not in before[0]:
            handler.close()
    logger.handlers[:], logging.raiseExceptions = before[0], before[2]
    logger.setLevel(before[1])
    logging.captureWarnings(False)


def test_a_log_of_json_has_an_object_on_each_line_with_the_job(tmp_path: Path, root: logging.Logger) -> None:
    with warnings.catch_warnings():
        logs.start_log(tmp_path, Settings(log_format="json"))
        logger = logging.getLogger("neural_style_server.test")
        logger.info("job %s begins", "a1", extra={"job": "a1", "user": "anna"})
        logger.info("two\nlines é")
        try:
            raise ValueError("bad")
        except ValueError:
            logger.exception("failed")
    begun, plain, failed = (json.loads(line) for line in (tmp_path / "daemon.log").read_text("utf-8").splitlines())
    assert (begun["job"], begun["user"], begun["level"], begun["message"]) == ("a1", "anna", "INFO", "job a1 begins")
    assert begun["time"].endswith("+00:00") and "job" not in plain and plain["message"] == "two\nlines é"
    assert "ValueError: bad" in failed["error"]


class Told:
    """A logger behind the filter, and what came through."""

    def __init__(self, name: str = "neural_style_server.fault") -> None:
        self.lines: list[str] = []
        self._filter, self._logger = Repeats(), logging.Logger(name)

        class Keep(logging.Handler):
            def emit(handler, record: logging.LogRecord) -> None:
                self.lines.append(record.getMessage())

        keep = Keep()
        keep.addFilter(self._filter)
        self._logger.addHandler(keep)

    def warn(self, text: str, *more: object) -> None:
        self._logger.warning(text, *more)

    def fail(self, number: int, elsewhere: bool = False) -> None:
        try:
            if elsewhere:
                raise ValueError("another line")
            raise ValueError(number)
        except ValueError:
            self._logger.exception("unexpected failure")


def test_a_fault_is_told_once_until_it_changes() -> None:
    told = Told()
    for _ in range(3):
        told.warn("the file %s is damaged", "a")
    told.warn("the file %s is damaged", "b")
    told.warn("the file %s is damaged", "a")
    assert told.lines == ["the file a is damaged", "the file b is damaged"]


def test_after_a_while_it_is_told_again_with_how_often_it_came(monkeypatch: pytest.MonkeyPatch) -> None:
    told = Told()
    for _ in range(3):
        told.warn("%d%% full", 100)
    monkeypatch.setattr(logs, "REPEAT_S", -1.0)
    told.warn("%d%% full", 100)
    assert told.lines == ["100% full", "100% full (2 times more since it was told last)"]
    told.warn("%d%% full", 100)
    assert told.lines[2:] == ["100% full"]


def test_an_unexpected_failure_is_the_same_where_it_comes_from_the_same_line() -> None:
    told = Told()
    for number in range(3):
        told.fail(number)
    told.fail(0, elsewhere=True)
    assert told.lines == 2 * ["unexpected failure"]


@pytest.mark.parametrize("library", ["printed", "PIL.TiffImagePlugin"])
def test_a_library_s_words_are_the_same_where_only_numbers_differ(library: str) -> None:
    told = Told(library)
    for number in range(3):
        told.warn("TIFFReadDirectory: tag %d at 0x%x is wrong", number, number)
    assert len(told.lines) == 1


def test_information_is_never_dropped_and_faults_are_not_remembered_without_bound() -> None:
    told, repeats = Told(), Repeats()
    record = logging.LogRecord("x", logging.INFO, "", 0, "same", (), None)
    assert repeats.filter(record) and repeats.filter(record)
    for number in range(2 * logs.MOST_KNOWN):
        told.warn("fault %d", number)
    assert len(told._filter._told) == logs.MOST_KNOWN


SCRIPT = """
import ctypes, os, sys
from pathlib import Path
from neural_style_server.api.logs import PrintedLines, start_log
from neural_style_server.settings import Settings
start_log(Path(sys.argv[1]), Settings(log_bytes=64 << 10))
lines = PrintedLines()
{}
lines.close()
os.write(2, b"afterwards")
"""


def run(home: Path, action: str) -> tuple[int, str, str]:
    """Exit status, standard error, and what is in the log."""
    command = [sys.executable, "-c", SCRIPT.format(action), str(home)]
    done = subprocess.run(command, env=environment(home), stdin=subprocess.DEVNULL, capture_output=True, timeout=60)
    assert done.stdout == b""
    return done.returncode, done.stderr.decode(), (home / "daemon.log").read_text()


def test_what_libraries_print_is_in_the_log_in_one_line_for_a_fault(tmp_path: Path) -> None:
    action = 'print("out")\nfor n in range(999): os.write(2, b"TIFFFetchDirectory: %d: Sanity check failed.\\n" % n)'
    status, error, log = run(tmp_path, action)
    assert (status, error) == (0, "afterwards")
    told = {line.split(": ", 1)[1] for line in log.splitlines()}
    assert told == {"TIFFFetchDirectory: 0: Sanity check failed.", "out"}
    assert len(log.splitlines()) == 2


@pytest.mark.skipif(sys.platform == "win32", reason="outputs are not taken there by every Python")
def test_a_library_that_prints_while_nobody_else_may_run_does_not_hang(tmp_path: Path) -> None:
    action = f"ctypes.PyDLL(None).write(2, bytes({LARGE}), {LARGE})"
    status, error, _ = run(tmp_path, action)
    assert (status, error) == (0, "afterwards")


@pytest.mark.skipif(sys.platform == "win32", reason="outputs are not taken there by every Python")
def test_the_last_words_of_a_crash_go_to_who_started_the_daemon(tmp_path: Path) -> None:
    status, error, _ = run(tmp_path, "ctypes.string_at(0)")
    assert status != 0
    assert "Segmentation fault" in error


def test_the_log_rotates(tmp_path: Path) -> None:
    action = 'for n in range(3000): printed.warning("x" * n)'
    run(tmp_path, f"from neural_style_server.api.logs import printed\n{action}")
    files = list(tmp_path.glob("daemon.log*"))
    assert 1 < len(files) <= 1 + logs.LOG_FILES
    assert all(path.stat().st_size <= 70 << 10 for path in files)
