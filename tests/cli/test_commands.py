"""Exit codes, help without torch, and commands that meet no daemon."""

from __future__ import annotations

import contextlib
import gc
import http.client
import json
import os
import re
import subprocess
import sys
import webbrowser
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np
import pytest
from filelock import FileLock
from tests.api.conftest import open_desk  # noqa: F401
from tests.cli.conftest import Run, plain
from tests.client.conftest import Served, served, write_discovery  # noqa: F401
from tests.client.test_event_stream import Script
from tests.pictures.tiff_samples import tiff as tiff_of
from tests.real import COMMAND, REPOSITORY, environment

from neural_style_server.api import daemon
from neural_style_server.cli import commands
from neural_style_server.cli.commands import load_daemon
from neural_style_server.cli.painting import progress_bar
from neural_style_server.cli.presets import presets

COMMANDS = [
    "serve",
    "stop",
    "status",
    "stylize",
    "again",
    "batch",
    "presets",
    "install-plugins",
    "doctor",
    "open",
    "bench",
    "service",
    "workers",
    "token",
    "remote",
]


@pytest.mark.parametrize("command", [[], *[[name] for name in COMMANDS], ["presets", "sheet"]])
def test_every_command_has_help(cli: Run, command: list[str]) -> None:
    code, out, _ = cli(*command, "--help")
    assert code == 0
    assert "Usage: neural-style" in out


@pytest.mark.parametrize("threads", [None, "3"])
def test_loading_the_daemon_leaves_everything_on(threads: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gc, "freeze", lambda: None)  # these tests' own garbage
    monkeypatch.delenv("OPENBLAS_NUM_THREADS", raising=False)
    if threads:
        monkeypatch.setenv("OPENBLAS_NUM_THREADS", threads)
    assert load_daemon() is daemon.serve
    assert os.environ.get("OPENBLAS_NUM_THREADS") == threads
    assert gc.isenabled()


def test_help_needs_neither_torch_nor_flask(tmp_path: Path) -> None:
    script = (
        "import sys\n"
        "from neural_style_server.cli import main\n"
        "try:\n    main(['stylize', '--help'])\n"
        "except SystemExit:\n    pass\n"
        "assert not {'torch', 'flask', 'torchvision'} & set(sys.modules)\n"
    )
    run = subprocess.run([sys.executable, "-c", script], env=environment(tmp_path), capture_output=True, text=True)
    assert run.returncode == 0, run.stderr


def test_every_setting_is_in_the_help_of_serve(cli: Run) -> None:
    from neural_style_server.settings import KEYS

    _, out, _ = cli("serve", "--help")
    assert all(key in out for key in KEYS)


@pytest.mark.parametrize(
    "words",
    [
        ["paint"],
        ["stylize"],
        ["stylize", "photo.png"],
        ["stylize", "photo.png", "--preset", "x", "--size", "big"],
        ["stylize", "photo.png", "--preset", "x", "--quality", "best"],
        ["presets", "show"],
        ["presets", "validate", "nothing"],
        ["serve", "--port", "x"],
    ],
)
def test_wrong_use_is_2(cli: Run, words: list[str]) -> None:
    code, out, err = cli(*words)
    assert code == 2
    assert out == ""
    assert "Error:" in err


def test_a_wrong_setting_is_2_and_names_the_variable(cli: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEURAL_STYLE_PROT", "8765")
    code, _, err = cli("serve")
    assert code == 2
    assert "NEURAL_STYLE_PROT" in plain(err)


def test_status_without_a_daemon_is_1(cli: Run) -> None:
    code, out, _ = cli("status")
    assert (code, "No daemon is running" in out) == (1, True)
    code, out, _ = cli("status", "--json")
    assert (code, json.loads(out)) == (1, {"running": False})


@pytest.mark.skipif(sys.platform == "win32", reason="Windows cannot tell who holds a lock")
def test_status_never_calls_a_busy_daemon_absent(cli: Run, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commands, "PATIENCE_S", 0.0)
    write_discovery(home)
    with FileLock(home / "daemon.lock"):
        code, out, _ = cli("status")
        assert (code, "busy" in out, "No daemon" in out) == (0, True, False)
        code, out, _ = cli("status", "--json")
        assert (code, json.loads(out)) == (0, {"running": True, "busy": True})


def test_status_shows_what_a_busy_daemon_tells(cli: Run, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commands, "PATIENCE_S", 0.1)
    health = {"api": 1, "version": "9", "worker": "busy", "detail": "", "device": None, "network": None}
    body = json.dumps({**health, "jobs": {"queued": 3, "running": 1}})
    answer = f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\n\r\n{body}"
    busy = Script(answer, answer)  # health twice, and no word of the jobs
    write_discovery(home, url=busy.client.url)
    code, out, _ = cli("status")
    busy.close()
    assert code == 0
    assert "1 running, 3 queued" in out
    assert "busy" in out.splitlines()[-1]


def test_the_workers_need_a_daemon_to_be_listed(cli: Run) -> None:
    code, out, said = cli("workers")
    assert (code, out) == (1, "")
    assert "'neural-style serve'" in plain(said)


def test_stop_without_a_daemon_has_nothing_to_do(cli: Run) -> None:
    assert cli("stop")[0] == 0


def test_stop_stops_a_daemon_of_another_version(cli: Run, home: Path) -> None:
    answers = [f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\n\r\n{body}" for body in ('{"api": 2}', "{}")]
    newer = Script(*answers)
    write_discovery(home, url=newer.client.url)
    code, out, _ = cli("stop")
    assert (code, out) == (0, "Stopped.\n")
    assert newer.asked[-1].startswith("POST /v1/shutdown ")
    newer.close()


def test_the_version_is_told(cli: Run) -> None:
    from neural_style_server import __version__

    assert __version__ in cli("--version")[1]


def test_a_remote_address_needs_the_explicit_flag(cli: Run) -> None:
    code, _, err = cli("serve", "--host", "0.0.0.0")
    assert code == 2
    assert "allow_remote" in plain(err)


def test_open_gives_the_browser_an_address_that_works_once(
    cli: Run,
    monkeypatch: pytest.MonkeyPatch,
    served: Served,  # noqa: F811
) -> None:
    opened: list[str] = []
    monkeypatch.setattr(commands, "connect_on", lambda _: served.client)
    monkeypatch.setattr(webbrowser, "open", lambda address: opened.append(address) or True)
    code, out, _ = cli("open")
    assert code == 0
    assert "code=" not in out
    assert opened[0].startswith(f"{served.url}/?code=")
    statuses = [_answer(opened[0]).status for _ in range(2)]
    assert statuses == [303, 401]


def test_open_says_what_to_do_without_a_browser(
    cli: Run,
    monkeypatch: pytest.MonkeyPatch,
    served: Served,  # noqa: F811
) -> None:
    monkeypatch.setattr(commands, "connect_on", lambda _: served.client)
    monkeypatch.setattr(webbrowser, "open", lambda address: False)
    code, _, err = cli("open")
    assert code == 1
    assert "open --print" in plain(err)
    code, out, _ = cli("open", "--print")
    assert code == 0
    assert _answer(out.strip()).status == 303


def _answer(address: str) -> http.client.HTTPResponse:
    url = urlsplit(address)
    connection = http.client.HTTPConnection(url.netloc, timeout=10)
    with contextlib.closing(connection):
        connection.request("GET", f"{url.path}?{url.query}")
        answer = connection.getresponse()
        answer.read()
        return answer


@pytest.mark.parametrize("name", [b"caf\xe9.nstyle", "café 猫.nstyle".encode()])
@pytest.mark.parametrize("encoding", ["utf-8:strict", "ascii:strict"])
def test_a_name_that_the_terminal_cannot_show_is_told_all_the_same(tmp_path: Path, name: bytes, encoding: str) -> None:
    out = os.fsencode(tmp_path) + b"/" + name
    run = subprocess.run(
        [*COMMAND, "presets", "export", "mosaic", "-o", out],
        env={**environment(tmp_path / "home"), "PYTHONIOENCODING": encoding},
        capture_output=True,
    )
    assert run.returncode == 0, run.stderr
    assert os.path.exists(out) and b"caf" in run.stdout
    assert encoding != "utf-8:strict" or name in run.stdout


def test_a_file_s_name_is_no_markup_of_the_progress_bar() -> None:
    bar = progress_bar()
    bar.add_task("[old]/a.png in [/] mosaic: ", note="")
    assert "[old]/a.png in [/] mosaic: " in str(bar.columns[0](bar.tasks[0]))


def test_what_pillow_logs_is_not_said_beside_the_sentence(tmp_path: Path) -> None:
    many = tiff_of(np.zeros((4, 4, 9), np.uint8), 4, 8, 9, 1, {})
    (tmp_path / "odd.tif").write_bytes(many)
    words = [*COMMAND, "stylize", "odd.tif", "--preset", "mosaic"]
    run = subprocess.run(words, env=environment(tmp_path / "home"), cwd=tmp_path, capture_output=True, text=True)
    assert (run.returncode, "odd.tif: It is a TIFF of a kind that is not read" in plain(run.stderr)) == (2, True)


def test_the_manual_lists_the_commands_of_presets_that_there_are() -> None:
    text = (REPOSITORY / "docs" / "command-line.md").read_text("utf-8")
    row = next(line for line in text.splitlines() if line.startswith("| `neural-style presets "))
    assert set(re.findall(r"`(?:neural-style presets )?([a-z-]+)`", row.split("|")[1])) == set(presets.commands)
