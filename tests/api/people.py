"""Users with tokens of their own at one desk, and things that are theirs."""

from __future__ import annotations

from typing import Any, NamedTuple

from tests.api.conftest import Desk
from tests.jobs.fakes import grey
from werkzeug.test import TestResponse

CLIENT = "gimp-1"
SIZE = (40, 32)
"""Large enough for a style image."""


class Person:
    """Calls with a token of its own."""

    def __init__(self, desk: Desk, name: str) -> None:
        self.desk, self.name, self.token = desk, name, desk.tokens.add(name)

    def call(self, method: str, path: str, **more: Any) -> TestResponse:
        return self.desk.call(method, path, headers={"Authorization": f"Bearer {self.token}"}, **more)

    def get(self, path: str) -> TestResponse:
        return self.call("GET", path)

    def made(self, path: str, json: Any = None, **more: Any) -> dict[str, Any]:
        answer = self.call("POST", path, **({"json": json} if json is not None else {}), **more)
        assert answer.status_code == 201, answer.text
        return dict(answer.get_json())

    def upload(self, value: int = 90) -> str:
        raw = grey(value, *SIZE).pixels.tobytes()
        query = {"width": SIZE[0], "height": SIZE[1], "format": "RGBA8"}
        sent = self.made("/v1/images", data=raw, content_type="application/octet-stream", query_string=query)
        return str(sent["id"])

    def job(self, **more: Any) -> str:
        body = {"content": self.upload(), "preset": "ink", "client": CLIENT, **more}
        return str(self.made("/v1/jobs", body)["id"])


class Things(NamedTuple):
    """Ids of one of each kind, all somebody's."""

    image: str
    preset: str
    job: str
    sheet: str
    sequence: str


def make_things(person: Person) -> Things:
    """The job is done, with a frame; the frame of the sequence waits."""
    image, worker = person.upload(), person.desk.shop.worker
    person.made("/v1/presets", {"name": f"of-{person.name}", "images": [image]})
    job = person.job()
    worker.frame(job, 1, 10)
    worker.done(job)
    sequence = person.made("/v1/sequences", {"preset": "ink"})["id"]
    person.made(f"/v1/sequences/{sequence}/frames", {"content": image})
    sheet = person.made("/v1/sheets", {"content": image, "presets": ["ink"]})["id"]
    return Things(image, f"of-{person.name}", job, sheet, sequence)
