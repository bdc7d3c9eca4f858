"""What `render` draws: a space or a run, found by what was typed, and one of its genotypes or all of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from nasdsl.compiler import dag, load, lower, opengraph
from nasdsl.space.narrowing import WHOLE, Narrowing
from nasdsl.terminal.genotypes import named
from nasdsl.terminal.runs import engine
from nasdsl.terminal.runs import find as find_run

if TYPE_CHECKING:
    from nasdsl.space.model import Genotype, SearchSpace


@dataclass(frozen=True, slots=True)
class Found:
    """A space, the run it was searched in, if it was named by one, and the genotype named behind a colon."""

    name: str
    space: SearchSpace
    run: Path | None = None
    genotype: str | None = None


def find(
    target: str, root: Path, params: Mapping[str, int | float], net: str | None, ops: Sequence[str] = (),
    narrowing: Narrowing = WHOLE, genotypes: str | None = None,
) -> Found:  # fmt: skip
    """The run of that name or path, else the space; behind a colon one of its genotypes.

    NasdslError where neither is there or the space has mistakes. The space of a run has its own net and parameters.
    """
    genotype, folder = None, find_run(target, root)
    if not folder.is_dir():
        target, genotype = load.parted(target)
        folder = find_run(target, root)
    if not folder.is_dir():
        space = narrowing.of(load.load(target, params, net, ops=ops, genotypes=genotypes))
        return Found(space.name, space, genotype=genotype)
    if params or net or ops or narrowing or genotypes:
        raise click.UsageError("--net, -p, --ops, --restrict, --fix, --genotypes belong to a space; a run has its own")
    return Found(folder.name, engine(folder).space(folder), folder, genotype)


def draw(found: Found, best: bool, genotype: str | None, output: str | None) -> Path:
    """Draw the space, or the genotype asked for, and return the file that was written."""
    from nasdsl import draw as pictures

    point = chosen(found, best, genotype)
    label = "best" if best else found.genotype or genotype
    path = Path(output) if output is not None else Path(f"{found.name}-{label}.svg" if label else f"{found.name}.svg")
    if point is None:
        pictures.space(opengraph.space_graph(found.space), path)
    else:
        pictures.genotype(dag.architecture(lower.network(point)), path)
    return path


def chosen(found: Found, best: bool, genotype: str | None = None) -> Genotype | None:
    """The genotype asked for: a run's best, one the file names, or one by its code."""
    if found.genotype is not None and (best or genotype not in (None, found.genotype)):
        raise click.UsageError(f"`{found.genotype}` behind the colon is a genotype already")
    genotype = found.genotype if found.genotype is not None else genotype
    if best:
        if found.run is None:
            raise click.UsageError(f"--best belongs to a run, and `{found.name}` is a space")
        winner: Genotype = engine(found.run).best(found.run)
        return winner
    return None if genotype is None else named(found.space, genotype)
