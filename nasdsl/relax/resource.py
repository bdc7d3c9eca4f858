"""What an architecture costs, as a term of the loss that trains its parameters.

The expected cost E of a mixture is the sum of what its operations cost, each times how much it is there, as in
ProxylessNAS (Cai et al., 2019, section 3.3). Costs are those of the networks that are searched for, whatever form a
method gives them while it searches: a quarter of the channels in PC-DARTS saves nothing in the end. With one-hot
weights E is the cost of that genotype, dead operations included.

The term is added to the cross entropy. The default is `strength * |log(E / target)|`, for these reasons. Its gradient
is that of the relative change of E, so one strength does for parameters, multiply-adds and milliseconds, large networks
and small, and the unit plays no part; in log(E) / log(target) it would, with a pole where the target is 1. It is the
additive form of the reward of MnasNet (Tan et al., 2019, section 3: accuracy * (latency / target)^w): the
logarithm of a product. And it acts on both sides, as in TAS (Dong and Yang, 2019, section 3): without the bars the
target would be a constant that no gradient sees, and a search for 300M multiply-adds is to spend them.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal, Protocol, get_args
from weakref import WeakKeyDictionary

import torch
from torch import Tensor
from torch.nn import functional

from nasdsl.compiler.gate import ONE, Gate, plus, times
from nasdsl.compiler.network import Network
from nasdsl.compiler.openlower import OpenNetwork
from nasdsl.compiler.openlower import opened as reopened
from nasdsl.compiler.presence import presence
from nasdsl.compiler.supernet import Mixing
from nasdsl.diagnostics import InternalError, NasdslError, did_you_mean, error
from nasdsl.ops.primitive import Shape
from nasdsl.ops.registry import get
from nasdsl.relax.table import LatencyTable

Measure = Literal["params", "macs", "latency"]
Form = Literal["log", "hinge", "ratio"]
MEASURES: tuple[Measure, ...] = get_args(Measure)
FORMS: tuple[Form, ...] = get_args(Form)

STRENGTH = 1.0
LEAST = 1e-9
"""The smallest share of the target that has a logarithm: nothing at all costs so much."""

_COUNTS = {"": 1.0, "k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12}
_TIMES = {"us": 1e-3, "ms": 1.0, "s": 1e3}
_EXAMPLES: Mapping[Measure, str] = {"params": "params=3.3M", "macs": "macs=300M", "latency": "latency=12ms"}
_UNITS: Mapping[Measure, Mapping[str, float]] = {"params": _COUNTS, "macs": _COUNTS, "latency": _TIMES}
_NAMES: Mapping[Measure, str] = {"params": "parameters", "macs": "multiply-adds", "latency": ""}
# What else the measures are called: papers write FLOPs for multiply-adds.
_ALSO: Mapping[str, Measure] = {
    "flops": "macs", "mac": "macs", "madds": "macs", "param": "params", "parameters": "params", "time": "latency",
}  # fmt: skip
_AMOUNT = re.compile(r"(?P<number>\d+(?:\.\d*)?(?:[eE][+-]?\d+)?|\.\d+)\s*(?P<unit>[A-Za-zµ]*)")


class Opened(Protocol):
    """A supernet, as far as it is costed."""

    @property
    def open(self) -> OpenNetwork: ...


@dataclass(frozen=True)
class Resource:
    """A measure to be limited, and how strongly.

    `target` is in parameters, multiply-adds of one input, or milliseconds of a batch of the table's size. Without one
    the cost is made as low as the strength says: `log` is then `strength * log(E)`.
    `form`, of the expected cost E and the target T: `log` is `strength * |log(E / T)|`, `hinge` the same above the
    target and 0 below it, `ratio` is `strength * E / T`, to which a target is a unit and no bound (ProxylessNAS,
    section 3.3, with strength / T as its lambda).
    """

    measure: Measure
    target: float | None = None
    strength: float = STRENGTH
    form: Form = "log"
    table: LatencyTable | None = None
    command: str = ""
    # What the operations of an open network cost; a method may go on with another one that holds fewer candidates.
    known: WeakKeyDictionary[OpenNetwork, Costs] = field(default_factory=WeakKeyDictionary, repr=False, compare=False)

    def on(self, table: LatencyTable | None, command: str = "") -> Resource:
        """The same with a table of latencies, and the command that measures what it may lack."""
        return replace(self, table=table, command=command, known=WeakKeyDictionary())

    def check(self, opened: OpenNetwork) -> None:
        """Raises what can be told before a search begins.

        E0933 where the table lacks operations, E0935 for a latency without a table, E0936 where nothing has a cost,
        E0937 for a target that nothing exceeds.
        """
        most = self.of(opened).most
        if not most:
            raise error("E0936", f"no operation of this space has {_NAMES[self.measure] or 'a latency'} to be limited")
        if self.target is not None and self.target >= most:
            raise error(
                "E0937", f"the target is {self.shown(self.target)}, and all there is together has {self.shown(most)}",
                notes=("no network of the space reaches it",),
                helps=(f"a lower one: --target {self.measure}={_short(self, most / 4)}",),
            )  # fmt: skip

    def of(self, opened: OpenNetwork) -> Costs:
        """The costs of an open network's operations, worked out once."""
        found = self.known.get(opened)
        if found is None:
            evaluated = evaluation(opened)
            each = costs(evaluated.network, self.measure, self.table, self.command)
            found = Costs(evaluated, each, self.measure)
            self.known[opened] = found
        return found

    def term(self, supernet: Opened, weights: Mapping[str, Tensor]) -> Tensor:
        """A scalar to be added to the loss that trains the architecture; differentiable in the mixing weights.

        `weights` are by table, (rows, columns), as the supernet is given them.
        """
        own = self.of(supernet.open)
        ratio = own.expected(weights, own.most if self.target is None else self.target).clamp_min(LEAST)
        if self.form == "ratio":
            return self.strength * ratio
        log = torch.log(ratio)
        if self.target is None:
            return self.strength * log
        return self.strength * (functional.relu(log) if self.form == "hinge" else log.abs())

    def expected(self, supernet: Opened, weights: Mapping[str, Tensor]) -> float:
        """The expected cost under these mixing weights, in the unit of the measure."""
        with torch.no_grad():
            return float(self.of(supernet.open).expected(weights))

    def shown(self, amount: float) -> str:
        """`301M multiply-adds`, `12.3ms`."""
        return f"{_short(self, amount)} {_NAMES[self.measure]}".rstrip()


class Costs:
    """What the operations of an open network cost, added up for all that are there by the same gate.

    The cells of a network are there by the same weights, so there are far fewer gates than operations.
    """

    def __init__(self, opened: OpenNetwork, each: Sequence[float], measure: Measure) -> None:
        self.opened = opened
        # Second heads are of training alone; what is dead is built.
        heads = opened.network.with_taps.live - opened.network.live
        there = presence(opened)
        self.by_gate: dict[Gate, float] = {}
        for i, (gate, cost) in enumerate(zip(there.gates, each, strict=True)):
            if cost and i not in heads:
                own = times(gate, share(opened, i, measure))
                self.by_gate[own] = self.by_gate.get(own, 0.0) + cost
        self.values = there.needed(self.by_gate)
        # All candidates side by side.
        self.most = sum(cost for i, cost in enumerate(each) if i not in heads)

    def expected(self, weights: Mapping[str, Tensor], unit: float = 1.0) -> Tensor:
        """The expected cost in a unit, a scalar."""
        mixing = Mixing(self.opened, weights, None)
        if not self.by_gate:
            return mixing.example.new_zeros(())
        for value, gate in self.values.items():
            # Weights that do not compete, as those of FairDARTS, may add up to more than everything.
            mixing.known[value] = mixing.value(gate).clamp(max=1.0)
        there = torch.stack([mixing.value(gate) for gate in self.by_gate])
        # Divided before they are added up: float32 has no room to spare in sums of multiply-adds.
        return there @ there.new_tensor([cost / unit for cost in self.by_gate.values()])


def evaluation(opened: OpenNetwork) -> OpenNetwork:
    """The same open network as what is found is built, on the net's own input; its rows are the same.

    A limit is one of the network that is wanted, as `require` and `nasdsl info` measure it, whatever images it is
    searched on.
    """
    form = replace(opened.form, affine="all", pool_norm=False, partial=1, merged=False)
    if form == opened.form and opened.binding is None:
        return opened
    plain = reopened(opened.space, None, form)
    if plain.rows != opened.rows:
        raise InternalError(f"`{opened.network.name}` has other decisions in search form")
    return plain


def costs(network: Network, measure: Measure, table: LatencyTable | None = None, command: str = "") -> list[float]:
    """What each operation of a network costs: parameters, multiply-adds, or milliseconds.

    Raises E0933 for operations that are not in the table, E0935 where there is no table.
    """
    if measure == "latency":
        if table is None:
            raise error(
                "E0935", "a latency is limited by a table of measured operations, and there is none",
                helps=(command or "nasdsl latency SPACE -o latency.json",),
            )  # fmt: skip
        return list(table.latencies(network, command))
    return [float(op.params if measure == "params" else op.macs) for op in network.ops]


def share(opened: OpenNetwork, number: int, measure: Measure) -> Gate:
    """The part of what an operation costs with all channels, where some of those that it reads may be absent.

    A convolution has no weights for them. Latencies are taken to be proportional to the channels.
    """
    ops, op = opened.network.ops, opened.network.ops[number]
    segments = [opened.segments.get(n, ()) for n in op.inputs]
    if not any(segments):
        return ONE
    primitive, args = get(op.name), dict(op.args)
    shapes = [shape for n in op.inputs if (shape := ops[n].shape) is not None]

    def cost(widths: list[Shape]) -> float:
        inputs = tuple(widths)
        if measure == "latency":
            return sum(shape.width for shape in inputs)
        rule = primitive.params if measure == "params" else primitive.macs
        return rule(inputs, primitive.shape(inputs, args), args)

    whole = cost(shapes)
    always, parts = 1.0, []
    for place, (shape, channels) in enumerate(zip(shapes, segments, strict=True)):
        for count, gate in channels:
            if gate != ONE:
                fewer = [*shapes[:place], shape._replace(width=shape.width - count), *shapes[place + 1 :]]
                part = 1 - cost(fewer) / whole
                always -= part
                parts.append(times(gate, factor=part))
    return plus(times(factor=always), *parts)


def parse(text: str, strength: float = STRENGTH, form: Form = "log") -> Resource:
    """The resource of `macs=300M`, `params=3.3M` or `latency=12ms`; `macs` alone has no target. E0932 for another text.

    Counts take k, M, G and T, times us, ms and s, which they need.
    """
    name, equals, amount = (part.strip() for part in text.partition("="))
    measure = next((m for m in MEASURES if m == name), None)
    if measure is None:
        raise _unknown(name, amount)
    if not equals:
        if form == "hinge":
            raise error("E0932", f"a hinge needs a target for {name}", helps=(f"--target {_EXAMPLES[measure]}",))
        return Resource(measure, None, strength, form)
    return Resource(measure, _amount(measure, amount), strength, form)


def _unknown(name: str, amount: str) -> NasdslError:
    meant = _ALSO.get(name.lower())
    what = f"`{name}` is no measure" if name else "a target is a measure and an amount"
    listed = "params, macs and latency are"
    if meant is not None:
        notes = ("papers that count FLOPs mostly mean multiply-adds",) if meant == "macs" else (listed,)
        return error("E0932", what, notes=notes, helps=(f"--target {meant}{f'={amount}' if amount else ''}",))
    close = did_you_mean(name, MEASURES)
    return error("E0932", what, notes=(listed,) if name else (), helps=close or (f"--target {_EXAMPLES['macs']}",))


def _amount(measure: Measure, text: str) -> float:
    units, helps = _UNITS[measure], (f"--target {_EXAMPLES[measure]}",)
    listed = f"units are {', '.join(unit for unit in units if unit)}"
    found = _AMOUNT.fullmatch(text)
    if found is None:
        raise error("E0932", f"`{text}` is no amount of {measure}", notes=(listed,), helps=helps)
    unit = found["unit"].replace("µ", "u")
    unit = {"K": "k", "B": "G"}.get(unit, unit) if units is _COUNTS else unit
    if unit not in units:
        of = next((m for m in ("latency", "macs") if unit and unit in _UNITS[m]), None)
        said = f"`{unit}` is no unit of {measure}" if unit else f"`{text}` has no unit"
        also = (f"it is one of {of}",) if of is not None else ()
        raise error("E0932", said, notes=(listed, *also), helps=helps if unit else (f"--target {measure}={text}ms",))
    value = float(found["number"]) * units[unit]
    if not 0 < value < math.inf:
        raise error("E0932", f"a target of {measure} is above 0, and this is `{text}`", helps=helps)
    return value


def _short(resource: Resource, amount: float) -> str:
    """Three digits and a unit that can be typed again."""
    if resource.measure == "latency":
        return f"{amount:.3g}ms" if amount < 1000 else f"{amount / 1000:.3g}s"
    for unit in reversed(_COUNTS):
        if amount >= _COUNTS[unit] * 0.9995 and unit:
            return f"{amount / _COUNTS[unit]:.3g}{unit}"
    return f"{amount:.3g}"
