"""`/metrics`: how much there is to do and how it goes, for Prometheus; no names and no ids.

Whoever is on this computer may read it, as the health check: a Prometheus server has no token, and often a user of its
own. From elsewhere it takes the owner's token.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from flask import Response

from .. import __version__
from .services import Services

if TYPE_CHECKING:
    from prometheus_client.core import Metric

COUNTERS = (
    ("stage_seconds", "stage", "Seconds that jobs spent waiting, preparing, painting and saving."),
    ("iterations", "device", "Iterations painted."),
    ("jobs_ended", "state", "Jobs that have ended."),
    ("job_errors", "code", "Jobs that have failed."),
    ("uploads", "picture", "Uploads, of pictures that were new or known already."),
    ("targets", "cache", "Style targets that a worker's cache had (hit), or that were made (miss)."),
    ("problems", "code", "Requests that were refused or failed."),
)


def metrics(services: Services) -> Response:
    # the package and what it brings are of use to few daemons
    from prometheus_client import CollectorRegistry, generate_latest
    from prometheus_client.registry import Collector

    class Daemon(Collector):
        def collect(self) -> Iterator[Metric]:
            return _found(services)

    registry = CollectorRegistry(auto_describe=False)
    registry.register(Daemon())
    return Response(generate_latest(registry), content_type="text/plain; version=0.0.4; charset=utf-8")


def _found(services: Services) -> Iterator[Metric]:
    from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

    def gauge(name: str, text: str, label: str, values: dict[str, float]) -> Any:
        family = GaugeMetricFamily(f"neural_style_{name}", text, labels=[label])
        for value, number in values.items():
            family.add_metric([value], number)
        return family

    status = services.status
    yield gauge("info", "The daemon's version.", "version", {__version__: 1})
    yield gauge("jobs", "Jobs by state.", "state", status.by_state())
    yield gauge("workers", "Workers by state.", "state", status.workers_by_state())
    yield gauge("memory_bytes", "Memory of the daemon and its workers.", "process", _memory())
    for name, label, text in COUNTERS:
        family = CounterMetricFamily(f"neural_style_{name}", text, labels=[label])
        for value, number in services.counters.of(name).items():  # type: ignore[arg-type]
            family.add_metric([value], number)
        yield family


def _memory() -> dict[str, float]:
    import psutil

    def resident(process: psutil.Process) -> int:
        try:
            return int(process.memory_info().rss)
        except psutil.Error:  # it has ended
            return 0

    daemon = psutil.Process()
    return {"daemon": resident(daemon), "workers": sum(map(resident, daemon.children(recursive=True)))}
