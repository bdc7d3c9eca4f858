"""Scalar functions, the parts of searched activation functions (Ramachandran et al., 2017, section 2).

Where the paper's function has no value or no finite slope it is guarded, and the summary says how; E below is 1e-6.
"""

from __future__ import annotations

from nasdsl.ops.merge import alike
from nasdsl.ops.pointwise import kept, written
from nasdsl.ops.primitive import Args, Builder, Code, Inputs, Primitive, Shape

EPSILON = 1e-6
# exp(MOST) leaves room in a float32 for products of a few such numbers.
MOST = 20


def _learned(expression: str, start: float) -> Builder:
    """The builder of an operation with one learned number a channel."""

    def build(inputs: Inputs, output: Shape, args: Args) -> Code:
        import torch
        from torch import nn

        beta = nn.Parameter(torch.full((output.width, *(1 for _ in output.size)), float(start)))
        return Code(expression, beta)

    return build


def _one_each(inputs: Inputs, output: Shape, args: Args) -> int:
    """A learned number a channel."""
    return output.width


_BOUNDED = f"{{0}}.clamp(-{MOST}, {MOST})"

_PLAIN = (
    ("neg", "-x", "-{0}"),
    ("abs", "|x|", "torch.abs({0})"),
    ("square", "x^2", "{0} * {0}"),
    ("cube", "x^3", "{0} * {0} * {0}"),
    ("sqrt", "the square root; of what is below E that of E, with no slope", f"torch.sqrt({{0}}.clamp(min={EPSILON}))"),
    ("log_abs", "log(|x| + E)", f"torch.log(torch.abs({{0}}) + {EPSILON})"),
    ("exp", f"exp(x), of x up to {MOST}", f"torch.exp({{0}}.clamp(max={MOST}))"),
    ("gaussian", "exp(-x^2)", "torch.exp(-{0} * {0})"),
    ("sin", "sin(x)", "torch.sin({0})"),
    ("cos", "cos(x)", "torch.cos({0})"),
    ("sinh", f"sinh(x), of x from -{MOST} to {MOST}", f"torch.sinh({_BOUNDED})"),
    ("cosh", f"cosh(x), of x from -{MOST} to {MOST}", f"torch.cosh({_BOUNDED})"),
    ("asinh", "the inverse of sinh", "torch.asinh({0})"),
    ("atan", "the inverse of tan", "torch.atan({0})"),
    # That of torch is sin(pi x) / (pi x).
    ("sinc", "sin(x) / x, and 1 at 0", "torch.sinc({0} / torch.pi)"),
    ("min_zero", "min(x, 0)", "{0}.clamp(max=0)"),
    ("softplus", "log(1 + exp(x))", "F.softplus({0})"),
    ("erf", "the error function", "torch.erf({0})"),
)

_MOST_KERNEL = "torch.exp((-{{self}} * {distance}).clamp(max={most}))"

SCALARS = (
    *(Primitive(name, summary, kept, written(expression)) for name, summary, expression in _PLAIN),
    Primitive(
        "scale", "each channel times a learned number, 1 at first", kept, _learned("{0} * {self}", 1), params=_one_each
    ),
    Primitive(
        "offset", "each channel plus a learned number, 0 at first", kept, _learned("{0} + {self}", 0), params=_one_each
    ),
    Primitive(
        "constant",
        "a learned number for each channel, 1 at first, whatever is read",
        kept,
        _learned("{0} * 0 + {self}", 1),
        params=_one_each,
    ),
    Primitive("sub", "x - y", alike("sub"), written("{0} - {1}"), arity=2, role="merge"),
    Primitive(
        "div",
        "x / (y + E), with -E for a negative y",
        alike("div"),
        written(f"{{0}} / torch.where({{1}} < 0, {{1}} - {EPSILON}, {{1}} + {EPSILON})"),
        arity=2,
        role="merge",
    ),
    Primitive(
        "min", "the elementwise minimum", alike("min"), written("torch.minimum({0}, {1})"), arity=2, role="merge",
        commutes=True,
    ),
    Primitive("gated", "sigmoid(x) * y", alike("gated"), written("torch.sigmoid({0}) * {1}"), arity=2, role="merge"),
    Primitive(
        "rbf",
        f"exp(-b (x - y)^2) with a learned b a channel, 1 at first, up to exp({MOST})",
        alike("rbf"),
        _learned(_MOST_KERNEL.format(distance="({0} - {1}) ** 2", most=MOST), 1),
        arity=2,
        role="merge",
        commutes=True,
        params=_one_each,
    ),
    Primitive(
        "laplace",
        f"exp(-b |x - y|) with a learned b a channel, 1 at first, up to exp({MOST})",
        alike("laplace"),
        _learned(_MOST_KERNEL.format(distance="torch.abs({0} - {1})", most=MOST), 1),
        arity=2,
        role="merge",
        commutes=True,
        params=_one_each,
    ),
    Primitive(
        "lerp",
        "b x + (1 - b) y with a learned b a channel, 0.5 at first",
        alike("lerp"),
        _learned("{1} + {self} * ({0} - {1})", 0.5),
        arity=2,
        role="merge",
        params=_one_each,
    ),
)  # fmt: skip
