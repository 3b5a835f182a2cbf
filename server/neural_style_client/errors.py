"""What can go wrong, and how a painter is told: what happened and what to do next, in one or two plain sentences."""

import re
from typing import Any, Dict, Mapping

from .problems import PROBLEMS
from .translations import ENGLISH, N_, language, tr

DOCTOR = N_("Run 'neural-style doctor' in a terminal to see what is wrong.")
NOT_FOUND, TOO_MANY = 404, 429
_ASIDE = re.compile(r" \([^)]*\)|（[^）]*）")


class DaemonError(Exception):
    """The daemon answered with a problem (RFC 9457)."""

    def __init__(self, status: int, problem: Dict[str, Any]) -> None:
        self.status = status
        self.code = str(problem.get("code", "unknown"))
        self.detail = str(problem.get("detail", tr("The daemon refused the request.")))
        self.hint = str(problem.get("hint", ""))
        super().__init__((self.detail + " " + self.hint).strip())


class DaemonGone(Exception):
    """Nobody answers at the daemon's address, or it could not be started."""


class DaemonBusy(DaemonGone):
    """The daemon is alive, but has not answered in time. It must not be started a second time."""


class NotTrusted(DaemonGone):
    """A daemon on another computer has a certificate that is not the known one, or is not valid. Nothing was sent."""


class PainterError(Exception):
    """The text is shown in the editor as it is."""


class Cancelled(Exception):
    """The painter ended the run; not an error."""


def explain(error: BaseException) -> str:
    """The text that an editor shows for any failure."""
    if isinstance(error, PainterError):
        return str(error)
    if isinstance(error, DaemonError):
        return _told(error.code, error.detail, error.hint)
    if isinstance(error, DaemonGone):
        return _explain_gone(error)
    what = "{}: {}".format(type(error).__name__, error)
    return tr("Neural Style met something that it did not expect ({}).", what) + " " + tr(DOCTOR)


def explain_event(problem: Mapping[str, Any]) -> str:
    """The same for the `error` event of a failed job."""
    detail = problem.get("detail") or tr("The job failed.")
    return _told(str(problem.get("code")), detail, problem.get("hint"))


def _explain_gone(error: DaemonGone) -> str:
    text = _sentence(_ASIDE.sub("", str(error)))  # the system's own words for it help no painter
    if "neural-style" in text or isinstance(error, DaemonBusy):  # it says what to do
        return text
    return text + " " + tr("Try again; if that does not help, run 'neural-style doctor' in a terminal.")


def _told(code: str, detail: Any, hint: Any) -> str:
    """The daemon's own words, which say the most; in another language those for its code, with its own beside them."""
    if language() == ENGLISH or code not in PROBLEMS:
        return _joined(detail, hint)
    return "{} {} ({})".format(*map(tr, PROBLEMS[code]), detail)


def _joined(detail: Any, hint: Any) -> str:
    return "{} {}".format(_sentence(detail), _sentence(hint or tr(DOCTOR)))


def _sentence(text: Any) -> str:
    said = str(text).strip()
    return said if said.endswith((".", "!", "?")) or "\n" in said else said + "."
