"""Sequences in the real daemon: killed in the middle, held, painted again."""

from __future__ import annotations

from typing import Any

from tests.clips import HEIGHT, WIDTH, drawn
from tests.real import JOB_S, RealDaemon
from tests.waiting import wait_for

from neural_style_client import Client

ASKED: dict[str, Any] = {"preset": "night-swirl", "method": {"iterations": 12, "scales": 2}, "seed": 3}


def send(client: Client, places: list[int], **asked: Any) -> tuple[str, list[str]]:
    """A sequence with a frame for each place, and their jobs."""
    sequence = client.sequences.start({**ASKED, **asked})["id"]
    return sequence, [client.sequences.add_frame(sequence, {"content": image(client, place)})["id"] for place in places]


def image(client: Client, place: int) -> str:
    rgb = drawn(place)
    pixels = bytearray(4 * WIDTH * HEIGHT)
    for channel in range(3):
        pixels[channel::4] = rgb[..., channel].tobytes()
    pixels[3::4] = b"\xff" * (WIDTH * HEIGHT)
    return str(client.upload(bytes(pixels), WIDTH, HEIGHT)["id"])


def finished(client: Client, sequence: str) -> None:
    wait_for(lambda: client.sequences.get(sequence)["state"] == "done", JOB_S, "the end of the sequence")


def results(client: Client, jobs: list[str]) -> list[bytes]:
    return [client.result(job).data for job in jobs]


def test_a_sequence_that_is_killed_goes_on_to_the_same_bytes(daemon: RealDaemon) -> None:
    sequence, jobs = send(daemon.client, [0, 1, 1])
    finished(daemon.client, sequence)
    whole = results(daemon.client, jobs)
    assert whole[0] != whole[1] == whole[2], "a held frame is that of before, to the byte"
    daemon.client.sequences.delete(sequence)
    sequence, jobs = send(daemon.client, [0, 1, 1])
    wait_for(lambda: daemon.client.job(jobs[1])["iteration"] >= 1, JOB_S, "the second frame")
    daemon.kill()
    daemon.start()
    view = daemon.client.sequences.get(sequence)
    assert [job["state"] for job in view["jobs"]] == ["done", "paused", "paused"]
    daemon.client.sequences.resume(sequence)
    finished(daemon.client, sequence)
    assert results(daemon.client, jobs) == whole
    daemon.client.sequences.paint_again(sequence, 2)
    assert daemon.client.sequences.get(sequence)["done"] < 3
    finished(daemon.client, sequence)
    assert results(daemon.client, jobs) == whole
    daemon.client.sequences.delete(sequence)
    assert not set(jobs) & {job["id"] for job in daemon.client.jobs()}


def test_other_keys_give_the_bytes_of_a_sequence_that_always_had_them(daemon: RealDaemon) -> None:
    client = daemon.client

    def keys(*pictures: tuple[int, int]) -> list[dict[str, Any]]:
        return [{"frame": n, "image": image(client, place), "content": image(client, n)} for n, place in pictures]

    quick = {"iterations": 4, "scales": 1}
    sequence, jobs = send(client, [1, 2, 3, 4], keys=keys((2, 20), (4, 50)), method=quick)
    finished(client, sequence)
    before = results(client, jobs)
    view = client.sequences.change_keys(sequence, keys((3, 30), (4, 50)))
    assert [job["key"] for job in view["jobs"]] == [False, False, True, True]
    finished(client, sequence)
    after = results(client, jobs)
    assert [one == other for one, other in zip(before, after, strict=True)] == [False, False, False, True]
    fresh, others = send(client, [1, 2, 3, 4], keys=keys((3, 30), (4, 50)), method=quick)
    finished(client, fresh)
    assert results(client, others) == after
    for each in (sequence, fresh):
        client.sequences.delete(each)
