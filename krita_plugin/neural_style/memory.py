"""The docker's settings between two starts of Krita, as one JSON text in Krita's own settings."""

import json
from typing import Any, Callable, Dict, List

from . import parameters
from .parameters import Parameters

GROUP = "neural_style"
NAME = "docker"
RECENT = 8


class Memory:
    """`read(group, name, default)` and `write(group, name, value)` are Krita's readSetting and writeSetting."""

    def __init__(self, read: Callable[[str, str, str], str], write: Callable[[str, str, str], Any]) -> None:
        self._write = write
        self._saved = _loaded(read(GROUP, NAME, ""))

    @property
    def last(self) -> Parameters:
        return parameters.from_dict(self._saved.get("last") or {})

    @property
    def recent(self) -> List[str]:
        """Names of the presets used last, newest first."""
        return [str(name) for name in self._saved.get("recent") or []]

    def controls_of(self, preset: str) -> Dict[str, int]:
        """What the painter changed when this preset was used last."""
        known = parameters.from_dict({"controls": (self._saved.get("controls") or {}).get(preset) or {}})
        return dict(known.controls)

    def used(self, chosen: Parameters) -> None:
        """A job was started with these."""
        recent = [chosen.preset] + [name for name in self.recent if name != chosen.preset]
        controls = dict(self._saved.get("controls") or {})
        controls[chosen.preset] = dict(chosen.controls)
        self._saved.update(recent=recent[:RECENT], controls=controls)
        self.remember(chosen)

    def remember(self, chosen: Parameters) -> None:
        self._saved["last"] = chosen.as_dict()
        self._write(GROUP, NAME, json.dumps(self._saved))

    def open_sections(self) -> List[str]:
        return list(self._saved.get("sections") or ["style", "controls"])

    def set_open_sections(self, names: List[str]) -> None:
        self._saved["sections"] = names
        self._write(GROUP, NAME, json.dumps(self._saved))


def _loaded(text: str) -> Dict[str, Any]:
    try:
        found = json.loads(text or "{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
