"""A space as one trainable network: every candidate at its place, mixed by weights that are given with the input.

The schedule is read off the graph. Operations without weights run once for each value they read; a mixture is added up
as its candidates come, in one buffer for each node; where a candidate ends in a batch norm that nobody else reads, its
mixing weight is folded into the scale. What no weight is on does not run.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn

from nasdsl.compiler.dag import architecture
from nasdsl.compiler.gate import EDGE, Gate, Weight, evaluate
from nasdsl.compiler.merged import merge
from nasdsl.compiler.module import code_of, put, seeded
from nasdsl.compiler.namespace import Namespace
from nasdsl.compiler.openlower import OpenNetwork
from nasdsl.compiler.schedule import Plan, Schedule
from nasdsl.ops.mixture import MASK, MIX
from nasdsl.ops.primitive import Code
from nasdsl.ops.registry import get


class Supernet(nn.Module):
    """The supernet of an open network. `parameters()` are its weights; architecture parameters are not among them.

    Names of modules are the paths of their operations. Weights have PyTorch's default initialisation, drawn from `seed`
    on the CPU; without a seed from the global generator.
    """

    def __init__(self, open_network: OpenNetwork, seed: int | None = None, dtype: torch.dtype | None = None) -> None:
        super().__init__()
        self.open = open_network
        graph = architecture(open_network.network)
        names, net = Namespace(), f"{open_network.network.name}."
        live = sorted(open_network.network.live)
        codes: dict[int, Code] = {}
        self.places: dict[int, str] = {}
        with seeded(seed):
            for number in live:
                op = open_network.network.ops[number]
                if op.name in (MIX, MASK) or get(op.name).role not in ("operation", "merge"):
                    continue
                codes[number] = code_of(graph, number)
                if codes[number].kept is not None:
                    self.places[number] = names.name(op.path.removeprefix(net), op.name)
                    put(self, self.places[number], codes[number].kept)
        if open_network.form.merged:
            merge(self, self.places, open_network.network.ops)
        self.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        if dtype is not None:
            self.to(dtype)
        self.schedule = Schedule(open_network, codes, live)
        # How often each operation ran in the last forward pass, by its path.
        self.calls: Counter[str] = Counter()

    @property
    def tables(self) -> Any:
        return self.open.tables

    def forward(
        self, x: Tensor | list[Tensor], weights: Mapping[str, Tensor], active: Mapping[str, Tensor] | None = None
    ) -> Any:
        """The mixture of all candidates.

        `x` is (batch, channels, height, width), or what else the net reads. `weights` are mixing weights by table,
        (rows, columns), and `NAME.edges`, (rows,), where edges have weights. What has the weight 0 does not run, but
        where `active`, of the same shapes, holds True: its gradient is asked for.
        Where nothing reaches an output, values that are not there are zeros.
        """
        inputs = [x] if isinstance(x, Tensor) else list(x)
        mixing = Mixing(self.open, weights, active)
        plan = self.schedule.plan(mixing.truth)
        self.calls = Counter()
        outputs = plan.run(self, inputs, mixing.value, self.calls)
        return outputs[0] if plan.single else outputs


class Mixing:
    """The mixing weights of one forward pass, and what is calculated of them."""

    def __init__(
        self, open_network: OpenNetwork, weights: Mapping[str, Tensor], active: Mapping[str, Tensor] | None
    ) -> None:
        self.rows = open_network.rows
        self.parts = {name: tensor.reshape(-1).unbind() for name, tensor in weights.items()}
        numbers = {name: tensor.detach().reshape(-1).tolist() for name, tensor in weights.items()}
        if active is not None:
            for name, mask in active.items():
                there = mask.reshape(-1).tolist()
                numbers[name] = [n if n != 0 or not on else 1.0 for n, on in zip(numbers[name], there, strict=True)]
        self.numbers = numbers
        self.dense = all(all(row) for row in numbers.values())
        self.known: dict[Gate, Tensor] = {}
        self.known_truth: dict[Gate, float] = {}
        some = next(iter(weights.values()), None)
        self.example = some if some is not None else torch.zeros(())

    def place(self, weight: Weight) -> tuple[str, int]:
        row = self.rows[weight.row]
        if weight.column == EDGE:
            return f"{row.table}.edges", row.index
        return row.table, row.index * len(row.columns) + weight.column

    def value(self, gate: Gate) -> Tensor:
        """The value of a gate, a scalar."""

        def weight(leaf: Weight) -> Tensor:
            name, at = self.place(leaf)
            return self.parts[name][at]

        return evaluate(gate, weight, self.example.new_tensor, self.known)

    def truth(self, gate: Gate) -> bool:
        """Whether anything is there by this gate."""

        def weight(leaf: Weight) -> float:
            name, at = self.place(leaf)
            return self.numbers[name][at]  # type: ignore[no-any-return]

        return bool(evaluate(gate, weight, float, self.known_truth))


__all__ = ["Plan", "Supernet"]
