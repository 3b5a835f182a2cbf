"""What a painter is told of a failure: what happened, and what to do next."""

from __future__ import annotations

import pytest

from neural_style_client.errors import DaemonBusy, DaemonError, DaemonGone, PainterError, explain, explain_event


def test_a_refusal_is_told_with_its_hint() -> None:
    problem = {"code": "x", "detail": "Out of memory", "hint": "Choose a smaller size."}
    assert explain(DaemonError(507, problem)) == "Out of memory. Choose a smaller size."


@pytest.mark.parametrize("error", [
    DaemonGone("The daemon does not answer"), DaemonError(500, {}), ZeroDivisionError("division by zero"),
])  # fmt: skip
def test_every_failure_says_what_to_do_next(error: Exception) -> None:
    assert "neural-style doctor" in explain(error)


def test_what_says_already_what_to_do_is_said_as_it_is() -> None:
    for error in (
        DaemonGone("Run 'neural-style stop'."), DaemonBusy("Wait a moment."), PainterError("Choose a layer.")
    ):  # fmt: skip
        assert explain(error) == str(error)


def test_what_the_system_calls_a_failure_is_left_out() -> None:
    assert "Errno" not in explain(DaemonGone("It does not answer ([Errno 111] Connection refused)."))


def test_a_failed_jobs_event_is_told() -> None:
    assert explain_event({"detail": "Too big", "hint": "Use 512."}) == "Too big. Use 512."
    assert "failed" in explain_event({})
