"""Every bad value of a job's request is refused, naming the key."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from neural_style_server.errors import InvalidRequest
from neural_style_server.jobs.record import named_images
from neural_style_server.jobs.spec import MOST_CHOSEN_FRAMES, MOST_PREVIEWS, FrameSpec, JobSpec, most_previews
from neural_style_server.validation import json_schema, meaning, validate

IMAGE = "a" * 64
GOOD: dict[str, Any] = {"content": IMAGE, "preset": "ink"}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
PART = {"left": 0, "top": 0, "width": 1, "height": 1}
BAD = [
    ("content", None),
    ("content", ""),
    ("content", "A" * 64),
    ("content", "../" * 20),
    ("content", 5),
    ("preset", None),
    ("preset", ""),
    ("preset", "x" * 129),
    ("preset", ["ink"]),
    ("size", 15),
    ("size", 16_385),
    ("size", 96.0),
    ("size", True),
    ("size", "96"),
    ("seed", -1),
    ("seed", 2**63),
    ("seed", 0.5),
    ("client", ""),
    ("client", 7),
    ("on_disconnect", "explode"),
    ("on_disconnect", []),
    ("controls", []),
    ("method", "fast"),
    ("mask", "0"),
    ("init", {}),
    ("colour", "mine"),
    ("frames", []),
    ("frames", {}),
    ("frames", {"every": 1, "at": [1]}),
    ("frames", {"every": 0}),
    ("frames", {"every": True}),
    ("frames", {"every": 1.5}),
    ("frames", {"at": []}),
    ("frames", {"at": [0]}),
    ("frames", {"at": ["1"]}),
    ("frames", {"at": list(range(1, MOST_CHOSEN_FRAMES + 2))}),
    ("frames", {"seconds": 0}),
    ("frames", {"seconds": math.nan}),
    ("frames", {"seconds": math.inf}),
    ("frames", {"often": 1}),
    ("frames", {"every": 2, "at": [1], "seconds": 2}),
    ("frames", {"every": 2, "seconds": 0}),
    ("frames", {"at": [0], "seconds": 2}),
    ("frames", {"seconds": 2, "often": 1}),
    ("blend", {}),
    ("blend", [{}]),
    ("blend", [{"preset": "ink"}]),
    ("blend", [{"weight": 1}]),
    ("blend", [{"preset": "ink", "weight": 0}]),
    ("blend", [{"preset": "ink", "weight": -1}]),
    ("blend", [{"preset": "ink", "weight": 1001}]),
    ("blend", [{"preset": "ink", "weight": math.nan}]),
    ("blend", [{"preset": "ink", "weight": "1"}]),
    ("blend", [{"preset": "ink", "weight": True}]),
    ("blend", [{"preset": "ink", "weight": 1, "share": 1}]),
    ("blend", [{"preset": name, "weight": 1} for name in "abcd"]),
    ("regions", []),
    ("regions", {}),
    ("regions", [{}]),
    ("regions", [{"mask": IMAGE}]),
    ("regions", [{"mask": IMAGE, "preset": "ink", "style": IMAGE}]),
    ("regions", [{"mask": IMAGE, "preset": ""}]),
    ("regions", [{"mask": IMAGE, "preset": 1}]),
    ("regions", [{"mask": "x", "preset": "ink"}]),
    ("regions", [{"mask": IMAGE, "style": "x"}]),
    ("regions", [{"mask": IMAGE, "preset": "ink", "extra": 1}]),
    ("regions", [{"mask": IMAGE, "preset": "ink"}] * 17),
    ("regions", [{"mask": IMAGE, "preset": "ink", "blend": [{"preset": "pen", "weight": 0}]}]),
    ("regions", [{"mask": IMAGE, "preset": "ink", "style_part": None}]),
    ("regions", [{"mask": IMAGE, "preset": "ink", "style_part": [0, 0, 1, 1]}]),
    ("regions", [{"mask": IMAGE, "preset": "ink", "style_part": {**PART, "left": -0.1}}]),
    ("regions", [{"mask": IMAGE, "preset": "ink", "style_part": {**PART, "top": 1}}]),
    ("regions", [{"mask": IMAGE, "preset": "ink", "style_part": {**PART, "width": 0}}]),
    ("regions", [{"mask": IMAGE, "preset": "ink", "style_part": {**PART, "height": math.nan}}]),
    ("regions", [{"mask": IMAGE, "preset": "ink", "style_part": {**PART, "right": 1}}]),
]


@pytest.mark.parametrize(("key", "value"), BAD)
def test_a_bad_value_is_refused_by_its_name(key: str, value: Any) -> None:
    with pytest.raises(InvalidRequest) as caught:
        validate(JobSpec, {**GOOD, key: value})
    assert key in caught.value.detail


@pytest.mark.parametrize("key", ["content", "preset"])
def test_what_must_be_there_is_missed(key: str) -> None:
    with pytest.raises(InvalidRequest, match=f"{key} is missing"):
        validate(JobSpec, {name: value for name, value in GOOD.items() if name != key})


@pytest.mark.parametrize("body", [None, [], "text", 5])
def test_a_body_must_be_an_object(body: Any) -> None:
    with pytest.raises(InvalidRequest, match="The body must be a mapping"):
        validate(JobSpec, body)


@pytest.mark.parametrize("key", ["content", "preset", "size", "seed", "client", "frames", "mask"])
def test_a_huge_value_does_not_come_back_in_the_message(key: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        validate(JobSpec, {**GOOD, key: {"every": "x" * 100_000} if key == "frames" else ["x" * 100_000]})
    assert len(caught.value.detail) < 400


@given(st.dictionaries(st.sampled_from([*JobSpec.model_fields, "other"]), JSON))
def test_no_value_at_all_does_worse_than_being_refused(body: dict[str, Any]) -> None:
    try:
        spec = validate(JobSpec, {**GOOD, **body})
    except InvalidRequest as error:
        assert all(any(key in line for key in body) for line in error.detail.splitlines())
        return
    assert IMAGE in named_images(spec.model_dump(mode="json"))


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({"strength": 40}, "unknown key 'strength'; did you mean 'controls.strength'?"),
        ({"method": {"strenght": 40}}, "method: unknown key 'strenght'; did you mean 'controls.strength'?"),
        ({"controls": {"iterations": 40}}, "controls: unknown key 'iterations'; did you mean 'method.iterations'?"),
        ({"frames": {"evry": 1}}, "frames: unknown key 'evry'; did you mean 'every'?"),
        ({"zzz": []}, "unknown key 'zzz'; known are preset, blend, controls, method, size, client"),
    ],
)
def test_an_unknown_key_is_refused_with_the_near_one_wherever_that_belongs(body: dict[str, Any], told: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        validate(JobSpec, {**GOOD, **body})
    assert caught.value.detail.startswith(told)


def test_what_a_blend_s_weight_may_be_is_told() -> None:
    with pytest.raises(InvalidRequest) as caught:
        validate(JobSpec, {**GOOD, "blend": [{"preset": "pen", "weight": 0}]})
    assert caught.value.detail == "blend[0].weight must be a number above 0 and up to 1000, got 0."
    assert validate(JobSpec, {**GOOD, "blend": [{"preset": "pen", "weight": 2}]}).blend[0].weight == 2


def test_the_number_of_live_frames_is_told() -> None:
    assert f"the latest {MOST_PREVIEWS - 1} are kept" in meaning(json_schema(JobSpec)["properties"]["frames"])


def test_null_is_as_good_as_not_given() -> None:
    assert validate(JobSpec, {**GOOD, "mask": None, "size": None}) == validate(JobSpec, GOOD)


def test_every_image_is_named() -> None:
    ids = [letter * 64 for letter in "abcdef"]
    regions = [{"mask": ids[3], "style": ids[4], "style_mask": ids[5]}]
    spec = validate(JobSpec, {**GOOD, "mask": ids[1], "init": ids[2], "regions": regions})
    assert named_images(spec.model_dump(mode="json")) == ids


@pytest.mark.parametrize(
    ("wish", "kept"),
    [
        ({"every": 3}, [3, 6, 9]),
        ({"at": [9, 2, 2]}, [2, 9]),
        ({"seconds": 1}, []),
        ({"every": 4, "seconds": 1}, [4, 8]),
        ({"at": [3, 6], "seconds": 1.5}, [3, 6]),
    ],
)
def test_chosen_frames_are_kept_and_live_ones_come_between(wish: dict[str, Any], kept: list[int]) -> None:
    frames = validate(FrameSpec, wish)
    live = [n for n in range(10) if n / 5 >= wish.get("seconds", math.inf)]
    assert [n for n in range(10) if frames.keeps(n)] == kept
    assert [n for n in range(10) if frames.wanted(n, seconds_since_last=n / 5)] == sorted({*kept, *live})
    assert validate(FrameSpec, frames.as_dict()) == frames


def test_large_pictures_have_fewer_live_frames_on_the_disk() -> None:
    assert most_previews(1 << 20) == MOST_PREVIEWS
    assert 2 <= most_previews(268 << 20) < 10
    assert most_previews(1 << 40) == 2
