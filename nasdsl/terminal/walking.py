"""What `sample --all` does: every valid genotype in the order of codes, for as long as somebody reads."""

from __future__ import annotations

import sys
import time

import click

from nasdsl.space.model import SearchSpace
from nasdsl.terminal.genotypes import named

QUIET = 5.0
"""After so many seconds without a word on the terminal, progress is told."""


def walk(space: SearchSpace, first: str | None, most: int | None, as_json: bool) -> None:
    """Print the valid genotypes from a code or name on, at most so many; on stderr how many that were, where not all.

    Each is called by its code. Nothing is kept, so a space of any size can be walked.
    """
    start = named(space, first).rank if first is not None else 0
    passed = valid = 0
    said = time.monotonic()
    for genotype in space[start:]:
        passed += 1
        if space.valid(genotype):
            name = f"g{genotype.code}"
            text = genotype.to_json(name) if as_json else genotype.text(name)
            click.echo(text if as_json or valid == 0 else f"\n{text}")
            valid += 1
            if valid == most:
                break
            if sys.stdout.isatty():
                said = time.monotonic()
        if time.monotonic() - said > QUIET:
            said = time.monotonic()
            click.echo(f"at {genotype.code} of {space.size - 1:x}: {valid:,} of {passed:,} are valid", err=True)
    if valid < passed:
        click.echo(f"{valid:,} of {passed:,} are valid ({valid / passed:.1%})", err=True)
