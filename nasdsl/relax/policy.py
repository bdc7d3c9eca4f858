"""A policy over paths: independent draws of decisions, with their probability and its gradient."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import torch
from torch import Tensor

from nasdsl.compiler import inherit
from nasdsl.relax import mixing
from nasdsl.relax.method import discretised
from nasdsl.relax.mixing import Weights

if TYPE_CHECKING:
    from nasdsl.relax.search import Search
    from nasdsl.space.genotype import Genotype


class Drawn(NamedTuple):
    """One-hot weights of a genotype, the log-probability of the draw, and the entropy of the policy, in nats."""

    path: Weights
    log_probability: Tensor
    entropy: Tensor


@dataclass(frozen=True)
class Policy:
    """Logits are `tanh` times the hyperbolic tangent of the parameters over `temperature` (ENAS, section 3.1)."""

    temperature: float
    tanh: float

    def logits(self, alpha: Tensor) -> Tensor:
        return self.tanh * torch.tanh(alpha / self.temperature)

    def probabilities(self, search: Search) -> Weights:
        """Those of every alternative, without a gradient."""
        return mixing.detached(
            mixing.mix(search.supernet.tables, search.architecture, lambda table, alpha: self.logits(alpha).softmax(-1))
        )

    def draw(self, search: Search) -> Drawn:
        """One draw. Edges of a node are drawn one after the other without being put back, as many as a genotype has.

        How many that is comes from a uniform genotype. What is drawn is then made the nearest genotype; to the policy
        that is a part of what answers it with a reward, so its gradient stays unbiased.
        """
        uniform = path_of(search, search.supernet.open.space.sample(search.rng))
        weights: Weights = {}
        log_probability = entropy = torch.zeros(())
        for table in search.supernet.tables:
            logits = self.logits(search.architecture[table.name].cpu())
            logs = logits.log_softmax(-1)
            entropy = entropy - (logs.exp() * logs).sum()
            drawn = torch.zeros(table.shape, dtype=logits.dtype)
            present = set(range(len(table.rows)))
            for at in mixing.rivals(table):
                count = int((uniform[table.name][list(at), 0] == 0).sum())
                kept, log = without_return(_strength(logits[list(at)]), count, search.generator)
                log_probability = log_probability + log
                gone = {row for i, row in enumerate(at) if i not in kept}
                drawn[list(gone), 0] = 1
                present -= gone
            edges = {row for at in mixing.rivals(table) for row in at}
            for row in sorted(present):
                first = int(row in edges)
                kept, log = without_return(logits[row, first:], 1, search.generator)
                log_probability = log_probability + log
                drawn[row, first + kept[0]] = 1
            weights[table.name] = drawn.to(search.architecture[table.name].device)
        return Drawn(path_of(search, discretised(search, weights)), log_probability, entropy)


def _strength(logits: Tensor) -> Tensor:
    """How much likelier each edge (rows, columns) is to be there than `absent`, its first column: (rows,)."""
    return logits[:, 1:].logsumexp(-1) - logits[:, 0]


def without_return(logits: Tensor, count: int, generator: torch.Generator) -> tuple[list[int], Tensor]:
    """`count` different items by their logits (items,), in the order drawn, and the log-probability of that order."""
    left = list(range(len(logits)))
    drawn: list[int] = []
    total = torch.zeros((), dtype=logits.dtype)
    for _ in range(count):
        logs = logits[left].log_softmax(0)
        at = int(torch.multinomial(logs.detach().exp(), 1, generator=generator))
        total = total + logs[at]
        drawn.append(left.pop(at))
    return drawn, total


def path_of(search: Search, genotype: Genotype) -> Weights:
    """The one-hot weights of a genotype, of the type and on the device of the architecture parameters."""
    return inherit.mixing(search.supernet.open, genotype, next(iter(search.architecture.values())).detach())
