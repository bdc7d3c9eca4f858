"""What a root reaches: the graphs it uses, and the places where it asks a decision."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from nasdsl.record import Record
from nasdsl.space import skeleton as sk

ASKS = (
    sk.Switch, sk.NumberChoice, sk.Dealt, sk.Reads, sk.Drawn, sk.Parallel, sk.Repeat, sk.Within,
)  # fmt: skip


@dataclass
class Reached:
    """Keys of graphs, paths of decisions and names of operations, found by walking the skeleton from a root.

    The operations inside blocks of the library are left out.
    """

    known: Mapping[str, sk.Graph]
    graphs: set[str] = field(default_factory=set)
    paths: set[str] = field(default_factory=set)
    primitives: set[str] = field(default_factory=set)
    # Parts that stand in several places are walked once.
    met: set[int] = field(default_factory=set)

    def walk(self, part: object) -> None:
        if id(part) in self.met:
            return
        if isinstance(part, tuple):
            for each in part:
                self.walk(each)
        elif isinstance(part, sk.Measure):
            # To count an operation is no use of it.
            return
        elif isinstance(part, sk.Call) and part.body.span.source.library and not part.given:
            # A block of the library asks no decision of its own.
            self.walk(part.args)
        elif isinstance(part, Record):
            self.met.add(id(part))
            if isinstance(part, sk.UseGraph):
                self.graph(part.graph)
            if isinstance(part, sk.Apply):
                # A pyramid is an input for each of its levels.
                self.primitives.add("feature" if part.primitive == "pyramid" else part.primitive)
            if isinstance(part, ASKS) and part.path is not None:
                self.paths.add(part.path)
            for name in part.told:
                self.walk(getattr(part, name))

    def graph(self, key: str) -> None:
        if key not in self.graphs:
            self.graphs.add(key)
            self.walk(self.known[key])


def reached(root: sk.Net | str, known: Mapping[str, sk.Graph], requires: tuple[sk.Test, ...] = ()) -> Reached:
    """What a net, or the graph of that key, reaches among the known graphs; `requires` may ask shared choices."""
    found = Reached(known)
    found.walk(requires)
    if isinstance(root, str):
        found.graph(root)
    else:
        found.walk(root)
    return found
