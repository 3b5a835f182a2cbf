"""Live jobs: changes, rest, and what others' jobs have of a worker meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.jobs.conftest import write_preset
from tests.jobs.fakes import Shop, grey

from neural_style_server.errors import Conflict, ImageError, InvalidRequest, NotFound
from neural_style_server.jobs.record import CANCELLED, DONE, PAUSED, QUEUED, RUNNING
from neural_style_server.jobs.spec import ChangeSpec, JobSpec
from neural_style_server.jobs.task import TaskFile
from neural_style_server.validation import validate


def change(shop: Shop, job: str, **fields: Any) -> dict[str, Any]:
    return shop.controller.change(job, validate(ChangeSpec, fields))


def picture(shop: Shop, value: int, width: int = 8, height: int = 6) -> str:
    return str(shop.images.put(grey(value, width, height))["id"])


def task(shop: Shop, job: str) -> TaskFile:
    return TaskFile.read(shop.controller.folder(job))


@pytest.fixture
def live(shop: Shop) -> str:
    return shop.submit(live=True)


@pytest.fixture
def resting(shop: Shop, live: str) -> str:
    shop.worker.rest(live, 0)
    assert shop.job(live)["resting"]
    return live


def test_a_change_is_in_the_task_before_the_worker_is_told(shop: Shop, live: str) -> None:
    new = picture(shop, 10)
    view = change(shop, live, content=new, controls={"strength": 70}, size=64)
    assert (view["revision"], view["state"], view["request"]["content"]) == (1, RUNNING, new)
    assert shop.worker.ops()[-1] == "change"
    found = task(shop, live)
    assert (found.revision, found.content, found.size, found.live) == (1, new, 64, True)
    assert found.method["style_weight"] > view["recipe"]["style_weight"] - 1e-9
    assert shop.saved(live)["revision"] == 1


def test_what_a_change_does_not_name_stays(shop: Shop) -> None:
    job = shop.submit(live=True, controls={"strength": 80}, seed=5, mask=picture(shop, 255))
    before = task(shop, job)
    change(shop, job, content=picture(shop, 10))
    after = task(shop, job)
    assert (after.method, after.mask, after.regions) == (before.method, before.mask, before.regions)
    change(shop, job, mask=None)
    assert task(shop, job).mask is None and task(shop, job).method["seed"] == 5


def test_another_preset_brings_its_styles_under_names_of_their_own(shop: Shop, live: str, tmp_path: Path) -> None:
    write_preset(tmp_path / "built-in" / "oil", detail=60)
    shop.library.refresh()
    before = task(shop, live).regions[0].styles[0].file
    view = change(shop, live, preset="oil")
    after = task(shop, live).regions[0].styles[0].file
    folder = shop.controller.folder(live)
    assert before and after and before != after and (folder / before).is_file() and (folder / after).is_file()
    assert view["preset"] == "oil" and view["preset_source"]["name"] == "oil"


def test_changes_of_a_blend_leave_no_more_files_than_there_are_styles(shop: Shop, live: str, tmp_path: Path) -> None:
    write_preset(tmp_path / "built-in" / "oil", detail=60)
    shop.library.refresh()
    styles = shop.controller.folder(live) / "styles"
    for weight in range(1, 8):
        change(shop, live, blend=[{"preset": "oil", "weight": weight / 10}])
    used = {style.file for region in task(shop, live).regions for style in region.styles}
    assert len(list(styles.iterdir())) <= 2 and all(file and (styles.parent / file).is_file() for file in used)


def test_a_picture_that_was_replaced_is_deleted_unless_another_job_has_it(shop: Shop, live: str) -> None:
    first, second = picture(shop, 10), picture(shop, 20)
    shop.submit("other", content=first)
    for content in (first, second, picture(shop, 30)):
        change(shop, live, content=content)
    shop.images.get(first)
    with pytest.raises(NotFound):
        shop.images.get(second)


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"content": "0" * 64}, NotFound),
        ({"preset": "nobody-has-it"}, NotFound),
        ({"method": {"iterations": -1}}, InvalidRequest),
        ({"mask": "small"}, ImageError),
    ],
)
def test_a_change_that_cannot_be_leaves_all_as_it_was(
    shop: Shop, live: str, fields: dict[str, Any], error: type[Exception]
) -> None:
    before, view = task(shop, live), shop.job(live)
    fields = {key: picture(shop, 255, 4, 4) if value == "small" else value for key, value in fields.items()}
    with pytest.raises(error):
        change(shop, live, **fields)
    assert task(shop, live) == before and shop.job(live) == view
    shop.images.get(shop.content)


def test_regions_can_come_with_a_change(shop: Shop, live: str) -> None:
    change(shop, live, regions=[{"mask": shop.content, "preset": "ink"}])
    assert shop.job(live)["request"]["regions"][0]["mask"] == shop.content


def test_only_a_live_job_that_has_not_ended_can_be_changed(shop: Shop, live: str) -> None:
    with pytest.raises(Conflict, match="live"):
        change(shop, shop.submit("other"), size=64)
    shop.controller.cancel(live)
    with pytest.raises(Conflict, match="cancelled"):
        change(shop, live, size=64)


def test_frames_carry_the_change_that_they_show(shop: Shop, live: str) -> None:
    assert shop.job(live)["request"]["frames"] == {"seconds": 0.3}
    with pytest.raises(InvalidRequest, match="seconds"):
        validate(JobSpec, {"content": shop.content, "preset": "ink", "live": True, "frames": {"every": 2}})


def test_a_picture_that_has_settled_gives_its_worker_back(shop: Shop, resting: str) -> None:
    view = shop.job(resting)
    assert (view["state"], view["resting"]) == (RUNNING, True)
    assert shop.controller.status.counts() == {QUEUED: 0, RUNNING: 0}
    own = shop.submit()
    assert shop.state(own) == RUNNING
    shop.worker.done(own)
    shop.controller.unload()


def test_a_job_of_the_same_client_stands_beside_its_live_one(shop: Shop, live: str) -> None:
    assert shop.state(shop.submit()) == RUNNING
    assert shop.state(live) == RUNNING


def test_a_change_wakes_a_picture_that_rests(shop: Shop, resting: str) -> None:
    change(shop, resting, content=picture(shop, 10))
    view = shop.job(resting)
    assert (view["state"], view["resting"]) == (RUNNING, False)
    assert shop.worker.painting() == [resting]
    shop.worker.rest(resting, 1)
    assert shop.job(resting)["resting"]


def test_a_change_that_comes_as_the_picture_settles_is_painted(shop: Shop, live: str) -> None:
    shop.worker.settle()
    change(shop, live, content=picture(shop, 10))
    shop.worker.rest(live, 0)
    assert not shop.job(live)["resting"] and shop.worker.painting() == [live]


@pytest.mark.parametrize(
    ("action", "state"), [("pause", PAUSED), ("cancel", CANCELLED), ("delete", None), ("finish", RUNNING)]
)
def test_what_is_asked_of_a_picture_that_rests(shop: Shop, resting: str, action: str, state: str | None) -> None:
    shop.worker.obedient = False
    getattr(shop.controller, action)(resting)
    if state is None:
        with pytest.raises(NotFound):
            shop.job(resting)
        return
    assert shop.state(resting) == state
    if action == "finish":  # a worker writes the result
        assert shop.worker.ops()[-1] == "finish"
        shop.worker.done(resting)
        assert shop.state(resting) == DONE


def test_a_paused_one_takes_changes_and_waits(shop: Shop, live: str) -> None:
    shop.controller.pause(live)
    view = change(shop, live, content=picture(shop, 10))
    assert (view["state"], view["revision"]) == (PAUSED, 1)
    shop.controller.resume(live)
    assert shop.worker.painting() == [live]


def test_after_a_restart_it_is_paused_and_goes_on(shop: Shop, open_shop: Callable[..., Shop], resting: str) -> None:
    shop.close()
    again = open_shop()
    again.warm()
    assert (again.job(resting)["state"], again.job(resting)["resting"]) == (PAUSED, False)
    again.controller.resume(resting)
    assert again.worker.painting() == [resting]


def test_nobody_extends_a_live_job(shop: Shop, live: str) -> None:
    with pytest.raises(Conflict, match="goes on by itself"):
        shop.controller.extend(live, 5)


def test_it_is_told_when_it_rests_and_when_it_goes_on(shop: Shop, resting: str) -> None:
    change(shop, resting, content=picture(shop, 10))
    states = [data for name, data in shop.told(resting) if name == "state"]
    assert [(each["state"], each["resting"]) for each in states[-3:]] == [
        (RUNNING, True),
        (QUEUED, False),
        (RUNNING, False),
    ]
