"""One live job of the daemon: what it has been given, and all that is asked of it."""

from contextlib import suppress
from typing import Any, Callable, Dict, Optional

from .api import Client, Pixels
from .errors import NOT_FOUND, DaemonError, DaemonGone
from .job_session import CANCEL_TIMEOUT_S
from .uploads import Uploads


class LiveJob:
    """For one thread; others may read `id`, which is "" before the daemon has the job, and `revision`.

    Fields that are `Pixels` are uploaded; of one that changed in less than half of itself only that part. Failures are
    those of `Client`; what could not be sent counts as never given.
    """

    def __init__(self) -> None:
        self.id = ""
        self.revision = 0  # the number of the last change
        self.fields: Dict[str, Any] = {}  # what the daemon has, pictures as they were given
        self._client: Optional[Client] = None
        self._uploads = Uploads()

    def begin(self, client: Client, fields: Dict[str, Any], is_wanted: Callable[[], bool]) -> bool:
        """Whether it has begun. `is_wanted` is asked once more when the pictures have been sent."""
        self._client = client
        body = self._uploaded(fields)
        if not is_wanted():
            return False
        record = client.submit(body)
        self.fields, self.revision = fields, int(record.get("revision") or 0)
        self.id = str(record["id"])
        return True

    def change(self, fields: Dict[str, Any]) -> None:
        """Pictures that are as they were are not sent."""
        changed = {name: value for name, value in fields.items() if not self._is_there(name, value)}
        if changed:
            record = self._asked().change(self.id, self._uploaded(changed))
            self.fields.update(changed)
            self.revision = int(record.get("revision") or 0)

    def frame(self, number: int) -> Pixels:
        return self._asked().frame(self.id, number)

    def is_known(self) -> bool:
        """Whether the daemon has it still."""
        try:
            self._asked().job(self.id)
        except DaemonError as error:
            return error.status != NOT_FOUND
        except DaemonGone:
            return False
        return True

    def end(self, keep: bool) -> None:
        """Cancel it, or `keep`: let it end with its picture. Nothing where it has not begun, or has ended already."""
        if not self.id:
            return
        with suppress(DaemonError, DaemonGone):
            if keep:
                self._asked().finish(self.id)
            else:
                self._asked().cancel(self.id, timeout_s=CANCEL_TIMEOUT_S)

    def _asked(self) -> Client:
        assert self._client is not None
        return self._client

    def _is_there(self, name: str, value: Any) -> bool:
        """A picture as it was. A preset of the same name may have been saved anew."""
        return (isinstance(value, Pixels) or value is None) and value == self.fields.get(name)

    def _uploaded(self, fields: Dict[str, Any]) -> Dict[str, Any]:
        """The fields with the ids of their pictures."""
        client = self._asked()
        return {
            name: self._uploads.put(client, name, value) if isinstance(value, Pixels) else value
            for name, value in fields.items()
        }
