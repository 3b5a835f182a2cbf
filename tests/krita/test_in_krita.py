"""The docker in the real Krita, with the real daemon: its real widgets are pressed, pixels are compared.

Each driver in `drivers/` is one start of Krita; its checks appear here one by one.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from tests.hosts.rig import Krita, Session
from tests.hosts.studio import Studio
from tests.krita.conftest import Daemon, Driven, Driving, checks_of

DRIVERS = (
    "colours", "painting", "history", "sources", "styles", "regions", "marks", "style_part", "layer_lists", "film",
    "interruptions", "live", "live_sources", "windows", "prints",
)  # fmt: skip
"""Those that need a warm daemon and nothing else."""

PATIENCE_S = 180
DAEMON_FROM_INSIDE = ["chroot", "/proc/1/root", sys.executable, "-m", "neural_style_server", "serve"]
"""From Krita's folder of Debian back into the machine's own: process 1 of the editors' namespace still sees it."""


def wait_for(path: Path, session: Session) -> str:
    """The text of a file that the driver leaves."""
    wait_until(lambda: path.exists() or session.process.poll() is not None, PATIENCE_S)
    assert path.exists(), session.tail()
    return path.read_text(encoding="utf-8")


def ended(krita: Krita, session: Session, timeout_s: float) -> None:
    """Waits until the driver is over, which must have passed."""
    code = session.wait(timeout_s)
    Driven(krita.result(), krita.log, f"exit status {code}").passed("ended_in_the_middle")
    assert code == 0, krita.log


def wait_until(condition: Callable[[], bool], patience_s: float) -> None:
    deadline = time.monotonic() + patience_s
    while not condition():
        assert time.monotonic() < deadline, "what was waited for did not happen"
        time.sleep(0.05)


@pytest.mark.krita
@pytest.mark.parametrize(("driver", "check"), [(driver, check) for driver in DRIVERS for check in checks_of(driver)])
def test_with_a_daemon(driver: str, check: str, driving: Driving, daemon: Daemon) -> None:
    driving.run(driver, daemon.home).passed(check)


@pytest.mark.krita
@pytest.mark.parametrize("theme", ["dark", "light"])
@pytest.mark.parametrize("check", checks_of("looks"))
def test_looks(check: str, theme: str, driving: Driving, daemon: Daemon) -> None:
    driving.run("looks", daemon.home, theme).passed(check)


@pytest.mark.krita
@pytest.mark.parametrize("language", ["de", "ja"])
@pytest.mark.parametrize("check", checks_of("languages"))
def test_languages(check: str, language: str, driving: Driving, daemon: Daemon) -> None:
    driving.run("languages", daemon.home, language=language).passed(check)


@pytest.mark.krita
def test_a_killed_daemon_leaves_no_stray_layer_and_the_next_one_is_found(driving: Driving, tmp_path: Path) -> None:
    first = Daemon(tmp_path / "home")
    try:
        first.wait_until_warm()
        with driving.started("endings", first.home, "killed", DRIVE_HOW="kill") as (krita, session):
            wait_for(krita.profile / "begun", session)
            first.kill()
            wait_for(krita.profile / "over", session)
            first = Daemon(tmp_path / "home")
            ended(krita, session, 240)
    finally:
        first.close()


@pytest.mark.krita
def test_live_comes_back_by_itself_when_the_daemon_was_killed(driving: Driving, tmp_path: Path) -> None:
    daemon = Daemon(tmp_path / "home")
    try:
        daemon.wait_until_warm()
        with driving.started("endings", daemon.home, "live", DAEMON_FROM_INSIDE, DRIVE_HOW="live") as (krita, session):
            wait_for(krita.profile / "begun", session)
            daemon.kill()
            ended(krita, session, 360)
    finally:
        daemon.close()


@pytest.mark.krita
@pytest.mark.parametrize("check", checks_of("beginnings"))
def test_beginnings(check: str, driving: Driving) -> None:
    """Without a daemon: the docker starts one, as the installer wrote down."""
    home = driving.folder / "nobody"
    home.mkdir(exist_ok=True)
    driving.run("beginnings", home, starts=DAEMON_FROM_INSIDE).passed(check)


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    with closing(Studio(tmp_path_factory.mktemp("studio"))) as made:
        yield made.warm()


@pytest.mark.krita
@pytest.mark.parametrize("check", checks_of("elsewhere"))
def test_another_computer_paints(check: str, driving: Driving, studio: Studio) -> None:
    driving.run("elsewhere", studio.laptop).passed(check)
    assert studio.jobs() and not studio.daemon.client.jobs(), "the jobs are the painter's own"
    assert not (studio.laptop / "daemon.json").exists(), "none was started here"


@pytest.mark.krita
def test_quitting_krita_cancels_the_job_within_two_seconds(driving: Driving, daemon: Daemon) -> None:
    with driving.started("endings", daemon.home, "quit", DRIVE_HOW="quit") as (krita, session):
        job = wait_for(krita.profile / "begun", session)
        wait_until(lambda: daemon.client().job(job)["state"] == "cancelled", 12)
        code = session.wait(30)
        assert code == 0, krita.log
