"""What a network reads: an image, a sequence, a text, or one level of a feature pyramid."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from nasdsl.diagnostics import InternalError
from nasdsl.ops.primitive import Args, Indices, Inputs, Parameter, Primitive, Shape
from nasdsl.ops.spatial import halved, whole


def _fed(inputs: Inputs, output: Shape, args: Args) -> Callable[..., Any]:
    raise InternalError("an input is fed from outside, not built")


def _image(inputs: Inputs, args: Args) -> Shape:
    height = whole(args, "height", 32)
    return Shape(whole(args, "channels", 3), (height, whole(args, "width", height)))


def _feature(inputs: Inputs, args: Args) -> Shape:
    level, size = whole(args, "level", 3), whole(args, "size", 640)
    side = halved(size, level)
    return Shape(whole(args, "width", 256), (side, side), level)


def _sequence(inputs: Inputs, args: Args) -> Shape:
    return Shape(whole(args, "channels", 128), (whole(args, "length", 35),))


def _tokens(inputs: Inputs, args: Args) -> Shape:
    return Indices(whole(args, "vocabulary", 1), (whole(args, "length", 1),))


INPUTS = (
    Primitive(
        "image",
        "an image: channels, height and width in pixels (width: as high)",
        _image,
        _fed,
        (Parameter("channels", 3), Parameter("height", 32), Parameter("width")),
        arity=0,
        role="input",
    ),
    Primitive(
        "sequence",
        "a sequence of vectors: channels and length",
        _sequence,
        _fed,
        (Parameter("channels", 128), Parameter("length", 35)),
        arity=0,
        role="input",
    ),
    Primitive(
        "tokens",
        "a text: words as numbers from 0 to below `vocabulary`, a tensor (batch, length) of int64",
        _tokens,
        _fed,
        (Parameter("vocabulary", required=True), Parameter("length", required=True)),
        arity=0,
        role="input",
    ),
    Primitive(
        "feature",
        "one level of a feature pyramid of a `size` pixel image: ceil(size / 2^level) pixels a side",
        _feature,
        _fed,
        (Parameter("width", required=True), Parameter("level", required=True, least=0), Parameter("size", 640)),
        arity=0,
        role="input",
    ),
)
