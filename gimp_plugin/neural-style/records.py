"""What is remembered, as JSON: the last values in GIMP's profile; in a layer's parasite how it was made."""

import json
import os
from typing import Any, Dict, Optional

from complaints import PainterError
from parameters import Parameters, from_mapping

FILE_NAME = "neural-style.json"
PARASITE = "neural-style"
"""On every layer that was made here, and on its image for the last one."""
VERSION = 1


def pack(parameters: Parameters, seed: int, iteration: int) -> bytes:
    """How a layer was made; `seed` is the one that was used, so that the same picture can be had again."""
    record = {
        "version": VERSION,
        "parameters": parameters.changed(seed=seed).as_mapping(),
        "seed": seed,
        "iteration": iteration,
    }
    return json.dumps(record, sort_keys=True).encode("utf-8")


def unpack(data: bytes) -> Optional[Parameters]:
    """The parameters in a parasite, or None where it cannot be read."""
    try:
        record = json.loads(bytes(data).decode("utf-8").rstrip("\0"))
        return from_mapping(record["parameters"])
    except (ValueError, KeyError, TypeError, AttributeError, PainterError):
        return None


class Memory:
    """The dialogue's last values. A broken file is as good as none: nobody loses work by it."""

    def __init__(self, folder: str) -> None:
        self._path = os.path.join(folder, FILE_NAME)

    def parameters(self) -> Optional[Parameters]:
        """Without the start layer's number, which means another layer in another image."""
        try:
            return from_mapping(self._read()["parameters"]).changed(start_tattoo=0)
        except (KeyError, PainterError, AttributeError):
            return None

    def remember(self, parameters: Parameters) -> None:
        self._write(dict(self._read(), version=VERSION, parameters=parameters.as_mapping()))

    def expert_open(self) -> bool:
        return bool(self._read().get("expert"))

    def remember_expert(self, is_open: bool) -> None:
        self._write(dict(self._read(), expert=is_open))

    def _read(self) -> Dict[str, Any]:
        try:
            with open(self._path, encoding="utf-8") as file:
                found = json.load(file)
        except (OSError, ValueError):
            return {}
        return found if isinstance(found, dict) else {}

    def _write(self, record: Dict[str, Any]) -> None:
        beside = self._path + ".new"
        try:
            with open(beside, "w", encoding="utf-8") as file:
                json.dump(record, file, indent=1, sort_keys=True)
            os.replace(beside, self._path)
        except OSError:
            pass
