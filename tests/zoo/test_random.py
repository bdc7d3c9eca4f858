"""Random genotypes of every shipped space: what is built runs forward and backward, and is what was predicted.

CI draws five of each net, `make prove` 300 of each. Every value is looked at: the network's own code, which says the
shape of each, is run with these comments turned into assertions. So the printed code is run as well.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from math import prod
from random import Random
from typing import Any

import pytest
import torch
from torch import Tensor, nn

import nasdsl
from nasdsl.compiler.network import Network
from nasdsl.space.model import Genotype, SearchSpace

# Parameters that make a space's networks small, where it has them.
SMALL = {"N": 1, "C": 4, "W": 8, "D": 1}


def nets() -> Iterator[tuple[str, str | None]]:
    for name, path in nasdsl.shipped().items():
        found = re.findall(r"^net (\w+)", path.read_text(encoding="utf-8"), re.MULTILINE)
        yield from ((name, net) for net in found or [None])


NETS = list(nets())


def small(name: str, net: str | None) -> SearchSpace:
    declared = set(re.findall(r"^param (\w+)", nasdsl.shipped()[name].read_text(encoding="utf-8"), re.MULTILINE))
    return nasdsl.load(name, {key: value for key, value in SMALL.items() if key in declared}, net)


def lowered(genotype: Genotype) -> Network:
    """The network on small images, where it reads images; on its own input where it reads another.

    On its own too where an auxiliary head does not fit a small one.
    """
    first = nasdsl.network(genotype).ops[0]
    if first.name == "image":
        channels = first.shape.width if first.shape is not None else 3
        try:
            return nasdsl.network(genotype, nasdsl.Binding(channels, (32, 32), 7))
        except nasdsl.NasdslError as mistake:
            if [d.code for d in mistake.diagnostics] != ["E0408"]:
                raise
            return nasdsl.network(genotype)
    if first.name == "feature":
        return nasdsl.network(genotype, nasdsl.Binding(3, (128, 128), 7))
    return nasdsl.network(genotype)


def given(network: Network, batch: int = 2) -> Any:
    """An input of the network."""
    made = []
    for position in network.inputs:
        op = network.ops[position]
        assert op.shape is not None
        if op.name == "tokens":
            made.append(torch.randint(op.shape.width, (batch, *op.shape.size)))
        else:
            made.append(torch.randn(batch, op.shape.width, *op.shape.size))
    return made if len(made) > 1 or network.ops[network.inputs[0]].name == "feature" else made[0]


class Counter:
    """Counts the multiply-adds of one input, by what each layer is and was given."""

    def __init__(self, module: nn.Module) -> None:
        self.total = 0
        for layer in module.modules():
            if isinstance(layer, nn.Conv1d | nn.Conv2d | nn.Linear | nn.GRU):
                layer.register_forward_hook(self.count)

    def count(self, layer: nn.Module, inputs: tuple[Tensor, ...], output: Any) -> None:
        if isinstance(layer, nn.GRU):
            weights = sum(p.numel() for name, p in layer.named_parameters() if name.startswith("weight"))
            self.total += weights * inputs[0].shape[1]
        elif isinstance(layer, nn.Linear):
            self.total += prod(output.shape[1:]) * layer.in_features
        else:
            weight = layer.get_parameter("weight")
            self.total += prod(output.shape[1:]) * weight[0].numel()


def asserting(code: str) -> str:
    """The code of a network with the shapes of its comments asserted."""
    return re.sub(
        r"^( +)([a-zA-Z_]\w*) = (.*?) +# \(N, (.*)\)$",
        r"\1\2 = \3; assert tuple(\2.shape[1:]) == (\4,), \2.shape", code,
        flags=re.MULTILINE,
    )  # fmt: skip


def ends(made: Any) -> list[Tensor]:
    return list(made) if isinstance(made, list) else [made]


def runs(genotype: Genotype, seed: int) -> None:
    """Everything that is promised of one genotype."""
    torch.manual_seed(seed)
    network = lowered(genotype)
    module = nasdsl.build(nasdsl.architecture(network), seed=seed)
    assert sum(p.numel() for p in module.parameters()) == network.params
    x = given(network)
    counter = Counter(module)
    made = ends(module(x))
    assert counter.total == network.macs
    shapes = [network.ops[position].shape for _, position in network.outputs]
    assert [tuple(y.shape[1:]) for y in made] == [(s.width, *s.size) for s in shapes if s is not None]
    assert all(bool(y.isfinite().all()) for y in made)
    parameters = list(module.parameters())
    if parameters:
        sum(y.square().mean() for y in made).backward()
        assert all(p.grad is not None for p in parameters)
        assert all(bool(p.grad.isfinite().all()) for p in parameters if p.grad is not None)
    names: dict[str, Any] = {"__name__": "alone"}
    exec(compile(asserting(module.code), "alone", "exec"), names)
    alone = [kind for kind in names.values() if isinstance(kind, type) and issubclass(kind, nn.Module)][-1]()
    alone.load_state_dict(module.state_dict())
    with torch.no_grad():
        both = zip(ends(module.eval()(x)), ends(alone.eval()(x)), strict=True)
        assert all(torch.allclose(a, b, atol=1e-4, rtol=1e-4, equal_nan=True) for a, b in both)


def valid(space: SearchSpace, count: int) -> Iterator[Genotype]:
    rng = Random(0)
    yield from (space.sample(rng) for _ in range(count))


@pytest.mark.parametrize(("name", "net"), NETS)
def test_random_genotypes_are_built_and_run(name: str, net: str | None) -> None:
    for i, genotype in enumerate(valid(small(name, net), 5)):
        runs(genotype, i)


@pytest.mark.prove
@pytest.mark.parametrize(("name", "net"), NETS)
def test_300_random_genotypes_are_built_and_run(name: str, net: str | None) -> None:
    for i, genotype in enumerate(valid(small(name, net), 300)):
        runs(genotype, i)


def exports(genotype: Genotype) -> None:
    network = lowered(genotype)
    module = nasdsl.build(nasdsl.architecture(network), seed=0).eval()
    x = given(network)
    program = torch.export.export(module, (x,))
    with torch.no_grad():
        both = zip(ends(program.module()(x)), ends(module(x)), strict=True)
        # Untrained, what grows from layer to layer (`swish`) may have no number at the end: here as there.
        assert all(torch.allclose(a, b, atol=1e-5, rtol=1e-4, equal_nan=True) for a, b in both)


@pytest.mark.parametrize("name", sorted({name for name, _ in NETS}))
def test_networks_export(name: str) -> None:
    net = next(net for other, net in reversed(NETS) if other == name)
    exports(small(name, net).sample(Random(1)))


@pytest.mark.prove
@pytest.mark.parametrize(("name", "net"), NETS)
def test_20_networks_export(name: str, net: str | None) -> None:
    for genotype in valid(small(name, net), 20):
        exports(genotype)


# One small network of each family: cells, motifs, a chain, a pyramid.
FAMILIES = {"darts": "search", "nasbench201": None, "hierarchical": "search", "proxylessnas": None, "spos": None,
            "bifpn": None, "textnas": None, "darts_rnn": None, "swish": None}  # fmt: skip


@pytest.mark.prove
@pytest.mark.parametrize("name", FAMILIES)
def test_a_network_of_each_family_compiles(name: str) -> None:
    """With the backend that generates code, which takes a C++ compiler."""
    network = lowered(small(name, FAMILIES[name]).sample(Random(2)))
    module = nasdsl.build(nasdsl.architecture(network), seed=0).eval()
    x = given(network)
    with torch.no_grad():
        # torch.compile leaves recurrent layers out of its graphs.
        whole = not any(isinstance(layer, nn.GRU) for layer in module.modules())
        both = zip(ends(torch.compile(module, fullgraph=whole)(x)), ends(module(x)), strict=True)
        assert all(torch.allclose(a, b, atol=1e-4, rtol=1e-3) for a, b in both)


@pytest.mark.parametrize("name", ["nasbench201", "hierarchical"])
def test_networks_are_traced_whole(name: str) -> None:
    network = lowered(small(name, FAMILIES[name]).sample(Random(2)))
    module = nasdsl.build(nasdsl.architecture(network), seed=0).eval()
    x = given(network)
    with torch.no_grad():
        assert torch.allclose(torch.compile(module, backend="aot_eager", fullgraph=True)(x), module(x), atol=1e-5)
