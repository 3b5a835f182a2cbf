"""Stand-ins for modules that only an editor has, so that what is built on them can be imported, and tested alone."""

from __future__ import annotations

import sys
import types
from typing import Any


class Anything:
    """Can be called, asked for whatever it may have, and inherited from; nothing comes of it."""

    def __init__(self, *_: Any, **__: Any) -> None: ...

    def __getattr__(self, name: str) -> Any:
        return Anything()

    def __call__(self, *_: Any, **__: Any) -> Any:
        return Anything()

    def __mro_entries__(self, bases: Any) -> tuple[type, ...]:
        return ()


def stand_in(*names: str) -> None:
    """Where there are no such modules, these have whatever is imported from them."""
    for name in names:
        module = types.ModuleType(name)
        module.__getattr__ = _found  # type: ignore[method-assign]
        sys.modules.setdefault(name, module)


def _found(name: str) -> Anything:
    """What Python asks every module for, such as its file, it has not."""
    if name.startswith("__"):
        raise AttributeError(name)
    return Anything()
