"""A supernet small enough to know everything about: what the methods do with any, without a space and a compiler."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable, Mapping
from types import SimpleNamespace
from typing import Any

import torch
from torch import Tensor, nn

from nasdsl.compiler.tables import Row, Table
from nasdsl.relax.methods import METHODS
from nasdsl.relax.search import Cosine, Search

OPERATIONS = ("identity", "conv(1)", "conv(3)", "conv(5)", "conv(7)", "max_pool(3)", "avg_pool(3)")


def edges(name: str, nodes: int, columns: tuple[str, ...] = ("absent", *OPERATIONS)) -> Table:
    """Rows of a cell in which node i sees i + 2 values, as in DARTS."""
    rows = [(f"{name}.n[{node}].from", f"v{value}") for node in range(nodes) for value in range(node + 2)]
    return Table(name, tuple(Row("edge", p, v, columns, name, i, group=p) for i, (p, v) in enumerate(rows)))


def choices(name: str, count: int, columns: tuple[str, ...] = OPERATIONS[:4], kind: Any = "choice") -> Table:
    return Table(name, tuple(Row(kind, f"{name}[{i}]", "", columns, name, i) for i in range(count)))


class Toy(nn.Module):
    """Each candidate with weights is a linear map and a tanh; a row sums its candidates, the rows of a table too."""

    def __init__(self, tables: tuple[Table, ...], width: int = 4, classes: int = 3, seed: int = 0) -> None:
        super().__init__()
        self.open: Any = SimpleNamespace(tables=tables, decisions={})
        self.tables = tables
        self.calls: Counter[str] = Counter()
        generator = torch.Generator().manual_seed(seed)
        self.maps = nn.ParameterDict()
        for table in tables:
            for row in table.rows:
                for column, text in enumerate(row.columns):
                    if text.startswith("conv"):
                        draw = torch.randn(width, width, generator=generator, dtype=torch.float64)
                        self.maps[f"{table.name}-{row.index}-{column}"] = nn.Parameter(draw / 2)
        draw = torch.randn(classes, width, generator=generator, dtype=torch.float64)
        self.head = nn.Parameter(draw / 2)
        self.register_buffer("forwards", torch.zeros((), dtype=torch.int64))

    def forward(self, x: Tensor, weights: Mapping[str, Tensor], active: Mapping[str, Tensor] | None = None) -> Tensor:
        self.calls.clear()
        self.forwards += 1
        for table in self.tables:
            total = torch.zeros_like(x)
            for row in table.rows:
                for column, text in enumerate(row.columns):
                    weight = weights[table.name][row.index, column]
                    runs = bool(weight.detach() != 0) or (
                        active is not None and bool(active[table.name][row.index, column])
                    )
                    if text != "absent" and runs:
                        self.calls[f"{table.name}.{row.index}.{text}"] += 1
                        total = total + weight * self.candidate(table, row, column, x)
            x = total / len(table.rows) ** 0.5
        return x @ self.head.T

    def candidate(self, table: Table, row: Row, column: int, x: Tensor) -> Tensor:
        key = f"{table.name}-{row.index}-{column}"
        return torch.tanh(x @ self.maps[key].T) if key in self.maps else x * (1 + column / 10)

    def cost(self, weights: Mapping[str, Tensor]) -> Tensor:
        """As many units as the number of the column."""
        costs = [
            (weights[table.name] * torch.arange(table.shape[1], dtype=torch.float64)).sum() for table in self.tables
        ]
        return torch.stack(costs).sum()


class Units:
    """A resource: the mean cost of a row."""

    def term(self, supernet: Toy, weights: Mapping[str, Tensor]) -> Tensor:
        return supernet.cost(weights) / sum(len(table.rows) for table in supernet.tables)


def searched(*tables: Table, edges: bool = False, seed: int = 1, scale: float = 1e-3, **more: Any) -> Search:
    """A search of a toy over these tables, all in double precision."""
    generator = torch.Generator().manual_seed(seed)
    toy = Toy(tables or (NORMAL,))
    architecture = {
        table.name: nn.Parameter(scale * torch.randn(table.shape, generator=generator, dtype=torch.float64))
        for table in toy.tables
    }
    for table in toy.tables if edges else ():
        draw = torch.randn(len(table.rows), generator=generator, dtype=torch.float64)
        architecture[f"{table.name}.edges"] = nn.Parameter(scale * draw)
    optimiser = torch.optim.SGD(toy.parameters(), lr=0.025, momentum=0.9, weight_decay=3e-4)
    return Search(
        supernet=toy,  # type: ignore[arg-type]
        architecture=architecture,
        optimiser=optimiser,
        schedule=Cosine(),
        generator=generator,
        rng=random.Random(seed),
        **more,
    )


def batch(seed: int, size: int = 16) -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(seed)
    images = torch.randn(size, 4, generator=generator, dtype=torch.float64)
    return images, torch.randint(3, (size,), generator=generator)


NORMAL = edges("normal", 2)


def made(name: str, **settings: Any) -> Any:
    return METHODS[name](METHODS[name].Settings(**settings))


def begun(name: str, search: Search, **settings: Any) -> Any:
    method = made(name, **settings)
    method.begin(search)
    return method


def values(search: Search) -> dict[str, torch.Tensor]:
    return {name: alpha.detach().clone() for name, alpha in search.architecture.items()}


def changed(before: dict[str, torch.Tensor], search: Search) -> bool:
    return any(not torch.equal(before[name], alpha) for name, alpha in search.architecture.items())


def same(some: Iterable[torch.Tensor], others: Iterable[torch.Tensor]) -> bool:
    return all(torch.equal(a, b) for a, b in zip(some, others, strict=True))


class Calls:
    """What ran in each forward pass."""

    def __init__(self, search: Search) -> None:
        self.each: list[Counter[str]] = []
        search.supernet.register_forward_hook(lambda toy, *_: self.each.append(Counter(toy.calls)))

    def rows(self, at: int) -> Counter[str]:
        """How many candidates each row ran in a pass."""
        return Counter(call.rsplit(".", 1)[0] for call in self.each[at])
