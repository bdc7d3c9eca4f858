"""Genotype blocks: named points of a space, written beside it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from nasdsl.diagnostics import Diagnostic, Label, NasdslError, did_you_mean, error
from nasdsl.space.model import Said, SearchSpace
from nasdsl.syntax import tree
from nasdsl.syntax.printer import text

Params = Mapping[str, int | float]


def headers(file: tree.File) -> tuple[list[Diagnostic], list[tree.GenotypeBlock]]:
    """What is wrong with genotype blocks whatever the space, and the blocks that are right so far."""
    problems: list[Diagnostic] = []
    right: list[tree.GenotypeBlock] = []
    first: dict[str, tree.GenotypeBlock] = {}
    known = nets(file)
    params = [item.name.text for item in file.items if isinstance(item, tree.Param)]
    for block in file.items:
        if not isinstance(block, tree.GenotypeBlock):
            continue
        try:
            header(block, first, known, params)
            said(block)
            right.append(block)
        except NasdslError as mistake:
            problems += mistake.diagnostics
    return problems, right


def only_genotypes(file: tree.File) -> list[tree.GenotypeBlock]:
    """The genotypes of a file that holds nothing else; E0512 for another declaration."""
    others = [item for item in file.items if not isinstance(item, tree.GenotypeBlock)]
    if others:
        raise error(
            "E0512", "a file of genotypes declares nothing else", others[0].span, "no genotype",
            notes=("it is read beside a space, whose declarations it names",),
        )  # fmt: skip
    return [item for item in file.items if isinstance(item, tree.GenotypeBlock)]


def header(
    block: tree.GenotypeBlock, first: dict[str, tree.GenotypeBlock], known: list[str], params: list[str]
) -> None:
    """E0202 for a name declared twice, E0231 for a net that is not there, E0230 for such a parameter."""
    name = block.name.text
    if name in first:
        labels = [Label(first[name].name.span, "first declared here")]
        twice = f"genotype `{name}` is declared twice"
        raise error("E0202", twice, block.name.span, "the second declaration", labels=labels)
    first[name] = block
    if block.of is not None and known and block.of.text not in known:
        helps = did_you_mean(block.of.text, known) or ("its nets are " + ", ".join(known),)
        raise error("E0231", f"the file has no net `{block.of.text}`", block.of.span, "unknown net", helps=helps)
    given: set[str] = set()
    for arg in block.args:
        if arg.name is None or arg.name.text in given:
            what, label = (
                ("is given twice", "the second time")
                if arg.name is not None
                else ("has no name", "of which parameter?")
            )
            helps = (f"(C = {text(arg.value)})",) if arg.name is None else ()
            raise error("E0233", f"a parameter of genotype `{name}` {what}", arg.span, label, helps=helps)
        given.add(arg.name.text)
        if arg.name.text not in params:
            unknown = f"the file has no parameter `{arg.name.text}`"
            helps = did_you_mean(arg.name.text, params) or (
                ("its parameters are " + ", ".join(params),) if params else ("the file declares no parameters",)
            )
            raise error("E0230", unknown, arg.name.span, "unknown parameter", helps=helps)
        if not isinstance(arg.value, tree.Number):
            raise error("E0207", f"this must be one fixed number, not `{text(arg.value)}`", arg.value.span)


def told(block: tree.GenotypeBlock) -> Params:
    """The parameters at which a genotype was published, of a header that is right."""
    return {a.name.text: a.value.value for a in block.args if a.name is not None and isinstance(a.value, tree.Number)}


def read_genotypes(space: SearchSpace, file: tree.File, at: Callable[[Params], SearchSpace]) -> SearchSpace:
    """The space with the named genotypes that are its points; raises NasdslError with every mistake in them.

    A genotype is checked in its own net, in the space `at` the parameters of its header, else those of the file. It is
    a point of this space wherever it reads as one: one of another net too, where the nets share their cells.
    """
    problems, right = headers(file)
    points = {}
    elsewhere: dict[str, Params] = {}
    others: dict[object, SearchSpace] = {}
    known = nets(file)
    for block in right:
        of = block.of.text if block.of else known[0] if known else space.net
        name, written, published = block.name.text, said(block), told(block)
        here: tuple[Diagnostic, ...] = ()
        try:
            points[name] = space.read(written, block.name.span).values
        except NasdslError as mistake:
            here = mistake.diagnostics
        if known and of != space.net:
            continue
        if published == space.params:
            problems += here
            continue
        if here:
            elsewhere[name] = published
        elif not published:
            continue
        try:
            key = tuple(sorted(published.items()))
            if key not in others:
                others[key] = at(published)
            others[key].read(written, block.name.span)
        except NasdslError as mistake:
            known_so_far = {(d.code, d.span) for d in problems}
            problems += (published_at(d, block) for d in mistake.diagnostics if (d.code, d.span) not in known_so_far)
    if problems:
        raise NasdslError(problems)
    return replace(space, points=points, elsewhere=elsewhere)


def published_at(mistake: Diagnostic, block: tree.GenotypeBlock) -> Diagnostic:
    """What is wrong with a genotype, or with the file, at the genotype's parameters."""
    values = ", ".join(f"{name} = {value}" for name, value in told(block).items())
    if not values:
        return mistake
    return replace(mistake, notes=(*mistake.notes, f"at {values}, where genotype `{block.name.text}` was published"))


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
