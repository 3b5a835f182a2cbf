"""The daemon's presets for a dialogue: looked for on a thread, their pictures fetched one by one."""

from functools import partial

from neural_style_client import connect_chosen, remotes
from neural_style_client.errors import explain
from neural_style_client.translations import tr
from ui.background import in_background


class PresetLoader:
    """`lists` are filled with the presets, the first being the gallery. `ready(daemon, presets)` is called after that,
    `show_error(text)` where a wish could not be fulfilled."""

    def __init__(self, lists, thumbnails, ready, show_error):
        self._lists, self._thumbnails, self._ready, self._show_error = lists, thumbnails, ready, show_error
        self._daemon = None
        self._stopped = False

    def start(self):
        """Of the computer that is chosen now. Nothing waits for the daemon: it may have to be started."""
        place, self._daemon = remotes.chosen(), None
        self._lists[0].wait(tr("Looking for {}…", place) if place else tr("Starting the daemon…"))
        in_background(_find_presets, partial(self._on_presets, place), partial(self._on_error, place))

    def stop(self):
        """Answers that come later are dropped."""
        self._stopped = True

    def favour(self, name, favourite):
        daemon = self._daemon

        def show(preset):
            if not self._stopped:
                self._lists[0].changed(preset)

        def failed(error):
            if not self._stopped:
                self._show_error(explain(error))

        changes = {"favourite": favourite}
        in_background(lambda: remotes.asked(daemon, lambda client: client.change_preset(name, changes)), show, failed)

    def fetch_style(self, name, show, failed):
        """`show` is called with the PNG of a preset's style image, or `failed` with words."""
        daemon = self._daemon
        fetch = lambda: remotes.asked(daemon, lambda client: client.style_picture(name))  # noqa: E731
        in_background(fetch, show, lambda error: failed(explain(error)))

    def _is_late(self, place):
        """Another computer has been chosen since, or the dialogue is closed."""
        return self._stopped or place != remotes.chosen()

    def _on_presets(self, place, found):
        if self._is_late(place):
            return
        self._daemon, presets = found
        if not presets:
            self._lists[0].wait(tr("There are no styles yet. Make one with Make Preset from Layer…."), busy=False)
            return
        for part in self._lists:
            part.fill(presets)
        self._ready(self._daemon, presets)
        for preset in presets:
            self._fetch_thumbnail(self._daemon, preset["name"])

    def _fetch_thumbnail(self, daemon, name):
        def show(data):
            if not self._stopped and self._daemon is daemon:
                self._thumbnails.add(name, data)

        in_background(lambda: daemon.thumbnail(name), show, lambda _: None)

    def _on_error(self, place, error):
        if not self._is_late(place):
            self._lists[0].wait(explain(error), busy=False)


def _find_presets():
    daemon = connect_chosen()
    return daemon, daemon.presets()
