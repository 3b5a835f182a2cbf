"""A shop with a fake worker, and a library with one small preset."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from tests.jobs.fakes import Shop
from tests.leaks import no_thread_leaks  # noqa: F401

from neural_style_server.presets.library import Library, Source


def write_preset(folder: Path, more: str = "", *, detail: int = 40) -> None:
    """A preset as a painter would make one by hand. Another `detail` is another style image."""
    folder.mkdir(parents=True)
    out = io.BytesIO()
    Image.effect_mandelbrot((48, 40), (-2, -1, 1, 1), detail).convert("RGB").save(out, "PNG")
    (folder / "style.png").write_bytes(out.getvalue())
    (folder / "preset.yaml").write_text(f"schema: 1\ntitle: Ink\nimages:\n- file: style.png\n{more}")


@pytest.fixture
def library(tmp_path: Path) -> Library:
    write_preset(tmp_path / "built-in" / "ink")
    return Library([Source("built-in", tmp_path / "built-in")])


@pytest.fixture
def open_shop(tmp_path: Path, library: Library) -> Iterator[Callable[..., Shop]]:
    """Opens shops over one home; all are closed in the end."""
    shops: list[Shop] = []

    def make(**options: Any) -> Shop:
        shops.append(Shop(tmp_path / "home", library, **options))
        return shops[-1]

    yield make
    for shop in shops:
        shop.close()


@pytest.fixture
def shop(open_shop: Callable[..., Shop]) -> Shop:
    """One whose worker is ready."""
    made = open_shop()
    made.warm()
    return made
