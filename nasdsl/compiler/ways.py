"""What a decision can be while a space is lowered: what was decided, or every alternative with its weight."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from nasdsl.compiler.frame import Wire
from nasdsl.compiler.gate import ONE, ZERO, Gate, Weight, times
from nasdsl.compiler.mixing import Mixing, Terms
from nasdsl.compiler.network import Scope
from nasdsl.space import skeleton as sk


class Ways(Mixing):
    """A lowering that goes through the alternatives of decisions."""

    def picked(self, step: sk.Step) -> sk.Step:
        """The step behind the choices taken; an open choice is itself."""
        while isinstance(step, sk.Switch) and not self.is_open(step.path):
            index = self.chosen[step.path]
            assert isinstance(index, int)
            step = step.alternatives[index]
        return step

    def alternatives(self, path: str, slot: str) -> Iterator[tuple[Gate, int]]:
        """What a choice can be, each in a scope of its own: the one decided, or all of them with their weights."""
        for gate, index in self.ways(path):
            with self.within(Scope("choice", f"{slot}={index}", f"{slot}={index}")), self.taking(path, index, gate):
                yield gate, index

    def ways(self, path: str) -> Iterator[tuple[Gate, int]]:
        """The gates of the alternatives, of those that can be where this is lowered."""
        return ((gate, index) for gate, index in self.columns(path) if times(self.gate, gate) != ZERO)

    def columns(self, path: str) -> Iterator[tuple[Gate, int]]:
        if not self.is_open(path):
            index = self.chosen[path]
            assert isinstance(index, int)
            yield ONE, index
            return
        left = self.left(path)
        if len(left) == 1:
            yield ONE, left[0]
        elif path in self.redirected:
            # The operations of an edge stand behind the column for its absence.
            yield from ((Weight(self.redirected[path], 1 + i), index) for i, index in enumerate(left))
        else:
            row = self.row("choice", path, self.edge_of(path), self.decisions[path].options)
            yield from ((Weight(row, i), index) for i, index in enumerate(left))

    def left(self, path: str) -> list[int]:
        """The alternatives of a choice, or of a depth, that the space has: it may be narrowed."""
        decision = self.decisions[path]
        return [decision.alternative(i) for i in range(decision.choices)]

    def counts(self, path: str) -> Iterator[tuple[Gate, int]]:
        """How often a part can repeat; what is lowered for several counts is there once."""
        for gate, count in self.lengths(path):
            if times(self.gate, gate) != ZERO:
                with self.taking(path, count, gate):
                    yield gate, count

    def lengths(self, path: str) -> Iterator[tuple[Gate, int]]:
        if not self.is_open(path):
            count = self.chosen[path]
            assert isinstance(count, int)
            yield ONE, count
            return
        left = self.left(path)
        if len(left) == 1:
            yield ONE, left[0]
        else:
            row = self.row("depth", path, self.edge_of(path), self.decisions[path].options)
            yield from ((Weight(row, i), count) for i, count in enumerate(left))

    def each(self, terms: Terms, label: str) -> Iterator[tuple[Gate, Wire]]:
        """Values of several shapes one after another, each in a scope of its own and there as much as its gate says."""
        met: Counter[int] = Counter()
        for gate, wire in terms:
            if times(self.gate, gate) == ZERO:
                continue
            name, before = f"at{wire.shape.width}", met[wire.shape.width]
            met[wire.shape.width] += 1
            with self.within(Scope("choice", f"{name}_v{before}" if before else name, label)), self.under(gate):
                yield gate, wire

    def numbers(self, numbers: Sequence[sk.Number], slot: str) -> Iterator[Gate]:
        """The ways in which the choices in these numbers can fall, each in a scope of its own."""
        first, *rest = numbers or (None,)
        match first:
            case None:
                yield ONE
            case sk.NumberChoice():
                leaf = first.path.rpartition(".")[2]
                for gate, i in self.alternatives(first.path, f"{slot}.{leaf}"):
                    for inner in self.numbers((first.alternatives[i], *rest), slot):
                        yield times(gate, inner)
            case sk.Arithmetic():
                yield from self.numbers((first.left, first.right, *rest), slot)
            case _:
                yield from self.numbers(rest, slot)


def choices(number: sk.Number) -> Iterator[str]:
    """The paths of the choices in a number."""
    match number:
        case sk.NumberChoice():
            yield number.path
            for alternative in number.alternatives:
                yield from choices(alternative)
        case sk.Arithmetic():
            yield from choices(number.left)
            yield from choices(number.right)
