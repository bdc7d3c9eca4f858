"""What `code` writes: the network of a genotype as a Python file that needs nothing but torch."""

from __future__ import annotations

from pathlib import Path

import click

from nasdsl.compiler import dag, lower, module
from nasdsl.terminal.pictures import Found, chosen


def text(found: Found, best: bool, *, taps: bool, drop_path: float | None) -> str:
    """The file; a usage error where no genotype is named."""
    genotype = chosen(found, best)
    if genotype is None:
        raise click.UsageError(f"which genotype of `{found.name}`? For example `{found.name}:0`, or --best of a run")
    return module.build(dag.architecture(lower.network(genotype)), 0, taps=taps, drop_path=drop_path).code


def write(code: str, path: Path) -> str:
    """Writes the file, and says so."""
    path.write_text(code, encoding="utf-8")
    return f"{path}: {len(code.splitlines()):,} lines"
