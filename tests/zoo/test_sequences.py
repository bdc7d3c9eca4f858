"""Spaces beyond images: what they compute, against PyTorch written out, and random networks of them."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

import nasdsl

SPACES = nasdsl.shipped()
COUNTS = json.loads((Path(__file__).parents[1] / "published" / "sequences.json").read_text(encoding="utf-8"))
ACTIVATIONS = {"tanh": torch.tanh, "relu": torch.relu, "sigmoid": torch.sigmoid, "identity": lambda x: x}
TINY = {"swish": {"D": 1, "C": 4}, "textnas": {"C": 12}}


@pytest.mark.parametrize("count", COUNTS, ids=lambda count: f"{count['space']} {count['params']}")
def test_a_size_at_other_parameters(count: dict[str, object]) -> None:
    assert nasdsl.load(SPACES[str(count["space"])], count["params"]).size == int(str(count["size"]))  # type: ignore[arg-type]


def tiny(name: str) -> nasdsl.SearchSpace:
    """A shipped space that is quick to compute."""
    text = SPACES[name].read_text(encoding="utf-8")
    text = text.replace("tokens(20000, 64)", "tokens(50, 7)").replace("image(3, 32, 32)", "image(3, 8, 8)")
    return nasdsl.loads(text, f"{name}.nas", TINY[name])


@pytest.mark.parametrize("name", TINY)
def test_networks_compute_finite_numbers_of_the_predicted_shape(name: str) -> None:
    space, rng = tiny(name), Random(7)
    torch.manual_seed(0)
    for genotype in (space[rng.randrange(space.size)] for _ in range(5)):
        network = nasdsl.network(genotype)
        module = nasdsl.build(nasdsl.architecture(network), seed=0)
        x = torch.randint(50, (2, 7)) if name == "textnas" else torch.randn(2, 3, 8, 8)
        result = module(x)
        ((_, end),) = network.outputs
        shape = network.ops[end].shape
        assert shape is not None
        assert result.shape == (2, shape.width, *shape.size)
        assert sum(p.numel() for p in module.parameters()) == network.params
        result.square().sum().backward()
        assert torch.isfinite(result).all()
        assert all(torch.isfinite(p.grad).all() for p in module.parameters() if p.grad is not None)


class TextNas:
    """TextNAS's layers, given as operation, layer read and skips, with the weights of a network of ours."""

    def __init__(self, held: list[nn.Module], weights: Tensor, layers: list[tuple[str, int, list[int]]]) -> None:
        self.held = held
        self.weights = weights
        self.layers = layers

    def next(self, kind: type[nn.Module]) -> nn.Module:
        found = self.held.pop(0)
        assert isinstance(found, kind), found
        return found

    def operation(self, name: str, x: Tensor) -> Tensor:
        if name.startswith("conv1d"):
            conv, norm = self.next(nn.Conv1d), self.next(nn.BatchNorm1d)
            return F.relu(norm(F.conv1d(x, conv.weight, conv.bias, padding=conv.kernel_size[0] // 2)))
        if name == "gru":
            both = self.next(nn.GRU)(x.transpose(1, 2))[0]
            return both.unflatten(2, (2, x.shape[1])).sum(2).transpose(1, 2)
        if name.startswith("attention"):
            parts = F.relu(self.next(nn.Linear)(x.transpose(1, 2))).chunk(3, 2)
            q, k, v = (part.unflatten(2, (4, -1)).transpose(1, 2) for part in parts)
            mixed = torch.softmax(q @ k.transpose(2, 3) / q.shape[-1] ** 0.5, -1) @ v
            return self.next(nn.BatchNorm1d)(mixed.transpose(1, 2).flatten(2).transpose(1, 2))
        if name == "max_pool1d":
            return F.max_pool1d(x, 3, 1, 1)
        return F.avg_pool1d(x, 3, 1, 1, count_include_pad=False)

    def __call__(self, words: Tensor) -> Tensor:
        x = self.operation("conv1d", self.next(nn.Embedding)(words).transpose(1, 2))
        values: list[Tensor] = []
        for name, read, skips in self.layers:
            made = self.operation(name, values[read] if values else x)
            values.append(self.next(nn.BatchNorm1d)(made + sum(values[s] for s in skips)))
        mean = sum(w * v for w, v in zip(torch.softmax(self.weights, 0), values, strict=True))
        return self.next(nn.Linear)(mean.mean(2))


def test_textnas_computes_what_its_official_code_does() -> None:
    """Up to the padding of its average pools, which the official code counts as words."""
    genotype = tiny("textnas").point("textnas")
    chosen = genotype.assignment
    ops = ["conv1d"] * 4 + ["avg_pool1d", "max_pool1d", "gru", "attention"]
    layers: list[tuple[str, int, list[int]]] = [(ops[chosen["layers.first.op[0]"]], 0, [])]
    for i in range(1, 24):
        (read,) = chosen[f"layers.l[{i - 1}].from"]
        op, skips = chosen[f"layers.l[{i - 1}].op[0]"], list(chosen[f"layers.l[{i - 1}].absorb"])
        layers.append((ops[op], max(0, i - 5) + read, skips))
    module = nasdsl.build(nasdsl.architecture(nasdsl.network(genotype)), seed=0).double().eval()
    (weights,) = (p for p in module.parameters() if p.shape == (24,))
    nn.init.uniform_(weights, generator=torch.Generator().manual_seed(0))
    held: list[nn.Module] = []
    for layer in module.modules():
        if not list(layer.children()):
            layer.register_forward_hook(lambda layer, inputs, output: held.append(layer))
    words = torch.randint(50, (2, 7), generator=torch.Generator().manual_seed(0))
    found = module(words)
    assert found.allclose(TextNas(held, weights, layers)(words))


def darts_cell(x: Tensor, h: Tensor, weights: list[Tensor], genotype: list[tuple[str, int]]) -> Tensor:
    """One step of DARTS's recurrent cell: each of its maps is two of ours, one for the gate and one for the value."""

    def gated(read: Tensor, state: Tensor, activation: str) -> Tensor:
        c, t = weights.pop(0), weights.pop(0)
        return state + torch.sigmoid(read @ c.T) * (ACTIVATIONS[activation](read @ t.T) - state)

    states = [gated(torch.cat([x, h], 1), h, "tanh")]
    for activation, read in genotype:
        states.append(gated(states[read], states[read], activation))
    return torch.stack(states[1:]).mean(0)


# The nodes of the genotypes as they stand in the official code: an activation, and the state it reads.
STEPS = {
    name: [(word, int(read)) for word, read in (step.split() for step in genotype.split(", "))]
    for name, genotype in {
        "darts_v1": "relu 0, relu 1, tanh 2, relu 3, relu 4, identity 1, relu 5, relu 1",
        "darts_v2": "sigmoid 0, relu 1, relu 1, identity 1, tanh 2, sigmoid 5, tanh 3, relu 5",
    }.items()
}


@pytest.mark.parametrize("name", STEPS)
def test_the_cell_is_that_of_the_official_code(name: str) -> None:
    """With a second port in place of its state, which reads tanh(x)."""
    text = SPACES["darts_rnn"].read_text(encoding="utf-8")
    start, end = text.index("net ptb"), text.index("genotype darts_v1")
    text = text.replace(text[start:end], "net ptb { input sequence(6, 5); stem identity; stem tanh; rnn }\n\n")
    space = nasdsl.loads(text.replace("x, state h) {", "x, h) {\n  align ports needed gate"))
    module = nasdsl.build(nasdsl.architecture(nasdsl.network(space.point(name))), seed=0).double()
    x = torch.randn(2, 6, 5, dtype=torch.float64)
    found = module(x)
    for place in range(5):
        weights = list(module.parameters())
        assert len(weights) == 18
        one = x[:, :, place]
        assert found[:, :, place].allclose(darts_cell(one, torch.tanh(one), weights, STEPS[name]))


@pytest.mark.parametrize("name", STEPS)
def test_a_network_runs_its_cell_along_the_words(name: str) -> None:
    """Embedding, the cell from a state of zeros on, and a decoder for every place."""
    text = SPACES["darts_rnn"].read_text(encoding="utf-8").replace("10000, 35", "20, 5").replace("10000", "20")
    space = nasdsl.loads(text, params={"C": 6})
    module = nasdsl.build(nasdsl.architecture(nasdsl.network(space.point(name))), seed=0).double()
    table, *maps, decoder, bias = module.parameters()
    words = torch.tensor([[3, 1, 4, 1, 5], [9, 2, 6, 5, 3]])
    h = torch.zeros(2, 6, dtype=torch.float64)
    expected = []
    for place in range(5):
        h = darts_cell(table[words[:, place]], h, list(maps), STEPS[name])
        expected.append(h @ decoder.T + bias)
    assert module(words).allclose(torch.stack(expected, 2))
