"""The borders of a cell with a state: what runs along a sequence reads its elements, and its own last value."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from nasdsl.diagnostics import InternalError
from nasdsl.ops.primitive import Args, Inputs, Parameter, Primitive, Shape, ShapeError
from nasdsl.ops.spatial import whole


def _unbuilt(inputs: Inputs, output: Shape, args: Args) -> Callable[..., Any]:
    raise InternalError("a loop is refused before it is built")


def _state(inputs: Inputs, args: Args) -> Shape:
    return Shape(whole(args, "width", 1))


def _elements(inputs: Inputs, args: Args) -> Shape:
    (x,) = inputs
    if len(x.size) != 1:
        raise ShapeError(f"only a sequence has elements, and this is {x}")
    return Shape(x.width, (), x.level)


def _collect(inputs: Inputs, args: Args) -> Shape:
    (x,) = inputs
    return Shape(x.width, (whole(args, "length", 1),), x.level)


LOOPS = (
    Primitive(
        "state",
        "what the cell delivered for the element before; zeros for the first",
        _state,
        _unbuilt,
        (Parameter("width", required=True),),
        arity=0,
        role="loop",
    ),
    Primitive("elements", "the elements of a sequence, one at a time", _elements, _unbuilt, role="loop"),
    Primitive(
        "collect",
        "what was delivered for every element, as a sequence",
        _collect,
        _unbuilt,
        (Parameter("length", required=True),),
        role="loop",
    ),
)
