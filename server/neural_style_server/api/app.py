"""The Flask application: collaborators come in, so that a test can pass its own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from threading import BoundedSemaphore

from flask import Flask, request

from ..jobs.controller import JobController
from ..jobs.image_store import ImageStore
from ..presets.library import Library
from ..settings import Settings
from .responses import install_error_handlers, too_large
from .routes import install
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

    def __post_init__(self) -> None:
        self.event_streams = BoundedSemaphore(self.settings.max_event_streams)


def create_app(services: Services) -> Flask:
    """All routes, guarded."""
    settings = services.settings
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

    install(app, services)
    return app
