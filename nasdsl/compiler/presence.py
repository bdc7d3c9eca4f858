"""How much of what a network holds is there at all: what reads only absent values is no part of a genotype's network.

Gates of operations say what was chosen. A chosen operation computes nothing where nothing reaches it, as behind an edge
that is `none` or a node that reads nothing; and what reads only that computes nothing either.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import combinations

from nasdsl.compiler.gate import ONE, Gate, Reached, Weight, any_of, event, reached, times
from nasdsl.compiler.openlower import OpenNetwork
from nasdsl.ops.mixture import REJOIN
from nasdsl.ops.registry import get


@dataclass(frozen=True)
class Presence:
    """`gates` by operation, as those of the open network, 1 under one-hot weights for what is in the genotype's.

    `values` define in turn the `Reached` that gates hold: each of those before it. Numbered values keep gates small,
    where one network of many nodes that may all be absent would have gates that double with every node.
    """

    gates: tuple[Gate, ...]
    values: dict[Reached, Gate]

    def needed(self, gates: Iterable[Gate]) -> dict[Reached, Gate]:
        """The values that these gates are made of, in turn."""
        wanted = {value for gate in gates for value in reached(gate)}
        for value, gate in reversed(self.values.items()):
            if value in wanted:
                wanted.update(reached(gate))
        return {value: gate for value, gate in self.values.items() if value in wanted}


def presence(opened: OpenNetwork) -> Presence:
    """What is there of an open network, dead or alive."""
    walk = _Walk(opened)
    gates = tuple(walk.taken(number) for number in range(len(opened.network.ops)))
    return Presence(gates, {value: gate for gate, value in walk.numbered.items()})


class _Walk:
    def __init__(self, opened: OpenNetwork) -> None:
        self.opened = opened
        self.numbered: dict[Gate, Reached] = {}
        # How much of the value of each operation is there, given that the operation is.
        self.reached: list[Gate] = []
        self.joined: dict[tuple[Gate, ...], Gate] = {}
        self.events: dict[Gate, Gate] = {}

    def taken(self, number: int) -> Gate:
        """How much an operation is there; operations are taken in turn."""
        opened, op = self.opened, self.opened.network.ops[number]
        # What is dealt anew is read for its shape too.
        inputs = op.inputs[:1] if op.name == REJOIN else op.inputs
        read = [self.reached[n] for n in inputs]
        own = self.any_of(read) if read else ONE
        if number in opened.mixtures:
            terms = zip(opened.mixtures[number], read, strict=True)
            self.reached.append(self.any_of([times(event(gate, self.events), there) for gate, there in terms]))
        else:
            self.reached.append(own)
        if len(read) > 1 and op.name not in ("concat", REJOIN) and get(op.name).role == "merge":
            # Of one value there is nothing to merge: it is handed on.
            own = self.any_of([times(one, other) for one, other in combinations(read, 2)])
        return times(opened.gates[number], own)

    def any_of(self, gates: list[Gate]) -> Gate:
        key = tuple(dict.fromkeys(gates))
        found = self.joined.get(key)
        if found is None:
            found = any_of(key, lambda row: len(self.opened.rows[row].columns))
            if not isinstance(found, Weight | Reached) and found != ONE:
                found = self.numbered.setdefault(found, Reached(len(self.numbered)))
            self.joined[key] = found
        return found
