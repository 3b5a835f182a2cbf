"""Every text that a painter reads goes through `tr`, so that an editor can translate it. No Qt and no GTK here."""

from typing import Any, Callable

_translate: Callable[[str], str] = str


def translate_with(function: Callable[[str], str]) -> None:
    """Let `function(text) -> text` translate from now on."""
    global _translate
    _translate = function


def tr(text: str, *values: Any) -> str:
    """The text in the painter's language, its {} filled with the values."""
    return _translate(text).format(*values) if values else _translate(text)
