"""Published networks have their published costs, parameter shapes and outputs, and spaces their sizes."""

from __future__ import annotations

import pytest

import nasdsl

from .published import Figures, Space, differ, spaces

SPACES = list(spaces())
NETWORKS = [figures for space in SPACES for figures in space.networks]


@pytest.mark.parametrize("space", SPACES, ids=lambda space: space.name)
def test_the_size_is_exact(space: Space) -> None:
    assert space.size_differs() == {}


@pytest.mark.parametrize("figures", NETWORKS, ids=lambda figures: f"{figures.space} {figures.name}")
def test_the_network_is_the_published_one(figures: Figures) -> None:
    if figures.note is None:
        assert differ(figures) == {}
    else:
        assert differ(figures) != {}, f"this agrees, whatever its note says: {figures.note}"


def test_all_files_with_figures_are_shipped() -> None:
    assert SPACES
    assert {space.name for space in SPACES} <= set(nasdsl.shipped())
