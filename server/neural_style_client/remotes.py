"""Daemons on other computers, by name: where each is, the user's token, and the certificate that was seen first.

They are in `remotes.json` in the home folder, which its user alone can read. Which of them the editors paint on is kept
there, too; "" is this computer. A daemon on another computer is never started from here.
"""

import json
import os
import re
from typing import Any, Callable, Dict, List, NamedTuple, Optional
from urllib.parse import urlsplit

from . import certificates, discovery
from .api import Client
from .discovery import API_VERSION, home_folder
from .errors import DaemonBusy, DaemonError, DaemonGone, PainterError
from .json_file import read_json
from .translations import tr

FILE_NAME = "remotes.json"
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}")
LOOPBACK = ("127.0.0.1", "localhost", "::1")
ANSWER_S = 10.0
UNAUTHORISED = 401


class Remote(NamedTuple):
    """`certificate` is PEM, "" at a loopback address, where an SSH tunnel may begin."""

    name: str
    url: str
    token: str
    certificate: str

    @property
    def fingerprint(self) -> str:
        return certificates.fingerprint(self.certificate) if self.certificate else ""

    def client(self, timeout_s: float = 30.0) -> Client:
        return Client(self.url, self.token, timeout_s, self)


def remotes() -> List[Remote]:
    """All that are known, in the order in which they were added. Raises PainterError where the file is damaged."""
    return [Remote(**{key: str(one[key]) for key in Remote._fields}) for one in _read()["remotes"]]


def names() -> List[str]:
    """Of all that are known, for a choice; none where the file is damaged, which connecting tells of."""
    try:
        return [one.name for one in remotes()]
    except PainterError:
        return []


def find(name: str) -> Remote:
    """Raises PainterError."""
    for one in remotes():
        if one.name == name:
            return one
    raise PainterError(
        tr("No other computer is called “{}” here. 'neural-style remote list' shows those that are.", name)
    )


def chosen() -> str:
    """Where the editors paint: a name, or "" for this computer."""
    try:
        return str(_read()["chosen"])
    except PainterError:
        return ""


def choose(name: str) -> None:
    _write(dict(_read(), chosen=find(name).name if name else ""))


def connect_to(name: Optional[str]) -> Client:
    """The named daemon, which must answer; this computer's, started if there is none, without a name. Raises DaemonGone
    and PainterError."""
    if not name:
        return discovery.connect()
    client = find(name).client()
    spoken = client.health(ANSWER_S).get("api")
    if spoken != API_VERSION:
        raise DaemonGone(
            tr(
                "“{}” speaks API version {} and this program version {}. Install the same version of "
                "neural-style-server on both computers.",
                name,
                spoken,
                API_VERSION,
            )
        )
    return client


def find_chosen() -> Optional[Client]:
    """The daemon that the editors paint on; None where that is this computer's and none runs. Raises DaemonGone, also
    where the list is damaged."""
    try:
        wanted = str(_read()["chosen"])
        return connect_to(wanted) if wanted else discovery.find_daemon()
    except PainterError as error:
        raise DaemonGone(str(error)) from None


def connect_chosen() -> Client:
    """The same, started if it is this computer's and none runs."""
    return find_chosen() or discovery.connect()


def asked(client: Client, ask: Callable[[Client], Any]) -> Any:
    """`ask(client)`; where that daemon has gone, or was started again since, the same of the one that there is now."""
    try:
        return ask(client)
    except DaemonBusy:
        raise
    except DaemonGone:
        pass
    except DaemonError as error:
        if error.status != UNAUTHORISED:  # each start has another token
            raise
    return ask(connect_chosen())


def seen(name: str, url: str, token: str) -> Remote:
    """A remote with the certificate that is shown now; nothing is saved. Raises PainterError for a name or an address
    that cannot be, and DaemonGone."""
    if not NAME.fullmatch(name):
        raise PainterError(tr("“{}” cannot be a name: use letters, digits, dots and dashes.", name[:60]))
    parts = _parts(url)
    host = parts.hostname or ""
    if parts.scheme == "https":
        certificate = certificates.fetch(host, parts.port or 443, ANSWER_S)
    elif host in LOOPBACK:
        certificate = ""
    else:
        raise PainterError(
            tr("{} is not encrypted: anybody on the way could read pictures and token. Use https://.", url[:200])
        )
    return Remote(name, url.rstrip("/"), token.strip(), certificate)


def save(remote: Remote) -> None:
    """In place of one of the same name. Raises PainterError."""
    found = _read()
    kept = [one for one in found["remotes"] if one["name"] != remote.name]
    _write(dict(found, remotes=[*kept, dict(remote._asdict())]))


def remove(name: str) -> None:
    """Raises PainterError where there is none."""
    find(name)
    found = _read()
    left = [one for one in found["remotes"] if one["name"] != name]
    _write({"remotes": left, "chosen": "" if found["chosen"] == name else found["chosen"]})


def _parts(url: str) -> Any:
    """Raises PainterError for what is no address of a daemon."""
    try:
        parts = urlsplit(url)
        good = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        good = False
    if not good or parts.path.strip("/") or parts.query or parts.username or parts.password:
        raise PainterError(tr("“{}” is no address of a daemon. Write it as https://studio.example:8443.", url[:200]))
    return parts


def _path() -> str:
    return os.path.join(home_folder(), FILE_NAME)


def _read() -> Dict[str, Any]:
    path = _path()
    try:
        found = read_json(path)
    except FileNotFoundError:
        return {"remotes": [], "chosen": ""}
    except (OSError, ValueError):
        found = None
    listed = found.get("remotes") if isinstance(found, dict) else None
    if not isinstance(listed, list) or not all(
        isinstance(one, dict) and set(Remote._fields) <= set(one) for one in listed
    ):
        raise PainterError(
            tr(
                "The list of other computers cannot be read. Delete {}, and add them again with "
                "'neural-style remote add'.",
                path,
            )
        )
    return {"remotes": listed, "chosen": str(found.get("chosen") or "")}


def _write(record: Dict[str, Any]) -> None:
    """For the user alone: there are tokens in it."""
    path = _path()
    try:
        os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
        handle = os.open(path + ".new", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(record, file, indent=1)
        os.replace(path + ".new", path)
    except OSError as error:
        raise PainterError(tr("{} cannot be written ({}). Look at the folder's permissions.", path, error)) from None
