"""A Krita that dies on the way is started again for what it had not got to, and not without end."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from tests.krita.conftest import MOST_STARTS, Driving, checks_of


@pytest.mark.parametrize(("dies", "starts"), [(0, 1), (1, 2), (99, MOST_STARTS)])
def test_a_driver_runs_once_more_where_krita_died(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, dies: int, starts: int
) -> None:
    begun: list[str] = []

    @contextmanager
    def started(self: Driving, driver: str, home: Path, name: str, *_: Any, **__: str) -> Iterator[Any]:
        begun.append(name)
        names = checks_of(driver)[: 1 if len(begun) <= dies else None]
        krita = SimpleNamespace(result=lambda: {"checks": dict.fromkeys(names, "ok")}, log="")
        yield krita, SimpleNamespace(wait=lambda timeout: 0)

    monkeypatch.setattr(Driving, "started", started)
    driving, last = Driving(tmp_path), checks_of("looks")[-1]
    for _ in range(MOST_STARTS + 2):
        found = driving.run("looks", tmp_path)
    assert len(set(begun)) == len(begun) == starts
    assert (last in found.result["checks"]) == (dies < MOST_STARTS)
