"""Normalisation and dropout: what behaves otherwise in training than in evaluation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nasdsl.ops.primitive import Args, Code, Inputs, Parameter, Primitive, Shape, ShapeError
from nasdsl.ops.spatial import whole

if TYPE_CHECKING:
    from torch import nn


def _number(args: Args, name: str, default: float) -> float:
    value = args.get(name, default)
    if isinstance(value, int | float):
        return float(value)
    raise ShapeError(f"`{name}` must be a number, not {value}")


def _kept(inputs: Inputs, args: Args) -> Shape:
    return inputs[0]


def _affine(inputs: Inputs, output: Shape, args: Args) -> int:
    return 2 * output.width if whole(args, "affine", 1) else 0


def _build_batch_norm(inputs: Inputs, output: Shape, args: Args) -> nn.Module:
    from torch import nn

    kind = nn.BatchNorm2d if len(output.size) == 2 else nn.BatchNorm1d
    return kind(output.width, eps=_number(args, "eps", 1e-5), affine=bool(whole(args, "affine", 1)))


def _thinned(inputs: Inputs, args: Args) -> Shape:
    p = _number(args, "p", 0.5)
    if not 0 <= p < 1:
        raise ShapeError(f"`dropout` drops a share from 0 to below 1, not {p}")
    return inputs[0]


def _build_dropout(inputs: Inputs, output: Shape, args: Args) -> nn.Module:
    from torch import nn

    return nn.Dropout(_number(args, "p", 0.5))


def _channels(inputs: Inputs, output: Shape, args: Args) -> int:
    return 2 * output.width


def _build_layer_norm(inputs: Inputs, output: Shape, args: Args) -> Code | nn.Module:
    from torch import nn

    norm = nn.LayerNorm(output.width, eps=_number(args, "eps", 1e-5))
    return Code("{self}({0}.transpose(1, -1)).transpose(1, -1)", norm) if output.size else norm


NORMS = (
    Primitive(
        "batch_norm",
        "batch normalisation, with scale and shift unless affine = 0",
        _kept,
        _build_batch_norm,
        (Parameter("affine", 1, least=0), Parameter("eps", 1e-5, least=None)),
        params=_affine,
    ),
    Primitive(
        "layer_norm",
        "layer normalisation: over the channels of each place, with scale and shift",
        _kept,
        _build_layer_norm,
        (Parameter("eps", 1e-5, least=None),),
        params=_channels,
    ),
    Primitive(
        "dropout",
        "zeroes a share p of the numbers in training",
        _thinned,
        _build_dropout,
        (Parameter("p", required=True, least=0),),
    ),
)
