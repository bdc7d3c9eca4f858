"""One input from its bytes to networks: diagnostics or a space in which everything works, and nothing else."""

from __future__ import annotations

from pathlib import Path
from random import Random

from nasdsl.compiler.amount import amount_of
from nasdsl.compiler.examine import diagnostics
from nasdsl.compiler.genotypes import said
from nasdsl.compiler.keys import exact
from nasdsl.compiler.load import compiled
from nasdsl.compiler.lower import network
from nasdsl.diagnostics import Diagnostic, NasdslError
from nasdsl.report import as_json, terminal
from nasdsl.source import SourceFile
from nasdsl.space.model import Genotype, SearchSpace
from nasdsl.syntax import tree
from nasdsl.syntax.parser import parse, read
from nasdsl.terminal.text import exact as exact_size

LARGE = 3000  # operations of a network
TRIES = 5


def tried(data: bytes, folder: Path) -> tuple[Diagnostic, ...]:
    """What is wrong with a file of these bytes; if nothing, its space is used. Raises where nasdsl has a fault."""
    path = folder / "space.nas"
    path.write_bytes(data)
    try:
        source = read(path)
    except NasdslError as mistake:
        return shown(mistake.diagnostics)
    found = shown(diagnostics(source))
    if not any(d.severity == "error" for d in found):
        try:
            used(compiled(source))
        except NasdslError:
            # A shape that does not fit, where it was said that this is not proved.
            if not any(d.code == "W0401" or d.code.startswith("E") for d in found):
                raise
    return found


def shown(found: tuple[Diagnostic, ...]) -> tuple[Diagnostic, ...]:
    """The diagnostics, once they have been written in both forms."""
    assert isinstance(found, tuple)
    assert all(isinstance(d, Diagnostic) for d in found)
    assert (terminal(found) == "") == (found == ())
    assert as_json(found)
    for d in found:
        spans = [label.span for label in d.labels] + ([d.span] if d.span is not None else [])
        assert all(0 <= s.start <= s.end <= len(s.source.text) for s in spans)
    return found


def used(space: SearchSpace) -> None:
    """Two genotypes of a space, or one of large networks: numbered, written, read back, lowered and varied."""
    assert space.size >= 1
    assert exact_size(space.size)
    for i in range(1 if amount_of(space.skeleton).operations > LARGE else 2):
        genotype = drawn(space, Random(i)) if i == 0 else sampled(space, Random(i))
        assert genotype in space
        assert space[genotype.rank] == genotype
        assert again(genotype) == genotype
        assert network(genotype).ops
        assert exact(genotype)
        try:
            assert genotype.mutate(Random(i), valid=False) != genotype
        except NasdslError:
            assert space.size == 1


def drawn(space: SearchSpace, rng: Random) -> Genotype:
    return space[rng.randrange(space.size)]


def sampled(space: SearchSpace, rng: Random) -> Genotype:
    """A sample; any genotype where so many are dead that a sample would take long."""
    return space.sample(rng) if any(space.valid(drawn(space, rng)) for _ in range(TRIES)) else drawn(space, rng)


def again(genotype: Genotype) -> Genotype:
    """A genotype read back from its own text."""
    (block,) = parse(SourceFile("genotype.nas", genotype.text("g"))).items
    assert isinstance(block, tree.GenotypeBlock)
    return genotype.space.read(said(block))
