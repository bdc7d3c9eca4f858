"""FairDARTS and GOLD-NAS: gates that do not compete, the zero-one loss, pruning."""

from __future__ import annotations

import math

import pytest
import torch

from nasdsl.diagnostics import NasdslError
from tests.relax.toy import Units, batch, begun, choices, made, searched


def test_gates_of_fair_darts_do_not_compete() -> None:
    at = searched(scale=0.0)
    method = begun("fair-darts", at)
    before = method.weights(at)["normal"]
    with torch.no_grad():
        at.architecture["normal"][0, 3] = 4.0
    after = method.weights(at)["normal"]
    assert (before[0, 1:] == 0.5).all()
    assert (after[0, 1:] == 0.5).sum() == 6
    assert after[0, 3] > 0.98


def test_the_zero_one_loss_drives_gates_apart() -> None:
    """Minus the mean squared distance from one half, times 10, on top of the cross entropy."""
    at = searched(scale=1.0)
    method = begun("fair-darts", at)
    x, labels = batch(1)
    weights = method.mixed(at)
    gates = at.architecture["normal"][:, 1:].sigmoid()
    expected = at.loss(at.forward(x, weights), labels) - 10 * ((gates - 0.5) ** 2).mean()
    assert method.objective(at, (x, labels)).item() == pytest.approx(expected.item())
    free = made("fair-darts", zero_one=0.0)
    free.begin(at)
    both = [torch.autograd.grad(m.objective(at, (x, labels)), m.alphas)[0] for m in (method, free)]
    drive = (both[0] - both[1])[:, 1:]
    assert torch.equal(drive < 0, gates > 0.5)  # descending makes what is above one half larger


def test_gold_nas_needs_a_resource() -> None:
    with pytest.raises(NasdslError) as raised:
        made("gold-nas").begin(searched())
    assert raised.value.diagnostics[0].code == "E0907"


def test_gold_nas_prunes_the_lowest_gates_for_good() -> None:
    at = searched(resource=Units())
    method = begun("gold-nas", at, pace=2, first=0.25)
    low, lowest = math.log(0.04 / 0.96), math.log(0.005 / 0.995)
    with torch.no_grad():
        alpha = at.architecture["normal"]
        alpha[0, 1], alpha[0, 2], alpha[1, 1] = low, low - 0.1, low - 0.05
        alpha[2, 1:4] = lowest
    assert method.prune(at) == 3  # the two of the pace are among those below the least
    assert (~method.kept["normal"]).nonzero().tolist() == [[2, 1], [2, 2], [2, 3]]
    assert method.prune(at) == 2
    assert method.prune(at) == 1
    assert method.prune(at) == 0
    assert (method.weights(at)["normal"] == 0).nonzero().tolist() == [[0, 1], [0, 2], [1, 1], [2, 1], [2, 2], [2, 3]]
    method.step(at, batch(1), batch(2))
    assert sum(at.supernet.calls.values()) == 5 * 7 - 6


def test_a_choice_of_gold_nas_keeps_its_best_gate() -> None:
    at = searched(choices("choice", 2), resource=Units())
    method = begun("gold-nas", at, pace=100)
    with torch.no_grad():
        at.architecture["choice"].fill_(-20.0)
        at.architecture["choice"][1, 2] += 1
    method.prune(at)
    assert method.kept["choice"].nonzero().tolist() == [[0, 0], [1, 2]]


def test_the_penalty_of_gold_nas_grows_faster_while_nothing_is_pruned() -> None:
    at = searched(resource=Units())
    method = begun("gold-nas", at, first=1.0, growth=2.0, pace=1)
    found = [method.weight]
    for epoch in range(4):
        method.begin_epoch(at, epoch)
        found.append(method.weight)
    assert found == [1, 1, 3, 7, 15]
    with torch.no_grad():
        at.architecture["normal"][0, 1] = -10
    method.begin_epoch(at, 4)
    assert method.weight == 16
    weights = method.mixed(at)
    term = Units().term(at.supernet, weights).item()
    assert method.penalty(at, weights).item() == pytest.approx(16 * term)
