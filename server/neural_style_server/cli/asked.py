"""What a picture is asked for: the options that commands which paint have in common, and the job's body of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from .key_values import chosen_settings
from .styles import blend_option, chosen_blend

OPTIONS: tuple[Callable[[Any], Any], ...] = (
    blend_option,
    click.option("--size", type=int, help="Long side of what is optimised; a result has the photo's own size."),
    click.option("--seed", type=int, help="The same seed gives the same picture."),
    click.option("--quality", type=click.Choice(["draft", "standard", "fine"]), help="How long to paint."),
    click.option("--set", "settings", multiple=True, metavar="KEY=VALUE", help="A control or a key of the method."),
)


def asked_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The command gets them as the keyword arguments of `asked_body`."""
    for option in reversed(OPTIONS):
        command = option(command)
    return command


def asked_body(
    blends: tuple[str, ...], size: int | None, seed: int | None, quality: str | None, settings: tuple[str, ...]
) -> dict[str, Any]:
    """A job's body without preset and pictures. Raises InvalidRequest."""
    controls, method = chosen_settings(settings)
    if quality:
        method["quality"] = quality
    body: dict[str, Any] = {"controls": controls, "method": method}
    body |= {key: value for key, value in (("size", size), ("seed", seed)) if value is not None}
    return body | ({"blend": chosen_blend(blends)} if blends else {})
