"""Last values and parasites."""

from __future__ import annotations

import json
from pathlib import Path

from neural_style_client.parameters import Parameters
from run import records

CHOSEN = Parameters(preset="mosaic", controls={"detail": 12}, keep="every 5", seed=-1)

EARLIER = records.EarlierJob("job7", 12, 300, 77, (0, 0, 40, 30))


def test_a_layer_knows_the_job_that_made_it() -> None:
    assert records.earlier_job(records.pack(CHOSEN, EARLIER) + b"\0") == EARLIER
    assert records.earlier_job(records.pack(CHOSEN, EARLIER._replace(job="../unload"))) is None
    for other in (b"{}", b"[]", b'{"parameters": {}, "seed": 7, "iteration": 3}', b"\xff"):
        assert records.earlier_job(other) is None


def test_a_layer_knows_the_seed_that_made_it() -> None:
    found = records.unpack(records.pack(CHOSEN, EARLIER))
    assert found == CHOSEN.changed(seed=77)


def test_a_parasite_may_end_with_a_zero() -> None:
    assert records.unpack(records.pack(CHOSEN, EARLIER) + b"\0") is not None


def test_what_is_no_record_is_none() -> None:
    for data in (b"", b"{}", b"[]", b"\xff", b'{"parameters": 3}', b'{"parameters": {"quality": "superb"}}'):
        assert records.unpack(data) is None


def test_what_an_image_of_somebody_else_says_does_no_harm() -> None:
    deep = b"[" * 200_000
    endless = b'{"job": "a", "last_event": Infinity, "iteration": 1, "seed": 1, "box": [0, 0, 1, 1]}'
    for data in (deep, endless, b'[3, {"name": 4}, {"name": "a", "parameters": {"size": "large"}}]', b"\xff"):
        assert records.unpack(data) is records.earlier_job(data) is None
        assert records.history(data) == [] and records.history(None) == []


def test_an_image_knows_how_its_results_were_made_the_newest_first() -> None:
    data = None
    for number in range(records.KEPT_RESULTS + 5):
        record = records.pack(CHOSEN, EARLIER._replace(seed=number))
        data = records.history_with(data, f"result {number}", record)
    data = records.history_with(data, "again", records.pack(CHOSEN, EARLIER._replace(seed=20)))
    found = records.history(data)
    assert [name for name, _ in found[:2]] == ["again", "result 34"] and len(found) == records.KEPT_RESULTS
    assert found[0][1] == CHOSEN.changed(seed=20) and "result 20" not in [name for name, _ in found]
    assert records.history(records.history_with(b"{", "one", records.pack(CHOSEN, EARLIER)))[0][0] == "one"


def test_last_values_are_remembered(tmp_path: Path) -> None:
    assert records.LastValues(str(tmp_path)).parameters() is None
    records.LastValues(str(tmp_path)).remember(CHOSEN)
    records.LastValues(str(tmp_path)).remember_expert(True)
    last = records.LastValues(str(tmp_path))
    assert last.parameters() == CHOSEN
    assert last.expert_open()


def test_a_hidden_preview_is_remembered_beside_the_last_values(tmp_path: Path) -> None:
    last = records.LastValues(str(tmp_path))
    assert last.preview_shown()  # until the painter has hidden it
    last.remember(CHOSEN)
    last.remember_preview(False)
    last = records.LastValues(str(tmp_path))
    assert not last.preview_shown() and last.parameters() == CHOSEN


def test_a_kept_live_picture_came_from_no_job_that_could_go_on() -> None:
    record = records.pack(CHOSEN, records.EarlierJob("", 0, 0, CHOSEN.seed, (0, 0, 4, 4)))
    assert records.unpack(record) == CHOSEN and records.earlier_job(record) is None


def test_another_image_s_layers_have_other_numbers(tmp_path: Path) -> None:
    chosen = Parameters(preset="mosaic", start="image", start_layer="ground", start_tattoo=9)
    assert records.unpack(records.pack(chosen, EARLIER)) == chosen.changed(seed=77)
    records.LastValues(str(tmp_path)).remember(chosen)
    assert records.LastValues(str(tmp_path)).parameters() == chosen.changed(start_tattoo=0)


def test_broken_last_values_are_as_good_as_none(tmp_path: Path) -> None:
    (tmp_path / records.FILE_NAME).write_text("{nonsense")
    assert records.LastValues(str(tmp_path)).parameters() is None
    records.LastValues(str(tmp_path)).remember(CHOSEN)
    assert records.LastValues(str(tmp_path)).parameters() == CHOSEN
    assert (tmp_path / f"{records.FILE_NAME}.unreadable").read_text() == "{nonsense"


def test_records_of_version_0_1_0_are_read(tmp_path: Path) -> None:
    old = {"preset": "mosaic", "controls": {"detail": 12}, "keep": "every 5", "seamless": True, "seed": -1}
    (tmp_path / records.FILE_NAME).write_text(json.dumps({"version": 1, "parameters": old}))
    assert records.LastValues(str(tmp_path)).parameters() == CHOSEN.changed(seamless="on")
    parasite = json.dumps({"version": 1, "parameters": old, "seed": 7, "iteration": 3}).encode()
    assert records.unpack(parasite) == CHOSEN.changed(seamless="on")


def test_a_folder_that_cannot_be_written_harms_nobody(tmp_path: Path) -> None:
    records.LastValues(str(tmp_path / "nowhere")).remember(CHOSEN)


def test_a_result_that_was_deleted_can_come_back_where_its_place_is_known() -> None:
    placed = EARLIER._replace(place=(5, 6, 40, 30), canvas=(64, 48))
    data = records.history_with(None, "with a place", records.pack(CHOSEN, placed))
    data = records.history_with(data, "of an older version", records.pack(CHOSEN.changed(size=512), EARLIER))
    kept_live = placed._replace(job="")
    data = records.history_with(data, "of no job", records.pack(CHOSEN.changed(size=256), kept_live))
    ((name, parameters, earlier, _),) = records.returnable(data)
    assert (name, parameters, earlier) == ("with a place", CHOSEN.changed(seed=77), placed)
    assert [name for name, _ in records.history(data)] == ["of no job", "of an older version", "with a place"]


def test_what_anybody_may_have_written_into_a_history_is_left_out() -> None:
    odd = [{"name": "a"}, {"name": "b", "parameters": {}, "job": "../x", "box": [0, 0, 1, 1]}, 7]
    assert records.returnable(json.dumps(odd).encode()) == [] and records.returnable(b"no JSON") == []


def history_of(count: int, first: int = 0) -> bytes:
    """With so many results of different jobs, each with a place."""
    data = None
    for number in range(first, first + count):
        earlier = EARLIER._replace(job=f"job{number}", seed=number, place=(0, 0, 4, 4))
        data = records.history_with(data, f"result {number}", records.pack(CHOSEN, earlier))
    assert data is not None
    return data


def test_the_oldest_result_leaves_a_full_history_and_a_starred_one_stays() -> None:
    assert not records.is_full(history_of(records.KEPT_RESULTS - 1))
    data = history_of(records.KEPT_RESULTS)
    assert records.is_full(data)
    data = records.history_starred(data, "job0", True)
    assert not records.is_full(data)
    for number in (100, 101):
        earlier = EARLIER._replace(job=f"job{number}", seed=number, place=(0, 0, 4, 4))
        data = records.history_with(data, "newer", records.pack(CHOSEN, earlier))
    kept = [one.earlier.job for one in records.returnable(data)]
    assert len(kept) == records.KEPT_RESULTS + 1 and kept[:2] == ["job101", "job100"]
    assert "job0" in kept and "job1" not in kept and "job2" in kept
    assert [one.earlier.job for one in records.returnable(data) if one.starred] == ["job0"]
    assert not any(one.starred for one in records.returnable(records.history_starred(data, "job0", False)))


def test_what_is_painted_again_keeps_its_star() -> None:
    data = records.history_starred(history_of(2), "job1", True)
    again = EARLIER._replace(job="again", seed=1, place=(0, 0, 4, 4))
    found = records.returnable(records.history_with(data, "result", records.pack(CHOSEN, again)))
    assert [(one.earlier.job, one.starred) for one in found] == [("again", True), ("job0", False)]
