"""`neural-style bench`: what this machine does, against its own measured peak."""

from __future__ import annotations

import json
import os
from pathlib import Path

import click

from neural_style_client import home_folder


@click.command()
@click.option("--size", "sizes", type=int, multiple=True, default=(256, 384, 512), show_default=True)
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def bench(sizes: tuple[int, ...], as_json: bool) -> None:
    """Iterations a second, arithmetic against the machine's peak, memory, time to the first frame."""
    from ..jobs.worker_process import WORKER_ENVIRONMENT

    # before torch is loaded: what is measured is what the daemon's worker does
    os.environ.update({**WORKER_ENVIRONMENT, **os.environ})
    from ..benchmark import measure
    from ..setting_sources import load_settings

    home = Path(home_folder())
    found = measure(load_settings(home), home, list(sizes))
    if as_json:
        click.echo(json.dumps(found))
        return
    from rich.console import Console
    from rich.table import Table

    table = Table("size", "it/s", "GFLOP/s", "of peak", "peak memory", box=None, title=found["device"])
    for row in found["rows"]:
        table.add_row(
            f"{row['size']}²",
            f"{row['iterations_per_s']:.2f}",
            f"{row['gflops']:.0f}",
            f"{row['share']:.0%}",
            f"+{row['memory_mb']:.0f} MB",
        )
    Console().print(table)
    click.echo(f"matrix product {found['peak_gflops']:.0f} GFLOP/s, first frame {found['first_frame_s']:.2f} s")
