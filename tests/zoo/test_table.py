"""The page of the zoo is what its command prints, and its files are short."""

from __future__ import annotations

import nasdsl

from .published import ROOT
from .table import page


def test_the_page_is_what_the_command_prints() -> None:
    # That what needs a module agrees is asserted network by network in `test_networks.py`.
    assert (ROOT / "docs" / "zoo.md").read_text(encoding="utf-8") == page(full=False)


def test_no_space_takes_more_than_sixty_lines() -> None:
    long = {
        name: lines
        for name, path in nasdsl.shipped().items()
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > 60
    }
    assert long == {}
