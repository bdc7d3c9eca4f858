"""Genotype blocks: named points of a space, written beside it."""

from __future__ import annotations

from dataclasses import replace

from nasdsl.diagnostics import Diagnostic, NasdslError, did_you_mean, error
from nasdsl.space.model import Said, SearchSpace
from nasdsl.syntax import tree
from nasdsl.syntax.printer import text


def read_genotypes(space: SearchSpace, file: tree.File) -> SearchSpace:
    """The space with the named genotypes of its net; raises NasdslError with every mistake in them."""
    problems: list[Diagnostic] = []
    points = {}
    nets = [item.name.text if item.name else "net" for item in file.items if isinstance(item, tree.Net)]
    for block in file.items:
        if not isinstance(block, tree.GenotypeBlock):
            continue
        name = block.name.text
        of = block.of.text if block.of else nets[0] if nets else space.net
        try:
            if nets and of not in nets:
                assert block.of is not None
                raise error("E0231", f"the file has no net `{of}`", block.of.span, helps=did_you_mean(of, nets))
            if name in points:
                raise error("E0202", f"genotype `{name}` is declared twice", block.name.span)
            if block.args:
                raise error("E0290", "parameters of a genotype are not part of this version", block.args[0].span)
            if of == space.net:
                points[name] = space.read(said(block), block.name.span).values
        except NasdslError as mistake:
            problems += mistake.diagnostics
    if problems:
        raise NasdslError(problems)
    return replace(space, points=points)


def said(block: tree.GenotypeBlock) -> dict[str, dict[str, Said]]:
    """What a genotype block says, by path and clause."""
    found: dict[str, dict[str, Said]] = {}
    for fix in block.fixes:
        clauses = found.setdefault(path_text(fix.path, fix), {})
        written = (
            [("", (fix.value,), fix.value.span)]
            if isinstance(fix, tree.Assign)
            else [(c.kind, c.values, c.span) for c in fix.clauses]
        )
        for clause, values, span in written:
            if clause in clauses:
                raise error("E0508", "this is decided twice", span)
            clauses[clause] = Said(", ".join(map(text, values)), span)
    return found


def path_text(path: tuple[tree.PathPart, ...], at: tree.Assign | tree.Point) -> str:
    """`normal.n[0]`; a genotype names single places, so a range or a star is an error."""
    shown = ""
    for part in path:
        if part.name is not None:
            shown += f".{part.name}" if shown else part.name
        elif isinstance(part.value, int):
            shown += f"[{part.value}]"
        else:
            raise error("E0509", "a genotype names one place at a time", at.span, helps=("n[0]",))
    return shown
