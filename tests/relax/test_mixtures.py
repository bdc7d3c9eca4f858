"""Which candidates run in a pass, and which parameters move by it."""

from __future__ import annotations

from collections import Counter

import pytest
import torch

from nasdsl.relax.method import Losses
from tests.relax.toy import Calls, Units, batch, begun, changed, choices, searched, values


def test_gdas_runs_one_candidate_an_edge() -> None:
    at = searched(scale=2.0)
    method = begun("gdas", at)
    calls = Calls(at)
    before = values(at)
    method.step(at, batch(1), batch(2))
    assert len(calls.each) == 2
    assert all(set(calls.rows(n).values()) == {1} for n in (0, 1))
    assert calls.each[0] != calls.each[1]  # drawn anew for the weights
    assert changed(before, at)


def test_gdas_reaches_parameters_of_candidates_that_did_not_run() -> None:
    at = searched()
    method = begun("gdas", at)
    (gradient,), _ = method.gradient(at, batch(1), batch(2))
    rows = gradient[gradient.abs().sum(1) > 0]
    assert len(rows)
    assert (rows != 0).all()


def test_snas_mixes_by_concrete_samples() -> None:
    at = searched(epochs=50)
    method = begun("snas", at)
    first, second = method.mixed(at)["normal"], method.mixed(at)["normal"]
    assert not torch.equal(first, second)
    at.epoch = 49
    assert method.mixed(at)["normal"].max(1).values.mean() > 0.95 > first.max(1).values.mean()
    assert torch.equal(method.weights(at)["normal"], at.architecture["normal"].softmax(1))


def test_drnas_mixes_by_dirichlet_samples() -> None:
    at = searched()
    method = begun("drnas", at)
    with torch.no_grad():
        at.architecture["normal"][:, 1] = 7.0
    samples = torch.stack([method.mixed(at)["normal"].detach() for _ in range(2000)])
    assert torch.allclose(samples.sum(-1), torch.ones(samples.shape[:2], dtype=torch.float64))
    # Concentrations are 8 and seven times 1: the mean is 8/15, the variance that of a beta distribution.
    assert samples[..., 1].mean().item() == pytest.approx(8 / 15, abs=0.01)
    assert samples[..., 1].var().item() == pytest.approx(8 * 7 / 15**2 / 16, rel=0.1)
    assert method.weights(at)["normal"][0, 1].item() == pytest.approx(8 / 15, abs=1e-3)


def test_nasp_runs_the_best_candidate_of_an_edge_and_stays_in_the_box() -> None:
    at = searched()
    method = begun("nasp", at, lr=1.0)
    assert at.architecture["normal"][:, 1:].mean().item() == pytest.approx(0.5, abs=1e-2)
    assert at.architecture["normal"][:, 0].mean().item() == pytest.approx(0.4, abs=1e-2)
    calls = Calls(at)
    best = at.architecture["normal"].argmax(1)
    method.step(at, batch(1), batch(2))
    rows = at.supernet.tables[0].rows
    assert set(calls.each[0]) == {f"normal.{row.index}.{row.columns[best[row.index]]}" for row in rows}
    assert all(max(calls.rows(n).values()) == 1 for n in (0, 1))
    alpha = at.architecture["normal"].detach()
    assert 0 <= alpha.min() <= alpha.max() <= 1
    assert ((alpha == 0) | (alpha == 1)).any()  # so large a step ends at the box


def test_proxyless_touches_two_paths() -> None:
    at = searched(choices("choice", 3), scale=1.0)
    method = begun("proxyless", at, lr=0.1)
    calls = Calls(at)
    before = at.architecture["choice"].detach().clone()
    method.step(at, batch(1), batch(2))
    after = at.architecture["choice"].detach()
    assert set(calls.rows(0).values()) == {2}  # the architecture
    assert set(calls.rows(1).values()) == {1}  # the weights
    pair = method.paths.drawn["choice"]
    assert pair.sum(1).tolist() == [2, 2, 2]
    assert torch.equal(before[~pair], after[~pair])
    assert (before[pair] != after[pair]).all()
    assert torch.allclose(before.softmax(1)[~pair], after.softmax(1)[~pair], rtol=1e-12)
    one, other = (after - before)[pair].view(3, 2).T
    assert (one * other < 0).all()  # what one gains, the other loses


def test_the_gradient_of_proxyless_is_that_of_its_two_gates() -> None:
    """Equation 4 of the paper, row by row and path by path."""
    at = searched(choices("choice", 2), scale=1.0)
    method = begun("proxyless", at)
    (found,), _ = method.gradient(at, batch(1), batch(2))
    gates = method.paths.gates["choice"].detach().requires_grad_()
    logits = at.forward(batch(2)[0], {"choice": gates}, method.paths.drawn)
    (slope,) = torch.autograd.grad(at.loss(logits, batch(2)[1]), gates)
    expected = torch.zeros_like(found)
    for row, pair in enumerate(method.paths.drawn["choice"]):
        i, j = pair.nonzero().flatten().tolist()
        p = at.architecture["choice"].detach()[row, [i, j]].softmax(0)
        expected[row, i] = p[0] * p[1] * (slope[row, i] - slope[row, j])
        expected[row, j] = -expected[row, i]
    assert torch.allclose(found, expected)


def test_what_proxyless_saves_moves_the_drawn_paths_alone() -> None:
    at = searched(choices("choice", 3), scale=1.0, resource=Units())
    method = begun("proxyless", at)
    without = searched(choices("choice", 3), scale=1.0)
    plain = begun("proxyless", without)
    (costly,), (free,) = method.gradient(at, batch(1), batch(2))[0], plain.gradient(without, batch(1), batch(2))[0]
    pair = method.paths.drawn["choice"]
    difference = costly - free
    assert (difference[~pair] == 0).all()
    assert (difference[pair].view(3, 2)[:, 0] < 0).all()  # the cheaper one is preferred
    assert (difference[pair].view(3, 2)[:, 1] > 0).all()


def test_fairnas_takes_each_candidate_once_and_moves_the_weights_once() -> None:
    at = searched(choices("wide", 3), choices("narrow", 2, ("conv(1)", "conv(3)")))
    method = begun("fairnas", at)
    calls = Calls(at)
    moved = 0

    def count(*_: object) -> None:
        nonlocal moved
        moved += 1

    at.optimiser.register_step_post_hook(count)
    done = method.step(at, batch(1), batch(2))
    total = sum(calls.each, Counter())
    assert (len(calls.each), moved) == (4, 1)
    assert all(set(calls.rows(n).values()) == {1} for n in range(4))
    assert [total[f"wide.{row}.{op}"] for row in range(3) for op in ("identity", "conv(1)", "conv(3)", "conv(5)")] == [
        1
    ] * 12
    assert [total[f"narrow.{row}.{op}"] for row in range(2) for op in ("conv(1)", "conv(3)")] == [2] * 4
    assert done.seen == 4 * 16


def test_the_gradients_of_fairnas_are_added() -> None:
    at = searched(choices("wide", 2), clip=1e9)
    method = begun("fairnas", at)
    paths = list(method.paths(at))
    losses = torch.stack([at.loss(at.forward(batch(1)[0], path), batch(1)[1]) for path in paths])
    expected = torch.autograd.grad(losses.sum(), list(at.supernet.parameters()))
    method.paths = lambda _: iter(paths)
    gradients: list[torch.Tensor] = []
    at.optimiser.register_step_pre_hook(lambda *_: gradients.extend(p.grad.clone() for p in at.supernet.parameters()))
    done: Losses = method.step(at, batch(1), batch(2))
    assert all(torch.allclose(a, b) for a, b in zip(gradients, expected, strict=True))
    assert done.train == pytest.approx(losses.mean().item())
