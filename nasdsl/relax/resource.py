"""What an architecture costs, as a term of the loss that trains its parameters.

The expected cost E of a mixture is the sum of what its operations cost, each times how much it is there, as in
ProxylessNAS (Cai et al., 2019, section 3.3). With one-hot weights it is the cost of that genotype, so E is exact at
both ends and differentiable between them.

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
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal, Protocol, get_args

import torch
from torch import Tensor
from torch.nn import functional

from nasdsl.compiler.network import Network
from nasdsl.diagnostics import InternalError, NasdslError, did_you_mean, error
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


class Open(Protocol):
    """An open network: every decision of a space side by side."""

    @property
    def network(self) -> Network: ...


class Costed(Protocol):
    """A supernet, as far as it is costed."""

    def cost(self, weights: Mapping[str, Tensor], costs: Tensor) -> Tensor: ...


@dataclass(frozen=True)
class Resource:
    """A measure to be limited, and how strongly. `on` gives it the costs of one supernet's operations.

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
    costs: tuple[float, ...] = ()

    def on(self, opened: Open, table: LatencyTable | None = None, command: str = "") -> Resource:
        """The same, with the costs of an open network's operations.

        `command` is what measures them into the table. Raises E0933 where the table lacks some, E0935 for a latency
        without a table, E0936 where nothing has a cost, E0937 for a target that nothing exceeds.
        """
        found = tuple(costs(opened, self.measure, table, command))
        most = sum(found)
        if not most:
            raise error("E0936", f"no operation of this space has {_NAMES[self.measure] or 'a latency'} to be limited")
        if self.target is not None and self.target >= most:
            raise error(
                "E0937", f"the target is {self.shown(self.target)}, and all there is together has {self.shown(most)}",
                notes=("no network of the space reaches it",),
                helps=(f"a lower one: --target {self.measure}={_short(self, most / 4)}",),
            )  # fmt: skip
        return replace(self, costs=found)

    def term(self, supernet: Costed, weights: Mapping[str, Tensor]) -> Tensor:
        """A scalar to be added to the loss that trains the architecture; differentiable in the mixing weights."""
        ratio = self._cost(supernet, weights, self._unit).clamp_min(LEAST)
        if self.form == "ratio":
            return self.strength * ratio
        log = torch.log(ratio)
        if self.target is None:
            return self.strength * log
        return self.strength * (functional.relu(log) if self.form == "hinge" else log.abs())

    def expected(self, supernet: Costed, weights: Mapping[str, Tensor]) -> float:
        """The expected cost under these mixing weights, in the unit of the measure."""
        with torch.no_grad():
            return float(self._cost(supernet, weights, 1.0))

    def shown(self, amount: float) -> str:
        """`301M multiply-adds`, `12.3 ms`."""
        return f"{_short(self, amount)} {_NAMES[self.measure]}".rstrip()

    @property
    def _unit(self) -> float:
        return sum(self.costs) if self.target is None else self.target

    def _cost(self, supernet: Costed, weights: Mapping[str, Tensor], unit: float) -> Tensor:
        if not self.costs:
            raise InternalError("a resource is given the costs of a supernet before it is used")
        like = next(iter(weights.values()))
        # Divided before they are added up: float32 has no room to spare in sums of multiply-adds.
        each = torch.tensor([cost / unit for cost in self.costs], dtype=like.dtype, device=like.device)
        return supernet.cost(weights, each)


def costs(opened: Open, measure: Measure, table: LatencyTable | None = None, command: str = "") -> list[float]:
    """What each operation of an open network costs: parameters, multiply-adds, or milliseconds.

    Raises E0933 for operations that are not in the table, E0935 where there is no table.
    """
    network = opened.network
    if measure == "latency":
        if table is None:
            raise error(
                "E0935", "a latency is limited by a table of measured operations, and there is none",
                helps=(command or "nasdsl latency SPACE -o latency.json",),
            )  # fmt: skip
        return list(table.latencies(network, command))
    return [float(op.params if measure == "params" else op.macs) for op in network.ops]


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
