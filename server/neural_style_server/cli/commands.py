"""The group of all commands, and those about the daemon and the installation."""

from __future__ import annotations

import gc
import json
import os
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from filelock import FileLock, Timeout

from neural_style_client import Client, DaemonBusy, find_daemon, home_folder

from .. import __version__
from ..errors import NeuralStyleError
from .again import again
from .batch import batch
from .bench import bench
from .presets import presets
from .remote import connect_on, on_option, remote
from .scenes import scenes
from .stylize import stylize
from .token import token
from .video import video

if TYPE_CHECKING:
    from ..editors.install import Action
    from ..service import Outcome
    from ..settings import Settings

QUICK_STOP_S, STOP_S = 10.0, 1800.0
"""How long `stop` waits silently, and in all: saving a large canvas takes time."""

PATIENCE_S = 10.0
"""How long `status` waits for a busy daemon."""


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="neural-style")
def group() -> None:
    """Paint a photo or a layer in another picture's style, from GIMP, Krita or here."""


for command in (stylize, again, batch, video, scenes, presets, bench, token, remote):
    group.add_command(command)


class HelpWithSettings(click.Command):
    """Shows every setting below the options."""

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        from ..settings import settings_help

        with formatter.section("Settings"):
            for paragraph in settings_help().split("\n\n"):
                formatter.write_text(paragraph)


@group.command(cls=HelpWithSettings)
@click.option("--port", type=int, help="Port to listen at; 0 takes any free one.")
@click.option("--host", help="Address to listen at; any but a loopback address also needs --allow-remote.")
@click.option("--allow-remote", is_flag=True, default=None, help="Other computers may connect; they need the token.")
@click.option("--idle-exit", type=float, metavar="SECONDS", help="End after so long without a request or a job.")
def serve(port: int | None, host: str | None, allow_remote: bool | None, idle_exit: float | None) -> None:
    """Run the daemon in the foreground."""
    run = load_daemon()
    from ..setting_sources import settings_of_daemon

    given = {"port": port, "host": host, "allow_remote": allow_remote}
    overrides = {key: value for key, value in given.items() if value is not None}
    home = Path(home_folder())
    settings = settings_of_daemon(home, overrides)
    if settings.allow_remote and settings.host not in ("127.0.0.1", "::1", "localhost"):
        click.echo(
            "Warning: the connection is not encrypted; anybody on the network can read pictures and token. "
            "Without --allow-remote, a TLS proxy or an SSH tunnel reaches the daemon safely: see docs/studio.md.",
            err=True,
        )
    try:
        run(home, settings, idle_exit)
    except NeuralStyleError as error:
        if error.code != "running":
            raise
        click.echo("The daemon is running already.", err=True)


def load_daemon() -> Callable[[Path, Settings, float | None], None]:
    """`api.daemon.serve`, imported in a quarter less time than by a plain import.

    What is imported stays, so no garbage is looked for among it, neither now nor later. numpy's library for matrices
    would start a thread for each core, which spin, and the daemon multiplies no matrices; the worker is not to inherit
    that.
    """
    variable = "OPENBLAS_NUM_THREADS"
    before = os.environ.get(variable)
    os.environ[variable] = "1"
    gc.disable()
    try:
        from ..api.daemon import serve
    finally:
        gc.freeze()
        gc.enable()
        del os.environ[variable]
        if before is not None:
            os.environ[variable] = before
    return serve


@group.command()
def stop() -> None:
    """Stop the daemon; unfinished jobs are paused."""
    client = find_daemon(any_api=True)
    if client is None:
        click.echo("No daemon is running.")
        return
    client.shutdown()
    lock = FileLock(Path(home_folder()) / "daemon.lock")
    try:
        try:
            lock.acquire(timeout=QUICK_STOP_S)
        except Timeout:
            click.echo("It is saving unfinished jobs…")
            lock.acquire(timeout=STOP_S)
        lock.release()
    except Timeout:
        hint = "End its process by hand; daemon.json names it."
        raise NeuralStyleError("The daemon does not stop.", hint=hint) from None
    click.echo("Stopped.")


@group.command()
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def status(as_json: bool) -> None:
    """Show whether the daemon runs, on which device, and its jobs."""
    try:
        client = find_daemon(patience_s=PATIENCE_S)
    except DaemonBusy as busy:
        click.echo(json.dumps({"running": True, "busy": True}) if as_json else str(busy))
        return
    if client is None:
        text = "No daemon is running. 'neural-style serve' starts one."
        click.echo(json.dumps({"running": False}) if as_json else text)
        sys.exit(1)
    found = {"running": True, "url": client.url, **client.health(), "list": _latest_jobs(client)}
    click.echo(json.dumps(found) if as_json else _status_text(found))


def _latest_jobs(client: Client) -> list[dict[str, Any]] | None:
    """None where a busy daemon does not tell them in time: the rest is worth showing all the same."""
    try:
        return client.jobs(PATIENCE_S)[:20]
    except DaemonBusy:
        return None


def _status_text(found: dict[str, Any]) -> str:
    jobs = found["jobs"]
    lines = [
        f"neural-style {found['version']} at {found['url']}",
        f"worker   {found['worker']} {found['detail']}".rstrip(),
        f"device   {found['device'] or 'not known yet'}",
        f"network  {found['network'] or 'not loaded yet'}",
        f"jobs     {jobs['running']} running, {jobs['queued']} queued",
    ]
    lines += [
        f"  {job['id']}  {job['state']:9}  {job['iteration']:>5}/{job['iterations']}  {job['preset']}"
        for job in found["list"] or ()
    ]
    if found["list"] is None:
        lines.append("  The daemon is busy and has not told which jobs; try again in a moment.")
    return "\n".join(lines)


@group.command()
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@on_option
def workers(as_json: bool, on: str | None) -> None:
    """List the workers: where each one runs, its state, and the jobs that it paints."""
    client = connect_on(on) if on else find_daemon()
    if client is None:
        raise NeuralStyleError("No daemon is running.", hint="'neural-style serve' starts one.")
    found = client.workers()
    click.echo(json.dumps(found) if as_json else "\n".join(_worker_text(worker) for worker in found))


def _worker_text(worker: dict[str, Any]) -> str:
    device = worker["device"] or "device not known yet"
    return f"{worker['id']:10} {worker['state']:9} {device} on {worker['host']}  {' '.join(worker['jobs'])}".rstrip()


@group.command("install-plugins")
@click.option("--gimp", is_flag=True, help="Only GIMP's.")
@click.option("--krita", is_flag=True, help="Only Krita's.")
@click.option("--uninstall", "remove", is_flag=True, help="Remove the plug-ins.")
@click.option("--create", is_flag=True, help="Make the editor's folder where there is none yet.")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def install_plugins(gimp: bool, krita: bool, remove: bool, create: bool, as_json: bool) -> None:
    """Put the plug-ins into GIMP 3 and Krita 5."""
    from ..editors.install import install, succeeded, uninstall
    from ..editors.profiles import EDITORS, Machine

    editors: Any = [name for name, chosen in (("gimp", gimp), ("krita", krita)) if chosen] or EDITORS
    actions = uninstall(editors, Machine.here()) if remove else install(editors, Machine.here(), create=create)
    if as_json:
        click.echo(json.dumps([action.as_dict() for action in actions]))
    elif not actions:
        click.echo("No GIMP 3 or Krita 5 folder was found, so there is nothing to remove.")
    else:
        click.echo("\n".join(_action_text(action) for action in actions))
    sys.exit(0 if succeeded(actions) or (remove and not actions) else 1)


def _action_text(action: Action) -> str:
    text = f"{action.title}: {action.state}. {action.detail}"
    return f"{text}\n    {action.next_step}" if action.next_step else text


@group.command()
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def doctor(as_json: bool) -> None:
    """Check everything that the daemon and the plug-ins need; each line is ok or says what to do."""
    from ..doctor import checkup

    checks = checkup()
    if as_json:
        click.echo(json.dumps([asdict(check) for check in checks]))
    else:
        for check in checks:
            click.echo(f"{'ok  ' if check.ok else 'TODO'}  {check.name:12}  {check.detail}")
            if check.next_step:
                click.echo(f"      → {check.next_step}")
    sys.exit(0 if all(check.ok for check in checks) else 1)


@group.command("open")
@click.option("--print", "print_address", is_flag=True, help="Print the address, which works once and for a minute.")
@on_option
def open_(print_address: bool, on: str | None) -> None:
    """Open the daemon's own page in the browser; the daemon is started if there is none."""
    import webbrowser

    client = connect_on(on)
    address = client.url + client.make_page_code()["path"]
    if print_address:
        click.echo(address)
        return
    where = "" if on else f"; presets and settings are in {home_folder()}"
    click.echo(f"The daemon is running at {client.url}{where}")
    if not webbrowser.open(address):
        raise NeuralStyleError(
            "No browser could be started.", hint="'neural-style open --print' shows an address that works for a minute."
        )


@group.group()
def service() -> None:
    """Start the daemon with your session (systemd, launchd or Task Scheduler)."""


@service.command("install")
def service_install() -> None:
    """Start the daemon now and at every login."""
    from ..editors.profiles import Machine
    from ..service import install_service, service_plan

    _show_outcome(install_service(service_plan(Machine.here())))


@service.command("remove")
def service_remove() -> None:
    """No longer start it."""
    from ..editors.profiles import Machine
    from ..service import remove_service, service_plan

    _show_outcome(remove_service(service_plan(Machine.here())))


@service.command("status")
def service_status_() -> None:
    """Whether it is installed and running."""
    from ..editors.profiles import Machine
    from ..service import service_plan, service_status

    _show_outcome(service_status(service_plan(Machine.here())))


def _show_outcome(outcome: Outcome) -> None:
    click.echo(outcome.detail)
    if outcome.next_step:
        click.echo(f"    {outcome.next_step}")
    sys.exit(0 if outcome.ok else 1)
