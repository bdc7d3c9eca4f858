"""Crossover of typed subtrees: a part of one parent takes the place of a part of equal type in the other.

A part is a decision with all that it brings along, what one repetition or one read decides, or all decisions of a
node, a cell, a motif, a stage. Parts are of one type where their decisions have equal forms one by one: the same node
of `normal` and `reduce`, two motifs of one array, two layers of a stage.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import Any

from nasdsl.space import vary
from nasdsl.space.group import Decision, Group, Values
from nasdsl.space.text import Entry


@dataclass(frozen=True, slots=True)
class Part:
    """Some decisions of one group, which lie at `addresses`, with their values."""

    addresses: tuple[vary.Address, ...]
    values: Values


Type = tuple[Any, ...]


def crossed(entries: tuple[Entry, ...], left: Values, right: Values, rng: Random) -> Values:
    """`left` with a part taken from `right` that differs from what it replaces; `left` where both are equal.

    Of all types that such parts have one is drawn uniformly, then two parts of it.
    """
    if left == right:
        return left
    group = tuple(d for entry in entries for d in entry.decisions)
    ours, theirs = _by_type(entries, group, left), _by_type(entries, group, right)
    # Of a type that only one value has on both sides there is nothing to exchange. The decisions that differ have more.
    types = [t for t, parts in ours.items() if t in theirs and len({p.values for p in parts + theirs[t]}) > 1]
    chosen = rng.choice(types)
    replaced = rng.choice([a for a in ours[chosen] if any(a.values != b.values for b in theirs[chosen])])
    taken = rng.choice([b for b in theirs[chosen] if b.values != replaced.values])
    for address, value in zip(replaced.addresses, taken.values, strict=True):
        left = vary.put(group, left, address, value)
    return left


def _by_type(entries: tuple[Entry, ...], group: Group, values: Values) -> dict[Type, list[Part]]:
    """All parts, by what they are; each once, and none that is the whole."""
    found: dict[Type, list[Part]] = {}
    known: set[tuple[vary.Address, ...]] = {tuple((i,) for i in range(len(group)))} if len(group) > 1 else set()
    for addresses, decisions, own in _parts(entries, group, values):
        if addresses and addresses not in known:
            known.add(addresses)
            found.setdefault(tuple(d.form for d in decisions), []).append(Part(addresses, own))
    return found


def _parts(
    entries: tuple[Entry, ...], group: Group, values: Values
) -> Iterator[tuple[tuple[vary.Address, ...], tuple[Decision, ...], Values]]:
    below: dict[str, list[int]] = {}
    owners = [entry.path for entry in entries for _ in entry.decisions]
    for i, path in enumerate(owners):
        names = path.split(".")
        for depth in range(1, len(names) + 1):
            below.setdefault(".".join(names[:depth]), []).append(i)
    for places in below.values():
        yield tuple((i,) for i in places), tuple(group[i] for i in places), tuple(values[i] for i in places)
    for address, d, value in vary.found(group, values):
        yield (address,), (d,), (value,)
        for j, (inner, own) in enumerate(d.children(value) if d.bears else ()):
            yield tuple((*address, j, k) for k in range(len(inner))), inner, own
