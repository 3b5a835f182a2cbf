"""Where the settings come from: one YAML file in the home folder, the environment above it, the command line on top.

    settings = load_settings()                              # settings.yaml, then NEURAL_STYLE_<KEY>
    settings = load_settings(overrides={"port": 8765})      # as `serve --port 8765` does

pydantic-settings reads mappings in the environment as JSON and does not say which source a wrong value comes from, so
the sources are merged here.
"""

from __future__ import annotations

import difflib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from neural_style_client import home_folder

from .errors import SettingsError
from .files import UNREADABLE, NotRegular, TooLong, read_regular, set_aside
from .settings import FILE_NAME, KEYS, PREFIX, Settings
from .validation import listed, problems, shown

TEXT_KEYS = ("host", "weights")
"""An environment variable with these is taken as it stands; others are read as YAML."""

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
