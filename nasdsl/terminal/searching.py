"""The commands of a search: start it, go on with it, list runs and show one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from nasdsl.terminal.options import (
    Numbers,
    count,
    json_option,
    mutation_options,
    runs_dir_option,
    space_options,
)

if TYPE_CHECKING:
    from nasdsl.space.narrowing import Narrowing


@click.command(short_help="Search a space by training candidates.")
@click.argument("file")
@count("--budget", default=500, show_default=True, help="Candidates to train.")
@click.option(
    "--strategy", type=click.Choice(["aging", "tournament", "mutation", "random"]), default="aging", show_default=True,
    help="How the next candidate is chosen.",
)  # fmt: skip
@count("--population", help="Members kept. [default: from the budget]")
@count("--sample", help="Members a parent is chosen from. [default: from the population]")
@count("--offspring", help="Children a generation (mutation). [default: the population]")
@mutation_options
@count("--seed", least=0, default=0, show_default=True, help="Seed of the whole run.")
@count("--workers", help="Processes that train. [default: one a core]")
@count("--inflight", default=8, show_default=True, help="Candidates under way at once.")
@click.option("--data", metavar="FILE.npz", help="Arrays x_train y_train x_test y_test. [default: the shipped images]")
@click.option("--device", default="cpu", show_default=True, help="cpu, cuda, cuda:1 or mps.")
@click.option("--epochs", type=float, help="Passes over the training images. [default: 0.4]")
@count("--batch", help="Images in a batch.")
@click.option("--learning-rate", type=float, help="Peak of the one-cycle learning rate.")
@click.option("--drop-path", type=float, metavar="P", help="Drop edges, in the end with this probability. [default: 0]")
@count("--max-macs", help="Candidates with more multiply-adds fail untrained.")
@count("--max-params", help="Candidates with more parameters fail untrained.")
@click.option("--name", help="Name of the run's folder. [default: made from the space and the time]")
@click.option("--json-summary", is_flag=True, help="Print the end of the run as JSON.")
@runs_dir_option
@space_options
def evolve(
    file: str, params: Numbers, narrowing: Narrowing, runs_dir: str, name: str | None, json_summary: bool,
    epochs: float | None, batch: int | None, learning_rate: float | None, drop_path: float | None, **rest: Any,
) -> None:  # fmt: skip
    """Search a space by training candidates, and keep the run in a folder.

    \b
    Example:
      nasdsl evolve nasnet --strategy tournament --population 50 --budget 100 -p N=1 -p C=8
    """
    from nasdsl.evolve import run
    from nasdsl.terminal import watch

    train = {"epochs": epochs, "batch": batch, "learning_rate": learning_rate, "drop_path": drop_path}
    given = {key: value for key, value in rest.items() if value is not None}
    given |= {"restrict": list(narrowing.restrict), "fix": list(narrowing.fix)}
    wanted = run.settings(space=file, params=params, train={k: v for k, v in train.items() if v is not None}, **given)
    watch.watched(json_summary, lambda progress: run.start(wanted, progress, Path(runs_dir), name=name))


@click.command(short_help="Go on with a run that was stopped.")
@click.argument("run")
@count("--workers", help="Processes that train. [default: as before]")
@click.option("--json-summary", is_flag=True, help="Print the end of the run as JSON.")
@runs_dir_option
def resume(run: str, workers: int | None, json_summary: bool, runs_dir: str) -> None:
    """Go on with a run that was stopped; it ends as if it never had been.

    \b
    Example:
      nasdsl resume runs/hierarchical-aging-1
    """
    from nasdsl.evolve import run as engine
    from nasdsl.terminal import runs as report
    from nasdsl.terminal import watch

    folder = report.find(run, Path(runs_dir))
    watch.watched(json_summary, lambda progress: engine.resume(folder, progress, workers))


@click.command(short_help="List the runs in a folder.")
@json_option
@runs_dir_option
def runs(as_json: bool, runs_dir: str) -> None:
    """List the runs in a folder.

    \b
    Example:
      nasdsl runs
    """
    from nasdsl.evolve import run as engine
    from nasdsl.terminal import runs as report

    found = engine.list_runs(Path(runs_dir))
    if as_json:
        click.echo(json.dumps([report.as_json(summary) for summary in found], indent=2))
    else:
        click.echo(report.listing(found, Path(runs_dir)))


@click.command("show", short_help="Show how far a run is, and its best.")
@click.argument("run")
@json_option
@runs_dir_option
def show_run(run: str, as_json: bool, runs_dir: str) -> None:
    """Show how far a run is, its best candidates and its files.

    \b
    Example:
      nasdsl show runs/hierarchical-aging-1
    """
    from nasdsl.evolve import run as engine
    from nasdsl.terminal import runs as report

    summary = engine.show(report.find(run, Path(runs_dir)))
    click.echo(json.dumps(report.as_json(summary), indent=2) if as_json else report.as_text(summary))
