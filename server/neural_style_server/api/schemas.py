"""What goes over the wire, as JSON Schema. Ranges of controls and method keys are read from the recipe."""

from __future__ import annotations

from typing import Any

from ..engine.method import COLOUR_WORDS, QUALITIES, Controls, Method, describe
from ..jobs.record import STATES
from ..jobs.sheets import LARGEST, MOST_PRESETS, SMALLEST
from ..jobs.spec import DISCONNECTS, FRAME_WISHES, LARGEST_SIZE, LONGEST_TEXT, MOST_CHOSEN_FRAMES, MOST_REGIONS
from ..jobs.workers import WorkerView
from ..pixels import DTYPES, LARGEST_SIDE
from ..presets.rules import KEYS, MAX_IMAGES, MAX_TAG, MAX_TAGS, MAX_WEIGHT

Schema = dict[str, Any]
IMAGE_ID: Schema = {
    "type": "string",
    "pattern": "^[0-9a-f]{64}$",
    "description": "content hash of an uploaded image",
}
TEXT: Schema = {"type": "string", "minLength": 1, "maxLength": LONGEST_TEXT}
NUMBER: Schema = {"type": "number"}
COUNT: Schema = {"type": "integer", "minimum": 0}
SIDE: Schema = {"type": "integer", "minimum": 1, "maximum": LARGEST_SIDE}
ITERATION: Schema = {"type": "integer", "minimum": 1, "maximum": 1_000_000}
OBJECT: Schema = {"type": "object"}
BINARY: Schema = {"type": "string", "format": "binary"}
PRESET_NAME: Schema = {"type": "string", "pattern": "^[a-z0-9][a-z0-9-]{0,63}$"}


def components() -> dict[str, Schema]:
    return {
        "Problem": _problem(),
        "Health": _health(),
        "Worker": WorkerView.model_json_schema(),
        "Image": _image(),
        "Preset": _preset(),
        "NewPreset": _new_preset(),
        "PresetChanges": closed({**_preset_keys(), "favourite": {"type": "boolean"}}, []),
        "Job": _job(),
        "JobSpec": closed(_job_keys(), ["content", "preset"]),
        "ForecastSpec": {
            **closed({**_job_keys(), "width": SIDE, "height": SIDE}, ["preset"]),
            "anyOf": [{"required": ["content"]}, {"required": ["width", "height"]}],
            "dependentRequired": {"width": ["height"], "height": ["width"]},
        },
        "Forecast": _forecast(),
        "Loss": _loss(),
        "SheetSpec": _sheet_spec(),
        "Sheet": closed(_sheet_keys()),
        "NewSheet": closed({**_sheet_keys(), "left_out": {"type": "array", "items": closed(_PRESET_AND_TITLE)}}),
        "Controls": settings_schema(Controls),
        "Method": settings_schema(Method),
    }


def closed(properties: Schema, required: list[str] | None = None) -> Schema:
    """An object with these keys and no others; all required where nothing is said."""
    names = list(properties) if required is None else required
    return {"type": "object", "properties": properties, "required": names, "additionalProperties": False}


def reference(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def listing(name: str, item: str) -> Schema:
    items = {name: {"type": "array", "items": reference(item)}}
    return {"type": "object", "properties": items, "required": [name]}


def settings_schema(kind: type) -> Schema:
    """The JSON schema of `Controls` or `Method` as a partial change."""
    properties = {}
    for name, rule in describe(kind).items():
        schema: Schema = {"description": rule["what"], "default": rule["default"]}
        if "choices" in rule:
            schema["enum"] = list(rule["choices"])
        elif rule.get("switch"):
            schema["type"] = "boolean"
        elif rule.get("layers"):
            schema.update(type="object", minProperties=1, additionalProperties={"type": "number", "minimum": 0})
        else:
            kind_name = "integer" if rule.get("whole") else "number"
            schema.update(type=kind_name, minimum=rule["low"], maximum=rule["high"])
        properties[name] = schema
    if "colour" in properties and kind is Controls:
        properties["colour"] = {"anyOf": [properties["colour"], {"enum": list(COLOUR_WORDS)}]}
    return {"type": "object", "properties": properties, "additionalProperties": False}


def _job_keys() -> Schema:
    region = {"mask": IMAGE_ID, "preset": TEXT, "style": IMAGE_ID, "style_mask": IMAGE_ID}
    keys = {
        "content": IMAGE_ID,
        "preset": TEXT,
        "controls": reference("Controls"),
        "method": reference("Method"),
        "size": {"type": "integer", "minimum": 16, "maximum": LARGEST_SIZE},
        "frames": {"oneOf": _frame_wishes()},
        "mask": IMAGE_ID,
        "regions": {
            "type": "array",
            "minItems": 1,
            "maxItems": MOST_REGIONS,
            "items": {**closed(region, ["mask"]), "oneOf": [{"required": ["preset"]}, {"required": ["style"]}]},
        },
        "init": IMAGE_ID,
        "client": TEXT,
        "seed": {"type": "integer", "minimum": 0, "maximum": 2**63 - 1},
        "on_disconnect": {"enum": list(DISCONNECTS)},
    }
    required = ("content", "preset")
    return {key: rule if key in required else {"anyOf": [rule, {"type": "null"}]} for key, rule in keys.items()}


def _frame_wishes() -> list[Schema]:
    chosen = {"type": "array", "minItems": 1, "maxItems": MOST_CHOSEN_FRAMES, "items": ITERATION}
    seconds = {"type": "number", "minimum": 0.1, "maximum": 3600}
    rules = {"every": ITERATION, "at": chosen, "seconds": seconds}
    return [closed({key: rules[key] for key in sorted(wish)}) for wish in FRAME_WISHES]


def _problem() -> Schema:
    texts = {name: {"type": "string"} for name in ("type", "title", "code", "detail", "hint")}
    return {
        "type": "object",
        "properties": {**texts, "status": {"type": "integer"}},
        "required": ["code", "detail", "hint", "status"],
    }


def _health() -> Schema:
    maybe = {"type": ["string", "null"]}
    properties = {
        "status": {"enum": ["ok", "failing"]},
        "version": {"type": "string"},
        "api": {"const": 1},
        "device": maybe,
        "network": maybe,
        "warm": {"type": "boolean"},
        "jobs": closed({"queued": COUNT, "running": COUNT}),
        "detail": {"type": "string"},
        "worker": {"enum": ["starting", "ready", "busy", "stopped", "failed"]},
    }
    return closed(properties)


def _image() -> Schema:
    return closed({"id": IMAGE_ID, "width": SIDE, "height": SIDE, "format": {"enum": list(DTYPES)}})


def _preset() -> Schema:
    names = ("title", "description", "author", "licence", "source", "library", "thumbnail")
    properties = {
        "name": PRESET_NAME,
        **{name: {"type": "string"} for name in names},
        "tags": {"type": "array", "items": {"type": "string"}},
        "read_only": {"type": "boolean"},
        "favourite": {"type": "boolean"},
        "last_used": {"type": ["number", "null"]},
        "images": {"type": "array", "items": OBJECT, "minItems": 1},
        "controls": reference("Controls"),
        "method": reference("Method"),
    }
    return closed(properties)


def _preset_keys() -> Schema:
    """What a preset is made or changed with; the rules are the presets' own, and docs/presets.md tells them."""
    image = {"anyOf": [IMAGE_ID, closed({"id": IMAGE_ID, "weight": _range(0, MAX_WEIGHT)}, ["id"])]}
    texts = {key: _words(rule.length, 1 if key == "title" else 0) for key, rule in KEYS.items() if rule.length}
    return {
        **texts,
        "tags": {"type": "array", "items": _words(MAX_TAG), "maxItems": MAX_TAGS},
        "images": {"type": "array", "items": image, "minItems": 1, "maxItems": MAX_IMAGES},
        "controls": reference("Controls"),
        "method": reference("Method"),
    }


def _new_preset() -> Schema:
    made = closed({"name": PRESET_NAME, **_preset_keys()}, ["name", "images"])
    copied = closed({"name": PRESET_NAME, "copy_of": TEXT, "title": _words(80)}, ["name", "copy_of"])
    return {"oneOf": [made, copied]}


def _words(most: int, least: int = 1) -> Schema:
    """Text of letters, marks and single blanks; line breaks and control characters are no words."""
    return {"type": "string", "minLength": least, "maxLength": most, "pattern": "^([^\\s\\x00-\\x1f\\x7f-\\x9f][ ]?)*$"}


def _range(low: float, high: float) -> Schema:
    return {"type": "number", "minimum": low, "maximum": high}


def _job() -> Schema:
    texts = ("id", "client", "preset", "on_disconnect", "format")
    objects = ("links", "request", "preset_source", "recipe", "versions")
    maybe_number = {"type": ["number", "null"]}
    properties = {
        **{name: {"type": "string"} for name in texts},
        **dict.fromkeys(objects, OBJECT),
        "state": {"enum": list(STATES)},
        "forecast": reference("Forecast"),
        **{name: COUNT for name in ("seed", "iteration", "iterations")},
        "width": SIDE,
        "height": SIDE,
        "seconds": NUMBER,
        **{name: maybe_number for name in ("eta", "started", "finished", "tile")},
        "created": NUMBER,
        "loss": {"anyOf": [reference("Loss"), {"type": "null"}]},
        "error": {"type": ["object", "null"]},
        "notes": {"type": "array", "items": {"type": "string"}},
        "frames": {"type": "array", "items": _frame()},
    }
    return closed(properties)


def _frame() -> Schema:
    numbers = dict.fromkeys(("number", "iteration", "width", "height"), COUNT)
    return closed({**numbers, "kept": {"type": "boolean"}})


def _loss() -> Schema:
    return closed(dict.fromkeys(("total", "content", "style", "tv"), NUMBER))


def _forecast() -> Schema:
    counts = ("seconds", "bytes", "disk_bytes", "iterations", "width", "height")
    numbers = {name: {"type": "number", "minimum": 0} for name in counts}
    quick = {**closed({name: numbers["seconds"] for name in ("size", "seconds", "bytes")}), "type": ["object", "null"]}
    switches = {name: {"type": "boolean"} for name in ("fits", "full_detail", "calibrated")}
    tile = {"type": ["integer", "null"]}
    keys = {**numbers, **switches, "tile": tile, "detail": {"type": "string"}, "quick": quick}
    return closed(keys, [key for key in keys if key != "calibrated"])  # which older jobs' records lack


_PRESET_AND_TITLE: Schema = {"preset": TEXT, "title": {"type": "string"}}


def _sheet_spec() -> Schema:
    names = {"type": "array", "items": TEXT, "minItems": 1, "maxItems": MOST_PRESETS, "uniqueItems": True}
    size = {"type": "integer", "minimum": SMALLEST, "maximum": LARGEST}
    may_be_null = {"presets": names, "size": size, "quality": {"enum": list(QUALITIES)}}
    keys = {key: {"anyOf": [rule, {"type": "null"}]} for key, rule in may_be_null.items()}
    return closed({"content": IMAGE_ID, **keys}, ["content"])


def _sheet_keys() -> Schema:
    picture = closed({**_PRESET_AND_TITLE, "job": TEXT, "state": {"enum": list(STATES)}})
    return {
        "id": TEXT,
        "state": {"enum": list(STATES)},
        **{name: COUNT for name in ("done", "total", "iteration", "iterations")},
        "eta": {"type": "number", "minimum": 0},
        "pictures": {"type": "array", "items": picture, "minItems": 1},
        "links": OBJECT,
    }
