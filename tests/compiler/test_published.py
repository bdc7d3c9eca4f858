"""Published figures: sizes of spaces, and networks equal to those of the paper's own code."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from nasdsl import Genotype, architecture, build, load, network

PUBLISHED = Path(__file__).parent.parent / "published"


def figures(name: str) -> dict[str, Any]:
    return json.loads((PUBLISHED / f"{name}.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", ["hierarchical", "darts", "nasfpn"])
def test_sizes_are_the_published_ones(name: str) -> None:
    assert load(name).size == figures("sizes")[name]["size"]


def test_a_nasnet_space_is_two_cells_of_the_published_size() -> None:
    assert load("nasnet").size == figures("sizes")["nasnet_cell"]["size"] ** 2


def test_hierarchical_is_as_large_in_both_nets() -> None:
    assert load("hierarchical", net="cifar10").size == load("hierarchical", net="search").size == 7**46


def numbers(count: int) -> torch.Tensor:
    """The deterministic stand-in for random numbers that the figures were made with."""
    x = ((np.arange(count, dtype=np.uint64) + 1) * 2654435761) % (1 << 32)
    x ^= x >> np.uint64(16)
    x = (x * 2246822519) % (1 << 32)
    x ^= x >> np.uint64(13)
    return torch.from_numpy(x / 2**32 - 0.5)


def prepared(module: nn.Module) -> nn.Module:
    module = module.double().eval()
    with torch.no_grad():
        for part in module.modules():
            if isinstance(part, nn.Conv2d | nn.Linear):
                weight = part.weight
                weight.copy_(numbers(weight.numel()).reshape(weight.shape) * (24 / weight[0].numel()) ** 0.5)
                if part.bias is not None:
                    part.bias.zero_()
            if isinstance(part, nn.BatchNorm2d):
                part.train()
    return module


@pytest.mark.parametrize("name", ["darts_v1", "darts_v2"])
def test_the_published_darts_networks_are_exact(name: str) -> None:
    same(load("darts").point(name), figures("darts")[name])


def test_a_network_of_nasbench201_is_exact() -> None:
    space = load(Path(__file__).parent.parent / "spaces" / "nasbench201.nas")
    # Of each edge the number of its operation, in the order of the file.
    ranks = (3, 3, 4, 1, 3, 1)
    same(space[sum(op * 5**i for i, op in enumerate(reversed(ranks)))], figures("nasbench201")["example"])


def same(genotype: Genotype, want: dict[str, Any]) -> None:
    """The network of a genotype has the published costs, shapes of parameters, and outputs."""
    net = network(genotype)
    assert (net.params, net.macs) == (want["params"], want["macs"])
    module = build(architecture(net), seed=0)
    shapes = ";".join(sorted("x".join(map(str, p.shape)) for p in module.parameters()))
    assert hashlib.sha256(shapes.encode()).hexdigest()[:16] == want["param_shape_hash"]
    with torch.no_grad():
        logits = prepared(module)(numbers(2 * 3 * 32 * 32).reshape(2, 3, 32, 32) * 2)
    assert np.allclose(logits.flatten()[:4].tolist(), want["first4"], rtol=0, atol=1e-6)
