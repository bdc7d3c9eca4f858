"""Rows for decisions that a lowering does not come to: nothing that they decide reaches the output in any genotype.

A genotype has them all the same, and weights must say what is decided.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nasdsl.compiler.reads import alike
from nasdsl.compiler.tables import RowKind
from nasdsl.space.arrangement import Arrangement
from nasdsl.space.decisions import Choice, Subset
from nasdsl.space.gates import Depth, Gates
from nasdsl.space.group import Decision, Group

if TYPE_CHECKING:
    from nasdsl.compiler.searchlower import SearchLowering

GATE = ("absent", "present")


class Unmet:
    """The rows of all decisions of a space; those that a lowering has made stay as they are."""

    def __init__(self, lowering: SearchLowering) -> None:
        self.lowering = lowering
        nodes = [node for graph in lowering.skeleton.graphs.values() for node in graph.nodes]
        self.reads = {reads.path: reads for node in nodes for reads in node.reads if reads.path is not None}

    def add(self, group: Group, member: str = "", edge: tuple[str, ...] = ()) -> None:
        """The rows of a group of decisions: of those below an edge with its member and the columns behind `absent`."""
        for decision in group:
            self.row(decision, member, edge)
            if isinstance(decision, Subset) and decision.reads and self.whole(decision):
                for name in decision.members:
                    self.add(decision.reads[0].decisions, name, self.columns(decision))
            else:
                for part in decision.below:
                    self.add(part.decisions, member)

    def row(self, decision: Decision, member: str, edge: tuple[str, ...]) -> None:
        make = self.lowering.row
        if decision.path in self.lowering.chosen:
            return
        match decision:
            case Choice() if decision.choices > 1 and decision.options != edge:
                make("choice", decision.path, member, decision.options)
            case Depth() if decision.choices > 1:
                make("depth", decision.path, member, decision.options)
            case Arrangement():
                for i in range(len(decision.items)):
                    make("order", decision.path, str(i), decision.items)
            case Gates():
                for option in decision.options:
                    make("gate", decision.path, option, GATE)
            case Subset():
                self.subset(decision)

    def subset(self, decision: Subset) -> None:
        make = self.lowering.row
        if decision.path not in self.reads:
            for name in decision.members if decision.least < len(decision.members) else ():
                make("gate", decision.path, name, GATE)
        elif self.whole(decision):
            kind: RowKind = "gate" if not decision.reads and decision.least < decision.most else "edge"
            for name in decision.members:
                make(kind, decision.path, name, ("absent", *self.columns(decision)))
        elif len(decision.members) > 1:
            for slot in range(decision.most):
                absent = ("absent",) if slot >= decision.least else ()
                make("source", decision.path, str(slot), (*absent, *decision.members))

    def whole(self, decision: Subset) -> bool:
        """Whether a member plays the same part in every place."""
        return decision.path in self.reads and alike(decision, self.reads[decision.path], self.lowering)

    def columns(self, decision: Subset) -> tuple[str, ...]:
        """What an edge may be beside absent."""
        first = decision.reads[0] if decision.reads else None
        if first is None or first.text != (0,):
            return ("present",)
        only = first.decisions[0]
        return only.options if isinstance(only, Choice) and only.choices > 1 else ("present",)
