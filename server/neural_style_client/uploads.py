"""Pictures that are sent, and those that are sent again and again: of what is a little changed only that part."""

from typing import Dict, Tuple

from .api import Client, Pixels
from .changed_area import changed_area, cut
from .errors import NOT_FOUND, DaemonError


def upload(client: Client, pixels: Pixels) -> str:
    """The picture's id."""
    return str(client.upload(pixels.data, pixels.width, pixels.height, pixels.format)["id"])


class Uploads:
    """Remembers of each name the picture that one daemon got last."""

    def __init__(self) -> None:
        self._sent: Dict[str, Tuple[Pixels, str]] = {}

    def put(self, client: Client, name: str, pixels: Pixels) -> str:
        """The picture's id."""
        identity = ""
        if name in self._sent:
            identity = _put_part(client, *self._sent[name], pixels)
        if not identity:
            identity = upload(client, pixels)
        self._sent[name] = (pixels, identity)
        return identity


def _put_part(client: Client, known: Pixels, base: str, pixels: Pixels) -> str:
    """Empty where the whole is to be sent: much of it changed, or the daemon has its base no more."""
    area = changed_area(known, pixels)
    if area is None:
        return base
    if 2 * area.width * area.height >= pixels.width * pixels.height:
        return ""
    try:
        return str(client.upload_part(base, area.x, area.y, cut(pixels, area))["id"])
    except DaemonError as error:
        if error.status == NOT_FOUND:
            return ""
        raise
