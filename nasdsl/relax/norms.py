"""Statistics of batch norms for weights that were not trained together, computed anew before they are judged.

A path through a supernet has batch norms that saw other paths, too (Guo et al., Single Path One-Shot, 2020, section
3.4; Bender et al., 2018, section 3.4).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn

from nasdsl.evolve.train import Batches
from nasdsl.relax.method import Batch

BATCHES = 20


def chosen(data: Batches, order: Tensor, step: int, batch: int) -> Batch:
    """The images (batch, channels, height, width) and labels (batch,) of a step, in an order (count,)."""
    positions = order[step * batch : (step + 1) * batch].to(data.labels.device)
    return data.images[positions].contiguous(memory_format=torch.channels_last), data.labels[positions]


@torch.no_grad()
def calibrate(
    net: nn.Module, forward: Callable[[Tensor], object], data: Batches, batch: int, batches: int = BATCHES
) -> None:
    """Computes the statistics of the batch norms that `forward` passes, as the mean over so many batches of images.

    They are the first ones in the order of one fixed draw, so the same for all that is judged. Leaves `net` in
    evaluation mode. The variance is the mean of those of the batches, as PyTorch averages it.
    """
    net.eval()
    for norm in norms(net):
        norm.reset_running_stats()
        # None: a cumulative average.
        norm.momentum = None
        norm.train()
    order = torch.randperm(len(data), generator=torch.Generator().manual_seed(0))
    for step in range(min(batches, max(1, len(data) // batch))):
        forward(chosen(data, order, step, batch)[0])
    net.eval()


@contextmanager
def unchanged(net: nn.Module) -> Iterator[None]:
    """Puts statistics, momenta and mode of the batch norms back as they were."""
    every = list(norms(net))
    buffers = [[buffer.clone() for buffer in norm.buffers()] for norm in every]
    momenta, training = [norm.momentum for norm in every], net.training
    try:
        yield
    finally:
        with torch.no_grad():
            for norm, held, momentum in zip(every, buffers, momenta, strict=True):
                norm.momentum = momentum
                for buffer, before in zip(norm.buffers(), held, strict=True):
                    buffer.copy_(before)
        net.train(training)


def norms(net: nn.Module) -> Iterator[nn.BatchNorm2d]:
    """The batch norms of a network that keep statistics, of any number of dimensions."""
    for module in net.modules():
        if isinstance(module, nn.modules.batchnorm._BatchNorm) and module.track_running_stats:
            yield module  # type: ignore[misc]
