"""The plug-ins' fake daemon keeps to the OpenAPI document of the real one; so do those that speak with it."""

from __future__ import annotations

import jsonschema
import pytest
from tests.client.exchanges import check_exchanges
from tests.client.fake_daemon import FakeDaemon
from tests.client.fake_jobs import PRESETS
from tests.waiting import wait_for

from neural_style_client import DaemonError, connect


def test_every_answer_is_as_the_document_says(fake_daemon: FakeDaemon) -> None:
    """`fake_daemon` compares them in the end; here every route is asked once."""
    client = connect()
    image = client.upload(bytes([1, 2, 3, 255]), 1, 1)["id"]
    assert [one["name"] for one in client.presets()] == list(PRESETS)
    client.create_preset({"name": "mine", "title": "Mine", "images": [image], "tags": ["own"]})
    client.change_preset("mine", {"favourite": True})
    client.forecast({"preset": "mine", "width": 9, "height": 9})
    job = client.submit({"content": image, "preset": "mine", "method": {"iterations": 20000}})["id"]
    client.pause(job)
    client.resume(job)
    assert client.finish(job)["state"] in ("running", "done")
    wait_for(lambda: client.job(job)["state"] == "done")
    client.extend(job, 5)
    client.cancel(job)
    assert client.jobs()[0]["id"] == job
    with pytest.raises(DaemonError):
        client.job("none")
    assert len({(one.method, one.path.replace(job, "ID")) for one in fake_daemon.exchanges}) >= 14


def test_an_answer_that_lacks_a_key_is_noticed(fake_daemon: FakeDaemon) -> None:
    connect()
    health = fake_daemon.exchanges[-1]
    less = {key: value for key, value in health.answered.items() if key != "worker"}
    with pytest.raises(jsonschema.ValidationError):
        check_exchanges([health._replace(answered=less)])


def test_a_body_that_the_daemon_would_refuse_is_noticed(fake_daemon: FakeDaemon) -> None:
    with pytest.raises(DaemonError):
        connect().submit({"preset": "mosaic", "size": "large"})
    with pytest.raises(jsonschema.ValidationError):
        check_exchanges([fake_daemon.exchanges.pop()])
