"""Operations that act on each number or move numbers about: no weights, the shape is kept."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from nasdsl.ops.primitive import Args, Inputs, Parameter, Primitive, Shape
from nasdsl.ops.spatial import need_image, whole

if TYPE_CHECKING:
    from torch import Tensor


def _kept(inputs: Inputs, args: Args) -> Shape:
    return inputs[0]


def _build_identity(inputs: Inputs, output: Shape, args: Args) -> Callable[..., Any]:
    def identity(x: Tensor) -> Tensor:
        return x

    return identity


def _build_none(inputs: Inputs, output: Shape, args: Args) -> Callable[..., Any]:
    import torch

    return torch.zeros_like


def _build_relu(inputs: Inputs, output: Shape, args: Args) -> Callable[..., Any]:
    import torch

    return torch.relu


def _build_swish(inputs: Inputs, output: Shape, args: Args) -> Callable[..., Any]:
    from torch.nn.functional import silu

    return silu


def _build_hswish(inputs: Inputs, output: Shape, args: Args) -> Callable[..., Any]:
    from torch.nn.functional import hardswish

    return hardswish


def _build_sigmoid(inputs: Inputs, output: Shape, args: Args) -> Callable[..., Any]:
    import torch

    return torch.sigmoid


def _build_tanh(inputs: Inputs, output: Shape, args: Args) -> Callable[..., Any]:
    import torch

    return torch.tanh


def _shifted(inputs: Inputs, args: Args) -> Shape:
    need_image("shift", inputs[0])
    return inputs[0]


def _build_shift(inputs: Inputs, output: Shape, args: Args) -> Callable[..., Any]:
    import torch

    rows, columns = (min(whole(args, "n", 1), side) for side in output.size)

    def shift(x: Tensor) -> Tensor:
        return torch.constant_pad_nd(x, (-columns, columns, -rows, rows))

    return shift


POINTWISE = (
    Primitive("identity", "the value itself", _kept, _build_identity),
    Primitive("none", "absence: the edge is not there", _kept, _build_none),
    Primitive("relu", "max(x, 0)", _kept, _build_relu),
    Primitive("swish", "x * sigmoid(x)", _kept, _build_swish),
    Primitive("hswish", "x * min(max(x + 3, 0), 6) / 6 (MobileNetV3, section 5.2)", _kept, _build_hswish),
    Primitive("sigmoid", "1 / (1 + exp(-x))", _kept, _build_sigmoid),
    Primitive("tanh", "the hyperbolic tangent", _kept, _build_tanh),
    Primitive(
        "shift",
        "drops the first n rows and columns and puts zeros at the end (DARTS's factorised reduction)",
        _shifted,
        _build_shift,
        (Parameter("n", 1, least=0),),
    ),
)
