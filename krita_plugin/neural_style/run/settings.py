"""The docker's settings between two starts of Krita, as one JSON text in Krita's own settings."""

import json
from typing import Any, Callable, Dict, List

from ..neural_style_client.parameters import Parameters, restored

GROUP = "neural_style"
NAME = "docker"
FIRST = Parameters(size=768, seamless="auto")
"""What the docker shows before anything was chosen."""


class Settings:
    """`read(group, name, default)` and `write(group, name, value)` are Krita's readSetting and writeSetting."""

    def __init__(self, read: Callable[[str, str, str], str], write: Callable[[str, str, str], Any]) -> None:
        self._write = write
        try:
            found = json.loads(read(GROUP, NAME, "") or "{}")
        except ValueError:
            found = {}
        self._saved: Dict[str, Any] = found if isinstance(found, dict) else {}

    @property
    def last(self) -> Parameters:
        return restored(self._saved.get("last"), FIRST)

    def controls_of(self, preset: str) -> Dict[str, float]:
        """What the painter changed when this preset was used last."""
        return dict(restored({"controls": self._controls().get(preset) or {}}, FIRST).controls)

    def used(self, chosen: Parameters) -> None:
        """A job was started with these."""
        controls = dict(self._controls(), **{chosen.preset: dict(chosen.controls)})
        self._save(last=chosen.as_mapping(), controls=controls)

    def open_sections(self) -> List[str]:
        return list(self._saved.get("sections") or ["style", "controls"])

    def set_open_sections(self, names: List[str]) -> None:
        self._save(sections=names)

    def _controls(self) -> Dict[str, Any]:
        found = self._saved.get("controls")
        return found if isinstance(found, dict) else {}

    def _save(self, **changes: Any) -> None:
        self._saved.update(changes)
        self._write(GROUP, NAME, json.dumps(self._saved))
