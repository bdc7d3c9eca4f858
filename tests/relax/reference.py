"""What a network computes, one operation after another as they stand: no schedule, no folding, nothing shared.

Every mixture is written out: each of its candidates times its weight, summed up at the end. What is absent is None.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from nasdsl.compiler.dag import architecture
from nasdsl.compiler.gate import EDGE, Gate, Product, Rest, Sum, Weight
from nasdsl.compiler.module import code_of
from nasdsl.compiler.network import Network
from nasdsl.compiler.openlower import OpenNetwork
from nasdsl.compiler.supernet import Supernet
from nasdsl.ops.mixture import MASK, REJOIN

Kept = nn.Module | Tensor | None


class Reference:
    """One network with its mixtures, and what its operations keep, by their positions."""

    def __init__(self, open_network: OpenNetwork, network: Network, kept: Mapping[int, Kept]) -> None:
        self.open = open_network
        self.network = network
        self.kept = kept
        self.graph = architecture(network)
        self.mixed = network is open_network.network
        self.values: dict[int, Tensor | None] = {}
        self.value: Callable[[Gate], Tensor] = lambda gate: torch.ones(())
        self.truth: Callable[[Gate], bool] = lambda gate: True

    def run(self, given: Any, weights: Mapping[str, Tensor], active: Mapping[str, Tensor] | None = None) -> Any:
        """What the network delivers, a tensor or a list by level."""
        network = self.network
        self.value = lambda gate: value(self.open, gate, weights)
        numbers = told(weights, active)
        self.truth = lambda gate: bool(value(self.open, gate, numbers) != 0)
        inputs = [given] if isinstance(given, Tensor) else list(given)
        order = sorted(network.inputs, key=lambda n: level(network, n))
        self.values = dict(zip(order, inputs, strict=True))
        number = 0
        while number < len(network.ops):
            op = network.ops[number]
            if number in network.live and number not in self.values:
                if op.name in ("state", "elements"):
                    number = self.along(number)
                    continue
                self.values[number] = self.computed(number)
            number += 1
        ends = [self.values[n] for _, n in sorted(network.outputs, key=lambda out: out[0] or 0)]
        return ends[0] if network.outputs[0][0] is None else ends

    def along(self, first: int) -> int:
        """A cell with a state, element by element; the position behind it."""
        ops = self.network.ops
        last = next(n for n in range(first, len(ops)) if ops[n].name == "collect" and n in self.network.live)
        body = [n for n in range(first, last) if n in self.network.live]
        states = dict(self.network.feedback)
        outer = dict(self.values)
        lengths = {n: outer[ops[n].inputs[0]] for n in body if ops[n].name == "elements"}
        sequences = {n: sequence.unbind(2) for n, sequence in lengths.items() if sequence is not None}
        outs: list[Tensor] = []
        count = len(next(iter(sequences.values())))
        for i in range(count):
            self.values = dict(outer)
            for n in body:
                if n in sequences:
                    self.values[n] = sequences[n][i]
                elif ops[n].name == "state":
                    some = next(iter(sequences.values()))[0]
                    shape = ops[n].shape
                    assert shape is not None
                    self.values[n] = outs[-1] if outs else some.new_zeros(len(some), shape.width)
                    assert n in states
                else:
                    self.values[n] = self.computed(n)
            made = self.values[ops[last].inputs[0]]
            assert made is not None
            outs.append(made)
        self.values = outer
        self.values[last] = torch.stack(outs, 2)
        return last + 1

    def computed(self, number: int) -> Tensor | None:
        op = self.network.ops[number]
        read = [self.values[n] for n in op.inputs]
        if self.mixed and number in self.open.mixtures:
            return self.mixture(number, read)
        there = [x for x in read if x is not None]
        if not there or (op.name == REJOIN and read[0] is None):
            return None
        if op.name == MASK:
            widths = [(count, self.truth(gate)) for count, gate in self.open.segments[number]]
            kept = torch.cat([torch.full((count,), float(on)) for count, on in widths]).to(there[0])
            return there[0] * kept.reshape(1, -1, *[1] * (there[0].dim() - 2))
        if len(there) < len(read):
            return self.partly(number, read, there)
        return self.code(number, there)

    def mixture(self, number: int, read: list[Tensor | None]) -> Tensor | None:
        shape = self.network.ops[number].shape
        assert shape is not None
        total: Tensor | None = None
        for gate, x in zip(self.open.mixtures[number], read, strict=True):
            if x is None or not self.truth(gate):
                continue
            whole = F.pad(x, [0, 0] * (x.dim() - 2) + [0, shape.width - x.shape[1]])
            term = self.value(gate) * whole
            total = term if total is None else total + term
        return total

    def partly(self, number: int, read: list[Tensor | None], there: list[Tensor]) -> Tensor:
        op = self.network.ops[number]
        if op.name == "concat":
            shapes = [self.network.ops[n].shape for n in op.inputs]
            some = there[0]
            parts = [
                some.new_zeros(len(some), shape.width, *some.shape[2:]) if x is None else x
                for x, shape in zip(read, shapes, strict=True)
                if shape is not None
            ]
            return torch.cat(parts, 1)
        if len(there) == 1:
            return there[0]
        on = torch.tensor([x is not None for x in read])
        stacked = torch.stack(there)
        kept = self.kept.get(number)
        match op.name:
            case "add":
                return stacked.sum(0)
            case "mean":
                return stacked.mean(0)
            case "max":
                return stacked.max(0).values
            case "mul":
                return stacked.prod(0)
            case "weighted_mean":
                assert isinstance(kept, Tensor)
                return torch.tensordot(torch.softmax(kept[on], 0), stacked, 1)
            case "fuse":
                assert isinstance(kept, Tensor)
                own = kept[on].relu()
                return torch.tensordot(own, stacked, 1) / (own.sum() + 1e-4)
        raise AssertionError(op.name)

    def code(self, number: int, read: list[Tensor]) -> Tensor:
        """By the text of the operation's own builder, with what is kept in its place."""
        written = code_of(self.graph, number)
        names = [f"x{i}" for i in range(len(read))]
        scope = {"torch": torch, "F": F, "kept": self.kept.get(number), **dict(zip(names, read, strict=True))}
        made = eval(written.written(names, "kept"), scope)
        assert isinstance(made, Tensor)
        return made


def of_supernet(net: Supernet) -> Reference:
    """The reference of a supernet, with its own modules."""
    kept = {number: held(net, name) for number, name in net.places.items()}
    return Reference(net.open, net.open.network, kept)


def of_child(net: Supernet, network: Network, module: nn.Module) -> Reference:
    """The reference of a child and its module."""
    kept = {number: held(module, name) for number, name in module.places.items()}  # type: ignore[union-attr, operator]
    return Reference(net.open, network, kept)


def held(module: nn.Module, name: str) -> Kept:
    holder, _, leaf = name.rpartition(".")
    found: Kept = getattr(module.get_submodule(holder), leaf)
    return found


def level(network: Network, number: int) -> int:
    op = network.ops[number]
    return op.shape.level if op.name == "feature" and op.shape is not None else 0


def leaf(open_network: OpenNetwork, weight: Weight, weights: Mapping[str, Tensor]) -> Tensor:
    row = open_network.rows[weight.row]
    if weight.column == EDGE:
        return weights[f"{row.table}.edges"][row.index]
    return weights[row.table][row.index, weight.column]


def value(open_network: OpenNetwork, gate: Gate, weights: Mapping[str, Tensor]) -> Tensor:
    """A gate by its definition."""
    some = next(iter(weights.values()), torch.zeros((), dtype=torch.float64))
    made: Tensor
    match gate:
        case Weight():
            return leaf(open_network, gate, weights)
        case Rest():
            return 1 - value(open_network, gate.part, weights)
        case Product():
            made = some.new_tensor(gate.factor)
            for part in gate.parts:
                made = made * value(open_network, part, weights)
        case Sum():
            made = some.new_tensor(0.0)
            for part in gate.parts:
                made = made + value(open_network, part, weights)
    return made


def told(weights: Mapping[str, Tensor], active: Mapping[str, Tensor] | None) -> dict[str, Tensor]:
    """The weights that say what is there: those of some weight, and what is told to be."""
    found = {name: w.detach().double() for name, w in weights.items()}
    if active is None:
        return found
    on = {name: active.get(name, torch.zeros_like(w, dtype=torch.bool)) for name, w in found.items()}
    return {name: torch.where((w == 0) & on[name], torch.ones_like(w), w) for name, w in found.items()}
