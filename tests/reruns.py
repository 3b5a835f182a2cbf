"""A pytest plug-in: tests that were tried again are named and counted, and too many of them fail the run.

    python -m pytest -m "gimp or krita or chromium or cluster" --reruns 2 -p tests.reruns

On a busy machine a window or a thread may be late, and cost a second try. More than one in a hundred tests
(`--tests-per-rerun`) is a race in the program or in the tests. Each is told with what failed at that try, since a later
one may fail for another reason.
"""

from __future__ import annotations

from typing import Any

import pytest

REASON_LINES = 12


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--tests-per-rerun", type=int, default=100, help="one of so many tests may be tried again")


def pytest_terminal_summary(terminalreporter: Any) -> None:
    reruns, tests = _count(terminalreporter)
    terminalreporter.section("tests that were tried again")
    for report in reruns:
        terminalreporter.line(report.nodeid)
        reason = [line for line in report.longreprtext.splitlines() if line.startswith(("E ", ">"))]
        for line in reason[:REASON_LINES]:
            terminalreporter.line(f"    {line}")
    limit = terminalreporter.config.getoption("tests_per_rerun")
    terminalreporter.line(f"{len(reruns)} of {tests}; at most one in {limit} may be")


def pytest_sessionfinish(session: pytest.Session) -> None:
    reruns, tests = _count(session.config.pluginmanager.get_plugin("terminalreporter"))
    if session.exitstatus == pytest.ExitCode.OK and len(reruns) * session.config.getoption("tests_per_rerun") > tests:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def _count(reporter: Any) -> tuple[list[Any], int]:
    """The report of each try that was not the last, and how many tests there were."""
    reruns = reporter.stats.get("rerun", [])
    ended = sum(len(reporter.stats.get(outcome, [])) for outcome in ("passed", "failed", "error"))
    return reruns, ended
