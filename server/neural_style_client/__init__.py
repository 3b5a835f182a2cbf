"""The one client of the daemon, and all that the editors' plug-ins share: standard library only, Python 3.8.

The command line uses it, and `neural-style install-plugins` copies the whole package into both plug-ins.

    client = connect()                                   # finds the daemon, or starts it
    image = client.upload(pixels, 640, 480, "RGBA8")
    job = client.submit({"content": image["id"], "preset": "night-swirl"})
    for event in client.events(job["id"]):               # "state", "progress", "frame", "done", "error"
        ...
    picture = client.result(job["id"])                   # Pixels(width, height, format, data, iteration)

How the daemon is reached: `api` (calls, with those about `sequences` and `sheets`), `event_stream`, `transport`,
`discovery` (finding and starting it), `remotes` (those on other computers) with `certificates`.
What a painter chooses: `parameters` (and the job's body), `controls`, `blend`, `regions`,
`kept_frames`, `preset_filters`. What is made of pixels: `masks`, `make_preset`.
A job's life in an editor: `job_session` (what is asked of it, `orders`), `live_session` (its job with the daemon,
`live_job`, what it has to do yet, `live_work`), `job_history`, `tasks`. Pictures on their way: `uploads`,
`changed_area`.
A moving picture's life: `film` (a frame as it is sent, `drawing`, how far it is, `film_progress`).
What a painter reads: `errors`, `status`, `wording`.
"""

from .api import BYTES_PER_PIXEL, Client, Pixels
from .discovery import (
    API_VERSION,
    CONFIG_NAME,
    connect,
    daemon_command,
    find_daemon,
    home_folder,
    is_installed,
    start_daemon,
)
from .errors import DaemonBusy, DaemonError, DaemonGone, NotTrusted
from .event_stream import Event
from .remotes import connect_chosen, connect_to

__all__ = [
    "API_VERSION", "BYTES_PER_PIXEL", "CONFIG_NAME", "Client", "DaemonBusy", "DaemonError", "DaemonGone", "Event",
    "NotTrusted", "Pixels", "connect", "connect_chosen", "connect_to", "daemon_command",
    "find_daemon", "home_folder", "is_installed", "start_daemon",
]  # fmt: skip
