"""Nobody gets in: what a web page, another user or another host can try, each tried."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from tests.api.conftest import TOKEN, Desk, problem

from neural_style_server.api.security import host_names

GUARDED = [
    ("GET", "/v1/openapi.json"),
    ("GET", "/v1/presets"),
    ("GET", "/v1/presets/ink/thumbnail"),
    ("GET", "/v1/jobs"),
    ("GET", "/v1/jobs/x/result"),
    ("GET", "/v1/jobs/x/events"),
    ("POST", "/v1/jobs"),
    ("POST", "/v1/images"),
    ("POST", "/v1/shutdown"),
    ("POST", "/v1/unload"),
    ("DELETE", "/v1/presets/ink"),
    ("OPTIONS", "/v1/jobs"),
    ("GET", "/no/such/path"),
]
FOREIGN = [
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {"Origin": ""},
    {"Origin": "http://["},
    {"Origin": "http://localhost.evil.example"},
    {"Origin": "http://localhost:1"},
    {"Origin": "https://localhost"},
    {"Origin": "file://localhost"},
    {"Origin": "chrome-extension://localhost"},
    {"Origin": "localhost"},
    {"Origin": "http://user@localhost"},
    {"Origin": "http://localhost/path"},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Sec-Fetch-Site": "anything"},
]
HOSTS = ["evil.example", "localhost.evil.example", "127.0.0.1.nip.io", "localhost:1", "", "[::1", "10.0.0.1"]


@pytest.mark.parametrize(("method", "path"), GUARDED)
@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": f"Bearer {TOKEN}x"},
        {"Authorization": f"Bearer {TOKEN[:-1]}"},
        {"Authorization": "Bearer "},
        {"Authorization": TOKEN},
        {"Authorization": f"Basic {TOKEN}"},
        {"Authorization": "Bearer é"},
        {"Cookie": f"token={TOKEN}"},
    ],
)
def test_without_the_token_nothing_is_answered(desk: Desk, method: str, path: str, headers: dict[str, str]) -> None:
    problem(desk.bare.open(path, method=method, headers=headers), 401, "unauthorised")
    assert desk.stopped == 0


def test_the_token_does_not_count_in_the_address(desk: Desk) -> None:
    problem(desk.bare.get(f"/v1/jobs?token={TOKEN}&access_token={TOKEN}"), 401, "unauthorised")


def test_health_needs_no_token_and_tells_no_secret(desk: Desk) -> None:
    answer = desk.bare.get("/v1/health")
    assert answer.status_code == 200
    assert TOKEN not in answer.text
    assert str(desk.shop.home) not in answer.text


@pytest.mark.parametrize("headers", FOREIGN)
@pytest.mark.parametrize(("method", "path"), [("GET", "/v1/health"), ("POST", "/v1/jobs"), ("GET", "/v1/jobs")])
def test_another_site_is_refused_even_with_the_token(
    desk: Desk, method: str, path: str, headers: dict[str, str]
) -> None:
    problem(desk.call(method, path, headers), 403, "wrong_origin")


@pytest.mark.parametrize("headers", [{"Origin": "http://localhost"}, {"Sec-Fetch-Site": "none"}])
def test_this_computer_s_own_programs_are_let_in(desk: Desk, headers: dict[str, str]) -> None:
    assert desk.call("GET", "/v1/jobs", headers).status_code == 200


TARGETS = {
    "http://localhost/v1/health": 200,
    "HTTP://localhost/v1/health?": 200,
    "http://evil.example/v1/health": 403,
    "http://localhost:1/v1/health": 403,
    "https://localhost/v1/health": 403,
    "http://user@localhost/v1/health": 403,
    "http:/v1/health": 403,
    "evil.example:80": 403,
}


@pytest.mark.parametrize("target", TARGETS)
def test_a_target_that_names_a_host_must_name_the_daemon_s(desk: Desk, target: str) -> None:
    answer = desk.call("GET", "/v1/health", environ_overrides={"REQUEST_URI": target})
    assert answer.status_code == TARGETS[target]
    if answer.status_code == 403:
        problem(answer, 403, "wrong_host")


@pytest.mark.parametrize("host", HOSTS)
def test_another_host_name_is_refused(desk: Desk, host: str) -> None:
    problem(desk.call("GET", "/v1/health", {"Host": host}), 403, "wrong_host")


@pytest.mark.parametrize(
    "kind",
    [
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "text/plain",
        "text/plain; charset=application/json",
        "application/jsonx",
    ],
)
@pytest.mark.parametrize("path", ["/v1/jobs", "/v1/images", "/v1/presets", "/v1/jobs/x/cancel", "/v1/shutdown"])
def test_what_a_form_can_send_is_refused(desk: Desk, path: str, kind: str) -> None:
    answer = desk.post(path, data=b'{"content": "x", "preset": "ink"}', content_type=kind)
    problem(answer, 415, "unsupported_media_type")
    assert desk.stopped == 0
    assert desk.shop.controller.jobs() == []


def test_no_get_changes_anything(desk: Desk) -> None:
    job = desk.job()
    changing = {"POST", "PUT", "DELETE", "PATCH"}
    for rule in desk.app.url_map.iter_rules():
        path = rule.rule.replace("<id>", job).replace("<name>", "ink").replace("<number>", "1")
        for method in ("GET", "HEAD") if (rule.methods or set()) & changing and "events" not in path else ():
            desk.call(method, path).close()
    assert desk.shop.state(job) == "running"
    assert desk.stopped == 0
    assert [entry.name for entry in desk.shop.library.list()] == ["ink"]


@pytest.mark.parametrize("method", ["GET", "OPTIONS", "POST"])
def test_no_answer_carries_a_cors_header(desk: Desk, method: str) -> None:
    asks = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Private-Network": "true"}
    for headers in (asks, {**asks, "Origin": "https://evil.example"}):
        for answer in (desk.call(method, "/v1/jobs", headers), desk.bare.open("/v1/jobs", method=method)):
            assert not [name for name, _ in answer.headers if name.lower().startswith("access-control")]


def test_a_websocket_is_not_opened(desk: Desk) -> None:
    asks = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": "eA=="}
    problem(desk.call("GET", "/v1/jobs", asks), 405, "method_not_allowed")
    problem(desk.call("GET", "/v1/jobs", {**asks, "Origin": "https://evil.example"}), 403, "wrong_origin")


def test_no_path_leads_out_of_the_library(desk: Desk) -> None:
    for name in ("..", "..%2f..%2fetc%2fpasswd", "%2e%2e", "ink%2f..%2f..", "a%00b"):
        for path in (f"/v1/presets/{name}", f"/v1/presets/{name}/thumbnail", f"/v1/jobs/{name}/result"):
            assert desk.get(path).status_code == 404
    problem(desk.post("/v1/presets", {"name": "../x", "images": [desk.shop.content]}), 400, "invalid_preset")


def test_the_token_is_in_no_log(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    desk.job()
    desk.get("/v1/jobs/none")
    desk.bare.get("/v1/jobs", headers={"Authorization": f"Bearer {TOKEN}x"})
    assert TOKEN not in caplog.text


@pytest.mark.parametrize(
    ("host", "given", "own"),
    [
        ("127.0.0.1", "localhost:8", True),
        ("127.0.0.1", "127.0.0.1:8", True),
        ("127.0.0.1", "[::1]:8", True),
        ("127.0.0.1", "192.168.0.9:8", False),
        ("192.168.0.9", "192.168.0.9:8", True),
        ("::1", "[::1]:8", True),
        ("0.0.0.0", "192.168.0.9:8", True),
        ("0.0.0.0", "192.168.0.9:9", False),
        ("0.0.0.0", "evil.example:8", False),
        ("::", "[fe80::1]:8", True),
    ],
)
def test_a_daemon_knows_its_own_names(host: str, given: str, own: bool) -> None:
    from neural_style_server.api import security

    assert security._is_own(given, host_names(host, 8)) is own


def test_large_bodies_are_refused_by_their_announced_size(open_desk: Any) -> None:
    desk = open_desk(max_body_bytes=1024)
    answer = desk.post("/v1/images", data=bytes(2000), content_type="application/octet-stream")
    problem(answer, 413, "too_large")
