"""A network's fingerprints: the shapes of its parameters, and what it computes under weights that everybody can make.

The weights, the input and the mode are those under which the figures in `tests/published` were counted, by building the
official code of each paper. Outputs that agree under them agree in wiring, strides, operations, the order of batch norm
and activation, and the order of concatenation at once.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn


def noise(count: int) -> NDArray[np.float64]:
    """Numbers in [-0.5, 0.5): a hash of 0, 1, 2, ..., the same on every machine."""
    x = (np.arange(1, count + 1, dtype=np.uint64) * np.uint64(2654435761)) % np.uint64(2**32)
    x ^= x >> np.uint64(16)
    x = (x * np.uint64(2246822519)) % np.uint64(2**32)
    x ^= x >> np.uint64(13)
    return x.astype(np.float64) / 2**32 - 0.5


@torch.no_grad()
def set_weights(module: nn.Module) -> None:
    """Weights of convolutions and linear maps from their flat index, biases 0, batch norm as it starts."""
    for layer in module.modules():
        if isinstance(layer, nn.Conv2d | nn.Linear):
            weight = layer.weight
            values = torch.from_numpy(noise(weight.numel())).reshape(weight.shape)
            weight.copy_(values * math.sqrt(24 / weight[0].numel()))
            if layer.bias is not None:
                layer.bias.zero_()


def outputs(module: nn.Module, shape: Sequence[int]) -> Tensor:
    """What a module makes of a batch of that `shape` (batch, channels, height, width): flat, in float64."""
    module.double()
    set_weights(module)
    module.eval()
    for layer in module.modules():
        if isinstance(layer, nn.BatchNorm2d | nn.BatchNorm1d):
            layer.train()
    x = torch.from_numpy(noise(math.prod(shape)) * 2).reshape(tuple(shape))
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # several take twenty times as long where others use the same cores
    try:
        with torch.no_grad():
            return module(x).flatten()
    finally:
        torch.set_num_threads(threads)


def shape_hash(parameters: Iterable[Tensor]) -> str:
    """16 hexadecimal digits of the shapes of parameters, whatever their order and names."""
    shapes = sorted("x".join(map(str, p.shape)) for p in parameters)
    return hashlib.sha256(";".join(shapes).encode()).hexdigest()[:16]
