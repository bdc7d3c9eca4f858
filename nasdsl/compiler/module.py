"""An architecture graph as a PyTorch module: straight-line code over its live operations."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from keyword import iskeyword
from typing import Any

import networkx as nx
import torch
from torch import fx, nn
from torch.fx.proxy import GraphAppendingTracer
from torch.nn import functional

from nasdsl.diagnostics import InternalError, error
from nasdsl.ops import registry
from nasdsl.ops.primitive import Shape, code


def build(
    graph: nx.MultiDiGraph[int],
    seed: int | None = None,
    *,
    taps: bool = False,
    dtype: torch.dtype | None = None,
    device: torch.device | str | None = None,
) -> fx.GraphModule:
    """The module that computes `graph`, the architecture graph of a network.

    It takes one tensor (batch, channels, height, width), or for a pyramid a list of tensors ordered by level, and
    returns likewise. With `taps` it returns a pair: that, and a dict of what the second heads deliver, by name.
    Weights have PyTorch's default initialisation: drawn from `seed` on the CPU, so alike on every
    device and without a trace in the global generator; without a seed from the global generator.
    Raises NasdslError where nothing reaches an output (E0412), where a state is fed back (E0617) and for an operation
    without a builder (E0282).
    """
    name = str(graph.graph["name"])
    outputs = _ordered_outputs(graph)
    if not outputs:
        raise error("E0412", f"`{name}` has no live output, so there is nothing to build")
    if any(graph.nodes[state]["live"] for state, _ in graph.graph["feedback"]):
        raise error("E0617", f"`{name}` feeds a state back, and this version builds no module that does")
    writer = _Writer(graph)
    with _seeded(seed):
        for number in sorted(n for n, live in graph.nodes(data="live") if live):
            writer.operation(number)
        # Behind the others, so that a seed gives those the same weights with taps and without.
        for number in sorted(n for n, tap in graph.nodes(data="tap") if tap and taps):
            writer.operation(number)
    writer.deliver(outputs, {tap.name: tap.position for tap in graph.graph["taps"]} if taps else None)
    module = fx.GraphModule(writer.modules, writer.code, class_name=_identifier(name))
    return module if dtype is None and device is None else module.to(device=device, dtype=dtype)


def evaluated(module: fx.GraphModule) -> fx.GraphModule:
    """The same module, changed in place: without the second heads that it was built with, and without their weights."""
    end = next(node for node in module.graph.nodes if node.op == "output")
    end.args = (end.args[0][0],)
    module.graph.eliminate_dead_code()
    module.delete_all_unused_submodules()
    module.recompile()
    return module


def _ordered_outputs(graph: nx.MultiDiGraph[int]) -> list[int] | int | None:
    """The delivered node, or those of a pyramid by level; None for a dead network."""
    outputs = list(graph.graph["outputs"])
    if len(outputs) == 1 and outputs[0][0] is None:
        return int(outputs[0][1])
    return [node for _, node in sorted(outputs)] or None


@contextmanager
def _seeded(seed: int | None) -> Iterator[None]:
    if seed is None:
        yield
        return
    with torch.random.fork_rng(devices=()):
        torch.default_generator.manual_seed(seed)
        yield


class _Tracer(GraphAppendingTracer):
    """Records what is done to proxies, and names every recorded value after the operation being written."""

    label: str = ""

    def create_node(
        self,
        kind: str,
        target: fx.node.Target,
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        name: str | None = None,
        type_expr: Any | None = None,
    ) -> fx.Node:
        return super().create_node(kind, target, args, kwargs, self.label, type_expr)


class _Writer:
    """Writes the code of one graph; `modules` holds the submodules it calls, by name."""

    def __init__(self, graph: nx.MultiDiGraph[int]) -> None:
        self.graph = graph
        self.code = fx.Graph()
        self.modules: dict[str, Any] = {}
        self._tracer = _Tracer(self.code)
        self._names = Namespace()
        self._net = f"{graph.graph['name']}."
        self._values: dict[int, fx.Proxy] = {}
        self._read_inputs()

    def operation(self, number: int) -> None:
        """Write the operation at node `number`, whose inputs have been written."""
        if number in self._values:
            return
        node = self.graph.nodes[number]
        sources = self._sources(number)
        shapes = tuple(self.graph.nodes[source]["shape"] for source in sources)
        path = node["path"].removeprefix(self._net)
        self._tracer.label = variable(path, node["op"])
        build = registry.get(node["op"]).build
        if build is None:
            raise registry.unbuilt(node["op"])
        try:
            built = build(shapes, node["shape"], node["args"])
        except Exception as failure:
            raise registry.failed(node["op"], "builder", failure) from failure
        read = [self._values[source] for source in sources]
        made = code(built)
        names = {f"x{i}": value for i, value in enumerate(read)}
        kept: Any = made.kept
        if isinstance(kept, nn.Module):
            kept = self._submodule(path, node["op"], kept)
        elif isinstance(kept, nn.Parameter):
            name = self._names.name(path, node["op"])
            self.modules[name] = kept
            kept = self._tracer.create_proxy("get_attr", name, (), {})
        namespace = {"torch": torch, "F": functional, "kept": kept, **names}
        self._values[number] = eval(made.written(list(names), "kept"), namespace)

    def deliver(self, outputs: list[int] | int, taps: dict[str, int] | None) -> None:
        """Write the return of one value, or of several as a list; where taps are wanted, with a dict of theirs."""
        made: Any
        if isinstance(outputs, int):
            made = self._values[outputs].node
        else:
            made = [self._values[number].node for number in outputs]
        if taps is not None:
            made = (made, {name: self._values[number].node for name, number in taps.items()})
        self.code.output(made)

    def _submodule(self, path: str, op: str, module: nn.Module) -> Callable[..., fx.Proxy]:
        name = self._names.name(path, op)
        self.modules[name] = module
        return lambda *values: self._tracer.create_proxy("call_module", name, values, {})

    def _sources(self, number: int) -> list[int]:
        """What an operation reads, in the order of its ports; the absent are not read."""
        read = [(edge["port"], source) for source, edges in self.graph.pred[number].items() for edge in edges.values()]
        return [source for port, source in sorted(read) if port >= 0]

    def _read_inputs(self) -> None:
        """Write the parameter: one tensor, or a list that is taken apart."""
        inputs = list(self.graph.graph["inputs"])
        pyramid = any(self.graph.nodes[number]["op"] == "feature" for number in inputs)
        if len(inputs) == 1 and not pyramid:
            self._values[inputs[0]] = fx.Proxy(self.code.placeholder("x"), self._tracer)
            return
        parameter = fx.Proxy(self.code.placeholder("features"), self._tracer)
        if pyramid:
            inputs.sort(key=lambda number: self._shape(number).level)
        for i, number in enumerate(inputs):
            self._tracer.label = f"p{self._shape(number).level}" if pyramid else f"x{i}"
            self._values[number] = self._tracer.create_proxy("call_function", operator.getitem, (parameter, i), {})

    def _shape(self, number: int) -> Shape:
        shape = self.graph.nodes[number]["shape"]
        if not isinstance(shape, Shape):
            raise InternalError(f"live operation {number} has no shape")
        return shape


class Namespace:
    """Dotted names of submodules, made from the paths of operations.

    Whatever the paths:
    - every part of a name is an ASCII identifier, no keyword and no attribute of a module (`train`, `type`, `code`);
    - names are unique, and none is the beginning of another: a name is a module or holds modules, never both;
    - paths that begin alike give names that begin alike;
    - a name depends on its path and on the names given before, so a later operation renames none.

    >>> names = Namespace()
    >>> names.name("stage[0].n[2].op[0]", "conv"), names.name("stage[0].n[2].op[0]", "conv")
    ('stage0.n2.op0.conv', 'stage0.n2.op0.conv_1')
    """

    def __init__(self) -> None:
        self._holders: dict[str, str] = {"": ""}
        self._taken: set[str] = set()

    def name(self, path: str, op: str) -> str:
        """A new name for the operation `op` at `path`."""
        walked = holder = ""
        for part in _holding(path, op):
            walked = f"{walked}.{part}"
            if walked not in self._holders:
                self._holders[walked] = self._new(holder, part)
            holder = self._holders[walked]
        return self._new(holder, _leaf(path, op))

    def _new(self, holder: str, part: str) -> str:
        base = name = f"{holder}.{_identifier(part)}" if holder else _identifier(part)
        number = 0
        while name in self._taken:
            number += 1
            name = f"{base}_{number}"
        self._taken.add(name)
        return name


def variable(path: str, op: str) -> str:
    """A readable name for the value an operation computes: where it stands, at most two steps of it, and what it is."""
    return "_".join(_identifier(part) for part in (*_holding(path, op)[-2:], _leaf(path, op)))


def _holding(path: str, op: str) -> list[str]:
    """The parts of `path` without a last one that only repeats the operation's name."""
    parts = [part for part in path.split(".") if part]
    return parts[:-1] if parts and parts[-1].partition("[")[0] == op else parts


def _leaf(path: str, op: str) -> str:
    last = path.rpartition(".")[2]
    return last if last.partition("[")[0] == op else op


@cache
def _reserved() -> frozenset[str]:
    return frozenset(dir(fx.GraphModule({}, fx.Graph())))


@cache
def _identifier(part: str) -> str:
    """A legal identifier close to `part`: `n[2]` is `n2`, `v1[0]` is `v1_0`, `train` is `train_`."""
    text = re.sub(r"(?<![0-9])\[([0-9]+)\]", r"\1", part)
    text = re.sub(r"[^0-9A-Za-z]+", "_", text).strip("_") or "part"
    text = f"n{text}" if text[0].isdigit() else text
    return f"{text}_" if iskeyword(text) or text in _reserved() else text
