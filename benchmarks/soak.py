"""Is the daemon to be trusted? A real one, with the real network, is used hard and hurt; a table says what held.

python benchmarks/soak.py                                   # everything, at full length: about half an hour
python benchmarks/soak.py --part jobs --jobs 100 --kills 2  # one part, smaller
python benchmarks/soak.py --part idle --json
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "server"))

import soak_idle
import soak_jobs
import soak_kills
import soak_malformed
import soak_uploads
from soak_daemon import Report


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    names = ["idle", "jobs", "kills", "malformed", "uploads"]
    parser.add_argument("--part", action="append", choices=names, help="default: all")
    parser.add_argument("--jobs", type=int, default=1000, help="small jobs in all")
    parser.add_argument("--clients", type=int, default=8, help="clients that send them")
    parser.add_argument("--kills", type=int, default=20, help="kill -9 of the worker meanwhile")
    parser.add_argument("--warm-up", type=int, default=100, help="jobs before memory is first measured")
    parser.add_argument("--daemon-kills", type=int, default=200, help="kill -9 of the daemon while clients write")
    parser.add_argument("--requests", type=int, default=2500, help="malformed requests, at least")
    parser.add_argument("--uploads", type=int, default=1000, help="large uploads in all")
    parser.add_argument("--idle-seconds", type=float, default=90)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    parts: dict[str, Callable[[Path], Report]] = {
        "idle": lambda home: soak_idle.run(home, seconds=options.idle_seconds),
        "jobs": lambda home: soak_jobs.run(
            home,
            jobs=options.jobs,
            clients=options.clients,
            kills=options.kills,
            warm_up=options.warm_up,
            seed=options.seed,
        ),
        "malformed": lambda home: soak_malformed.run(home, least=options.requests, seed=options.seed),
        "uploads": lambda home: soak_uploads.run(home, uploads=options.uploads),
        "kills": lambda home: soak_kills.run(home, kills=options.daemon_kills, seed=options.seed),
    }
    reports = []
    for name, part in parts.items():
        if name in (options.part or parts):
            with tempfile.TemporaryDirectory(prefix="neural-style-soak-") as folder:
                began = time.monotonic()
                reports.append(part(Path(folder) / "home"))
                reports[-1].row("this part took", f"{time.monotonic() - began:.0f} s")
            if not options.json:
                print(as_text(reports[-1]), flush=True)
    if options.json:
        print(json.dumps([{**vars(report), "holds": report.holds} for report in reports], ensure_ascii=False, indent=1))
    sys.exit(0 if all(report.holds for report in reports) else 1)


def as_text(report: Report) -> str:
    wide = max(len(row[0]) for row in report.rows)
    lines = [f"\n{report.name}"]
    for what, figure, promise, holds in report.rows:
        verdict = "" if not promise else f"   promised: {promise}   {'holds' if holds else 'BROKEN'}"
        lines.append(f"  {what:{wide}}  {figure}{verdict}")
    return "\n".join(lines + [f"  PROBLEM {problem}" for problem in report.problems])


if __name__ == "__main__":
    main()
