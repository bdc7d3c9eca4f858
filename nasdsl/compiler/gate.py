"""How much of something is there in a supernet: polynomials of mixing weights, as frozen values."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from nasdsl.diagnostics import InternalError

N = TypeVar("N")

# The column of the weight of a whole edge, beside those of its candidates (`SearchForm.edges`).
EDGE = -1


@dataclass(frozen=True, slots=True)
class Weight:
    """The weight of one column of a row, rows numbered over the whole space; column `EDGE` is the edge's own."""

    row: int
    column: int


@dataclass(frozen=True, slots=True)
class Reached:
    """How much a value is there, of those that `nasdsl.compiler.presence` numbers."""

    number: int


@dataclass(frozen=True, slots=True)
class Product:
    factor: float
    parts: tuple[Gate, ...]


@dataclass(frozen=True, slots=True)
class Sum:
    parts: tuple[Gate, ...]


@dataclass(frozen=True, slots=True)
class Rest:
    """1 - part."""

    part: Gate


Gate = Weight | Reached | Product | Sum | Rest

ONE: Gate = Product(1.0, ())
ZERO: Gate = Sum(())


def times(*gates: Gate, factor: float = 1.0) -> Gate:
    """How much all of them are there at once.

    Two alternatives of one decision never are, and an alternative and itself are as much as that one.
    """
    parts: list[Gate] = []
    met: dict[int, int] = {}
    for part in (p for gate in gates for p in (gate.parts if isinstance(gate, Product) else (gate,))):
        if part == ZERO:
            return ZERO
        if isinstance(part, Weight) and part.column != EDGE:
            if met.setdefault(part.row, part.column) != part.column:
                return ZERO
            if part in parts:
                continue
        parts.append(part)
    factor *= math.prod(gate.factor for gate in gates if isinstance(gate, Product))
    return parts[0] if len(parts) == 1 and factor == 1 else Product(factor, tuple(parts))


def plus(*gates: Gate) -> Gate:
    """The sum; equal terms are added up only where they are numbers."""
    parts: list[Gate] = []
    number = 0.0
    for gate in gates:
        for part in gate.parts if isinstance(gate, Sum) else (gate,):
            if isinstance(part, Product) and not part.parts:
                number += part.factor
            else:
                parts.append(part)
    if number:
        parts.append(Product(number, ()))
    return parts[0] if len(parts) == 1 else Sum(tuple(parts))


def either(*gates: Gate) -> Gate:
    """How much any of them is there: their sum where only one of them can be."""
    distinct = list(dict.fromkeys(gate for gate in gates if gate != ZERO))
    if ONE in distinct:
        return ONE
    if all(times(one, other) == ZERO for i, one in enumerate(distinct) for other in distinct[:i]):
        return plus(*distinct)
    return less(times(*map(less, distinct)))


def any_of(gates: Iterable[Gate], columns: Callable[[int], int]) -> Gate:
    """How much any of them is there; all alternatives of a row, which has so many columns, together are there."""
    terms = dict.fromkeys(frozenset(factors(gate)) for gate in gates)
    while any(_summed(terms, row, columns(row)) for row in sorted({row for term in terms for row in _of(term)})):
        pass
    return either(*(times(*term) for term in terms))


def _of(term: frozenset[Gate]) -> Iterator[int]:
    return (part.row for part in term if isinstance(part, Weight))


def _summed(terms: dict[frozenset[Gate], None], row: int, count: int) -> bool:
    """Whether terms differed in the alternative of one row alone; they are one term now."""
    columns = {Weight(row, column) for column in range(count)}
    for term in list(terms):
        own = term & columns
        if len(own) == 1 and all((term - own) | {column} in terms for column in columns):
            for column in columns:
                del terms[(term - own) | {column}]
            terms[term - own] = None
            return True
    return False


def factors(gate: Gate) -> tuple[Gate, ...]:
    """What a gate is the product of, but for numbers."""
    return gate.parts if isinstance(gate, Product) and gate.factor == 1 else (gate,)


def less(gate: Gate) -> Gate:
    """1 - gate."""
    if gate == ONE:
        return ZERO
    return ONE if gate == ZERO else Rest(gate)


def event(gate: Gate, known: dict[Gate, Gate]) -> Gate:
    """Whether anything is there by a gate, however much it is weighed; `known` holds what was asked before."""
    found = known.get(gate)
    if found is None:
        match gate:
            case Weight():
                found = ONE if gate.column == EDGE else gate
            case Reached():
                found = gate
            case Rest():
                found = less(event(gate.part, known))
            case Product():
                found = times(*(event(part, known) for part in gate.parts))
            case Sum():
                found = either(*(event(part, known) for part in gate.parts))
        known[gate] = found
    return found


def rows(gate: Gate) -> Iterator[int]:
    """The numbers of the rows whose weights a gate is made of."""
    match gate:
        case Weight():
            yield gate.row
        case Reached():
            pass
        case Rest():
            yield from rows(gate.part)
        case _:
            for part in gate.parts:
                yield from rows(part)


def reached(gate: Gate) -> Iterator[Reached]:
    """The numbered values that a gate is made of."""
    match gate:
        case Reached():
            yield gate
        case Weight():
            pass
        case Rest():
            yield from reached(gate.part)
        case _:
            for part in gate.parts:
                yield from reached(part)


def evaluate(gate: Gate, weight: Callable[[Weight], N], number: Callable[[float], N], known: dict[Gate, N]) -> N:
    """The value of a gate; `known` holds what has been calculated under the same weights, all `Reached` included."""
    found = known.get(gate)
    if found is None:
        found = known[gate] = _value(gate, weight, number, known)
    return found


def _value(gate: Gate, weight: Callable[[Weight], N], number: Callable[[float], N], known: dict[Gate, N]) -> N:
    match gate:
        case Weight():
            return weight(gate)
        case Reached():
            raise InternalError(f"what value {gate.number} is made of was not evaluated before")
        case Rest():
            return number(1.0) - evaluate(gate.part, weight, number, known)  # type: ignore[operator, no-any-return]
        case Product():
            made = None if gate.parts and gate.factor == 1 else number(gate.factor)
            for part in gate.parts:
                own = evaluate(part, weight, number, known)
                made = own if made is None else made * own  # type: ignore[operator]
        case Sum():
            made = None if gate.parts else number(0.0)
            for part in gate.parts:
                own = evaluate(part, weight, number, known)
                made = own if made is None else made + own  # type: ignore[operator]
    return made  # type: ignore[return-value]
