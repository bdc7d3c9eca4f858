"""The command line: commands only. What they do is elsewhere and imported inside them, so that `--help` is quick."""

from __future__ import annotations

import json
import random
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from nasdsl.terminal import latency, relaxing, searching
from nasdsl.terminal.options import (
    Numbers,
    count,
    genotypes_option,
    json_option,
    ops_option,
    runs_dir_option,
    seed_option,
    space_options,
)
from nasdsl.terminal.program import EXIT_CODES, ExitCode, Program, Stopped, show, wants_color
from nasdsl.version import VERSION

if TYPE_CHECKING:
    from nasdsl.space.narrowing import Narrowing


@click.group(cls=Program, epilog=EXIT_CODES, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(VERSION, prog_name="nasdsl")
def program() -> None:
    """Search spaces for neural networks as text, and a search through them.

    A space is a `.nas` file or the bare name of a shipped one (see `nasdsl spaces`). `nasnet:1f3c` is a genotype of it.

    \b
    Example:
      nasdsl evolve hierarchical --budget 500
    """


@program.command(short_help="Name every mistake in a space, or say nothing.")
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@space_options
def check(
    files: tuple[str, ...], form: str, net: str | None, params: Numbers, ops: tuple[str, ...], narrowing: Narrowing
) -> None:
    """Say nothing where a space is right, else name every mistake and where it is.

    \b
    Example:
      nasdsl check spaces/hierarchical.nas
    """
    from nasdsl import report
    from nasdsl.terminal import checks

    found = [each for file in files for each in checks.diagnostics(file, params, net, ops, narrowing)]
    if form == "json":
        click.echo(report.as_json(found))
    else:
        show(found)
    if any(each.severity == "error" for each in found):
        raise Stopped(ExitCode.INPUT)


@program.command(short_help="Lay files out in the one canonical way.")
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option("--check", "only_check", is_flag=True, help="Write nothing; name the files that would change.")
@click.option("--diff", is_flag=True, help="Write nothing; show what would change.")
def fmt(files: tuple[str, ...], only_check: bool, diff: bool) -> None:
    """Lay files out in the one canonical way, in place. Comments stay, and nothing is reordered.

    A folder stands for every `.nas` file below it, and `-` for standard input, which is printed. With --check and
    --diff the exit code is 1 where a file would change.

    \b
    Example:
      nasdsl fmt --check spaces
    """
    from nasdsl.terminal import formatting

    if not formatting.laid_out(files, only_check, diff):
        raise Stopped(ExitCode.INPUT)


@program.command(short_help="Say what an error code means.")
@click.argument("codes", nargs=-1, metavar="[CODE...]")
@json_option
def explain(codes: tuple[str, ...], as_json: bool) -> None:
    """Say what the code of an error or warning means, with a wrong and a right example; without a code, list all.

    \b
    Example:
      nasdsl explain E0304
    """
    from dataclasses import asdict

    from nasdsl import explain as pages

    if as_json:
        click.echo(json.dumps([asdict(page) for page in pages.pages(codes)], indent=2, ensure_ascii=False))
    elif codes:
        color = wants_color(sys.stdout)
        print("\n\n\n".join(pages.as_text(page, color) for page in pages.pages(codes)))
    else:
        click.echo(pages.listing())


@program.command(short_help="Show decisions, exact size and cost.")
@click.argument("file", metavar="FILE[:GENOTYPE]")
@json_option
@count("--samples", default=3, show_default=True, help="Networks to cost.")
@click.option("--with-dead", is_flag=True, help="Cost dead operations too, as some benchmarks do.")
@click.option("--range", "with_range", is_flag=True, help="Add the least and the most that a network costs.")
@click.option(
    "--unique", type=click.Choice(["exact", "isomorphic"]), help="Add how many different networks a small space holds."
)
@seed_option
@genotypes_option
@space_options
def info(
    file: str, as_json: bool, samples: int, with_dead: bool, with_range: bool,
    unique: Literal["exact", "isomorphic"] | None, seed: int, net: str | None, params: Numbers, ops: tuple[str, ...],
    narrowing: Narrowing, genotypes: str | None,
) -> None:  # fmt: skip
    """Show a space's ports, decisions and exact size, and what a few of its networks cost.

    Of a genotype, named behind a colon by its code or its name in the file: whether it is valid, what it costs, what it
    delivers, its keys and its text.

    \b
    Examples:
      nasdsl info nasnet -p N=2 --json
      nasdsl info nasnet:1f3c
      nasdsl info darts:mine --genotypes mine.nas
      nasdsl info nasbench201.nas --unique exact
    """
    from nasdsl.compiler import load
    from nasdsl.terminal import info as report
    from nasdsl.terminal.counter import Counter

    name, genotype = load.parted(file)
    if genotype is not None:
        from nasdsl.terminal import genotypes as points

        point = points.point(narrowing.of(load.load(name, params, net, ops=ops, genotypes=genotypes)), genotype)
        click.echo(json.dumps(points.as_json(point), indent=2) if as_json else points.as_text(point))
        return
    space = narrowing.of(load.load(file, params, net, ops=ops, genotypes=genotypes))
    with Counter("genotypes looked at", sys.stderr) as counter:
        found = report.collect(space, samples, seed, with_dead=with_dead, progress=counter)
    told, text = report.as_json(found), report.as_text(found)
    if unique is not None:
        from nasdsl.terminal import classes

        classed = classes.counted(space, unique)
        told, text = {**told, "unique": classes.as_json(classed)}, f"{text}\n\n{classes.as_text(classed)}"
    if with_range:
        from nasdsl.terminal import ranges

        ends = ranges.ranges(space)
        told, text = {**told, "range": ranges.as_json(ends)}, f"{text}\n\n{ranges.as_text(ends)}" if ends else text
    click.echo(json.dumps(told, indent=2) if as_json else text)


@program.command("print", short_help="Print a space as one flat text, or a genotype.")
@click.argument("file", metavar="FILE[:GENOTYPE]")
@click.option("--alone", "by_itself", is_flag=True, help="Print the genotype as a space of its own.")
@genotypes_option
@space_options
def print_space(
    file: str, by_itself: bool, net: str | None, params: Numbers, ops: tuple[str, ...], narrowing: Narrowing,
    genotypes: str | None,
) -> None:  # fmt: skip
    """Print a space as one text that needs no library, no other file, no parameter and no copies.

    It is the same space: each number of a genotype stands for the same network in both. A genotype is named behind a
    colon by its code or its name in the file, and printed as it can be pasted there.

    \b
    Examples:
      nasdsl print nasnet -p N=2
      nasdsl print swish:swish --alone > found.nas
    """
    from nasdsl.compiler import alone, load
    from nasdsl.terminal import genotypes as points
    from nasdsl.terminal import printing

    space, genotype = load.parted(file)
    if genotype is not None:
        point = points.named(narrowing.of(load.load(space, params, net, ops=ops, genotypes=genotypes)), genotype)
        click.echo(alone.alone(point).rstrip() if by_itself else point.text(points.name_of(point, genotype)))
    elif narrowing or by_itself or genotypes:
        raise click.UsageError("a space is printed whole: --restrict, --fix, --genotypes, --alone go with a genotype")
    else:
        click.echo(printing.printed(file, params, net, ops), nl=False)


@program.command(short_help="Draw genotypes as text.")
@click.argument("file")
@count("-n", "--count", "number", help="How many. [default: 1; with --all, all]")
@click.option("--weighted", is_flag=True, help="Draw by the weights of the alternatives (op @ 2).")
@click.option("--all", "every", is_flag=True, help="Draw nothing: print every valid genotype in the order of codes.")
@click.option("--from", "first", metavar="CODE", help="With --all, the genotype to begin at.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line.")
@seed_option
@space_options
def sample(
    file: str, number: int | None, weighted: bool, every: bool, first: str | None, as_json: bool, seed: int,
    net: str | None, params: Numbers, ops: tuple[str, ...], narrowing: Narrowing,
) -> None:  # fmt: skip
    """Draw genotypes, uniformly or by weights, and print them as text that can be pasted into the file.

    \b
    Examples:
      nasdsl sample nasnet -n 3 --seed 1
      nasdsl sample darts --all --from 1f3c -n 10
    """
    from nasdsl.compiler import load
    from nasdsl.terminal import walking

    if weighted and every:
        raise click.UsageError("--weighted draws, and --all takes every genotype")
    if first is not None and not every:
        raise click.UsageError("--from belongs to --all")
    space = narrowing.of(load.load(file, params, net, ops=ops))
    if every:
        walking.walk(space, first, number, as_json)
        return
    walking.draw(space, number or 1, random.Random(seed), weighted, as_json)


program.add_command(searching.evolve)
program.add_command(relaxing.relax)
program.add_command(searching.resume)
program.add_command(searching.runs)
program.add_command(searching.show_run)
program.add_command(latency.latency)


@program.command(short_help="Draw a space or a genotype.")
@click.argument("target", metavar="FILE|RUN[:GENOTYPE]")
@click.option("--best", is_flag=True, help="The best genotype of a run.")
@click.option("--genotype", metavar="NAME|CODE", help="A genotype by its name or code, as behind `:`.")
@click.option("-o", "--output", type=click.Path(dir_okay=False), help="What to write: .svg, .png, .pdf or .dot.")
@runs_dir_option
@genotypes_option
@space_options
def render(
    target: str, best: bool, genotype: str | None, output: str | None, runs_dir: str, net: str | None, params: Numbers,
    ops: tuple[str, ...], narrowing: Narrowing, genotypes: str | None,
) -> None:  # fmt: skip
    """Draw a space with its open choices, or one genotype.

    \b
    Examples:
      nasdsl render nasfpn -o fpn.svg
      nasdsl render nasnet:1f3c -o a.svg
      nasdsl render runs/hierarchical-aging-1 --best -o best.png
    """
    from nasdsl.terminal import pictures

    if best and genotype is not None:
        raise click.UsageError("--best and --genotype exclude each other")
    found = pictures.find(target, Path(runs_dir), params, net, ops, narrowing, genotypes)
    click.echo(pictures.draw(found, best, genotype, output))


@program.command(short_help="Write a genotype's network as a Python file.")
@click.argument("target", metavar="FILE|RUN[:GENOTYPE]")
@click.option("--best", is_flag=True, help="The best genotype of a run.")
@click.option("-o", "--output", type=click.Path(dir_okay=False), help="The file to write. [default: print it]")
@click.option("--taps", is_flag=True, help="With the second heads, for training.")
@click.option(
    "--drop-path",
    type=click.FloatRange(0, 1, max_open=True),
    metavar="P",
    help="Drop the edges of nodes with this probability in training.",
)
@runs_dir_option
@genotypes_option
@space_options
def code(
    target: str, best: bool, output: str | None, taps: bool, drop_path: float | None, runs_dir: str, net: str | None,
    params: Numbers, ops: tuple[str, ...], narrowing: Narrowing, genotypes: str | None,
) -> None:  # fmt: skip
    """Write the network of a genotype as a Python file of plain PyTorch, without nasdsl in it.

    It is what nasdsl builds itself, and loads the weights that a run has stored.

    \b
    Examples:
      nasdsl code darts:darts_v2 -o darts_v2.py
      nasdsl code runs/hierarchical-aging-1 --best -o best.py
    """
    from nasdsl.terminal import coding, pictures

    found = pictures.find(target, Path(runs_dir), params, net, ops, narrowing, genotypes)
    written = coding.text(found, best, taps=taps, drop_path=drop_path)
    click.echo(written if output is None else coding.write(written, Path(output)), nl=output is not None)


@program.command(short_help="List the spaces that come with nasdsl.")
@json_option
def spaces(as_json: bool) -> None:
    """List the spaces that come with nasdsl.

    \b
    Example:
      nasdsl spaces
    """
    from nasdsl.terminal import shipped

    found = shipped.collect()
    click.echo(json.dumps(shipped.as_json(found), indent=2) if as_json else shipped.as_text(found))


@program.command(short_help="Serve an editor: the language server.")
@click.option("--stdio", is_flag=True, hidden=True, help="The only way there is; some editors say so.")
@ops_option
def lsp(stdio: bool, ops: tuple[str, ...]) -> None:
    """Speak the language server protocol over stdin and stdout; an editor starts this command.

    It needs `pip install 'nasdsl[lsp]'`; docs/editors.md says how an editor is set up.

    \b
    Example:
      nasdsl lsp
    """
    from importlib.util import find_spec

    if find_spec("pygls") is None:
        raise click.ClickException("the language server is an extra: pip install 'nasdsl[lsp]'")
    from nasdsl.lsp import features

    features.serve(ops)


def main() -> None:
    """The entry point of the command `nasdsl`."""
    program.main(prog_name="nasdsl")
