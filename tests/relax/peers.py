"""Supernets by hand beside those of `spaces/darts.nas`: with the same weights, and mixed by the same numbers."""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import torch
from torch import Tensor, nn

import nasdsl
from nasdsl.compiler.frame import Binding
from nasdsl.compiler.openlower import OpenNetwork, opened
from nasdsl.compiler.supernet import Supernet
from nasdsl.relax.methods import METHODS

ROOT = Path(__file__).parents[2]


def _by_hand() -> ModuleType:
    """`benchmarks/plain_supernet.py`; the folder is no package, since its files are run as they stand."""
    spec = importlib.util.spec_from_file_location("plain_supernet", ROOT / "benchmarks" / "plain_supernet.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


plain = _by_hand()
EDGES, CANDIDATES = plain.EDGES, plain.CANDIDATES


def relaxed(method: str, cells_per_stage: int = 2, size: int = 32) -> OpenNetwork:
    """The net `search` with every decision open, in the search form of a method."""
    space = nasdsl.load(ROOT / "spaces" / "darts.nas", {"S": cells_per_stage}, "search")
    return opened(space, Binding(3, (size, size), 10), METHODS[method].form)


def same_weights(hand: nn.Module, built: nn.Module) -> None:
    """Gives the network by hand the weights of the built one: both list them in the order in which they are used."""
    with torch.no_grad():
        for own, other in zip(hand.parameters(), built.parameters(), strict=True):
            assert own.shape == other.shape, (own.shape, other.shape)
            own.copy_(other)


@dataclass(frozen=True)
class Mixed:
    """Mixing weights of normal and reduction cells, (14, 8) each, and of their edges, (14,) each, if these have any."""

    tables: Sequence[Tensor]
    betas: Sequence[Tensor] | None = None

    @property
    def named(self) -> Mapping[str, Tensor]:
        """As a supernet of `spaces/darts.nas` reads them."""
        found = dict(zip(("normal", "reduce"), self.tables, strict=True))
        if self.betas is not None:
            found |= dict(zip(("normal.edges", "reduce.edges"), self.betas, strict=True))
        return found

    @property
    def all(self) -> list[Tensor]:
        return [*self.tables, *(self.betas or ())]

    def to(self, dtype: torch.dtype) -> Mixed:
        return Mixed([t.to(dtype) for t in self.tables], self.betas and [t.to(dtype) for t in self.betas])


def drawn(seed: int, *, edges: bool) -> Mixed:
    """Mixing weights of both signs, so that no two of them are alike; they ask for gradients."""
    generator = torch.Generator().manual_seed(seed)

    def one(*shape: int) -> Tensor:
        return torch.randn(*shape, generator=generator, dtype=torch.float64).requires_grad_()

    tables = [one(EDGES, len(CANDIDATES)) for _ in range(2)]
    return Mixed(tables, [one(EDGES) for _ in range(2)] if edges else None)


class ByHand(nn.Module):
    """A supernet by hand with the weights of the built one, that is mixed by what it is given with the images."""

    def __init__(self, built: Supernet, parts: int, cells: int) -> None:
        super().__init__()
        self.net = plain.PlainSupernet(cells=cells, parts=parts).to(next(built.parameters()).dtype)
        same_weights(self.net, built)

    def forward(self, x: Tensor, mixed: Mixed) -> Tensor:
        made: Tensor = self.net(x, mixed.tables, mixed.betas)
        return made


class Uniform(nn.Module):
    """A supernet at architecture parameters of 0."""

    def __init__(self, net: nn.Module, mixed: Mixed) -> None:
        super().__init__()
        self.net, self.mixed = net, mixed

    def forward(self, x: Tensor) -> Tensor:
        made: Tensor = (
            self.net(x, self.mixed.named)
            if isinstance(self.net, Supernet)
            else self.net(x, self.mixed.tables, self.mixed.betas)
        )
        return made


def uniform(*, edges: bool) -> Mixed:
    return Mixed(plain.uniform(), plain.uniform_edges() if edges else None)
