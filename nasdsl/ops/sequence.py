"""Operations along a sequence, a tensor (batch, channels, length), and the embedding that makes one of words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nasdsl.ops.primitive import Args, Code, Indices, Inputs, Parameter, Primitive, Shape, ShapeError, ShapeRule
from nasdsl.ops.spatial import PADDING, Axis, need_sequence, padding, whole

if TYPE_CHECKING:
    from torch import nn


def _embedded(inputs: Inputs, args: Args) -> Shape:
    (x,) = inputs
    if not isinstance(x, Indices):
        raise ShapeError(f"`embedding` reads words, as `input tokens(10000, 35)` gives them, not {x}")
    return Shape(whole(args, "dim", 1), x.size, x.level)


def _embedding_params(inputs: Inputs, output: Shape, args: Args) -> int:
    return inputs[0].width * output.width


def _build_embedding(inputs: Inputs, output: Shape, args: Args) -> Code:
    from torch import nn

    return Code("{self}({0}).transpose(1, 2)", nn.Embedding(inputs[0].width, output.width))


def _axis(args: Args) -> Axis:
    return Axis(whole(args, "k", 1), whole(args, "stride", 1), whole(args, "dilation", 1), padding(args))


def _slid(name: str) -> ShapeRule:
    """A window that slides along a sequence."""

    def shape(inputs: Inputs, args: Args) -> Shape:
        (x,) = inputs
        need_sequence(name, x)
        axis = _axis(args)
        level = x.level + axis.stride.bit_length() - 1
        return Shape(whole(args, "width", x.width), (axis.outputs(x.size[0]),), level)

    return shape


def _conv_weights(inputs: Inputs, output: Shape, args: Args) -> int:
    return whole(args, "k", 1) * inputs[0].width * output.width


def _conv_params(inputs: Inputs, output: Shape, args: Args) -> int:
    return _conv_weights(inputs, output, args) + (output.width if args.get("bias") else 0)


def _conv_macs(inputs: Inputs, output: Shape, args: Args) -> int:
    return _conv_weights(inputs, output, args) * output.size[0]


def _build_conv(inputs: Inputs, output: Shape, args: Args) -> Code | nn.Module:
    from torch import nn

    axis, bias = _axis(args), bool(args.get("bias"))
    before, after = axis.padding
    even = before if before == after else 0
    conv = nn.Conv1d(
        inputs[0].width, output.width, axis.kernel, axis.stride, even, axis.dilation, bias=bias
    )  # fmt: skip
    return conv if before == after else Code(f"{{self}}(F.pad({{0}}, ({before}, {after})))", conv)


def _build_max(inputs: Inputs, output: Shape, args: Args) -> str:
    axis = _axis(args)
    k, stride, (before, after) = axis.kernel, axis.stride, axis.padding
    if before == after:
        return f"F.max_pool1d({{0}}, {k}, {stride}, {before})"
    return f'F.max_pool1d(F.pad({{0}}, ({before}, {after}), value=float("-inf")), {k}, {stride})'


def _build_avg(inputs: Inputs, output: Shape, args: Args) -> str:
    axis = _axis(args)
    k, stride, (before, after) = axis.kernel, axis.stride, axis.padding
    if before == after:
        return f"F.avg_pool1d({{0}}, {k}, {stride}, {before}, count_include_pad=False)"
    # The average with the padding, by the share of its window that lies inside the sequence.
    padded = f"F.avg_pool1d(F.pad({{x}}, ({before}, {after})), {k}, {stride})"
    return f"{padded.format(x='{0}')} / {padded.format(x='torch.ones_like({0})')}"


def _recurrent(inputs: Inputs, args: Args) -> Shape:
    (x,) = inputs
    need_sequence("gru", x)
    return Shape(whole(args, "width", x.width), x.size, x.level)


def _gru_weights(inputs: Inputs, output: Shape, args: Args) -> int:
    """In each direction three maps of the element, and three of the state."""
    directions = 2 if whole(args, "bidirectional", 1) else 1
    return directions * 3 * (inputs[0].width + output.width) * output.width


def _gru_params(inputs: Inputs, output: Shape, args: Args) -> int:
    directions = 2 if whole(args, "bidirectional", 1) else 1
    return _gru_weights(inputs, output, args) + directions * 6 * output.width


def _gru_macs(inputs: Inputs, output: Shape, args: Args) -> int:
    return _gru_weights(inputs, output, args) * output.size[0]


def _build_gru(inputs: Inputs, output: Shape, args: Args) -> Code:
    from torch import nn

    both = bool(whole(args, "bidirectional", 1))
    gru = nn.GRU(inputs[0].width, output.width, batch_first=True, bidirectional=both)
    summed = ".unflatten(2, (2, -1)).sum(2)" if both else ""
    return Code(f"{{self}}({{0}}.transpose(1, 2))[0]{summed}.transpose(1, 2)", gru)


def _attended(inputs: Inputs, args: Args) -> Shape:
    (x,) = inputs
    need_sequence("attend", x)
    heads = whole(args, "heads", 1)
    if x.width % (3 * heads):
        raise ShapeError(
            f"`attend` splits queries, keys and values for {heads} heads, and {x.width} do not divide by {3 * heads}"
        )
    return Shape(x.width // 3, x.size, x.level)


def _build_attend(inputs: Inputs, output: Shape, args: Args) -> str:
    split = f"{{0}}.unflatten(1, (3, {whole(args, 'heads', 1)}, -1)).transpose(3, 4)"
    parts = ", ".join(f"{split}[:, {i}]" for i in range(3))
    return f"F.scaled_dot_product_attention({parts}).transpose(2, 3).flatten(1, 2)"


_POOL = (Parameter("k", required=True), Parameter("stride", 1), PADDING)

SEQUENCES = (
    Primitive(
        "embedding",
        "a vector of `dim` learned numbers for each word",
        _embedded,
        _build_embedding,
        (Parameter("dim", required=True),),
        params=_embedding_params,
        reads_indices=True,
    ),
    Primitive(
        "conv1d",
        "a convolution along a sequence",
        _slid("conv1d"),
        _build_conv,
        (
            *(Parameter("k", required=True), Parameter("stride", 1), Parameter("dilation", 1)),
            *(Parameter("bias", 0, least=0), PADDING),
        ),
        sets_width=True,
        params=_conv_params,
        macs=_conv_macs,
    ),
    Primitive("max_pool1d", "the maximum of each k places of a sequence", _slid("max_pool1d"), _build_max, _POOL),
    Primitive(
        "avg_pool1d",
        "the average of each k places of a sequence, over those inside it",
        _slid("avg_pool1d"),
        _build_avg,
        _POOL,
    ),
    Primitive(
        "gru",
        "a gated recurrent layer; the sum of both directions unless bidirectional = 0",
        _recurrent,
        _build_gru,
        (Parameter("bidirectional", 1, least=0),),
        sets_width=True,
        params=_gru_params,
        macs=_gru_macs,
    ),
    Primitive(
        "attend",
        "scaled dot-product attention (Vaswani et al., 2017): a third of the channels queries, one keys, one values",
        _attended,
        _build_attend,
        (Parameter("heads", 1),),
    ),
)
