from __future__ import annotations

from typing import Any

import pytest

from neural_style import connection
from neural_style.connection import Connection


def health(**changes: Any) -> dict[str, Any]:
    return {"worker": "ready", "warm": True, "device": "paper", "jobs": {"queued": 0, "running": 0}, **changes}


def test_it_begins_by_starting() -> None:
    assert Connection().state == connection.STARTING


@pytest.mark.parametrize(("seen", "state"), [
    (health(), connection.READY),
    (health(worker="starting", warm=False), connection.WARMING_UP),
    (health(worker="busy", jobs={"queued": 0, "running": 1}), connection.BUSY),
    (health(jobs={"queued": 2, "running": 0}), connection.BUSY),
    (health(worker="failed", detail="No weights."), connection.LOST),
    (health(worker="stopped", warm=False), connection.READY),
])  # fmt: skip
def test_the_state_follows_the_daemons_health(seen: dict[str, Any], state: str) -> None:
    known = Connection()
    known.saw_health(seen)
    assert known.state == state


def test_every_state_that_is_not_ready_has_a_next_step() -> None:
    known = Connection()
    for become in (
        known.not_installed,
        known.starting,
        known.lost,
        lambda: known.saw_health(health(worker="starting")),
    ):
        become()
        assert known.status().title and known.status().next_step, known.state


def test_a_lost_daemon_can_be_tried_again_and_comes_back() -> None:
    known = Connection()
    known.lost("The daemon does not answer.")
    assert known.status().button == "Try again" and "doctor" in known.status().next_step
    known.saw_health(health())
    assert known.state == connection.READY and known.detail == ""


def test_not_installed_says_how_to_install() -> None:
    known = Connection()
    known.not_installed()
    assert "install-plugins" in known.status().next_step and not known.usable


def test_busy_with_another_picture_says_that_ours_waits() -> None:
    known = Connection()
    known.saw_health(health(jobs={"queued": 0, "running": 1}))
    assert "waits its turn" in known.status().next_step
    known.own_job = True
    assert "Painting" in known.status().next_step
