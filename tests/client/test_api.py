"""Every call of the one client, through a real socket."""

from __future__ import annotations

import threading

import pytest
from tests.client.conftest import Served
from tests.jobs.fakes import grey

from neural_style_client import Client, DaemonError, DaemonGone, Pixels


def submit(served: Served, **more: object) -> str:
    return str(served.client.submit({"content": served.shop.content, "preset": "ink", **more})["id"])


def test_pixels_go_up_and_come_back(served: Served) -> None:
    job = submit(served)
    served.shop.worker.frame(job, 1, 5)
    served.shop.worker.done(job)
    assert served.client.result(job) == Pixels(8, 6, "RGBA8", grey(200).pixels.tobytes(), 60)
    assert served.client.frame(job, 1).data == grey(1).pixels.tobytes()
    assert served.client.frame(job, max_side=4).width == 4
    assert served.client.png(job).startswith(b"\x89PNG")
    assert served.client.png(job, "latest").startswith(b"\x89PNG")
    assert served.client.losses(job, "text/csv").startswith(b"iteration")


def test_uploads_are_named_by_their_content(served: Served) -> None:
    first = served.client.upload(bytes(120), 6, 5)
    assert (first["width"], first["format"]) == (6, "RGBA8")
    assert served.client.upload(bytes(120), 6, 5)["id"] == first["id"]
    assert served.client.image(first["id"]) == Pixels(6, 5, "RGBA8", bytes(120))
    thumbnail = served.client.thumbnail("ink")
    assert served.client.upload_encoded(thumbnail, "image/png")["width"] > 0
    assert served.client.upload_encoded(served.client.style_picture("ink"), "image/png")["width"] > 0


def test_presets_are_made_changed_shared_and_deleted(served: Served) -> None:
    client = served.client
    image = client.upload(bytes([1, 2, 3, 255] * 1600), 40, 40)["id"]
    client.create_preset({"name": "mine", "title": "Mine", "images": [image]})
    assert client.change_preset("mine", {"favourite": True})["favourite"] is True
    bundle = client.export_preset("mine")
    client.delete_preset("mine")
    assert client.import_preset(bundle)["name"] == "mine"
    assert client.import_preset(bundle, "mine-2")["name"] == "mine-2"
    assert [preset["name"] for preset in client.presets()] == ["ink", "mine", "mine-2"]
    assert client.preset("ink")["title"] == "Ink"


def test_a_job_is_steered(served: Served) -> None:
    client, job = served.client, submit(served)
    assert client.job(job)["state"] == "running"
    assert client.pause(job)["state"] == "paused"
    assert client.resume(job)["state"] == "running"
    assert client.extend(job, 5)["state"] == "running"
    assert client.finish(job)["state"] == "done"
    assert client.jobs()[0]["id"] == job
    client.delete_job(job)
    other = submit(served)
    assert client.cancel(other)["state"] == "cancelled"
    assert client.forecast({"preset": "ink", "width": 9, "height": 9})["fits"] is True
    assert client.health()["warm"] is True
    assert client.unload()["warm"] is False
    assert client.shutdown() == {"status": "stopping"}


def test_a_refusal_carries_code_detail_and_hint(served: Served) -> None:
    with pytest.raises(DaemonError) as caught:
        submit(served, preset="inc")
    assert (caught.value.status, caught.value.code) == (404, "not_found")
    assert "inc" in caught.value.detail
    assert caught.value.hint in str(caught.value)


def test_a_wrong_token_is_a_refusal(served: Served) -> None:
    with pytest.raises(DaemonError) as caught:
        Client(served.url, "wrong").jobs()
    assert caught.value.status == 401


def test_nobody_at_the_address_is_gone() -> None:
    with pytest.raises(DaemonGone, match="does not answer"):
        Client("http://127.0.0.1:9", "x", 2).jobs()


def test_events_are_followed_to_the_end(served: Served) -> None:
    job = submit(served)
    later = threading.Timer(0.1, served.shop.worker.done, (job,))
    later.start()
    events = list(served.client.events(job))
    later.join()
    assert [event.name for event in events] == ["state", "state", "done"]
    assert [event.id for event in events] == [1, 2, 3]
    assert [event.name for event in served.client.events(job, last_event_id=2)] == ["done"]


def test_events_of_an_unknown_job_are_a_refusal(served: Served) -> None:
    with pytest.raises(DaemonError):
        next(served.client.events("none"))


def test_closing_the_iterator_frees_the_stream(served: Served) -> None:
    job = submit(served)
    for _ in range(4):
        stream = served.client.events(job)
        next(stream)
        stream.close()
    assert served.client.health(5)["status"] == "ok"


def test_a_client_that_closes_its_stream_has_its_job_cancelled(served: Served) -> None:
    job = submit(served, on_disconnect="cancel")
    stream = served.client.events(job)
    next(stream)
    stream.close()
    following = served.client.events(submit(served, client="other"))
    next(following)
    following.close()
    for _ in range(100):
        if served.client.job(job)["state"] == "cancelled":
            break
        threading.Event().wait(0.05)
    assert served.client.job(job)["state"] == "cancelled"
