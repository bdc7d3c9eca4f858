"""ProxylessNAS: binary gates of two paths."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, NamedTuple

import torch
from pydantic import Field
from torch import Tensor
from torch.nn import functional

from nasdsl.compiler.searchform import SearchForm
from nasdsl.relax import mixing
from nasdsl.relax.differentiable import Differentiable
from nasdsl.relax.hypergradient import gradients
from nasdsl.relax.method import ArchSettings, Batch, Settings
from nasdsl.relax.methods.sampled import NO_ORDER, probabilities
from nasdsl.relax.mixing import Weights
from nasdsl.relax.rules import resource_term

if TYPE_CHECKING:
    from nasdsl.relax.search import Search


class ProxylessSettings(ArchSettings):
    """Adam without momentum and decay, so that only what was drawn moves (the authors' code, its rate too)."""

    lr: float = Field(default=1e-3, gt=0, le=10)
    beta1: float = Field(default=0.0, ge=0, le=0)
    weight_decay: float = Field(default=0.0, ge=0, le=0)


class TwoPaths(NamedTuple):
    """Of each row two columns: which they are, and which of them is open. All are (rows, columns), by table."""

    drawn: dict[str, Tensor]
    gates: Weights


class Proxyless(Differentiable):
    """Weights are trained on one path, drawn by its probability. For the architecture two paths are drawn.

    One of the two is open and both are computed. The gradients of their two gates move their two parameters, which
    are then moved together so that the probabilities of all other paths stay as they were (sections 3.2.1, 3.3).
    """

    name = "proxyless"
    summary = "binary gates: two paths drawn, their parameters compared"
    paper = "Cai, Zhu, Han: ProxylessNAS, ICLR 2019, sections 3.2 and 3.3"
    form: ClassVar[SearchForm] = SearchForm()
    refuses: ClassVar = {"order": NO_ORDER}
    Settings: ClassVar[type[Settings]] = ProxylessSettings

    def mixed(self, search: Search) -> Weights:
        """One path."""
        search.check()

        def rule(table: object, alpha: Tensor) -> Tensor:
            drawn = torch.multinomial(alpha.detach().cpu().softmax(-1), 1, generator=search.generator)[:, 0]
            return functional.one_hot(drawn.to(alpha.device), alpha.shape[-1]).to(alpha.dtype)

        return mixing.mix(search.supernet.tables, search.architecture, rule)

    def weights(self, search: Search) -> Weights:
        """The probabilities of the paths."""
        return probabilities(search)

    def two_paths(self, search: Search) -> TwoPaths:
        """Two different columns of each row by their probabilities, and one of them by its share of theirs."""
        search.check()
        drawn, gates = {}, {}
        for table in search.supernet.tables:
            alpha = search.architecture[table.name].detach().cpu()
            rows = torch.arange(len(alpha))
            pair = torch.multinomial(alpha.softmax(-1), min(2, alpha.shape[1]), generator=search.generator)
            share = alpha.gather(1, pair).softmax(-1)
            opened = pair[rows, torch.multinomial(share, 1, generator=search.generator)[:, 0]]
            device = search.architecture[table.name].device
            drawn[table.name] = torch.zeros(alpha.shape, dtype=torch.bool).scatter(1, pair, True).to(device)
            gates[table.name] = functional.one_hot(opened, alpha.shape[1]).to(device, alpha.dtype).requires_grad_()
        return TwoPaths(drawn, gates)

    def gradient(self, search: Search, train: Batch, held: Batch) -> tuple[list[Tensor], float]:
        """The gradient of equation 4, with the probabilities of the two drawn paths alone."""
        images, labels = held
        self.paths = self.two_paths(search)
        self.before = {name: search.architecture[name].detach().clone() for name in self.paths.drawn}
        loss = search.loss(search.forward(images, self.paths.gates, self.paths.drawn), labels)
        slopes = dict(zip(self.paths.gates, gradients(loss, list(self.paths.gates.values())), strict=True))
        surrogate = torch.zeros((), device=images.device, dtype=loss.dtype)
        expected: Weights = {}
        for name, pair in self.paths.drawn.items():
            alpha = search.architecture[name]
            share = mixing.softmax(alpha, pair)
            surrogate = surrogate + (slopes[name] * share).sum()
            whole = alpha.detach().softmax(-1)
            mass = (whole * pair).sum(-1, keepdim=True)
            expected[name] = torch.where(pair, share * mass, whole)
        aim = surrogate + resource_term(search, expected)
        return gradients(aim, self.alphas), (loss + aim - surrogate).item()

    def stepped(self, search: Search) -> None:
        """The two parameters of a row are moved so that the sum of their exponentials is what it was."""
        with torch.no_grad():
            for name, pair in self.paths.drawn.items():
                alpha = search.architecture[name]
                was = self.before[name].masked_fill(~pair, -torch.inf).logsumexp(-1, keepdim=True)
                now = alpha.masked_fill(~pair, -torch.inf).logsumexp(-1, keepdim=True)
                alpha.copy_(torch.where(pair, alpha + (was - now), self.before[name]))
