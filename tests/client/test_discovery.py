"""Finding the daemon, starting it where there is none, and the promises that the client's source makes."""

from __future__ import annotations

import ast
import importlib.util
import json
import os
import shutil
import socket
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from filelock import FileLock
from tests.client.conftest import Served, write_discovery
from tests.client.test_event_stream import Script
from tests.real import COMMAND, environment
from tests.waiting import wait_for

import neural_style_client
from neural_style_client import DaemonBusy, DaemonGone, discovery, find_daemon, home_folder

PACKAGE = Path(neural_style_client.__file__).parent
SOURCES = sorted(PACKAGE.glob("*.py"))


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("NEURAL_STYLE_HOME", str(tmp_path / "the home"))
    return tmp_path / "the home"


def installed(folder: Path, **config: Any) -> ModuleType:
    """The package as the installer copies it into a plug-in, with the config beside it."""
    shutil.copytree(PACKAGE, folder / PACKAGE.name, ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "neural_style_config.json").write_text(json.dumps(config))
    name = f"installed_{len(sys.modules)}"
    spec = importlib.util.spec_from_file_location(name, folder / PACKAGE.name / "__init__.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)
def test_the_source_is_python_3_8_and_imports_the_standard_library_and_itself(source: Path) -> None:
    """Itself by relative imports alone: it is a package of its own in GIMP, and one within the plug-in's in Krita."""
    tree = ast.parse(source.read_text("utf-8"), feature_version=(3, 8))
    names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    froms = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    assert all(node.level <= 1 for node in froms)
    names |= {str(node.module) for node in froms if not node.level}
    assert {name.split(".")[0] for name in names} <= sys.stdlib_module_names


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)
def test_annotations_are_those_that_python_3_8_evaluates(source: Path) -> None:
    tree = ast.parse(source.read_text("utf-8"))
    annotations = [node.annotation for node in ast.walk(tree) if isinstance(node, (ast.arg, ast.AnnAssign))]
    annotations += [node.returns for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    for part in (inner for whole in annotations if whole for inner in ast.walk(whole)):
        assert not (isinstance(part, ast.BinOp) and isinstance(part.op, ast.BitOr))
        assert not (isinstance(part, ast.Subscript) and ast.unparse(part.value) in ("list", "dict", "tuple"))


def test_the_running_daemon_is_found(served: Served, home: Path) -> None:
    write_discovery(home, url=served.url, token="secret-token")
    client = find_daemon()
    assert client is not None
    assert client.jobs() == []


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "{}", '{"url": 5, "token": "x"}', '{"url": "http://127.0.0.1:9"}', "[" * 100_000, "\xff"]
)
def test_a_damaged_or_stale_discovery_is_no_daemon(home: Path, text: str) -> None:
    home.mkdir()
    (home / "daemon.json").write_text(text)
    assert find_daemon() is None


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="Windows has no FIFO")
def test_what_is_no_file_is_no_daemon_and_never_waited_for(home: Path) -> None:
    home.mkdir()
    os.mkfifo(home / "daemon.json")
    assert find_daemon() is None


def test_a_dead_daemon_s_discovery_is_no_daemon(home: Path) -> None:
    assert find_daemon() is None
    write_discovery(home)
    assert find_daemon() is None


@pytest.mark.parametrize("body", ["{}", "[]", '"hello"', '{"api": null}', "not json"])
def test_a_stranger_at_a_dead_daemon_s_port_is_no_daemon(home: Path, body: str) -> None:
    stranger = Script(f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\n\r\n{body}")
    write_discovery(home, url=stranger.client.url)
    assert find_daemon() is None
    stranger.close()


class Silent:
    """Somebody who takes connections and answers after `pause_s`, if at all."""

    def __init__(self, pause_s: float = 60.0) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self._pause_s, self._closed = pause_s, threading.Event()
        self._thread = threading.Thread(target=self._serve, name="silent")
        self._thread.start()

    def _serve(self) -> None:
        body, open_ones = '{"api": 1}', []
        while not self._closed.is_set():
            try:
                open_ones.append(self._socket.accept()[0])
            except OSError:
                break
            if not self._closed.wait(self._pause_s):
                answer = f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\n\r\n{body}"
                with suppress(OSError):
                    open_ones[-1].sendall(answer.encode())
        for one in open_ones:
            one.close()

    def close(self) -> None:
        self._closed.set()
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join(5)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows cannot tell who holds a lock")
def test_a_daemon_that_lives_but_is_slow_is_busy_and_never_absent(home: Path) -> None:
    silent = Silent()
    write_discovery(home, url=silent.url)
    assert find_daemon(0.1) is None  # a stranger at a dead daemon's port
    with FileLock(home / "daemon.lock"):
        with pytest.raises(DaemonBusy, match="busy"):
            find_daemon(0.1, patience_s=0.2)
        with pytest.raises(DaemonBusy):
            connect_within(0.1)
    silent.close()


def connect_within(timeout_s: float) -> object:
    """`connect`, with less patience."""
    return find_daemon(timeout_s, patience_s=timeout_s) or pytest.fail("a second daemon would have been started")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows cannot tell who holds a lock")
@pytest.mark.parametrize("left", ["none", "stale", "cut"])
def test_a_daemon_that_is_just_starting_or_ending_is_busy_and_never_absent(home: Path, left: str) -> None:
    home.mkdir()
    if left == "stale":
        write_discovery(home)
    elif left == "cut":
        (home / "daemon.json").write_text('{"url"')
    with FileLock(home / "daemon.lock"), pytest.raises(DaemonBusy, match="busy"):
        find_daemon(0.1, patience_s=0.2)
    assert find_daemon(0.1) is None


def test_a_daemon_that_starts_meanwhile_is_found(served: Served, home: Path) -> None:
    home.mkdir()
    with FileLock(home / "daemon.lock"):
        starting = threading.Timer(0.3, write_discovery, (home,), {"url": served.url, "token": "secret-token"})
        starting.start()
        found = find_daemon(0.1, patience_s=20)
        starting.join()
    assert found is not None and found.url == served.url


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no such files")
@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir, lambda path: path.symlink_to("/dev/zero")])
def test_what_is_no_file_is_neither_waited_for_nor_read(home: Path, make: Callable[[Path], None]) -> None:
    home.mkdir()
    for name in ("daemon.json", "start.log"):
        make(home / name)
    found: list[object] = []
    asking = threading.Thread(target=lambda: found.append(find_daemon(0.1)), daemon=True)
    asking.start()
    asking.join(10)
    assert found == [None]
    with discovery._start_log(str(home / "start.log")) as log:
        log.write(b"lost")


def test_a_slow_daemon_is_waited_for(home: Path) -> None:
    silent = Silent(pause_s=0.5)
    write_discovery(home, url=silent.url)
    with FileLock(home / "daemon.lock"):
        found = find_daemon(0.2, patience_s=10)
    assert found is not None and found.url == silent.url
    silent.close()


def test_the_daemon_of_another_home_can_be_asked_for(served: Served, home: Path, tmp_path: Path) -> None:
    write_discovery(tmp_path / "other", url=served.url, token="secret-token")
    assert find_daemon() is None
    found = find_daemon(home=str(tmp_path / "other"))
    assert found is not None and found.url == served.url


def test_a_daemon_of_another_version_says_what_to_do(home: Path) -> None:
    body = '{"api": 2}'
    newer = Script(f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\n\r\n{body}")
    write_discovery(home, url=newer.client.url)
    with pytest.raises(DaemonGone, match="neural-style stop"):
        find_daemon()
    newer.close()


def test_a_daemon_of_another_version_can_still_be_found_to_be_stopped(home: Path) -> None:
    body = '{"api": 2}'
    newer = Script(f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\n\r\n{body}")
    write_discovery(home, url=newer.client.url)
    found = find_daemon(any_api=True)
    assert found is not None
    assert found.url == newer.client.url
    newer.close()


def test_the_home_is_the_environment_s_then_the_config_s(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    module = installed(tmp_path / "plugin", home=str(tmp_path / "configured"))
    monkeypatch.setenv("NEURAL_STYLE_HOME", str(tmp_path / "chosen"))
    assert module.home_folder() == str(tmp_path / "chosen")
    monkeypatch.delenv("NEURAL_STYLE_HOME")
    assert module.home_folder() == str(tmp_path / "configured")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    if sys.platform == "linux":
        assert home_folder() == str(tmp_path / "state" / "neural-style")


def test_two_editors_that_start_the_daemon_at_once_get_the_same_one(tmp_path: Path, home: Path) -> None:
    wrapper = tmp_path / "start daemon.sh"
    folders = environment(home)["PYTHONPATH"]
    wrapper.write_text(f"#!/bin/sh\nPYTHONPATH='{folders}' exec {' '.join(COMMAND)} serve --idle-exit 60\n")
    wrapper.chmod(0o700)
    module = installed(tmp_path / "plugin", command=[str(wrapper)])
    found: list[Any] = []
    threads = [threading.Thread(target=lambda: found.append(module.connect(40))) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len({client.url for client in found}) == 1
    wait_for(lambda: any(process.poll() == 0 for process in started(module)), 30, "the end of the second")
    found[0].shutdown()
    reap(module)


def test_a_daemon_that_cannot_be_started_says_what_to_do(tmp_path: Path, home: Path) -> None:
    module = installed(tmp_path / "plugin", command=[str(tmp_path / "nothing")])
    with pytest.raises(module.DaemonGone, match="install-plugins"):
        module.connect(2)
    broken = installed(tmp_path / "other", command=[sys.executable, "-c", "raise SystemExit(3)"])
    with pytest.raises(broken.DaemonGone, match="doctor"):
        broken.connect(20)
    reap(broken)


def started(module: ModuleType) -> Any:
    return sys.modules[module.__name__ + ".discovery"]._started


def reap(module: ModuleType) -> None:
    """Wait for the detached children."""
    for process in started(module):
        process.wait(20)
