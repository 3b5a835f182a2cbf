"""What Live costs a painter's hand, in the real Krita:  python benchmarks/krita_live.py --side 2048 --rounds 3

The same strokes by the mouse on a picture of one layer, with Live on, and with Live off and its layer kept, in turn, in
one start of Krita. *Late* is how long after its time a step
of the stroke was sent, *to screen* how long from then until the canvas was painted again.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from pathlib import Path
from statistics import median, quantiles

REPOSITORY = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(REPOSITORY), str(REPOSITORY / "server")]

from tests.krita.conftest import Daemon, Driven, Driving  # noqa: E402


def print_table(found: dict[str, dict[str, list[list[float]]]]) -> None:
    print(f"{'':24}{'median':>9}{'95 %':>9}{'longest':>9}   medians of the strokes")
    for what, states in found.items():
        middle = {}
        for state, strokes in states.items():
            steps = [step for stroke in strokes for step in stroke]
            middle[state] = median(steps)
            each = " ".join(f"{median(stroke):.1f}" for stroke in strokes)
            line = f"{what}, Live {state}"
            print(f"{line:30}{middle[state]:9.2f}{quantiles(steps, n=20)[-1]:9.2f}{max(steps):9.2f}   {each}")
        print(f"{what}: on / off {middle['on'] / middle['off']:.3f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--side", type=int, default=2048)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    print("load before:", " ".join(f"{value:.2f}" for value in os.getloadavg()))
    with tempfile.TemporaryDirectory(prefix="neural-style-krita-") as folder:
        driving, daemon = Driving(Path(folder)), Daemon(Path(folder) / "home")
        try:
            daemon.wait_until_warm()
            chosen = {"DRIVE_SIDE": str(options.side), "DRIVE_ROUNDS": str(options.rounds)}
            with driving.started("latency", daemon.home, **chosen) as (krita, session):
                session.wait(600)
                driven = Driven(krita.result(), krita.log)
        finally:
            daemon.close()
    driven.passed("strokes_with_live_off_and_on")
    print_table({what: states for what, states in driven.measured.items() if what != "seconds"})
    print("load after:", " ".join(f"{value:.2f}" for value in os.getloadavg()))


if __name__ == "__main__":
    main()
