"""What an idle daemon costs: memory, and time on the processor, once its worker has ended."""

from __future__ import annotations

import time
from pathlib import Path

from soak_daemon import END_S, Daemon, Report, processor_seconds, resident_bytes, wait_until


def run(home: Path, *, seconds: float) -> Report:
    report = Report("idle")
    daemon = Daemon(home)
    try:
        daemon.warm()
        wait_until(lambda: daemon.client.unload()["worker"] == "stopped", END_S, "the worker ends")
        time.sleep(2)
        pid = daemon.process.pid
        before = processor_seconds(pid)
        time.sleep(seconds)
        share = 100 * (processor_seconds(pid) - before) / seconds
        memory = resident_bytes(pid) / 2**20
        report.row(f"processor time of the idle daemon over {seconds:.0f} s", f"{share:.3f} %", "< 0.1 %", share < 0.1)
        report.row("memory of the idle daemon", f"{memory:.1f} MB", "< 80 MB", memory < 80)
        report.row("other processes", len(daemon.processes()) - 1, "0", daemon.processes() == [pid])
    finally:
        daemon.stop()
    return report
