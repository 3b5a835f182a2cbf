"""One layer that a live job follows: looked at now and then, sent where it has changed, and shown as it is painted.

There is no widget here. All but `LiveSession`'s threads run in the main loop; the session's messages come there through
`soon(call, *values)`.
"""

from typing import Any, NamedTuple, Optional

from neural_style_client.controls import preset_values
from neural_style_client.errors import PainterError
from neural_style_client.live_body import changed_fields, live_body
from neural_style_client.live_session import GONE, WAITING, WORKING, LiveSession, State
from neural_style_client.translations import tr

BRUSH = "brush_size"
BROADEST = 400
"""The control's own limit: in a detail strokes are as much larger as the picture is."""


class Look(NamedTuple):
    """A layer, or a part of it, as small as it is painted. `mask`: what is selected, where something is."""

    content: Any
    mask: Optional[Any] = None
    is_empty: bool = False


class Detail(NamedTuple):
    """What part of the layer is shown: one `zoom`-th of each side, around a place from 0 to 1 of each."""

    zoom: int = 1
    x: float = 0.5
    y: float = 0.5

    def moved(self, across: float, down: float) -> "Detail":
        """By so many of its own widths and heights, within the layer."""
        edge = 0.5 / self.zoom
        x, y = self.x + across / self.zoom, self.y + down / self.zoom
        return self._replace(x=min(1 - edge, max(edge, x)), y=min(1 - edge, max(edge, y)))

    def box(self, width: int, height: int) -> Any:
        """(left, top, width, height) in the layer's pixels."""
        part = max(1, width // self.zoom), max(1, height // self.zoom)
        place = self.moved(0, 0)
        left, top = round(place.x * width - part[0] / 2), round(place.y * height - part[1] / 2)
        return (min(width - part[0], max(0, left)), min(height - part[1], max(0, top)), *part)


class Follower:
    """`editor.look(image, layer, detail, side)` reads a layer, or raises PainterError where it cannot be followed now.

    `view` has `show_content(pixels)`, `show_frame(pixels)`, `show_state(state)` and `show_notice(text)`; it calls
    `taken` once a frame is on the screen.
    """

    def __init__(self, editor: Any, image: Any, layer: Any, find: Any, soon: Any, view: Any, client_name: str) -> None:
        self.detail = Detail()
        self.picture: Any = None  # the newest frame of the whole layer
        self._editor, self._image, self._layer = editor, image, layer
        self._find, self._soon, self._view, self._client_name = find, soon, view, client_name
        self._side = 0
        self._chosen: Any = None
        self._preset: Any = {}
        self._body: Any = {}
        self._look: Optional[Look] = None
        self._session: Optional[LiveSession] = None
        self._ended: Optional[LiveSession] = None
        self._state, self._said = State(WORKING), State("")
        self._why_not_now = ""

    def begin(self, side: int) -> None:
        """`side`: the long side of what is painted, in pixels."""
        self._side = side
        if self._chosen is not None:
            self.want(self._chosen, self._preset)

    def want(self, chosen: Any, preset: Any) -> None:
        """What it is to be painted with: Parameters, and the daemon's record of their preset."""
        self._chosen, self._preset = chosen, preset
        if not self._side:
            return
        before, self._body = self._body, self._made_body()
        changes = changed_fields(before, self._body)
        if self._session is None:
            if changes:
                self._look = None  # what has ended may begin anew
            self.look()
        elif changes:
            self._session.change(**changes)

    def zoom(self, detail: Detail) -> None:
        """Follow this part of the layer from now on."""
        if detail != self.detail:
            self.detail = detail
            self.stop()  # another part is another picture
            if self._chosen is not None:
                self.want(self._chosen, self._preset)

    def look(self) -> None:
        """Called now and then: send what has changed since the last time."""
        if self._chosen is None or not self._side:
            return
        try:
            found = self._editor.look(self._image, self._layer, self.detail, self._side)
        except PainterError as problem:
            self._rest(str(problem))
            return
        if found.is_empty:
            self._view.show_content(found.content)
            self._rest(tr("The layer is empty here. Paint on it."))
        elif found != self._look:
            self._send(found)

    def taken(self) -> None:
        """The last frame is on the screen."""
        if self._session is not None:
            self._session.taken()

    def stop(self) -> None:
        """No job is left; returns at once."""
        if self._session is not None:
            self._session.stop()
            self._ended, self._session = self._session, None
        self._look = self.picture = None

    def join(self, timeout_s: float) -> None:
        """Wait for so long until the daemon knows that the job has ended."""
        if self._ended is not None:
            self._ended.join(timeout_s)

    def _made_body(self) -> Any:
        own = preset_values(self._preset)[BRUSH]
        broader = min(BROADEST, self._chosen.controls.get(BRUSH, own) * self.detail.zoom)
        chosen = self._chosen
        if broader != own:
            chosen = chosen.changed(controls=dict(chosen.controls, **{BRUSH: broader}))
        return live_body(chosen, self._client_name, self._side)

    def _rest(self, why: str) -> None:
        """No job waits for a layer that may never come back; it begins again where it does."""
        self.stop()
        self._why_not_now = why
        self._tell()

    def _send(self, found: Look) -> None:
        if self._look is not None and self._look.content[:3] != found.content[:3]:
            self.stop()  # a picture of another size is another job
        self._look, self._why_not_now = found, ""
        self._view.show_content(found.content)
        if self._session is not None:
            self._session.change(content=found.content, mask=found.mask)
        else:
            self._begin(found)
        self._tell()

    def _begin(self, found: Look) -> None:
        session = LiveSession(self._find, lambda *said: self._soon(self._heard, session, *said))
        self._session, self._state = session, State(WORKING)
        fields = self._body if found.mask is None else dict(self._body, mask=found.mask)
        session.start(found.content, fields)

    def _heard(self, session: LiveSession, name: str, value: Any) -> None:
        if session is not self._session:
            return
        if name == "frame":
            if self.detail.zoom == 1:
                self.picture = value.pixels
            self._view.show_frame(value.pixels)
        elif name == "notice":
            self._view.show_notice(value)
        else:
            self._state = value
            if value.word == GONE:  # until something else is wanted, or the layer is changed
                self._session = None
            self._tell()

    def _tell(self) -> None:
        state = State(WAITING, self._why_not_now) if self._why_not_now else self._state
        if state != self._said:
            self._said = state
            self._view.show_state(state)
