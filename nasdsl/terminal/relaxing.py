"""`nasdsl relax`: the search of a relaxed space."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from nasdsl.terminal.options import Numbers, count, runs_dir_option, space_options

if TYPE_CHECKING:
    from nasdsl.space.narrowing import Narrowing

Values = dict[str, Any]


def values(context: click.Context, option: click.Parameter, given: tuple[str, ...]) -> Values:
    """Each `NAME=VALUE`, the value as JSON or else a word: `order=2`, `keep=[8, 5, 3]`, `mode=fast`."""
    found: Values = {}
    for text in given:
        name, equals, value = text.partition("=")
        if not equals or not name:
            raise click.BadParameter(f"{text!r} is not NAME=VALUE, for example order=2")
        if name in found:
            raise click.BadParameter(f"{name} is given twice")
        try:
            found[name] = json.loads(value)
        except ValueError:
            found[name] = value
    return found


def listed(context: click.Context, option: click.Parameter, asked: bool) -> None:
    """Prints the methods, instead of a search."""
    if asked and not context.resilient_parsing:
        from nasdsl.terminal import relaxed

        click.echo(relaxed.methods())
        context.exit()


@click.command(short_help="Search a space by relaxing it.")
@click.argument("file")
@click.option("--method", default="darts", show_default=True, metavar="NAME", help="One of --list.")
@click.option("--list", is_flag=True, is_eager=True, expose_value=False, callback=listed,
              help="List the methods with their papers and settings, and end.")  # fmt: skip
@click.option("--set", "method_settings", multiple=True, metavar="NAME=VALUE", callback=values,
              help="A setting of the method; may be repeated.")  # fmt: skip
@click.option("--order", type=click.IntRange(1, 2), help="Order of the gradient of DARTS; as --set order=N.")
@click.option("--target", metavar="MEASURE=AMOUNT", help="What the network is to cost: macs=300M, latency=12ms.")
@click.option("--strength", type=float, help="How much the cost counts beside the loss. [default: 1]")
@click.option("--form", type=click.Choice(["log", "hinge", "ratio"]), default="log", show_default=True,
              help="How the distance to the target counts.")  # fmt: skip
@click.option("--latency", type=click.Path(dir_okay=False), metavar="FILE.json",
              help="The table that `nasdsl latency` measured.")  # fmt: skip
@count("--epochs", default=50, show_default=True, help="Passes over the training images.")
@count("--batch", default=64, show_default=True, help="Images in a batch.")
@count("--limit-batches", help="Only so many batches of an epoch. [default: all]")
@count("--seed", least=0, default=0, show_default=True, help="Seed of the whole run.")
@click.option("--data", metavar="FILE.npz", help="Arrays x_train y_train x_test y_test. [default: the shipped images]")
@click.option("--share", type=click.FloatRange(0, 1, min_open=True, max_open=True), metavar="SHARE",
              help="Share of the training images held out. [default: 0.5; 0.2 where they train nothing]")  # fmt: skip
@click.option("--device", default="cpu", show_default=True, help="cpu, cuda, cuda:1 or mps.")
@click.option("--learning-rate", type=float, help="Of the weights, in the first epoch. [default: 0.025]")
@click.option("--weight-decay", type=float, help="Of the weights. [default: 0.0003]")
@click.option("--name", help="Name of the run's folder. [default: <space>-<method>-<number>]")
@click.option("--json", "--json-summary", "json_summary", is_flag=True, help="Print the end of the run as JSON.")
@runs_dir_option
@space_options
def relax(
    file: str,
    params: Numbers,
    narrowing: Narrowing,
    runs_dir: str,
    name: str | None,
    json_summary: bool,
    order: int | None,
    latency: str | None,
    method_settings: Values,
    **rest: Any,
) -> None:
    """Search a space by training one supernet that holds all its networks, and keep the run in a folder.

    The training images are divided: one part trains the weights, the other what decides between the alternatives.

    \b
    Examples:
      nasdsl relax darts --method pc-darts --epochs 50
      nasdsl relax darts --method darts --order 2 --epochs 3 --limit-batches 20
    """
    from nasdsl.relax import run
    from nasdsl.terminal import relaxed

    if order is not None:
        method_settings = {"order": order, **method_settings}
    given = {key: value for key, value in rest.items() if value is not None}
    given |= {"restrict": list(narrowing.restrict), "fix": list(narrowing.fix)}
    wanted = run.settings(space=file, params=params, method_settings=method_settings, **given)
    root, table = Path(runs_dir), Path(latency) if latency is not None else None
    relaxed.watched(json_summary, lambda progress: run.start(wanted, progress, root, name=name, latency=table))
