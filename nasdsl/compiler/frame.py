"""What surrounds a step while it is lowered: values as wires, frames of parameters, and the data a net is bound to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from nasdsl.compiler.quantities import calculate
from nasdsl.diagnostics import InternalError, error
from nasdsl.ops.primitive import Shape, Value
from nasdsl.space import skeleton as sk


@dataclass(frozen=True, slots=True)
class Binding:
    """The data a net is bound to: channels, (height, width) in pixels, and classes where there are labels."""

    width: int
    size: tuple[int, int]
    classes: int | None = None

    def __str__(self) -> str:
        shape = f"{self.width}x{self.size[0]}x{self.size[1]}"
        return shape if self.classes is None else f"{shape}, {self.classes} classes"


class Wire(NamedTuple):
    """One value. An absent one has no position, the shape it would have, and the operations whose absence it is."""

    shape: Shape
    position: int | None
    ghosts: tuple[int, ...] = ()

    @property
    def absent(self) -> bool:
        return self.position is None


class Pyramid(NamedTuple):
    """One value for each level, ascending."""

    levels: tuple[tuple[int, Wire], ...]

    @property
    def shape(self) -> Shape:
        return self.levels[-1][1].shape


Carried = Wire | Pyramid


def ends(result: Carried) -> tuple[tuple[int | None, int], ...]:
    """Level and position of each value delivered; none where one of them is absent.

    A pyramid with a level missing is as dead as a missing image.
    """
    delivered = result.levels if isinstance(result, Pyramid) else ((None, result),)
    found = tuple((level, wire.position) for level, wire in delivered if wire.position is not None)
    return found if len(found) == len(delivered) else ()


@dataclass(frozen=True, slots=True)
class Frame:
    """The body a step stands in: what it received, the width it is to deliver, and its parameters."""

    width: int
    received: int
    stride: int = 1
    params: Mapping[str, Value] | None = None
    # Whether an identity at a stride stands for the cell's alignment.
    in_cell: bool = False
    # The resolution a `resample` brings its value to.
    target: Shape | None = None
    # Where the call of this block stands, for the operations among its arguments.
    outer: Frame | None = None


def value(number: sk.Number, frame: Frame, chosen: Mapping[str, object]) -> Value:
    """The value of a number in a frame, under the decisions taken."""
    match number:
        case sk.Const():
            return number.value
        case sk.Symbol():
            if frame.params is not None and number.name in frame.params:
                return frame.params[number.name]
            return {"in": frame.received, "width": frame.width, "stride": frame.stride}[number.name]
        case sk.NumberChoice():
            index = chosen[number.path]
            assert isinstance(index, int)
            return value(number.alternatives[index], frame, chosen)
        case sk.Dealt():
            order = chosen[number.path]
            assert isinstance(order, tuple)
            return number.items[order[number.index]]
        case sk.Arithmetic():
            left, right = value(number.left, frame, chosen), value(number.right, frame, chosen)
            if not (isinstance(left, int | float) and isinstance(right, int | float)):
                raise error("E0206", f"`{number.op}` needs numbers on both sides")
            return calculate(number.op, left, right)
        case sk.Measure():
            raise InternalError(f"`{number.name}` is measured on a network, not in a frame")
