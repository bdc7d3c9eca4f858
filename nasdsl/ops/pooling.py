"""Pools. None has weights; a padded pixel never enters a maximum or an average."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from nasdsl.ops.primitive import Args, Inputs, Parameter, Primitive, Shape, ShapeRule
from nasdsl.ops.spatial import Axis, Window, need_image, whole

if TYPE_CHECKING:
    from torch import Tensor


def _axis(args: Args) -> Axis:
    return Axis(whole(args, "k", 3), whole(args, "stride", 1))


def _pooled(name: str) -> ShapeRule:
    def shape(inputs: Inputs, args: Args) -> Shape:
        need_image(name, inputs[0])
        axis = _axis(args)
        return Window(axis, axis).over(inputs[0], inputs[0].width)

    return shape


def _build_max(inputs: Inputs, output: Shape, args: Args) -> Callable[..., Any]:
    import torch

    axis = _axis(args)
    k, stride, (before, after) = axis.kernel, axis.stride, axis.padding

    def pool(x: Tensor) -> Tensor:
        if before == after:
            return torch.max_pool2d(x, k, stride, before)
        if k == stride:
            return torch.max_pool2d(x, k, stride, ceil_mode=True)
        return torch.max_pool2d(torch.constant_pad_nd(x, (before, after) * 2, float("-inf")), k, stride)

    return pool


def _build_avg(inputs: Inputs, output: Shape, args: Args) -> Callable[..., Any]:
    import torch
    from torch.nn.functional import avg_pool2d

    axis = _axis(args)
    k, stride, (before, after) = axis.kernel, axis.stride, axis.padding

    def sums(x: Tensor) -> Tensor:
        return avg_pool2d(torch.constant_pad_nd(x, (before, after) * 2), k, stride, divisor_override=1)

    def pool(x: Tensor) -> Tensor:
        if before == after:
            return avg_pool2d(x, k, stride, before, count_include_pad=False)
        if k == stride:
            return avg_pool2d(x, k, stride, ceil_mode=True, count_include_pad=False)
        return sums(x) / sums(torch.ones_like(x))

    return pool


def _vector(inputs: Inputs, args: Args) -> Shape:
    need_image("global_avg", inputs[0])
    return Shape(inputs[0].width, (), inputs[0].level)


def _build_global_avg(inputs: Inputs, output: Shape, args: Args) -> Callable[..., Any]:
    def average(x: Tensor) -> Tensor:
        return x.mean((2, 3))

    return average


_POOL = (Parameter("k", required=True), Parameter("stride", 1))

POOLS = (
    Primitive("max_pool", "the maximum of each k x k window", _pooled("max_pool"), _build_max, _POOL),
    Primitive(
        "avg_pool",
        "the average of each k x k window, over the pixels inside the image, as DARTS has it",
        _pooled("avg_pool"),
        _build_avg,
        _POOL,
    ),
    Primitive("global_avg", "the average over the whole image: a vector", _vector, _build_global_avg),
)
