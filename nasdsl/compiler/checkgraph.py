"""The proof for one use of a cell or motif: every value with the set of shapes it can have."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from itertools import combinations, product
from typing import TYPE_CHECKING, Any, TypeVar

from nasdsl.compiler.cells import ADD, GraphLowering, twice
from nasdsl.compiler.frame import Carried, Pyramid, Wire
from nasdsl.compiler.oracle import Reason, union
from nasdsl.compiler.shares import too_narrow
from nasdsl.ops.primitive import Shape, Value
from nasdsl.space import skeleton as sk

if TYPE_CHECKING:
    from nasdsl.compiler.check import Checking

MOST_RUNS = 4096
Result = TypeVar("Result")
Wires = Mapping[Wire, Reason]  # all a value can be, each with a reason


class GraphChecking(GraphLowering):
    """One use of a graph, with a set of shapes for every value."""

    checking: Checking

    def __init__(self, checking: Checking, graph: sk.Graph, args: Mapping[str, Value], width: int, stride: int) -> None:
        # Parameters of a graph are fixed numbers, so defaults ask no decision.
        super().__init__(checking, graph, args, width, stride)
        self.checking = checking

    def possible(self, values: list[Carried]) -> Mapping[Carried, Reason]:
        self.checking.at(self.graph.span)
        found: dict[Carried, Reason] = {}
        known = self.checking.graphs
        with self.along(values):
            for wires, because in self.checking.outcomes(lambda: self.aligned_ports(values)).items():
                key = (self.graph.key, wires, tuple(sorted(self.params.items())), self.width, self.stride, self.length)
                if key not in known:
                    known[key] = self.after(wires)
                if not because:
                    # No decision led to these ports, so they are all that there can be.
                    return known[key]
                for made, reason in known[key].items():
                    add(found, made, because, reason)
        return found

    def aligned_ports(self, values: list[Carried]) -> tuple[Wire, ...]:
        self.wires = []
        self.ports(values)
        return tuple(self.wires)

    def aligned(self, align: sk.Align, wire: Wire, target: Shape, slot: str) -> Wire:
        key = (self.graph.key, id(align), wire, target, self.width)
        known = self.checking.edges
        if key not in known:
            usual = super().aligned
            known[key] = self.checking.outcomes(lambda: usual(align, wire, target, slot))
        return self.checking.one_of(known[key])

    def after(self, ports: tuple[Wire, ...]) -> Mapping[Carried, Reason]:
        possible: list[Wires] = [{w: {}} for w in ports]
        for node in self.graph.nodes:
            self.checking.at(node.span)
            if node.within is not None and not self.repeated(node.within)[0]:
                possible.append({wire: {} for wire in self.blanks(None, possible)})
                continue
            made: dict[Wire, Reason] = {}
            levels: Mapping[Shape | None, Reason] = {None: {}}
            if (number := node.level) is not None:
                levels = self.checking.outcomes(lambda n=number, o=node: self.level_of(n, o))  # type: ignore[misc]
            for level, because in levels.items():
                for wire, reason in self.node_outcomes(node, level, possible).items():
                    add(made, wire, because, reason)
            if not made:
                return {}
            if node.within is not None:
                longest = self.checking.decisions[node.within.path].choices - 1
                there: Reason = {node.within.path: self.checking.decisions[node.within.path].alternative(longest)}
                made = {wire: union((there, reason)) for wire, reason in made.items()}
                for wire in [] if self.repeated(node.within)[1] else self.blanks(None, possible):
                    add(made, wire, {})
            possible.append(self.checking.few(made))
        self.checking.at(self.graph.out.span)
        delivered = self.out_outcomes(possible)
        if self.length is None:
            return delivered
        self.wires = [next(iter(wires)) for wires in possible]
        found: dict[Carried, Reason] = {}
        for carried, reason in delivered.items():
            for collected, more in self.checking.outcomes(partial(self.collected, carried), (reason,)).items():
                found.setdefault(collected, more)
        return found

    def whole(self, merge: sk.Apply, members: Iterable[int], most: int, at: sk.Node | sk.Out) -> sk.Apply:
        """The merge where shared nodes are as wide as the cell: a concat of its parts is then as wide as a sum.

        Noted where up to `most` values have fewer channels to share, and where the shares of a share are not known.
        """
        nodes = [self.graph.nodes[m - self.inputs] if m >= self.inputs else None for m in members]
        if merge.primitive != "concat" or not all(node is not None and node.shared for node in nodes):
            return merge
        if isinstance(at, sk.Node) and at.shared:
            self.checking.unproved(at.span)
        elif most > self.width:
            self.checking.note(too_narrow(most, self.width, at.span).diagnostics[0], {})
        return ADD

    def repeated(self, within: sk.Within) -> tuple[bool, bool]:
        """Whether a part of a repetition is there in some genotypes, and in all."""
        return self.checking.left(within.path, lambda count: count > within.index)

    def blanks(self, level: Shape | None, possible: list[Wires]) -> list[Wire]:
        """What a node that reads nothing can be."""
        if level is not None:
            return [Wire(level, 0)]
        found = []
        for before in possible[-1]:
            self.wires = [before] * len(possible)
            found.append(Wire(self.blank(None), 0))
        return found

    def node_outcomes(self, node: sk.Node, level: Shape | None, possible: list[Wires]) -> Wires:
        widths: Mapping[int, Reason] = {self.width: {}}
        if (number := node.width) is not None:
            frame = self.frame(self.width)
            widths = self.checking.outcomes(lambda: self.lowering.whole(number, frame, "the width of a node"))
        found: dict[Wire, Reason] = {}
        for width, because in widths.items():
            edges = [edge for reads in node.reads for edge in self.edge_outcomes(reads, level, width, possible)]
            for wire, reason in self.joins(node, edges, level, width, possible).items():
                add(found, wire, because, reason)
        return found

    def edge_outcomes(
        self, reads: sk.Reads, level: Shape | None, width: int, possible: list[Wires]
    ) -> Iterator[tuple[Wires, bool]]:
        """All that each edge of a group of reads can deliver, and whether the edge may be missing."""
        left = self.checking.left
        for j, op in enumerate(reads.ops):
            sources, optional = [(j, reads.members[j])] if reads.path is None else list(enumerate(reads.members)), False
            if reads.path is not None:
                read, always = left(reads.path, lambda own, j=j: len(own) > j)  # type: ignore[misc]
                if not read:
                    continue
                # Of a narrowed set some members may never fill this slot.
                sources = [s for s in sources if left(reads.path, lambda own, j=j, m=s[0]: own[j : j + 1] == (m,))[0]]  # type: ignore[misc]
                optional = j >= reads.least and not always
            for one, gate, open_gate in self.gates(op):
                edge: dict[Wire, Reason] = {}
                for m, source in sources:
                    picked: Reason = {(reads.path, j): m} if reads.path is not None else {}
                    for wire, reasons in self.slot_outcomes(source, one, level, width, possible[source]):
                        add(edge, wire, picked, gate, *reasons)
                yield edge, optional or open_gate

    def gates(self, op: sk.Step | None) -> Iterator[tuple[sk.Step | None, Reason, bool]]:
        """The operations that an edge passes through side by side, what opens each, and whether it may be missing."""
        if not isinstance(op, sk.Parallel):
            yield op, {}, False
            return
        for a, one in enumerate(op.alternatives):
            some, always = self.checking.left(op.path, lambda own, a=a: a in own)  # type: ignore[misc]
            if some:
                yield one, {(op.path, a): a}, not always

    def slot_outcomes(
        self, source: int, op: sk.Step | None, level: Shape | None, width: int, possible: Wires
    ) -> Iterator[tuple[Wire, tuple[Reason, Reason]]]:
        """What one slot can receive from a source, whatever it passes through."""
        port = source < self.inputs
        for wire, because in possible.items():
            key = (self.graph.key, id(op), wire, port, level, width, self.width, self.stride)
            if key not in self.checking.edges:
                self.wires = [wire] * len(self.graph.values)
                run = partial(self.edge, source, op, level, "", width)
                self.checking.edges[key] = self.checking.outcomes(run, (because,))
            for made, reason in self.checking.edges[key].items():
                yield made, (because, reason)

    def joins(
        self, node: sk.Node, edges: list[tuple[Wires, bool]], level: Shape | None, width: int, possible: list[Wires]
    ) -> Wires:
        """What the node can deliver: edges are joined one by one, so that what they can be together stays few."""
        found: dict[Wire, Reason] = {}
        joining = node.merge or ADD
        merges = self.checking.outcomes(lambda: self.lowering.picked(joining))
        for merge, because in merges.items():
            assert isinstance(merge, sk.Apply)
            merge = self.whole(merge, [m for reads in node.reads for m in reads.members], len(edges), node)
            rest = merge if merge.primitive in ("add", "concat") else ADD
            joined = self.folded(merge, edges, {None: because}, node)
            for before, reason in joined.items():
                at = level or (before.shape if before is not None else self.blanks(None, possible)[0].shape)
                absorbed = self.absorbable(node, at.level, possible)
                for wire, reasons in self.folded(rest, absorbed, {before: reason}, node).items():
                    blank = self.blanks(level, possible) if wire is None else [wire]
                    for each in blank:
                        add(found, each, reasons)
        if node.then is None and node.free and level is None:
            return found
        done: dict[Wire, Reason] = {}
        for wire, reason in found.items():
            self.gather(done, partial(self.closed, node, wire, width, level), (reason,))
        return done

    def folded(
        self, merge: sk.Apply, edges: Iterable[tuple[Wires, bool]], sums: Mapping[Wire | None, Reason], node: sk.Node
    ) -> Mapping[Wire | None, Reason]:
        """All that edges can be together, joined to what there was; None where there is nothing yet."""
        span = node.reads[0].span.to(node.reads[-1].span) if node.reads else node.span
        runs = 0
        for wires, optional in edges:
            grown: dict[Wire | None, Reason] = dict(sums) if optional else {}
            for (before, because), (wire, reason) in product(sums.items(), sorted(wires.items(), key=_shown)):
                if before is None:
                    add(grown, wire, because, reason)
                    continue
                if (runs := runs + 1) > MOST_RUNS and grown:
                    self.checking.unproved(node.span)
                    break
                join = partial(self.lowering.join, merge, (before, wire), span, f"`{node.name}`")
                self.gather(grown, join, (because, reason))
            sums = grown
        return sums

    def gather(self, found: dict[Any, Reason], run: Callable[[], Wire], because: tuple[Reason, ...]) -> None:
        for made, reason in self.checking.outcomes(run, because).items():
            found.setdefault(made, reason)

    def absorbable(self, node: sk.Node, level: int, possible: list[Wires]) -> list[tuple[Wires, bool]]:
        """The values that can be absorbed, and whether each may be left out."""
        if isinstance(node.absorb, tuple):
            return [(possible[m], False) for m in node.absorb]
        if isinstance(node.absorb, sk.Drawn):
            path = node.absorb.path
            drawn: list[tuple[Wires, bool]] = []
            for i, m in enumerate(node.absorb.members):
                some, always = self.checking.left(path, lambda own, i=i: i in own)  # type: ignore[misc]
                if some:
                    drawn.append(({w: union(({(path, i): i}, r)) for w, r in possible[m].items()}, not always))
            return drawn
        there = ({w: r for w, r in possible[m].items() if w.shape.level == level} for m in node.absorb.members)
        return [(wires, True) for wires in there if wires]

    def out_outcomes(self, possible: list[Wires]) -> Mapping[Carried, Reason]:
        out = self.graph.out
        members = out.members.members if isinstance(out.members, sk.Unread) else out.members
        if out.pyramid:
            return self.pyramid(out, members, possible)
        if out.merge is None:
            found: dict[Carried, Reason] = {}
            for m in members:
                for wire, reason in possible[m].items():
                    add(found, wire, reason)
            return found
        return self.merged_out(out, members, possible)

    def pyramid(self, out: sk.Out, members: tuple[int, ...], possible: list[Wires]) -> Mapping[Carried, Reason]:
        levels = [{w.shape.level: r for w, r in possible[m].items()} for m in members]
        for (a, at_a), (b, at_b) in combinations(zip(members, levels, strict=True), 2):
            met = [] if self.dealt_apart(a, b) else [level for level in at_a if level in at_b]
            for level in met[:1]:
                (mistake,) = twice(out, [self.graph.values[a], self.graph.values[b]], level).diagnostics
                self.checking.note(mistake, union((at_a[level], at_b[level])))
                return {}
        wires: list[Wires] = [possible[m] for m in members]
        if all(self.dealt_apart(members[0], m) for m in members[1:]):
            # Which of them lies at which level does not matter.
            by_level: dict[int, dict[Wire, Reason]] = {}
            for wire, reason in ((w, r) for m in members for w, r in possible[m].items()):
                by_level.setdefault(wire.shape.level, {}).setdefault(wire, reason)
            wires = list(by_level.values())
        found: dict[Carried, Reason] = {}
        for count, items in enumerate(product(*(w.items() for w in wires))):
            if count == MOST_RUNS:
                self.checking.unproved(out.span)
                break
            ordered = {wire.shape.level: wire for wire, _ in items}
            if len(ordered) == len(members):
                found.setdefault(Pyramid(tuple(sorted(ordered.items()))), union(reason for _, reason in items))
        return found

    def dealt_apart(self, a: int, b: int) -> bool:
        """Whether two nodes take their levels from one permutation."""
        first, second = (self.graph.nodes[v - self.inputs].level if v >= self.inputs else None for v in (a, b))
        if not (isinstance(first, sk.Dealt) and isinstance(second, sk.Dealt)):
            return False
        return first.path == second.path and first.index != second.index and len(set(first.items)) == len(first.items)

    def merged_out(self, out: sk.Out, members: tuple[int, ...], possible: list[Wires]) -> Mapping[Carried, Reason]:
        """The joins at every level that the deepest of the members can have."""
        found: dict[Carried, Reason] = {}
        levels = {w.shape.level for m in members for w in possible[m]}
        for level in sorted(levels) if self.graph.aligns else [max(levels)]:
            wires = [{w: r for w, r in possible[m].items() if w.shape.level <= level} for m in members]
            for made, reason in self.joined_out(out, members, [self.reduced(w, level) for w in wires]).items():
                found.setdefault(made, reason)
        return found

    def joined_out(self, out: sk.Out, members: tuple[int, ...], possible: list[Wires]) -> Mapping[Wire, Reason]:
        """The joins of all members, or of any that may be left unread: one after another, so that sums stay few."""
        assert isinstance(out.merge, sk.Apply)
        optional, merge = isinstance(out.members, sk.Unread), self.whole(out.merge, members, len(members), out)
        sums: dict[Wire, Reason] = {}
        # Whether nothing may have been joined so far.
        empty = True
        for i, (m, wires) in enumerate(zip(members, possible, strict=True)):
            # The last value of all is read by nobody: there is nothing behind it.
            skipped = optional and (m != len(self.graph.values) - 1 or i < len(members) - 1)
            grown = dict(sums) if skipped else {}
            if empty:
                grown |= {w: reason for w, reason in wires.items() if w not in grown}
            names = (self.graph.values[members[0]], self.graph.values[m])
            for (before, because), (wire, reason) in product(sums.items(), wires.items()):
                join = partial(self.lowering.join, merge, (before, wire), out.span, "`out`", names)
                self.gather(grown, join, (because, reason))
            empty = empty and skipped
            sums = grown
        return sums

    def reduced(self, wires: Wires, level: int) -> Wires:
        """Loose ports of a strided cell are brought to the resolution of its output."""
        if not self.graph.aligns:
            return wires
        found: dict[Wire, Reason] = {}
        for wire, because in wires.items():
            self.gather(found, partial(self.lowering.reduce, wire, self.width, level, ""), (because,))
        return found


def _shown(item: tuple[Wire, Reason]) -> str:
    return repr(item[0])


def add(found: dict[Any, Reason], made: Any, *reasons: Reason) -> None:
    """Keep the first reason of a result."""
    if made not in found:
        found[made] = union(reasons)
