"""The Flask application: all routes, guarded."""

from __future__ import annotations

from flask import Flask, request

from .responses import install_error_handlers, too_large
from .routes import install
from .security import guard
from .services import Services


def create_app(services: Services) -> Flask:
    """All routes, guarded."""
    settings = services.settings
    app = Flask("neural_style_server", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = settings.max_body_bytes
    app.config["MAX_FORM_MEMORY_SIZE"] = settings.max_body_bytes
    install_error_handlers(app, services.counters)
    guard(app, services.keys)

    @app.before_request
    def touch() -> None:
        services.touched()
        if (request.content_length or 0) > settings.max_body_bytes:
            raise too_large(settings.max_body_bytes)

    install(app, services)
    return app
