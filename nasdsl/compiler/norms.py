"""Batch norms whose scale takes a mixing weight in, with statistics that many pixels do not blur.

PyTorch's CPU kernel adds the pixels of a channels-last image one after the other: over the 65,536 of a batch of 64
images of 32x32 the statistics are then off by 7e-6 in float32, and so are the outputs of a network. Large images are
therefore normalised here, by sums over wide rows and squares of centred values, at the same speed.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable
from torch.nn import functional as F
from torch.nn.modules.batchnorm import _BatchNorm

# From so many pixels a channel on; numbers that a row of the sums has at least.
LARGE = 8192
WIDE = 64


def normalised(norm: _BatchNorm, x: Tensor, mixing: Tensor | None = None) -> Tensor:
    """What a batch norm makes of `x`, times a mixing weight, a scalar; running statistics as the layer keeps them."""
    scale: Tensor | None = norm.weight
    shift: Tensor | None = norm.bias
    if mixing is not None:
        # Contiguous: the backward of a channels-last batch norm reads a scale without its strides.
        scale = mixing.expand(x.shape[1]).contiguous() if scale is None else scale * mixing
        shift = None if shift is None else shift * mixing
    momentum = norm.momentum
    if norm.training and norm.num_batches_tracked is not None:
        norm.num_batches_tracked.add_(1)
        if momentum is None:
            momentum = 1.0 / float(norm.num_batches_tracked)
    if norm.training and x.dtype == torch.float32 and x.device.type == "cpu" and _is_large(x):
        made, mean, variance = _Norm.apply(x, scale, shift, norm.eps)  # type: ignore[no-untyped-call]
        if norm.running_mean is not None and norm.running_var is not None:
            count = x.numel() // x.shape[1]
            with torch.no_grad():
                norm.running_mean.lerp_(mean, momentum or 0.0)
                norm.running_var.lerp_(variance * (count / (count - 1)), momentum or 0.0)
        return made  # type: ignore[no-any-return]
    training = norm.training or norm.running_mean is None
    return F.batch_norm(x, norm.running_mean, norm.running_var, scale, shift, training, momentum or 0.0, norm.eps)


def _is_large(x: Tensor) -> bool:
    large = x.dim() == 4 and x.numel() // max(1, x.shape[1]) >= LARGE
    return large and x.is_contiguous(memory_format=torch.channels_last)


class _Norm(torch.autograd.Function):
    """A batch norm of a channels-last image (N, C, H, W) by the batch's statistics; it gives these too, (C,) each."""

    @staticmethod
    def forward(
        ctx: Any, x: Tensor, scale: Tensor | None, shift: Tensor | None, eps: float
    ) -> tuple[Tensor, Tensor, Tensor]:
        rows, parts = _rows(x)
        count = x.numel() // x.shape[1]
        mean = _folded(rows.sum(0), parts) / count
        centred = rows - mean.repeat(parts)
        variance = _folded((centred * centred).sum(0), parts) / count
        inverse = (variance + eps).rsqrt()
        made = torch.empty_like(x)
        flat = made.permute(0, 2, 3, 1).view(centred.shape)
        torch.mul(centred, (inverse if scale is None else inverse * scale).repeat(parts), out=flat)
        if shift is not None:
            flat.add_(shift.repeat(parts))
        ctx.save_for_backward(centred, inverse, scale)
        ctx.mark_non_differentiable(mean, variance)
        return made, mean, variance

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad: Tensor, *_: Tensor) -> tuple[Tensor | None, ...]:
        centred, inverse, scale = ctx.saved_tensors
        n, c, h, w = grad.shape
        parts, count = centred.shape[1] // c, grad.numel() // c
        rows = grad.contiguous(memory_format=torch.channels_last).permute(0, 2, 3, 1).reshape(centred.shape)
        total = _folded(rows.sum(0), parts)
        along = _folded((rows * centred).sum(0), parts) * inverse
        factor = inverse if scale is None else inverse * scale
        of_x = torch.addcmul(
            (factor * total / -count).repeat(parts), centred, (factor * along * inverse / -count).repeat(parts)
        )
        of_x.addcmul_(rows, factor.repeat(parts))
        needed = ctx.needs_input_grad
        whole = of_x.view(n, h, w, c).permute(0, 3, 1, 2)
        return whole, along if needed[1] else None, total if needed[2] else None, None


def _rows(x: Tensor) -> tuple[Tensor, int]:
    """The pixels of a channels-last image in rows of several, so that sums run along all of them side by side."""
    n, c, h, w = x.shape
    parts = 1
    while parts * c < WIDE and (n * h * w) % (2 * parts) == 0:
        parts *= 2
    return x.permute(0, 2, 3, 1).reshape(-1, parts * c), parts


def _folded(sums: Tensor, parts: int) -> Tensor:
    return sums if parts == 1 else sums.view(parts, -1).sum(0)
