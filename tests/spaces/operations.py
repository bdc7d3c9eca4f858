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
SE = Parameter("se", 0, least=0)


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


def alike(name: str) -> ShapeRule:
    """A merge of values of one shape."""

    def shape(inputs: Inputs, args: Args) -> Shape:
        if len({(x.width, x.size) for x in inputs}) > 1:
            raise ShapeError(f"`{name}` joins values of different shapes: {', '.join(map(str, inputs))}")
        return Shape(inputs[0].width, inputs[0].size, max(x.level for x in inputs))

    return shape


# ---- costs ----


def squeezed(channels: int, inner: int) -> int:
    """Numbers of a squeeze-and-excite layer, with biases."""
    return 2 * channels * inner + channels + inner if inner else 0


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
    inner, se = of * whole(args, "expand", 1), args.get("se", 0)
    assert isinstance(se, int | float)
    norms = 2 * ((inner if inner != of else 0) + inner + output.width)
    return inverted(inputs, output, args) + norms + squeezed(inner, int(of * se))


def inverted_macs(inputs: Inputs, output: Shape, args: Args) -> int:
    """The expansion is at the resolution of the input, what follows at that of the output."""
    of = inputs[0].width
    inner = of * whole(args, "expand", 1)
    expansion = of * inner if inner != of else 0
    behind = inverted(inputs, output, args) - expansion
    return expansion * prod(inputs[0].size) + behind * prod(output.size)


def full(inputs: Inputs, output: Shape, args: Args) -> int:
    return whole(args, "k", 3) ** 2 * inputs[0].width * output.width


def separable(inputs: Inputs, output: Shape, args: Args) -> int:
    return whole(args, "k", 3) ** 2 * inputs[0].width + inputs[0].width * output.width


def with_norm(weights: Callable[[Inputs, Shape, Args], int]) -> CostRule:
    def params(inputs: Inputs, output: Shape, args: Args) -> int:
        se = args.get("se", 0)
        assert isinstance(se, int | float)
        return weights(inputs, output, args) + 2 * output.width + squeezed(output.width, int(output.width * se))

    return params


def shuffled(kernels: int) -> Callable[[Inputs, Shape, Args], int]:
    """Weights of ShuffleNetV2's block: one half passes, the other through `kernels` depthwise convolutions."""

    def weights(inputs: Inputs, output: Shape, args: Args) -> int:
        k, inner = whole(args, "k", 3), output.width // 2
        halved = whole(args, "stride", 1) == 1
        of = inputs[0].width // 2 if halved else inputs[0].width
        to = output.width - of
        beside = 0 if halved else k * k * of + of * of
        if kernels == 1:
            return beside + of * inner + k * k * inner + inner * to
        return beside + k * k * (of + 2 * inner) + of * inner + inner * inner + inner * to

    return weights


def shuffle_shape(name: str) -> ShapeRule:
    shape = strided(name)

    def fitting(inputs: Inputs, args: Args) -> Shape:
        made = shape(inputs, args)
        if whole(args, "stride", 1) == 1 and inputs[0].width % 2:
            raise ShapeError(f"`{name}` splits its input in two, and {inputs[0].width} channels are odd")
        return made

    return fitting


# ---- mobile networks ----


def pruned(inputs: Inputs, args: Args) -> Shape:
    share = args.get("keep", 1)
    if not isinstance(share, int | float) or not 0 < share <= 1:
        raise ShapeError(f"`keep` is a share of the channels, above 0 and up to 1, not {share}")
    return strided("qmbconv")(inputs, args)


def head_shape(inputs: Inputs, args: Args) -> Shape:
    need_image("mobile_head", inputs[0])
    return Shape(whole(args, "hidden", 0) or inputs[0].width)


def head_weights(inputs: Inputs, output: Shape, args: Args) -> int:
    return inputs[0].width * output.width if whole(args, "hidden", 0) else 0


def head_params(inputs: Inputs, output: Shape, args: Args) -> int:
    return head_weights(inputs, output, args) + (2 * output.width if whole(args, "hidden", 0) else 0)


def head_macs(inputs: Inputs, output: Shape, args: Args) -> int:
    return head_weights(inputs, output, args) * prod(inputs[0].size)


BITS = tuple(Parameter(name, 8) for name in ("pw_bits", "dw_bits", "act_bits"))

MOBILE = [
    *(PRIMITIVES[name] for name in ("identity",)),
    Primitive(
        "mbconv", "an inverted bottleneck (MobileNetV2); se: squeezed channels as a share of the input's",
        strided("mbconv"), None, (K, EXPAND, SE, STRIDE), sets_width=True, params=inverted_params, macs=inverted_macs,
    ),
    Primitive(
        "mbi", "an inverted bottleneck with squeeze-and-excite or without (TF-NAS)",
        strided("mbi"), None, (K, EXPAND, SE, STRIDE), sets_width=True, params=inverted_params, macs=inverted_macs,
    ),
    Primitive(
        "qmbconv", "an inverted bottleneck, pruned to `keep` of its inner channels and quantised (APQ)",
        pruned, None, (K, EXPAND, Parameter("keep", 1, least=0), *BITS, STRIDE), sets_width=True,
        params=inverted_params, macs=inverted_macs,
    ),
    Primitive(
        "conv_op", "a convolution with batch norm (MnasNet)", strided("conv_op"), None, (K, SE, STRIDE),
        sets_width=True, params=with_norm(full), macs=per_pixel(full),
    ),
    Primitive(
        "dconv_op", "a depthwise separable convolution with batch norm (MnasNet)", strided("dconv_op"), None,
        (K, SE, STRIDE), sets_width=True, params=with_norm(separable), macs=per_pixel(separable),
    ),
    Primitive(
        "shuffle", "a ShuffleNetV2 block with kernel k (SPOS)", shuffle_shape("shuffle"), None, (K, STRIDE),
        sets_width=True, params=with_norm(shuffled(1)), macs=per_pixel(shuffled(1)),
    ),
    Primitive(
        "shuffle_x", "a ShuffleNetV2 block with three depthwise 3x3 convolutions (SPOS)", shuffle_shape("shuffle_x"),
        None, (STRIDE,), sets_width=True, params=with_norm(shuffled(3)), macs=per_pixel(shuffled(3)),
    ),
    Primitive(
        "mobile_head", "a 1x1 convolution to `hidden` channels, where given, and the average over the image",
        head_shape, None, (Parameter("hidden", 0, least=0),), params=head_params, macs=head_macs,
    ),
]  # fmt: skip

MOBILE_BLOCKS = """
use vision (conv_bn, conv, max_pool)
use primitives (linear)
block classifier(classes, hidden = 0) { mobile_head(hidden); linear(width = classes) }

# What goes around a layer of MnasNet.
block no_skip(f)       { f }
block identity_skip(f) { shortcut { f } }
block pool_skip(f)     { branch add { f } { max_pool(3); conv(1) } }
"""


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


# ---- detection and vision ----


DETECTION = [
    *(PRIMITIVES[name] for name in ("swish", "global_pool")),
    Primitive(
        "fuse", "a sum with learned weights, normalised (BiFPN)", alike("fuse"), None, arity=None, role="merge",
        params=lambda inputs, output, args: len(inputs),
    ),
]  # fmt: skip

DETECTION_BLOCKS = """
use vision (dw_conv, conv, batch_norm)
block sep_conv_bn(k) { dw_conv(k); conv(1); batch_norm }

# Three convolutions with weights of their own at every level.
block tower { repeat 3 { sep_conv_bn(3); swish } }
cell det_head(p[3..7]) {
  node t3 { from p[3]; then tower }
  node t4 { from p[4]; then tower }
  node t5 { from p[5]; then tower }
  node t6 { from p[6]; then tower }
  node t7 { from p[7]; then tower }
  out [t3, t4, t5, t6, t7] by level
}
"""

VISION = [
    Primitive(
        "concat_split", "1/n of the channels of each of n values (NAS-Bench-101)", alike("concat_split"), None,
        arity=None, role="merge",
    ),
]  # fmt: skip

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
    "detection": DETECTION,
    "vision": VISION,
}
LIBRARIES = {
    "mobile": MOBILE_BLOCKS,
    "binary": "use vision (conv_bn, classifier)\n",
    "detection": DETECTION_BLOCKS,
    "vision": VISION_BLOCKS,
}
MEASURES = {"bitops": bitops}
