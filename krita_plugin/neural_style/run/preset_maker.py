"""A style of the painter's own, from the current layer or what is selected of it."""

from typing import Any, Callable, Dict

from ..document import open_documents
from ..document.source import Source
from ..neural_style_client.errors import PainterError
from ..neural_style_client.make_preset import make_preset_from
from ..neural_style_client.parameters import Parameters
from ..neural_style_client.tasks import Task
from .daemon_thread import DaemonThread
from .job_pictures import JobPictures


class PresetMaker:
    """`made(preset)` or `failed(text)` is called when the daemon has answered; `add_task` drives what takes longer."""

    def __init__(
        self,
        daemon: DaemonThread,
        add_task: Callable[[Task], Any],
        made: Callable[[Dict[str, Any]], Any],
        failed: Callable[[str], Any],
    ) -> None:
        self._daemon, self._add_task, self._made, self._failed = daemon, add_task, made, failed

    def make(self, title: str, tags: str) -> None:
        try:
            source = Source(open_documents.current(), surroundings=False)
            self._add_task(self._read_and_send(JobPictures(source, Parameters()), title, tags))
        except PainterError as problem:
            self._failed(str(problem))

    def _read_and_send(self, pictures: JobPictures, title: str, tags: str) -> Task:
        try:
            yield from pictures.read()
        except PainterError as problem:
            self._failed(str(problem))
            return
        self._daemon.request(
            lambda client: make_preset_from(client, pictures.content(), title, tags), self._made, self._failed
        )
