"""How several values become one. A merge of one value is that value."""

from __future__ import annotations

from collections.abc import Iterable
from functools import reduce

from nasdsl.ops.primitive import Args, Code, Inputs, Parameter, Primitive, Shape, ShapeError, ShapeRule, described


def _one_width(name: str, inputs: Inputs) -> int:
    widths = dict.fromkeys(x.width for x in inputs)
    if len(widths) > 1:
        raise ShapeError(f"`{name}` joins values of different widths: {_listed(widths)} channels")
    return inputs[0].width


def one_size(name: str, inputs: Iterable[Shape]) -> tuple[int, ...]:
    sizes = dict.fromkeys(x.size for x in inputs)
    if len(sizes) > 1:
        named = ("x".join(map(str, size)) if size else "a vector" for size in sizes)
        raise ShapeError(f"`{name}` joins values of different resolutions: {_listed(named)}")
    return next(iter(sizes))


def _listed(values: Iterable[object]) -> str:
    *first, last = map(str, values)
    return f"{', '.join(first)} and {last}"


def level(inputs: Inputs) -> int:
    return max(x.level for x in inputs)


def alike(name: str) -> ShapeRule:
    """The shape rule of a merge of values of one shape."""

    def shape(inputs: Inputs, args: Args) -> Shape:
        return Shape(_one_width(name, inputs), one_size(name, inputs), level(inputs))

    return shape


def _numbered(count: int) -> str:
    """`{0} + {1} + {2}`."""
    return " + ".join(f"{{{i}}}" for i in range(count))


def _build_add(inputs: Inputs, output: Shape, args: Args) -> str:
    return _numbered(len(inputs))


def _build_mean(inputs: Inputs, output: Shape, args: Args) -> str:
    return f"({_numbered(len(inputs))}) / {len(inputs)}" if len(inputs) > 1 else "{0}"


def _build_max(inputs: Inputs, output: Shape, args: Args) -> str:
    return reduce(lambda done, i: f"torch.maximum({done}, {{{i}}})", range(1, len(inputs)), "{0}")


def _product(inputs: Inputs, args: Args) -> Shape:
    images = [x for x in inputs if x.size] or inputs
    return Shape(_one_width("mul", inputs), one_size("mul", images), level(inputs))


def _build_mul(inputs: Inputs, output: Shape, args: Args) -> str:
    gates = (bool(output.size) and not x.size for x in inputs)
    widened = "[:, :" + ", None" * len(output.size) + "]"
    return " * ".join(f"{{{i}}}{widened}" if gate else f"{{{i}}}" for i, gate in enumerate(gates))


def _layout(inputs: Inputs, args: Args) -> tuple[int, ...]:
    """One entry for each port: -1 for a present input, else the width of the zeros in an absent one's place."""
    layout = args.get("layout")
    return layout if isinstance(layout, tuple) and layout else (-1,) * len(inputs)


def _concatenated(inputs: Inputs, args: Args) -> Shape:
    zeros = sum(width for width in _layout(inputs, args) if width >= 0)
    return Shape(zeros + sum(x.width for x in inputs), one_size("concat", inputs), level(inputs))


def _margins(layout: tuple[int, ...]) -> list[tuple[int, int]]:
    """For each present input the channels of zeros to put before and after it; only the first may have some before."""
    margins: list[tuple[int, int]] = []
    leading = 0
    for width in layout:
        if width < 0:
            margins.append((0 if margins else leading, 0))
        elif margins:
            margins[-1] = margins[-1][0], margins[-1][1] + width
        else:
            leading += width
    return margins


def _build_concat(inputs: Inputs, output: Shape, args: Args) -> str:
    # Zeros are padded on, not concatenated: padding keeps a channels-last layout.
    space = ", ".join("0, 0" for _ in output.size)
    terms = [
        f"F.pad({{{i}}}, ({space}{', ' if space else ''}{before}, {after}))" if before or after else f"{{{i}}}"
        for i, (before, after) in enumerate(_margins(_layout(inputs, args)))
    ]
    return f"torch.cat(({', '.join(terms)}), 1)" if len(terms) > 1 else terms[0]


def _build_weighted_mean(inputs: Inputs, output: Shape, args: Args) -> Code:
    import torch
    from torch import nn

    weights = nn.Parameter(torch.full((len(inputs),), 1 / len(inputs)))
    return Code("torch.stack([{all}], -1) @ torch.softmax({self}, 0)", weights)


def _one_each(inputs: Inputs, output: Shape, args: Args) -> int:
    return len(inputs)


def _build_global_pool(inputs: Inputs, output: Shape, args: Args) -> str:
    """first + sigmoid(max over space of first) * second, each channel for itself."""
    if len(inputs) == 1:
        return "{0}"
    return "{0} + {1} * torch.sigmoid({0}.amax((2, 3), keepdim=True))"


def _build_fuse(inputs: Inputs, output: Shape, args: Args) -> Code:
    """The sum of relu(w) * x over its inputs, by the sum of all relu(w) and 1e-4; every w starts at 1."""
    import torch
    from torch import nn

    terms = " + ".join(f"F.relu({{self}})[{i}] * {{{i}}}" for i in range(len(inputs)))
    return Code(f"({terms}) / (F.relu({{self}}).sum() + 0.0001)", nn.Parameter(torch.ones(len(inputs))))


def _pooled(inputs: Inputs, args: Args) -> Shape:
    shape = alike("global_pool")(inputs, args)
    if len(shape.size) != 2:
        raise ShapeError(f"`global_pool` reads images, but an input is {described(shape)}")
    return shape


MERGES = (
    Primitive("add", "the sum", alike("add"), _build_add, arity=None, role="merge", commutes=True),
    Primitive(
        "mul",
        "the product; a vector scales the channels of an image or a sequence",
        _product,
        _build_mul,
        arity=None,
        role="merge",
        commutes=True,
    ),
    Primitive("mean", "the mean", alike("mean"), _build_mean, arity=None, role="merge", commutes=True),
    Primitive("max", "the elementwise maximum", alike("max"), _build_max, arity=None, role="merge", commutes=True),
    Primitive(
        "weighted_mean",
        "the mean with learned weights, one for each value, behind a softmax (TextNAS)",
        alike("weighted_mean"),
        _build_weighted_mean,
        arity=None,
        role="merge",
        params=_one_each,
    ),
    Primitive(
        "fuse",
        "the sum with a learned weight for each value, fast normalised (EfficientDet, Tan et al., 2020, section 3.3)",
        alike("fuse"),
        _build_fuse,
        arity=None,
        role="merge",
        commutes=True,
        params=_one_each,
    ),
    Primitive(
        "concat",
        "the channels of all, one after another; an absent value keeps its place as zeros",
        _concatenated,
        _build_concat,
        (Parameter("layout", least=None),),
        arity=None,
        role="merge",
    ),
    Primitive(
        "global_pool",
        "the first, plus the second scaled by the sigmoid of the first's global maximum (NAS-FPN, section 3.1)",
        _pooled,
        _build_global_pool,
        arity=2,
        role="merge",
    ),
)
