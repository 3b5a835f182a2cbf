"""What a job with the present choices would take, asked for when they have changed."""

from typing import Any, Callable, Dict, Tuple

from ..document import open_documents
from ..neural_style_client import status, wording
from ..neural_style_client.api import Client
from ..neural_style_client.errors import DaemonError, PainterError, explain
from ..neural_style_client.parameters import Parameters, job_body
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

    def ask(self, chosen: Parameters, size: Tuple[int, int], answered: Callable[[str, bool], Any]) -> None:
        """`answered(words, refused)`: the forecast for a picture of this size, or what is wrong, and whether the daemon
        refuses it. Raises PainterError."""
        body = forecast_regions(job_body(chosen, client_name()), chosen.regions)
        if not chosen.preset or self._connection.state not in (status.READY, status.BUSY):
            answered("", False)
            return
        body.update(width=size[0], height=size[1])
        work = lambda client: _answer(client, body)  # noqa: E731
        self._daemon.request(work, lambda found: answered(*found), lambda words: answered(words, False))

    def _ask(self) -> None:
        document, show = open_documents.current(), self._view.show_forecast
        if document is None:
            show("")
            return
        try:
            self.ask(self._view.chosen(), (document.width(), document.height()), lambda words, _: show(words))
        except PainterError as problem:
            show(str(problem))


def _answer(client: Client, body: Dict[str, Any]) -> Tuple[str, bool]:
    try:
        return wording.forecast(client.forecast(body)), False
    except DaemonError as refusal:
        return explain(refusal), True
