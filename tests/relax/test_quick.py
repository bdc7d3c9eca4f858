"""Depthwise convolutions and batch norms as supernets call them, beside the layers of PyTorch."""

from __future__ import annotations

from itertools import product

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from nasdsl.compiler.depthwise import depthwise, quick
from nasdsl.compiler.norms import LARGE, normalised

LAST = torch.channels_last


def images(seed: int, *shape: int, dtype: torch.dtype = torch.float64) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(*shape, generator=generator).to(dtype).contiguous(memory_format=LAST)


def layer(kernel: int, stride: int, dilation: int, padding: int) -> nn.Conv2d:
    made = nn.Conv2d(4, 4, kernel, stride, padding, dilation, groups=4, bias=False, dtype=torch.float64)
    with torch.no_grad():
        made.weight.copy_(images(kernel, 4, 1, kernel, kernel))
    return made


SIZES = (8, 12), (9, 7), (8, 7), (13, 10)


@pytest.mark.parametrize(("kernel", "stride", "dilation"), list(product((1, 2, 3, 5, 7), (1, 2, 3), (1, 2, 3))))
def test_depthwise_is_the_layer(kernel: int, stride: int, dilation: int) -> None:
    whole = dilation * (kernel - 1)
    for padding, (height, width) in product(sorted({0, whole // 2, whole // 2 + 1}), SIZES):
        if min(height, width) + 2 * padding <= whole:
            continue
        conv = layer(kernel, stride, dilation, padding)
        assert quick(conv)
        x = images(1, 2, 4, height, width).requires_grad_()
        expected, found = conv(x), depthwise(conv, x)
        grad = images(2, *expected.shape)
        pairs = [(found, expected)]
        of_found, of_expected = (torch.autograd.grad(y, (x, conv.weight), grad) for y in (found, expected))
        pairs += zip(of_found, of_expected, strict=True)
        for a, b in pairs:
            torch.testing.assert_close(a, b, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize(("kernel", "stride", "dilation"), [(3, 1, 2), (5, 1, 1), (5, 1, 2), (3, 2, 2), (5, 2, 1)])
def test_gradients_of_depthwise_have_gradients(kernel: int, stride: int, dilation: int) -> None:
    conv = layer(kernel, stride, dilation, dilation * (kernel - 1) // 2)
    x = images(1, 1, 4, 4, 6).requires_grad_()

    def called(x: Tensor, weight: Tensor) -> Tensor:
        return torch.func.functional_call(conv, {"weight": weight}, x)

    grad = images(2, *conv(x).shape).requires_grad_()
    firsts = []
    for made in (depthwise(conv, x), called(x, conv.weight)):
        first = torch.autograd.grad(made, (x, conv.weight), grad, create_graph=True)
        along = sum((g * images(i, *g.shape)).sum() for i, g in enumerate(first))
        firsts.append(torch.autograd.grad(along, (x, conv.weight, grad)))
    for a, b in zip(*firsts, strict=True):
        torch.testing.assert_close(a, b, rtol=1e-12, atol=1e-12)


def test_a_layer_with_more_to_it_is_called_itself() -> None:
    for other in (
        nn.Conv2d(4, 4, 3, groups=2, bias=False), nn.Conv2d(4, 8, 3, groups=4, bias=False),
        nn.Conv2d(4, 4, 3, groups=4), nn.Conv2d(4, 4, (3, 5), groups=4, bias=False),
        nn.Conv2d(4, 4, 3, groups=4, bias=False, stride=(1, 2)),
        nn.Conv2d(4, 4, 3, groups=4, bias=False, padding="same"),
        nn.Conv2d(4, 4, 3, groups=4, bias=False, padding=1, padding_mode="reflect"),
        nn.Conv1d(4, 4, 3, groups=4, bias=False), nn.ReLU(), None,
    ):  # fmt: skip
        assert not quick(other)


def norm(affine: bool, momentum: float | None = 0.1) -> nn.BatchNorm2d:
    made = nn.BatchNorm2d(4, affine=affine, momentum=momentum)
    if affine:
        nn.init.uniform_(made.weight, 0.5, 1.5, generator=torch.Generator().manual_seed(3))
        nn.init.uniform_(made.bias, -1, 1, generator=torch.Generator().manual_seed(4))
    return made


def through(call: str, own: nn.BatchNorm2d, x: Tensor, mixing: Tensor | None) -> list[Tensor]:
    """What a norm makes, the gradients of all that it reads, and what it remembers."""
    given = [x.clone(memory_format=torch.preserve_format).requires_grad_(), *own.parameters()]
    weight = None if mixing is None else mixing.to(x.dtype).requires_grad_()
    if call == "ours":
        made = normalised(own, given[0], weight)
    else:
        made = own(given[0]) if weight is None else own(given[0]) * weight
    asked = given if weight is None else [*given, weight]
    grads = torch.autograd.grad(made, asked, images(5, *x.shape, dtype=x.dtype))
    assert own.running_mean is not None
    assert own.running_var is not None
    return [made.detach(), *grads, own.running_mean, own.running_var]


@pytest.mark.parametrize("momentum", [0.1, None])
@pytest.mark.parametrize("mixing", [None, 0.3, -2.0])
@pytest.mark.parametrize("affine", [True, False])
@pytest.mark.parametrize("shape", [(8, 4, 32, 32), (3, 4, 61, 47), (2, 4, 5, 6)])
def test_a_batch_norm_is_the_layer(
    shape: tuple[int, ...], affine: bool, mixing: float | None, momentum: float | None
) -> None:
    large = shape[0] * shape[2] * shape[3] >= LARGE
    assert large == (shape[2] > 6)
    # Far from 0, where squares that are not centred would cancel.
    x = 3 + images(6, *shape, dtype=torch.float32) * torch.tensor([0.1, 1, 2, 5]).view(1, 4, 1, 1)
    weight = None if mixing is None else torch.tensor(mixing)
    exact = through("layer", norm(affine, momentum).double(), x.double(), weight)
    ours = through("ours", norm(affine, momentum), x, weight)
    for found, expected in zip(ours, exact, strict=True):
        assert float((found.double() - expected).abs().max()) < 1e-5 * max(1.0, float(expected.abs().max()))


def test_many_pixels_do_not_blur_a_batch_norm() -> None:
    """PyTorch's own is off by 1e-6 and more; should that pass, `nasdsl.compiler.norms` can go."""
    x = images(7, 64, 16, 32, 32, dtype=torch.float32)
    exact = F.batch_norm(x.double(), None, None, training=True)
    own = nn.BatchNorm2d(16, affine=False)
    ours, theirs = (float((y.double() - exact).abs().max()) for y in (normalised(own, x), own(x)))
    assert ours < 1e-6 < theirs


def test_a_batch_norm_in_evaluation_is_the_layer() -> None:
    own = norm(True)
    x = images(8, 8, 4, 32, 32, dtype=torch.float32)
    own(x)
    own.eval()
    before = own.running_mean.clone() if own.running_mean is not None else None
    torch.testing.assert_close(normalised(own, x, torch.tensor(0.5)), 0.5 * own(x))
    assert before is not None
    assert torch.equal(before, own.running_mean)
