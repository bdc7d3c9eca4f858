"""Every primitive by its name."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from nasdsl.diagnostics import InternalError
from nasdsl.ops.convolution import CONVOLUTIONS
from nasdsl.ops.inputs import INPUTS
from nasdsl.ops.loop import LOOPS
from nasdsl.ops.merge import MERGES
from nasdsl.ops.norm import NORMS
from nasdsl.ops.pointwise import POINTWISE
from nasdsl.ops.pooling import POOLS
from nasdsl.ops.primitive import Primitive
from nasdsl.ops.pyramid import PYRAMID

PRIMITIVES: Mapping[str, Primitive] = MappingProxyType(
    {p.name: p for p in (*INPUTS, *POINTWISE, *CONVOLUTIONS, *POOLS, *NORMS, *MERGES, *PYRAMID, *LOOPS)}
)


def get(name: str) -> Primitive:
    """The primitive of that name. The compiler has resolved it, so an unknown one is our own fault."""
    try:
        return PRIMITIVES[name]
    except KeyError:
        raise InternalError(f"no primitive is called `{name}`") from None
