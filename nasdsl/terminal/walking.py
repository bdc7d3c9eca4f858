"""What `sample` prints: genotypes that are drawn, or every valid one in the order of codes."""

from __future__ import annotations

import sys
import time
from random import Random

import click

from nasdsl.space.model import SearchSpace
from nasdsl.terminal.genotypes import named

QUIET = 5.0
"""After so many seconds without a word on the terminal, progress is told."""


def draw(space: SearchSpace, number: int, rng: Random, weighted: bool, as_json: bool) -> None:
    """Print so many valid genotypes as they are drawn; on stderr the share that was valid, where not all were."""
    total = 0
    for i in range(number):
        drawn, tries = space.sample_counted(rng, weighted=weighted)
        total += tries
        if as_json:
            click.echo(drawn.to_json(f"g{i}"))
        else:
            click.echo(drawn.text(f"g{i}") if i == 0 else f"\n{drawn.text(f'g{i}')}")
    if total > number:
        click.echo(f"{number:,} of {total:,} drawn were valid ({number / total:.1%})", err=True)


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
