"""In which order a supernet computes, and how: read off its graph, for every space by the same rules."""

from __future__ import annotations

from collections import Counter, OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.modules.batchnorm import _BatchNorm

from nasdsl.compiler.depthwise import depthwise, quick
from nasdsl.compiler.forward import OVERWRITABLE, RELU
from nasdsl.compiler.gate import ONE, Gate
from nasdsl.compiler.generated import function
from nasdsl.compiler.network import Op
from nasdsl.compiler.norms import normalised
from nasdsl.compiler.openlower import OpenNetwork
from nasdsl.diagnostics import InternalError
from nasdsl.ops.mixture import MASK, REJOIN
from nasdsl.ops.primitive import Code, Shape, code
from nasdsl.ops.registry import get

Value = Callable[[Gate], Tensor]
Truth = Callable[[Gate], bool]
MOST_PLANS = 64


@dataclass(slots=True)
class Step:
    """One operation of a plan: what it reads, which mixtures it is added to, and which values nobody reads after it."""

    number: int
    op: Op
    reads: tuple[int, ...]
    feeds: list[tuple[int, Gate]] = field(default_factory=list)
    frees: list[int] = field(default_factory=list)
    # Whether its batch norm takes the mixing weight into its scale.
    folds: bool = False
    overwrites: bool = False


class Schedule:
    """The plans of one supernet. A plan is made for every set of candidates that run, and kept for the last of them."""

    def __init__(self, open_network: OpenNetwork, codes: Mapping[int, Code], live: Sequence[int]) -> None:
        self.open = open_network
        self.ops = open_network.network.ops
        self.live = live
        self.codes = codes
        self.functions = {number: function(_text(code, len(self.ops[number].inputs))) for number, code in codes.items()}
        # The operations that are one call of what they keep.
        self.alone = {number for number, made in codes.items() if made.expression == "{self}({all})"}
        self.loops = dict(open_network.network.feedback)
        outputs = open_network.network.outputs
        self.single = len(outputs) == 1 and outputs[0][0] is None
        self.outputs = [position for _, position in sorted(outputs, key=lambda o: o[0] or 0)]
        self.gates = dict.fromkeys(gate for number in live for gate in self.gates_of(number))
        self.plans: OrderedDict[tuple[bool, ...], Plan] = OrderedDict()

    def gates_of(self, number: int) -> tuple[Gate, ...]:
        if number in self.open.mixtures:
            return self.open.mixtures[number]
        if self.ops[number].name == MASK:
            return tuple(gate for _, gate in self.open.segments[number])
        return ()

    def plan(self, truth: Truth) -> Plan:
        """The plan for the candidates that are there."""
        pattern = tuple(map(truth, self.gates))
        found = self.plans.pop(pattern, None)
        if found is None:
            found = Plan(self, dict(zip(self.gates, pattern, strict=True)))
            if len(self.plans) >= MOST_PLANS:
                self.plans.popitem(last=False)
        self.plans[pattern] = found
        return found


class Plan:
    """The steps that run where certain candidates are there."""

    def __init__(self, schedule: Schedule, true: Mapping[Gate, bool]) -> None:
        self.schedule = schedule
        self.single = schedule.single
        self.true = true
        self.masks: dict[int, Tensor] = {}
        present = self.present()
        if not present.issuperset(schedule.outputs):
            # Of a path on which nothing reaches an output, mixtures of nothing are zeros.
            present = set(schedule.live)
        needed = self.needed(present)
        self.steps = self.made(needed)
        self.looped = self.bodies()

    def present(self) -> set[int]:
        """The operations whose values are there."""
        ops, mixtures = self.schedule.ops, self.schedule.open.mixtures
        found: set[int] = set()
        for number in self.schedule.live:
            op = ops[number]
            if number in mixtures:
                gates = mixtures[number]
                there = any(self.true[g] and i in found for g, i in zip(gates, op.inputs, strict=True))
            elif op.name == REJOIN:
                # What passes by the candidates is there where one of them is.
                there = op.inputs[0] in found
            else:
                there = not op.inputs or any(i in found for i in op.inputs)
            if there:
                found.add(number)
        return found

    def needed(self, present: set[int]) -> dict[int, tuple[int, ...]]:
        """What the outputs depend on, each with those of its inputs that are there."""
        ops, mixtures = self.schedule.ops, self.schedule.open.mixtures
        ahead = [n for n in self.schedule.outputs if n in present]
        found: dict[int, tuple[int, ...]] = {}
        while ahead:
            number = ahead.pop()
            if number in found:
                continue
            op = ops[number]
            if number in mixtures:
                gates = mixtures[number]
                reads = tuple(i for g, i in zip(gates, op.inputs, strict=True) if self.true[g] and i in present)
            else:
                reads = tuple(i for i in op.inputs if i in present)
            found[number] = reads
            ahead += reads
            if number in self.schedule.loops:
                ahead.append(self.schedule.loops[number])
        return found

    def made(self, needed: Mapping[int, tuple[int, ...]]) -> list[Step]:
        ops, mixtures = self.schedule.ops, self.schedule.open.mixtures
        steps = {number: Step(number, ops[number], needed[number]) for number in sorted(needed)}
        readers: dict[int, list[int]] = {}
        for number in steps:
            for read in steps[number].reads:
                readers.setdefault(read, []).append(number)
        ends = {*self.schedule.outputs, *self.schedule.loops.values()}
        for number, gates in mixtures.items():
            if number in steps:
                for gate, read in zip(gates, ops[number].inputs, strict=True):
                    if self.true[gate] and read in steps:
                        steps[read].feeds.append((number, gate))
        for number, step in steps.items():
            behind = readers.get(number, [])
            alone = number not in ends and len(behind) == 1
            step.folds = alone and len(step.feeds) == 1 and step.op.name == "batch_norm"
            expression = self.schedule.codes[number].expression if number in self.schedule.codes else ""
            if expression == RELU:
                (source,) = step.reads
                before = steps[source]
                step.overwrites = readers[source] == [number] and source not in ends and before.op.name in OVERWRITABLE
            # A mixture takes a value when it is made, whoever else reads it later.
            own = [reader for reader in behind if reader not in mixtures]
            if number not in ends:
                last = max(own, default=number)
                steps[last].frees.append(number)
        return list(steps.values())

    def bodies(self) -> dict[int, list[Step]]:
        """By the step that collects a sequence, those that run for every element of it."""
        found: dict[int, list[Step]] = {}
        for step in self.steps:
            if step.op.name == "collect":
                graph = next(i for i, s in reversed(list(enumerate(step.op.scopes))) if s.kind == "graph")
                place = step.op.scopes[: graph + 1]
                first = min(
                    s.number
                    for s in self.steps
                    if s.op.name in ("state", "elements") and s.op.scopes[: graph + 1] == place
                )
                found[step.number] = [s for s in self.steps if first <= s.number < step.number]
        return found

    # ---- running ----

    def run(self, net: nn.Module, inputs: Sequence[Tensor], value: Value, calls: Counter[str]) -> list[Tensor]:
        fed = dict(zip(self.ordered_inputs(), inputs, strict=True))
        run = Run(self, net, value, calls, fed)
        inside = {s.number for body in self.looped.values() for s in body}
        for step in self.steps:
            if step.number in inside:
                continue
            if step.number in self.looped:
                run.loop(step, self.looped[step.number])
            else:
                run.step(step)
        return [run.values[n] for n in self.schedule.outputs]

    def ordered_inputs(self) -> list[int]:
        ops = self.schedule.ops
        inputs = list(self.schedule.open.network.inputs)
        return sorted(inputs, key=lambda n: shape_of(ops[n]).level if ops[n].name == "feature" else 0)


class Run:
    """One forward pass."""

    def __init__(self, plan: Plan, net: nn.Module, value: Value, calls: Counter[str], fed: dict[int, Tensor]) -> None:
        self.plan = plan
        self.schedule = plan.schedule
        self.net = net
        self.value = value
        self.calls = calls
        self.values: dict[int, Tensor] = dict(fed)
        self.fed = fed
        self.dtype = next((p.dtype for p in net.parameters()), None)

    def step(self, step: Step) -> None:
        number = step.number
        if number in self.fed:
            made = self.values[number]
        elif number in self.schedule.open.mixtures:
            # A mixture of no candidate is zeros.
            made = self.values[number] = self.values[number] if number in self.values else self.nothing(step.op)
        else:
            self.calls[step.op.path] += 1
            made = self.computed(step)
            self.values[number] = made
        for mixture, gate in step.feeds:
            self.add(mixture, made, gate, folded=step.folds)
        for gone in step.frees:
            self.values.pop(gone, None)

    def nothing(self, op: Op) -> Tensor:
        """Zeros of the shape of what an operation delivers."""
        some, shape = next(iter(self.fed.values())), shape_of(op)
        return torch.zeros(len(some), shape.width, *shape.size, device=some.device, dtype=self.dtype)

    def add(self, mixture: int, made: Tensor, gate: Gate, *, folded: bool) -> None:
        """One more candidate of a mixture."""
        narrow = shape_of(self.schedule.ops[mixture]).width - made.shape[1]
        before = self.values.get(mixture)
        if folded:
            term = made
        elif before is None or narrow:
            term = made * self.value(gate) if gate != ONE else made.clone()
        else:
            self.values[mixture] = before.add_(made) if gate == ONE else before.addcmul_(made, self.value(gate))
            return
        if narrow:
            term = F.pad(term, (0, 0) * (term.dim() - 2) + (0, narrow))
        self.values[mixture] = term if before is None else before.add_(term)

    def computed(self, step: Step) -> Tensor:
        number, op = step.number, step.op
        if op.name == MASK:
            return self.values[step.reads[0]] * self.mask(number, self.values[step.reads[0]])
        kept = self.kept(number)
        if number in self.schedule.alone and isinstance(kept, _BatchNorm):
            gate = step.feeds[0][1] if step.folds else ONE
            return normalised(kept, self.values[step.reads[0]], None if gate == ONE else self.value(gate))
        reads = [self.values[n] for n in step.reads]
        if len(reads) < len(op.inputs):
            return self.partly(step)
        if step.overwrites:
            return F.relu_(reads[0])
        if number in self.schedule.alone and quick(kept):
            return depthwise(kept, reads[0])
        made: Tensor = self.schedule.functions[number](kept, *reads)
        return made

    def kept(self, number: int) -> Any:
        name = self.net.places.get(number)  # type: ignore[union-attr, operator]
        if name is None:
            return None
        holder, _, leaf = name.rpartition(".")
        return getattr(self.net.get_submodule(holder), leaf)

    def mask(self, number: int, like: Tensor) -> Tensor:
        """1 for the channels that are there, 0 for others, of a shape that multiplies the value."""
        held = self.plan.masks.get(number)
        if held is None:
            segments = self.schedule.open.segments[number]
            numbers = [float(self.plan.true[gate]) for count, gate in segments for _ in range(count)]
            held = like.new_tensor(numbers).reshape(1, -1, *(1 for _ in like.shape[2:]))
            self.plan.masks[number] = held
        return held

    def partly(self, step: Step) -> Tensor:
        """A merge of which some values are absent: zeros in a concat, no terms elsewhere."""
        op, ops = step.op, self.schedule.ops
        there = {n: self.values[n] for n in step.reads}
        if op.name == "concat":
            some = next(iter(there.values()))
            ahead = iter(op.inputs)
            parts = []
            layout = dict(op.args).get("layout")
            for place in layout if isinstance(layout, tuple) else (-1,) * len(op.inputs):
                number = next(ahead) if place < 0 else None
                width = place if number is None else shape_of(ops[number]).width
                zeros = some.new_zeros(len(some), width, *some.shape[2:])
                parts.append(zeros if number is None else there.get(number, zeros))
            return torch.cat(parts, 1)
        if len(step.reads) == 1:
            return there[step.reads[0]]
        shapes = tuple(shape_of(ops[n]) for n in step.reads)
        made = code(get(op.name).build(shapes, shape_of(op), dict(op.args)))  # type: ignore[misc]
        kept = None
        if made.kept is not None:
            # Of a merge with a weight for each value, the weights of those that are there.
            kept = self.kept(step.number)
            if not isinstance(kept, Tensor):
                raise InternalError(f"`{op.name}` keeps a module for values that may be absent")
            kept = kept[[i for i, n in enumerate(op.inputs) if n in there]]
        merged: Tensor = function(_text(made, len(shapes)))(kept, *(there[n] for n in step.reads))
        return merged

    def loop(self, collect: Step, body: Sequence[Step]) -> None:
        """The step of a cell with a state for every element of its sequences."""
        elements = [s for s in body if s.op.name == "elements"]
        states = [s for s in body if s.op.name == "state"]
        sequences = [self.values[s.reads[0]].unbind(2) for s in elements]
        # Without an element that is read, of the states alone.
        first = sequences[0][0] if sequences else self.nothing(collect.op)
        length = int(str(dict(collect.op.args)["length"]))
        for state in states:
            self.values[state.number] = first.new_zeros(len(first), shape_of(state.op).width)
        outputs: list[Tensor] = []
        kept = {s.reads[0] for s in elements}
        for i in range(length):
            held = {n: v for n, v in self.values.items() if n not in {s.number for s in body}}
            previous = {s.number: self.values[s.number] for s in states}
            read = {s.number: sequence[i] for s, sequence in zip(elements, sequences, strict=True)}
            self.values = {**held, **previous, **read}
            for step in body:
                if step.op.name in ("elements", "state"):
                    for mixture, gate in step.feeds:
                        self.add(mixture, self.values[step.number], gate, folded=False)
                    continue
                frees, step.frees = step.frees, []
                self.step(step)
                step.frees = frees
            out = self.values[collect.reads[0]]
            outputs.append(out)
            for state in states:
                self.values[state.number] = out
        self.values[collect.number] = torch.stack(outputs, 2)
        for mixture, gate in collect.feeds:
            self.add(mixture, self.values[collect.number], gate, folded=False)
        for s in body:
            self.values.pop(s.number, None)
        for number in {*collect.frees, *(n for s in body for n in s.frees)} - kept:
            self.values.pop(number, None)


def shape_of(op: Op) -> Shape:
    """The shape of what an operation delivers; none in a supernet is absent."""
    if op.shape is None:
        raise InternalError(f"{op.path} is absent")
    return op.shape


def _text(code: Code, count: int) -> str:
    names = [f"x{i}" for i in range(count)]
    return f"def run(kept, {', '.join(names)}):\n    return {code.written(names, 'kept')}\n"
