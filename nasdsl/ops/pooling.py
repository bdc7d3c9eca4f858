"""Pools. None has weights; a padded pixel never enters a maximum or an average."""

from __future__ import annotations

from nasdsl.ops.primitive import Args, Inputs, Parameter, Primitive, Shape, ShapeError, ShapeRule, described
from nasdsl.ops.spatial import PADDING, Axis, Window, need_image, padding, whole


def _axis(args: Args) -> Axis:
    return Axis(whole(args, "k", 3), whole(args, "stride", 1), 1, padding(args))


def _pooled(name: str) -> ShapeRule:
    def shape(inputs: Inputs, args: Args) -> Shape:
        need_image(name, inputs[0])
        axis = _axis(args)
        return Window(axis, axis).over(inputs[0], inputs[0].width)

    return shape


def _build_max(inputs: Inputs, output: Shape, args: Args) -> str:
    axis = _axis(args)
    k, stride, (before, after) = axis.kernel, axis.stride, axis.padding
    if before == after:
        return f"F.max_pool2d({{0}}, {k}, {stride}, {before})"
    if k == stride and axis.given is None:
        return f"F.max_pool2d({{0}}, {k}, {stride}, ceil_mode=True)"
    return f'F.max_pool2d(F.pad({{0}}, ({before}, {after}, {before}, {after}), value=float("-inf")), {k}, {stride})'


def _build_avg(inputs: Inputs, output: Shape, args: Args) -> str:
    axis = _axis(args)
    k, stride, (before, after) = axis.kernel, axis.stride, axis.padding
    if before == after:
        return f"F.avg_pool2d({{0}}, {k}, {stride}, {before}, count_include_pad=False)"
    if k == stride and axis.given is None:
        return f"F.avg_pool2d({{0}}, {k}, {stride}, ceil_mode=True, count_include_pad=False)"
    # The sum over a window, by the number of its pixels that lie inside the image.
    sides = f"({before}, {after}, {before}, {after})"
    sums = f"F.avg_pool2d(F.pad({{x}}, {sides}), {k}, {stride}, divisor_override=1)"
    return f"{sums.format(x='{0}')} / {sums.format(x='torch.ones_like({0})')}"


def _vector(inputs: Inputs, args: Args) -> Shape:
    (x,) = inputs
    if not x.size:
        raise ShapeError(f"`global_avg` reads an image or a sequence, but its input is {described(x)}")
    return Shape(x.width, (), x.level)


def _build_global_avg(inputs: Inputs, output: Shape, args: Args) -> str:
    return "{0}.mean((2, 3))" if len(inputs[0].size) == 2 else "{0}.mean(2)"


_POOL = (Parameter("k", required=True), Parameter("stride", 1), PADDING)

POOLS = (
    Primitive("max_pool", "the maximum of each k x k window", _pooled("max_pool"), _build_max, _POOL),
    Primitive(
        "avg_pool",
        "the average of each k x k window, over the pixels inside the image, as DARTS has it",
        _pooled("avg_pool"),
        _build_avg,
        _POOL,
    ),
    Primitive("global_avg", "the average over the whole image or sequence: a vector", _vector, _build_global_avg),
)
