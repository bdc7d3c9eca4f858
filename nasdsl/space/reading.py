"""A genotype from its text: every part is matched against what could be written there, without a grammar of values.

What stands in a clause is one of the texts its decisions can write, so reading is matching, in all possible ways at
once. Of a set the members may come in any order; a clause that leaves no choice may be left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from nasdsl.diagnostics import Diagnostic, NasdslError, did_you_mean, error
from nasdsl.source import Span
from nasdsl.space.decisions import Subset
from nasdsl.space.group import UNSHOWN, Decision, Group, Value, Values, Written, unrank
from nasdsl.space.positions import Positions
from nasdsl.space.text import Entry, Place, in_order, picked, places


@dataclass(frozen=True)
class Said:
    """The canonical text of one clause (or of what follows `path =`), and where it was written."""

    text: str
    span: Span | None = None


def read(entries: Sequence[Entry], said: Mapping[str, Mapping[str, Said]], span: Span | None = None) -> Values:
    """The values of all entries' decisions, in order. `said` has, by path and clause, what was written.

    The clause of `path = text` is "". Raises E0504 for a path or clause that decides nothing, E0505 for a decision left
    open (at `span` where nothing was written for its path), E0506 for a text that cannot be written there.
    """
    reading = Reading(said, span)
    values: Values = ()
    with reading.collecting():
        values = reading.entries(entries)
    reading.leftovers([entry.path for entry in entries])
    if reading.problems:
        raise NasdslError(sorted(reading.problems, key=lambda d: d.span.start if d.span else -1))
    return values


def read_part(parts: Sequence[Written], text: str) -> list[Values] | None:
    """The values of each part's decisions, given the parts' text joined by `, `; None where it cannot be theirs.

    A decision that the text does not show has the value `UNSHOWN`.
    """
    found = _match([part.matches for part in parts], text)
    return found if isinstance(found, list) else None


Matcher = Callable[[str, int], Iterator[tuple[Any, int]]]


@dataclass(frozen=True)
class Piece:
    """One thing to read from a list: how, what it is where there is no choice (else None), and what it may be."""

    matches: Matcher
    only: Any
    options: tuple[str, ...]
    pattern: str

    @staticmethod
    def part(part: Written) -> Piece:
        only = unrank(part.decisions, 0) if part.size == 1 else None
        options = part.decisions[0].options if part.text == (0,) else (part.pattern,)
        return Piece(part.matches, only, options, part.pattern)

    @staticmethod
    def source(part: Written, bare: bool) -> Piece:
        """A part of a `from`: the positions of a subset, as written; the values of anything else."""
        subset = picked(part)
        if subset is None:
            return Piece.part(part)
        only = subset.alternative(0) if subset.choices == 1 else None
        return Piece(partial(subset.drawn, bare=bare), only, subset.options, subset.pattern)


@dataclass
class Reading:
    """The reading of one genotype: what was said, which of it was used, and the mistakes so far."""

    said: Mapping[str, Mapping[str, Said]]
    span: Span | None
    used: set[str] = field(default_factory=set)
    problems: list[Diagnostic] = field(default_factory=list)

    @contextmanager
    def collecting(self) -> Iterator[None]:
        """Keep the mistakes of one part, and go on with the next."""
        try:
            yield
        except NasdslError as mistake:
            self.problems.extend(mistake.diagnostics)

    def entries(self, entries: Sequence[Entry]) -> Values:
        """The values of all entries' decisions, in order; fails where a place did, after all were read."""
        by_path: dict[str, Iterator[Values]] = {}
        every = places(entries)
        for place in every:
            with self.collecting():
                by_path[place.path] = iter(self.place(place))
        if len(by_path) < len(every):
            raise NasdslError(())
        return tuple(value for entry in entries for value in next(by_path[entry.path]))

    def place(self, place: Place) -> list[Values]:
        """The values of the decisions of each entry of one path."""
        self.used.add(place.path)
        for clause, said in self.said.get(place.path, {}).items():
            if clause not in place.clauses:
                raise _undecided(place, clause, said)
        found = {c: self._parts(place, c) for c in place.clauses if c not in ("from", "op")}
        found["from"], found["op"] = self._reads(place)
        rest = {clause: iter(values) for clause, values in found.items()}
        return [
            tuple(v for part in entry.parts for v in self._filled(part.decisions, next(rest[entry.clause])))
            for entry in place.entries
        ]

    def _reads(self, place: Place) -> tuple[list[Values], list[Values]]:
        """The values of the parts of `from` and of `op`: a subset's reads stand in `op`, and belong to its `from`."""
        froms = place.parts("from")
        subsets = [picked(part) for part in froms]
        drawn = self._clause(place.path, "from", [Piece.source(part, place.bare) for part in froms]) if froms else []
        slots: list[list[tuple[int | None, Written]] | None] = [
            [(i, read) for read in _slots(s, own)] if s is not None and s.reads else None
            for i, (s, own) in enumerate(zip(subsets, drawn, strict=True))
        ]
        ops = in_order(slots, [(None, part) for part in place.parts("op")])
        of: dict[int | None, list[Values]] = {}
        for (i, _), values in zip(ops, self._clause(place.path, "op", [Piece.part(w) for _, w in ops]), strict=True):
            of.setdefault(i, []).append(values)
        own = [
            d if s is None else (_subset(s, d, of.get(i, [])),)
            for i, (s, d) in enumerate(zip(subsets, drawn, strict=True))
        ]
        return own, of.get(None, [])

    def _parts(self, place: Place, clause: str) -> list[Any]:
        return self._clause(place.path, clause, [Piece.part(part) for part in place.parts(clause)])

    def _clause(self, path: str, clause: str, pieces: Sequence[Piece]) -> list[Any]:
        here = self.said.get(path, {})
        what = f"`{clause}` of `{path}`" if clause else f"`{path}`"
        if clause not in here:
            if any(piece.only is None for piece in pieces):
                span = next(iter(here.values())).span if here else self.span
                raise error("E0505", f"{what} is left open", span, notes=(_possible(pieces),))
            return [piece.only for piece in pieces]
        said = here[clause]
        found = _match([piece.matches for piece in pieces], said.text)
        if isinstance(found, list):
            return found
        index, at = found
        wrong, options = _item(said.text, at), pieces[index].options if pieces else ()
        helps = did_you_mean(wrong, options) if wrong and wrong not in options else ()
        raise error("E0506", f"{what} cannot be `{said.text}`", said.span, notes=(_possible(pieces),), helps=helps)

    def _filled(self, group: Group, values: Values) -> Values:
        """The values with those of decisions that their clause does not show, from lines of their own."""
        return tuple(self._shown(d, value) for d, value in zip(group, values, strict=True))

    def _shown(self, d: Decision, value: Value) -> Value:
        if value is UNSHOWN:
            self.used.add(d.path)
            (values,) = self._clause(d.path, "", [Piece.part(Written((0,), (d,)))])
            value = values[0]
        if not d.bears:
            return value
        chosen, children = d.split(value)
        entries = d.inner(chosen)
        if entries is not None:
            return d.join(chosen, [self.entries(body) for body in entries])
        brought = zip(d.brings(chosen), children, strict=False)
        return d.join(chosen, [self._filled(w.decisions, values) for w, values in brought])

    def leftovers(self, known: Sequence[str]) -> None:
        """Report what was said about paths that decide nothing."""
        for path, clauses in self.said.items():
            # What stands inside a place that could not be read may well be right.
            unread = self.problems and any(path.startswith(place + ".") for place in known)
            if path not in self.used and not unread:
                span = next(iter(clauses.values())).span if clauses else self.span
                helps = did_you_mean(path, known)
                self.problems.append(Diagnostic("E0504", f"there is nothing to decide at `{path}`", span, helps=helps))


def _undecided(place: Place, clause: str, said: Said) -> NasdslError:
    what = f"`{place.path}` has no `{clause}` to decide" if clause else f"`{place.path}` is decided clause by clause"
    shown = ", ".join(f"`{c}`" for c in place.clauses if c)
    notes = (f"its open clauses: {shown}",) if shown else (f"it is written `{place.path} = ...`",)
    return error("E0504", what, said.span, notes=notes)


def _slots(subset: Subset, drawn: Positions) -> list[Written]:
    """What each value passes through, in the order in which the values were written."""
    if subset.mode != "set":
        return list(subset.reads[: len(drawn)])
    return [subset.reads[subset.placed(drawn).index(p)] for p in drawn]


def _subset(subset: Subset, drawn: Positions, reads: Sequence[Values]) -> Value:
    if subset.mode == "set" and reads:
        reads = [values for _, values in sorted(zip(drawn, reads, strict=True), key=lambda pair: pair[0])]
    return subset.join(subset.placed(drawn), reads)


def _match(matchers: Sequence[Matcher], text: str) -> list[Any] | tuple[int, int]:
    """What the matchers read from a text joined by `, `; else which of them could not go on, and from where."""
    found: dict[int, list[Any]] = {0: []}
    start = 0
    for i, matches in enumerate(matchers):
        separator = ", " if i else ""
        further: dict[int, list[Any]] = {}
        for end, read in found.items():
            if text.startswith(separator, end):
                start = max(start, end + len(separator))
                for value, stop in matches(text, end + len(separator)):
                    further.setdefault(stop, [*read, value])
        if not further or (i == len(matchers) - 1 and len(text) not in further):
            return i, start
        found = further
    return found.get(len(text), (0, 0))


def _item(text: str, at: int) -> str:
    """The item of a list that begins at `at`."""
    depth = 0
    for end in range(at, len(text)):
        depth += (text[end] in "([") - (text[end] in ")]")
        if depth == 0 and text[end] == ",":
            return text[at:end]
    return text[at:]


def _possible(pieces: Sequence[Piece]) -> str:
    if not pieces:
        return "nothing stands here"
    patterns = dict.fromkeys(piece.pattern for piece in pieces)
    if len(patterns) == 1 and len(pieces) > 1:
        return f"possible: {len(pieces)} times {pieces[0].pattern}"
    return f"possible: {', '.join(patterns)}"
