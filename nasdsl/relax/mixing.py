"""Mixing: from architecture parameters to the weights of a mixture. Pure functions; noise comes from a generator given.

Parameters and weights of a table have shape (rows, columns), edge weights (rows,). Draws are made on the CPU, so that a
seed gives the same ones on every device.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache

import torch
from torch import Tensor
from torch.nn import functional

from nasdsl.compiler.tables import Row, Table

Weights = dict[str, Tensor]
RowRule = Callable[[Table, Tensor], Tensor]
"""The weights of a table from its parameters, row by row."""

SINKHORN_STEPS = 20
ABSENT, SKIP = "absent", "identity"
EDGES = ".edges"
"""Behind the name of a table: the weights of its rows as whole edges."""


def softmax(alpha: Tensor, kept: Tensor | None = None) -> Tensor:
    """The softmax of each row (DARTS, equation 2). Columns that are not `kept` have weight 0 exactly."""
    if kept is not None:
        alpha = alpha.masked_fill(~kept, -torch.inf)
    return alpha.softmax(-1)


def sigmoid(table: Table, alpha: Tensor, kept: Tensor | None = None) -> Tensor:
    """A gate for each column by itself (FairDARTS, section 4); `absent` is what no gate of its row holds.

    Columns that are not `kept` have weight 0 exactly.
    """
    gates = alpha.sigmoid()
    if kept is not None:
        gates = gates * kept
    first = absents(table)
    if not first.any():
        return gates
    missing = (1 - gates[:, 1:]).prod(-1)
    return torch.cat([torch.where(first.to(alpha.device), missing, gates[:, 0])[:, None], gates[:, 1:]], 1)


def gumbel(alpha: Tensor, generator: torch.Generator) -> Tensor:
    """Standard Gumbel noise of the shape, type and device of `alpha`."""
    uniform = torch.rand(alpha.shape, generator=generator, dtype=alpha.dtype)
    # Draws are below 1 but may be 0.
    return -torch.log(-torch.log(uniform.clamp_min(torch.finfo(alpha.dtype).tiny))).to(alpha.device)


def concrete(alpha: Tensor, temperature: float, generator: torch.Generator) -> Tensor:
    """A sample of the concrete distribution of each row, with its gradient (SNAS, section 2.2).

    The parameters are logits: they are taken to be normalised as log-probabilities, which changes no sample.
    """
    return ((alpha + gumbel(alpha, generator)) / temperature).softmax(-1)


def straight_through(soft: Tensor) -> Tensor:
    """One-hot of each row's largest weight going forward, the gradient of `soft` going back (GDAS, section 3.2).

    The difference of two equal numbers is added, so the others are 0 and the one is 1 exactly.
    """
    hard = functional.one_hot(soft.argmax(-1), soft.shape[-1]).to(soft.dtype)
    return hard + (soft - soft.detach())


def hard_gumbel(alpha: Tensor, temperature: float, generator: torch.Generator) -> Tensor:
    """One column of each row, drawn by its softmax; its gradient is that of the concrete sample (GDAS, section 3.2)."""
    return straight_through(concrete(alpha, temperature, generator))


def concentration(alpha: Tensor) -> Tensor:
    """The parameters of the Dirichlet distribution of each row, all above 0 (DrNAS, section 3)."""
    return functional.elu(alpha) + 1


def dirichlet(alpha: Tensor, generator: torch.Generator) -> Tensor:
    """A sample of each row's Dirichlet distribution, with its pathwise gradient (DrNAS, section 3).

    A Dirichlet sample is a sample of gamma variables that is made to sum to one.
    """
    tiny = torch.finfo(alpha.dtype).tiny
    concentrations = concentration(alpha.cpu()).clamp_min(tiny)
    gammas = torch._standard_gamma(concentrations, generator=generator).clamp_min(tiny)
    return (gammas / gammas.sum(-1, keepdim=True)).to(alpha.device)


def proximal(alpha: Tensor) -> Tensor:
    """The nearest one-hot vector of each row (NASP, section 3.1); the gradient reaches the parameters unchanged."""
    return straight_through(alpha)


def sinkhorn(alpha: Tensor, steps: int = SINKHORN_STEPS) -> Tensor:
    """A doubly stochastic matrix from a square of logits: rows and columns are normalised in turn (Mena 2018, 2.1)."""
    for _ in range(steps):
        alpha = alpha - alpha.logsumexp(-1, keepdim=True)
        alpha = alpha - alpha.logsumexp(-2, keepdim=True)
    return alpha.exp()


def gumbel_sinkhorn(alpha: Tensor, temperature: float, generator: torch.Generator) -> Tensor:
    """A random doubly stochastic matrix, near a permutation where it is cold (Mena 2018, section 3)."""
    return sinkhorn((alpha + gumbel(alpha, generator)) / temperature)


def edge_softmax(table: Table, beta: Tensor) -> Tensor:
    """Weights (rows,) of the edges of every node, a softmax over the rows of one group (PC-DARTS, equation 3).

    Rows that are no edges of a node have weight 1.
    """
    weights = torch.ones_like(beta)
    for at in nodes(table):
        index = torch.tensor(at, device=beta.device)
        weights = weights.index_copy(0, index, beta[index].softmax(0))
    return weights


def mix(
    tables: Sequence[Table],
    architecture: Mapping[str, Tensor],
    rule: RowRule,
    order: Callable[[Tensor], Tensor] = sinkhorn,
) -> Weights:
    """The mixing weights of all tables: rows by `rule`, orders by `order`, edge weights by a softmax over each node."""
    weights: Weights = {}
    for table in tables:
        alpha = architecture[table.name]
        mixed = rule(table, alpha)
        for at in squares(table):
            index = torch.tensor(at, device=alpha.device)
            mixed = mixed.index_copy(0, index, order(alpha[index]))
        weights[table.name] = mixed
        edges = f"{table.name}{EDGES}"
        if edges in architecture:
            weights[edges] = edge_softmax(table, architecture[edges])
    return weights


def detached(weights: Mapping[str, Tensor]) -> Weights:
    """The same numbers, through which no gradient flows."""
    return {name: value.detach() for name, value in weights.items()}


@lru_cache(maxsize=256)
def nodes(table: Table) -> tuple[tuple[int, ...], ...]:
    """The rows that are edges of one node, node by node."""
    found: dict[str, list[int]] = {}
    for row in table.rows:
        if row.group:
            found.setdefault(row.group, []).append(row.index)
    return tuple(tuple(at) for at in found.values())


@lru_cache(maxsize=256)
def rivals(table: Table) -> tuple[tuple[int, ...], ...]:
    """The rows of edges of which some are kept and the others absent, node by node."""
    found: dict[str, list[int]] = {}
    for row in table.rows:
        if row.kind == "edge":
            found.setdefault(row.group or row.name, []).append(row.index)
    return tuple(tuple(at) for at in found.values())


@lru_cache(maxsize=256)
def squares(table: Table) -> tuple[tuple[int, ...], ...]:
    """The rows of each permutation, which are a square matrix."""
    found: dict[str, list[int]] = {}
    for row in table.rows:
        if row.kind == "order":
            found.setdefault(row.path, []).append(row.index)
    return tuple(tuple(at) for at in found.values())


@lru_cache(maxsize=256)
def absents(table: Table) -> Tensor:
    """Which rows (rows,) have `absent` as their first column, as edges and gates have."""
    return torch.tensor([_has_absent(row) for row in table.rows])


@lru_cache(maxsize=256)
def skips(table: Table) -> Tensor:
    """Which columns (rows, columns) are skip connections."""
    return torch.tensor([[column == SKIP for column in row.columns] for row in table.rows])


def _has_absent(row: Row) -> bool:
    return row.kind in ("edge", "gate") and row.columns[0] == ABSENT
