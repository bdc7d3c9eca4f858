"""Rows of a space by the conventions of `nasdsl.compiler.tables`, from its decisions alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from random import Random

from nasdsl.compiler.tables import Row, RowKind
from nasdsl.space.arrangement import Arrangement
from nasdsl.space.decisions import Choice, Subset
from nasdsl.space.gates import Depth, Gates
from nasdsl.space.group import Decision, Written
from nasdsl.space.model import SearchSpace

Plain = tuple[RowKind, str, str, tuple[str, ...]]
GATE = ("absent", "present")


def rows_of(space: SearchSpace) -> tuple[Row, ...]:
    """One table for each part of the space and number of columns."""
    counts: dict[str, int] = {}
    found = []
    for kind, path, place, columns in (row for d in space.decisions for row in plain(d, "")):
        table = f"{path.split('.')[0]}.{len(columns)}"
        found.append(Row(kind, path, place, columns, table, counts.get(table, 0)))
        counts[table] = counts.get(table, 0) + 1
    return tuple(found)


def plain(d: Decision, member: str) -> Iterator[Plain]:
    match d:
        case Choice():
            if len(d.alternatives) > 1:
                yield "choice", d.path, member, tuple(a.pattern for a in d.alternatives)
        case Depth():
            yield "depth", d.path, member, tuple(map(str, d.counts))
        case Arrangement():
            yield from (("order", d.path, place(member, str(i)), d.items) for i in range(len(d.items)))
        case Gates():
            yield from (("gate", d.path, place(member, m.pattern), GATE) for m in d.members)
        case Subset():
            yield from subset(d, member)
            if by_members(d):
                return
    for part in d.below:
        yield from (row for inner in part.decisions for row in plain(inner, member))


def by_members(d: Subset) -> bool:
    return d.mode == "set" and len({r.form for r in d.reads}) <= 1


def subset(d: Subset, member: str) -> Iterator[Plain]:
    if not by_members(d):
        for slot in range(d.most):
            absent = ("absent",) if slot >= d.least else ()
            yield "source", d.path, place(member, str(slot)), (*absent, *d.members)
        return
    if not d.reads and d.least < d.most:
        yield from (("gate", d.path, place(member, m), GATE) for m in d.members)
        return
    operation = d.reads[0] if d.reads else Written(())
    only = operation.decisions[0] if operation.text == (0,) else None
    columns = ("absent", *(a.pattern for a in only.alternatives)) if isinstance(only, Choice) else GATE
    for m in d.members:
        yield "edge", d.path, place(member, m), columns
        below = [i for a in only.alternatives for i in a.decisions] if isinstance(only, Choice) else operation.decisions
        yield from (row for inner in below for row in plain(inner, place(member, m)))


def place(member: str, name: str) -> str:
    return f"{member}.{name}" if member else name


def drawn(rows: Sequence[Row], rng: Random, sigmoid: bool = False) -> dict[str, list[list[float]]]:
    """Weights of every table: rows that sum to 1, or with `sigmoid` each weight on its own."""
    found: dict[str, list[list[float]]] = {}
    for row in rows:
        weights = [rng.random() ** 2 + 1e-6 for _ in row.columns]
        total = 1.0 if sigmoid else sum(weights)
        found.setdefault(row.table, []).append([w / total for w in weights])
    return found


def filled(rows: Sequence[Row], of: Mapping[str, Sequence[float]], weight: float = 0.0) -> dict[str, list[list[float]]]:
    """Weights of every table: those that `of` gives by the name of a row, and the same weight everywhere else."""
    found: dict[str, list[list[float]]] = {}
    for row in rows:
        found.setdefault(row.table, []).append(list(of.get(row.name, [weight] * len(row.columns))))
    assert set(of) <= {row.name for row in rows}
    return found
