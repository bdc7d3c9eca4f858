"""Mixing: what the weights sum to, what is exactly zero, and that gradients are those of finite differences."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from nasdsl.compiler.tables import Row, Table
from nasdsl.relax import mixing
from tests.relax.toy import edges


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def alphas(*shape: int, seed: int = 3) -> Tensor:
    return torch.randn(shape, generator=seeded(seed), dtype=torch.float64)


def absent_rows(rows: int, columns: int) -> Table:
    names = ("absent", *(f"op{i}" for i in range(1, columns)))
    return Table("t", tuple(Row("edge", "a", f"v{i}", names, "t", i, group="a") for i in range(rows)))


def order_rows(size: int) -> Table:
    names = tuple(f"item{i}" for i in range(size))
    return Table("t", tuple(Row("order", "deal", str(i), names, "t", i) for i in range(size)))


SMOOTH = {
    "softmax": lambda a: mixing.softmax(a),
    "masked": lambda a: mixing.softmax(a, torch.tensor([[True, False, True], [True, True, True]])),
    "sigmoid": lambda a: mixing.sigmoid(absent_rows(2, 3), a),
    "concrete": lambda a: mixing.concrete(a, 0.7, seeded()),
    "sinkhorn": lambda a: mixing.sinkhorn(a[:, :2]),
    "gumbel sinkhorn": lambda a: mixing.gumbel_sinkhorn(a[:, :2], 0.7, seeded()),
    "edges": lambda a: mixing.edge_softmax(absent_rows(2, 3), a[:, 0]),
}


@pytest.mark.parametrize("name", SMOOTH)
def test_gradients_are_those_of_finite_differences(name: str) -> None:
    """With the same noise: its generator begins anew in every call."""
    assert torch.autograd.gradcheck(SMOOTH[name], (alphas(2, 3).requires_grad_(),))


def test_softmax_of_dropped_columns_is_zero_exactly() -> None:
    kept = torch.tensor([[True, False, True, True]])
    weights = mixing.softmax(alphas(1, 4), kept)
    assert weights[0, 1] == 0
    assert weights.sum().item() == pytest.approx(1)


def test_absent_is_what_no_gate_holds() -> None:
    weights = mixing.sigmoid(absent_rows(2, 3), torch.zeros(2, 3))
    assert weights.tolist() == [[0.25, 0.5, 0.5]] * 2
    kept = torch.tensor([[True, False, False], [True, True, False]])
    assert mixing.sigmoid(absent_rows(2, 3), torch.zeros(2, 3), kept).tolist() == [[1, 0, 0], [0.5, 0.5, 0]]


def test_a_hard_sample_is_one_hot_exactly_and_has_the_gradient_of_the_soft_one() -> None:
    alpha = alphas(50, 5).requires_grad_()
    hard = mixing.hard_gumbel(alpha, 0.5, seeded(7))
    soft = mixing.concrete(alpha, 0.5, seeded(7))
    assert set(hard.unique().tolist()) == {0.0, 1.0}
    assert torch.equal(hard.sum(1), torch.ones(50, dtype=torch.float64))
    assert torch.equal(hard.argmax(1), soft.argmax(1))
    factor = alphas(50, 5, seed=9)
    assert torch.equal(*(torch.autograd.grad((each * factor).sum(), alpha)[0] for each in (hard, soft)))


def test_hard_samples_come_with_the_probabilities_of_the_softmax() -> None:
    alpha = torch.tensor([0.0, 1.0, 2.0]).expand(20_000, 3)
    shares = mixing.hard_gumbel(alpha, 0.3, seeded()).mean(0)
    assert torch.allclose(shares, alpha[0].softmax(0), atol=0.015)


def test_concrete_samples_grow_cold() -> None:
    warm, cold = (mixing.concrete(alphas(500, 4), t, seeded()).max(1).values.mean() for t in (1.0, 0.03))
    assert warm < 0.75
    assert cold > 0.97


def test_dirichlet_samples_have_mean_and_variance_of_the_distribution() -> None:
    alpha = torch.tensor([0.5, -1.0, 2.0], dtype=torch.float64).expand(40_000, 3)
    weights = mixing.dirichlet(alpha, seeded())
    expected = torch.distributions.Dirichlet(torch.nn.functional.elu(alpha[0]) + 1)
    assert torch.allclose(weights.sum(1), torch.ones(40_000, dtype=torch.float64))
    assert torch.allclose(weights.mean(0), expected.mean, atol=0.01)
    assert torch.allclose(weights.var(0), expected.variance, atol=0.01)


def test_the_gradient_of_dirichlet_samples_is_that_of_their_mean() -> None:
    """The pathwise gradient of a sample is no number to check; its mean is the derivative of the mean."""
    alpha = torch.tensor([[0.5, -0.5, 1.0]], dtype=torch.float64, requires_grad=True)
    samples = mixing.dirichlet(alpha.expand(40_000, 3), seeded())
    (found,) = torch.autograd.grad(samples[:, 0].mean(), alpha)
    concentration = mixing.concentration(alpha)
    (expected,) = torch.autograd.grad((concentration / concentration.sum())[0, 0], alpha)
    assert torch.allclose(found, expected, atol=0.01)


def test_the_proximal_vector_is_one_hot_and_lets_gradients_through() -> None:
    alpha = alphas(4, 3).requires_grad_()
    weights = mixing.proximal(alpha)
    assert set(weights.unique().tolist()) == {0.0, 1.0}
    assert torch.equal(torch.autograd.grad((weights * 3).sum(), alpha)[0], torch.full((4, 3), 3.0, dtype=torch.float64))


def test_orders_are_doubly_stochastic_and_cold_ones_near_permutations() -> None:
    weights = mixing.sinkhorn(alphas(5, 5), steps=200)
    ones = torch.ones(5, dtype=torch.float64)
    assert torch.allclose(weights.sum(0), ones)
    assert torch.allclose(weights.sum(1), ones, atol=1e-6)
    warm, cold = (mixing.gumbel_sinkhorn(alphas(5, 5), temperature, seeded()) for temperature in (2.0, 0.1))
    assert sorted(cold.argmax(1).tolist()) == [0, 1, 2, 3, 4]
    assert cold.max(1).values.min() > 0.85 > warm.max(1).values.max()


def test_mix_treats_orders_and_edges_by_themselves() -> None:
    rule: Callable[[Table, Tensor], Tensor] = lambda _, alpha: mixing.softmax(alpha)  # noqa: E731
    order = order_rows(3)
    weights = mixing.mix([order], {"t": alphas(3, 3)}, rule)
    assert torch.equal(weights["t"], mixing.sinkhorn(alphas(3, 3)))
    cell = edges("cell", 2)
    parameters = {"cell": alphas(*cell.shape), "cell.edges": alphas(cell.shape[0])}
    weights = mixing.mix([cell], parameters, rule)["cell.edges"]
    assert weights[:2].sum().item() == pytest.approx(1)
    assert weights[2:].sum().item() == pytest.approx(1)


def test_rows_that_are_no_edges_have_edge_weight_one() -> None:
    rows = (Row("edge", "a", "x", ("absent", "op"), "t", 0, group="a"), Row("choice", "b", "", ("p", "q"), "t", 1))
    assert mixing.edge_softmax(Table("t", rows), torch.tensor([5.0, 7.0])).tolist() == [1, 1]
