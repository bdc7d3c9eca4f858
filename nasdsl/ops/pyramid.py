"""Moving a value between the levels of a feature pyramid."""

from __future__ import annotations

from nasdsl.ops.primitive import Args, Inputs, Parameter, Primitive, Shape, ShapeError
from nasdsl.ops.spatial import halved, need_image, whole


def _target(x: Shape, args: Args) -> Shape:
    size = args.get("size", x.size)
    if not isinstance(size, tuple) or len(size) != 2:
        raise ShapeError(f"the size to resample to must be a height and a width, not {size}")
    return Shape(x.width, size, whole(args, "level", x.level))


def _resampled(inputs: Inputs, args: Args) -> Shape:
    (x,) = inputs
    need_image("resample", x)
    if whole(args, "overlap", 0) > 1:
        raise ShapeError(f"windows of `resample` overlap by 0 or 1, not by {args['overlap']}")
    target = _target(x, args)
    if not _grows(x, target) and target.size != tuple(halved(n, max(target.level - x.level, 0)) for n in x.size):
        levels = f"level {x.level} to {target.level}"
        raise ShapeError(f"`resample` from {levels} cannot turn {_pixels(x)} pixels into {_pixels(target)}")
    return target


def _pixels(x: Shape) -> str:
    return "x".join(map(str, x.size))


def _grows(x: Shape, target: Shape) -> bool:
    """Whether no side shrinks. Sizes decide, not levels: 1x1 at two levels is the same value."""
    return all(to >= n for n, to in zip(x.size, target.size, strict=True))


def _build_resample(inputs: Inputs, output: Shape, args: Args) -> str:
    (x,) = inputs
    if x.size == output.size:
        return "{0}"
    if _grows(x, output):
        return f'F.interpolate({{0}}, {output.size}, mode="nearest")'
    step = 1 << max(output.level - x.level, 0)
    if whole(args, "overlap", 0):
        return f"F.max_pool2d({{0}}, {step + 1}, {step}, {step // 2})"
    return f"F.max_pool2d({{0}}, {step}, {step}, ceil_mode=True)"


PYRAMID = (
    Primitive(
        "resample",
        "the value at another pyramid level: nearest upsampling or max pooling (NAS-FPN, section 3.1); "
        "with overlap = 1 windows of the pool share a row and a column (EfficientDet)",
        _resampled,
        _build_resample,
        (Parameter("size", least=None), Parameter("level", least=0), Parameter("overlap", 0, least=0)),
    ),
)
