"""The daemon's own routes: how it is, what it offers, and its end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Response, jsonify

from .. import API_VERSION, __version__
from .openapi import document

if TYPE_CHECKING:
    from .app import Services


def health(services: Services) -> Response:
    """No secrets: this answer needs no token."""
    queue = services.queue
    counts, state = queue.counts(), queue.worker_state
    return jsonify(
        status="ok" if state != "failed" else "failing",
        version=__version__,
        api=API_VERSION,
        device=queue.device,
        network=queue.network,
        warm=state == "ready",
        jobs=counts,
        worker="busy" if state == "ready" and counts["running"] else state,
        detail=queue.worker_detail,
    )


def openapi(services: Services) -> Response:
    return jsonify(document())


def unload(services: Services) -> Response:
    services.queue.unload()
    return health(services)


def shutdown(services: Services) -> Response:
    services.stop()
    return jsonify(status="stopping")
