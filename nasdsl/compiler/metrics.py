"""What the network of a genotype measures, without building it: parameters, multiply-adds, depth, edges and memory."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import prod

from nasdsl.compiler.frame import Binding, Carried, Frame, Wire
from nasdsl.compiler.misfits import strided
from nasdsl.compiler.resolved import Known, Resolving, resolved
from nasdsl.compiler.rows import Label, Resolved, Row, digested
from nasdsl.compiler.tally import Walk
from nasdsl.space import skeleton as sk
from nasdsl.space.genotype import Genotype
from nasdsl.space.metrics import Metrics


def metrics(genotype: Genotype, binding: Binding | None = None, *, with_dead: bool = False) -> Metrics:
    """What the live network measures, on the net's own input or bound to data; NasdslError where shapes do not fit.

    `with_dead` measures all that a supernet-like implementation makes and runs, as the published costs of some
    benchmarks do (NAS-Bench-201): `none` delivers zeros, what reads only zeros is an operation like others, and so is
    what nobody reads. Alternatives not taken and repetitions left out are never part of it.
    """
    network = filled(genotype, binding) if with_dead else resolved(genotype, binding)
    kept = range(len(network.rows)) if with_dead else network.live()
    rows, ends = opened(network, kept)
    return Metrics(
        params=sum(row.label.params for row in rows),
        macs=sum(row.label.macs for row in rows),
        depth=depth(rows, ends),
        edges=edges(genotype),
        peak_activations=peak(rows, ends),
    )


def edges(genotype: Genotype) -> int:
    walk = Walk(genotype.space.skeleton, genotype.assignment, {})
    walk.measure(sk.Measure("edges"), genotype.space.skeleton)
    return sum(int(amount) for _, amount in walk.found)


def opened(network: Resolved, kept: Iterable[int]) -> tuple[list[Row], list[int]]:
    """The rows of `kept` as single operations, identities left out; and which of them are outputs."""
    stands: dict[int, int] = {}
    rows: list[Row] = []
    for row in kept:
        label, reads = network.rows[row]
        if label.name == "identity":
            stands[row] = stands[reads[0]]
            continue
        if label.rows is None:
            rows.append(Row(label, tuple([stands[r] for r in reads])))
        else:
            # Inside, 0 is what the block receives, and its own rows count from 1.
            source, base = stands[reads[0]], len(rows) - 1
            rows += [Row(each, tuple([base + r if r else source for r in own])) for each, own in label.rows]
        stands[row] = len(rows) - 1
    return rows, [stands[row] for _, row in network.outputs]


def depth(rows: Sequence[Row], ends: Iterable[int]) -> int:
    """Operations with multiply-adds on the longest path from an input, or a state, to an output."""
    longest: list[int | None] = []
    for label, reads in rows:
        # What `none` reads does not reach its readers.
        before = [] if label.name == "none" else [far for r in reads if (far := longest[r]) is not None]
        far = max(before, default=None) if reads else 0
        longest.append(None if far is None else far + (label.macs > 0))
    return max((longest[end] or 0 for end in ends), default=0)


def peak(rows: Sequence[Row], ends: Iterable[int]) -> int:
    """The least numbers held at once, each value from its operation to its last reader; see `Metrics`."""
    last = list(range(len(rows)))
    made = list(range(len(rows)))
    start: int | None = None
    for i, (label, reads) in enumerate(rows):
        for r in reads:
            last[r] = i
        if label.name in ("elements", "state") and start is None:
            start = i
        elif label.name == "collect" and start is not None:
            # It grows as the sequence goes on, and what is read from outside is read for each element.
            made[i] = start
            last = [i if r < start <= at < i else at for r, at in enumerate(last)]
            start = None
    for end in ends:
        last[end] = len(rows)
    size = [label.shape.width * prod(label.shape.size) for label, _ in rows]
    change = [[0, 0] for _ in range(len(rows) + 1)]
    for i, numbers in enumerate(size):
        change[made[i]][0] += numbers
        change[last[i]][1] += numbers
    held = most = 0
    for taken, freed in change:
        held += taken
        most = max(most, held)
        held -= freed
    return most


def filled(genotype: Genotype, binding: Binding | None) -> Resolved:
    """The network in which `none` delivers zeros."""
    space = genotype.space
    known = space.memory.get(("filled", binding))
    if known is None:
        known = space.memory["filled", binding] = Known(space.skeleton, binding)
    return Filling(known, genotype.assignment).run()


class Filling(Resolving):
    """A lowering in which `none` is an operation, without second heads."""

    def net_step(self, item: sk.NetStep, window: list[Carried]) -> Carried:
        return Wire(window[-1].shape, None) if isinstance(item.step, sk.Tap) else super().net_step(item, window)

    def taken(self, step: sk.Step, wire: Wire, frame: Frame, width: int, stride: int, slot: str) -> Wire:
        if wire.position is None or not (isinstance(step, sk.Apply) and step.primitive == "none"):
            return super().taken(step, wire, frame, width, stride, slot)
        shape = strided(wire.shape, stride, width)
        self.rows.append(Row(Label("none", digested("none", str(shape)), shape), (wire.position,)))
        return Wire(shape, len(self.rows) - 1)
