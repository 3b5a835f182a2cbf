"""Behind a TLS proxy: the public name is the daemon's own, and the owner's token is no good there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.api.conftest import TOKEN, Desk, problem
from tests.api.people import Person

from neural_style_server.api.security import public_hosts
from neural_style_server.errors import SettingsError
from neural_style_server.setting_sources import load_settings

NAME = "studio.example:8443"


@pytest.fixture
def public(desk: Desk) -> Desk:
    """A desk that has a public name."""
    keys = desk.services.keys
    keys.public_hosts = public_hosts(NAME)
    keys.own_hosts |= keys.public_hosts
    return desk


def ask(desk: Desk, token: str | None, method: str = "GET", path: str = "/v1/jobs", **headers: str) -> Any:
    sent = {"Host": NAME, **{name.replace("_", "-"): value for name, value in headers.items()}}
    if token is not None:
        sent["Authorization"] = f"Bearer {token}"
    return desk.bare.open(path, method=method, headers=sent)


def test_users_get_in_by_the_public_name_and_the_owner_does_not(public: Desk) -> None:
    anna = Person(public, "anna")
    assert ask(public, anna.token).status_code == 200
    assert ask(public, None, path="/v1/health").status_code == 200
    problem(ask(public, TOKEN), 401, "unauthorised")
    problem(ask(public, TOKEN, "POST", "/v1/shutdown"), 401, "unauthorised")
    problem(ask(public, anna.token, "POST", "/v1/shutdown"), 403, "owner_only")
    problem(ask(public, None, path="/metrics"), 401, "unauthorised")
    problem(ask(public, TOKEN, path="/metrics"), 401, "unauthorised")
    assert public.get("/v1/jobs").status_code == 200, "the owner's token is good on this computer"


@pytest.mark.parametrize(
    ("origin", "own"),
    [
        (f"https://{NAME}", True),
        (f"https://{NAME.upper()}", True),
        (f"http://{NAME}", False),
        ("https://studio.example", False),
        ("https://localhost", False),
        ("https://evil.example:8443", False),
    ],
)
def test_a_page_s_origin_is_the_proxy_s(public: Desk, origin: str, own: bool) -> None:
    answer = ask(public, Person(public, "anna").token, Origin=origin)
    assert answer.status_code == (200 if own else 403)


def test_other_names_are_refused_as_before(public: Desk) -> None:
    for host in ("studio.example", "studio.example:8444", "evil.example:8443", "x.studio.example:8443"):
        problem(public.call("GET", "/v1/jobs", {"Host": host}), 403, "wrong_host")


def test_a_session_of_the_page_is_secure_there_and_the_owner_has_none(public: Desk) -> None:
    anna = Person(public, "anna")
    entered = ask(public, None, path=anna.made("/v1/page/codes")["path"])
    assert entered.status_code == 303
    cookie = entered.headers["Set-Cookie"]
    assert "Secure" in cookie and "HttpOnly" in cookie and "SameSite=Strict" in cookie
    assert ask(public, None, Cookie=cookie.partition(";")[0]).status_code == 200
    owners = ask(public, None, path=public.post("/v1/page/codes").get_json()["path"])
    problem(ask(public, None, Cookie=owners.headers["Set-Cookie"].partition(";")[0]), 401, "unauthorised")


@pytest.mark.parametrize(
    ("name", "hosts"),
    [
        (None, set()),
        ("studio.example", {"studio.example", "studio.example:443"}),
        ("studio.example:443", {"studio.example", "studio.example:443"}),
        ("studio.example:8443", {"studio.example:8443"}),
        ("[fd00::1]", {"[fd00::1]", "[fd00::1]:443"}),
        ("[fd00::1]:8443", {"[fd00::1]:8443"}),
        ("192.168.1.20:8443", {"192.168.1.20:8443"}),
    ],
)
def test_browsers_leave_the_usual_port_out(name: str | None, hosts: set[str]) -> None:
    assert public_hosts(name) == hosts


@pytest.mark.parametrize("name", ["https://studio.example", "studio.example/", "a b", "", "x:port", "*", 7])
def test_what_is_no_host_name_is_refused(name: object, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="public_name"):
        load_settings(tmp_path, {}, {"public_name": name})
    assert load_settings(tmp_path, {}, {"public_name": " Studio.Example:8443 "}).public_name == "studio.example:8443"
