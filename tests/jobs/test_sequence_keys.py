"""Other keys for a sequence that is being painted: only what they change is painted again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from tests.jobs.fakes import Shop, grey
from tests.jobs.test_sequences import add, drawn_to, film, image, start, states

from neural_style_server.errors import Conflict, ImageError, InvalidRequest, NotFound
from neural_style_server.jobs.picture_files import read_picture
from neural_style_server.jobs.sequence_keys import Keys, changed_frames
from neural_style_server.jobs.sequence_spec import SequenceChangeSpec, SequenceSpec
from neural_style_server.validation import validate


def keys(shop: Shop, *given: tuple[int, int], alone: bool = False) -> list[dict[str, Any]]:
    """Of (frame, grey value); with the frame's content unless it is `alone`."""
    content = {} if alone else {"content": image(shop, 10)}
    return [{"frame": frame, "image": image(shop, value), **content} for frame, value in given]


def change(shop: Shop, sequence: str, *given: tuple[int, int], alone: bool = False) -> dict[str, Any]:
    spec = validate(SequenceChangeSpec, {"keys": keys(shop, *given, alone=alone)})
    return shop.all.sequences.change(sequence, spec)


def painted(shop: Shop, count: int, *given: tuple[int, int], alone: bool = False) -> tuple[str, list[str]]:
    """A sequence all of whose frames are done."""
    sequence, jobs = film(shop, count, keys=keys(shop, *given, alone=alone))
    for job in jobs:
        if shop.state(job) != "done":
            shop.worker.done(job)
    assert states(shop, jobs) == "d" * count
    return sequence, jobs


def finish(shop: Shop, jobs: list[str]) -> list[int]:
    """Paint what is not done, in order; which frames that were."""
    found = []
    for number, job in enumerate(jobs, 1):
        if shop.state(job) != "done":
            shop.worker.done(job)
            found.append(number)
    return found


def result(shop: Shop, job: str) -> int:
    found = read_picture(shop.home / "jobs" / job / "result")
    assert found is not None
    return int(found[0].pixels[0, 0, 0])


def test_a_changed_key_makes_only_its_own_span_new(shop: Shop) -> None:
    sequence, jobs = painted(shop, 9, (3, 70), (7, 80))
    before = {job: shop.job(job)["finished"] for job in jobs}
    view = change(shop, sequence, (3, 75), (7, 80))
    assert states(shop, jobs) == "rqdqqqddd"
    assert (view["state"], view["done"]) == ("running", 4)
    assert finish(shop, jobs) == [1, 2, 4, 5, 6]
    assert result(shop, jobs[2]) == 75
    assert drawn_to(shop, jobs[0]) == (image(shop, 75), image(shop, 10), 2)
    assert [shop.job(job)["finished"] == before[job] for job in jobs] == [False] * 6 + [True] * 3


def test_a_key_that_is_taken_away_leaves_its_frame_to_be_painted(shop: Shop) -> None:
    sequence, jobs = painted(shop, 6, (2, 70), (4, 75), (6, 80))
    view = change(shop, sequence, (2, 70), (6, 80))
    assert [entry["key"] for entry in view["jobs"]] == [False, True, False, False, False, True]
    assert finish(shop, jobs) == [3, 4, 5]
    assert result(shop, jobs[3]) == 200, "the worker's"
    assert drawn_to(shop, jobs[3]) == (image(shop, 80), image(shop, 10), 2)
    assert drawn_to(shop, jobs[0]) == (image(shop, 70), image(shop, 10), 1)


def test_a_key_that_comes_divides_its_span(shop: Shop) -> None:
    sequence, jobs = painted(shop, 6, (6, 80))
    change(shop, sequence, (3, 70), (6, 80))
    assert states(shop, jobs) == "rqdqqd", "what follows a key waits for the worker alone"
    assert finish(shop, jobs) == [1, 2, 4, 5]
    assert result(shop, jobs[2]) == 70
    assert drawn_to(shop, jobs[2]) is None


def test_a_key_without_its_content_changes_nothing_before_it(shop: Shop) -> None:
    sequence, jobs = painted(shop, 5, (3, 70), alone=True)
    change(shop, sequence, (3, 75), alone=True)
    assert finish(shop, jobs) == [4, 5]


def test_a_running_frame_is_stopped_and_begun_again(shop: Shop) -> None:
    sequence, jobs = film(shop, 3, keys=keys(shop, (3, 70)))
    shop.worker.done(jobs[0])
    run = shop.worker.run_of(jobs[1])
    change(shop, sequence, (3, 75))
    assert states(shop, jobs) == "rqd"
    shop.worker.done(jobs[0])
    assert shop.worker.run_of(jobs[1]) != run
    assert finish(shop, jobs) == [2]


def test_the_same_keys_change_nothing(shop: Shop) -> None:
    sequence, jobs = painted(shop, 4, (3, 70))
    assert change(shop, sequence, (3, 70))["state"] == "done"
    assert states(shop, jobs) == "dddd"


def test_keys_of_frames_to_come_are_taken_then(shop: Shop) -> None:
    sequence, jobs = painted(shop, 2, (2, 70))
    change(shop, sequence, (2, 70), (4, 75))
    assert states(shop, jobs) == "dd"
    jobs += [add(shop, sequence, 60), add(shop, sequence, 61)]
    assert drawn_to(shop, jobs[2]) == (image(shop, 75), image(shop, 10), 1)
    assert result(shop, jobs[3]) == 75


def test_what_came_with_a_frame_stays(shop: Shop) -> None:
    sequence = start(shop, keys=keys(shop, (5, 80)))
    other = {"image": image(shop, 30), "content": image(shop, 31), "frames": 9}
    jobs = [add(shop, sequence, 10 + n, **more) for n, more in enumerate(({}, {"key": image(shop, 55)}, {}, {}))]
    jobs.append(add(shop, sequence, 15))
    jobs.append(add(shop, sequence, 16, drawn_to=other))
    finish(shop, jobs)
    change(shop, sequence, (5, 85))
    assert finish(shop, jobs) == [1, 3, 4, 6]
    assert result(shop, jobs[1]) == 55
    assert drawn_to(shop, jobs[5]) == (other["image"], other["content"], 9)


def test_the_new_pictures_stay_as_long_as_they_are_needed(shop: Shop) -> None:
    sequence, _jobs = painted(shop, 2, (2, 70))
    change(shop, sequence, (2, 75), (9, 76))
    shop.images.sweep(0.0, 2e9)
    assert all(shop.images.get(image(shop, value)) for value in (75, 76))
    shop.all.sequences.delete(sequence)
    shop.images.sweep(0.0, 2e9)
    assert not list((shop.home / "images").glob("*.raw"))


@pytest.mark.parametrize("content", [False, True])
def test_a_key_of_another_size_is_refused_before_anything_is_stopped(shop: Shop, content: bool) -> None:
    sequence, jobs = film(shop, 2)
    odd, own = image(shop, 77, 7, 6), image(shop, 78)
    key = {"frame": 2, "image": own, "content": odd} if content else {"frame": 2, "image": odd}
    with pytest.raises(ImageError, match=r"Frame 2: the key.* is 7 × 6 pixels, its frame 8 × 6"):
        shop.all.sequences.change(sequence, validate(SequenceChangeSpec, {"keys": [key]}))
    assert states(shop, jobs) == "rq"


def test_what_cannot_be_is_refused_and_nothing_has_changed(shop: Shop) -> None:
    sequence, jobs = painted(shop, 4, (3, 70))
    with pytest.raises(NotFound):
        missing = {"keys": [{"frame": 1, "image": "0" * 64}]}
        shop.all.sequences.change(sequence, validate(SequenceChangeSpec, missing))
    shop.controller.delete(jobs[0])
    with pytest.raises(Conflict, match="Frame 1") as caught:
        change(shop, sequence, (3, 75))
    assert caught.value.code == "not_kept"
    assert (states(shop, jobs[1:]), result(shop, jobs[2])) == ("ddd", 70)
    with pytest.raises(NotFound):
        change(shop, "f" * 16)
    for wrong in ({}, {"keys": None}, {"keys": [{"frame": 1, "image": "0" * 64}] * 2}, {"preset": "ink"}):
        with pytest.raises(InvalidRequest):
            validate(SequenceChangeSpec, wrong)


def test_other_keys_outlive_the_daemon(open_shop: Callable[..., Shop]) -> None:
    first = open_shop()
    first.warm()
    sequence, jobs = painted(first, 3, (2, 70))
    change(first, sequence, (2, 75), (4, 76))
    assert finish(first, jobs) == [1, 3]
    first.close()
    second = open_shop()
    second.warm()
    last = add(second, sequence, 60)
    assert (second.state(last), result(second, last), result(second, jobs[1])) == ("done", 76, 75)
    assert np.array_equal(second.images.get(image(second, 75)).pixels, grey(75).pixels)


def test_frames_that_change_are_those_that_are_drawn_to_something_else_and_all_that_follow_them() -> None:
    def of(*frames: int, content: str | None = "c" * 64) -> Keys:
        given = [{"frame": n, "image": "a" * 64, **({} if content is None else {"content": content})} for n in frames]
        return Keys(validate(SequenceSpec, {"preset": "ink", "keys": given}))

    assert changed_frames(of(4), of(), [], 6) == [1, 2, 3, 4, 5, 6]
    assert changed_frames(of(), of(9), [], 6) == [1, 2, 3, 4, 5, 6], "all are drawn to it"
    assert changed_frames(of(2, 4, 8), of(2, 4, 6, 8), [], 9) == [5, 6, 7]
    assert changed_frames(of(4, content=None), of(content=None), [], 6) == [4, 5, 6]
    assert changed_frames(of(4), of(), [5], 6) == [1, 2, 3, 4]


def test_a_key_that_came_with_its_frame_stays_whatever_the_sequence_s_are(shop: Shop) -> None:
    sequence = start(shop)
    own = {2: {"key": image(shop, 99)}}
    jobs = [add(shop, sequence, 10 + number, **own.get(number, {})) for number in range(4)]
    finish(shop, jobs)
    for given in ([(3, 70)], []):
        change(shop, sequence, *given, alone=True)
        assert finish(shop, jobs) == []
        assert result(shop, jobs[2]) == 99


def test_a_scene_ends_what_a_key_makes_new() -> None:
    none, first = (Keys(SequenceSpec(preset="ink", keys=found)) for found in ((), ({"frame": 1, "image": "0" * 64},)))
    assert changed_frames(none, first, [], 6) == [1, 2, 3, 4, 5, 6]
    assert changed_frames(none, first, [], 6, first=[4]) == [1, 2, 3]
    assert changed_frames(none, first, [3], 6) == [1, 2]


def test_a_frame_that_brought_what_it_is_drawn_to_is_not_new() -> None:
    key = {"frame": 3, "image": "0" * 64, "content": "1" * 64}
    none, last = (Keys(SequenceSpec(preset="ink", keys=found)) for found in ((), (key,)))
    assert changed_frames(none, last, [], 3) == [1, 2, 3]
    assert changed_frames(none, last, [], 3, first=[2], drawn=[2]) == [1, 3]
