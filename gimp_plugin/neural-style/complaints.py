"""Failures, said to a painter: what happened and what to do next, in one or two plain sentences."""

import client


class PainterError(Exception):
    """The text is shown in GIMP as it is."""


class Cancelled(Exception):
    """The painter ended the run; not an error."""


def explain(error):
    """The text that GIMP shows for any failure."""
    if isinstance(error, PainterError):
        return str(error)
    if isinstance(error, client.DaemonError):
        return _refusal(error)
    if isinstance(error, client.DaemonGone):
        return _gone(str(error))
    return (
        f"Neural Style met something it did not expect ({type(error).__name__}: {error}). "
        "Run 'neural-style doctor' in a terminal and report what it says."
    )


def explain_event(problem):
    """The same for the `error` event of a failed job."""
    return _joined(problem.get("detail") or "The painting failed.", problem.get("hint"))


def start_layer_gone(name):
    """`name` of the layer that a former run started from; it may not be known."""
    which = f"The layer “{name}”" if name else "The layer"
    return f"{which} that the last painting started from is not in this image."


def _refusal(error):
    return _joined(error.detail, error.hint)


def _joined(detail, hint):
    hint = hint or "Run 'neural-style doctor' in a terminal to see what is wrong."
    return f"{_sentence(detail)} {_sentence(hint)}"


def _gone(text):
    if "neural-style" in text:  # it already says what to do
        return text
    return _sentence(text) + " Try again; if that does not help, run 'neural-style doctor' in a terminal."


def _sentence(text):
    text = str(text).strip()
    return text if text.endswith((".", "!", "?")) or "\n" in text else text + "."
