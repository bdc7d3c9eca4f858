"""Convolutions and the linear map: the operations that cost multiply-adds."""

from __future__ import annotations

from functools import lru_cache
from math import prod
from typing import TYPE_CHECKING

from nasdsl.ops.primitive import Args, Code, Inputs, Parameter, Primitive, Shape, ShapeError, Value, described
from nasdsl.ops.spatial import PADDING, Axis, Window, need_image, padding, whole

if TYPE_CHECKING:
    from torch import nn


def _conv_window(args: Args) -> Window:
    return _window(*map(args.get, _WINDOW))


_WINDOW = ("k", "h", "w", "stride", "stride_h", "stride_w", "dilation", "padding")


@lru_cache(4096)
def _window(*values: Value | None) -> Window:
    """The window of a `conv`; `stride_h` and `stride_w` stand before `stride`. Raises ShapeError without a kernel."""
    args = {name: value for name, value in zip(_WINDOW, values, strict=True) if value is not None}
    if "k" not in args and not ("h" in args and "w" in args):
        raise ShapeError("`conv` needs a kernel: `conv(3)`, or both `h` and `w` as in `conv(h = 1, w = 3)`")
    if "k" in args and ("h" in args or "w" in args):
        raise ShapeError("`conv` takes either `k` or `h` and `w`, not both")
    kernel, stride, dilation = whole(args, "k", 1), whole(args, "stride", 1), whole(args, "dilation", 1)
    return Window(
        Axis(whole(args, "h", kernel), whole(args, "stride_h", stride), dilation, padding(args)),
        Axis(whole(args, "w", kernel), whole(args, "stride_w", stride), dilation, padding(args)),
    )


def _conv_shape(inputs: Inputs, args: Args) -> Shape:
    (x,) = inputs
    window, groups = _conv_window(args), whole(args, "groups", 1)
    width = whole(args, "width", x.width)
    if x.width % groups or width % groups:
        raise ShapeError(f"`conv` from {x.width} to {width} channels cannot be split into {groups} groups")
    if len(x.size) != 2:
        if x.size or window.kernel != (1, 1) or groups != 1:
            need_image("conv", x)
        return Shape(width, (), x.level)
    return window.over(x, width)


def _conv_weights(inputs: Inputs, output: Shape, args: Args) -> int:
    return prod(_conv_window(args).kernel) * inputs[0].width // whole(args, "groups", 1) * output.width


def _conv_params(inputs: Inputs, output: Shape, args: Args) -> int:
    return _conv_weights(inputs, output, args) + (output.width if args.get("bias") else 0)


def _conv_macs(inputs: Inputs, output: Shape, args: Args) -> int:
    return _conv_weights(inputs, output, args) * prod(output.size)


def _build_conv(inputs: Inputs, output: Shape, args: Args) -> Code | nn.Module:
    from torch import nn

    (x,), bias = inputs, bool(args.get("bias"))
    if not x.size:  # a 1x1 convolution of a vector, as squeeze-and-excite has it
        return nn.Linear(x.width, output.width, bias=bias)
    return _convolution(x.width, output.width, _conv_window(args), whole(args, "groups", 1), bias)


def _convolution(of: int, to: int, window: Window, groups: int, bias: bool) -> Code | nn.Module:
    from torch import nn

    even = window.even_padding
    conv = nn.Conv2d(of, to, window.kernel, window.stride, even or 0, window.dilation, groups, bias)
    return conv if even is not None else Code(f"{{self}}(F.pad({{0}}, {window.sides}))", conv)


def _depthwise_window(args: Args) -> Window:
    axis = Axis(whole(args, "k", 3), whole(args, "stride", 1), whole(args, "dilation", 1), padding(args))
    return Window(axis, axis)


def _depthwise_shape(inputs: Inputs, args: Args) -> Shape:
    need_image("dw_conv", inputs[0])
    return _depthwise_window(args).over(inputs[0], inputs[0].width)


def _depthwise_params(inputs: Inputs, output: Shape, args: Args) -> int:
    return prod(_depthwise_window(args).kernel) * output.width


def _depthwise_macs(inputs: Inputs, output: Shape, args: Args) -> int:
    return _depthwise_params(inputs, output, args) * prod(output.size)


def _build_depthwise(inputs: Inputs, output: Shape, args: Args) -> Code | nn.Module:
    return _convolution(output.width, output.width, _depthwise_window(args), output.width, False)


def _linear_shape(inputs: Inputs, args: Args) -> Shape:
    (x,) = inputs
    if len(x.size) == 2:
        raise ShapeError(
            f"`linear` reads a vector or a sequence, but its input is {described(x)}: put `global_avg` before it"
        )
    return Shape(whole(args, "width", x.width), x.size, x.level)


def _linear_params(inputs: Inputs, output: Shape, args: Args) -> int:
    return (inputs[0].width + whole(args, "bias", 1)) * output.width


def _linear_macs(inputs: Inputs, output: Shape, args: Args) -> int:
    return inputs[0].width * output.width * prod(output.size)


def _build_linear(inputs: Inputs, output: Shape, args: Args) -> Code | nn.Module:
    from torch import nn

    linear = nn.Linear(inputs[0].width, output.width, bias=bool(whole(args, "bias", 1)))
    return Code("{self}({0}.transpose(1, 2)).transpose(1, 2)", linear) if output.size else linear


_BIAS = Parameter("bias", 0, least=0)

CONVOLUTIONS = (
    Primitive(
        "conv",
        "a convolution with kernel k x k, or h x w; on a vector, with k = 1, a linear map",
        _conv_shape,
        _build_conv,
        (
            *(Parameter("k"), Parameter("stride", 1), Parameter("dilation", 1), Parameter("groups", 1), _BIAS),
            *(Parameter("h"), Parameter("w"), Parameter("stride_h"), Parameter("stride_w"), PADDING),
        ),
        sets_width=True,
        params=_conv_params,
        macs=_conv_macs,
    ),
    Primitive(
        "dw_conv",
        "a depthwise convolution: one k x k kernel for each channel",
        _depthwise_shape,
        _build_depthwise,
        (Parameter("k", required=True), Parameter("stride", 1), Parameter("dilation", 1), PADDING),
        params=_depthwise_params,
        macs=_depthwise_macs,
    ),
    Primitive(
        "linear",
        "a linear map of a vector, or of every vector of a sequence, with bias",
        _linear_shape,
        _build_linear,
        (Parameter("bias", 1, least=0),),
        sets_width=True,
        params=_linear_params,
        macs=_linear_macs,
    ),
)
