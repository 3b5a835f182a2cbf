from __future__ import annotations

import ast
import os
import plistlib
import shutil
import subprocess
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

from neural_style_server.editors.profiles import Machine
from neural_style_server.service import (
    LABEL,
    TASK,
    UNIT,
    Command,
    Done,
    ServiceError,
    install_service,
    launchd_plist,
    remove_service,
    run_command,
    service_plan,
    service_status,
    systemd_unit,
    task_xml,
)

PLATFORMS = ("linux", "darwin", "win32")
PYTHON = "/home/zoë/my env/bin/python"
NAMESPACE = "{http://schemas.microsoft.com/windows/2004/02/mit/task}"


class Recorder:
    """Stands in for the system: remembers commands and fails those that contain a word."""

    def __init__(self, failing: str = "") -> None:
        self.failing = failing
        self.commands: list[Command] = []

    def __call__(self, command: Command) -> Done:
        self.commands.append(command)
        return Done(1, "it said no") if self.failing and self.failing in command else Done(0, "active")


def plan_for(platform: str, folder: Path, environ: dict[str, str] | None = None):  # type: ignore[no-untyped-def]
    machine = Machine(platform, environ or {}, folder)
    return service_plan(machine, python=PYTHON, home=str(folder / "neural style"), user_id=501)


def test_each_system_has_its_own_place(tmp_path: Path) -> None:
    places = [plan_for(platform, tmp_path).path.relative_to(tmp_path).as_posix() for platform in PLATFORMS]

    assert places == [
        f".config/systemd/user/{UNIT}",
        f"Library/LaunchAgents/{LABEL}.plist",
        "neural style/service.xml",
    ]


def test_linux_follows_the_xdg_variable(tmp_path: Path) -> None:
    plan = plan_for("linux", tmp_path, {"XDG_CONFIG_HOME": str(tmp_path / "conf")})

    assert plan.path == tmp_path / "conf/systemd/user" / UNIT


def test_systemd_unit_quotes_what_systemd_would_interpret() -> None:
    unit = systemd_unit(['/a b/100% $HOME/py"thon\\', "serve"], "/home/zoë/50% $x")

    assert 'ExecStart="/a b/100%% $$HOME/py\\"thon\\\\" "serve"' in unit
    assert 'Environment="NEURAL_STYLE_HOME=/home/zoë/50%% $x"' in unit
    assert "WantedBy=default.target" in unit and "Nice=10" in unit


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="needs systemd's own checker")
def test_systemd_accepts_the_unit(tmp_path: Path) -> None:
    unit = tmp_path / UNIT
    unit.write_text(systemd_unit(["/bin/sh", "-m", "neural_style_server", "serve"], "/tmp/a b"), encoding="utf-8")

    def complaints() -> str:
        command = ["systemd-analyze", "--user", "verify", str(unit)]
        environment = {**os.environ, "XDG_RUNTIME_DIR": str(tmp_path)}
        done = subprocess.run(command, capture_output=True, text=True, env=environment)
        if "initialize manager" in done.stderr:
            pytest.skip(done.stderr.strip())
        return done.stderr

    assert UNIT not in complaints()
    unit.write_text(unit.read_text(encoding="utf-8").replace("Nice=10", "Nice=many"), encoding="utf-8")
    assert UNIT in complaints()


def test_launchd_plist_is_read_back_with_every_word_apart() -> None:
    found = plistlib.loads(launchd_plist([PYTHON, "-m", "neural_style_server", "serve"], "/Users/zoë/x y"))

    assert found["ProgramArguments"] == [PYTHON, "-m", "neural_style_server", "serve"]
    assert found["EnvironmentVariables"] == {"NEURAL_STYLE_HOME": "/Users/zoë/x y"}
    assert found["KeepAlive"] == {"SuccessfulExit": False} and found["Label"] == LABEL


def test_windows_task_is_well_formed_and_starts_without_a_window() -> None:
    text = task_xml(r"C:\Zoë & Co\python.exe", 'D:\\x "y"', "PC\\zoë <z>")

    root = ElementTree.fromstring(text.encode("utf-16"))

    assert root.findtext(f".//{NAMESPACE}Command") == r"C:\Zoë & Co\pythonw.exe"
    assert {one.text for one in root.iter(f"{NAMESPACE}UserId")} == {"PC\\zoë <z>"}
    arguments = root.findtext(f".//{NAMESPACE}Arguments")
    assert arguments is not None and arguments.startswith('-c "import os')


def test_windows_task_sets_the_home_folder_in_python() -> None:
    text = task_xml("python.exe", 'D:\\Zoë\\"x"', "me")
    arguments = ElementTree.fromstring(text.encode("utf-16")).findtext(f".//{NAMESPACE}Arguments") or ""

    program = arguments[len('-c "') : -1].replace('\\\\\\"', '\\"').replace('\\"', '"')

    constants = [node.value for node in ast.walk(ast.parse(program)) if isinstance(node, ast.Constant)]
    assert "serve" in constants and "neural_style_server" in constants


@pytest.mark.parametrize("platform", PLATFORMS)
def test_installing_writes_the_file_and_tells_the_system(tmp_path: Path, platform: str) -> None:
    plan, run = plan_for(platform, tmp_path), Recorder()

    outcome = install_service(plan, run)

    assert outcome.ok and str(plan.path) in outcome.detail
    assert plan.path.read_bytes() == plan.content
    assert tuple(run.commands) == plan.prepare + plan.install


@pytest.mark.parametrize("platform", PLATFORMS)
def test_installing_again_removing_and_removing_again(tmp_path: Path, platform: str) -> None:
    plan, run = plan_for(platform, tmp_path), Recorder()
    install_service(plan, run)
    install_service(plan, run)
    run.commands.clear()

    assert remove_service(plan, run).ok and not plan.path.exists()
    assert tuple(run.commands) == plan.remove + plan.forget
    assert remove_service(plan, run).detail == "The service is not installed."


@pytest.mark.parametrize(("platform", "word"), [("linux", "enable"), ("darwin", "bootstrap"), ("win32", "/Create")])
def test_system_that_refuses_is_told_in_its_own_words(tmp_path: Path, platform: str, word: str) -> None:
    with pytest.raises(ServiceError, match="it said no") as caught:
        install_service(plan_for(platform, tmp_path), Recorder(word))
    assert "editors start the daemon themselves" in caught.value.hint


def test_mac_without_an_older_service_is_no_failure(tmp_path: Path) -> None:
    assert install_service(plan_for("darwin", tmp_path), Recorder("bootout")).ok


def test_file_is_deleted_even_if_the_system_refuses(tmp_path: Path) -> None:
    plan = plan_for("linux", tmp_path)
    install_service(plan, Recorder())

    outcome = remove_service(plan, Recorder("disable"))

    assert not outcome.ok and "it said no" in outcome.detail and not plan.path.exists()


@pytest.mark.parametrize("platform", PLATFORMS)
def test_status_tells_absent_outdated_inactive_and_active_apart(tmp_path: Path, platform: str) -> None:
    plan = plan_for(platform, tmp_path)
    assert "not installed" in service_status(plan, Recorder()).detail

    install_service(plan, Recorder())
    assert "active (" in service_status(plan, Recorder()).detail
    assert "not active: it said no" in service_status(plan, Recorder(plan.status[1])).detail

    plan.path.write_bytes(b"older")
    assert "another version" in service_status(plan, Recorder()).detail


def test_task_and_user_are_named_on_windows(tmp_path: Path) -> None:
    plan = plan_for("win32", tmp_path, {"USERDOMAIN": "PC", "USERNAME": "zoë"})

    assert plan.install[0][:4] == ("schtasks", "/Create", "/TN", TASK)
    assert "PC\\zoë" in plan.content.decode("utf-16")


def test_missing_program_is_an_answer_and_not_a_crash() -> None:
    assert run_command(("no-such-program-here",)).status == 127
