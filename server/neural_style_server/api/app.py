"""The Flask application: collaborators come in, so that a test can pass its own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Flask, Response, jsonify, request

from .. import API_VERSION, __version__
from ..jobs.controller import JobController
from ..jobs.image_store import ImageStore
from ..jobs.sheets import Sheets
from ..presets.library import Library
from ..settings import Settings
from . import images, jobs, presets, sheets
from .openapi import document
from .responses import install_error_handlers, too_large
from .security import guard


@dataclass
class Services:
    """What the routes work with. `stop` ends the daemon after the answer; `own_hosts` as in security."""

    settings: Settings
    controller: JobController
    library: Library
    images: ImageStore
    token: str
    own_hosts: set[str]
    stop: Callable[[], None]
    touched: Callable[[], None] = lambda: None


def create_app(services: Services) -> Flask:
    """All routes, guarded."""
    settings, controller = services.settings, services.controller
    app = Flask("neural_style_server", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = settings.max_body_bytes
    app.config["MAX_FORM_MEMORY_SIZE"] = settings.max_body_bytes
    install_error_handlers(app)
    guard(app, lambda: services.token, lambda: services.own_hosts)

    @app.before_request
    def touch() -> None:
        services.touched()
        if (request.content_length or 0) > settings.max_body_bytes:
            raise too_large(settings.max_body_bytes)

    @app.get("/v1/health")
    def health() -> Response:
        return jsonify(health_of(controller))

    @app.get("/v1/openapi.json")
    def openapi() -> Response:
        return jsonify(document())

    @app.get("/v1/workers")
    def workers() -> Response:
        return jsonify(workers=controller.status.workers())

    @app.post("/v1/unload")
    def unload() -> Response:
        controller.unload()
        return jsonify(health_of(controller))

    @app.post("/v1/shutdown")
    def shutdown() -> Response:
        services.stop()
        return jsonify(status="stopping")

    app.register_blueprint(images.blueprint(services.images, settings.max_pixels))
    app.register_blueprint(presets.blueprint(services.library, services.images))
    app.register_blueprint(sheets.blueprint(Sheets(controller, services.library, services.images)))
    app.register_blueprint(
        jobs.blueprint(controller, services.images, services.library, settings.max_event_streams, settings.max_pixels)
    )
    return app


def health_of(controller: JobController) -> dict[str, Any]:
    """No secrets: this answer needs no token. Waits for nothing that is slow."""
    status = controller.status
    counts, worker = status.counts(), status.worker()
    ready = worker.state == "ready"
    return {
        "status": "ok" if worker.state != "failed" else "failing",
        "version": __version__,
        "api": API_VERSION,
        "device": worker.device,
        "network": worker.network,
        "warm": ready,
        "jobs": counts,
        "worker": "busy" if ready and counts["running"] else worker.state,
        "detail": " ".join(filter(None, (worker.detail, status.problems()))),
    }
