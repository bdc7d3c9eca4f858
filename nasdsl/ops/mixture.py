"""Operations of search forms: no text can name them, relaxation puts them in.

`mix` is the weighted sum in a supernet, whose weights are no part of its arguments; `mask` zeroes channels that no
weight is on; `rest` holds the channels that pass by the candidates of an edge (PC-DARTS, Xu et al., 2020, section 3.2).
"""

from __future__ import annotations

from nasdsl.ops.merge import level, one_size
from nasdsl.ops.primitive import Args, Inputs, Parameter, Primitive, Shape
from nasdsl.ops.spatial import whole


def _mixed(inputs: Inputs, args: Args) -> Shape:
    """The widest; what is narrower has zeros behind its channels."""
    return Shape(max(x.width for x in inputs), one_size("mix", inputs), level(inputs))


def _kept(inputs: Inputs, args: Args) -> Shape:
    return inputs[0]


def _behind(inputs: Inputs, args: Args) -> Shape:
    (x,) = inputs
    return x._replace(width=x.width - x.width // whole(args, "n", 1))


def _build_rest(inputs: Inputs, output: Shape, args: Args) -> str:
    return f"{{0}}[:, {inputs[0].width - output.width}:]"


MIXTURES = (
    Primitive("mix", "the weighted sum of candidates", _mixed, arity=None, role="merge", commutes=True),
    Primitive("mask", "zeroes the channels that no weight is on", _kept),
    Primitive("rest", "all channels behind the first 1/n", _behind, _build_rest, (Parameter("n", required=True),)),
)
