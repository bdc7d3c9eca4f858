"""Texts and their canonical layout: NAME.in and NAME.out.

`NASDSL_GOLDEN=write pytest tests/format` writes the layouts anew; read the difference before you keep it.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from nasdsl.syntax.formatter import formatted
from nasdsl.syntax.parser import read

HERE = Path(__file__).parent
NAMES = sorted(path.stem for path in HERE.glob("*.in"))


@pytest.mark.parametrize("name", NAMES)
def test_layout(name: str) -> None:
    shown = formatted(read(HERE / f"{name}.in"))
    golden = HERE / f"{name}.out"
    if os.environ.get("NASDSL_GOLDEN") == "write":
        golden.write_bytes(shown.encode())
    assert shown.encode() == golden.read_bytes()
    assert formatted(read(golden)) == shown


def test_no_layout_is_left_over() -> None:
    assert sorted(path.stem for path in HERE.glob("*.out")) == NAMES
