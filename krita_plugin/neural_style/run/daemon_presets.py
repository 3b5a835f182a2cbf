"""What the daemon offers: presets with their thumbnails, favourites, and what a job would take."""

import time
from typing import Any, Dict, List, Mapping

from ..neural_style_client import preset_filters
from ..neural_style_client.blend import blended_title
from ..neural_style_client.parameters import Parameters
from .daemon_thread import DaemonThread

PRESETS_EVERY_S = 5.0


class DaemonPresets:
    """`view`: the docker, which is told when presets, thumbnails or a forecast arrive."""

    def __init__(self, view: Any, daemon: DaemonThread) -> None:
        self.known: List[Dict[str, Any]] = []
        self._view = view
        self._daemon = daemon
        self._thumbnails: Dict[str, bytes] = {}  # empty ones are on their way
        self._looked_at = -PRESETS_EVERY_S

    def title_of(self, chosen: Parameters) -> str:
        """Of a picture in these styles."""
        names = [chosen.preset, *chosen.blend]
        return blended_title(preset_filters.title(self.named(name)) or name for name in names)

    def named(self, name: str) -> Mapping[str, Any]:
        """The preset of that name, or {}."""
        return next((one for one in self.known if one["name"] == name), {})

    def look(self, now: bool = False) -> None:
        """Look, not too often unless `now`, whether there are other presets: the painter may have saved a file."""
        if now or time.monotonic() - self._looked_at > PRESETS_EVERY_S:
            self._looked_at = time.monotonic()
            self._daemon.request(lambda client: client.presets(), self._saw_presets)

    def show_in(self, docker: Any) -> None:
        """What is known already, to a docker that is new."""
        for name, data in self._thumbnails.items():
            docker.show_thumbnail(name, data)
        docker.show_presets(self.known)

    def begin_anew(self) -> None:
        """Another computer has other styles, and other pictures for those that are called alike."""
        self._thumbnails.clear()
        self.look(now=True)

    def set_favourite(self, name: str, favourite: bool) -> None:
        def change(client: Any) -> Any:
            client.change_preset(name, {"favourite": favourite})
            return client.presets()

        self._daemon.request(change, self._saw_presets, self._view.show_problem)

    def fetch_style(self, name: str, show: Any, failed: Any) -> None:
        """`show` is called with the PNG of a preset's style image, or `failed` with words."""
        self._daemon.request(lambda client: client.style_picture(name), show, failed)

    def _saw_presets(self, presets: List[Dict[str, Any]]) -> None:
        for preset in presets:
            if preset["name"] not in self._thumbnails:
                self._thumbnails[preset["name"]] = b""
                self._fetch_thumbnail(preset["name"])
        if presets != self.known:
            self.known = presets
            self._view.show_presets(presets)

    def _fetch_thumbnail(self, name: str) -> None:
        self._daemon.request(lambda client: client.thumbnail(name), lambda data: self._saw_thumbnail(name, data))

    def _saw_thumbnail(self, name: str, data: bytes) -> None:
        self._thumbnails[name] = data
        self._view.show_thumbnail(name, data)
