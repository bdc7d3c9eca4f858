"""A genotype in search form with the weights of a supernet, and the mixing weights that stand for it there."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from nasdsl.compiler import onehot
from nasdsl.compiler.dag import architecture
from nasdsl.compiler.gate import EDGE, Gate, Weight, evaluate
from nasdsl.compiler.merged import Slice
from nasdsl.compiler.mixing import standing
from nasdsl.compiler.module import Network as Module
from nasdsl.compiler.module import build
from nasdsl.compiler.network import Network
from nasdsl.compiler.openlower import OpenNetwork
from nasdsl.compiler.schedule import Plan
from nasdsl.compiler.supernet import Supernet
from nasdsl.diagnostics import InternalError
from nasdsl.space.genotype import Genotype


def one_hot(open_network: OpenNetwork, genotype: Genotype) -> dict[str, list[list[float]]]:
    """The mixing weights of a genotype by table, (rows, columns), and of edges where these have any, (rows, 1).

    An edge that is not kept, or passes through `none`, has the edge weight 0. Raises E0503.
    """
    found = onehot.one_hot(open_network.space, open_network.rows, genotype)
    if open_network.form.edges:
        for table in open_network.tables:
            rows = [row.columns[found[table.name][row.index].index(1.0)] for row in table.rows]
            found[f"{table.name}.edges"] = [[0.0 if column in ("absent", "none") else 1.0] for column in rows]
    return found


def mixing(open_network: OpenNetwork, genotype: Genotype, like: Tensor) -> dict[str, Tensor]:
    """The same as tensors of the type and on the device of `like`."""
    found = one_hot(open_network, genotype)
    made = {name: like.new_tensor(rows) for name, rows in found.items()}
    return {name: w.flatten() if name.endswith(".edges") else w for name, w in made.items()}


@torch.no_grad()
def child(supernet: Supernet, genotype: Genotype) -> Module:
    """The network of a genotype in the supernet's search form, a plain module, with its weights and statistics copied.

    Of a weight that reads values whose channels are not all there in this genotype, it has the part that is.
    """
    open_network = supernet.open
    network = open_network.child(genotype)
    made = build(architecture(network))
    some = next(supernet.parameters(), None)
    if some is not None:
        made.to(device=some.device, dtype=some.dtype)
    truth = Truth(open_network, genotype)
    for number, name in made.places.items():
        copy(kept(made, name), *truth.source(supernet, network, number))
    return made


class Truth:
    """Which operations and channels of a supernet a genotype has."""

    def __init__(self, open_network: OpenNetwork, genotype: Genotype) -> None:
        self.open = open_network
        self.weights = one_hot(open_network, genotype)
        self.known: dict[Gate, float] = {}
        self.plan: Plan | None = None

    def value(self, gate: Gate) -> float:
        def weight(leaf: Weight) -> float:
            row = self.open.rows[leaf.row]
            if leaf.column == EDGE:
                return self.weights[f"{row.table}.edges"][row.index][0]
            return self.weights[row.table][row.index][leaf.column]

        return evaluate(gate, weight, float, self.known)

    def source(self, supernet: Supernet, network: Network, number: int) -> tuple[nn.Module | Tensor, Tensor | None]:
        """What an operation of the child is called in the supernet, and the channels it reads there; None for all."""
        path = network.ops[number].path
        there = self.open.aliases.get(standing(path), [])
        there = [n for n in there if len(there) == 1 or self.value(self.open.gates[n])]
        if len(there) != 1:
            raise InternalError(f"{len(there)} operations of the supernet stand at {path}")
        (own,) = there
        found = kept(supernet, supernet.places[own])
        return found, self.joined(supernet, own) if isinstance(found, Tensor) else self.channels(own)

    def joined(self, supernet: Supernet, number: int) -> Tensor | None:
        """The values that are there, of those for which a merge has a weight each."""
        reads = self.open.network.ops[number].inputs
        if len(reads) == 1:
            return self.channels(number)
        if self.plan is None:
            self.plan = supernet.schedule.plan(lambda gate: bool(self.value(gate)))
        there = next(set(step.reads) for step in self.plan.steps if step.number == number)
        return torch.tensor([i for i, read in enumerate(reads) if read in there])

    def channels(self, number: int) -> Tensor | None:
        reads = self.open.network.ops[number].inputs
        segments = self.open.segments.get(reads[0]) if len(reads) == 1 else None
        if segments is None:
            return None
        there = [bool(self.value(gate)) for count, gate in segments for _ in range(count)]
        return torch.tensor(there).nonzero().flatten()


def kept(module: nn.Module, name: str) -> nn.Module | Tensor:
    """A module or a parameter by its dotted name."""
    holder, _, leaf = name.rpartition(".")
    found = getattr(module.get_submodule(holder), leaf)
    assert isinstance(found, nn.Module | Tensor)
    return found


def copy(into: nn.Module | Tensor, source: nn.Module | Tensor, channels: Tensor | None) -> None:
    if isinstance(into, Tensor):
        assert isinstance(source, Tensor)
        into.copy_(sliced(source, into, channels))
        return
    assert isinstance(source, nn.Module)
    held: Mapping[str, Tensor] = source.tensors() if isinstance(source, Slice) else source.state_dict()
    for name, tensor in into.state_dict().items():
        tensor.copy_(sliced(held[name], tensor, channels))


def sliced(source: Tensor, into: Tensor, channels: Tensor | None) -> Tensor:
    """The part of a weight for these channels: along the first dimension that is shorter."""
    for dim in range(source.dim()):
        if channels is not None and source.shape[dim] != into.shape[dim]:
            source = source.index_select(dim, channels.to(source.device))
    return source
