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


def strided(name: str, kernel: int = 3) -> ShapeRule:
    """An image operation that takes a stride and delivers `width`."""

    def shape(inputs: Inputs, args: Args) -> Shape:
        need_image(name, inputs[0])
        axis = Axis(whole(args, "k", kernel), whole(args, "stride", 1))
        return Window(axis, axis).over(inputs[0], whole(args, "width", inputs[0].width))

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
    "binary": BINARY,
    "vision": [],
}
LIBRARIES = {
    "binary": "use vision (conv_bn, classifier)\n",
    "vision": VISION_BLOCKS,
}
MEASURES = {"bitops": bitops}
