"""The supernets of DARTS and PC-DARTS beside the same by hand, and both beside the figures of the official code."""

from __future__ import annotations

import json
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

import nasdsl
from nasdsl.compiler.openlower import opened
from nasdsl.compiler.searchform import SearchForm
from nasdsl.compiler.supernet import Supernet
from tests.zoo.checksum import outputs, shape_hash

from .peers import ROOT, ByHand, Mixed, Uniform, drawn, plain, relaxed, same_weights, uniform

PUBLISHED = json.loads((ROOT / "tests" / "published" / "supernets.json").read_text(encoding="utf-8"))
FIGURES, MOBILE = PUBLISHED["supernets"], PUBLISHED["mobile"]
METHODS = list(FIGURES)


def agrees(net: nn.Module, figures: dict[str, Any]) -> None:
    parameters = list(net.parameters())
    assert sum(p.numel() for p in parameters) == figures["params"]
    assert len(parameters) == figures["tensors"]
    assert shape_hash(parameters) == figures["hash"]
    mixed = uniform(edges=figures["parts"] > 1)
    first4 = outputs(Uniform(net, mixed), figures["input"])[:4].tolist()
    assert first4 == pytest.approx(figures["first4"], abs=1e-6)


@pytest.mark.parametrize("method", METHODS)
def test_by_hand_is_the_official_supernet(method: str) -> None:
    agrees(plain.PlainSupernet(parts=FIGURES[method]["parts"]), FIGURES[method])


@pytest.mark.parametrize("method", METHODS)
def test_ours_is_the_official_supernet(method: str) -> None:
    figures, network = FIGURES[method], relaxed(method)
    net = Supernet(network, seed=0)
    shapes = [t.shape for t in network.tables]
    if network.form.edges:
        shapes += [(rows,) for rows, _ in shapes]
    assert shapes == [tuple(shape) for shape in figures["tables"]]
    assert network.network.macs == figures["macs"]
    agrees(net, figures)


@pytest.mark.parametrize("name", ["proxylessnas", "spos"])
def test_the_supernets_of_mobile_spaces_are_the_official_ones(name: str) -> None:
    figures = MOBILE[name]
    network = opened(nasdsl.load(name), None, SearchForm(affine=figures["affine"]))
    parameters = list(Supernet(network, seed=0).parameters())
    assert sum(p.numel() for p in parameters) == figures["params"]
    assert shape_hash(parameters) == figures["hash"]
    assert [table.shape for table in network.tables] == [(1, columns) for columns in figures["columns"]]


def far(found: Tensor, expected: Tensor) -> float:
    """How far off, in parts of the largest number expected."""
    return float((found - expected).detach().abs().max() / expected.detach().abs().max())


def gradients(net: nn.Module, mixed: Mixed, x: Tensor, labels: Tensor) -> tuple[Tensor, list[Tensor], list[Tensor]]:
    """Logits, and gradients of weights and of mixing weights. What has none has the gradient 0."""
    given = mixed if isinstance(net, ByHand) else mixed.named
    logits = net(x, given)
    weights = list(net.parameters())
    found = torch.autograd.grad(
        F.cross_entropy(logits, labels), [*weights, *mixed.all], allow_unused=True, materialize_grads=True
    )
    return logits, list(found[: len(weights)]), list(found[len(weights) :])


def compared(method: str, seed: int, cells_per_stage: int, size: int, *, train: bool = True) -> None:
    """Outputs and all gradients are those of the network by hand, in float64."""
    parts = FIGURES[method]["parts"]
    built = Supernet(relaxed(method, cells_per_stage, size), seed, torch.float64)
    hand = ByHand(built, parts, 3 * cells_per_stage + 2)
    mixed = drawn(seed, edges=parts > 1)
    generator = torch.Generator().manual_seed(seed)
    x = torch.randn(4, 3, size, size, generator=generator, dtype=torch.float64)
    labels = torch.randint(10, (4,), generator=generator)
    ours, theirs = (gradients(net.train(train), mixed, x, labels) for net in (built, hand))
    assert far(ours[0], theirs[0]) < 1e-12
    largest = max(float(g.abs().max()) for g in theirs[1])
    for a, b in zip(ours[1], theirs[1], strict=True):
        assert float((a - b).abs().max()) < 1e-12 * largest
    for a, b in zip(ours[2], theirs[2], strict=True):
        assert far(a, b) < 1e-12


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("size", [16, 12])  # 12 is odd after the second reduction
def test_outputs_and_gradients_are_those_by_hand(method: str, size: int) -> None:
    compared(method, seed=size, cells_per_stage=1, size=size)


def test_outputs_and_gradients_are_those_by_hand_in_evaluation() -> None:
    compared("darts", seed=1, cells_per_stage=1, size=16, train=False)


@pytest.mark.prove
@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("seed", range(3))
def test_outputs_and_gradients_of_the_whole_net_are_those_by_hand(method: str, seed: int) -> None:
    compared(method, seed, cells_per_stage=2, size=32)


def test_in_float32_it_is_as_near_to_float64_as_by_hand() -> None:
    built = Supernet(relaxed("darts", 1), seed=0, dtype=torch.float32)
    hand, exact = (ByHand(built, 1, 5) for _ in range(2))
    same_weights(exact.double().net, built)
    mixed = Mixed([t.detach().softmax(-1) for t in drawn(0, edges=False).tables])
    x = torch.randn(16, 3, 32, 32, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        truth, theirs = exact(x.double(), mixed), hand(x, mixed.to(torch.float32))
        ours = built(x, mixed.to(torch.float32).named)
    assert far(ours, theirs) < 1e-5
    # PyTorch's own batch norm of channels-last images is off six times as far as it is of others.
    assert far(ours.double(), truth) < 4 * far(theirs.double(), truth)
