"""What `code` writes: the network of a genotype as a Python file that needs nothing but torch."""

from __future__ import annotations

from pathlib import Path

import click

from nasdsl.compiler import dag, lower, module
from nasdsl.terminal.pictures import Found, chosen
from nasdsl.terminal.runs import engine


def text(found: Found, best: bool, *, taps: bool, drop_path: float | None) -> str:
    """The file; of a run the net is bound to its images, as its weights are. A usage error without a genotype."""
    genotype = chosen(found, best)
    if genotype is None:
        raise click.UsageError(f"which genotype of `{found.name}`? For example `{found.name}:0`, or --best of a run")
    binding = None
    if found.run is not None:
        binding = engine(found.run).binding(found.run)
    network = lower.network(genotype, binding)
    return module.build(dag.architecture(network), 0, taps=taps, drop_path=drop_path).code


def write(code: str, path: Path) -> str:
    """Writes the file, and says so."""
    path.write_text(code, encoding="utf-8")
    return f"{path}: {len(code.splitlines()):,} lines"
