"""A browser at the page, as far as the daemon can tell: a cookie, and headers that a browser sets."""

from __future__ import annotations

import re
from typing import Any

from flask.testing import FlaskClient
from tests.api.conftest import Desk
from werkzeug.test import TestResponse

ORIGIN = "http://localhost"


class Visitor:
    """Has cookies of its own and no token. `csrf` is what the page that it was shown says."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.browser: FlaskClient = desk.app.test_client()
        self.csrf = ""

    def enter(self) -> Visitor:
        answer = self.browser.get(self.code(), headers={"Sec-Fetch-Site": "none"})
        assert answer.status_code == 303
        self.csrf = token_in(self.browser.get("/").text)
        return self

    def code(self) -> str:
        """The address with a new code, as `neural-style open` gets it."""
        return str(self.desk.post("/v1/page/codes").get_json()["path"])

    def get(self, path: str, **headers: str) -> TestResponse:
        return self.browser.get(path, headers={"Sec-Fetch-Site": "same-origin", **headers})

    def change(self, method: str, path: str, headers: dict[str, str] | None = None, **more: Any) -> TestResponse:
        """As the page's own script does it; `headers` add to that or, where a value is "", take away."""
        usual = {"Origin": ORIGIN, "Sec-Fetch-Site": "same-origin", "X-CSRF-Token": self.csrf}
        sent = {name: value for name, value in {**usual, **(headers or {})}.items() if value}
        return self.browser.open(path, method=method, headers=sent, **more)


def token_in(html: str) -> str:
    found = re.search(r'<meta name="csrf-token" content="(\w+)">', html)
    assert found, html[:500]
    return found[1]
