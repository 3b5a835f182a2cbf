"""The command `neural-style`. Starts without torch; only `bench` and the worker import it."""

from __future__ import annotations

import sys

from ..client import DaemonError, DaemonGone
from ..errors import InvalidRequest, NeuralStyleError
from .commands import group

__all__ = ["main"]


def main(argv: list[str] | None = None) -> None:
    """Exit 0 done, 2 wrong use, 1 failed; errors are one plain sentence and the next step, on stderr."""
    try:
        group.main(args=argv, prog_name="neural-style", standalone_mode=True)
    except NeuralStyleError as error:
        _end(f"{error.detail} {error.hint}".strip(), 2 if isinstance(error, InvalidRequest) else 1)
    except DaemonError as error:
        _end(str(error), 2 if error.status in (400, 404, 413, 415) else 1)
    except DaemonGone as error:
        _end(str(error), 1)


def _end(text: str, code: int) -> None:
    print(f"neural-style: {text}", file=sys.stderr)
    raise SystemExit(code)
