"""What the Krita plug-in adds to the waiting, in the real Krita:  python benchmarks/krita_plugin.py

At 1024 px the real daemon paints; at 4096 px one that gives back what it got, so that what is seen is the way
out and back: reading the layer, sending it, fetching a frame and putting it on the canvas. Then Krita is quit, and
killed, in the middle of a job: how long until the daemon has cancelled it.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path
from statistics import median

REPOSITORY = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(REPOSITORY), str(REPOSITORY / "server")]

from tests.client.fake_daemon import FakeDaemon  # noqa: E402
from tests.krita.conftest import Daemon, Driven, Driving  # noqa: E402
from tests.krita.test_in_krita import wait_for, wait_until  # noqa: E402

TIMES = 3


def figures(driving: Driving, home: Path, name: str, side: int) -> dict[str, list[float]]:
    with driving.started("figures", home, name, DRIVE_SIDE=str(side)) as (krita, session):
        session.wait(300)
        driven = Driven(krita.result(), krita.log)
    driven.passed("from_the_button_to_the_picture")
    return {name: values for name, values in driven.measured.items() if isinstance(values, list)}


def end_to_cancelled(driving: Driving, daemon: Daemon, how: str, number: int) -> float:
    """Seconds from Krita's end (`quit` or `kill`) until its job is cancelled."""
    with driving.started("endings", daemon.home, f"{how}-{number}", DRIVE_HOW=how) as (krita, session):
        job = wait_for(krita.profile / "begun", session)
        if how == "quit":
            wait_for(krita.profile / "quitting", session)
            begun = (krita.profile / "quitting").stat().st_mtime
        else:
            time.sleep(2)
            begun = time.time()
            session.close()
        wait_until(lambda: daemon.client().job(job)["state"] == "cancelled", 30)
        return time.time() - begun


def print_table(title: str, found: dict[str, list[float]]) -> None:
    print(f"\n{title}\n{'':40}{'median':>9}{'best':>9}{'worst':>9}")
    for name, values in found.items():
        print(f"{name:40}{median(values):9.3f}{min(values):9.3f}{max(values):9.3f}")


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="neural-style-krita-") as folder:
        driving = Driving(Path(folder))
        daemon = Daemon(Path(folder) / "home")
        try:
            daemon.wait_until_warm()
            print_table("1024 x 1024, the real daemon", figures(driving, daemon.home, "real", 1024))
            ended = {
                f"Krita's end ({how}) to job cancelled, s": [
                    end_to_cancelled(driving, daemon, how, number) for number in range(TIMES)
                ]
                for how in ("quit", "kill")
            }
        finally:
            daemon.close()
        with FakeDaemon(Path(folder) / "paper", frames=1, step_s=0.0, paints=False) as fake:
            print_table("4096 x 4096, out and back", figures(driving, fake.home, "paper", 4096))
        print_table("Krita ends in the middle of a job", ended)


if __name__ == "__main__":
    main()
