"""Sequences: frames in order, what keeps them waiting, and what is kept of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from types import MappingProxyType
from typing import Any

import numpy as np
import pytest
from tests.clips import scene
from tests.jobs.fakes import Shop, grey
from tests.waiting import wait_for

from neural_style_server.errors import Conflict, ImageError, InvalidRequest, NotFound
from neural_style_server.files import read_json
from neural_style_server.jobs import image_store
from neural_style_server.jobs.picture_files import picture_sum, read_picture
from neural_style_server.jobs.repaint import LET_GO_S
from neural_style_server.jobs.sequence_spec import AgainSpec, SequenceFrameSpec, SequenceSpec
from neural_style_server.jobs.sequences import Sequences
from neural_style_server.pixels import Picture
from neural_style_server.validation import validate


@pytest.fixture
def sequences(shop: Shop) -> Sequences:
    return shop.all.sequences


def start(shop: Shop, **more: Any) -> str:
    spec = validate(SequenceSpec, {"preset": "ink", "client": "krita-1", **more})
    return str(shop.all.sequences.start(spec)["id"])


def image(shop: Shop, value: int, width: int = 8, height: int = 6) -> str:
    return str(shop.images.put(grey(value, width, height))["id"])


def add(shop: Shop, sequence: str, value: int, **more: Any) -> str:
    """The job of the next frame, a grey picture."""
    body = {"content": image(shop, value), **more}
    return str(shop.all.sequences.add_frame(sequence, validate(SequenceFrameSpec, body))["id"])


def film(shop: Shop, count: int, **more: Any) -> tuple[str, list[str]]:
    """A sequence with so many frames, and their jobs."""
    sequence = start(shop, **more)
    return sequence, [add(shop, sequence, 10 + number) for number in range(count)]


def again(shop: Shop, sequence: str, frame: int, last: int | None = None) -> dict[str, Any]:
    return shop.all.sequences.again(sequence, AgainSpec(frame=frame, last=last))


def fail(shop: Shop, job: str) -> None:
    error = {"code": "x", "detail": "It broke.", "hint": "z"}
    shop.worker.end_run(shop.worker.run_of(job), "failed", error)


def states(shop: Shop, jobs: list[str]) -> str:
    """The first letters, in order."""
    return "".join(shop.state(job)[0] for job in jobs)


def forget_pictures(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """As the store does to make room: all that only finished jobs hold."""
    with monkeypatch.context() as patch:
        patch.setattr(image_store, "FRESH_S", -1.0)
        assert shop.images.evict(None, 10**9)


@pytest.mark.parametrize(
    "wrong",
    [
        {"preset": None},
        {"seed": -1},
        {"controls": {"strength": 500}},
        {"method": {"iterations": 0}},
        {"keys": [{"frame": 0, "image": "0" * 64}]},
        {"keys": [{"frame": 1, "image": "0"}]},
        {"keys": [{"frame": 1, "image": "0" * 64}, {"frame": 1, "image": "1" * 64}]},
        {"frames": {"every": 1}},
        {"regions": []},
    ],
)
def test_a_wrong_wish_is_refused_by_name(wrong: dict[str, Any]) -> None:
    with pytest.raises(InvalidRequest, match=next(iter(wrong))):
        validate(SequenceSpec, {"preset": "ink", **wrong})


def test_a_frame_begins_when_the_one_before_is_done(shop: Shop, sequences: Sequences) -> None:
    sequence, jobs = film(shop, 3)
    assert states(shop, jobs) == "rqq"
    assert shop.worker.painting() == jobs[:1]
    for number, job in enumerate(jobs):
        view = sequences.view(sequence)
        assert (view["state"], view["frames"], view["done"], view["detail"]) == ("running", 3, number, "")
        assert shop.worker.painting() == [job]
        shop.worker.done(job)
    view = sequences.view(sequence)
    assert (view["state"], view["done"], view["eta"]) == ("done", 3, 0)
    assert [entry["frame"] for entry in view["jobs"]] == [1, 2, 3]


def test_a_worker_finds_the_frame_before_in_its_task(shop: Shop) -> None:
    _, jobs = film(shop, 2)
    first, second = (read_json(shop.home / "jobs" / job / "task.json") for job in jobs)
    assert "previous" not in first, "as older programs read it"
    assert (first["extendable"], second["extendable"]) == (False, False), "so that no checkpoint has to travel"
    assert "extendable" not in read_json(shop.home / "jobs" / shop.submit() / "task.json")
    assert second["previous"] == {"content": image(shop, 10), "job": jobs[0]}
    assert second["content"] == image(shop, 11)


def test_a_frame_that_is_done_keeps_no_checkpoint(shop: Shop) -> None:
    """It is several times as large as the picture, and there may be thousands."""
    _, jobs = film(shop, 2)
    shop.worker.done(jobs[0])
    shop.settle()
    assert not list((shop.home / "jobs" / jobs[0]).glob("checkpoint*"))
    with pytest.raises(Conflict, match="no checkpoint"):
        shop.controller.extend(jobs[0], 5)


def test_others_pass_while_a_frame_waits(shop: Shop) -> None:
    sequence, jobs = film(shop, 2)
    shop.controller.pause(jobs[0])
    other = shop.submit("gimp-1")
    assert (states(shop, jobs), shop.state(other)) == ("pq", "running")
    view = shop.all.sequences.view(sequence)
    assert view["state"] == "paused"
    assert view["detail"].startswith("Frame 1 is paused; the frames after it wait.")


def test_all_frames_are_asked_for_the_same_but_for_their_own_presets(shop: Shop) -> None:
    sequence = start(shop, seed=7, size=64, controls={"strength": 70}, method={"iterations": 5})
    add(shop, sequence, 1)
    job = shop.job(add(shop, sequence, 2, preset="ink", blend=[]))
    assert (job["seed"], job["recipe"]["iterations"], job["client"]) == (7, 5, "krita-1")
    assert job["iterations"] == 2, "what goes on from another picture takes fewer"
    assert (job["request"]["size"], job["request"]["controls"]) == (64, {"strength": 70})
    assert job["sequence"]["frame"] == 2
    with pytest.raises(NotFound, match="chalk"):
        add(shop, sequence, 3, preset="chalk")
    assert shop.all.sequences.view(sequence)["frames"] == 2, "what was refused is no frame"


def test_a_failed_frame_keeps_the_others_waiting_and_can_be_done_again_alone(shop: Shop, sequences: Sequences) -> None:
    sequence, jobs = film(shop, 3)
    shop.worker.done(jobs[0])
    fail(shop, jobs[1])
    view = sequences.view(sequence)
    assert (view["state"], view["done"]) == ("paused", 1)
    assert view["detail"].startswith("Frame 2 has failed (It broke.); the frames after it wait.")
    assert [entry["state"] for entry in view["jobs"]] == ["done", "failed", "queued"]
    assert view["jobs"][1]["error"]["detail"] == "It broke."
    assert sequences.resume(sequence)["state"] == "running"
    assert states(shop, jobs) == "drq"
    shop.worker.done(jobs[1])
    assert states(shop, jobs) == "ddr"


def test_a_cancelled_frame_does_so_too(shop: Shop, sequences: Sequences) -> None:
    sequence, jobs = film(shop, 2)
    shop.controller.cancel(jobs[0])
    assert "Frame 1 was cancelled" in sequences.view(sequence)["detail"]
    assert not shop.worker.painting()
    shop.controller.unload()  # nothing is about to be painted


def test_a_sequence_is_paused_resumed_and_cancelled(shop: Shop, sequences: Sequences) -> None:
    sequence, jobs = film(shop, 3)
    shop.worker.done(jobs[0])
    assert sequences.pause(sequence)["state"] == "paused"
    assert states(shop, jobs) == "dpp"
    assert sequences.resume(sequence)["state"] == "running"
    assert states(shop, jobs) == "drq"
    assert sequences.cancel(sequence)["state"] == "cancelled"
    assert (states(shop, jobs), shop.worker.painting()) == ("dcc", [])


def test_frames_are_painted_again_from_one_on_or_alone(shop: Shop, sequences: Sequences) -> None:
    sequence, jobs = film(shop, 3)
    for job in jobs:
        shop.worker.done(job)
    folder = shop.home / "jobs" / jobs[1]
    view = again(shop, sequence, 2, 2)
    assert states(shop, jobs) == "drd"
    assert view["done"] == 2
    shop.settle()
    assert not list(folder.glob("result*")) and not list(folder.glob("checkpoint*"))
    assert shop.job(jobs[1])["iteration"] == 0
    shop.worker.done(jobs[1])
    again(shop, sequence, 2)
    assert states(shop, jobs) == "drq"


def test_frames_whose_pictures_are_gone_keep_their_results(
    shop: Shop, sequences: Sequences, monkeypatch: pytest.MonkeyPatch
) -> None:
    sequence, jobs = film(shop, 3)
    for job in jobs:
        shop.worker.done(job)
    forget_pictures(shop, monkeypatch)
    with pytest.raises(Conflict, match="A picture that frame 2 is painted from is no longer kept"):
        again(shop, sequence, 2)
    assert states(shop, jobs) == "ddd"
    assert all(read_picture(shop.home / "jobs" / job / "result") for job in jobs)
    for value in (10, 11, 12):
        image(shop, value)
    again(shop, sequence, 2)
    assert states(shop, jobs) == "drq"


def test_unfinished_frames_are_stopped_before_they_are_painted_again(shop: Shop) -> None:
    sequence, jobs = film(shop, 2)
    run = shop.worker.run_of(jobs[0])
    again(shop, sequence, 1)
    assert states(shop, jobs) == "rq"
    assert shop.worker.run_of(jobs[0]) != run


def test_nobody_waits_for_another_sequence_whose_frame_is_being_stopped(shop: Shop) -> None:
    shop.worker.obedient = False
    slow, jobs = film(shop, 1)
    other, run = start(shop), shop.worker.run_of(jobs[0])
    with ThreadPoolExecutor() as threads:
        painted_again = threads.submit(again, shop, slow, 1)
        try:
            wait_for(lambda: "cancel" in shop.worker.ops())
            assert threads.submit(add, shop, other, 50).result(LET_GO_S / 2)
            assert not painted_again.done()
        finally:
            shop.worker.end_run(run, "cancelled")
        assert painted_again.result(LET_GO_S)["state"] in ("queued", "running")


@pytest.mark.parametrize("wrong", [(0, None), (3, None), (2, 1), (1, 3)])
def test_no_frames_but_those_that_came_are_painted_again(shop: Shop, wrong: tuple[int, int | None]) -> None:
    sequence, _ = film(shop, 2)
    with pytest.raises(InvalidRequest):
        shop.all.sequences.again(sequence, validate(AgainSpec, {"frame": wrong[0], "last": wrong[1]}))


def test_a_frame_whose_predecessor_is_gone_is_refused(shop: Shop, sequences: Sequences) -> None:
    sequence, jobs = film(shop, 2)
    for job in jobs:
        shop.worker.done(job)
    shop.controller.delete(jobs[0])
    with pytest.raises(Conflict, match="Frame 1"):
        again(shop, sequence, 2)
    shop.controller.delete(jobs[1])
    with pytest.raises(Conflict, match="Frame 2, which the next one follows, is no longer kept"):
        add(shop, sequence, 90)
    assert sequences.view(sequence)["state"] == "done"


def test_frames_have_the_size_of_the_first(shop: Shop) -> None:
    sequence, _ = film(shop, 1)
    body = SequenceFrameSpec(content=image(shop, 9, 9, 6))
    with pytest.raises(ImageError, match="Frame 2 is 9 × 6 pixels, the sequence 8 × 6") as caught:
        shop.all.sequences.add_frame(sequence, body)
    assert caught.value.code == "other_size"


def test_the_frame_that_another_is_painted_from_cannot_be_deleted(shop: Shop, sequences: Sequences) -> None:
    sequence, jobs = film(shop, 2)
    shop.worker.done(jobs[0])
    with pytest.raises(Conflict, match="painted from this one"):
        shop.controller.delete(jobs[0])
    shop.worker.done(jobs[1])
    shop.controller.delete(jobs[0])
    view = sequences.view(sequence)
    assert (view["done"], view["frames"], len(view["jobs"])) == (2, 2, 1)


def test_a_deleted_frame_takes_its_picture_with_it_unless_another_needs_that(shop: Shop, sequences: Sequences) -> None:
    sequence = start(shop)
    jobs = [add(shop, sequence, value) for value in (1, 2, 1)]
    shop.submit(content=image(shop, 3))
    jobs += [add(shop, sequence, value) for value in (3, 4)]
    for job in jobs:
        shop.worker.done(job)

    def kept(value: int) -> bool:
        return (shop.home / "images" / f"{picture_sum(grey(value))}.raw").is_file()

    for job in jobs[:2]:
        shop.controller.delete(job)
    assert (kept(1), kept(2)) == (True, True), "the third frame has both"
    sequences.delete(sequence)
    assert [kept(value) for value in (1, 2, 3, 4)] == [False, False, True, False]


def test_a_deleted_sequence_is_gone_with_its_jobs(shop: Shop, sequences: Sequences) -> None:
    other = shop.submit()
    sequence, _ = film(shop, 3)
    sequences.delete(sequence)
    assert [job["id"] for job in shop.controller.jobs()] == [other]
    assert not list((shop.home / "sequences").iterdir())
    for call in (sequences.view, sequences.cancel, sequences.pause, sequences.resume, sequences.delete):
        with pytest.raises(NotFound, match=sequence):
            call(sequence)
    with pytest.raises(NotFound):
        add(shop, sequence, 1)


def test_what_a_waiting_frame_is_painted_from_is_never_tidied_away(open_shop: Callable[..., Shop]) -> None:
    shop = open_shop(max_jobs_kept=0, max_images=3, result_keep_s=0.0)
    shop.warm()
    _, jobs = film(shop, 2)
    shop.worker.done(jobs[0])
    shop.all.retention.delete_old()
    assert shop.state(jobs[0]) == "done"
    shop.images.sweep(0.0, 2e9)
    assert shop.images.get(image(shop, 10)), "the predecessor's content"
    shop.worker.done(jobs[1])
    shop.all.retention.delete_old()
    with pytest.raises(NotFound):
        shop.state(jobs[0])


def test_the_last_frame_stays_for_the_next_one_whatever_the_number(open_shop: Callable[..., Shop]) -> None:
    shop = open_shop(max_jobs_kept=0)
    shop.warm()
    sequence, jobs = film(shop, 2)
    for job in jobs:
        shop.worker.done(job)
    shop.all.retention.delete_old()
    assert [job["id"] for job in shop.controller.jobs()] == [jobs[1]]
    assert shop.state(add(shop, sequence, 50)) == "running"


def test_a_sequence_outlives_the_daemon_and_goes_on_with_the_right_frame(open_shop: Callable[..., Shop]) -> None:
    first = open_shop()
    first.warm()
    sequence, jobs = film(first, 3)
    first.worker.done(jobs[0])
    first.close()
    second = open_shop()
    second.warm()
    view = second.all.sequences.view(sequence)
    assert (view["state"], view["done"], view["frames"]) == ("paused", 1, 3)
    second.all.sequences.resume(sequence)
    assert states(second, jobs) == "drq"
    jobs.append(add(second, sequence, 80))
    assert second.job(jobs[3])["sequence"]["frame"] == 4
    for job in jobs[1:]:
        assert second.worker.painting() == [job]
        second.worker.done(job)


def test_a_record_that_is_behind_its_jobs_is_put_right(open_shop: Callable[..., Shop]) -> None:
    """The daemon may be killed between a frame's job and the sequence's record."""
    first = open_shop()
    sequence, _ = film(first, 1)
    path = first.home / "sequences" / f"{sequence}.json"
    before = path.read_bytes()
    add(first, sequence, 90)
    first.close()
    path.write_bytes(before)
    assert open_shop().all.sequences.view(sequence)["frames"] == 2


@pytest.mark.parametrize("data", [b"", b"{}", b"[1]", b'{"id": "x", "request": {"preset": "ink"}}'])
def test_a_damaged_record_is_set_aside(open_shop: Callable[..., Shop], data: bytes) -> None:
    first = open_shop()
    sequence, _ = film(first, 1)
    first.close()
    path = first.home / "sequences" / f"{sequence}.json"
    path.write_bytes(data)
    with pytest.raises(NotFound):
        open_shop().all.sequences.view(sequence)
    assert (path.parent / ".unreadable" / path.name).read_bytes() == data


def test_old_sequences_without_jobs_are_forgotten(open_shop: Callable[..., Shop]) -> None:
    first = open_shop()
    empty, (full, _) = start(first), film(first, 1)
    first.close()
    assert {view["id"] for view in open_shop().all.sequences.views()} == {empty, full}
    kept = open_shop(paused_keep_s=-1.0)
    assert [view["id"] for view in kept.all.sequences.views()] == [full]


def test_without_the_extra_nothing_begins(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("neural_style_server.jobs.sequences.importlib.util.find_spec", lambda name: None)
    with pytest.raises(Conflict, match="extra 'video'") as caught:
        start(shop)
    assert (caught.value.code, "pip install" in caught.value.hint) == ("needs_video", True)


# scenes


def shots(
    shop: Shop, *scenes: int, asked: Mapping[str, Any] = MappingProxyType({}), **more: Any
) -> tuple[str, list[str]]:
    """A sequence with a frame of each of these scenes in order, and the frames' jobs."""
    sequence, jobs = start(shop, **asked), []
    for place, seed in enumerate(scenes):
        pixels = np.dstack([scene(seed, place), np.full((48, 64), 255, "u1")])
        body = SequenceFrameSpec(content=str(shop.images.put(Picture(pixels, "RGBA8"))["id"]), **more)
        jobs.append(str(shop.all.sequences.add_frame(sequence, body)["id"]))
    return sequence, jobs


@pytest.fixture
def pair(open_shop: Callable[..., Shop]) -> Shop:
    """Two workers, both ready."""
    shop = open_shop(devices=2)
    warming = [shop.submit(str(number)) for number in range(2)]
    for worker in shop.workers:
        worker.ready()
    for job in warming:
        shop.controller.cancel(job)
    shop.settle()
    return shop


def test_two_scenes_are_painted_at_once_and_the_frames_of_one_in_order(pair: Shop) -> None:
    sequence, jobs = shots(pair, 1, 1, 2, 2)
    assert states(pair, jobs) == "rqrq"
    assert {job: worker for worker in pair.workers for job in worker.painting()}.keys() == {jobs[0], jobs[2]}
    places = [pair.job(job)["sequence"] for job in jobs]
    assert [place["previous"] for place in places] == [None, jobs[0], None, jobs[2]]
    assert [place["frame"] for place in places] == [1, 2, 3, 4]
    painter = next(worker for worker in pair.workers if jobs[2] in worker.painting())
    painter.done(jobs[2])
    assert states(pair, jobs) == "rqdr", "the second scene does not wait for the first"
    view = pair.all.sequences.view(sequence)
    assert (view["state"], view["done"], view["detail"]) == ("running", 1, "")


def test_scenes_go_on_at_once_after_a_restart(pair: Shop, open_shop: Callable[..., Shop]) -> None:
    sequence, jobs = shots(pair, 1, 1, 2)
    pair.close()
    second = open_shop(devices=2)
    assert second.all.sequences.resume(sequence)["state"] != "paused"
    for worker in second.workers:
        worker.ready()
    assert states(second, jobs) == "rqr"
    again(second, sequence, 2)
    assert states(second, jobs) == "rqr"


def test_a_scene_that_is_painted_ahead_goes_with_its_client_and_not_before(pair: Shop) -> None:
    _, jobs = shots(pair, 1, 2, asked={"on_disconnect": "cancel"})
    first, second = (pair.live(job) for job in jobs)
    assert first.log.abandoned is not None and second.log.abandoned is not None
    stream = pair.controller.events(jobs[0], 0, 1)
    next(stream)
    second.since -= 60
    second.log.abandoned()
    assert states(pair, jobs) == "rr", "its client follows the first scene"
    next(worker for worker in pair.workers if jobs[0] in worker.painting()).done(jobs[0])
    stream.close()
    second.log.abandoned()
    assert states(pair, jobs) == "dr", "the client fetches the first result"
    assert first.log.left is not None
    first.log.left -= 60
    second.log.abandoned()
    assert states(pair, jobs) == "dc"


def test_with_one_worker_each_frame_follows_the_one_before(shop: Shop) -> None:
    _, jobs = shots(shop, 1, 2)
    assert states(shop, jobs) == "rq"
    assert shop.job(jobs[1])["sequence"]["previous"] == jobs[0]


def test_where_a_part_is_selected_the_worker_decides(pair: Shop) -> None:
    _, jobs = shots(pair, 1, 2, mask=image(pair, 200, 64, 48))
    assert states(pair, jobs) == "rq"


# keys


def test_a_key_is_the_result_of_its_frame_and_others_follow_it(shop: Shop, sequences: Sequences) -> None:
    sequence, jobs = film(shop, 3, keys=[{"frame": 2, "image": image(shop, 77)}])
    assert states(shop, jobs) == "rdq", "the third waits for nothing but the worker"
    found = read_picture(shop.home / "jobs" / jobs[1] / "result")
    assert found is not None and np.array_equal(found[0].pixels, grey(77).pixels)
    assert [entry["key"] for entry in sequences.view(sequence)["jobs"]] == [False, True, False]
    shop.worker.done(jobs[0])
    assert states(shop, jobs) == "ddr"
    again(shop, sequence, 1)
    assert states(shop, jobs) == "rdq", "a key is never painted"


def test_a_frame_can_bring_its_own_key(shop: Shop) -> None:
    sequence = start(shop)
    jobs = [add(shop, sequence, 1, key=image(shop, 55)), add(shop, sequence, 2)]
    assert states(shop, jobs) == "dr"
    found = read_picture(shop.home / "jobs" / jobs[0] / "result")
    assert found is not None and found[0].pixels[0, 0, 0] == 55


def test_a_key_takes_the_frame_s_format(shop: Shop) -> None:
    sequence = start(shop, keys=[{"frame": 1, "image": image(shop, 77)}])
    deep = shop.images.put(Picture(np.full((6, 8, 4), 65535, np.uint16), "RGBA16"))["id"]
    job = shop.all.sequences.add_frame(sequence, SequenceFrameSpec(content=str(deep)))
    found = read_picture(shop.home / "jobs" / job["id"] / "result")
    assert found is not None and found[0].format == "RGBA16"
    assert found[0].pixels[0, 0].tolist() == [77 * 257] * 3 + [65535]


def test_a_key_of_another_size_is_refused_by_its_frame(shop: Shop) -> None:
    sequence = start(shop, keys=[{"frame": 2, "image": image(shop, 77, 7, 6)}])
    add(shop, sequence, 1)
    with pytest.raises(ImageError, match="Frame 2: the key is 7 × 6 pixels, its frame 8 × 6"):
        add(shop, sequence, 2)
    assert len(shop.controller.jobs()) == 1


def drawn_to(shop: Shop, job: str) -> Any:
    """The picture, the content and the distance in a job's task."""
    found = read_json(shop.home / "jobs" / job / "task.json").get("drawn_to")
    return None if found is None else (found["image"], found["content"], found["frames"])


def test_the_frames_before_a_key_are_drawn_to_it_and_those_after_to_the_next(shop: Shop) -> None:
    first, second = (image(shop, 70), image(shop, 11)), (image(shop, 80), image(shop, 14))
    keys = [{"frame": n, "image": key, "content": own} for n, (key, own) in ((5, second), (2, first))]
    _, jobs = film(shop, 6, keys=keys)
    assert [drawn_to(shop, job) for job in jobs] == [(*first, 1), None, (*second, 2), (*second, 1), None, None]


def test_a_key_without_its_content_is_followed_only(shop: Shop) -> None:
    _, jobs = film(shop, 2, keys=[{"frame": 2, "image": image(shop, 70)}])
    assert drawn_to(shop, jobs[0]) is None


def test_a_frame_can_be_drawn_to_a_picture_of_its_own(shop: Shop) -> None:
    sequence = start(shop)
    other = {"image": image(shop, 70), "content": image(shop, 30), "frames": 1.4}
    job = add(shop, sequence, 1, drawn_to=other)
    assert drawn_to(shop, job) == (other["image"], other["content"], 1.4)
    assert shop.job(job)["sequence"]["drawn_to"] == other
    shop.images.sweep(0.0, 2e9)
    assert shop.images.get(other["image"]) and shop.images.get(other["content"]), "they stay as long as it needs them"
    with pytest.raises(ImageError, match=r"Frame 2: drawn_to\.image is 7 × 6 pixels, its frame 8 × 6"):
        add(shop, sequence, 2, drawn_to={**other, "image": image(shop, 70, 7, 6)})


def test_three_hundred_keys_work(shop: Shop) -> None:
    keys = [{"frame": n, "image": image(shop, n % 200), "content": image(shop, n % 90)} for n in range(1, 302)]
    with pytest.raises(InvalidRequest, match="keys"):
        start(shop, keys=keys)
    sequence = start(shop, keys=keys[:300])
    assert [shop.state(add(shop, sequence, n % 90)) for n in range(1, 4)] == ["done"] * 3


def test_an_unknown_preset_or_key_leaves_nothing_behind(shop: Shop) -> None:
    for wrong in ({"preset": "chalk"}, {"keys": [{"frame": 1, "image": "0" * 64}]}):
        with pytest.raises(NotFound):
            start(shop, **wrong)
    assert not list((shop.home / "sequences").iterdir())
    assert shop.all.sequences.views() == []
