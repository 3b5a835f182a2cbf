"""The calls of the daemon's HTTP API, one method each.

Every method blocks; call it on a thread of its own where that matters. Failures are `DaemonError` (the daemon
refused, with `code`, `detail`, `hint`), `DaemonBusy` (it lives, but has not answered in time) or `DaemonGone`.
"""

from typing import Any, Dict, Iterator, List, NamedTuple, Optional, Union
from urllib.parse import quote, urlencode

from .event_stream import Event, read_events
from .sequences import Sequences
from .sheets import Sheets
from .transport import Known, Transport

BYTES_PER_PIXEL = {"RGBA8": 4, "RGBA16": 8, "RGBAF32": 16}


class Pixels(NamedTuple):
    """A picture: rows top to bottom, no padding, native little endian, sRGB-encoded, straight alpha."""

    width: int
    height: int
    format: str
    data: bytes
    iteration: int = 0


class Client:
    """Calls of the HTTP API, one method each; those about `sequences` and `sheets` are under these names. `url` and
    `token` come from `daemon.json`, or from `remotes`."""

    def __init__(self, url: str, token: str, timeout_s: float = 30.0, remote: Optional[Known] = None) -> None:
        self._http = Transport(url, token, timeout_s, remote)
        self.url = self._http.url
        self.sequences, self.sheets = Sequences(self._http), Sheets(self._http)

    def health(self, timeout_s: Optional[float] = None) -> Dict[str, Any]:
        return self._http.json("GET", "/v1/health", timeout_s=timeout_s)

    def unload(self) -> Dict[str, Any]:
        """Give the GPU's memory back; the next job warms the network again."""
        return self._http.json("POST", "/v1/unload")

    def shutdown(self) -> Dict[str, Any]:
        return self._http.json("POST", "/v1/shutdown")

    def make_page_code(self) -> Dict[str, Any]:
        """{"path", "seconds"}: what a browser is to open for the daemon's own page, once and so soon."""
        return self._http.json("POST", "/v1/page/codes")

    def upload(self, data: bytes, width: int, height: int, format: str = "RGBA8") -> Dict[str, Any]:
        """Raw pixels -> {"id", "width", "height", "format"}."""
        query = urlencode({"width": width, "height": height, "format": format})
        return self._http.json("POST", "/v1/images?" + query, data, content_type="application/octet-stream")

    def upload_part(self, base: str, x: int, y: int, part: Pixels) -> Dict[str, Any]:
        """A part of an uploaded picture that has changed -> the whole, as `upload` answers it."""
        place = {"base": base, "x": x, "y": y}
        query = urlencode({"width": part.width, "height": part.height, "format": part.format, **place})
        return self._http.json("POST", "/v1/images?" + query, part.data, content_type="application/octet-stream")

    def image(self, identity: str) -> Pixels:
        """An uploaded picture."""
        return self._pixels("/v1/images/" + identity)

    def upload_encoded(self, data: bytes, content_type: str) -> Dict[str, Any]:
        """A PNG, JPEG, WebP or TIFF file's bytes."""
        return self._http.json("POST", "/v1/images", data, content_type=content_type)

    def presets(self) -> List[Dict[str, Any]]:
        return list(self._http.json("GET", "/v1/presets")["presets"])

    def preset(self, name: str) -> Dict[str, Any]:
        return self._http.json("GET", "/v1/presets/" + quote(name, safe=""))

    def thumbnail(self, name: str) -> bytes:
        """PNG bytes."""
        return self._http.request("GET", "/v1/presets/" + quote(name, safe="") + "/thumbnail")[1]

    def style_picture(self, name: str) -> bytes:
        """A small copy of its first style image, as a PNG file's bytes."""
        return self._http.request("GET", "/v1/presets/" + quote(name, safe="") + "/style")[1]

    def create_preset(self, preset: Dict[str, Any]) -> Dict[str, Any]:
        """{"name", "title", "images": [image id or {"id", "weight"}], ...} or {"name", "copy_of"}."""
        return self._http.json("POST", "/v1/presets", preset)

    def change_preset(self, name: str, changes: Dict[str, Any]) -> Dict[str, Any]:
        return self._http.json("PUT", "/v1/presets/" + quote(name, safe=""), changes)

    def delete_preset(self, name: str) -> None:
        self._http.request("DELETE", "/v1/presets/" + quote(name, safe=""))

    def export_preset(self, name: str) -> bytes:
        return self._http.request("GET", "/v1/presets/" + quote(name, safe="") + "/bundle")[1]

    def import_preset(self, bundle: bytes, name: Optional[str] = None) -> Dict[str, Any]:
        """`name` is another name for it, where its own is taken."""
        query = "?" + urlencode({"name": name}) if name else ""
        return self._http.json("POST", "/v1/presets/import" + query, bundle, content_type="application/zip")

    def forecast(self, spec: Dict[str, Any]) -> Dict[str, Any]:
        """{"seconds", "bytes", ...} for a job that is not started; `width` and `height` may stand for `content`."""
        return self._http.json("POST", "/v1/forecast", spec)

    def submit(self, spec: Dict[str, Any]) -> Dict[str, Any]:
        """-> {"id", "state", "links", "forecast", ...}."""
        return self._http.json("POST", "/v1/jobs", spec)

    def change(self, job_id: str, changes: Dict[str, Any]) -> Dict[str, Any]:
        """Change a live job: any of content, mask, preset, blend, controls, method, size, regions."""
        return self._http.json("PATCH", "/v1/jobs/" + job_id, changes)

    def workers(self) -> List[Dict[str, Any]]:
        """[{id, device, host, state, jobs}]; `jobs` are the ids of those that the worker paints now."""
        return list(self._http.json("GET", "/v1/workers")["workers"])

    def jobs(self, timeout_s: Optional[float] = None) -> List[Dict[str, Any]]:
        return list(self._http.json("GET", "/v1/jobs", timeout_s=timeout_s)["jobs"])

    def job(self, job_id: str) -> Dict[str, Any]:
        return self._http.json("GET", "/v1/jobs/" + job_id)

    def cancel(self, job_id: str, timeout_s: Optional[float] = None) -> Dict[str, Any]:
        return self._http.json("POST", "/v1/jobs/" + job_id + "/cancel", timeout_s=timeout_s)

    def finish(self, job_id: str) -> Dict[str, Any]:
        """Stop here and keep: the job ends as done with the picture as it is now.

        After a slow iteration that is later than the answer, which then says "running": the job's events tell.
        """
        return self._http.json("POST", "/v1/jobs/" + job_id + "/finish")

    def pause(self, job_id: str) -> Dict[str, Any]:
        return self._http.json("POST", "/v1/jobs/" + job_id + "/pause")

    def resume(self, job_id: str) -> Dict[str, Any]:
        return self._http.json("POST", "/v1/jobs/" + job_id + "/resume")

    def extend(self, job_id: str, iterations: int) -> Dict[str, Any]:
        """So many more iterations from the last checkpoint."""
        return self._http.json("POST", "/v1/jobs/" + job_id + "/extend", {"iterations": iterations})

    def delete_job(self, job_id: str) -> None:
        self._http.request("DELETE", "/v1/jobs/" + job_id)

    def frame(self, job_id: str, number: Union[int, str] = "latest", max_side: Optional[int] = None) -> Pixels:
        """A frame's pixels in the job's own format; `max_side` limits the long side for display."""
        path = "/v1/jobs/{}/frames/{}".format(job_id, number)
        return self._pixels(path + ("?max={}".format(max_side) if max_side else ""))

    def result(self, job_id: str) -> Pixels:
        return self._pixels("/v1/jobs/" + job_id + "/result")

    def png(self, job_id: str, number: Union[int, str] = "result") -> bytes:
        """The result, or a frame by number or "latest", as a PNG file's bytes."""
        part = "/result" if number == "result" else "/frames/{}".format(number)
        return self._http.request("GET", "/v1/jobs/" + job_id + part, accept="image/png")[1]

    def losses(self, job_id: str, accept: str = "application/json") -> bytes:
        """JSON, "text/csv", or a plot as "image/png"."""
        return self._http.request("GET", "/v1/jobs/" + job_id + "/losses", accept=accept)[1]

    def events(self, job_id: str, last_event_id: int = 0, attempts: int = 5) -> Iterator[Event]:
        """Events from after `last_event_id` until "done" or "error"; reconnects where the reader left off.

        Raises DaemonGone when the daemon stays away. Closing the iterator closes the connection.
        """
        return read_events(self._http, "/v1/jobs/" + job_id + "/events", last_event_id, attempts)

    def _pixels(self, path: str) -> Pixels:
        headers, data = self._http.request("GET", path, accept="application/octet-stream")
        return Pixels(
            int(headers["X-Image-Width"]),
            int(headers["X-Image-Height"]),
            headers["X-Image-Format"],
            data,
            int(headers.get("X-Iteration", "0")),
        )
