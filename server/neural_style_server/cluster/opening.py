"""A pool whose processes are actors of the cluster that the settings name."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from ..jobs.options import worker_options
from ..jobs.pool import DevicePool
from ..settings import Settings
from .link import ClusterLink
from .protocol import DriverOptions


def open_cluster(home: Path, settings: Settings, write_log: Callable[[str], None]) -> DevicePool:
    """Nothing is connected before there is work. The pool has a worker at first, and more as soon as the cluster says
    how many it has room for; or at once as many as `cluster_workers`, which the cluster may have to grow for."""
    assert settings.cluster is not None
    most = settings.cluster_workers
    options = DriverOptions(
        address=settings.cluster, device=settings.device, threads=settings.threads, grows=most is not None
    )

    def on_room(room: int) -> None:
        pool.grow(room if most is None else most)

    link = ClusterLink(home, options, on_room, write_log)
    told = worker_options(settings, device=settings.device, threads=settings.threads)
    pool = DevicePool([told], link.start_actor, idle_unload_s=settings.idle_unload_s)
    return pool
