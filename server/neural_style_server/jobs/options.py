"""What of the settings a worker is told."""

from __future__ import annotations

from typing import Any

from ..settings import Settings
from .messages import WorkerOptions


def worker_options(settings: Settings, **more: Any) -> WorkerOptions:
    """`more` is what depends on the worker: its device and threads."""
    deterministic = settings.deterministic
    return WorkerOptions(
        dtype=settings.dtype,
        deterministic=deterministic if deterministic == "auto" else ("on" if deterministic else "off"),
        weights=None if settings.weights is None else str(settings.weights),
        cache_limit_bytes=settings.cache_limit_bytes,
        memory_limit_bytes=settings.memory_limit_bytes,
        **more,
    )
