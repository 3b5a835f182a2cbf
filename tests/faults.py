"""What time, a full disk, another program or another version can do to a file, as functions of its path."""

from __future__ import annotations

import contextlib
import json
import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

Fault = Callable[[Path], Any]
HUGE = 1 << 36
VALUES: dict[str, Any] = {
    "null": None,
    "a word": "x",
    "minus one": -1,
    "401 digits": int("9" * 401),
    "infinite": float("inf"),
    "no number": float("nan"),
    "a list": [None],
    "an object": {"x": None},
}


def _instead(make: Callable[[Path], Any]) -> Fault:
    def replace(path: Path) -> None:
        path.unlink()
        make(path)

    return replace


def _cut(tenths: int) -> Fault:
    return lambda path: os.truncate(path, path.stat().st_size * tenths // 10)


def _flipped(share: float) -> Fault:
    def flip(path: Path) -> None:
        data = bytearray(path.read_bytes())
        data[int(len(data) * share)] ^= 1 << int(share * 64) % 8
        path.write_bytes(data)

    return flip


def _written(data: bytes) -> Fault:
    return lambda path: path.write_bytes(data)


def _later(path: Path) -> None:
    """As a later version writes it, as far as the format has such a thing."""
    found = _json(path)
    path.write_text(json.dumps({**found, "version": 99, "later": [1]}) if found else '{"version": 99}')


def _link_to(target: str) -> Fault:
    return _instead(lambda path: path.symlink_to(target))


def _linked_copy(path: Path) -> None:
    """The same content behind a link: not a fault to everybody."""
    other = path.with_name(f"{path.name}-linked")
    path.rename(other)
    path.symlink_to(other.name)


FAULTS: dict[str, Fault] = {
    "missing": lambda path: path.unlink(),
    "empty": _written(b""),
    **{f"{tenths} tenths": _cut(tenths) for tenths in range(1, 10)},
    **{f"a bit at {share}": _flipped(share) for share in (0.0, 0.1, 0.3, 0.5, 0.7, 0.9, 0.99)},
    "zeros": lambda path: path.write_bytes(bytes(path.stat().st_size)),
    "zeros at the end": lambda path: path.write_bytes(path.read_bytes() + bytes(64)),
    "a list": _written(b"[]"),
    "an object": _written(b"{}"),
    "null": _written(b"null"),
    "a word": _written(b'"x"'),
    "a number of 401 digits": _written(b"9" * 401),
    "no text": _written(bytes(range(128, 256))),
    "noise": _written(np.random.default_rng(1).bytes(3000)),
    "later": _later,
    "huge": lambda path: os.truncate(path, HUGE),
    "nested lists": _written(b"[" * 100_000),
    "nested objects": _written(b'{"a":' * 100_000),
    "a folder": _instead(lambda path: path.mkdir()),
    "a full folder": _instead(lambda path: (path / "in").mkdir(parents=True)),
    "a link to nothing": _link_to("nowhere"),
    "a link to itself": _instead(lambda path: path.symlink_to(path.name)),
    "a link to its like": _linked_copy,
}
if hasattr(os, "mkfifo"):
    FAULTS["a FIFO"] = _instead(os.mkfifo)
    FAULTS["a link to a device"] = _link_to("/dev/zero")
if hasattr(os, "geteuid") and os.geteuid() != 0:  # root may read everything
    FAULTS["unreadable"] = lambda path: path.chmod(0)


def wrong_values(path: Path) -> dict[str, Fault]:
    """For a JSON object: each of its keys without a value, or with one of another kind."""

    def given(key: str, value: Any) -> Fault:
        return lambda path: path.write_text(json.dumps({**(_json(path) or {}), key: value}))

    def without(key: str) -> Fault:
        return lambda path: path.write_text(json.dumps({k: v for k, v in (_json(path) or {}).items() if k != key}))

    faults: dict[str, Fault] = {}
    for key in _json(path) or {}:
        faults[f"without {key}"] = without(key)
        faults |= {f"{key} is {name}": given(key, value) for name, value in VALUES.items()}
    return faults


def _json(path: Path) -> dict[str, Any] | None:
    try:
        found = json.loads(path.read_bytes())
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


@contextlib.contextmanager
def changing(path: Path) -> Iterator[None]:
    """The file is whole, half and something else by turns, as fast as can be."""
    whole, beside, over = path.read_bytes(), path.with_name(f"{path.name}-next"), threading.Event()

    def change() -> None:
        while not over.is_set():
            for content in (whole[: len(whole) // 2], whole, b"{}", whole):
                beside.write_bytes(content)
                with contextlib.suppress(OSError):  # it has just been set aside, with its folder perhaps
                    os.replace(beside, path)

    thread = threading.Thread(target=_quietly, args=(change,), daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
        beside.unlink(missing_ok=True)


def _quietly(action: Callable[[], None]) -> None:
    with contextlib.suppress(OSError):  # the folder is gone
        action()
