"""Operations that act on each number or move numbers about: no weights, the shape is kept."""

from __future__ import annotations

from nasdsl.ops.primitive import Args, Builder, Inputs, Parameter, Primitive, Shape, ShapeError
from nasdsl.ops.spatial import need_image, whole


def kept(inputs: Inputs, args: Args) -> Shape:
    return inputs[0]


def written(expression: str) -> Builder:
    """The builder of an operation that keeps nothing, and is written alike for all shapes."""
    return lambda inputs, output, args: expression


def _shifted(inputs: Inputs, args: Args) -> Shape:
    need_image("shift", inputs[0])
    return inputs[0]


def _truncated(inputs: Inputs, args: Args) -> Shape:
    (x,) = inputs
    width = whole(args, "width", x.width)
    if width > x.width:
        raise ShapeError(f"`truncate` keeps {width} channels, but its input has {x.width}")
    return x._replace(width=width)


def _build_truncate(inputs: Inputs, output: Shape, args: Args) -> str:
    return f"{{0}}[:, :{output.width}]"


def _build_shift(inputs: Inputs, output: Shape, args: Args) -> str:
    rows, columns = (min(whole(args, "n", 1), side) for side in output.size)
    return f"F.pad({{0}}, (-{columns}, {columns}, -{rows}, {rows}))"


POINTWISE = (
    Primitive("identity", "the value itself", kept, written("{0}")),
    Primitive("none", "absence: the edge is not there", kept, written("torch.zeros_like({0})")),
    Primitive("relu", "max(x, 0)", kept, written("F.relu({0})")),
    Primitive("relu6", "min(max(x, 0), 6) (MobileNet)", kept, written("F.relu6({0})")),
    Primitive("swish", "x * sigmoid(x)", kept, written("F.silu({0})")),
    Primitive("hswish", "x * min(max(x + 3, 0), 6) / 6 (MobileNetV3, section 5.2)", kept, written("F.hardswish({0})")),
    Primitive("sigmoid", "1 / (1 + exp(-x))", kept, written("torch.sigmoid({0})")),
    Primitive("hsigmoid", "min(max(x + 3, 0), 6) / 6 (MobileNetV3, section 5.2)", kept, written("F.hardsigmoid({0})")),
    Primitive("tanh", "the hyperbolic tangent", kept, written("torch.tanh({0})")),
    Primitive(
        "truncate", "the first channels of a value, as many as the width", _truncated, _build_truncate, sets_width=True
    ),
    Primitive(
        "shift",
        "drops the first n rows and columns and puts zeros at the end (DARTS's factorised reduction)",
        _shifted,
        _build_shift,
        (Parameter("n", 1, least=0),),
    ),
)
