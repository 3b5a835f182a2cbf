"""No daemon runs: the plug-in starts it, says so, and paints."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.gimp.conftest import real_daemon
from tests.gimp.screen import layers, newest_job, wait, wait_layers, wait_state
from tests.hosts.rig import Gimp

pytestmark = pytest.mark.gimp


def configured_to_ask(gimp: Gimp, folder: Path) -> Path:
    """The folder of editors has no torch, so the plug-in's command only leaves a note, which is returned."""
    wanted, command = folder / "wanted", folder / "start-daemon"
    command.write_text(f'#!/bin/sh\necho "$NEURAL_STYLE_HOME" > {wanted}.new && mv {wanted}.new {wanted}\n')
    command.chmod(0o755)
    config = {"command": [str(command)]}
    (gimp.plug_ins / "neural-style/neural_style_config.json").write_text(json.dumps(config))
    gimp.shared.append(folder)
    return wanted


def test_the_daemon_is_started_and_the_first_picture_arrives(
    placed: Callable[..., Gimp], photo: Path, pictures: Path, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    home.mkdir()
    gimp = placed(home)
    wanted = configured_to_ask(gimp, tmp_path)
    with gimp.interactive(photo) as session:
        session.wait_window("photo")
        session.maximise("photo")
        session.run_action("Stylize Layer")
        session.wait_window("Neural Style")
        wait(wanted.exists, "the daemon's start")
        assert wanted.read_text().strip() == str(home)
        session.screenshot(pictures / "starting.png")
        session.keys("alt+p")  # there is no style yet to paint with
        with real_daemon(home):
            wait((home / "daemon.json").exists, "the daemon")

            def painted() -> object:
                session.keys("alt+p")
                return newest_job(home, set())

            job = wait(painted, "a job")
            session.screenshot(pictures / "started.png")
            wait_layers(session, 2)
            session.screenshot(pictures / "started-and-painting.png")
            session.focus("Neural Style")  # GIMP 3.2 may have taken the focus for its own window
            session.keys("Escape")
            wait_layers(session, 1)
            wait_state(home, job, "cancelled")


def test_repeating_starts_the_daemon_too(
    placed: Callable[..., Gimp], photo: Path, pictures: Path, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    home.mkdir()
    gimp = placed(home)
    wanted = configured_to_ask(gimp, tmp_path)
    memory = {"version": 1, "parameters": {"preset": "ink-wash", "size": 256}}
    (gimp.plug_ins.parent / "neural-style.json").write_text(json.dumps(memory))
    with gimp.interactive(photo) as session:
        session.wait_window("photo")
        session.maximise("photo")
        session.run_action("Repeat Last Style")
        session.wait_window("Neural Style")
        wait(wanted.exists, "the daemon's start")
        session.screenshot(pictures / "starting-to-repeat.png")
        assert layers(session) == 1
        with real_daemon(home):
            wait_layers(session, 2)
            session.focus("Neural Style")  # GIMP 3.2 may have taken the focus for its own window
            session.keys("Escape")
            wait_layers(session, 1)
