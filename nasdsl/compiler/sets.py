"""Sets of values inside a graph: which ports and earlier nodes an expression names."""

from __future__ import annotations

from dataclasses import dataclass, field

from nasdsl.compiler.expansion import Context, Expansion
from nasdsl.compiler.quantities import constant, integer, integers, told, weighed, weightless
from nasdsl.diagnostics import NasdslError, did_you_mean, error
from nasdsl.source import Span
from nasdsl.space import skeleton as sk
from nasdsl.syntax import tree
from nasdsl.syntax.elsewhere import instead
from nasdsl.syntax.printer import text


@dataclass
class Visible:
    """The values of a graph as they come into being: positions by name, and the label of each position."""

    labels: list[str] = field(default_factory=list)
    arrays: dict[str, list[int]] = field(default_factory=dict)
    single: set[str] = field(default_factory=set)
    pyramids: dict[str, dict[int, int]] = field(default_factory=dict)
    spans: dict[str, Span] = field(default_factory=dict)
    ports: int = 0
    current: str = ""
    # Names declared with a mistake that has been said.
    failed: set[str] = field(default_factory=set)
    # Where each array begins, and how many elements one of open length has in every genotype.
    begun: dict[str, int] = field(default_factory=dict)
    least: dict[str, int] = field(default_factory=dict)

    def port(self, port: sk.Port) -> None:
        if port.levels is None:
            self.add(port.name, port.name)
            self.single.add(port.name)
        else:
            self.pyramids[port.name] = {lv: self.add(port.name, f"{port.name}[{lv}]") for lv in port.levels}
        self.ports = len(self.labels)

    def add(self, name: str, label: str) -> int:
        self.arrays.setdefault(name, []).append(len(self.labels))
        self.labels.append(label)
        return len(self.labels) - 1

    def last(self, members: tuple[int, ...]) -> tuple[int, ...]:
        """The last of these that is there: where it may be missing those before it too, back to one that never is."""
        found: list[int] = []
        for m in reversed(members):
            found.append(m)
            if not self.optional(m):
                return tuple(reversed(found))
        before = self.begun[self.array(found[-1])] - 1 if found else -1
        return tuple(reversed([*found, before])) if before >= 0 else tuple(reversed(found))

    def optional(self, position: int) -> bool:
        """Whether a value is an element that only a longer array has."""
        name = self.array(position)
        return name in self.least and position - self.begun[name] >= self.least[name]

    def array(self, position: int) -> str:
        return self.labels[position].split("[")[0]

    @property
    def earlier(self) -> tuple[int, ...]:
        return tuple(range(len(self.labels)))


def values(x: Expansion, expr: tree.Expr, ctx: Context, seen: Visible) -> tuple[int, ...]:
    """The positions an expression names, in the order written; E0302 for a name that is not a value."""
    match expr:
        case tree.Ref():
            return _named(expr.name, expr.span, seen)
        case tree.AllOf():
            return values(x, expr.members, ctx, seen)
        case tree.List():
            found: list[int] = []
            for item in expr.items:
                if isinstance(item, tree.Spread):
                    found += _named(item.name.text, item.span, seen)
                else:
                    found += values(x, item, ctx, seen)
            return tuple(found)
        case tree.Index():
            return (_element(x, expr, ctx, seen),)
        case tree.Except():
            removed = values(x, expr.removed, ctx, seen)
            return tuple(v for v in values(x, expr.members, ctx, seen) if v not in removed)
        case tree.Weighted():
            raise weightless(expr)
        case tree.Last():
            count = integer(x, expr.count, ctx, 1, 10**6, "the count of `last`")
            return values(x, expr.members, ctx, seen)[-count:]
    message = f"values are expected here, not `{text(expr)}`"
    raise error("E0302", message, expr.span, "not a value", helps=instead(expr))


def weighed_values(
    x: Expansion, expr: tree.Expr, ctx: Context, seen: Visible
) -> tuple[tuple[int, ...], tuple[float, ...]]:
    """What `values` gives, and the weights of a list such as `[a @ 2, *n]`; no weights where all are alike."""
    if not isinstance(expr, tree.List):
        return values(x, expr, ctx, seen), ()
    found: list[int] = []
    weights: list[float] = []
    for item in expr.items:
        member, weight = (item, 1.0) if isinstance(item, tree.Spread) else weighed(x, item, ctx)
        named = values(x, tree.List(expr.span, (member,)), ctx, seen)
        found += named
        weights += [weight] * len(named)
    return tuple(found), told(weights)


def _named(name: str, span: Span, seen: Visible) -> tuple[int, ...]:
    if name == "earlier":
        return seen.earlier
    if name == "prev":
        mine = seen.arrays.get(seen.current, [])
        if not seen.labels:
            raise error("E0303", "there is no earlier value here", span)
        if not mine and seen.optional(len(seen.labels) - 1):
            array = seen.array(len(seen.labels) - 1)
            raise error(
                "E0326", f"the length of `{array}` is open, so `prev` is no fixed value here", span, "which one?",
                helps=(f"from {array}; merge add",), notes=(f"`out last({array})` delivers the last that is there",),
            )  # fmt: skip
        return (mine[-1] if mine else len(seen.labels) - 1,)
    if name == "unused":
        raise error(
            "E0302", "`unused` stands alone here, not inside another set", span, "an open set",
            helps=("from unused", "absorb unused", "out concat(unused)"),
        )  # fmt: skip
    if name in seen.arrays or name == seen.current:
        return tuple(seen.arrays.get(name, ()))
    if name in seen.failed:
        raise NasdslError(())
    known = [*seen.arrays, "earlier", "prev"]
    raise error(
        "E0302", f"`{name}` is not a value that can be read here", span, "not a value",
        notes=(f"to read there are {', '.join(known)}",) if len(known) < 10 else (),
        helps=did_you_mean(name, known),
    )  # fmt: skip


def _element(x: Expansion, expr: tree.Index, ctx: Context, seen: Visible) -> int:
    name = expr.name.text
    index = constant(x, expr.index, ctx)
    if name in seen.pyramids:
        levels = seen.pyramids[name]
        if not isinstance(index, int) or index not in levels:
            shown = ", ".join(map(str, levels))
            raise error("E0305", f"`{name}` has no level {index}", expr.index.span, f"its levels are {shown}")
        return levels[index]
    array = _named(name, expr.name.span, seen)
    if not isinstance(index, int) or not 0 <= index < len(array):
        there = f"`{name}` has {len(array)} element{'' if len(array) == 1 else 's'} here"
        notes = ("elements count from 0",) if index in (-1, len(array)) else ()
        helps = (f"{name}[{len(array) - 1}]",) if notes and array else ()
        raise error("E0305", f"there is no `{name}[{index}]`", expr.span, there, notes=notes, helps=helps)
    return array[index]


def levels(x: Expansion, expr: tree.Expr, ctx: Context) -> tuple[int, ...]:
    """The levels of a pyramid, ascending."""
    found = integers(x, expr, ctx)
    if list(found) != sorted(set(found)) or not found or found[0] < 0 or found[-1] > 20:
        raise error("E0306", "the levels of a pyramid ascend from 0 to at most 20", expr.span)
    return found
