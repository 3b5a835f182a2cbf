"""How fast the GIMP plug-in is, in the real GIMP:  python benchmarks/gimp_plugin.py

Prints a table: a 4096 × 4096 layer read, sent and written back; from OK to the first pixels on the canvas at
1024 pixels with a warm daemon; and how long the plug-in, and GIMP itself, do not answer at the longest. Needs
the folder of editors that the tests use. The machine's load is part of the figures: run it on a quiet one.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(REPOSITORY), str(REPOSITORY / "server")]

from PIL import Image  # noqa: E402
from tests.gimp.conftest import assemble, wait_until_warm  # noqa: E402
from tests.gimp.fake_daemon import FakeDaemon  # noqa: E402
from tests.hosts.rig import Gimp  # noqa: E402

INSIDE = Path(__file__).with_name("gimp_plugin_inside.py")
PINGER = Path(__file__).with_name("gimp_pinger.py")
PING_S = 12


@contextmanager
def daemon(home: Path) -> Iterator[None]:
    environment = dict(os.environ, NEURAL_STYLE_HOME=str(home), PYTHONPATH=str(REPOSITORY / "server"))
    command = [sys.executable, "-m", "neural_style_server", "serve"]
    with (home / "serve.log").open("wb") as log:
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
    try:
        wait_until_warm(home, process)
        yield
    finally:
        process.terminate()
        process.wait(20)


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


def with_a_window(gimp: Gimp, folder: Path) -> dict[str, float]:
    """GIMP is asked for an image's width every few milliseconds, first at rest, then while it is painted."""
    photo = folder / "photo.png"
    with Image.open(REPOSITORY / "presets/_sample.jpg") as sample:
        sample.convert("RGB").resize((1024, 683)).save(photo)
    pinger = folder / "neural-style-pinger"
    pinger.mkdir()
    (pinger / "neural-style-pinger.py").write_text(PINGER.read_text())
    gimp.place(pinger, "neural-style-pinger")
    report = Path(gimp.environment["BENCHMARK_REPORT"])
    found = {}
    with gimp.interactive(photo) as session:
        session.wait_window("photo")
        for name in ("at rest", "while it is painted"):
            if name != "at rest":
                session.run_action("Repeat Last Style")
                session.wait_window("Neural Style", timeout_s=30)
                session.focus("photo")
            report.unlink(missing_ok=True)
            session.run_action("Ping GIMP")
            deadline = time.monotonic() + PING_S + 30
            while not report.exists() and time.monotonic() < deadline:
                time.sleep(0.2)
            time.sleep(0.2)
            found[f"GIMP's main loop, longest wait {name}"] = json.loads(report.read_text())["longest"]
    return found


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="neural-style-benchmark-") as name:
        folder = Path(name)
        home = folder / "home"
        home.mkdir()
        with daemon(home):
            gimp = make_gimp(folder, home)
            found = without_a_window(gimp)
            found.update(without_the_network(folder))
            (gimp.plug_ins.parent / "neural-style.json").write_text(
                json.dumps({"version": 1, "parameters": {"preset": "ink-wash", "size": 256}})
            )
            found.update(with_a_window(gimp, folder))
            gimp.close()
    for what, seconds in found.items():
        print(f"{what:<76} {seconds:7.3f} s")


if __name__ == "__main__":
    main()
