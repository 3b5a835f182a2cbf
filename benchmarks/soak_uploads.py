"""The daemon's memory after many large uploads: what a request took is given back."""

from __future__ import annotations

import os
import threading
from pathlib import Path

from soak_daemon import Daemon, Report, resident_bytes, wait_until

from neural_style_client import Client

SIDE, CLIENTS = 2048, 4
ROOM = 1 << 36
SETTLE_S = 30.0
"""How long the daemon may take to give memory back."""

PROMISED = 1.2


def run(home: Path, *, uploads: int) -> Report:
    """Uploads of 16 MiB each, none like another."""
    report = Report("uploads")
    daemon = Daemon(home, max_images=10**6, disk_limit_bytes=ROOM)
    try:
        daemon.warm()
        pid = daemon.process.pid
        before, peak, over = resident_bytes(pid), [0], threading.Event()
        watcher = threading.Thread(target=_watch, args=(pid, peak, over))
        watcher.start()
        clients = [
            threading.Thread(target=_upload, args=(daemon, uploads // CLIENTS, number)) for number in range(CLIENTS)
        ]
        for client in clients:
            client.start()
        for client in clients:
            client.join()
        over.set()
        watcher.join()
        try:
            wait_until(lambda: resident_bytes(pid) < PROMISED * before, SETTLE_S, "memory is given back", 0.5)
        except TimeoutError as error:
            report.problems.append(str(error))
        after = resident_bytes(pid)
        report.row("memory before", f"{before / 2**20:.0f} MB")
        report.row("peak meanwhile", f"{peak[0] / 2**20:.0f} MB")
        report.row(f"memory after {uploads} uploads", f"{after / 2**20:.0f} MB", "< 1.2 of before", not report.problems)
    finally:
        daemon.stop()
    return report


def _upload(daemon: Daemon, count: int, number: int) -> None:
    client = Client(daemon.url, daemon.token, timeout_s=120)
    data = bytearray(os.urandom(4 * SIDE * SIDE))
    for turn in range(count):
        data[:8] = bytes([number]) * 4 + turn.to_bytes(4, "big")
        client.upload(bytes(data), SIDE, SIDE)


def _watch(pid: int, peak: list[int], over: threading.Event) -> None:
    while not over.wait(0.05):
        peak[0] = max(peak[0], resident_bytes(pid))
