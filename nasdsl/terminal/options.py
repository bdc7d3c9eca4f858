"""Values typed on the command line, and the options several commands share."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any, TypeVar, cast

import click

Command = TypeVar("Command", bound=Callable[..., Any])
Numbers = dict[str, int | float]

_SETTING = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)=(.*)", re.DOTALL)


def settings(context: click.Context, option: click.Parameter, values: tuple[str, ...]) -> Numbers:
    """Each `NAME=VALUE` as a name and a whole or a decimal number; a name may not have two values."""
    found: Numbers = {}
    for text in values:
        match = _SETTING.fullmatch(text)
        if match is None:
            raise click.BadParameter(f"{text!r} is not NAME=VALUE, for example N=2")
        name, value = match[1], _number(match[2], text)
        if found.setdefault(name, value) != value:
            raise click.BadParameter(f"{name} is given twice, as {found[name]} and as {value}")
    return found


def modules(context: click.Context, option: click.Parameter, values: tuple[str, ...]) -> tuple[str, ...]:
    """The named plug-ins, each once; they may lie in the working folder."""
    if values:
        from nasdsl.ops.plugins import search_here

        search_here(str(Path.cwd()))
    return tuple(dict.fromkeys(values))


def _number(text: str, where: str) -> int | float:
    for kind in (int, float):
        try:
            number = kind(text)
        except ValueError:
            continue
        if number - number == 0:  # neither infinite nor nan
            return number
    raise click.BadParameter(f"{text!r} is not a number, in {where!r}")


def count(*names: str, least: int = 1, **rest: Any) -> Callable[[Command], Command]:
    """An option that takes a whole number of at least `least`."""
    return click.option(*names, type=click.IntRange(least), metavar="N", **rest)


def seed_option(command: Command) -> Command:
    return count("--seed", least=0, default=0, show_default=True, help="Seed of the draws.")(command)


def json_option(command: Command) -> Command:
    return click.option("--json", "as_json", is_flag=True, help="Print JSON.")(command)


def ops_option(command: Command) -> Command:
    return click.option(
        "--ops", multiple=True, metavar="MODULE", callback=modules,
        help="A Python module with operations; may be repeated.",
    )(command)  # fmt: skip


def genotypes_option(command: Command) -> Command:
    return click.option(
        "--genotypes", type=click.Path(dir_okay=False), metavar="FILE",
        help="A file of more named genotypes, beside those of the space.",
    )(command)  # fmt: skip


def source_options(command: Command) -> Command:
    """`--net`, `-p NAME=VALUE` and `--ops MODULE`: taken as `net`, `params` and `ops`."""
    command = click.option(
        "-p", "--param", "params", multiple=True, metavar="NAME=VALUE", callback=settings,
        help="Set a `param` of the file; may be repeated.",
    )(ops_option(command))  # fmt: skip
    return click.option(
        "--net", metavar="NAME", help="The net to use, where the file has several, or a cell by itself."
    )(command)


def space_options(command: Command) -> Command:
    """The options of a source, and `--restrict` and `--fix`, taken as `narrowing`: for commands that read a space."""

    @wraps(command)
    def narrowed(*args: Any, restrict: tuple[str, ...], fix: tuple[str, ...], **rest: Any) -> Any:
        from nasdsl.space.narrowing import Narrowing

        return command(*args, narrowing=Narrowing(restrict, fix), **rest)

    made: Any = click.option(
        "--fix", multiple=True, metavar="[PATH=]NAME|TEXT",
        help="Take decisions as in a named genotype, or one as a text says; may be repeated.",
    )(narrowed)  # fmt: skip
    made = click.option(
        "--restrict", multiple=True, metavar="'PATH = A | B'",
        help="Take decisions in one of these ways only; may be repeated.",
    )(made)  # fmt: skip
    return cast(Command, source_options(made))


def mutation(context: click.Context, option: click.Parameter, text: str) -> str | float:
    """A mutation by its name, or a probability."""
    from nasdsl.diagnostics import NasdslError
    from nasdsl.space import mutations

    try:
        return mutations.known(text)
    except NasdslError as mistake:
        first = mistake.diagnostics[0]
        raise click.BadParameter("; ".join((first.message, *first.notes, *first.helps))) from None


def mutation_options(command: Command) -> Command:
    """`--mutation`, `--crossover` and `--crossing`: how children come from their parents."""
    command = click.option(
        "--crossing", type=click.Choice(["uniform", "subtree"]), default="uniform", show_default=True,
        help="Cross decision by decision, or by a part of equal type.",
    )(command)  # fmt: skip
    command = click.option(
        "--crossover", type=click.FloatRange(0, 1), default=0, show_default=True, metavar="RATE",
        help="Share of children that have two parents.",
    )(command)  # fmt: skip
    return click.option(
        "--mutation", default="any", show_default=True, callback=mutation, metavar="NAME|RATE",
        help="any, regularized, hierarchical, or the probability for each decision: 0.1.",
    )(command)  # fmt: skip


def runs_dir_option(command: Command) -> Command:
    return click.option(
        "--runs-dir", type=click.Path(file_okay=False), default="runs", show_default=True, metavar="DIR",
        help="The folder the runs lie in.",
    )(command)  # fmt: skip
