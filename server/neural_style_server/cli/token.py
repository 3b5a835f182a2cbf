"""`neural-style token`: who else may use this daemon, from other computers or by another name."""

from __future__ import annotations

import json
import time
from pathlib import Path

import click

from neural_style_client import home_folder


@click.group()
def token() -> None:
    """Tokens for other people who use this daemon, each with pictures, jobs and presets of their own."""


@token.command()
@click.argument("name")
def add(name: str) -> None:
    """Make a token for NAME and print it. It is shown this once: only its hash is kept."""
    from ..tokens import Tokens

    made = Tokens(Path(home_folder())).add(name)
    click.echo(made)
    click.echo(
        f"This is the token of '{name}'; it is not shown again. On the other computer: neural-style remote add",
        err=True,
    )


@token.command("list")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def list_(as_json: bool) -> None:
    """Show who has a token, and whose was revoked."""
    from ..tokens import Tokens

    found = Tokens(Path(home_folder())).records()
    if as_json:
        rows = [{"name": it.name, "created": it.created, "revoked": it.revoked} for it in found]
        click.echo(json.dumps(rows))
    elif not found:
        click.echo("Nobody but you has a token. 'neural-style token add NAME' makes one.")
    else:
        for it in found:
            ended = f", revoked {_day(it.revoked)}" if it.revoked is not None else ""
            click.echo(f"{it.name:20} made {_day(it.created)}{ended}")


@token.command()
@click.argument("name")
def revoke(name: str) -> None:
    """End NAME's token at once. What NAME has made stays, for the next token of that name."""
    from ..tokens import Tokens

    Tokens(Path(home_folder())).revoke(name)
    click.echo(f"The token of '{name}' opens nothing any more. What '{name}' has made is kept in the daemon's folder.")


def _day(when: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(when))
