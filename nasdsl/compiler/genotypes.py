"""Genotype blocks: named points of a space, written beside it."""

from __future__ import annotations

from dataclasses import replace

from nasdsl.compiler.expansion import missing
from nasdsl.diagnostics import Diagnostic, Label, NasdslError, did_you_mean, error
from nasdsl.space.model import Said, SearchSpace
from nasdsl.syntax import tree
from nasdsl.syntax.printer import text


def headers(file: tree.File) -> tuple[list[Diagnostic], list[tree.GenotypeBlock]]:
    """What is wrong with genotype blocks whatever the space, and the blocks that are right so far."""
    problems: list[Diagnostic] = []
    right: list[tree.GenotypeBlock] = []
    first: dict[str, tree.GenotypeBlock] = {}
    known = nets(file)
    for block in file.items:
        if not isinstance(block, tree.GenotypeBlock):
            continue
        try:
            header(block, first, known)
            said(block)
            right.append(block)
        except NasdslError as mistake:
            problems += mistake.diagnostics
    return problems, right


def header(block: tree.GenotypeBlock, first: dict[str, tree.GenotypeBlock], known: list[str]) -> None:
    """E0202 for a name declared twice, E0231 for a net that is not there."""
    name = block.name.text
    if name in first:
        labels = [Label(first[name].name.span, "first declared here")]
        twice = f"genotype `{name}` is declared twice"
        raise error("E0202", twice, block.name.span, "the second declaration", labels=labels)
    first[name] = block
    if block.of is not None and known and block.of.text not in known:
        helps = did_you_mean(block.of.text, known) or ("its nets are " + ", ".join(known),)
        raise error("E0231", f"the file has no net `{block.of.text}`", block.of.span, "unknown net", helps=helps)
    if block.args:
        raise missing("parameters of a genotype", block.args[0].span)


def read_genotypes(space: SearchSpace, file: tree.File) -> SearchSpace:
    """The space with the named genotypes of its net; raises NasdslError with every mistake in them."""
    problems, right = headers(file)
    points = {}
    known = nets(file)
    for block in right:
        of = block.of.text if block.of else known[0] if known else space.net
        if known and of != space.net:
            continue
        try:
            points[block.name.text] = space.read(said(block), block.name.span).values
        except NasdslError as mistake:
            problems += mistake.diagnostics
    if problems:
        raise NasdslError(problems)
    return replace(space, points=points)


def nets(file: tree.File) -> list[str]:
    """The names of the nets of a file, in order; one without a name is called `net`."""
    return [item.name.text if item.name else "net" for item in file.items if isinstance(item, tree.Net)]


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
                what = f"`{clause}` of `{path_text(fix.path, fix)}`" if clause else f"`{path_text(fix.path, fix)}`"
                labels = [Label(first, "first here")] if (first := clauses[clause].span) is not None else []
                raise error("E0508", f"{what} is decided twice", span, "the second time", labels=labels)
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
            one = path_text(tuple(p if p.name else p.but(value=0) for p in path), at)
            raise error("E0509", "a genotype names one place at a time", at.span, "several places", helps=(one,))
    return shown
