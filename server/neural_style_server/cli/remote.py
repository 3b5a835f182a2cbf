"""`neural-style remote`: daemons on other computers, and `--on NAME` to paint there."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click

from neural_style_client import Client, connect_to, remotes
from neural_style_client.errors import DaemonGone, PainterError

from ..errors import InvalidRequest

on_option = click.option("--on", "on", metavar="NAME", help="On another computer, one of 'neural-style remote list'.")


def connect_on(name: str | None) -> Client:
    """The daemon on the named computer, or this one's. Raises InvalidRequest for an unknown name, and DaemonGone."""
    with _told():
        return connect_to(name)


@click.group()
def remote() -> None:
    """Daemons on other computers that you have a token for."""


@remote.command()
@click.argument("name")
@click.argument("url")
def add(name: str, url: str) -> None:
    """Remember the daemon at URL as NAME. Its token is asked for, or read from the standard input."""
    with _told():
        asked = sys.stdin.isatty()
        token = click.prompt("Token", hide_input=True, err=True) if asked else sys.stdin.readline()
        found = remotes.seen(name, url, token)
        found.client().jobs()  # refused with a sentence where the token is wrong
        remotes.save(found)
    click.echo(f"'{name}' is {found.url}. Paint there with --on {name}, or choose it in GIMP or Krita.")
    if found.certificate:
        click.echo(
            f"Its certificate is kept, and no other is accepted from now on. Ask whoever runs it whether this is its "
            f"fingerprint:\n{found.fingerprint}"
        )


@remote.command("list")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def list_(as_json: bool) -> None:
    """Show the names, addresses and the certificates' fingerprints."""
    with _told():
        found = remotes.remotes()
    if as_json:
        rows = [{"name": it.name, "url": it.url, "fingerprint": it.fingerprint} for it in found]
        click.echo(json.dumps(rows))
    elif not found:
        click.echo("No other computer is known. 'neural-style remote add NAME URL' adds one.")
    else:
        click.echo("\n".join(f"{it.name:20} {it.url}\n    {it.fingerprint or 'not encrypted'}" for it in found))


@remote.command()
@click.argument("name")
@click.option("--yes", is_flag=True, help="Do not ask.")
def accept(name: str, yes: bool) -> None:
    """Look at the certificate that NAME has now, and accept it in place of the former one."""
    with _told():
        known = remotes.find(name)
        now = remotes.seen(name, known.url, known.token)
        if now.certificate == known.certificate:
            click.echo(f"'{name}' has the certificate that is known.")
            return
        click.echo(f"before  {known.fingerprint}\nnow     {now.fingerprint}")
        if not yes:
            click.confirm("Accept the new one? Ask whoever runs it first", abort=True)
        remotes.save(now)
    try:
        now.client().health()
    except DaemonGone as error:
        click.echo(f"It is accepted, but: {error}", err=True)
        sys.exit(1)
    click.echo(f"Accepted. '{name}' answers.")


@remote.command()
@click.argument("name")
def remove(name: str) -> None:
    """Forget NAME and its token."""
    with _told():
        remotes.remove(name)
    click.echo(f"'{name}' is forgotten.")


@contextmanager
def _told() -> Iterator[None]:
    """What the client says to painters is the command line's sentence."""
    try:
        yield
    except PainterError as error:
        raise InvalidRequest(str(error), hint="") from None
