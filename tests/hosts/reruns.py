"""A pytest plug-in for tests in real windows: those that were tried again are named and counted.

    python -m pytest -m "gimp or krita or chromium or cluster" --reruns 2 -p tests.hosts.reruns

A window that opens late may cost a second try. More than one in a hundred tests is a race in the plug-ins or in the
tests, and fails the run.
"""

from __future__ import annotations

from typing import Any

import pytest

TESTS_PER_RERUN = 100


def pytest_terminal_summary(terminalreporter: Any) -> None:
    reruns, tests = _count(terminalreporter)
    terminalreporter.section("tests that were tried again")
    for name in reruns:
        terminalreporter.line(name)
    terminalreporter.line(f"{len(reruns)} of {tests}; at most one in {TESTS_PER_RERUN} may be")


def pytest_sessionfinish(session: pytest.Session) -> None:
    reruns, tests = _count(session.config.pluginmanager.get_plugin("terminalreporter"))
    if session.exitstatus == pytest.ExitCode.OK and len(reruns) * TESTS_PER_RERUN > tests:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def _count(reporter: Any) -> tuple[list[str], int]:
    """The name of each further try, and how many tests there were."""
    reruns = [report.nodeid for report in reporter.stats.get("rerun", [])]
    ended = sum(len(reporter.stats.get(outcome, [])) for outcome in ("passed", "failed", "error"))
    return reruns, ended
