"""Entropy, leaders and the warning that skips take over."""

from __future__ import annotations

import math
from typing import Any

import pytest
import torch

from nasdsl.compiler.tables import Row, Table
from nasdsl.relax import measures
from nasdsl.relax.history import Epoch

COLUMNS = ("absent", "identity", "conv(3)", "max_pool(3)")


def table(rows: int = 4, kind: Any = "edge", columns: tuple[str, ...] = COLUMNS) -> Table:
    return Table("cell", tuple(Row(kind, "cell", f"x{i}", columns, "cell", i) for i in range(rows)))


def weights(*rows: list[float]) -> dict[str, torch.Tensor]:
    return {"cell": torch.tensor(rows, dtype=torch.float64)}


def epoch(found: Any, skips: float | None, warning: str = "") -> Epoch:
    return Epoch(
        epoch=0, train_loss=1.0, train_accuracy=0.5, architecture_loss=None, held_loss=1.0, held_accuracy=0.5,
        learning_rate=0.1, cost=None, entropy=1.0, skips=skips, tables=found, warning=warning, seconds=1.0,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("row", "entropy"),
    [([0.25] * 4, math.log(4)), ([1.0, 0, 0, 0], 0.0), ([0.5, 0.5, 0, 0], math.log(2)), ([0.0] * 4, 0.0),
     ([2.0, 2.0, 0, 0], math.log(2)), ([-1.0, 1.0, 1.0, 0], math.log(2))],
)  # fmt: skip
def test_entropy(row: list[float], entropy: float) -> None:
    assert measures.entropy(row) == pytest.approx(entropy)


def test_an_edge_is_led_by_what_it_would_hold_if_it_stays() -> None:
    row = table().rows[0]
    assert measures.leader(row, [0.9, 0.02, 0.05, 0.03]) == 2
    assert measures.leader(row, [0.7, 0.1, 0.1, 0.1]) == 1
    gate = Row("gate", "cell", "x", ("absent", "present"), "cell", 0)
    assert measures.leader(gate, [0.6, 0.4]) == 0
    choice = Row("choice", "cell.op", "", ("absent", "conv(3)"), "cell", 0)
    assert measures.leader(choice, [0.6, 0.4]) == 0


def test_edges_are_measured_where_there_are_some() -> None:
    mixed = weights([0.25] * 4, [0.25] * 4)
    assert measures.measured([table(2)], mixed)["cell"].edges is None
    found = measures.measured([table(2)], {**mixed, "cell.edges": torch.tensor([0.75, 0.25])})
    assert found["cell"].edges == (0.75, 0.25)


def test_the_share_of_skips() -> None:
    found = measures.measured([table(2)], weights([0.5, 0.3, 0.1, 0.1], [0.2, 0.2, 0.5, 0.1]))
    led, mass = measures.skips([table(2)], found) or (0, 0)
    assert led == 0.5
    assert mass == pytest.approx((0.6 + 0.25) / 2)
    plain = table(2, columns=("conv(3)", "conv(5)"))
    assert measures.skips([plain], measures.measured([plain], weights([0.5, 0.5], [0.5, 0.5]))) is None


def test_nothing_is_said_while_all_are_nearly_alike() -> None:
    close = [0.25, 0.2501, 0.25, 0.2499]
    found = measures.measured([table()], weights(close, close, close, close))
    assert measures.warning([table()], found, []) == ""


def test_skips_that_lead_are_told_once() -> None:
    skip, conv = [0.1, 0.5, 0.2, 0.2], [0.1, 0.2, 0.5, 0.2]
    half = measures.measured([table()], weights(skip, skip, conv, conv))
    assert measures.warning([table()], half, []) == ""
    most = measures.measured([table()], weights(skip, skip, skip, conv))
    said = measures.warning([table()], most, [])
    assert said == "skips take over: identity leads 75% of the decisions that may be one"
    assert measures.warning([table()], most, [epoch(most, 0.4, said), epoch(most, 0.4)]) == ""


def test_skips_that_gain_are_told_before_they_lead() -> None:
    row = [0.1, 0.42, 0.44, 0.04]
    found = measures.measured([table()], weights(row, row, row, row))
    rising = [epoch(found, share) for share in (0.40, 0.42, 0.44)]
    assert measures.warning([table()], found, rising).endswith("has 47% of the weight, and gains for 3 epochs")
    assert measures.warning([table()], found, rising[1:]) == ""
    assert measures.warning([table()], found, [*rising[:2], epoch(found, 0.41)]) == ""
