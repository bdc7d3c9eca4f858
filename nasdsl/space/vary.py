"""Steps from genotype to genotype that stay inside the space, for any group of decisions and any kind of them.

An `Address` leads to an active decision: its place in the group, and for one below it the number of the group of
children and the place in there, and so on.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import accumulate
from random import Random
from typing import Any

from nasdsl.space.group import Decision, Group, Value, Values

Address = tuple[int, ...]
Found = tuple[Address, Decision, Value]


def active(group: Group, values: Values) -> Iterator[tuple[Decision, Value]]:
    """Every decision that these values make present, before its children, in the order of ranks."""
    for d, value in zip(group, values, strict=True):
        yield d, value
        if d.bears:
            for inner, children in d.children(value):
                yield from active(inner, children)


def assigned(group: Group, values: Values, into: dict[str, Any]) -> dict[str, Any]:
    """What `active` gives, as what each chose by its path."""
    for d, value in zip(group, values, strict=True):
        into[d.path] = d.chosen(value)
        if d.bears:
            for inner, children in d.children(value):
                assigned(inner, children, into)
    return into


def found(group: Group, values: Values, at: Address = ()) -> Iterator[Found]:
    """What `active` gives, each with its address; `at` is that of the group."""
    for i, (d, value) in enumerate(zip(group, values, strict=True)):
        yield (*at, i), d, value
        if d.bears:
            for j, (inner, children) in enumerate(d.children(value)):
                yield from found(inner, children, (*at, i, j))


def put(group: Group, values: Values, address: Address, value: Value) -> Values:
    """The values with that value at that address."""
    i, *below = address
    if below:
        d = group[i]
        chosen, children = d.split(values[i])
        j, rest = below[0], tuple(below[1:])
        changed = put(d.brings(chosen)[j].decisions, children[j], rest, value)
        value = d.join(chosen, [*children[:j], changed, *children[j + 1 :]])
    return (*values[:i], value, *values[i + 1 :])


def sites(group: Group, values: Values) -> int:
    """How many active decisions could have been taken differently."""
    return sum([_sites(d, value) for d, value in zip(group, values, strict=True)])


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


def redrawn(group: Group, values: Values, rate: float, rng: Random) -> Values:
    """Each active decision drawn again with probability `rate`, uniformly; given that at least one changes.

    Which decision changes first is drawn from its exact probabilities, so that a small rate takes no more draws.
    """
    # Drawn again, a decision comes out as it was once in `choices`.
    rates = [rate - rate / d.choices for d, _ in active(group, values)]
    stays = accumulate((1 - r for r in rates[:-1]), float.__mul__, initial=1.0)
    weights = [stay * r for stay, r in zip(stays, rates, strict=True)]
    return _Redrawing(rate, rng, rng.choices(range(len(weights)), weights)[0]).group(group, values)


class _Redrawing:
    """A walk in the order of ranks; the active decision number `first` is the first to change."""

    def __init__(self, rate: float, rng: Random, first: int) -> None:
        self.rate, self.rng, self.left = rate, rng, first

    def group(self, group: Group, values: Values) -> Values:
        return tuple(self.value(d, value) for d, value in zip(group, values, strict=True))

    def value(self, d: Decision, value: Value) -> Value:
        changes = self.left == 0 if self.left >= 0 else self.rng.random() < self.rate - self.rate / d.choices
        self.left -= 1
        if changes:
            value = d.turned(value, self.rng)
        if not d.bears:
            return value
        chosen, children = d.split(value)
        brought = d.brings(chosen)
        return d.join(chosen, [self.group(w.decisions, own) for w, own in zip(brought, children, strict=True)])


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


def near(group: Group, values: Values) -> int:
    """How many `neighbours` gives, without making them."""
    return sum(d.near(value) for d, value in active(group, values))
