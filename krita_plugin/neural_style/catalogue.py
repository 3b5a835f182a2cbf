"""What the daemon offers: presets with their thumbnails, favourites, and what a job would cost."""

import time
from typing import Any, Dict, List, Optional

from . import parameters
from .network import Courier
from .parameters import Parameters
from .problems import Problem
from .run import client_name
from .words import duration, memory, tr

PRESETS_EVERY_S = 5.0


class Catalogue:
    """`view`: the docker, which is told when presets, thumbnails or a forecast arrive."""

    def __init__(self, view: Any, courier: Courier) -> None:
        self.presets = []  # type: List[Dict[str, Any]]
        self._view = view
        self._courier = courier
        self._thumbnails = set()  # type: set
        self._looked_at = -PRESETS_EVERY_S

    def title_of(self, name: str) -> str:
        found = self.preset(name)
        return str(found.get("title") or name) if found else name

    def preset(self, name: str) -> Optional[Dict[str, Any]]:
        return next((one for one in self.presets if one["name"] == name), None)

    def look(self) -> None:
        """Look, not too often, whether there are other presets: the painter may have saved a file."""
        if time.monotonic() - self._looked_at > PRESETS_EVERY_S:
            self._looked_at = time.monotonic()
            self._courier.errand(lambda client: client.presets(), self._saw_presets)

    def set_favourite(self, name: str, favourite: bool) -> None:
        def change(client: Any) -> Any:
            client.change_preset(name, {"favourite": favourite})
            return client.presets()

        self._courier.errand(change, self._saw_presets, self._view.show_problem)

    def ask_forecast(self, chosen: Parameters, width: int, height: int) -> None:
        try:
            body = parameters.job_body(chosen, client_name(), False)
        except Problem as problem:
            self._view.show_forecast(str(problem))
            return
        body.update(width=width, height=height)
        self._courier.errand(lambda client: client.forecast(body), self._saw_forecast, self._view.show_forecast)

    def _saw_presets(self, presets: List[Dict[str, Any]]) -> None:
        for preset in presets:
            if preset["name"] not in self._thumbnails:
                self._thumbnails.add(preset["name"])
                self._fetch_thumbnail(preset["name"])
        if presets != self.presets:
            self.presets = presets
            self._view.show_presets(presets)

    def _fetch_thumbnail(self, name: str) -> None:
        self._courier.errand(lambda client: client.thumbnail(name), lambda data: self._view.show_thumbnail(name, data))

    def _saw_forecast(self, found: Dict[str, Any]) -> None:
        words = tr("About {}, {} of memory", duration(found.get("seconds") or 0), memory(found.get("bytes") or 0))
        if not found.get("calibrated", True):
            words = tr("{}, a guess until this computer has been measured", words)
        if not found.get("fits", True):
            words = str(found.get("detail") or tr("Too large for this computer's memory: choose a smaller size."))
        self._view.show_forecast(words)
