"""What a job with the present choices would take, asked for when they have changed."""

from typing import Any

from ..document import open_documents
from ..neural_style_client import status, wording
from ..neural_style_client.errors import PainterError
from ..neural_style_client.parameters import job_body
from ..neural_style_client.regions import forecast_regions
from .daemon_thread import DaemonThread
from .job_run import client_name


class Forecasts:
    """`view`: the docker, which tells what is chosen and shows the forecast."""

    def __init__(self, view: Any, daemon: DaemonThread, connection: status.Connection) -> None:
        self._view, self._daemon, self._connection = view, daemon, connection
        self._due = False

    def want(self) -> None:
        """Asked for in the next tick; many changes in between are one question."""
        self._due = True

    def ask_if_due(self) -> None:
        if self._due:
            self._due = False
            self._ask()

    def _ask(self) -> None:
        document, show = open_documents.current(), self._view.show_forecast
        try:
            chosen = self._view.chosen()
            body = forecast_regions(job_body(chosen, client_name()), chosen.regions)
        except PainterError as problem:
            show(str(problem))
            return
        if document is None or not chosen.preset or self._connection.state not in (status.READY, status.BUSY):
            show("")
            return
        body.update(width=document.width(), height=document.height())
        self._daemon.request(lambda client: wording.forecast(client.forecast(body)), show, show)
