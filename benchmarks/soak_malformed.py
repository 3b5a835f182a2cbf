"""Requests as they should not be, by the thousand: each must be answered with 4xx, and the next good one work."""

from __future__ import annotations

import contextlib
import random
import socket
from collections import Counter
from pathlib import Path

from soak_daemon import Daemon, HealthProbe, Report
from soak_forger import Forger

SETTINGS = {"threads": 1, "max_body_bytes": "4 MiB", "max_pixels": 1_000_000}
GOOD_EVERY = 25


def ask(port: int, data: bytes) -> tuple[int, bytes]:
    """(status, the whole answer); status 0 where there was none."""
    answer = b""
    with socket.create_connection(("127.0.0.1", port), 20) as connection:
        with contextlib.suppress(OSError):  # refused before all was sent; the answer is there
            connection.sendall(data)
        with contextlib.suppress(OSError):
            while part := connection.recv(65536):
                answer += part
                head, blank, body = answer.partition(b"\r\n\r\n")
                length = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
                if blank and length and len(body) >= int(length[0].split(b":")[1]):
                    break
    words = answer.split(b" ", 2)
    return (int(words[1]) if len(words) > 2 and words[1].isdigit() else 0), answer


def run(home: Path, *, least: int, seed: int) -> Report:
    report, chance = Report("malformed"), random.Random(seed)
    daemon = Daemon(home, **SETTINGS)
    try:
        daemon.warm()
        content = str(daemon.client.upload(bytes([90, 120, 30, 255]) * 48 * 40, 48, 40)["id"])
        spec = {"content": content, "preset": "night-swirl", "method": {"iterations": 2}, "frames": {"every": 1}}
        job = str(daemon.client.submit(spec)["id"])
        assert [event.name for event in daemon.client.events(job)][-1] == "done"
        requests = Forger(daemon, job, content, chance).all(least)
        probe = HealthProbe(home)
        kinds: Counter[str] = Counter()
        statuses: Counter[int] = Counter()
        good = worked = shaped = 0
        for number, (kind, data) in enumerate(requests):
            status, answer = ask(daemon.port, data)
            kinds[kind] += 1
            statuses[status] += 1
            shaped += b"application/problem+json" in answer
            if not 400 <= status < 500:
                report.problems.append(f"{kind}: {status or 'no answer'} to {data[:300]!r}")
            good += 1
            worked += daemon.client.job(job)["state"] == "done"
            if number % GOOD_EVERY == 0:
                good += 1
                worked += daemon.client.forecast({"content": content, "preset": "night-swirl"})["iterations"] > 0
        again = str(daemon.client.submit({**spec, "seed": 5})["id"])
        last = [event.name for event in daemon.client.events(again)][-1]
        total = len(requests)
        report.row("malformed requests", total, "≥ 2000", total >= min(2000, least))
        for kind, count in sorted(kinds.items()):
            report.row(f"  {kind}", count)
        refused = sum(count for status, count in statuses.items() if 400 <= status < 500)
        report.row("answered with 4xx", f"{refused} of {total}", "all", refused == total)
        report.row("  by status", ", ".join(f"{status}: {count}" for status, count in sorted(statuses.items())))
        report.row("  told as application/problem+json", f"{shaped} of {total}")
        report.row("good requests right after one of them that worked", f"{worked} of {good}", "all", worked == good)
        report.row("a job painted afterwards", last, "done", last == "done")
        report.row("daemon still the same process", daemon.process.poll() is None, "yes", daemon.process.poll() is None)
        probe.report(report)
    finally:
        daemon.stop()
    return report
