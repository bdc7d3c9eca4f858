"""Architecture parameters: one tensor a table, drawn near zero so that every alternative begins alike."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import nn

if TYPE_CHECKING:
    from nasdsl.compiler.openlower import OpenNetwork


def architecture(open: OpenNetwork, generator: torch.Generator, scale: float = 1e-3) -> dict[str, nn.Parameter]:  # noqa: A002
    """A parameter of shape (rows, columns) for each table, and (rows,) for the edge weights where the form has them.

    Entries are normal with deviation `scale` (DARTS, section 3: 1e-3), drawn on the CPU in the order of the tables, so
    that a seed gives the same ones on every device.
    """
    drawn: dict[str, nn.Parameter] = {}
    for table in open.tables:
        drawn[table.name] = nn.Parameter(scale * torch.randn(table.shape, generator=generator))
        if open.form.edges:
            drawn[f"{table.name}.edges"] = nn.Parameter(scale * torch.randn(table.shape[0], generator=generator))
    return drawn
