"""The command `latency`: measure the operations of a space, and set the sum of a genotype's beside its network."""

from __future__ import annotations

import json
import random
import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from nasdsl.terminal.options import (
    Numbers,
    count,
    genotypes_option,
    json_option,
    seed_option,
    space_options,
)

if TYPE_CHECKING:
    from nasdsl.compiler.frame import Binding
    from nasdsl.compiler.network import Network
    from nasdsl.relax.operation import Operation
    from nasdsl.relax.table import Entry, LatencyTable
    from nasdsl.space.model import SearchSpace
    from nasdsl.space.narrowing import Narrowing

SLOWEST = 5
CROWDED = 0.8
"""The share of a measurement in which the process itself ran, below which the figure is doubtful."""
_IMAGE = re.compile(r"([1-9]\d{0,5})x([1-9]\d{0,5})x([1-9]\d{0,5})")
_DEVICE = re.compile(r"cpu|cuda(:\d{1,3})?|mps")


def image(context: click.Context, option: click.Parameter, text: str | None) -> tuple[int, int, int] | None:
    """`3x32x32`: channels, height and width."""
    if text is None:
        return None
    found = _IMAGE.fullmatch(text)
    if found is None:
        raise click.BadParameter(f"{text!r} is not CHANNELSxHEIGHTxWIDTH, for example 3x32x32")
    return int(found[1]), int(found[2]), int(found[3])


def device(context: click.Context, option: click.Parameter, text: str) -> str:
    if _DEVICE.fullmatch(text) is None:
        raise click.BadParameter(f"{text!r} is not cpu, cuda, cuda:0 or mps")
    return text


@click.command(short_help="Measure how long operations take here.")
@click.argument("target", metavar="FILE[:GENOTYPE]")
@click.option(
    "-o", "--output", type=click.Path(dir_okay=False), default="latency.json", show_default=True, metavar="FILE",
    help="The table. What it holds already is not measured again.",
)  # fmt: skip
@click.option("--anew", is_flag=True, help="Forget what the table holds.")
@click.option("--device", default="cpu", show_default=True, callback=device, help="cpu, cuda, cuda:1 or mps.")
@count("--threads", default=1, show_default=True, help="Threads of the CPU.")
@count("--batch", default=1, show_default=True, help="Inputs at once.")
@count("--repeats", default=30, show_default=True, help="Readings of the clock for each figure.")
@click.option(
    "--image", "images", metavar="CxHxW", callback=image,
    help="The images it will see: channels, height, width. [default: the net's own]",
)  # fmt: skip
@count("--classes", help="Classes of these images. [default: the net's own]")
@count("--sample", help="Only the operations of so many networks, drawn with --seed.")
@json_option
@seed_option
@genotypes_option
@space_options
def latency(
    target: str, output: str, anew: bool, device: str, threads: int, batch: int, repeats: int,
    images: tuple[int, int, int] | None, classes: int | None, sample: int | None, as_json: bool, seed: int,
    genotypes: str | None, net: str | None, params: Numbers, ops: tuple[str, ...], narrowing: Narrowing,
) -> None:  # fmt: skip
    """Measure how long each different operation of a space takes on this machine, into a table.

    `nasdsl relax --target latency=12ms` limits a search by it. Ctrl-C keeps what is measured, and the same command goes
    on. Of a genotype, named behind a colon: the sum over the table beside its network, measured whole.

    \b
    Examples:
      nasdsl latency mnasnet --threads 2 -o desktop.json
      nasdsl latency darts:darts_v2
    """
    from nasdsl.compiler import load
    from nasdsl.terminal import genotypes as points

    if classes is not None and images is None:
        raise click.UsageError("--classes belongs to --image")
    file, genotype = load.parted(target)
    space = narrowing.of(load.load(file, params, net, ops=ops, genotypes=genotypes))
    binding, path = bound(images, classes), Path(output)
    table = opened(path, anew, (device, threads, batch))
    network = None
    if genotype is not None:
        if sample is not None:
            raise click.UsageError("--sample belongs to a space, and this is one genotype")
        network = lowered(points.named(space, genotype), binding)
        wanted = live(network)
    else:
        wanted = occurring(space, binding, sample, seed)
    measured = brought_up(table, path, wanted, repeats)
    told, text = told_of(table, path, wanted, measured)
    if network is not None:
        more, lines = compared(table, network, repeats)
        told, text = {**told, **more}, f"{text}\n\n{lines}"
    click.echo(json.dumps(told, indent=2) if as_json else text)


def bound(images: tuple[int, int, int] | None, classes: int | None) -> Binding | None:
    from nasdsl.compiler.frame import Binding

    return None if images is None else Binding(images[0], images[1:], classes)


def lowered(genotype: Any, binding: Binding | None) -> Network:
    """The network of a genotype; E0412 where nothing of it runs."""
    from nasdsl.compiler import lower
    from nasdsl.diagnostics import error

    network = lower.network(genotype, binding)
    if network.dead:
        raise error("E0412", f"`{network.name}` has no live output, so there is nothing to measure")
    return network


def live(network: Network) -> list[Operation]:
    """What runs in a network, each once."""
    from nasdsl.relax.operation import operations

    timed = operations(network)
    found = {o.key: o for i in sorted(network.live) if (o := timed[i]) is not None}
    return list(found.values())


def occurring(space: SearchSpace, binding: Binding | None, sample: int | None, seed: int) -> list[Operation]:
    """Every different operation that stands somewhere in a space, or in some of its networks."""
    from nasdsl.relax.operation import different

    return different([everything(space, binding)] if sample is None else drawn(space, binding, sample, seed))


def everything(space: SearchSpace, binding: Binding | None) -> Network:
    """The space with all alternatives side by side; where that cannot be, the mistake says what can be measured."""
    from nasdsl.compiler.openlower import opened
    from nasdsl.compiler.searchform import SearchForm
    from nasdsl.diagnostics import NasdslError

    try:
        return opened(space, binding, SearchForm()).network
    except NasdslError as mistake:
        more = "the operations of 100 of its networks: --sample 100"
        raise NasdslError(replace(d, helps=(*d.helps, more)) for d in mistake.diagnostics) from None


def drawn(space: SearchSpace, binding: Binding | None, sample: int, seed: int) -> Iterator[Network]:
    """The networks of so many genotypes."""
    from nasdsl.compiler import lower
    from nasdsl.terminal.counter import Counter

    rng = random.Random(seed)
    with Counter("networks drawn", sys.stderr) as counter:
        for done in range(1, sample + 1):
            yield lower.network(space.sample(rng), binding)
            counter(done, sample)


def opened(path: Path, anew: bool, where: tuple[str, int, int]) -> LatencyTable:
    """The table of a file, or an empty one: written at once, so that a place where none can be is known early."""
    from nasdsl.relax.latency import machine
    from nasdsl.relax.table import LatencyTable, elsewhere, read

    here = machine(*where)
    if not path.exists() or anew:
        table = LatencyTable(machine=here)
        table.save(path)
        return table
    table = read(path)
    if table.machine != here:
        raise elsewhere(path, table, here)
    return table


def brought_up(table: LatencyTable, path: Path, wanted: list[Operation], repeats: int) -> int:
    """Measures what the table lacks, and says how many operations those were."""
    from nasdsl.relax.latency import measure
    from nasdsl.terminal.counter import Counter

    lacking = len(table.missing(wanted))
    try:
        with Counter("measurements", sys.stderr) as counter:
            return measure(table, wanted, repeats, lambda: table.save(path), counter)
    except KeyboardInterrupt:
        kept = lacking - len(table.missing(wanted))
        click.echo(f"{kept:,} of {lacking:,} operations are measured, in {path}; the same command goes on", err=True)
        raise


def told_of(table: LatencyTable, path: Path, wanted: list[Operation], measured: int) -> tuple[dict[str, Any], str]:
    """What the table says of the operations: for a program, and for a person."""
    from nasdsl.terminal.text import table as columns

    found = {o.key: table.entries[o.key] for o in wanted}
    told = {
        "file": str(path), "machine": table.machine.model_dump(), "operations": len(found), "measured": measured,
        "entries": {key: entry.model_dump() for key, entry in found.items()},
    }  # fmt: skip
    slowest = sorted(found.items(), key=lambda item: -item[1].ms)[:SLOWEST]
    rows = [(key, f"{entry.ms:.3f}", f"{entry.low:.3f} to {entry.high:.3f}") for key, entry in slowest]
    known = len(found) - measured
    crowded(found.values())
    lines = [
        f"{path}: {len(found):,} operations, {measured:,} measured now, {known:,} known before",
        str(table.machine),
        "",
        columns(("the slowest", "ms", "quartiles"), rows, right=(1,), indent=""),
    ]
    return told, "\n".join(lines)


def crowded(entries: Iterable[Entry]) -> None:
    """Says on stderr where figures are those of a machine that had much else to do."""
    shares = [entry.busy for entry in entries if entry.busy < CROWDED]
    if shares:
        what = f"{len(shares):,} figure{'s are' if len(shares) != 1 else ' is'}"
        click.echo(
            f"note: {what} of a crowded machine: it ran something else for {1 - min(shares):.0%} of the time; "
            "measure again with --anew when it is idle",
            err=True,
        )


def compared(table: LatencyTable, network: Network, repeats: int) -> tuple[dict[str, Any], str]:
    """The sum over the operations that run beside the whole network."""
    from nasdsl.relax.latency import whole
    from nasdsl.terminal.text import table as columns

    entry: Entry = whole(network, table.machine, repeats)
    crowded([entry])
    each = table.latencies(network, "", network.live)
    total = sum(each)
    shares: dict[str, float] = {}
    for op, ms in zip(network.ops, each, strict=True):
        shares[op.name] = shares.get(op.name, 0.0) + ms
    shares = dict(sorted(((name, ms) for name, ms in shares.items() if ms), key=lambda item: -item[1]))
    told = {"network": entry.model_dump(), "sum": total, "by_operation": shares}
    rows = [
        ("network, whole", f"{entry.ms:.3f}", f"{entry.low:.3f} to {entry.high:.3f}"),
        ("sum of the table", f"{total:.3f}", f"{total / entry.ms:.2f} of it"),
        *((f"  {name}", f"{ms:.3f}", f"{ms / total:.0%} of the sum") for name, ms in islice(shares.items(), SLOWEST)),
    ]
    return told, columns(("", "ms", ""), rows, right=(1,), indent="")
