"""How fast the GIMP plug-in is, in the real GIMP:  python benchmarks/gimp_plugin.py

Prints a table: a 4096 × 4096 layer read, sent and written back; from OK to the first pixels on the canvas at
1024 pixels with a warm daemon; how long the plug-in, and GIMP itself, do not answer at the longest; and how long
Cancel takes and the end of a killed plug-in's job, each with the key's and the look's own time in it. Needs the
folder of editors that the tests use. The machine's load is part of the figures: run it on a quiet one.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(REPOSITORY), str(REPOSITORY / "server")]

from PIL import Image  # noqa: E402
from tests.client.fake_daemon import FakeDaemon  # noqa: E402
from tests.gimp.conftest import assemble, client_of, real_daemon, wait_until_warm  # noqa: E402
from tests.gimp.screen import known_jobs, newest_job, plug_in_processes, wait, wait_layers, wait_state  # noqa: E402
from tests.hosts.rig import Gimp, GimpSession  # noqa: E402

INSIDE = Path(__file__).with_name("gimp_plugin_inside.py")
PINGER = Path(__file__).with_name("gimp_pinger.py")
PING_S = 12


def make_gimp(folder: Path, home: Path) -> Gimp:
    gimp = Gimp(folder / "profile", shared=[folder, home, INSIDE.parent])
    gimp.environment.update(
        NEURAL_STYLE_HOME=str(home),
        BENCHMARK_REPORT=str(folder / "report.json"),
        BENCHMARK_PLUG_IN=str(gimp.place(assemble(folder / "installed"))),
        BENCHMARK_PING_S=str(PING_S),
    )
    return gimp


def without_a_window(gimp: Gimp) -> dict[str, float]:
    done = gimp.batch(INSIDE, timeout_s=500)
    if done.returncode:
        raise SystemExit(done.stdout + done.stderr)
    found: dict[str, float] = json.loads(Path(gimp.environment["BENCHMARK_REPORT"]).read_text())
    return found


def without_the_network(folder: Path) -> dict[str, float]:
    """What is the plug-in's own share: the same with a daemon that paints nothing."""
    with FakeDaemon(folder / "fake") as fake:
        fake.behave(frames=20, step_s=0.05)
        (folder / "without").mkdir()
        gimp = make_gimp(folder / "without", folder / "fake")
        gimp.environment["BENCHMARK_WITHOUT_NETWORK"] = "1"
        return without_a_window(gimp)


def with_a_window(gimp: Gimp, folder: Path, home: Path) -> dict[str, float]:
    """What a painter waits for, and GIMP, which is asked for an image's width every few milliseconds."""
    photo = folder / "photo.png"
    with Image.open(REPOSITORY / "presets/_sample.jpg") as sample:
        sample.convert("RGB").resize((1024, 683)).save(photo)
    pinger = folder / "neural-style-pinger"
    pinger.mkdir()
    (pinger / "neural-style-pinger.py").write_text(PINGER.read_text())
    gimp.place(pinger, "neural-style-pinger")
    found = {}
    with gimp.interactive(photo) as session:
        session.wait_window("photo")
        found["GIMP's main loop, longest wait at rest"] = longest_wait(gimp, session)
        job = paint(session, home)
        found["GIMP's main loop, longest wait while it is painted"] = longest_wait(gimp, session)
        client_of(home).cancel(job["id"])
        session.wait_no_window("Neural Style")
        for what, end in (("Escape", press_escape), ("the plug-in is killed", kill)):
            job = paint(session, home)
            wait_layers(session, 2)
            time.sleep(1)
            began = time.perf_counter()
            end(gimp, session)
            wait_state(home, job, "cancelled", 0.005)
            found[f"from {what} to the job cancelled in the daemon"] = time.perf_counter() - began
            if end is press_escape:
                wait_layers(session, 1)
                found["from Escape to a window that shows the layer gone"] = time.perf_counter() - began
                session.wait_no_window("Neural Style")
    return found


def paint(session: GimpSession, home: Path) -> dict[str, Any]:
    known = known_jobs(home)
    session.focus("photo")
    session.run_action("Repeat Last Style")
    job: dict[str, Any] = wait(lambda: newest_job(home, known), "a job")
    return job


def longest_wait(gimp: Gimp, session: GimpSession) -> float:
    report = Path(gimp.environment["BENCHMARK_REPORT"])
    report.unlink(missing_ok=True)
    session.focus("photo")
    session.run_action("Ping GIMP")
    wait(report.exists, "the ping's report", PING_S + 30)
    return float(json.loads(report.read_text())["longest"])


def press_escape(gimp: Gimp, session: GimpSession) -> None:
    session.focus("Neural Style")
    session.keys("Escape")


def kill(gimp: Gimp, session: GimpSession) -> None:
    for process in plug_in_processes(gimp.plug_ins):
        os.kill(process, signal.SIGKILL)


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="neural-style-benchmark-") as name:
        folder = Path(name)
        home = folder / "home"
        home.mkdir()
        with real_daemon(home) as process:
            wait_until_warm(home, process)
            gimp = make_gimp(folder, home)
            found = without_a_window(gimp)
            found.update(without_the_network(folder))
            (gimp.plug_ins.parent / "neural-style.json").write_text(
                json.dumps({"version": 1, "parameters": {"preset": "ink-wash", "size": 256}})
            )
            found.update(with_a_window(gimp, folder, home))
            gimp.close()
    for what, seconds in found.items():
        print(f"{what:<76} {seconds:7.3f} s")


if __name__ == "__main__":
    main()
