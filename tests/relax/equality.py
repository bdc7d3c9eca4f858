"""A supernet under one-hot weights beside the network of the genotype with the same weights."""

from __future__ import annotations

from random import Random
from typing import Any, Final

import torch
from torch import Tensor, nn

from nasdsl.compiler.dag import architecture
from nasdsl.compiler.frame import Binding
from nasdsl.compiler.inherit import child, mixing
from nasdsl.compiler.lower import network
from nasdsl.compiler.module import build
from nasdsl.compiler.openlower import OpenNetwork, opened
from nasdsl.compiler.searchform import DARTS, SearchForm
from nasdsl.compiler.supernet import Supernet
from nasdsl.diagnostics import NasdslError
from nasdsl.space.genotype import Genotype
from nasdsl.space.model import SearchSpace

# The forms of the methods: all of their conventions for a network that is searched.
FORMS: Final = {
    "plain": SearchForm(),
    "darts": DARTS,
    "pc_darts": SearchForm(affine="outside", pool_norm=True, partial=4, edges=True),
    "half": SearchForm(affine="outside", pool_norm=True, partial=2, edges=True),
    "edges": SearchForm(affine="outside", edges=True),
    "merged": SearchForm(affine="outside", pool_norm=True, merged=True),
    "spos": SearchForm(affine="none"),
}
BATCH = 3


def supernet(
    space: SearchSpace, form: SearchForm, binding: Binding | None = None, *, dtype: torch.dtype = torch.float64
) -> Supernet:
    """The supernet of a space, as `ready` leaves it."""
    return ready(Supernet(opened(space, binding, form), 0, dtype))


def ready(net: Supernet) -> Supernet:
    """Statistics and scales of batch norms drawn at random, all other weights that start alike drawn, no dropout."""
    generator = torch.Generator().manual_seed(1)
    with torch.no_grad():
        for module in net.modules():
            if isinstance(module, nn.BatchNorm1d | nn.BatchNorm2d):
                assert module.running_mean is not None
                assert module.running_var is not None
                module.running_mean.normal_(0, 0.3, generator=generator)
                module.running_var.uniform_(0.5, 1.5, generator=generator)
            if isinstance(module, nn.BatchNorm1d | nn.BatchNorm2d | nn.LayerNorm) and module.weight is not None:
                module.weight.normal_(1, 0.2, generator=generator)
                module.bias.normal_(0, 0.2, generator=generator)
            if isinstance(module, nn.Dropout):
                module.p = 0.0
        for parameter in net.parameters():
            if parameter.numel() > 1 and bool((parameter == parameter.flatten()[0]).all()):
                parameter.add_(0.2 * torch.randn(parameter.shape, generator=generator, dtype=parameter.dtype))
    return net


def inputs(open_network: OpenNetwork, dtype: torch.dtype = torch.float64, batch: int = BATCH) -> Any:
    """What the network reads, drawn at random: a tensor, a pyramid as a list by level."""
    generator = torch.Generator().manual_seed(2)
    made = []
    for number in open_network.network.inputs:
        op = open_network.network.ops[number]
        assert op.shape is not None
        if op.name == "tokens":
            value = torch.randint(0, op.shape.width, (batch, *op.shape.size), generator=generator)
        else:
            value = torch.randn(batch, op.shape.width, *op.shape.size, generator=generator, dtype=dtype)
        made.append((op.shape.level, op.name, value))
    if len(made) == 1 and made[0][1] != "feature":
        return made[0][2]
    return [value for _, _, value in sorted(made, key=lambda one: one[0])]


def listed(outputs: Any) -> list[Tensor]:
    return outputs if isinstance(outputs, list) else [outputs]


def difference(found: Any, wanted: Any) -> float:
    """The largest difference, relative to the largest value; what is no number in both is no difference."""
    worst = 0.0
    for one, other in zip(listed(found), listed(wanted), strict=True):
        if one.shape != other.shape or not torch.equal(one.isnan(), other.isnan()):
            return float("inf")
        one, other = one.detach().nan_to_num(), other.detach().nan_to_num()
        worst = max(worst, float((one - other).abs().max() / other.abs().max().clamp(min=1.0)))
    return worst


def gaps(net: Supernet, genotype: Genotype) -> tuple[float, float]:
    """How far the supernet is from the child, in evaluation and in training; after that, their statistics are equal."""
    alone = without_dropout(child(net, genotype))
    weights = mixing(net.open, genotype, torch.zeros((), dtype=torch.float64))
    given = inputs(net.open)
    found = []
    with torch.no_grad():
        for training in (False, True):
            net.train(training)
            alone.train(training)
            found.append(difference(net(given, weights), alone(given)))
    again = child(net, genotype).state_dict()
    for name, value in alone.state_dict().items():
        torch.testing.assert_close(again[name], value, rtol=1e-9, atol=1e-9, equal_nan=True)
    return found[0], found[1]


def without_dropout(module: nn.Module) -> nn.Module:
    for part in module.modules():
        if isinstance(part, nn.Dropout):
            part.p = 0.0
    return module


def alive(net: Supernet, rng: Random, count: int) -> list[Genotype]:
    """Genotypes of the space of which something reaches the output, valid or not."""
    space = net.open.space
    found: list[Genotype] = []
    for _ in range(count * 20):
        genotype = space[rng.randrange(space.size)]
        if lives(net, genotype):
            found.append(genotype)
            if len(found) == count:
                break
    return found


def lives(net: Supernet, genotype: Genotype) -> bool:
    """Whether there is a network of the genotype that can be built."""
    try:
        made = network(genotype, net.open.binding)
        if made.feedback and not made.dead:
            # A cell with a state that reads no element of its sequence is refused.
            build(architecture(made), 0)
    except NasdslError:
        return False
    return not made.dead
