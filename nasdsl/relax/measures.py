"""What is said of mixing weights: entropy, leaders, and whether skips take over."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from nasdsl.relax.history import Epoch, Measured

if TYPE_CHECKING:
    from torch import Tensor

    from nasdsl.compiler.tables import Row, Table

SKIP = "identity"
ABSENT = "absent"
# More than this share of the rows that a skip could lead is led by one; or skips have this share of the weight, and
# gain from epoch to epoch.
MOST_LED, MOST_WEIGHT, GAINING = 0.5, 0.4, 3
# At the beginning all weights are nearly alike and who leads is chance, until leaders have this much of an equal share.
APART = 1.05


def measured(tables: Iterable[Table], weights: Mapping[str, Tensor]) -> dict[str, Measured]:
    """Every table under mixing weights {table: (rows, columns)}, and {table.edges: (rows,)} where edges have some."""
    return {table.name: _measured(table, weights) for table in tables}


def _measured(table: Table, weights: Mapping[str, Tensor]) -> Measured:
    rows: list[list[float]] = weights[table.name].detach().cpu().double().tolist()
    edges = weights.get(f"{table.name}.edges")
    return Measured(
        weights=tuple(tuple(map(_rounded, row)) for row in rows),
        entropy=tuple(map(entropy, rows)),
        leaders=tuple(leader(row, rows[row.index]) for row in table.rows),
        edges=tuple(map(_rounded, edges.detach().cpu().double().tolist())) if edges is not None else None,
    )


def _rounded(weight: float) -> float:
    """Six digits: what is written down is read by people and drawn."""
    return float(f"{weight:.6g}")


def entropy(weights: Sequence[float]) -> float:
    """In nats, of weights that are made to sum to one; gates may sum to anything, and of nothing it is 0."""
    total = sum(max(weight, 0.0) for weight in weights)
    shares = [weight / total for weight in weights if weight > 0]
    return -sum(share * math.log(share) for share in shares) + 0.0


def mean_entropy(tables: Mapping[str, Measured]) -> float:
    """Over all rows; 0 where there are none."""
    every = [value for table in tables.values() for value in table.entropy]
    return sum(every) / len(every) if every else 0.0


def leader(row: Row, weights: Sequence[float]) -> int:
    """The column of the largest weight, the first of equals; of an edge beside `absent`, where there is another."""
    among = [i for i, column in enumerate(row.columns) if row.kind != "edge" or column != ABSENT]
    return max(among or range(len(weights)), key=lambda i: (weights[i], -i))


def skips(tables: Iterable[Table], found: Mapping[str, Measured]) -> tuple[float, float] | None:
    """Of the rows that may be a skip: the share that is led by it, and its mean share of the weight beside `absent`.

    None where no row may be one, or nothing else.
    """
    led, masses = 0, []
    for table in tables:
        measures = found[table.name]
        for row in table.rows:
            shares = _shares(row, measures.weights[row.index])
            if SKIP not in shares or len(shares) < 2:
                continue
            led += row.columns[measures.leaders[row.index]] == SKIP
            masses.append(shares[SKIP])
    return (led / len(masses), sum(masses) / len(masses)) if masses else None


def warning(tables: Sequence[Table], found: Mapping[str, Measured], before: Sequence[Epoch]) -> str:
    """A line in the epoch in which skips take over; empty else, and where it was said already."""
    now = skips(tables, found)
    if now is None or any(epoch.warning for epoch in before):
        return ""
    led, mass = now
    if led > MOST_LED and _apart(tables, found):
        return f"skips take over: {SKIP} leads {led:.0%} of the decisions that may be one"
    recent = [epoch.skips for epoch in before[-GAINING:]]
    masses = [each for each in (*recent, mass) if each is not None]
    gains = len(masses) > GAINING and all(a < b for a, b in pairwise(masses))
    if mass > MOST_WEIGHT and gains:
        return f"skips take over: {SKIP} has {mass:.0%} of the weight, and gains for {GAINING} epochs"
    return ""


def _shares(row: Row, weights: Sequence[float]) -> dict[str, float]:
    """The columns beside `absent`, with weights that sum to one."""
    present = {c: max(w, 0.0) for c, w in zip(row.columns, weights, strict=True) if c != ABSENT}
    total = sum(present.values())
    return {column: weight / total if total else 0.0 for column, weight in present.items()}


def _apart(tables: Iterable[Table], found: Mapping[str, Measured]) -> bool:
    """Whether decisions have begun to be taken."""
    shares = [_shares(row, found[table.name].weights[row.index]) for table in tables for row in table.rows]
    ratios = [max(each.values()) * len(each) for each in shares if len(each) > 1]
    return bool(ratios) and sum(ratios) / len(ratios) > APART
