"""What is remembered, as JSON: the last values in GIMP's profile; in a layer's parasite how it was made."""

import json
import os

from neural_style_client.errors import PainterError
from neural_style_client.parameters import Parameters, from_mapping, restored
from neural_style_client.saved_file import SavedFile

FILE_NAME = "neural-style.json"
PARASITE = "neural-style"
"""On every layer that was made here, and on its image for the last one."""
VERSION = 1


def pack(parameters, seed, iteration):
    """How a layer was made; `seed` is the one that was used, so that the same picture can be had again."""
    record = {
        "version": VERSION,
        "parameters": parameters.changed(seed=seed).as_mapping(),
        "seed": seed,
        "iteration": iteration,
    }
    return json.dumps(record, sort_keys=True).encode("utf-8")


def unpack(data):
    """The parameters in a parasite, or None where it cannot be read."""
    try:
        return from_mapping(json.loads(bytes(data).decode("utf-8").rstrip("\0"))["parameters"])
    except (ValueError, KeyError, TypeError, AttributeError, PainterError):
        return None


class LastValues:
    """The dialogue's last values, in GIMP's profile folder."""

    def __init__(self, folder):
        self._file = SavedFile(os.path.join(folder, FILE_NAME))

    def parameters(self):
        """Those of the last run, or None. Without what another image has not: the start layer's number, regions."""
        saved = self._file.read().get("parameters")
        return restored(saved, Parameters()).changed(start_tattoo=0, regions=()) if saved else None

    def remember(self, parameters):
        self._file.write(dict(self._file.read(), version=VERSION, parameters=parameters.as_mapping()))

    def expert_open(self):
        return bool(self._file.read().get("expert"))

    def remember_expert(self, is_open):
        self._file.write(dict(self._file.read(), expert=is_open))
