"""The command `neural-style`. Starts without torch; only `bench` and the worker import it.

Commands import what only they need when they run: `serve` answers an editor that waits for it.
"""

from __future__ import annotations

import logging
import sys

from neural_style_client import DaemonError, DaemonGone

from ..errors import NeuralStyleError
from .commands import group

__all__ = ["main"]

WRONG_USE = (400, 404, 413, 415)
"""Statuses of a wrong request, whether from the daemon or from this program."""


def main(argv: list[str] | None = None) -> None:
    """Exit 0 done, 2 wrong use, 1 failed; errors are one plain sentence and the next step, on stderr."""
    _say_every_name()
    logging.getLogger("PIL").addHandler(logging.NullHandler())  # what it finds wrong is said in a sentence
    try:
        group.main(args=argv, prog_name="neural-style", standalone_mode=True)
    except NeuralStyleError as error:
        _end(f"{error.detail} {error.hint}".strip(), error.status)
    except DaemonError as error:
        _end(str(error), error.status)
    except DaemonGone as error:
        _end(str(error))
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        _end(f"{where}{error.strerror or error}. Check the path and the disk.")


def _say_every_name() -> None:
    """A file's name may have bytes that are no text, which go out as they are, or letters that the terminal has not.
    Neither ends a program whose work is done."""
    reconfigure = getattr(sys.stdout, "reconfigure", None)
    if reconfigure is not None:
        is_utf8 = (sys.stdout.encoding or "").lower().replace("-", "") == "utf8"
        reconfigure(errors="surrogateescape" if is_utf8 else "backslashreplace")


def _end(text: str, status: int = 500) -> None:
    print(f"neural-style: {' '.join(text.split())}", file=sys.stderr)
    raise SystemExit(2 if status in WRONG_USE else 1)
