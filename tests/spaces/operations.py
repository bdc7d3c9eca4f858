"""A plug-in with the operations of published spaces that nasdsl does not have: shapes and costs, and no builders.

What a space is made of can be counted, checked and costed with it. Costs are those of the papers' layers, batch norm
included as two numbers a channel.
"""

from __future__ import annotations

from collections.abc import Callable
from math import prod
from typing import Any

from nasdsl.ops.primitive import Args, CostRule, Inputs, Parameter, Primitive, Shape, ShapeError, ShapeRule
from nasdsl.ops.registry import PRIMITIVES
from nasdsl.ops.spatial import Axis, Window, need_image, whole

K, STRIDE, EXPAND = Parameter("k", required=True), Parameter("stride", 1), Parameter("expand", 1)


# ---- shapes ----


def kept(inputs: Inputs, args: Args) -> Shape:
    return inputs[0]


def strided(name: str, kernel: int = 3) -> ShapeRule:
    """An image operation that takes a stride and delivers `width`."""

    def shape(inputs: Inputs, args: Args) -> Shape:
        need_image(name, inputs[0])
        axis = Axis(whole(args, "k", kernel), whole(args, "stride", 1))
        return Window(axis, axis).over(inputs[0], whole(args, "width", inputs[0].width))

    return shape


def sequence(name: str) -> ShapeRule:
    """A sequence of `width` numbers a place, as long as what is read."""

    def shape(inputs: Inputs, args: Args) -> Shape:
        need_sequence(name, inputs[0])
        return Shape(whole(args, "width", inputs[0].width), inputs[0].size)

    return shape


def need_sequence(name: str, x: Shape) -> None:
    if len(x.size) != 1:
        raise ShapeError(f"`{name}` reads a sequence, but its input is {x}")


def alike(name: str) -> ShapeRule:
    """A merge of values of one shape."""

    def shape(inputs: Inputs, args: Args) -> Shape:
        if len({(x.width, x.size) for x in inputs}) > 1:
            raise ShapeError(f"`{name}` joins values of different shapes: {', '.join(map(str, inputs))}")
        return Shape(inputs[0].width, inputs[0].size, max(x.level for x in inputs))

    return shape


# ---- costs ----


def per_pixel(weights: Callable[[Inputs, Shape, Args], int]) -> CostRule:
    """Multiply-adds of weights that are used once for each number of the output's resolution."""
    return lambda inputs, output, args: weights(inputs, output, args) * prod(output.size)


def inverted(inputs: Inputs, output: Shape, args: Args) -> int:
    """Weights of an inverted bottleneck (MobileNetV2): 1x1 to `expand` times the channels, depthwise, 1x1."""
    of, k = inputs[0].width, whole(args, "k", 3)
    inner = of * whole(args, "expand", 1)
    return (of * inner if inner != of else 0) + k * k * inner + inner * output.width


def inverted_params(inputs: Inputs, output: Shape, args: Args) -> int:
    of = inputs[0].width
    inner = of * whole(args, "expand", 1)
    norms = 2 * ((inner if inner != of else 0) + inner + output.width)
    return inverted(inputs, output, args) + norms


def inverted_macs(inputs: Inputs, output: Shape, args: Args) -> int:
    """The expansion is at the resolution of the input, what follows at that of the output."""
    of = inputs[0].width
    inner = of * whole(args, "expand", 1)
    expansion = of * inner if inner != of else 0
    behind = inverted(inputs, output, args) - expansion
    return expansion * prod(inputs[0].size) + behind * prod(output.size)


def separable(inputs: Inputs, output: Shape, args: Args) -> int:
    return whole(args, "k", 3) ** 2 * inputs[0].width + inputs[0].width * output.width


def dense(inputs: Inputs, output: Shape, args: Args) -> int:
    return inputs[0].width * output.width


def with_bias(weights: Callable[[Inputs, Shape, Args], int]) -> CostRule:
    return lambda inputs, output, args: weights(inputs, output, args) + output.width


# ---- mobile networks ----


def pruned(inputs: Inputs, args: Args) -> Shape:
    share = args.get("keep", 1)
    if not isinstance(share, int | float) or not 0 < share <= 1:
        raise ShapeError(f"`keep` is a share of the channels, above 0 and up to 1, not {share}")
    return strided("qmbconv")(inputs, args)


BITS = tuple(Parameter(name, 8) for name in ("pw_bits", "dw_bits", "act_bits"))

MOBILE = [
    Primitive(
        "qmbconv", "an inverted bottleneck, pruned to `keep` of its inner channels and quantised (APQ)",
        pruned, None, (K, EXPAND, Parameter("keep", 1, least=0), *BITS, STRIDE), sets_width=True,
        params=inverted_params, macs=inverted_macs,
    ),
]  # fmt: skip


# ---- sequences: text and recurrent networks ----


def tokens(inputs: Inputs, args: Args) -> Shape:
    """Words as numbers of a vocabulary: as wide as that, so an embedding is a table of width x dim."""
    return Shape(whole(args, "vocabulary", 1), (whole(args, "length", 35),))


def embedded(inputs: Inputs, args: Args) -> Shape:
    need_sequence("embedding", inputs[0])
    return Shape(whole(args, "dim", 1), inputs[0].size)


def decoded(inputs: Inputs, args: Args) -> Shape:
    need_sequence("decoder", inputs[0])
    return Shape(whole(args, "vocabulary", 1), inputs[0].size)


def classified(inputs: Inputs, args: Args) -> Shape:
    need_sequence("text_classifier", inputs[0])
    return Shape(whole(args, "classes", 1))


def attended(inputs: Inputs, args: Args) -> Shape:
    need_sequence("attention", inputs[0])
    if inputs[0].width % whole(args, "heads", 1):
        raise ShapeError(f"`attention` shares {inputs[0].width} channels among {whole(args, 'heads', 1)} heads")
    return inputs[0]


def conv1d_weights(inputs: Inputs, output: Shape, args: Args) -> int:
    return whole(args, "k", 1) * inputs[0].width * output.width


def gated(inputs: Inputs, output: Shape, args: Args) -> int:
    """Three gates, each reading the input and the state."""
    return 3 * (inputs[0].width + output.width) * output.width


def projected(inputs: Inputs, output: Shape, args: Args) -> int:
    return 4 * inputs[0].width * output.width


def two_matrices(inputs: Inputs, output: Shape, args: Args) -> int:
    return 2 * len(inputs) * output.width**2


TOKENS = Primitive(
    "tokens", "a text as numbers of a vocabulary", tokens, None,
    (Parameter("vocabulary", required=True), Parameter("length", 35)), arity=0, role="input",
)  # fmt: skip
EMBEDDING = Primitive(
    "embedding", "a vector of `dim` numbers for each word", embedded, None, (Parameter("dim", required=True),),
    params=dense,
)  # fmt: skip

TEXT = [
    TOKENS,
    EMBEDDING,
    Primitive(
        "conv1d", "a convolution along a sequence", sequence("conv1d"), None, (K,), sets_width=True,
        params=with_bias(conv1d_weights), macs=per_pixel(conv1d_weights),
    ),
    Primitive("avg_pool1d", "the average of k places", sequence("avg_pool1d"), None, (K,)),
    Primitive("max_pool1d", "the maximum of k places", sequence("max_pool1d"), None, (K,)),
    Primitive(
        "gru", "a gated recurrent layer", sequence("gru"), None, sets_width=True, params=gated, macs=per_pixel(gated)
    ),
    Primitive(
        "attention", "self-attention", attended, None, (Parameter("heads", 1),), params=projected,
        macs=per_pixel(projected),
    ),
    Primitive(
        "layer_norm", "layer normalisation", sequence("layer_norm"), None,
        params=lambda inputs, output, args: 2 * output.width,
    ),
    Primitive(
        "text_classifier", "the average over the places, then a linear map", classified, None,
        (Parameter("classes", required=True),), params=with_bias(dense), macs=dense,
    ),
    Primitive(
        "weighted_mean", "a sum with learned weights (TextNAS)", alike("weighted_mean"), None, arity=None,
        role="merge", params=lambda inputs, output, args: len(inputs),
    ),
]  # fmt: skip

RECURRENT = [
    TOKENS,
    EMBEDDING,
    *(PRIMITIVES[name] for name in ("tanh", "relu", "sigmoid", "identity")),
    Primitive(
        "decoder", "a number for each word of a vocabulary", decoded, None, (Parameter("vocabulary", required=True),),
        params=with_bias(dense), macs=per_pixel(dense),
    ),
    Primitive(
        "rnn_gate", "state + c * (tanh(W [x, state]) - state), with c = sigmoid(V [x, state]) (DARTS)",
        alike("rnn_gate"), None, arity=2, role="merge", params=two_matrices, macs=per_pixel(two_matrices),
    ),
    Primitive("highway", "s + c * (h - s) of c, h and s", alike("highway"), None, arity=3, role="merge"),
]  # fmt: skip

RECURRENT_BLOCKS = """
use primitives (linear)

# s + sigmoid(V s) * (f(W s) - s), as the nodes of ENAS and DARTS have it.
block rnn_highway(f) { branch highway { linear(bias = 0); sigmoid } { linear(bias = 0); f } { identity } }
"""


# ---- scalar functions (Swish) ----


def one_each(inputs: Inputs, output: Shape, args: Args) -> int:
    """A learned number a channel."""
    return output.width


PLAIN = ("neg", "abs", "square", "cube", "sqrt", "exp", "sin", "sinh", "erf", "softplus")

POINTWISE = [
    *(PRIMITIVES[name] for name in ("identity", "tanh", "sigmoid")),
    *(Primitive(name, f"{name} of each number", kept) for name in PLAIN),
    Primitive("scale", "each channel times a learned number", kept, params=one_each),
    Primitive("offset", "each channel plus a learned number", kept, params=one_each),
    *(
        Primitive(name, f"{name} of two values", alike(name), None, arity=2, role="merge", commutes=name == "min")
        for name in ("sub", "div", "min", "pow")
    ),
]


# ---- binary networks ----


def binary_params(inputs: Inputs, output: Shape, args: Args) -> int:
    return 2 * (separable(inputs, output, args) + inputs[0].width + output.width)


BINARY = [
    *(PRIMITIVES[name] for name in ("none", "identity", "avg_pool", "max_pool")),
    *(
        Primitive(
            name, "a separable convolution, applied twice, with binary weights and inputs (BNAS)", strided(name), None,
            (K, STRIDE), sets_width=True, params=binary_params, macs=per_pixel(separable),
        )
        for name in ("bin_sep_conv", "bin_dil_conv")
    ),
]  # fmt: skip


# ---- vision ----


VISION_BLOCKS = """
block basic_block { shortcut { conv_bn_relu(3); conv_bn(3) }; relu }
block aux_classifier(classes) { relu; avg_pool(5, stride = 3); conv_bn_relu(1, width = 128); classifier(classes) }
"""


def bitops(network: Any) -> int:
    """Multiply-adds times the bits of weights and activations; what is not quantised counts with 32 of each."""
    total = 0
    for position in network.live:
        op = network.ops[position]
        args = dict(op.args)
        bits = args["pw_bits"] * args["act_bits"] if op.name == "qmbconv" else 32 * 32
        total += op.macs * bits
    return total


OPERATIONS = {
    "mobile": MOBILE,
    "text": TEXT,
    "recurrent": RECURRENT,
    "pointwise": POINTWISE,
    "binary": BINARY,
    "vision": [],
}
LIBRARIES = {
    "recurrent": RECURRENT_BLOCKS,
    "binary": "use vision (conv_bn, classifier)\n",
    "vision": VISION_BLOCKS,
}
MEASURES = {"bitops": bitops}
