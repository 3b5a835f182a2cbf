"""Small pictures, preset folders, and the promise that no test leaves a thread behind."""

from __future__ import annotations

import io
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from neural_style_server.presets.library import Library, Source


@pytest.fixture(autouse=True)
def _no_thread_leaks() -> Iterator[None]:
    before = set(threading.enumerate())
    yield
    assert set(threading.enumerate()) <= before


@pytest.fixture(scope="session")
def picture() -> Callable[..., bytes]:
    """The bytes of a small two-coloured picture."""

    def make(kind: str = "PNG", size: tuple[int, int] = (48, 40), **options: Any) -> bytes:
        image = Image.new("RGB", size, options.pop("colour", "teal"))
        image.paste("gold", (0, 0, size[0] // 2, size[1] // 2))
        out = io.BytesIO()
        image.save(out, kind, **options)
        return out.getvalue()

    return make


@pytest.fixture
def put(picture: Callable[..., bytes]) -> Callable[..., Path]:
    """Write a preset folder as a painter would, by hand."""

    def write(library: Path, name: str, title: str = "Ink wash", more: str = "") -> Path:
        folder = library / name
        folder.mkdir(parents=True, exist_ok=True)
        if not (folder / "style.png").exists():
            (folder / "style.png").write_bytes(picture())
        text = f"schema: 1\ntitle: {title}\nimages:\n- file: style.png\n{more}"
        (folder / "preset.yaml").write_text(text, "utf-8")
        return folder

    return write


@pytest.fixture
def sources(tmp_path: Path) -> list[Source]:
    for name in ("built-in", "home/presets"):
        (tmp_path / name).mkdir(parents=True)
    return [
        Source("built-in", tmp_path / "built-in"),
        Source("user", tmp_path / "home" / "presets", writable=True),
    ]


@pytest.fixture
def library(sources: list[Source], tmp_path: Path, put: Callable[..., Path]) -> Library:
    """One built-in preset, `ink`, and an empty user's library; not watching."""
    put(sources[0].path, "ink", more="tags: [ink, paper]\ncontrols:\n  strength: 60\n")
    return Library(sources, home=tmp_path / "home")


@pytest.fixture
def wait_until() -> Callable[..., float]:
    """Wait for a condition, with a deadline; answers how long it took."""

    def wait(condition: Callable[[], object], within: float = 5.0) -> float:
        began = time.monotonic()
        while not condition():
            assert time.monotonic() - began < within, "it did not happen in time"
            threading.Event().wait(0.01)
        return time.monotonic() - began

    return wait
