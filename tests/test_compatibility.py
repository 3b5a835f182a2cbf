"""What version 0.1.0 wrote is read, and its clients' requests get the verdict that they got then.

`data/0.1.0` was made with that version: a preset, its bundle, its view over HTTP, settings, and the schemas of bodies.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from neural_style_server.api.openapi import document
from neural_style_server.api.presets import CopyPreset, NewPreset, PresetChanges
from neural_style_server.errors import InvalidRequest
from neural_style_server.jobs.spec import ForecastSpec, JobSpec, SheetSpec
from neural_style_server.presets.bundle import unpack
from neural_style_server.presets.library import Library, Source
from neural_style_server.presets.preset import to_yaml
from neural_style_server.setting_sources import load_settings
from neural_style_server.validation import Model, validate

DATA = Path(__file__).parent / "data" / "0.1.0"
OLD = json.loads((DATA / "schemas.json").read_text("utf-8"))
IMAGE = "a" * 64


def test_a_preset_is_read_and_shown_as_before() -> None:
    entry = Library([Source("user", DATA, writable=True)]).get("my-own")
    shown = json.loads((DATA / "preset_view.json").read_text("utf-8"))
    now, former, controls = entry.as_dict(), shown.pop("method"), shown.pop("controls")
    method = now.pop("method")
    assert controls.items() <= now.pop("controls").items()  # a later version may have more of them
    assert {**now, "thumbnail": shown["thumbnail"], "last_used": shown["last_used"]} == shown
    assert {key for key, value in former.items() if method[key] != value} == {"loss", "scales"}
    assert _keys(to_yaml(entry.preset)) == _keys((DATA / "my-own" / "preset.yaml").read_text("utf-8"))


def _keys(text: str) -> list[str]:
    """The lines without their comments."""
    lines = [line.split("  #")[0].rstrip() for line in text.splitlines()]
    return [line for line in lines if line and not line.startswith("#")]


def test_a_bundle_is_read() -> None:
    preset, contents = unpack((DATA / "my-own.nstyle").read_bytes())
    assert (preset.name, preset.controls.strength, preset.method.style_layers) == ("my-own", 70, {"relu3_1": 1.5})
    assert contents["style-1.png"] == (DATA / "my-own" / "style-1.png").read_bytes()


def test_settings_are_read() -> None:
    found = load_settings(DATA, {})
    assert (found.log_level, found.disk_limit_bytes, found.max_jobs_kept) == ("warning", 2 * 2**30, 300)
    assert found.result_keep_s == 3650 * 86400


NAMES = [None, "", "ink", "x" * 128, "x" * 129, 5]
WHOLE = [None, -1, 0, 1, 15, 16, 300, 1024, 1025, 16_384, 16_385, 2**63 - 1, 2**63, 1.5, True, "16"]
CHOICES = [None, "continue", "cancel", "draft", "fine", "explode", []]
CONTROLS = [
    None,
    {},
    {"strength": 0},
    {"strength": 101},
    {"colour": "mine"},
    {"colour": "red"},
    {"x": 1},
    [],
    {"detail": True},
]
METHODS = [
    None, {}, {"iterations": 40}, {"iterations": 0}, {"iterations": 1.5}, {"loss": "gram"}, {"loss": "vgg"},
    {"seamless": True}, {"seamless": 1}, {"style_layers": {}}, {"style_layers": {"relu1_1": 2}},
    {"style_layers": {"relu1_1": -2}}, {"style_weight": 1e300}, {"stile": 1}, "fast",
]  # fmt: skip
IMAGES = [None, IMAGE, "", "A" * 64, 5, {}]
FRAMES = [
    None, {}, [], {"every": 1}, {"every": 0}, {"every": True}, {"every": 1.5}, {"at": [1, 2]}, {"at": []},
    {"at": [0]}, {"seconds": 2}, {"seconds": 0}, {"seconds": 3601}, {"every": 2, "at": [1]}, {"every": 2, "seconds": 2},
    {"at": [1], "seconds": 2}, {"often": 1}, {"every": None}, {"every": 1, "seconds": None},
]  # fmt: skip
REGIONS = [
    None, [], {}, [{}], [{"mask": IMAGE}], [{"mask": IMAGE, "preset": "ink"}], [{"mask": IMAGE, "style": IMAGE}],
    [{"mask": IMAGE, "preset": "ink", "style": IMAGE}], [{"mask": "x", "preset": "ink"}],
    [{"mask": IMAGE, "preset": "ink", "style_mask": IMAGE}], [{"mask": IMAGE, "preset": "ink"}] * 17,
    [{"mask": IMAGE, "style": IMAGE, "preset": None}],
]  # fmt: skip
JOB = {
    "content": IMAGES, "preset": NAMES, "controls": CONTROLS, "method": METHODS, "size": WHOLE, "frames": FRAMES,
    "mask": IMAGES, "regions": REGIONS, "init": IMAGES, "client": NAMES, "seed": WHOLE, "on_disconnect": CHOICES,
    "extra": [1],
}  # fmt: skip
SHEET = {"content": IMAGES, "presets": [None, [], ["ink"], ["a", "a"], "ink"], "size": WHOLE, "quality": CHOICES}
TEXTS = [None, "", "Ink", "a\nb", "x" * 81, 1984]
UPLOADS = [
    None, [], [IMAGE], [{"id": IMAGE}], [{"id": IMAGE, "weight": 2}], [{"id": IMAGE, "weight": 1001}], [5],
    [{"id": 1}], [{"id": IMAGE, "wieght": 1}], IMAGE,
]  # fmt: skip
PRESET = {
    "name": ["ink", "Ink", "", "a" * 65, 5], "title": ["Ink", "a\nb", "x" * 81, 5], "images": UPLOADS,
    "tags": [[], ["ink"], "ink", ["x" * 33], [5]], "author": ["", "me", "x" * 201, 5],
    "controls": CONTROLS[1:], "method": METHODS[1:], "copy_of": ["ink", "", 5], "extra": [1],
}  # fmt: skip
BODIES: list[tuple[str, tuple[type[Model], ...], dict[str, list[Any]]]] = [
    ("JobSpec", (JobSpec,), JOB),
    ("ForecastSpec", (ForecastSpec,), {**JOB, "width": WHOLE[1:], "height": WHOLE[1:]}),
    ("SheetSpec", (SheetSpec,), SHEET),
    ("NewPreset", (NewPreset, CopyPreset), PRESET),
    ("PresetChanges", (PresetChanges,), {**PRESET, "favourite": [True, False, "yes", None]}),
]


def verdict(schemas: dict[str, Any], names: list[str], body: Any) -> bool:
    whole = {"anyOf": [{"$ref": f"#/components/schemas/{name}"} for name in names], "components": {"schemas": schemas}}
    return jsonschema.Draft202012Validator(whole).is_valid(body)


def accepted(models: tuple[type[Model], ...], body: Any) -> bool:
    for model in models:
        try:
            validate(model, body)
        except InvalidRequest:
            continue
        return True
    return False


@pytest.mark.parametrize(("name", "models", "values"), BODIES, ids=[name for name, *_ in BODIES])
def test_requests_get_the_verdict_that_they_got(
    name: str, models: tuple[type[Model], ...], values: dict[str, list[Any]]
) -> None:
    required = {key: value for key, value in {"content": IMAGE, "preset": "ink"}.items() if key in values}
    required |= {"name": "ink", "images": [IMAGE]} if name == "NewPreset" else {}
    bodies = [required, *({**required, key: value} for key, some in values.items() for value in some)]
    bodies += [{key: value for key, value in required.items() if key != missing} for missing in required]
    bodies += [{**required, "width": 8, "height": 8}, {"preset": "ink", "width": 8, "height": 8}]
    bodies += [{"name": "ink", "copy_of": "oil"}, {"name": "ink", "copy_of": "oil", "title": "Oil"}]
    new = document()["components"]["schemas"]
    for body in bodies:
        before = verdict(OLD, [name], body)
        after = verdict(new, [model.__name__ for model in models], body)
        assert after == accepted(models, body), body
        assert before == after, body
