"""Mutated spaces give a space or diagnostics: a slice with every change, and all of it with `make prove`."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from .mutants import LEVELS, mutant

ROOT = Path(__file__).parents[2]
COUNT = os.environ.get("NASDSL_PROVE_FUZZ", "200000")


def fuzz(*arguments: str) -> int:
    """The exit code of `python -m tests.fuzz`; in processes of its own, whose memory is that of nasdsl."""
    return subprocess.run([sys.executable, "-m", "tests.fuzz", *arguments], cwd=ROOT, check=False).returncode


def test_a_slice(tmp_path: Path) -> None:
    assert fuzz("--count", "3000", "--workers", "1", "--failures", str(tmp_path)) == 0


@pytest.mark.prove
def test_all(capfd: pytest.CaptureFixture[str]) -> None:
    with capfd.disabled():
        assert fuzz("--count", COUNT, "--workers", "2") == 0


def test_an_input_is_made_again_from_its_number() -> None:
    several = [mutant(0, index) for index in range(60)]
    assert several == [mutant(0, index) for index in range(60)]
    assert len(set(several)) > 50
    assert len({index % len(LEVELS) for index in range(60)}) == 3
