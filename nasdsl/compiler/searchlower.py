"""Lowering in search form: steps, whose open choices are mixtures of all their alternatives."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from nasdsl.compiler.emission import named
from nasdsl.compiler.frame import Carried, Frame, Wire
from nasdsl.compiler.gate import ONE
from nasdsl.compiler.misfits import strided, unstrided
from nasdsl.compiler.mixing import Terms, weighed
from nasdsl.compiler.network import Scope
from nasdsl.compiler.searchcells import SearchGraph
from nasdsl.compiler.searchnet import SearchNet, called
from nasdsl.diagnostics import NasdslError, located
from nasdsl.ops.primitive import Value
from nasdsl.source import Span
from nasdsl.space import skeleton as sk
from nasdsl.space.skeleton import symbols

POOLS = ("max_pool", "avg_pool")


class SearchLowering(SearchNet):
    """One lowering of a space, or of a part of it, in search form."""

    # The last alternative of a choice that was begun.
    candidate: sk.Step | None = None

    # ---- steps ----

    def step(self, step: sk.Step, wire: Wire, frame: Frame, width: int, stride: int, slot: str) -> Wire:
        return self.mixed(self.terms(step, wire, frame, width, stride, slot), strided(wire.shape, stride, width))

    def terms(self, step: sk.Step, wire: Wire, frame: Frame, width: int, stride: int, slot: str) -> Terms:
        """What a step delivers as a sum that nobody has computed yet, so that sums of sums are one sum."""
        try:
            return self.lowered(step, wire, frame, width, stride, slot)
        except NasdslError as mistake:
            raise located(mistake, step.span, step.block if isinstance(step, sk.Call) else "") from None

    def lowered(self, step: sk.Step, wire: Wire, frame: Frame, width: int, stride: int, slot: str) -> Terms:
        if wire.absent:
            return []
        if self.sliced(wire) and isinstance(step, sk.Apply | sk.Call) and "in" in symbols(step):
            raise self.unsliced(called(step), step.span, wire)
        match step:
            case sk.Switch():
                return self.chosen_terms(step, wire, frame, width, stride, slot)
            case sk.Apply() | sk.Call() | sk.UseGraph():
                found: Terms = []
                for gate in self.numbers([number for _, number in step.args], slot):
                    found += weighed(gate, self.decided(step, wire, frame, width, stride, slot))
                return found
            case sk.Outer():
                assert frame.outer is not None
                return self.terms(step.step, wire, frame.outer, width, stride, slot)
            case sk.Chain() | sk.Repeat():
                body = step if isinstance(step, sk.Chain) else sk.Chain((step,), step.span)
                with self.within(Scope("choice", slot, "chain")):
                    return self.chain_terms(body, wire, frame, width, stride)
            case sk.Shortcut():
                with self.within(Scope("choice", slot, "shortcut")):
                    made = self.chain_terms(step.body, wire, frame, width, stride)
                    return self.shortcut(step, wire, made)
            case sk.Branch():
                return [(ONE, self.branched(step, wire, frame, width, stride, slot))]
        raise AssertionError(step)

    def branched(self, step: sk.Branch, wire: Wire, frame: Frame, width: int, stride: int, slot: str) -> Wire:
        """Parallel chains, each in a scope of its own: what one of them decides renames nothing in another."""
        made = []
        for i, chain in enumerate(step.chains):
            with self.within(Scope("choice", f"{slot}.{i}", "branch")):
                made.append(self.chain(chain, wire, frame, width, stride))
        with self.within(Scope("choice", slot, "branch")):
            return self.join(step.merge, tuple(made), step.span, "the end of the branch")

    def chosen_terms(self, step: sk.Switch, wire: Wire, frame: Frame, width: int, stride: int, slot: str) -> Terms:
        found: Terms = []
        for gate, i in self.alternatives(step.path, slot):
            candidate = step.alternatives[i]
            self.candidate = candidate
            made = self.terms(candidate, wire, frame, width, stride, slot)
            found += weighed(gate, made)
        return found

    def decided(
        self, step: sk.Apply | sk.Call | sk.UseGraph, wire: Wire, frame: Frame, width: int, stride: int, slot: str
    ) -> Terms:
        """A step whose own numbers are decided."""
        if isinstance(step, sk.Call):
            scope, inner, told, first = self.called(step, wire, frame, width, stride, slot)
            with self.within(scope):
                return self.chain_terms(step.body, wire, inner, told, first)
        if isinstance(step, sk.Apply) and step.primitive == "none":
            return []
        norms = step is self.candidate and self.form.pool_norm and self.in_graph
        made = super().taken(step, wire, frame, width, stride, slot)
        if norms and isinstance(step, sk.Apply) and step.primitive in POOLS:
            made = self.emit("batch_norm", {"affine": 0}, (made,), step.span)
        return [] if made.absent else [(ONE, made)]

    def shortcut(self, step: sk.Shortcut, wire: Wire, made: Terms) -> Terms:
        """What the body makes, with the input added to all of it that keeps the shape."""
        beside = [w for _, w in made if w.shape.size == wire.shape.size]
        if beside and any(map(self.sliced, (wire, *beside))):
            raise self.unsliced("shortcut", step.span, wire, *beside)
        kept = [gate for gate, w in made if (w.shape.width, w.shape.size) == (wire.shape.width, wire.shape.size)]
        # Terms may be alternatives, or parts of one sum: the input is added once.
        return [*made, (self.chance(kept), wire)] if kept else made

    def chain(self, body: sk.Chain, wire: Wire, frame: Frame, width: int, stride: int) -> Wire:
        return self.mixed(self.chain_terms(body, wire, frame, width, stride), strided(wire.shape, stride, width))

    def chain_terms(self, body: sk.Chain, wire: Wire, frame: Frame, width: int, stride: int) -> Terms:
        last = max((i for i, s in enumerate(body.steps) if s.sets_width), default=-1)
        found: Terms = [(ONE, wire)]
        for i, step in enumerate(body.steps):
            own = stride if i == 0 else 1
            wire = self.mixed(found, strided(wire.shape, own, width))
            target = width if i == last else wire.shape.width
            if step.sets_width and i != last and self.sliced(wire):
                raise self.unsliced(called(step), step.span, wire)
            slot = f"{named(step)}_{i}"
            if isinstance(step, sk.Repeat):
                found = self.repeated(step, wire, frame, target, own, slot)
            else:
                found = self.terms(step, wire, frame, target, own, slot)
        return found

    def repeated(self, step: sk.Repeat, wire: Wire, frame: Frame, width: int, stride: int, slot: str) -> Terms:
        """The prefixes of a repetition, each as much as so many repetitions are weighed."""
        found: Terms = []
        for gate, count in self.counts(step.path):
            if count == 0 and stride != 1:
                raise unstrided("repeat", stride, step.span)
            with self.again():
                made = wire
                for j, body in enumerate(step.bodies[:count]):
                    target = width if j == count - 1 else made.shape.width
                    with self.within(Scope("choice", f"{slot}[{j}]", slot)):
                        made = self.chain(body, made, frame, target, stride if j == 0 else 1)
            found.append((gate, made))
        return found

    def join(
        self, merge: sk.Step | None, wires: tuple[Wire, ...], span: Span, to: str, names: Sequence[str] = ()
    ) -> Wire:
        if not isinstance(merge, sk.Switch):
            return super().join(merge, wires, span, to, names)
        found: Terms = []
        for gate, i in self.alternatives(merge.path, "merge"):
            found.append((gate, super().join(merge.alternatives[i], wires, span, to, names)))
        return self.mixed(found, wires[0].shape)

    # ---- graphs ----

    def graph(
        self, graph: sk.Graph, values: list[Carried], args: Mapping[str, Value], width: int, stride: int
    ) -> Carried:
        return SearchGraph(self, graph, args, width, stride).run(values)
