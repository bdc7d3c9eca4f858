"""Depthwise convolutions of channels-last images on a CPU, with gradients made of the calls that are quick there.

PyTorch's CPU kernels for gradients of depthwise convolutions are quick up to a kernel that is three wide and without
dilation; elsewhere a reference loop takes ten times as long. So a dilated convolution runs on the phases of its image,
an ordinary convolution each; the gradient of the data at stride 1 is a convolution with the kernel turned round; and
the gradient of a kernel five wide is put together from two that are three wide. All of it is exact.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F


def quick(layer: object) -> bool:
    """Whether a layer is a depthwise convolution of images with one square kernel a channel."""
    if not isinstance(layer, nn.Conv2d) or layer.bias is not None or layer.padding_mode != "zeros":
        return False
    alone = layer.groups == layer.in_channels == layer.out_channels
    square = all(pair[0] == pair[1] for pair in (layer.kernel_size, layer.stride, layer.dilation))
    return alone and square and isinstance(layer.padding, tuple) and layer.padding[0] == layer.padding[1]


def depthwise(layer: nn.Conv2d, x: Tensor) -> Tensor:
    """What a `quick` layer makes of images (batch, channels, height, width)."""
    if x.device.type != "cpu" or not torch.is_grad_enabled() or isinstance(layer.padding, str):
        return _called(layer, x)
    weight, stride, padding, dilation = layer.weight, layer.stride[0], layer.padding[0], layer.dilation[0]
    if dilation == 2 and padding % 2 == 0:
        if stride == 2:
            # Every second row and column is read, so the others can be left out.
            return _convolved(x[:, :, ::2, ::2], weight, 1, padding // 2)
        if stride == 1 and x.shape[2] % 2 == 0 == x.shape[3] % 2:
            return _joined(_convolved(_phases(x), weight, 1, padding // 2))
    return _convolved(x, weight, stride, padding) if dilation == 1 else _called(layer, x)


def _called(layer: nn.Module, x: Tensor) -> Tensor:
    made: Tensor = layer(x)
    return made


def _convolved(x: Tensor, weight: Tensor, stride: int, padding: int) -> Tensor:
    x = x.contiguous(memory_format=torch.channels_last)
    made: Tensor = _Depthwise.apply(x, weight, stride, padding)  # type: ignore[no-untyped-call]
    return made


def _phases(x: Tensor) -> Tensor:
    """The four images of every second row and column, one behind another in the batch: (4 N, C, H / 2, W / 2)."""
    n, c, h, w = x.shape
    parts = x.permute(0, 2, 3, 1).reshape(n, h // 2, 2, w // 2, 2, c).permute(2, 4, 0, 1, 3, 5)
    return parts.reshape(4 * n, h // 2, w // 2, c).permute(0, 3, 1, 2)


def _joined(x: Tensor) -> Tensor:
    """The image of four phases."""
    n, c, h, w = x.shape
    parts = x.permute(0, 2, 3, 1).reshape(2, 2, n // 4, h, w, c).permute(2, 3, 0, 4, 1, 5)
    return parts.reshape(n // 4, 2 * h, 2 * w, c).permute(0, 3, 1, 2)


class _Depthwise(torch.autograd.Function):
    """An undilated depthwise convolution; its gradients have gradients too."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, weight: Tensor, stride: int, padding: int) -> Tensor:
        ctx.save_for_backward(x, weight)
        ctx.stride, ctx.padding = stride, padding
        return F.conv2d(x, weight, None, stride, padding, 1, x.shape[1])

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, Tensor | None, None, None]:
        x, weight = ctx.saved_tensors
        stride, padding = ctx.stride, ctx.padding
        grad = grad.contiguous(memory_format=torch.channels_last)
        of_x = of_weight = None
        if ctx.needs_input_grad[0]:
            if stride == 1 and 2 * padding == weight.shape[2] - 1:
                of_x = F.conv2d(grad, weight.flip(2, 3), None, 1, padding, 1, x.shape[1])
            else:
                of_x = _gradients(grad, x, weight, stride, padding, (True, False))[0]
        if ctx.needs_input_grad[1]:
            of_weight = _of_weight(grad, x, weight, stride, padding)
        return of_x, of_weight, None, None


def _gradients(
    grad: Tensor, x: Tensor, weight: Tensor, stride: int, padding: int | tuple[int, int], asked: tuple[bool, bool]
) -> tuple[Tensor, Tensor]:
    sides = (padding, padding) if isinstance(padding, int) else padding
    found = torch.ops.aten.convolution_backward(
        grad, x, weight, None, [stride, stride], list(sides), [1, 1], False, [0, 0], x.shape[1], [*asked, False]
    )
    return found[0], found[1]


def _of_weight(grad: Tensor, x: Tensor, weight: Tensor, stride: int, padding: int) -> Tensor:
    """The gradient of the kernel, in parts that are three columns wide where it is five."""
    if weight.shape[2] != 5 or stride != 1 or padding != 2 or x.shape[3] % 2:
        return _gradients(grad, x, weight, stride, padding, (False, True))[1]
    middle = _gradients(grad, x, weight[..., 1:4], 1, (2, 1), (False, True))[1]
    # Columns -2 and 2 are -1 and 1 on pairs of pixels, which are seen as channels.
    doubled = torch.cat([weight[..., 0:5:2]] * 2)
    outer = _gradients(_pairs(grad), _pairs(x), doubled, 1, (2, 1), (False, True))[1]
    summed = outer.view(2, -1, *outer.shape[1:]).sum(0)
    return torch.cat([summed[..., :1], middle, summed[..., 2:]], 3)


def _pairs(x: Tensor) -> Tensor:
    """A channels-last image whose pixels are pairs of pixels: (N, 2 C, H, W / 2), without a copy."""
    n, c, h, w = x.shape
    return x.permute(0, 2, 3, 1).reshape(n, h, w // 2, 2 * c).permute(0, 3, 1, 2)
