"""The sizes of published spaces, from decisions built by hand."""

from __future__ import annotations

from nasdsl.space.model import SearchSpace


def test_nasnet_cell(nasnet: SearchSpace) -> None:
    assert nasnet.size == 2_286_906_949_584_691_200


def test_darts_has_two_cells(darts: SearchSpace) -> None:
    assert darts.size == 1_076_746_950_455_072_400


def test_hierarchical(hierarchical: SearchSpace) -> None:
    assert hierarchical.size == 7**46


def test_nasfpn_in_order_of_inputs(nasfpn: SearchSpace) -> None:
    assert nasfpn.size == 386_266_890_240_000_000


def test_conditional(conditional: SearchSpace) -> None:
    assert conditional.size == (1 + 2 + 6) * (1 + 2 * 2 + 4)
