"""An architecture graph as a PyTorch module: plain modules, with straight-line code over the live operations."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from types import MappingProxyType
from typing import Any, TypeVar

import networkx as nx
import torch
from torch import nn

from nasdsl.compiler.forward import Forward, Kept, edges
from nasdsl.compiler.generated import function
from nasdsl.compiler.namespace import Namespace
from nasdsl.compiler.units import Graph, Key, Unit, divided, every, readers, sources
from nasdsl.diagnostics import error
from nasdsl.ops import registry
from nasdsl.ops.primitive import Code, code


class Part(nn.Module):
    """A network, or one use of a cell or motif in it. `written` is the text of its `forward`."""

    written = ""

    def __init__(self, label: str) -> None:
        super().__init__()
        self.label = label


class Network(Part):
    """A network that `build` made. `str` of it is its code, `repr` the tree of its modules."""

    # What `evaluated` turns it into, and the modules of its second heads.
    plain: type[Network] | None = None
    heads: tuple[str, ...] = ()
    # Convolutions whose value goes through a batch norm alone, each with that.
    normed: tuple[tuple[str, str], ...] = ()
    # The modules and parameters by the positions of their operations.
    places: Mapping[int, str] = MappingProxyType({})

    @property
    def code(self) -> str:
        """The network as a Python file of its own, which needs only torch; see `nasdsl.compiler.source`."""
        from nasdsl.compiler.source import source

        return source(self)

    def __str__(self) -> str:
        return self.code


class DropPath(nn.Module):
    """Drops the whole value of an edge for a share `p` of the batch in training, and scales the others (drop path)."""

    def __init__(self, p: float = 0.0) -> None:
        super().__init__()
        self.p = p

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(batch, ...) to the same shape."""
        if not self.training or self.p == 0:
            return x
        kept = torch.full((len(x), *[1] * (x.dim() - 1)), 1 - self.p, dtype=x.dtype, device=x.device)
        return x * torch.bernoulli(kept) / (1 - self.p)

    def extra_repr(self) -> str:
        return f"p={self.p}"


class Function(nn.Module):
    """A plain function, as a plug-in may give it for an operation that keeps nothing."""

    def __init__(self, function: Callable[..., Any]) -> None:
        super().__init__()
        self.function = function

    def forward(self, *values: torch.Tensor) -> Any:
        return self.function(*values)


def build(
    graph: nx.MultiDiGraph[int],
    seed: int | None = None,
    *,
    taps: bool = False,
    drop_path: float | None = None,
    dtype: torch.dtype | None = None,
    device: torch.device | str | None = None,
) -> Network:
    """The module that computes `graph`, the architecture graph of a network.

    It takes one tensor (batch, channels, height, width), (batch, channels, length) or token numbers (batch, length),
    for a pyramid a list of tensors ordered by level, and returns likewise. With `taps` it returns in training a pair:
    that, and a dict of what the second heads deliver, by name; in evaluation the heads are off. With `drop_path` the
    values of a node's edges, but identities, are dropped with that probability in training; see `set_drop_path`.

    Names of parameters are the paths of the genotype: `stage0.normal1.n2.op0.conv.weight`. Convolutions are laid out
    channels-last, which is quicker on a CPU, and take images of any layout. Weights have PyTorch's default
    initialisation: drawn from `seed` on the CPU, so alike on every device and without a trace in the global generator;
    without a seed from the global generator.

    Raises NasdslError where nothing reaches an output (E0412), where a cell with a state reads no element (E0617), and
    for an operation without a builder (E0282).
    """
    outputs = _ordered_outputs(graph)
    if outputs is None:
        raise error("E0412", f"`{graph.graph['name']}` has no live output, so there is nothing to build")
    numbers = sorted(n for n, live in graph.nodes(data="live") if live)
    if taps:
        # Behind the others, so that a seed gives those the same weights with taps and without.
        numbers += sorted(n for n, tap in graph.nodes(data="tap") if tap)
    with seeded(seed):
        codes = {number: code_of(graph, number) for number in numbers if _is_operation(graph, number)}
    heads = {tap.name: tap.position for tap in graph.graph["taps"]} if taps else {}
    network = _Assembly(graph, codes, drop_path).network(numbers, outputs, heads)
    network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    return network if dtype is None and device is None else network.to(device=device, dtype=dtype)


def evaluated(network: Network) -> Network:
    """The same network, changed in place: without the second heads that it was built with, and their weights."""
    if network.plain is not None:
        for name in network.heads:
            holder, _, leaf = name.rpartition(".")
            delattr(network.get_submodule(holder), leaf)
        network.__class__ = network.plain
    return network


def set_drop_path(network: nn.Module, p: float) -> None:
    """Sets the probability with which the edges of a network built with `drop_path` are dropped in training."""
    for module in network.modules():
        if isinstance(module, DropPath):
            module.p = p


def _is_operation(graph: Graph[int], number: int) -> bool:
    return registry.get(graph.nodes[number]["op"]).role in ("operation", "merge")


def code_of(graph: Graph[int], number: int) -> Code:
    node = graph.nodes[number]
    build = registry.get(node["op"]).build
    if build is None:
        raise registry.unbuilt(node["op"])
    shapes = tuple(graph.nodes[source]["shape"] for source in sources(graph, number))
    try:
        made = code(build(shapes, node["shape"], node["args"]))
    except Exception as failure:
        raise registry.failed(node["op"], "builder", failure) from failure
    if made.kept is not None and not isinstance(made.kept, nn.Module | nn.Parameter):
        return Code(made.expression, Function(made.kept))
    return made


def _ordered_outputs(graph: Graph[int]) -> list[int] | int | None:
    """The delivered node, or those of a pyramid by level; None for a dead network."""
    outputs = list(graph.graph["outputs"])
    if len(outputs) == 1 and outputs[0][0] is None:
        return int(outputs[0][1])
    return [node for _, node in sorted(outputs)] or None


@contextmanager
def seeded(seed: int | None) -> Iterator[None]:
    if seed is None:
        yield
        return
    with torch.random.fork_rng(devices=()):
        torch.default_generator.manual_seed(seed)
        yield


class _Assembly:
    """Puts the modules of one network where their names say, and writes the code between them."""

    def __init__(self, graph: Graph[int], codes: Mapping[int, Code], drop_path: float | None) -> None:
        self.graph = graph
        self.drop_path = drop_path
        self.names = Namespace()
        self.kept = Kept(codes, {}, {}, {})

    def network(self, numbers: list[int], outputs: list[int] | int, taps: Mapping[str, int]) -> Network:
        ends = [outputs] if isinstance(outputs, int) else outputs
        root = divided(self.graph, numbers, [*ends, *taps.values()])
        self.kept = self.named(root)
        network = Network(str(self.graph.graph["name"]))
        self.fill(network, root)
        inputs = self.inputs()
        kind = self.written(Network, Forward(self.graph, root, self.kept).of_network(inputs, outputs, taps))
        if taps:
            live = [number for number in numbers if self.graph.nodes[number]["live"]]
            plain = Forward(self.graph, divided(self.graph, live, ends), self.kept)
            kind.plain = self.written(Network, plain.of_network(inputs, outputs, {}))
            kind.heads = tuple(self.kept.operations[n] for n in numbers[len(live) :] if n in self.kept.operations)
        network.__class__ = kind
        network.places = dict(self.kept.operations)
        network.normed = tuple(self.normed(numbers, [*ends, *taps.values()]))
        return network

    def normed(self, numbers: list[int], ends: list[int]) -> Iterator[tuple[str, str]]:
        nodes, kept = self.graph.nodes, self.kept.operations
        for number in (n for n in numbers if nodes[n]["op"] == "batch_norm"):
            (source,) = sources(self.graph, number)
            alone = len(readers(self.graph, source)) == 1 and source not in ends
            if alone and source in kept and nodes[source]["op"] in ("conv", "dw_conv", "linear"):
                yield kept[source], kept[number]

    def named(self, root: Unit) -> Kept:
        """The names of everything that the network keeps."""
        net, codes = f"{self.graph.graph['name']}.", self.kept.codes
        units: dict[Key, str] = {}
        drops: dict[Key, str] = {}
        operations: dict[int, str] = {}
        for unit in every(root):
            path = [scope.name for scope in unit.scopes if scope.kind != "net"]
            units[unit.key] = self.names.holder(part for name in path for part in name.split("."))
            for item in unit.items:
                if isinstance(item, int) and item in codes and codes[item].kept is not None:
                    node = self.graph.nodes[item]
                    operations[item] = self.names.name(node["path"].removeprefix(net), node["op"])
            if self.drop_path is not None and self.has_edges(unit):
                drops[unit.key] = self.names.name(".".join((*path, "drop_path")), "drop_path")
        return Kept(codes, operations, units, drops)

    def has_edges(self, unit: Unit) -> bool:
        places = (self.graph.nodes[item]["scopes"] if isinstance(item, int) else item.scopes for item in unit.items)
        return any(True for place in places for _ in edges(place[len(unit.scopes) :]))

    def fill(self, network: Network, unit: Unit) -> None:
        """Puts what a unit keeps into the network, in the order in which it runs."""
        if unit.key in self.kept.drops:
            put(network, self.kept.drops[unit.key], DropPath(self.drop_path or 0.0))
        for item in unit.items:
            if isinstance(item, Unit):
                assert item.scope is not None
                text = Forward(self.graph, item, self.kept).of_use()
                put(network, self.kept.units[item.key], self.written(Part, text)(item.scope.label))
                self.fill(network, item)
            elif item in self.kept.operations:
                put(network, self.kept.operations[item], self.kept.codes[item].kept)

    def inputs(self) -> list[int]:
        """What the network is given, a pyramid by level."""
        inputs = list(self.graph.graph["inputs"])
        nodes = self.graph.nodes
        return sorted(inputs, key=lambda n: nodes[n]["shape"].level if nodes[n]["op"] == "feature" else 0)

    def written(self, base: type[P], text: str) -> type[P]:
        """The class with this `forward`; uses that are written alike have one."""
        return type(base.__name__, (base,), {"forward": function(text), "written": text})


P = TypeVar("P", bound=Part)


def put(network: nn.Module, name: str, kept: Any) -> None:
    """Puts a module or a parameter at its dotted name; what holds it is made where it is missing."""
    *holders, leaf = name.split(".")
    holder = network
    for part in holders:
        inner = holder._modules.get(part)
        if inner is None:
            inner = nn.Module()
            holder.add_module(part, inner)
        holder = inner
    setattr(holder, leaf, kept)
