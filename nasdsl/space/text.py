"""A genotype as text that can be pasted into a `.nas` file.

The body mirrors the node: `normal.n[0] { from prev2, prev1; op sep_conv(3), identity }`. A decision that belongs to no
clause, or that stands inside a block its clause only names, has a line of its own: `imagenet.s1[2].k = 5`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

from nasdsl.space.decisions import Subset
from nasdsl.space.group import Group, Values, Written

if TYPE_CHECKING:
    from nasdsl.space.genotype import Genotype

T = TypeVar("T")


@dataclass(frozen=True)
class Entry:
    """One clause of a genotype's text. Its `parts` are joined by `, `; an entry without a clause is `path = text`.

    Entries of one path stand in one pair of braces. The `op` of a subset that has reads is written from its reads.
    """

    path: str
    clause: str
    parts: tuple[Written, ...]

    @cached_property
    def decisions(self) -> Group:
        return tuple(d for part in self.parts for d in part.decisions)


Share = tuple[Written, Values]  # a part, and the values of its decisions


@dataclass(frozen=True)
class Place:
    """The entries of one path: what stands on one line of a genotype."""

    path: str
    entries: tuple[Entry, ...]

    def parts(self, clause: str) -> tuple[Written, ...]:
        return tuple(part for entry in self.entries if entry.clause == clause for part in entry.parts)

    @cached_property
    def clauses(self) -> tuple[str, ...]:
        """The clauses in the order in which they are written; reads of a `from` bring an `op` along."""
        found = list(dict.fromkeys(entry.clause for entry in self.entries))
        if "op" not in found and any(s.reads for s in map(picked, self.parts("from")) if s is not None):
            found.insert(found.index("from") + 1, "op")
        return tuple(found)

    @cached_property
    def bare(self) -> bool:
        """Whether the values read stand without brackets: not where two sets of open size follow each other."""
        open_sets = [s for s in map(picked, self.parts("from")) if s is not None and s.least < s.most]
        return len(open_sets) < 2

    def written(self, values: Sequence[Values]) -> Iterator[tuple[str, str]]:
        """Clause and text, given the values of each entry's decisions."""
        shares: dict[str, list[Share]] = {}
        for entry, own in zip(self.entries, values, strict=True):
            shares.setdefault(entry.clause, []).extend(dealt(entry.parts, own))
        froms = shares.get("from", [])
        reads = [
            list(zip(s.reads, own[0][1], strict=False)) if (s := picked(part)) is not None and s.reads else None
            for part, own in froms
        ]
        shares["op"] = in_order(reads, shares.get("op", []))
        for clause in self.clauses:
            texts = [self._text(clause, part, own) for part, own in shares[clause]]
            if texts:
                yield clause, ", ".join(texts)

    def _text(self, clause: str, part: Written, values: Values) -> str:
        subset = picked(part)
        if clause == "from" and subset is not None:
            return subset.listed(values[0][0], self.bare)
        return part.write(values)


def picked(part: Written) -> Subset | None:
    """The subset, where a part is nothing but one: in a `from` it is written without brackets, and has reads."""
    only = part.decisions[0] if part.text == (0,) and len(part.decisions) == 1 else None
    return only if isinstance(only, Subset) else None


def in_order(reads: Sequence[list[T] | None], ops: Sequence[T]) -> list[T]:
    """The operations in the order of the values read: `reads` has those of each subset, None for another value.

    Another value passes through the next of `ops`; what is left of them comes last.
    """
    rest = list(ops)
    found: list[T] = []
    for own in reads:
        found += rest[:1] if own is None else own
        rest = rest[1:] if own is None else rest
    return found + rest


def dealt(parts: Sequence[Written], values: Values) -> list[Share]:
    """Each part with its share of the values of all their decisions."""
    shares, at = [], 0
    for part in parts:
        shares.append((part, values[at : at + len(part.decisions)]))
        at += len(part.decisions)
    return shares


def places(entries: Sequence[Entry]) -> tuple[Place, ...]:
    """The lines of a genotype, in the order in which their paths are first met."""
    found: dict[str, list[Entry]] = {}
    for entry in entries:
        found.setdefault(entry.path, []).append(entry)
    return tuple(Place(path, tuple(of_path)) for path, of_path in found.items())


def values_of(entries: Sequence[Entry], values: Values) -> dict[str, list[Values]]:
    """By path, the values of each entry, in order."""
    found: dict[str, list[Values]] = {}
    at = 0
    for entry in entries:
        found.setdefault(entry.path, []).append(values[at : at + len(entry.decisions)])
        at += len(entry.decisions)
    return found


def lines(entries: Sequence[Entry], values: Values) -> Iterator[str]:
    """The lines of a genotype's body, each followed by those of decisions inside the blocks that it names."""
    by_path = values_of(entries, values)
    for place in places(entries):
        own = by_path[place.path]
        clauses = list(place.written(own))
        if clauses and clauses[0][0] == "":
            yield f"{place.path} = {clauses[0][1]}"
        elif clauses:
            yield f"{place.path} {{ {'; '.join(f'{clause} {text}' for clause, text in clauses)} }}"
        for entry, of_entry in zip(place.entries, own, strict=True):
            for part, share in dealt(entry.parts, of_entry):
                yield from _unshown(part, share)


def _unshown(part: Written, values: Values) -> Iterator[str]:
    for i, (d, value) in enumerate(zip(part.decisions, values, strict=True)):
        if i in part.unshown:
            yield f"{d.path} = {d.text(value)}"
        chosen, children = d.split(value)
        entries = d.inner(chosen)
        if entries is not None:
            for body, own in zip(entries, children, strict=True):
                yield from lines(body, own)
            continue
        for inner, own in zip(d.brings(chosen), children, strict=False):
            yield from _unshown(inner, own)


def write(genotype: Genotype, name: str = "g") -> str:
    """`genotype NAME of NET { ... }`, one line for each path; ends without a newline."""
    body = "".join(f"  {line}\n" for line in lines(genotype.space.entries, genotype.values))
    # An element of an array, in a file without a net, has no name that can stand there, and needs none.
    net = genotype.space.net
    return f"genotype {name}{f' of {net}' if net.isidentifier() else ''} {{\n{body}}}"
