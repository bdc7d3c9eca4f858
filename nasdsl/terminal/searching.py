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
    from nasdsl.evolve.settings import RunSettings
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
@click.option("--evaluator", metavar="supernet:RUN", help="Score with the weights of a supernet that `relax` trained.")
@count("--norm-batches", help="Batches for the batch norms of a path. [default: 20]")
@count("--max-macs", help="Candidates with more multiply-adds fail untrained.")
@count("--max-params", help="Candidates with more parameters fail untrained.")
@click.option("--name", help="Name of the run's folder. [default: made from the space and the time]")
@click.option("--json-summary", "--json", "json_summary", is_flag=True, help="Print the end of the run as JSON.")
@runs_dir_option
@space_options
def evolve(
    file: str, params: Numbers, narrowing: Narrowing, runs_dir: str, name: str | None, json_summary: bool,
    epochs: float | None, batch: int | None, learning_rate: float | None, drop_path: float | None,
    evaluator: str | None, norm_batches: int | None, **rest: Any,
) -> None:  # fmt: skip
    """Search a space by training candidates, and keep the run in a folder.

    \b
    Examples:
      nasdsl evolve nasnet --strategy tournament --population 50 --budget 100 -p N=1 -p C=8
      nasdsl evolve spos --evaluator supernet:runs/spos-spos-1
    """
    from nasdsl.evolve import run
    from nasdsl.terminal import watch

    train = {"epochs": epochs, "batch": batch, "learning_rate": learning_rate, "drop_path": drop_path}
    given = {key: value for key, value in rest.items() if value is not None}
    given |= {"restrict": list(narrowing.restrict), "fix": list(narrowing.fix)}
    asked = {key: value for key, value in train.items() if value is not None}
    wanted = run.settings(space=file, params=params, train=asked, **given)
    if evaluator is None and norm_batches is not None:
        raise click.UsageError("--norm-batches belongs to --evaluator supernet:RUN")
    scored = {} if evaluator is None else _scored(evaluator, Path(runs_dir), wanted, norm_batches, asked)
    watch.watched(json_summary, lambda progress: run.start(wanted, progress, Path(runs_dir), name=name, **scored))


def _scored(
    evaluator: str, root: Path, wanted: RunSettings, batches: int | None, training: dict[str, Any]
) -> dict[str, Any]:
    """What `--evaluator` says, as `run.start` takes it."""
    from nasdsl.relax import shared
    from nasdsl.terminal import runs as report

    kind, colon, name = evaluator.partition(":")
    if kind != "supernet" or not colon or not name:
        raise click.UsageError(f"{evaluator!r} is not supernet:RUN, for example supernet:runs/darts-spos-1")
    if training:
        options = ", ".join(f"--{key.replace('_', '-')}" for key in training)
        raise click.UsageError(f"{options}: nothing is trained with --evaluator supernet:RUN")
    found = shared.inherited(report.find(name, root), wanted, batches or shared.BATCHES)
    return {"evaluator": shared.EVALUATOR, "inherited": found}


@click.command(short_help="Go on with a run that was stopped.")
@click.argument("run")
@count("--workers", help="Processes that train. [default: as before]")
@click.option("--json-summary", "--json", "json_summary", is_flag=True, help="Print the end of the run as JSON.")
@runs_dir_option
def resume(run: str, workers: int | None, json_summary: bool, runs_dir: str) -> None:
    """Go on with a run that was stopped, of `evolve` or `relax`; it ends as if it never had been.

    \b
    Example:
      nasdsl resume runs/hierarchical-aging-1
    """
    from nasdsl.evolve import run as engine
    from nasdsl.relax import run as relaxation
    from nasdsl.relax.folder import relaxed as is_relaxed
    from nasdsl.terminal import relaxed, watch
    from nasdsl.terminal import runs as report

    folder = report.find(run, Path(runs_dir))
    if is_relaxed(folder):
        if workers is not None:
            raise click.UsageError("--workers belongs to a run of `evolve`")
        relaxed.watched(json_summary, lambda progress: relaxation.resume(folder, progress))
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
    from nasdsl.terminal import runs as report

    found = report.every(Path(runs_dir))
    if as_json:
        click.echo(json.dumps([report.told(summary) for summary in found], indent=2))
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
    from nasdsl.terminal import runs as report

    summary = report.show(report.find(run, Path(runs_dir)))
    click.echo(json.dumps(report.told(summary), indent=2) if as_json else report.said(summary))
