"""The daemon's own routes: how it is, what it offers, and its end."""

from __future__ import annotations

from flask import Response, jsonify

from .. import API_VERSION, __version__
from .openapi import document
from .services import Services


def health(services: Services) -> Response:
    """No secrets: this answer needs no token. Waits for nothing that is slow."""
    status = services.status
    counts, worker = status.counts(), status.worker()
    ready = worker.state == "ready"
    return jsonify(
        status="ok" if worker.state != "failed" else "failing",
        version=__version__,
        api=API_VERSION,
        device=worker.device,
        network=worker.network,
        warm=ready,
        jobs=counts,
        worker="busy" if ready and counts["running"] else worker.state,
        detail=" ".join(filter(None, (worker.detail, status.problems()))),
    )


def workers(services: Services) -> Response:
    return jsonify(workers=services.controller.workers())


def openapi(services: Services) -> Response:
    return jsonify(document())


def unload(services: Services) -> Response:
    services.controller.unload()
    return health(services)


def shutdown(services: Services) -> Response:
    services.keys.sessions.end_all()
    services.stop()
    return jsonify(status="stopping")
