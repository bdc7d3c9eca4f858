"""What a table of latencies is about: one operation with the shapes it reads and delivers, wherever it stands."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from nasdsl.compiler.network import Network
from nasdsl.ops import registry
from nasdsl.ops.mixture import MASK, MIX
from nasdsl.ops.primitive import Indices, Shape, Value

Kept = tuple[tuple[str, Value], ...]


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation to be timed; two with equal keys are one. `args` are those that are no defaults, in order."""

    name: str
    args: Kept
    inputs: tuple[Shape, ...]
    output: Shape

    @property
    def key(self) -> str:
        """What a person reads and a table is looked up by: `conv(k=3, stride=2) 16x32x32 -> 32x16x16`."""
        told = ", ".join(f"{name}={value}" for name, value in self.args)
        # Pyramid levels decide what a `resample` does, and nothing else.
        levels = registry.get(self.name).parameter("level") is not None
        read = " + ".join(_shown(shape, levels) for shape in self.inputs)
        return f"{self.name}{f'({told})' if told else ''} {read} -> {_shown(self.output, levels)}"


def _shown(shape: Shape, levels: bool) -> str:
    words = " words" if isinstance(shape, Indices) else ""
    return f"{shape}{words}{f'@{shape.level}' if levels else ''}"


def operations(network: Network) -> tuple[Operation | None, ...]:
    """For each operation of a network what is timed of it; None for what takes no time of its own.

    That are inputs, the borders of a cell with a state, absent operations, and the mixtures of an open network.
    """
    return tuple(_operation(network, position) for position in range(len(network.ops)))


def _operation(network: Network, position: int) -> Operation | None:
    op = network.ops[position]
    if op.shape is None or op.name in MIXTURES or registry.get(op.name).role not in ("operation", "merge"):
        return None
    read = tuple(network.ops[source].shape for source in op.inputs)
    assert all(shape is not None for shape in read), "only what is absent reads what is absent"
    return Operation(op.name, _canonical(op.name, op.args, op.shape), tuple(s for s in read if s), op.shape)


# What stands in an open network alone, and is gone from every network that is searched for.
MIXTURES = frozenset({MIX, MASK})


def _canonical(name: str, args: Kept, output: Shape) -> Kept:
    """Arguments by name, without defaults and without a width, which the shape of the output says."""
    primitive = registry.get(name)
    kept = []
    for argument, value in sorted(args):
        parameter = primitive.parameter(argument)
        default = parameter is not None and parameter.default is not None and parameter.default == value
        told = argument == "width" and primitive.sets_width and value == output.width
        if not (default or told):
            kept.append((argument, value))
    return tuple(kept)


def runs(network: Network) -> tuple[int, ...]:
    """How often each operation runs for one input: once, or in a cell with a state once for every element."""
    loops = {
        tuple(scope.name for scope in op.scopes): dict(op.args)["length"] for op in network.ops if op.name == "collect"
    }
    if not loops:
        return (1,) * len(network.ops)
    return tuple(_times([scope.name for scope in op.scopes], loops) for op in network.ops)


def _times(names: list[str], loops: dict[tuple[str, ...], Value]) -> int:
    lengths = (loops.get(tuple(names[:depth])) for depth in range(len(names) + 1))
    return next((length for length in lengths if isinstance(length, int)), 1)


def different(networks: Iterable[Network]) -> list[Operation]:
    """Every operation that is timed, once for each key, in the order in which they are met."""
    found: dict[str, Operation] = {}
    for network in networks:
        for operation in operations(network):
            if operation is not None:
                found.setdefault(operation.key, operation)
    return list(found.values())
