"""Steps from genotype to genotype that stay inside the space, for any group of decisions and any kind of them."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from nasdsl.space.group import Decision, Group, Value, Values


def active(group: Group, values: Values) -> Iterator[tuple[Decision, Value]]:
    """Every decision that these values make present, before its children, in the order of ranks."""
    for d, value in zip(group, values, strict=True):
        yield d, value
        if d.bears:
            for inner, children in d.children(value):
                yield from active(inner, children)


def sites(group: Group, values: Values) -> int:
    """How many active decisions could have been taken differently."""
    return sum(_sites(d, value) for d, value in zip(group, values, strict=True))


def _sites(d: Decision, value: Value) -> int:
    if d.steady is not None:
        return d.steady
    return int(d.choices > 1) + sum(sites(inner, values) for inner, values in d.children(value))


def mutated(group: Group, values: Values, site: int, rng: Random) -> Values:
    """The values with the decision at `site` (0 <= site < sites) taken differently, each way equally probable."""
    for i, (d, value) in enumerate(zip(group, values, strict=True)):
        here = _sites(d, value)
        if site < here:
            return (*values[:i], _mutated(d, value, site, rng), *values[i + 1 :])
        site -= here
    raise IndexError(site)


def _mutated(d: Decision, value: Value, site: int, rng: Random) -> Value:
    if d.choices > 1:
        if site == 0:
            return d.turned(value, rng)
        site -= 1
    chosen, children = d.split(value)
    changed = list(children)
    for j, (inner, values) in enumerate(d.children(value)):
        here = sites(inner, values)
        if site < here:
            changed[j] = mutated(inner, values, site, rng)
            break
        site -= here
    return d.join(chosen, changed)


def crossed(group: Group, left: Values, right: Values, rng: Random) -> Values:
    """Each decision from one parent or the other; where both chose alike, its children are crossed in turn."""
    return tuple(_crossed(d, a, b, rng) for d, a, b in zip(group, left, right, strict=True))


def _crossed(d: Decision, left: Value, right: Value, rng: Random) -> Value:
    if left is right or left == right:
        return left
    chosen, ours = d.split(left)
    other, theirs = d.split(right)
    if chosen != other:
        return left if rng.getrandbits(1) else right
    brought = d.brings(chosen)
    return d.join(chosen, [crossed(w.decisions, a, b, rng) for w, a, b in zip(brought, ours, theirs, strict=True)])


def neighbours(group: Group, values: Values) -> Iterator[Values]:
    """All values in which one active decision is taken differently; the relation is symmetric."""
    for i, (d, value) in enumerate(zip(group, values, strict=True)):
        for changed in _neighbours(d, value):
            yield (*values[:i], changed, *values[i + 1 :])


def _neighbours(d: Decision, value: Value) -> Iterator[Value]:
    yield from d.neighbours(value)
    if d.bears:
        chosen, children = d.split(value)
        for j, (inner, values) in enumerate(d.children(value)):
            for changed in neighbours(inner, values):
                yield d.join(chosen, [*children[:j], changed, *children[j + 1 :]])
