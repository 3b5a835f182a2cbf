"""The one client of the daemon: standard library only, Python 3.8, no import of this project.

The command line uses it, and `neural-style install-plugins` copies this very file beside both plug-ins.

    client = connect()                                   # finds the daemon, or starts it
    image = client.upload(pixels, 640, 480, "RGBA8")
    job = client.submit({"content": image["id"], "preset": "night-swirl"})
    for event in client.events(job["id"]):               # "state", "progress", "frame", "done", "error"
        ...
    picture = client.result(job["id"])                   # Pixels(width, height, format, data)

Every method blocks; call it on a thread of your own where that matters. Failures are `DaemonError`
(the daemon refused, with `code`, `detail`, `hint`) or `DaemonGone` (nobody answers).
"""

import http.client
import json
import os
import socket
import subprocess
import sys
import time
from typing import Any, Dict, Iterator, List, NamedTuple, Optional, Tuple, Union
from urllib.parse import quote, urlencode, urlsplit

API_VERSION = 1
CONFIG_NAME = "neural_style_config.json"
"""Beside the installed client: {"command": [...], "home": "..."}; how an editor starts the daemon."""

BYTES_PER_PIXEL = {"RGBA8": 4, "RGBA16": 8, "RGBAF32": 16}
EVENT_SILENCE_S = 20.0
"""The daemon sends a comment every second; this long without one means that it is gone."""


_started = []  # type: List[subprocess.Popen[bytes]]
"""Daemons that this process has started, so that an editor that outlives one can let its remains go."""


class DaemonError(Exception):
    """The daemon answered with a problem (RFC 9457)."""

    def __init__(self, status: int, problem: Dict[str, Any]) -> None:
        self.status = status
        self.code = str(problem.get("code", "unknown"))
        self.detail = str(problem.get("detail", "The daemon refused the request."))
        self.hint = str(problem.get("hint", ""))
        super().__init__((self.detail + " " + self.hint).strip())


class DaemonGone(Exception):
    """Nobody answers at the daemon's address, or it could not be started."""


class Pixels(NamedTuple):
    """A picture: rows top to bottom, no padding, native little endian, sRGB-encoded, straight alpha."""

    width: int
    height: int
    format: str
    data: bytes
    iteration: int


class Event(NamedTuple):
    """One server-sent event; `id` is what `last_event_id` continues after."""

    id: int
    name: str
    data: Dict[str, Any]


def home_folder() -> str:
    """Where the user's files live; `NEURAL_STYLE_HOME` overrides it, then the installed config."""
    override = os.environ.get("NEURAL_STYLE_HOME") or _config().get("home")
    if override:
        return os.path.abspath(os.path.expanduser(str(override)))
    if sys.platform == "win32":
        return os.path.join(os.environ.get("LOCALAPPDATA", os.path.expanduser("~")), "neural-style")
    if sys.platform == "darwin":
        return os.path.expanduser("~/Library/Application Support/neural-style")
    state = os.environ.get("XDG_STATE_HOME") or os.path.expanduser("~/.local/state")
    return os.path.join(state, "neural-style")


def find_daemon(timeout_s: float = 2.0, any_api: bool = False) -> "Optional[Client]":
    """A client of the daemon that runs now, or None. A `daemon.json` left behind by a dead one is ignored.

    Raises DaemonGone where the daemon speaks another version of the API, unless `any_api`, which is enough to stop it.
    """
    try:
        with open(os.path.join(home_folder(), "daemon.json"), encoding="utf-8") as file:
            found = json.load(file)
        client = Client(str(found["url"]), str(found["token"]))
        health = client.health(timeout_s)
        spoken = int(health["api"])  # a stranger at a dead daemon's port has no such thing
    except (OSError, ValueError, KeyError, TypeError, DaemonError, DaemonGone):
        return None
    if spoken != API_VERSION and not any_api:
        raise DaemonGone(
            "The running daemon speaks API version {} and this plug-in version {}. "
            "Run 'neural-style stop', then 'neural-style install-plugins'.".format(spoken, API_VERSION)
        )
    return client


def start_daemon(timeout_s: float = 20.0) -> "Client":
    """Start the daemon detached and wait until it answers. Raises DaemonGone with what to do."""
    command = daemon_command()
    log_path = os.path.join(home_folder(), "start.log")
    os.makedirs(home_folder(), mode=0o700, exist_ok=True)
    options = {}  # type: Dict[str, Any]
    if sys.platform == "win32":
        options["creationflags"] = 0x00000008 | 0x00000200  # DETACHED_PROCESS | CREATE_NEW_PROCESS_GROUP
    else:
        options["start_new_session"] = True
    environment = dict(os.environ, NEURAL_STYLE_HOME=home_folder())
    for name in ("PYTHONHOME", "PYTHONPATH", "LD_LIBRARY_PATH", "QT_PLUGIN_PATH"):
        environment.pop(name, None)  # an editor's own Python must not leak into the daemon's
    try:
        with open(log_path, "wb") as log:
            process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment, **options
            )
    except OSError as error:
        raise DaemonGone(
            "The daemon could not be started ({}). Run 'neural-style install-plugins' again.".format(error)
        ) from None
    _started.append(process)
    for former in list(_started):
        former.poll()
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        client = find_daemon()
        if client is not None:
            return client
        if process.poll() not in (None, 0):
            break
        time.sleep(0.05)
    raise DaemonGone("The daemon did not start. Run 'neural-style doctor'; its last words are in " + log_path)


def connect(timeout_s: float = 20.0) -> "Client":
    """The running daemon, or a freshly started one."""
    return find_daemon() or start_daemon(timeout_s)


def daemon_command() -> List[str]:
    """How to start the daemon: from the installed config, else with the Python that runs this."""
    configured = _config().get("command")
    if configured:
        return [str(word) for word in configured]
    return [sys.executable, "-m", "neural_style_server", "serve", "--idle-exit", "1800"]


def _config() -> Dict[str, Any]:
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), CONFIG_NAME)
    try:
        with open(path, encoding="utf-8") as file:
            found = json.load(file)
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


class Client:
    """Calls of the HTTP API, one method each. `url` and `token` come from `daemon.json`."""

    def __init__(self, url: str, token: str, timeout_s: float = 30.0) -> None:
        self.url = url.rstrip("/")
        self._token = token
        self._timeout_s = timeout_s

    # daemon

    def health(self, timeout_s: Optional[float] = None) -> Dict[str, Any]:
        return self._json("GET", "/v1/health", timeout_s=timeout_s)

    def unload(self) -> Dict[str, Any]:
        """Give the GPU's memory back; the next job warms the network again."""
        return self._json("POST", "/v1/unload")

    def shutdown(self) -> Dict[str, Any]:
        return self._json("POST", "/v1/shutdown")

    # images

    def upload(self, data: bytes, width: int, height: int, format: str = "RGBA8") -> Dict[str, Any]:
        """Raw pixels -> {"id", "width", "height", "format"}."""
        query = urlencode({"width": width, "height": height, "format": format})
        return self._json("POST", "/v1/images?" + query, data, "application/octet-stream")

    def upload_encoded(self, data: bytes, content_type: str) -> Dict[str, Any]:
        """A PNG, JPEG, WebP or TIFF file's bytes."""
        return self._json("POST", "/v1/images", data, content_type)

    # presets

    def presets(self) -> List[Dict[str, Any]]:
        return list(self._json("GET", "/v1/presets")["presets"])

    def preset(self, name: str) -> Dict[str, Any]:
        return self._json("GET", "/v1/presets/" + quote(name, safe=""))

    def thumbnail(self, name: str) -> bytes:
        """PNG bytes."""
        return self._request("GET", "/v1/presets/" + quote(name, safe="") + "/thumbnail")[1]

    def create_preset(self, preset: Dict[str, Any]) -> Dict[str, Any]:
        """{"name", "title", "images": [image id or {"id", "weight"}], ...} or {"name", "copy_of"}."""
        return self._json("POST", "/v1/presets", preset)

    def change_preset(self, name: str, changes: Dict[str, Any]) -> Dict[str, Any]:
        return self._json("PUT", "/v1/presets/" + quote(name, safe=""), changes)

    def delete_preset(self, name: str) -> None:
        self._request("DELETE", "/v1/presets/" + quote(name, safe=""))

    def export_preset(self, name: str) -> bytes:
        return self._request("GET", "/v1/presets/" + quote(name, safe="") + "/bundle")[1]

    def import_preset(self, bundle: bytes, name: Optional[str] = None) -> Dict[str, Any]:
        """`name` is another name for it, where its own is taken."""
        query = "?" + urlencode({"name": name}) if name else ""
        return self._json("POST", "/v1/presets/import" + query, bundle, "application/zip")

    # jobs

    def forecast(self, spec: Dict[str, Any]) -> Dict[str, Any]:
        """{"seconds", "bytes", ...} for a job that is not started; `width` and `height` may stand for `content`."""
        return self._json("POST", "/v1/forecast", spec)

    def submit(self, spec: Dict[str, Any]) -> Dict[str, Any]:
        """-> {"id", "state", "links", "forecast", ...}."""
        return self._json("POST", "/v1/jobs", spec)

    def workers(self) -> List[Dict[str, Any]]:
        """[{id, device, host, state, jobs}]; `jobs` are the ids of those that the worker paints now."""
        return list(self._json("GET", "/v1/workers")["workers"])

    def jobs(self) -> List[Dict[str, Any]]:
        return list(self._json("GET", "/v1/jobs")["jobs"])

    def job(self, job_id: str) -> Dict[str, Any]:
        return self._json("GET", "/v1/jobs/" + job_id)

    def cancel(self, job_id: str, timeout_s: Optional[float] = None) -> Dict[str, Any]:
        return self._json("POST", "/v1/jobs/" + job_id + "/cancel", timeout_s=timeout_s)

    def finish(self, job_id: str) -> Dict[str, Any]:
        """Stop here and keep: the job ends as done with the picture as it is now."""
        return self._json("POST", "/v1/jobs/" + job_id + "/finish")

    def pause(self, job_id: str) -> Dict[str, Any]:
        return self._json("POST", "/v1/jobs/" + job_id + "/pause")

    def resume(self, job_id: str) -> Dict[str, Any]:
        return self._json("POST", "/v1/jobs/" + job_id + "/resume")

    def extend(self, job_id: str, iterations: int) -> Dict[str, Any]:
        """So many more iterations from the last checkpoint."""
        return self._json("POST", "/v1/jobs/" + job_id + "/extend", {"iterations": iterations})

    def delete_job(self, job_id: str) -> None:
        self._request("DELETE", "/v1/jobs/" + job_id)

    def frame(self, job_id: str, number: Union[int, str] = "latest", max_side: Optional[int] = None) -> Pixels:
        """A frame's pixels in the job's own format; `max_side` limits the long side for display."""
        path = "/v1/jobs/{}/frames/{}".format(job_id, number)
        return self._pixels(path + ("?max={}".format(max_side) if max_side else ""))

    def result(self, job_id: str) -> Pixels:
        return self._pixels("/v1/jobs/" + job_id + "/result")

    def png(self, job_id: str, number: Union[int, str] = "result") -> bytes:
        """The result, or a frame by number or "latest", as a PNG file's bytes."""
        part = "/result" if number == "result" else "/frames/{}".format(number)
        return self._request("GET", "/v1/jobs/" + job_id + part, accept="image/png")[1]

    def losses(self, job_id: str, accept: str = "application/json") -> bytes:
        """JSON, "text/csv", or a plot as "image/png"."""
        return self._request("GET", "/v1/jobs/" + job_id + "/losses", accept=accept)[1]

    # sheets

    def make_sheet(self, spec: Dict[str, Any]) -> Dict[str, Any]:
        """{"content", "presets"?, "size"?, "quality"?} -> {"id", "state", "total", "pictures", "left_out", ...}."""
        return self._json("POST", "/v1/sheets", spec)

    def sheet(self, sheet_id: str) -> Dict[str, Any]:
        """How far it is: {"state", "done", "total", "iteration", "iterations", "eta", "pictures", ...}."""
        return self._json("GET", "/v1/sheets/" + sheet_id)

    def sheet_png(self, sheet_id: str, columns: int = 4) -> bytes:
        """The labelled page of a sheet that has ended, as a PNG file's bytes."""
        return self._request("GET", "/v1/sheets/{}/picture?columns={}".format(sheet_id, columns))[1]

    def cancel_sheet(self, sheet_id: str) -> Dict[str, Any]:
        return self._json("POST", "/v1/sheets/" + sheet_id + "/cancel")

    def resume_sheet(self, sheet_id: str) -> Dict[str, Any]:
        return self._json("POST", "/v1/sheets/" + sheet_id + "/resume")

    def delete_sheet(self, sheet_id: str) -> None:
        """Forget it with its jobs."""
        self._request("DELETE", "/v1/sheets/" + sheet_id)

    # events

    def events(self, job_id: str, last_event_id: int = 0, attempts: int = 5) -> Iterator[Event]:
        """Events from after `last_event_id` until "done" or "error"; reconnects where the reader left off.

        Raises DaemonGone when the daemon stays away. Closing the iterator closes the connection.
        """
        last, failures = last_event_id, 0
        while True:
            try:
                for event in self._event_stream(job_id, last):
                    last, failures = event.id, 0
                    yield event
                    if event.name in ("done", "error"):
                        return
            except DaemonGone:
                pass
            failures += 1
            if failures >= attempts:
                raise DaemonGone("The connection to the daemon was lost; the job can be looked up again later.")
            time.sleep(0.2 * failures)

    # transport

    def _event_stream(self, job_id: str, last: int) -> Iterator[Event]:
        headers = {"Accept": "text/event-stream", "Last-Event-ID": str(last)}
        connection, response = self._open("GET", "/v1/jobs/" + job_id + "/events", None, headers, EVENT_SILENCE_S)
        try:
            name, identity, lines = "message", last, []  # type: str, int, List[str]
            while True:
                try:
                    raw = response.readline()
                except (OSError, http.client.HTTPException) as error:
                    raise DaemonGone(str(error)) from None
                if not raw.endswith(b"\n"):
                    return  # the end, or half a line before it
                field, _, value = raw.decode("utf-8").rstrip("\r\n").partition(": ")
                if field == "id":
                    identity = int(value)
                elif field == "event":
                    name = value
                elif field == "data":
                    lines.append(value)
                elif not field and lines:
                    yield Event(identity, name, json.loads("\n".join(lines)))
                    name, lines = "message", []
        finally:
            connection.close()

    def _pixels(self, path: str) -> Pixels:
        headers, data = self._request("GET", path, accept="application/octet-stream")
        return Pixels(
            int(headers["X-Image-Width"]),
            int(headers["X-Image-Height"]),
            headers["X-Image-Format"],
            data,
            int(headers.get("X-Iteration", "0")),
        )

    def _json(
        self,
        method: str,
        path: str,
        body: Union[bytes, Dict[str, Any], None] = None,
        content_type: str = "application/json",
        timeout_s: Optional[float] = None,
    ) -> Dict[str, Any]:
        data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode("utf-8")
        answer = self._request(method, path, data, content_type, timeout_s=timeout_s)[1]
        found = json.loads(answer.decode("utf-8")) if answer else {}
        return found if isinstance(found, dict) else {}

    def _request(
        self,
        method: str,
        path: str,
        data: Optional[bytes] = None,
        content_type: str = "application/json",
        accept: str = "application/json",
        timeout_s: Optional[float] = None,
    ) -> Tuple[Dict[str, str], bytes]:
        headers = {"Accept": accept}
        if method == "POST" or data is not None:
            headers["Content-Type"] = content_type
        connection, response = self._open(method, path, data, headers, timeout_s)
        try:
            return dict(response.getheaders()), response.read()
        except (OSError, http.client.HTTPException) as error:
            raise DaemonGone("The daemon stopped in the middle of an answer ({}).".format(error)) from None
        finally:
            connection.close()

    def _open(
        self,
        method: str,
        path: str,
        data: Optional[bytes],
        headers: Dict[str, str],
        timeout_s: Optional[float],
    ) -> "Tuple[http.client.HTTPConnection, http.client.HTTPResponse]":
        parts = urlsplit(self.url)
        kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        connection = kind(parts.hostname or "127.0.0.1", parts.port, timeout=timeout_s or self._timeout_s)
        headers = dict(headers, Authorization="Bearer " + self._token)
        try:
            connection.request(method, path, body=data, headers=headers)
            if connection.sock is not None:
                connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            response = connection.getresponse()
            if response.status < 400:
                return connection, response
            answer = response.read()
        except (OSError, http.client.HTTPException) as error:
            connection.close()
            raise DaemonGone("The daemon does not answer at {} ({}).".format(self.url, error)) from None
        connection.close()
        try:
            problem = json.loads(answer.decode("utf-8"))
        except ValueError:
            problem = {}
        raise DaemonError(response.status, problem if isinstance(problem, dict) else {})
