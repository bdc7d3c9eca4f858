"""A trained network as it is used: batch norms folded into convolutions, and exported."""

from __future__ import annotations

import copy

import torch
from torch import Tensor, nn
from torch.nn.utils import fusion

from nasdsl.compiler.module import Network, evaluated


def folded(network: Network) -> Network:
    """A copy in evaluation mode, without second heads, in which every batch norm behind a convolution is part of it.

    It computes the same up to rounding, is quicker, and is not to be trained on.
    """
    copied = evaluated(copy.deepcopy(network)).eval()
    for before, behind in copied.normed:
        try:
            layer, norm = copied.get_submodule(before), copied.get_submodule(behind)
        except AttributeError:  # of a second head
            continue
        if isinstance(norm, nn.BatchNorm2d) and isinstance(layer, nn.Conv2d):
            _set(copied, before, fusion.fuse_conv_bn_eval(layer, norm))
        elif isinstance(norm, nn.BatchNorm1d) and isinstance(layer, nn.Linear):
            _set(copied, before, fusion.fuse_linear_bn_eval(layer, norm))
        else:
            continue
        _set(copied, behind, nn.Identity())
    copied.normed = ()
    return copied


def exported(network: Network, example: Tensor | list[Tensor], *, fold: bool = True) -> torch.export.ExportedProgram:
    """The network's evaluation as a program of torch.export, for batches of any size; batch norms are folded.

    `example` is an input as the network takes it, of a batch of at least 2. `.module()` of the result runs it,
    `torch.export.save` keeps it in a file.
    """
    ready = folded(network) if fold else evaluated(copy.deepcopy(network)).eval()
    batch = torch.export.Dim("batch", min=1, max=2**16)
    shapes = ([{0: batch}] * len(example),) if isinstance(example, list) else ({0: batch},)
    with torch.no_grad():
        return torch.export.export(ready, (example,), dynamic_shapes=shapes)


def _set(network: nn.Module, name: str, module: nn.Module) -> None:
    holder, _, leaf = name.rpartition(".")
    setattr(network.get_submodule(holder), leaf, module)
