"""What a primitive operation is: one definition with its signature, shape rule, cost rule and builder."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

if TYPE_CHECKING:
    from torch import nn

Value = int | float | str | tuple[Any, ...]
Args = Mapping[str, Value]


class Shape(NamedTuple):
    """The shape of a value without its batch: `width` channels at a spatial `size`.

    `size` is (height, width) for images, (length,) for sequences and () for vectors; `level` is the log2 of the stride
    from the input.
    """

    width: int
    size: tuple[int, ...] = ()
    level: int = 0

    def __str__(self) -> str:
        return "x".join(map(str, (self.width, *self.size)))


class Indices(Shape):
    """A sequence of words, each a number from 0 to below `width`: the size of their vocabulary. A tensor of int64."""

    __slots__ = ()


def described(x: Shape) -> str:
    """What a value is, for a person: `an image of 16x8x8`."""
    if isinstance(x, Indices):
        return f"a sequence of {x.size[0]} words"
    if not x.size:
        return f"a vector of {x.width} numbers"
    return f"an image of {x}" if len(x.size) == 2 else f"a sequence of {x.size[0]} vectors of {x.width} numbers"


class ShapeError(ValueError):
    """The inputs do not fit the operation; the message says why, in the user's terms."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of a primitive. One without a default must be given; `least` is the smallest value allowed."""

    name: str
    default: Value | None = None
    required: bool = False
    least: int | None = 1


Inputs = tuple[Shape, ...]
ShapeRule = Callable[[Inputs, Args], Shape]
CostRule = Callable[[Inputs, Shape, Args], int]


class Code(NamedTuple):
    """How an operation is written in a module's `forward`: an expression, and what it keeps.

    In the expression `{0}`, `{1}`, ... stand for the names of the inputs, `{all}` for all of them with commas between,
    and `{self}` for what is kept: a module of `torch.nn`, or a parameter. It may name `torch` and `F`
    (`torch.nn.functional`), and is written by a builder alone: nothing in it comes from a file.
    """

    expression: str
    kept: nn.Module | nn.Parameter | Callable[..., Any] | None = None

    def written(self, inputs: Sequence[str], kept: str) -> str:
        """The expression over the names of the inputs, and of what is kept."""
        return self.expression.format(*inputs, all=", ".join(inputs), self=kept)

    def run(self, *inputs: Any) -> Any:
        """What the operation makes of tensors, by itself: for trying out a builder."""
        import torch
        from torch.nn import functional

        names = {f"x{i}": x for i, x in enumerate(inputs)}
        return eval(self.written(list(names), "kept"), {"torch": torch, "F": functional, "kept": self.kept, **names})


def code(built: Any) -> Code:
    """What a builder returned: a string is an expression that keeps nothing, anything else is called."""
    if isinstance(built, Code):
        return built
    return Code(built) if isinstance(built, str) else Code("{self}({all})", built)


# What a builder returns: a Code, a module of `torch.nn`, an expression, or (in plug-ins) any function of the inputs.
Builder = Callable[[Inputs, Shape, Args], "Code | nn.Module | str | Callable[..., Any]"]


def free(inputs: Inputs, output: Shape, args: Args) -> int:
    """The cost rule of an operation that costs nothing."""
    return 0


@dataclass(frozen=True, slots=True)
class Primitive:
    """One operation of the language's ground floor.

    `arity` is the number of inputs, None where any number from one up is taken (a merge).
    The compiler passes `width` in the arguments of a primitive that `sets_width` (the channels to deliver) and
    `stride` where the signature has that parameter. `params` counts trainable numbers; `macs` multiply-adds of
    one input, convolutions and linear maps only. Words are read by what `reads_indices` alone.
    Without `build` a space with the operation is counted, checked, costed and drawn, and makes no module.
    """

    name: str
    summary: str
    shape: ShapeRule
    build: Builder | None = None
    parameters: tuple[Parameter, ...] = ()
    arity: int | None = 1
    role: Literal["operation", "merge", "input", "loop"] = "operation"
    sets_width: bool = False
    commutes: bool = False
    params: CostRule = free
    macs: CostRule = free
    reads_indices: bool = False

    def parameter(self, name: str) -> Parameter | None:
        return next((p for p in self.parameters if p.name == name), None)
