"""What the run's window says."""

from __future__ import annotations

from run.progress import RunProgress


def event(iteration: int, **more: object) -> dict[str, object]:
    return {"iteration": iteration, "iterations": 100, "loss": {"total": 5.0}, "eta": 75.0, **more}


def test_progress_counts_over_all_layers() -> None:
    shown = RunProgress(2)
    shown.begin(0, "sky")
    assert shown.fraction() is None
    assert shown.text() == "Starting the daemon…"
    shown.saw(event(50))
    assert shown.fraction() == 0.25
    assert shown.headline() == "Painting “sky”, layer 1 of 2"
    assert shown.text() == "Iteration 50 of 100 · 75 s left"
    shown.begin(1, "sea")
    assert shown.fraction() == 0.5
    assert shown.losses == []


def test_a_single_layer_is_not_counted() -> None:
    shown = RunProgress(1)
    shown.begin(0, "sky")
    assert shown.headline() == "Painting “sky”"
    shown.state("queued")
    assert "another painting" in shown.text()
    shown.state("warming")
    assert "network is being loaded" in shown.text()
    shown.state("running")
    assert shown.text() == "Painting…"


def test_losses_that_are_no_numbers_are_not_drawn() -> None:
    shown = RunProgress(1)
    for loss in (None, {}, {"total": float("nan")}, {"total": 0.0}, {"total": 7.0}):
        shown.saw(event(3, loss=loss))
    assert shown.losses == [(3, 7.0)]
    assert shown.loss_text() == "Loss: 7"


def test_stopping_stays_stopping() -> None:
    shown = RunProgress(1)
    assert not shown.can_stop()
    shown.state("running")
    assert shown.can_stop()
    shown.state("stopping")
    shown.state("running")
    shown.saw(event(3))
    assert shown.text() == "Stopping here…"
