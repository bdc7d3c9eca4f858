"""Blocks of the library `mobile` against PyTorch written out."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

import nasdsl

NET = """use mobile ({names})
net n {{ input image({width}, 6, 8); stage (width = {to}{stride}) {{ {step} }} }}
"""


def built(step: str, names: str, width: int, to: int, stride: int = 1) -> nn.Module:
    """The module of a net of one step, in training mode: its batch norms normalise with the batch."""
    given = f", stride = {stride}" if stride > 1 else ""
    space = nasdsl.loads(NET.format(names=names, width=width, to=to, stride=given, step=step))
    return nasdsl.build(nasdsl.architecture(nasdsl.network(space[0])), seed=0).train()


def weights(module: nn.Module) -> list[Tensor]:
    """The weights of convolutions and linear maps in the order in which they are applied."""
    return [m.weight for m in module.modules() if isinstance(m, nn.Conv2d | nn.Linear)]


def norm(x: Tensor, eps: float = 1e-5) -> Tensor:
    return F.batch_norm(x, None, None, training=True, eps=eps)


@pytest.mark.parametrize(("to", "stride"), [(8, 1), (12, 1), (8, 2)])
def test_an_inverted_bottleneck(to: int, stride: int) -> None:
    module = built("mbconv(5, 3, act = relu6, eps = 1e-3)", "mbconv, relu6", 8, to, stride)
    wide, deep, narrow = weights(module)
    assert [*wide.shape, *deep.shape, *narrow.shape] == [24, 8, 1, 1, 24, 1, 5, 5, to, 24, 1, 1]
    x = torch.randn(2, 8, 6, 8)
    made = F.relu6(norm(F.conv2d(x, wide), 1e-3))
    made = F.relu6(norm(F.conv2d(made, deep, None, stride, 2, groups=24), 1e-3))
    made = norm(F.conv2d(made, narrow), 1e-3)
    expected = x + made if (to, stride) == (8, 1) else made
    assert torch.allclose(module(x), expected, atol=1e-5)


def test_squeeze_and_excitation_scales_channels() -> None:
    module = built("squeeze_excite(3, act = swish, gate = hsigmoid)", "squeeze_excite, swish, hsigmoid", 8, 8)
    down, up = (m for m in module.modules() if isinstance(m, nn.Linear))
    x = torch.randn(2, 8, 6, 8)
    gate = F.hardsigmoid(up(F.silu(down(x.mean((2, 3))))))
    assert torch.allclose(module(x), x * gate[:, :, None, None], atol=1e-6)


def divisible(v: int) -> int:
    """The multiple of 8 that MobileNetV3 takes for v channels."""
    near = max(8, (v + 4) // 8 * 8)
    return near + 8 if near < 0.9 * v else near


@pytest.mark.parametrize("inner", [*range(8, 200, 4), 240, 672, 960, 1152, 5000])
def test_the_width_that_mobilenetv3_squeezes_to(inner: int) -> None:
    module = built("squeeze_excite_v3", "squeeze_excite_v3", inner, inner)
    assert weights(module)[0].shape == (divisible(inner // 4), inner)


def test_a_shuffled_block_passes_the_even_channels() -> None:
    module = built("shuffle(3)", "shuffle", 8, 8)
    first, deep, last = weights(module)
    x = torch.randn(2, 8, 6, 8)
    made = F.relu(norm(F.conv2d(x[:, 1::2], first)))
    made = norm(F.conv2d(made, deep, None, 1, 1, groups=4))
    made = F.relu(norm(F.conv2d(made, last)))
    assert torch.allclose(module(x), torch.cat((x[:, ::2], made), 1), atol=1e-5)
