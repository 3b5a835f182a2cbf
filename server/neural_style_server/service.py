"""Starting the daemon with the user's session: systemd on Linux, launchd on macOS, Task Scheduler on Windows.

    plan = service_plan(Machine.here())
    outcome = install_service(plan)

`service_plan` is pure: it names the file, its content and the system's commands. `install_service`, `remove_service`
and `service_status` carry them out, through a runner that tests replace.
"""

from __future__ import annotations

import os
import plistlib
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path, PureWindowsPath
from typing import NamedTuple
from xml.sax.saxutils import escape

from neural_style_client import home_folder

from .editors.profiles import Machine
from .errors import NeuralStyleError

UNIT = "neural-style.service"
LABEL = "org.neural-style.daemon"
TASK = "Neural Style"
DESCRIPTION = "Neural style transfer for GIMP and Krita"
TIMEOUT_S = 60.0


class ServiceError(NeuralStyleError):
    code = "service"
    hint = "Without the service the editors start the daemon themselves when they need it."


class Done(NamedTuple):
    """How a command ended; a command that does not exist ends with 127."""

    status: int
    output: str


Command = tuple[str, ...]
Runner = Callable[[Command], Done]


@dataclass(frozen=True)
class ServicePlan:
    """What the service consists of on this system.

    `prepare` commands may fail (they stop an older service that need not be there); `forget` ones run when
    the file is gone.
    """

    path: Path
    content: bytes
    install: tuple[Command, ...]
    remove: tuple[Command, ...]
    status: Command
    prepare: tuple[Command, ...] = ()
    forget: tuple[Command, ...] = ()


@dataclass(frozen=True)
class Outcome:
    """What the command prints."""

    ok: bool
    detail: str
    next_step: str = ""


def run_command(command: Command) -> Done:
    try:
        done = subprocess.run(command, capture_output=True, timeout=TIMEOUT_S, stdin=subprocess.DEVNULL)
    except FileNotFoundError:
        return Done(127, f"there is no program '{command[0]}'")
    except subprocess.TimeoutExpired:
        return Done(124, f"'{command[0]}' did not answer")
    return Done(done.returncode, (done.stdout + done.stderr).decode("utf-8", "replace").strip())


def service_plan(
    machine: Machine, *, python: str = sys.executable, home: str | None = None, user_id: int | None = None
) -> ServicePlan:
    """The service for this system; the daemon's home folder is written into it, since sessions differ."""
    home = home or home_folder()
    if machine.platform == "win32":
        return _windows(machine, python, home)
    command = [python, "-m", "neural_style_server", "serve"]
    if machine.platform == "darwin":
        return _macos(machine, command, home, os.getuid() if user_id is None else user_id)
    return _linux(machine, command, home)


def install_service(plan: ServicePlan, run: Runner = run_command) -> Outcome:
    """Write the file and start the service; may be repeated."""
    plan.path.parent.mkdir(parents=True, exist_ok=True)
    plan.path.write_bytes(plan.content)
    for command in plan.prepare:
        run(command)
    for command in plan.install:
        done = run(command)
        if done.status:
            raise ServiceError(f"The service was written to {plan.path}, but not started: {done.output}.")
    detail = f"The daemon now starts with your session ({plan.path})."
    return Outcome(True, detail, "Run 'neural-style status' to see it.")


def remove_service(plan: ServicePlan, run: Runner = run_command) -> Outcome:
    """Stop the service and delete its file; no failure if it was never installed."""
    if not plan.path.exists():
        return Outcome(True, "The service is not installed.")
    failures = [done.output for command in plan.remove if (done := run(command)).status]
    plan.path.unlink()
    failures += [done.output for command in plan.forget if (done := run(command)).status]
    if failures:
        return Outcome(False, f"{plan.path} was deleted, but the system said: {failures[0]}", "Log out and in.")
    return Outcome(True, f"The daemon no longer starts with your session; {plan.path} was deleted.")


def service_status(plan: ServicePlan, run: Runner = run_command) -> Outcome:
    """Whether the service is installed, as written by this version, and running."""
    install = "Run 'neural-style service install'."
    if not plan.path.exists():
        return Outcome(True, "The service is not installed; editors start the daemon when needed.", install)
    if plan.path.read_bytes() != plan.content:
        return Outcome(False, f"{plan.path} belongs to another version or Python.", install)
    done = run(plan.status)
    if done.status:
        detail = f"The service is installed, but not active: {done.output or 'no reason given'}"
        return Outcome(False, detail, install)
    return Outcome(True, f"The service is installed and active ({plan.path}).")


def _linux(machine: Machine, command: Sequence[str], home: str) -> ServicePlan:
    folder = machine.folder("XDG_CONFIG_HOME", ".config") / "systemd" / "user"
    manage = ("systemctl", "--user")
    return ServicePlan(
        folder / UNIT,
        systemd_unit(command, home).encode("utf-8"),
        ((*manage, "daemon-reload"), (*manage, "enable", "--now", UNIT)),
        ((*manage, "disable", "--now", UNIT),),
        (*manage, "is-active", UNIT),
        forget=((*manage, "daemon-reload"),),
    )


def systemd_unit(command: Sequence[str], home: str) -> str:
    words = " ".join(_systemd_quoted(word, "$") for word in command)
    return f"""[Unit]
Description={DESCRIPTION}

[Service]
ExecStart={words}
Environment={_systemd_quoted(f"NEURAL_STYLE_HOME={home}")}
Nice=10
UMask=0077
NoNewPrivileges=true
Restart=on-failure
RestartSec=10

[Install]
WantedBy=default.target
"""


def _systemd_quoted(word: str, also_doubled: str = "") -> str:
    """A word as systemd reads it back: C-style quotes, with % (and $ in commands) doubled."""
    for sign in "%" + also_doubled:
        word = word.replace(sign, 2 * sign)
    return '"' + word.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


def _macos(machine: Machine, command: Sequence[str], home: str, user_id: int) -> ServicePlan:
    path = machine.home / "Library" / "LaunchAgents" / f"{LABEL}.plist"
    session = f"gui/{user_id}"
    stop = ("launchctl", "bootout", f"{session}/{LABEL}")
    return ServicePlan(
        path,
        launchd_plist(command, home),
        (("launchctl", "bootstrap", session, str(path)),),
        (stop,),
        ("launchctl", "print", f"{session}/{LABEL}"),
        prepare=(stop,),
    )


def launchd_plist(command: Sequence[str], home: str) -> bytes:
    start = {"ProgramArguments": list(command), "EnvironmentVariables": {"NEURAL_STYLE_HOME": home}}
    restart = {"RunAtLoad": True, "KeepAlive": {"SuccessfulExit": False}, "ThrottleInterval": 10}
    priority = {"ProcessType": "Background", "Nice": 10, "Umask": 0o077}
    return plistlib.dumps({"Label": LABEL, **start, **restart, **priority})


def _windows(machine: Machine, python: str, home: str) -> ServicePlan:
    user = "\\".join(filter(None, (machine.environ.get("USERDOMAIN"), machine.environ.get("USERNAME"))))
    path = Path(home) / "service.xml"
    return ServicePlan(
        path,
        task_xml(python, home, user).encode("utf-16"),
        (
            ("schtasks", "/Create", "/TN", TASK, "/XML", str(path), "/F"),
            ("schtasks", "/Run", "/TN", TASK),
        ),
        (("schtasks", "/End", "/TN", TASK), ("schtasks", "/Delete", "/TN", TASK, "/F")),
        ("schtasks", "/Query", "/TN", TASK),
    )


def task_xml(python: str, home: str, user: str) -> str:
    """The task for the user's own logon, without a console window and without a time limit.

    A task has no environment of its own, so the home folder is set in the Python that it starts.
    """
    windowless = PureWindowsPath(python).with_name("pythonw.exe")
    start = (
        f"import os, runpy, sys; os.environ['NEURAL_STYLE_HOME'] = {home!a}; "
        "sys.argv = ['neural-style', 'serve']; "
        "runpy.run_module('neural_style_server', run_name='__main__', alter_sys=True)"
    )
    arguments = subprocess.list2cmdline(["-c", start])
    return f"""<?xml version="1.0" encoding="UTF-16"?>
<Task version="1.2" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task">
  <RegistrationInfo><Description>{escape(DESCRIPTION)}</Description></RegistrationInfo>
  <Triggers>
    <LogonTrigger><Enabled>true</Enabled><UserId>{escape(user)}</UserId></LogonTrigger>
  </Triggers>
  <Principals>
    <Principal id="Author">
      <UserId>{escape(user)}</UserId>
      <LogonType>InteractiveToken</LogonType>
      <RunLevel>LeastPrivilege</RunLevel>
    </Principal>
  </Principals>
  <Settings>
    <MultipleInstancesPolicy>IgnoreNew</MultipleInstancesPolicy>
    <DisallowStartIfOnBatteries>false</DisallowStartIfOnBatteries>
    <StopIfGoingOnBatteries>false</StopIfGoingOnBatteries>
    <ExecutionTimeLimit>PT0S</ExecutionTimeLimit>
    <Priority>8</Priority>
    <RestartOnFailure><Interval>PT1M</Interval><Count>3</Count></RestartOnFailure>
  </Settings>
  <Actions Context="Author">
    <Exec><Command>{escape(str(windowless))}</Command><Arguments>{escape(arguments)}</Arguments></Exec>
  </Actions>
</Task>
"""
