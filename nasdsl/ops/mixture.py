"""Operations of search forms: no text can name them, relaxation puts them in.

A mix is the weighted sum in a supernet, whose weights are no part of its arguments; a mask zeroes channels that no
weight is on; the rest are the channels that pass by the candidates of an edge, and rejoined they stand behind those
that passed through (PC-DARTS, Xu et al., 2020, section 3.2).
"""

from __future__ import annotations

from nasdsl.ops.merge import level, one_size
from nasdsl.ops.primitive import Args, Inputs, Parameter, Primitive, Shape
from nasdsl.ops.spatial import whole

# Names that no text and no plug-in can give an operation.
MIX, MASK, REST, REJOIN = "search-mix", "search-mask", "search-rest", "search-rejoin"


def _mixed(inputs: Inputs, args: Args) -> Shape:
    """The widest; what is narrower has zeros behind its channels."""
    return Shape(max(x.width for x in inputs), one_size(MIX, inputs), level(inputs))


def _kept(inputs: Inputs, args: Args) -> Shape:
    return inputs[0]


def _behind(inputs: Inputs, args: Args) -> Shape:
    (x,) = inputs
    return x._replace(width=x.width - x.width // whole(args, "n", 1))


def _rejoined(inputs: Inputs, args: Args) -> Shape:
    """Both one behind the other; nothing is there where no candidate is."""
    through, past = inputs
    return Shape(through.width + past.width, one_size(REJOIN, inputs), level(inputs))


def _build_rest(inputs: Inputs, output: Shape, args: Args) -> str:
    return f"{{0}}[:, {inputs[0].width - output.width}:]"


def _build_rejoin(inputs: Inputs, output: Shape, args: Args) -> str:
    return "torch.cat(({0}, {1}), 1)"


MIXTURES = (
    Primitive(MIX, "the weighted sum of candidates", _mixed, arity=None, role="merge", commutes=True),
    Primitive(MASK, "zeroes the channels that no weight is on", _kept),
    Primitive(REST, "all channels behind the first 1/n", _behind, _build_rest, (Parameter("n", required=True),)),
    Primitive(
        REJOIN,
        "the channels that passed through candidates, then the others",
        _rejoined,
        _build_rejoin,
        arity=2,
        role="merge",
    ),
)
