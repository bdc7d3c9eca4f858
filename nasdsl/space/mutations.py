"""The mutations of published searches, for any space that has what they change.

`any`           one active decision is taken differently, each decision and then each other way equally probable
`regularized`   Real et al., 2019: a cell, then a read or an operation in it, half and half
`hierarchical`  Liu et al., 2018: a level, a motif of it, a node, a read of it, and another label for that edge
a probability   Guo et al., 2020 (SPOS): every decision is drawn again with this probability

The papers may also leave a genotype as it is (`regularized` in 5 % of the cases); here each of them changes it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from random import Random
from typing import TYPE_CHECKING

from nasdsl.diagnostics import did_you_mean, error
from nasdsl.space import paths, vary
from nasdsl.space.decisions import Subset
from nasdsl.space.group import Values
from nasdsl.space.places import CellPlace, cells
from nasdsl.space.positions import Positions

if TYPE_CHECKING:
    from nasdsl.space.model import SearchSpace

How = str | float
NAMES = ("any", "regularized", "hierarchical")

Active = Mapping[str, vary.Found]
Change = tuple[vary.Found, Positions | None]
"""A decision, and what it is to choose; None for any other of its alternatives."""
Nodes = Sequence[Sequence[Sequence[Change]]]
"""For each node and each read of it the changes that are possible, at least one everywhere."""


def known(how: object) -> How:
    """A mutation by its name, or a probability as a number or a text; E0520 for what is neither."""
    if isinstance(how, str) and how in NAMES:
        return how
    try:
        rate = float(how)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        rate = -1.0
    if not 0 < rate <= 1 or isinstance(how, bool):
        helps = did_you_mean(how, NAMES) if isinstance(how, str) else ()
        notes = (f"mutations: {', '.join(NAMES)}, or the probability for each decision, above 0 and at most 1",)
        raise error("E0520", f"`{how}` is no mutation", notes=notes, helps=helps)
    return rate


def mutated(space: SearchSpace, values: Values, how: How, rng: Random) -> Values:
    """Other values of the space. E0502 where there are none, E0520, E0521 where this mutation finds none."""
    how = known(how)
    count = vary.sites(space.decisions, values)
    if not count:
        raise error("E0502", f"`{space.name}` holds one genotype only, so it has no mutation")
    if how == "any":
        return vary.mutated(space.decisions, values, rng.randrange(count), rng)
    if isinstance(how, float):
        return vary.redrawn(space.decisions, values, how, rng)
    found = {each[1].path: each for each in vary.found(space.decisions, values)}
    change = (_regularized if how == "regularized" else _hierarchical)(space, found, rng)
    if change is None:
        suits(space, how)
        raise error(
            "E0521", f"`{how}` finds nothing to change in this genotype of `{space.name}`",
            notes=(f"`{how}`: {WANTS[how]}",), helps=("`any` changes every genotype",),
        )  # fmt: skip
    (address, d, value), chosen = change
    made = d.turned(value, rng) if chosen is None else d.taken(value, chosen, rng)
    return vary.put(space.decisions, values, address, made)


WANTS = {
    "regularized": "it changes what the nodes of a cell read, and the operations of those reads",
    "hierarchical": "it changes the operations of the nodes of a motif, and of a cell that uses motifs",
}


def suits(space: SearchSpace, how: How) -> None:
    """E0521 where no genotype of the space has anything for a mutation to change, E0520."""
    how = known(how)
    if isinstance(how, float) or how == "any" or space.size < 2:
        return
    suited = [cell for cell in cells(space) if how == "regularized" or cell.level]
    nodes = [node for cell in suited for node in cell.nodes]
    asked = {path for node in nodes for op in node.ops for path in op}
    if how == "regularized":
        asked |= {path for node in nodes for path in node.sources}
    if asked.isdisjoint(d.path for d in paths.every(space.entries) if d.choices > 1):
        what = "motifs" if how == "hierarchical" else "cells with nodes"
        raise error(
            "E0521",
            f"nothing is open in the {what} of `{space.name}`" if nodes else f"`{space.name}` has no {what}",
            notes=(f"`{how}`: {WANTS[how]}",),
            helps=("`any` suits every space, and so does a probability for each decision: 0.1",),
        )


def _regularized(space: SearchSpace, active: Active, rng: Random) -> Change | None:
    """A cell, the kind of mutation, a node, a read of it: each uniformly among those that can change."""
    of_cells = [[kind for kind in (_rereads(cell, active), _ops(cell, active)) if kind] for cell in cells(space)]
    open_cells = [kinds for kinds in of_cells if kinds]
    return _drawn(rng.choice(rng.choice(open_cells)), rng) if open_cells else None


def _hierarchical(space: SearchSpace, active: Active, rng: Random) -> Change | None:
    levels: dict[int, list[Nodes]] = {}
    for cell in cells(space):
        if cell.level and (nodes := _ops(cell, active)):
            levels.setdefault(cell.level, []).append(nodes)
    return _drawn(rng.choice(levels[rng.choice(sorted(levels))]), rng) if levels else None


def _drawn(nodes: Nodes, rng: Random) -> Change:
    return rng.choice(rng.choice(rng.choice(nodes)))


def _rereads(cell: CellPlace, active: Active) -> Nodes:
    """Hidden-state mutations: one read becomes another, and in a set of open size also one less or one more."""
    return _open([_reread(active[path]) for path in node.sources if path in active] for node in cell.nodes)


def _reread(found: vary.Found) -> list[list[Change]]:
    _, d, value = found
    assert isinstance(d, Subset)
    return [[(found, positions) for positions in d.rereads(value, slot)] for slot in range(len(value[0]) + 1)]


def _ops(cell: CellPlace, active: Active) -> Nodes:
    """Operation mutations: of each read, the decisions of its operation that can be taken differently."""
    return _open([[_labels(op, active) for op in node.ops]] for node in cell.nodes)


def _labels(op: frozenset[str], active: Active) -> list[Change]:
    return [(active[path], None) for path in sorted(op) if path in active and active[path][1].choices > 1]


def _open(nodes: Iterable[Iterable[Iterable[list[Change]]]]) -> Nodes:
    """The reads of each node, without those that cannot change, and without nodes that have none left."""
    reads = ([read for of_set in node for read in of_set if read] for node in nodes)
    return [node for node in reads if node]
