"""`neural-style batch`: many photos in some presets, all workers busy, and what is painted already left alone."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from neural_style_client import Client, DaemonBusy, DaemonError, DaemonGone

from ..errors import Conflict, NeuralStyleError
from .asked import asked_body, asked_options
from .batch_plan import Painting, planned
from .colours import Colours, colour_options
from .outputs import Output
from .painting import checked_photo, follow, photo_id, progress_bar, submit, upload, write_result
from .photos import event_streams
from .places import LEAST, Places
from .remote import connect_on, on_option

if TYPE_CHECKING:
    from rich.progress import Progress

    from ..recipe import Recipe

ONE_FRAME = {"every": 100_000}
"""Nobody looks on: no live frames, whose first is painted before the picture, and of the chosen ones the last alone."""


@dataclass(frozen=True, eq=False)
class Style:
    """What all photos of a preset are asked for: the job's body, the preset as the API shows it, and its source as a
    job's record will name it."""

    body: dict[str, Any]
    preset: dict[str, Any]
    source: dict[str, Any]
    colours: Colours

    def recipe(self, photo: str) -> Recipe:
        """What a result of the uploaded picture with this id carries."""
        from ..recipe import recipe_of

        method = {**self.preset["method"], **self.body["method"]}
        request = {"size": None, "blend": [], "regions": [], **self.body}
        record = {"request": request, "preset_source": self.source, "seed": self.body.get("seed", method["seed"])}
        return recipe_of(record, self.preset, None, photo, None, self.colours.used())


@dataclass
class Report:
    """How it went, in the end; used under its lock."""

    painted: int = 0
    done_before: int = 0
    failures: list[tuple[Painting, str]] = field(default_factory=list)


@click.command()
@click.argument("paths", nargs=-1, required=True)
@click.option("--preset", "presets", multiple=True, required=True, help="Name of a style; may be given several times.")
@asked_options
@colour_options
@click.option("-o", "--out", type=click.Path(path_type=Path, file_okay=False), required=True, help="The folder.")
@click.option("--name", "pattern", default="{stem}-{preset}", show_default=True, help="What results are called.")
@click.option("--recursive", is_flag=True, help="Also the folders in folders; -o gets the same ones.")
@on_option
@click.option("--force", is_flag=True, help="Paint again what is done, and replace files that are no results.")
def batch(
    paths: tuple[str, ...],
    presets: tuple[str, ...],
    out: Path,
    pattern: str,
    recursive: bool,
    force: bool,
    colour_in: str | None,
    colour_out: str | None,
    on: str | None,
    **asked: Any,
) -> None:
    """Paint many photos, files and folders of them, in each of some presets.

    A result that was painted with the same settings from the same picture is left as it is, so that the same command
    goes on where it was stopped.
    """
    body = {**asked_body(**asked), "frames": ONE_FRAME}
    presets = tuple(dict.fromkeys(presets))
    plan = planned(paths, presets, out, pattern, recursive=recursive)
    client = connect_on(on)
    colours = Colours(colour_in, colour_out)
    styles = {name: _style(client, {**body, "preset": name}, colours) for name in presets}
    report = Batch(client, styles, event_streams(on), force=force).run(plan)
    for painting, text in report.failures:
        click.echo(f"{painting}: {' '.join(text.removeprefix(f'{painting.photo}: ').split())}", err=True)
    counts = f"{report.painted} painted, {report.done_before} done before, {len(report.failures)} failed"
    if report.failures:
        raise NeuralStyleError(f"{counts}.", hint="The same command tries those again.")
    click.echo(f"{counts}.")


def _style(client: Client, body: dict[str, Any], colours: Colours) -> Style:
    """Asked of the daemon before anything is painted. Raises NotFound, and DaemonError for what it would refuse."""
    from ..presets.bundle import snapshot_of

    client.forecast({**body, "width": 64, "height": 64})
    names = [body["preset"], *(item["preset"] for item in body.get("blend", []))]
    own, *others = (snapshot_of(client.export_preset(name)).record() for name in names)
    return Style(body, client.preset(body["preset"]), {**own, "others": others}, colours)


class Batch:
    """Paints a plan on a thread for each job that is under way, at most `most`; `_lock` is for what they share."""

    def __init__(self, client: Client, styles: dict[str, Style], most: int, *, force: bool) -> None:
        self._client, self._styles, self._force = client, styles, force
        self._report, self._jobs = Report(), set[str]()
        self._most = max(LEAST, most)
        self._places = Places(lambda: len(client.workers()), self._most)
        self._lock, self._stopped = threading.Lock(), threading.Event()

    def run(self, plan: Sequence[Painting]) -> Report:
        """Raises NeuralStyleError where the painter stops it, DaemonGone; no job is left then."""
        with progress_bar("{task.completed:.0f}/{task.total:.0f}") as bar, ThreadPoolExecutor(self._most) as pool:
            whole = bar.add_task("all pictures", total=len(plan), note="")
            waiting = [pool.submit(self._one, painting, bar) for painting in plan]
            try:
                for ended in as_completed(waiting):
                    ended.result()
                    bar.advance(whole)
            except BaseException as error:
                self._stop()
                pool.shutdown(cancel_futures=True)
                if isinstance(error, KeyboardInterrupt):
                    raise self._cancelled(len(plan)) from None
                raise
        return self._report

    def _stop(self) -> None:
        with self._lock:
            self._stopped.set()
            jobs = list(self._jobs)
        for job in jobs:
            try:
                self._client.cancel(job)
            except (DaemonError, DaemonGone):  # it has ended, or so has the daemon
                continue

    def _cancelled(self, count: int) -> NeuralStyleError:
        done = self._report.painted + self._report.done_before
        return NeuralStyleError(f"Stopped: {done} of {count} are done.", hint="The same command goes on from here.")

    def _one(self, painting: Painting, bar: Progress) -> None:
        """Raises DaemonGone; every other failure is this picture's own."""
        with self._places:
            if not self._stopped.is_set():
                self._tried(painting, bar)

    def _tried(self, painting: Painting, bar: Progress) -> None:
        task = bar.add_task(f"{painting}: reading", total=1, note="")
        try:
            painted = self._paint(painting, bar, task)
        except (NeuralStyleError, DaemonError, DaemonBusy, OSError) as error:
            if not self._stopped.is_set():
                text = f"{error.detail} {error.hint}" if isinstance(error, NeuralStyleError) else str(error)
                with self._lock:
                    self._report.failures.append((painting, text))
        else:
            with self._lock:
                self._report.painted += painted
                self._report.done_before += not painted
        finally:
            bar.remove_task(task)

    def _paint(self, painting: Painting, bar: Progress, task: Any) -> bool:
        """Whether it had to be painted."""
        style = self._styles[painting.preset]
        one = checked_photo(painting.photo, Output(painting.out, force=True), None, strip=False, colours=style.colours)
        if not self._force and self._is_done(painting.out, style.recipe(photo_id(one))):
            return False
        _make_folder(painting.out.parent)
        one.out.check()
        image = upload(self._client, one.picture)
        with self._lock:
            if self._stopped.is_set():
                raise NeuralStyleError("Stopped.")
            job = submit(self._client, style.body, image)
            self._jobs.add(job["id"])
        try:
            bar.update(task, total=job["iterations"])
            follow(self._client, job, bar, task, label=f"{painting}: ")
            write_result(self._client, one, job["id"], style.preset)
        finally:
            with self._lock:
                self._jobs.discard(job["id"])
        return True

    @staticmethod
    def _is_done(out: Path, wanted: Recipe) -> bool:
        """Raises Conflict for a file that this program has not painted."""
        from ..pictures.reading import read_settings
        from ..recipe import parse_recipe

        if not out.exists():
            return False
        try:
            found = parse_recipe(read_settings(out.read_bytes()), str(out))
        except NeuralStyleError:
            detail = f"{out} exists already, and is no result with its settings."
            raise Conflict(detail, hint="Move it, or replace it with --force.", code="exists") from None
        return found.same_picture(wanted)


def _make_folder(folder: Path) -> None:
    """Before anything is painted for it. Raises NeuralStyleError."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        hint = "Choose another one with -o."
        raise NeuralStyleError(f"The folder {folder} cannot be made ({error.strerror}).", hint=hint) from None
