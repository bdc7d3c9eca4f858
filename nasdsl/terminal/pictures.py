"""What `render` draws: a space or a run, found by what was typed, and one of its genotypes or all of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from nasdsl.compiler import dag, load, lower, opengraph
from nasdsl.space.narrowing import WHOLE, Narrowing
from nasdsl.terminal.runs import find as find_run

if TYPE_CHECKING:
    from nasdsl.space.model import Genotype, SearchSpace


@dataclass(frozen=True, slots=True)
class Found:
    """A space, and the run it was searched in, if it was named by one."""

    name: str
    space: SearchSpace
    run: Path | None = None


def find(
    target: str, root: Path, params: Mapping[str, int | float], net: str | None, ops: Sequence[str] = (),
    narrowing: Narrowing = WHOLE,
) -> Found:  # fmt: skip
    """The run of that name or path, else the space.

    NasdslError where neither is there or the space has mistakes. The space of a run has its own net and parameters.
    """
    folder = find_run(target, root)
    if not folder.is_dir():
        space = narrowing.of(load.load(target, params, net, ops=ops))
        return Found(space.name, space)
    from nasdsl.evolve import run

    if params or net or ops or narrowing:
        raise click.UsageError("--net, -p, --ops, --restrict and --fix belong to a space; a run has its own")
    return Found(folder.name, run.space(folder), folder)


def draw(found: Found, best: bool, genotype: str | None, output: str | None) -> Path:
    """Draw the space, or the genotype asked for, and return the file that was written."""
    from nasdsl import draw as pictures

    point = _point(found, best, genotype)
    label = "best" if best else genotype
    path = Path(output) if output is not None else Path(f"{found.name}-{label}.svg" if label else f"{found.name}.svg")
    if point is None:
        pictures.space(opengraph.space_graph(found.space), path)
    else:
        pictures.genotype(dag.architecture(lower.network(point)), path)
    return path


def _point(found: Found, best: bool, genotype: str | None) -> Genotype | None:
    """The genotype asked for: a run's best, one the file names, or one by its code."""
    if best:
        if found.run is None:
            raise click.UsageError(f"--best belongs to a run, and `{found.name}` is a space")
        from nasdsl.evolve import run

        chosen: Genotype = run.best(found.run)
        return chosen
    if genotype is None:
        return None
    # A name goes first: `cafe` may be either.
    known = {*found.space.points, *found.space.elsewhere}
    coded = genotype not in known and set(genotype.lower()) <= set("0123456789abcdef")
    return found.space.from_rank_text(genotype) if coded else found.space.point(genotype)
