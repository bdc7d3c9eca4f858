"""What a lowering in search form emits: mixtures, the rows they are weighted by, and which channels there are."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from nasdsl.compiler.frame import Binding, Wire
from nasdsl.compiler.gate import EDGE, ONE, ZERO, Gate, Product, Weight, any_of, event, plus, rows, times
from nasdsl.compiler.lower import Lowering
from nasdsl.compiler.network import Op
from nasdsl.compiler.searchform import SearchForm
from nasdsl.compiler.tables import RowKind
from nasdsl.diagnostics import error
from nasdsl.ops.mixture import MASK, MIX
from nasdsl.ops.primitive import Shape, Value
from nasdsl.ops.registry import get
from nasdsl.source import Span
from nasdsl.space import skeleton as sk
from nasdsl.space.group import Decision

# A sum of values of one resolution, each as much as its gate says.
Terms = list[tuple[Gate, Wire]]
# The channels of a value in order: so many, and how much they are there.
Segments = tuple[tuple[int, Gate], ...]

# What acts on each channel for itself, and what of that leaves zeros alone.
_QUIET = {
    *("identity", "relu", "relu6", "swish", "hswish", "tanh", "max_pool", "avg_pool", "dw_conv", "dropout", "resample"),
    *("shift", "global_avg", "neg", "abs", "square", "cube", "sin", "sinh", "asinh", "atan", "erf", "scale", MASK),
}
_CHANNELWISE = _QUIET | {
    *("batch_norm", "sigmoid", "hsigmoid", "sqrt", "log_abs", "exp", "cos", "cosh", "sinc", "min_zero", "softplus"),
    *("gaussian", "offset", "constant"),
}
_SUMS = {"add", "mean", "max", "mul", "global_pool", "min", "sub", "gated", "lerp"}
# What reads all channels, and delivers others.
_MAPS = {"conv", "linear", "conv1d"}


_SHAPED = re.compile(r"^at\d+(_v?\d+)*$")


@dataclass(frozen=True, slots=True)
class Draft:
    """A row that has no table yet."""

    kind: RowKind
    path: str
    place: str
    columns: tuple[str, ...]
    group: str = ""


class Mixing(Lowering):
    """A lowering in which decisions may be open: those that `chosen` does not hold.

    With all of them chosen it lowers one genotype, with none the whole space, by the same rules and under the same
    paths: every candidate stands in a scope named after it, whether others stand beside it or not.
    """

    def __init__(
        self, skeleton: sk.Skeleton, decisions: Mapping[str, Decision], chosen: Mapping[str, object],
        binding: Binding | None, form: SearchForm, *, sharing: bool,
    ) -> None:  # fmt: skip
        self.taken_now: dict[str, object] = dict(chosen)
        super().__init__(skeleton, self.taken_now, binding)
        self.decisions = decisions
        self.form = form
        # Whether operations are shared between readers: not in one genotype, whose uses stand by themselves.
        self.sharing = sharing
        self.rows: dict[tuple[str, str], int] = {}
        self.drafts: list[Draft] = []
        # Inside the edge of a member of a set: the member, and the row its operation's choice stands in.
        self.place = ""
        self.redirected: dict[str, int] = {}
        self.gate: Gate = ONE
        self.gates: list[Gate] = []
        self.mixtures: dict[int, tuple[Gate, ...]] = {}
        self.segments: dict[int, Segments] = {}
        self.known: dict[Any, int] = {}
        # The operations that stand at a place: one, but where values of several widths are read there.
        self.aliases: dict[str, list[int]] = {}
        self.pending: tuple[Gate, ...] | None = None
        self.events: dict[Gate, Gate] = {}
        # How much the places of values that are never there belong to the next concat.
        self.vacant: list[Gate] = []
        # The innermost graph in which something did not fit.
        self.failed = ""

    # ---- rows ----

    def row(self, kind: RowKind, path: str, place: str, columns: Iterable[str], group: str = "") -> int:
        """The number of a row, made where it is new."""
        key = (path, place)
        if key not in self.rows:
            self.rows[key] = len(self.drafts)
            self.drafts.append(Draft(kind, path, place, tuple(columns), group))
        return self.rows[key]

    def edge_of(self, path: str) -> str:
        """The member of a set that a decision is made for; nothing for one that is shared by all who reach it."""
        below = any(path == own or path.startswith((f"{own}.", f"{own}[")) for own in self.redirected)
        return self.place if below else ""

    def is_open(self, path: str) -> bool:
        return path not in self.chosen

    @contextmanager
    def taking(self, path: str, chosen: object, gate: Gate) -> Iterator[None]:
        """Inside, a decision is taken, and everything is there as much as the gate says."""
        outer = self.gate
        self.gate = times(outer, gate)
        fresh = path not in self.taken_now
        if fresh:
            self.taken_now[path] = chosen
        try:
            yield
        finally:
            self.gate = outer
            if fresh:
                del self.taken_now[path]

    @contextmanager
    def under(self, gate: Gate) -> Iterator[None]:
        outer, self.gate = self.gate, times(self.gate, gate)
        try:
            yield
        finally:
            self.gate = outer

    @contextmanager
    def again(self) -> Iterator[None]:
        """What is lowered inside stands where other alternatives stand too: paths are counted as for those."""
        paths, siblings = dict(self.paths), dict(self.siblings)
        stages = {key: dict(counts) for key, counts in self.stages.items()}
        try:
            yield
        finally:
            self.paths = paths
            self.siblings.clear()
            self.siblings.update(siblings)
            for key, counts in self.stages.items():
                counts.clear()
                counts.update(stages.get(key, {}))

    def limit(self, numbers: Iterable[int], gate: Gate) -> None:
        """Operations that were emitted are there under one more condition."""
        for number in numbers:
            self.gates[number] = times(self.gates[number], gate)

    def chance(self, gates: Iterable[Gate]) -> Gate:
        """How much any of them is there; all alternatives of a decision together are there."""
        return any_of(gates, lambda row: len(self.drafts[row].columns))

    # ---- operations ----

    def emit(
        self, name: str, args: Mapping[str, Value], wires: tuple[Wire, ...], span: Span, missing: tuple[int, ...] = ()
    ) -> Wire:
        plain = self.form.affine == "none" or (self.form.affine == "outside" and self.in_graph)
        if name == "batch_norm" and plain:
            args = {**args, "affine": 0}
        made = super().emit(name, args, wires, span)
        assert made.position is not None
        if made.position not in self.segments:
            alive = self.alive(name, args, wires, span)
            if alive is not None:
                self.segments[made.position] = alive
                if name not in _QUIET and name not in _SUMS and name not in (MIX, "concat"):
                    return self.emit(MASK, {}, (made,), span)
        return made

    @property
    def in_graph(self) -> bool:
        return any(scope.kind == "graph" for scope in self.scopes)

    def ghost(self, name: str, shape: Shape, wires: tuple[Wire, ...]) -> Wire:
        return Wire(shape, None)

    def added(self, op: Op) -> Wire:
        """The operation, or one that delivers the same: what has no weights is computed once for each value."""
        assert op.shape is not None
        gates, self.pending = self.pending, None
        role = get(op.name).role
        free = self.sharing and op.params == 0 and role in ("operation", "merge") and op.name != "dropout"
        own = () if free else (op.path,)
        key = (*own, op.name, op.args, op.inputs, gates)
        found = self.known.get(key) if self.sharing else None
        if found is None:
            found = self.known[key] = len(self.ops)
            self.ops.append(op)
            self.gates.append(self.gate)
            if gates is not None:
                self.mixtures[found] = gates
        elif self.gates[found] != ONE:
            self.gates[found] = ONE if self.gate == ONE else plus(self.gates[found], self.gate)
        at = self.aliases.setdefault(standing(op.path), [])
        if found not in at:
            at.append(found)
        return Wire(op.shape, found)

    # ---- channels ----

    def of(self, wire: Wire) -> Segments:
        """The channels of a value."""
        held = None if wire.position is None else self.segments.get(wire.position)
        return held if held is not None else ((wire.shape.width, ONE),)

    def alive(self, name: str, args: Mapping[str, Value], wires: tuple[Wire, ...], span: Span) -> Segments | None:
        """The channels of what an operation delivers; None where all are there. E0903 where it mixes channels."""
        vacant = self.vacant if name == "concat" else []
        if not any(w.position in self.segments for w in wires) and all(gate == ONE for gate in vacant):
            return None
        if name in _MAPS and args.get("groups", 1) == 1:
            return None
        if name in _CHANNELWISE and len(wires) == 1:
            return self.of(wires[0])
        if name == "concat":
            layout = args.get("layout")
            places = layout if isinstance(layout, tuple) else (-1,) * len(wires)
            ahead, free = iter(wires), iter(vacant)
            return tuple(
                part
                for width in places
                for part in (((width, next(free, ONE)),) if width >= 0 else self.of(next(ahead)))
            )  # fmt: skip
        if name in _SUMS:
            return self.together([(ONE, wire) for wire in wires])
        raise self.unsliced(name, span, *wires)

    def sliced(self, wire: Wire) -> bool:
        """Whether channels of a value may be missing."""
        return wire.position in self.segments

    def widths(self, wire: Wire) -> set[int]:
        """All widths that a value may have in a genotype, and maybe some that it has in none."""
        found = {0}
        for count, gate in self.of(wire):
            found = {width + count for width in found} | (set() if gate == ONE else found)
        return found

    def unsliced(self, name: str, span: Span, *wires: Wire) -> Exception:
        """E0903 for an operation that cannot take values some of whose channels are missing: by which decisions."""
        numbers = {row for wire in wires for _, gate in self.of(wire) for row in rows(gate)}
        paths = sorted({self.drafts[row].path for row in numbers})
        shown = ", ".join(f"`{path}`" for path in paths[:3]) + (" and others" if len(paths) > 3 else "")
        return error(
            "E0903", f"{shown} decide which channels `{name}` reads, and it mixes them", span,
            "cannot be relaxed", notes=("what is not there in a narrower value would take part",),
            helps=("decide the width before: --fix or --restrict",),
        )  # fmt: skip

    def together(self, terms: Sequence[tuple[Gate, Wire]]) -> Segments | None:
        """The channels of a sum, in which narrower values have zeros at their end; None where all are there."""
        ends = sorted({end for _, wire in terms for end in _ends(self.of(wire))})
        found: list[tuple[int, Gate]] = []
        start = 0
        for end in ends:
            there = [times(event(gate, self.events), own) for gate, wire in terms for own in _at(self.of(wire), start)]
            full = len(there) == len(terms) and all(own == ONE for _, w in terms for own in _at(self.of(w), start))
            found.append((end - start, ONE if full else self.chance(there)))
            start = end
        return None if all(gate == ONE for _, gate in found) else tuple(found)

    # ---- mixtures ----

    @property
    def span(self) -> Span:
        """Where the root is declared: a mixture stands nowhere in the text."""
        root = self.skeleton.root
        return root.span if isinstance(root, sk.Net) else self.skeleton.graphs[root].span

    def mixed(self, terms: Sequence[tuple[Gate, Wire]], blank: Shape) -> Wire:
        """The sum of the terms, as one value; absent, of the shape `blank`, where there is none."""
        by_value: dict[int, tuple[Gate, Wire]] = {}
        for gate, wire in terms:
            if gate == ZERO or wire.position is None:
                continue
            before = by_value.get(wire.position)
            by_value[wire.position] = (gate if before is None else plus(before[0], gate), wire)
        parts = list(by_value.values())
        if not parts:
            return Wire(blank, None)
        if len(parts) == 1 and parts[0][0] == ONE:
            return parts[0][1]
        counts = [_whole(gate) for gate, _ in parts]
        if all(counts) and len({wire.shape.width for _, wire in parts}) == 1:
            repeated = tuple(wire for n, (_, wire) in zip(counts, parts, strict=True) for _ in range(n))
            return self.emit("add", {}, repeated, self.span)
        return self.mix(parts, self.span)

    def mix(self, parts: Sequence[tuple[Gate, Wire]], span: Span, segments: Segments | None = None) -> Wire:
        self.pending = tuple(gate for gate, _ in parts)
        made = Lowering.emit(self, MIX, {}, tuple(wire for _, wire in parts), span)
        assert made.position is not None
        alive = segments if segments is not None else self.together(parts)
        if alive is not None:
            self.segments.setdefault(made.position, alive)
        return made

    def optional(self, wire: Wire, gate: Gate, span: Span) -> Wire:
        """A value that joins others in a concat as much as the gate says; without it, its channels are not there."""
        if gate == ONE or wire.position is None:
            return wire
        return self.mix([(gate, wire)], span, tuple((count, times(own, gate)) for count, own in self.of(wire)))


def standing(path: str) -> str:
    """Where an operation stands, whatever the width of what it reads: that may depend on decisions before it."""
    return ".".join(_SHAPED.sub("at", part) for part in path.split("."))


def weighed(gate: Gate, terms: Terms) -> Terms:
    return [(times(gate, own), wire) for own, wire in terms]


def edge_weight(row: int) -> Gate:
    return Weight(row, EDGE)


def _ends(segments: Segments) -> Iterator[int]:
    end = 0
    for count, _ in segments:
        end += count
        yield end


def _at(segments: Segments, start: int) -> Iterator[Gate]:
    """How much the channel at a place is there; nothing behind the last."""
    end = 0
    for count, gate in segments:
        end += count
        if start < end:
            yield gate
            return


def _whole(gate: Gate) -> int:
    """A gate that is a whole number, else 0."""
    if isinstance(gate, Product) and not gate.parts and gate.factor == int(gate.factor):
        return int(gate.factor)
    return 0
