"""Constraints that no genotype can meet, those that every one meets, and those of which neither is proved."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations
from random import Random

from nasdsl.compiler.bounds import UnboundedError, bounds
from nasdsl.compiler.folds import Ways
from nasdsl.compiler.measures import COMPARISONS, Judged, every_test, of_network, shown, sides
from nasdsl.compiler.pool import Pool, independent
from nasdsl.compiler.sums import Constraint, Folding, meets
from nasdsl.compiler.tally import Number, Place, UndecidedError
from nasdsl.compiler.witness import Patience
from nasdsl.diagnostics import Diagnostic, Label, NasdslError
from nasdsl.source import Span
from nasdsl.space import skeleton as sk
from nasdsl.space.model import Genotype, SearchSpace

SAMPLES = 24
MOST_ENUMERATED = 3_000


def diagnostics(space: SearchSpace, patience: Patience | None = None) -> tuple[Diagnostic, ...]:
    """E0805 and E0806 for what cannot be met, W0801 for what is always met, W0802 for what is not proved.

    W0803 for a named genotype of the file that does not meet a constraint. For a space whose shapes fit.
    """
    constraints = list(every_test(space.skeleton))
    if not constraints:
        return ()
    patience = patience or Patience()
    found: list[Diagnostic] = []
    contingent: list[Constraint] = []
    verdicts: dict[Span, list[Diagnostic | None]] = {}
    for constraint in constraints:
        verdict = alone(space, constraint, patience)
        verdicts.setdefault(constraint[0].span, []).append(verdict)
        if verdict is None:
            contingent.append(constraint)
    for several in verdicts.values():
        wrong = [v for v in several if v is not None]
        # What always holds of one node of an array may bound another.
        found += [v for v in wrong if v.severity == "error" or len(wrong) == len(several)][:1]
    found += together(space, contingent, patience)
    found += points(space, constraints)
    return tuple(found)


def alone(space: SearchSpace, constraint: Constraint, patience: Patience) -> Diagnostic | None:
    """What is wrong with one constraint, whatever the others are."""
    try:
        sums = summed(space, (constraint,), patience)
    except UndecidedError:
        return measured(space, constraint, patience)
    held = [meets((constraint,), each) for each in sums]
    if any(held) and not all(held):
        return None
    return (always if all(held) else never)(constraint, extent(constraint[0], [each[0] for each in sums]))


def extent(test: sk.Test, differences: Iterable[Number]) -> str:
    """Between what the left side of a comparison lies, or how far it is from the right."""
    left, right = sides(test)
    fixed = test.right.value if isinstance(test.right, sk.Const) and isinstance(test.right.value, int | float) else None
    values = [each + (fixed or 0) for each in differences]
    what = f"`{left}`" if fixed is not None else f"`{left} - {right}`"
    low, high = min(values), max(values)
    return f"{what} is {low:,}" if low == high else f"{what} lies between {low:,} and {high:,}"


def never(constraint: Constraint, why: str) -> Diagnostic:
    test, place = constraint
    return Diagnostic("E0805", f"no genotype meets {shown(test, place)}", test.span, "never holds", notes=(why,))


def always(constraint: Constraint, why: str) -> Diagnostic:
    test, place = constraint
    return Diagnostic(
        "W0801", f"every genotype meets {shown(test, place)}", test.span, "always holds", notes=(why,),
        helps=("leave it out",), severity="warning",
    )  # fmt: skip


def measured(space: SearchSpace, constraint: Constraint, patience: Patience) -> Diagnostic | None:
    """The same for a constraint that is no sum: by samples, by all genotypes where they are few, else by bounds."""
    rng = Random(0)
    seen: set[bool | None] = set()
    drawn = 0
    while drawn < SAMPLES and patience.left > 0:
        seen.add(verdict(space[rng.randrange(space.size)], constraint, patience))
        drawn += 1
    if seen >= {True, False}:
        return None
    for rank in range(space.size) if space.size <= MOST_ENUMERATED else ():
        if patience.left < 0:
            break
        seen.add(verdict(space[rank], constraint, patience))
        if seen >= {True, False}:
            return None
        if rank == space.size - 1:
            why = f"each of the {space.size:,} genotypes was measured"
            return always(constraint, why) if True in seen else never(constraint, why)
    test, place = constraint
    try:
        low, high = difference(space, test, patience)
    except (UnboundedError, UndecidedError):
        low, high = -math.inf, math.inf
    held = decided(test.op, low, high)
    if held is not None:
        return (always if held else never)(constraint, extent(test, (low, high)))
    said = "all meet it" if True in seen else "none meets it" if False in seen else "none has an output"
    return Diagnostic(
        "W0802", f"it is not proved that {shown(test, place)} can be met, and not always", test.span, "not proved",
        notes=(f"of {drawn} genotypes drawn {said}",) if drawn else (), severity="warning",
    )  # fmt: skip


def decided(op: str, low: Number, high: Number) -> bool | None:
    """Whether a comparison of the difference with 0 holds for all from `low` to `high`, or for none."""
    if op in ("==", "!="):
        return (op == "!=") if low > 0 or high < 0 else None
    ends = {COMPARISONS[op](low, 0), COMPARISONS[op](high, 0)}
    return ends.pop() if len(ends) == 1 else None


def difference(space: SearchSpace, test: sk.Test, patience: Patience) -> tuple[Number, Number]:
    """Between what the left side of a comparison less its right side lies."""
    (low, high), (less, more) = (interval(space, side, patience) for side in (test.left, test.right))
    return low - more, high - less


def interval(space: SearchSpace, number: sk.Number, patience: Patience) -> tuple[Number, Number]:
    match number:
        case sk.Const(value=int() | float() as fixed):
            return fixed, fixed
        case sk.Measure(name="params" | "macs" as cost):
            return bounds(space, cost, patience)
        case sk.Arithmetic(op="+" | "-" | "*"):
            (a, b), (c, d) = (interval(space, side, patience) for side in (number.left, number.right))
            if number.op == "*":
                corners = (a * c, a * d, b * c, b * d)
                return min(corners), max(corners)
            return (a + c, b + d) if number.op == "+" else (a - d, b - c)
    raise UndecidedError(str(number))


def verdict(genotype: Genotype, constraint: Constraint, patience: Patience) -> bool | None:
    """Whether a genotype meets a constraint; None where it is dead or no network."""
    judged = Judged(genotype)
    patience.left -= 1
    if of_network(constraint[0]):
        try:
            dead = judged.resolved.dead
            patience.left -= len(judged.resolved.rows)
        except NasdslError:
            return None
        if dead:
            return None
    return judged.holds(*constraint)


# ---- several constraints -----------------------------------------------------------------------


def summed(space: SearchSpace, constraints: Sequence[Constraint], patience: Patience) -> Ways:
    """The `ways` of constraints, as far as patience goes."""
    folding = Folding(space, constraints, patience.sums)
    try:
        return folding.all_ways()
    finally:
        patience.sums -= folding.steps


def together(space: SearchSpace, constraints: Sequence[Constraint], patience: Patience) -> Iterator[Diagnostic]:
    """E0806 for constraints that can each be met, and not at once."""
    for group, _ in independent(space, constraints):
        try:
            sums = summed(space, group, patience)
        except UndecidedError:
            yield from pairs(space, group, patience)
            continue
        if not any(meets(group, each) for each in sums):
            yield contradiction(least(group, sums))


def pairs(space: SearchSpace, group: Sequence[Constraint], patience: Patience) -> Iterator[Diagnostic]:
    """Of too many to be looked at all at once, two by two."""
    decisions = sum(len(entry.decisions) for entry in space.entries)
    for pair in combinations(group, 2):
        # To go through the decisions takes time, too.
        patience.sums -= decisions // 3
        if patience.sums < 0:
            return
        try:
            if not any(meets(pair, each) for each in summed(space, pair, patience)):
                yield contradiction(pair)
        except UndecidedError:
            continue


def least(group: Sequence[Constraint], sums: Ways) -> Sequence[Constraint]:
    """As few of the constraints as contradict each other."""
    for count in range(2, len(group)):
        for some in combinations(range(len(group)), count):
            chosen = [group[i] for i in some]
            if not any(meets(chosen, [each[i] for i in some]) for each in sums):  # type: ignore[arg-type]
                return chosen
    return group


def contradiction(group: Sequence[Constraint]) -> Diagnostic:
    places: dict[Span, list[str]] = {}
    for test, place in group:
        places.setdefault(test.span, []).append(owner(place))
    *others, last = sorted(places, key=lambda span: span.start)
    labels = tuple(Label(span, f"of {of(places[span])}") for span in others)
    said = " and ".join(f"`{' '.join(span.text.split())}`" for span in (*others, last))
    where = f"of {of(places[last])}: cannot hold with the others" if others else "cannot hold everywhere"
    return Diagnostic("E0806", f"no genotype meets {said} at once", last, where, labels)


def owner(place: Place) -> str:
    """The part of a space that a constraint stands in."""
    match place:
        case sk.Node():
            return f"`{place.path}`"
        case sk.Graph():
            return f"`{place.key}`"
    return "the whole"


def of(places: Sequence[str]) -> str:
    """The parts, at most three by name."""
    return ", ".join(places) if len(places) <= 3 else f"{', '.join(places[:2])} and {len(places) - 2} more"


def met(space: SearchSpace) -> int | None:
    """How many genotypes meet all constraints, dead ones among them; None where that cannot be counted."""
    pool = space.pool
    assert isinstance(pool, Pool)
    return None if pool.late else pool.size


def points(space: SearchSpace, constraints: Sequence[Constraint]) -> Iterator[Diagnostic]:
    """W0803 for a genotype that the file names and that a constraint rules out."""
    for name, values in space.points.items():
        for test, place in constraints:
            broken = Judged(Genotype(space, values)).broken(test, place)
            if broken is not None:
                yield Diagnostic(
                    "W0803", f"the genotype `{name}` does not meet {shown(test, place)}", test.span, broken.found,
                    severity="warning",
                )  # fmt: skip
