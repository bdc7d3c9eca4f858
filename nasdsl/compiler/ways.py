"""What a decision can be while a space is lowered: what was decided, or every alternative with its weight."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from nasdsl.compiler.gate import ONE, Gate, Weight, times
from nasdsl.compiler.mixing import Mixing
from nasdsl.compiler.network import Scope
from nasdsl.space import skeleton as sk
from nasdsl.space.gates import Depth


class Ways(Mixing):
    """A lowering that goes through the alternatives of decisions."""

    def picked(self, step: sk.Step) -> sk.Step:
        """The step behind the choices taken; an open choice is itself."""
        while isinstance(step, sk.Switch) and not self.is_open(step.path):
            index = self.chosen[step.path]
            assert isinstance(index, int)
            step = step.alternatives[index]
        return step

    def alternatives(self, path: str, count: int, slot: str) -> Iterator[tuple[Gate, int]]:
        """What a choice can be, each in a scope of its own: the one decided, or all of them with their weights."""
        for gate, index in self.ways(path, count):
            with self.within(Scope("choice", f"{slot}={index}", f"{slot}={index}")), self.taking(path, index, gate):
                yield gate, index

    def ways(self, path: str, count: int) -> Iterator[tuple[Gate, int]]:
        if not self.is_open(path):
            index = self.chosen[path]
            assert isinstance(index, int)
            yield ONE, index
        elif count == 1:
            yield ONE, 0
        elif path in self.redirected:
            # The operations of an edge stand behind the column for its absence.
            yield from ((Weight(self.redirected[path], 1 + i), i) for i in range(count))
        else:
            row = self.row("choice", path, self.place, self.decisions[path].options)
            yield from ((Weight(row, i), i) for i in range(count))

    def counts(self, path: str) -> Iterator[tuple[Gate, int]]:
        """How often a part can repeat; what is lowered for several counts is there once."""
        decision = self.decisions[path]
        assert isinstance(decision, Depth)
        if not self.is_open(path):
            count = self.chosen[path]
            assert isinstance(count, int)
            yield ONE, count
            return
        row = self.row("depth", path, self.place, map(str, decision.counts)) if decision.choices > 1 else -1
        for i, count in enumerate(decision.counts):
            gate = ONE if row < 0 else Weight(row, i)
            with self.taking(path, count, gate):
                yield gate, count

    def numbers(self, numbers: Sequence[sk.Number], slot: str) -> Iterator[Gate]:
        """The ways in which the choices in these numbers can fall, each in a scope of its own."""
        first, *rest = numbers or (None,)
        match first:
            case None:
                yield ONE
            case sk.NumberChoice():
                leaf = first.path.rpartition(".")[2]
                for gate, i in self.alternatives(first.path, len(first.alternatives), f"{slot}.{leaf}"):
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
