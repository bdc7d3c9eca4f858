"""The program called in this process, and as the process a user starts."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import nasdsl
from nasdsl.cli import program

Call = Callable[..., Result]
Spawn = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Call:
    """Run a command line in an empty folder; the result has `exit_code`, `stdout` and `stderr`."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("NASDSL_TRACEBACK", raising=False)

    def run(*arguments: str) -> Result:
        return CliRunner().invoke(program, list(arguments), prog_name="nasdsl")

    return run


@pytest.fixture
def spawn(tmp_path: Path) -> Spawn:
    """The same in a process of its own, without a terminal."""

    def run(*arguments: str, **options: object) -> subprocess.CompletedProcess[str]:
        env = {k: v for k, v in os.environ.items() if k != "NASDSL_TRACEBACK"}
        env["PYTHONPATH"] = str(Path(nasdsl.__file__).parent.parent)
        command = [sys.executable, "-m", "nasdsl", *arguments]
        return subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, env=env, timeout=300, **options)

    return run
