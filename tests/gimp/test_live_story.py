"""A layer that is painted on in the real GIMP while the real daemon follows it, its frames compared by value."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageDraw
from tests.gimp.conftest import client_of
from tests.gimp.screen import wait, wait_layers
from tests.gimp.test_preview import stroke
from tests.hosts.rig import Gimp, GimpSession
from tests.real import RealDaemon

pytestmark = pytest.mark.gimp
RESTS_S = 400


def rested(home: Path, revision: int, among: set[str]) -> Any:
    """The live job that rests with this change, or a later one."""

    def there() -> Any:
        jobs = [job for job in client_of(home).jobs() if job["live"] and job["id"] not in among]
        return next((job for job in jobs if job["resting"] and job["revision"] >= revision), None)

    return wait(there, "a settled picture", limit_s=RESTS_S, pause_s=0.5)


def frame(home: Path, job: Any) -> Any:
    found = client_of(home).frame(job["id"])
    return np.frombuffer(found.data, np.uint8).reshape(found.height, found.width, 4)[:, :, :3].astype(float)


def test_the_style_follows_the_brush_and_stays_where_nothing_changed(
    placed: Callable[..., Gimp], real_home: Path, photo: Path, pictures: Path
) -> None:
    with placed(real_home).interactive(photo) as session:
        session.wait_window("photo")
        session.maximise("photo")
        known = {job["id"] for job in client_of(real_home).jobs()}
        open_gouache(session)
        time.sleep(1)
        session.keys("alt+a")
        session.wait_window("Neural Style Live")
        dialogue = {job["id"] for job in client_of(real_home).jobs()} - known
        job = rested(real_home, 0, known | ended(real_home, dialogue))
        before = frame(real_home, job)
        session.focus("photo")
        stroke(session)
        job = rested(real_home, 1, known)
        time.sleep(1)
        session.screenshot(pictures / "live-followed.png")
        change = np.abs(frame(real_home, job) - before).mean(axis=2)
        assert change.max() > 40
        width = change.shape[1]
        assert change[:, 3 * width // 4 :].mean() < 1  # far away from the stroke, which is on the left
        session.focus("Neural Style Live")
        session.keys("alt+k")
        wait_layers(session, 2)
        session.wait_no_window("Neural Style Live")


def test_a_killed_daemon_is_found_again_and_the_picture_goes_on(
    placed: Callable[..., Gimp], real_home: Path, tmp_path: Path, photo: Path, pictures: Path
) -> None:
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    (home / "calibration.json").write_bytes((real_home / "calibration.json").read_bytes())
    daemon = RealDaemon(home)
    try:
        with placed(home).interactive(photo) as session:
            session.wait_window("photo")
            session.maximise("photo")
            open_gouache(session)
            time.sleep(1)
            session.keys("alt+a")
            session.wait_window("Neural Style Live")
            dialogue = {job["id"] for job in client_of(home).jobs()}
            former = rested(home, 0, ended(home, dialogue))
            daemon.kill()
            daemon.start()
            known = {job["id"] for job in client_of(home).jobs()}
            session.focus("photo")
            stroke(session)
            again = rested(home, 0, known)
            assert again["id"] != former["id"] and client_of(home).job(former["id"])["state"] != "running"
            session.screenshot(pictures / "live-after-a-killed-daemon.png")
            session.focus("Neural Style Live")
            session.keys("alt+k")
            wait_layers(session, 2)
    finally:
        daemon.end()


def open_gouache(session: GimpSession) -> None:
    session.run_action("Stylize Layer")
    session.wait_window("Neural Style")
    time.sleep(3)
    session.keys("alt+f")
    session.type("gouache")


def ended(home: Path, jobs: set[str]) -> set[str]:
    """Those of them that are cancelled; the dialogue's is, once it is closed."""

    def over() -> set[str]:
        return {identity for identity in jobs if client_of(home).job(identity)["state"] == "cancelled"}

    wait(over, "the end of the dialogue's job")
    return over()


def test_the_dialogue_of_an_animation_shows_its_frames(
    placed: Callable[..., Gimp], real_home: Path, tmp_path: Path, pictures: Path, photo: Path
) -> None:
    path = tmp_path / "harbour.gif"
    with Image.open(photo) as picture:
        frames = [picture.convert("RGB").resize((240, 160)) for _ in range(6)]
    for number, one in enumerate(frames):
        ImageDraw.Draw(one).ellipse((20 + 30 * number, 90, 44 + 30 * number, 114), fill=(230, 60, 40))
    frames[0].save(path, save_all=True, append_images=frames[1:], duration=100)
    gimp = placed(real_home)
    gimp.shared.append(tmp_path)
    with gimp.interactive(path) as session:
        session.wait_window("harbour")
        session.maximise("harbour")
        session.run_action("Paint Layers as Animation")
        session.wait_window("Paint Layers as Animation")
        time.sleep(4)
        session.screenshot(pictures / "animation-dialogue.png")
        known = {job["id"] for job in client_of(real_home).jobs()}
        session.keys("alt+p")
        wait(lambda: len(client_of(real_home).sequences.all()) == 1, "a sequence")
        session.wait_window("Neural Style")
        session.keys("alt+s")
        session.wait_no_window("Neural Style")
        wait(lambda: not client_of(real_home).sequences.all(), "no sequence")
        assert {job["id"] for job in client_of(real_home).jobs() if job["state"] == "running"} <= known
