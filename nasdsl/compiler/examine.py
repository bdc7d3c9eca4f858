"""Everything wrong with a source: its text, every net of it, every genotype written beside it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from nasdsl.compiler.check import check
from nasdsl.compiler.genotypes import nets
from nasdsl.compiler.imports import Imports
from nasdsl.compiler.lint import warnings
from nasdsl.compiler.load import Expanded, expanded
from nasdsl.compiler.measures import every_test
from nasdsl.compiler.witness import Patience
from nasdsl.diagnostics import Diagnostic, NasdslError
from nasdsl.source import SourceFile
from nasdsl.space.narrowing import WHOLE, Narrowing
from nasdsl.syntax.parser import parse


def diagnostics(
    source: SourceFile,
    params: Mapping[str, int | float] | None = None,
    net: str | None = None,
    ops: Sequence[str] = (),
    narrowing: Narrowing = WHOLE,
) -> tuple[Diagnostic, ...]:
    """Every mistake once, in source order: of every net, or of the one named. Empty where all is proved.

    Where there is no error, what looks like a mistake in the names is warned of. A narrowing belongs to the one net
    that is named, or would be used.
    """
    try:
        file = parse(source)
    except NasdslError as mistake:
        return mistake.diagnostics
    try:
        whole = expanded(file, params, Imports(file, ops))
    except NasdslError as mistake:
        return once(mistake.diagnostics)
    found: list[Diagnostic] = []
    patience = Patience()
    roots: list[str | None] = [net] if net is not None or narrowing else [*nets(file)]
    for root in roots or [None]:
        try:
            found += examined(whole, root, narrowing, patience)
        except NasdslError as mistake:
            found += mistake.diagnostics
    if not any(d.severity == "error" for d in found):
        # A name used in a wrong place shall not be called unused.
        found += warnings(file, whole)
    return once(found)


def examined(whole: Expanded, net: str | None, narrowing: Narrowing, patience: Patience) -> list[Diagnostic]:
    """Shapes that do not fit in a net, and what is wrong with its genotypes."""
    space = whole.space(net)
    found: list[Diagnostic] = []
    try:
        space = whole.with_genotypes(space)
    except NasdslError as mistake:
        found += mistake.diagnostics
    space = narrowing.of(space)
    found += check(space, patience=patience)
    if any(every_test(space.skeleton)) and not any(d.severity == "error" for d in found):
        from nasdsl.compiler import feasible

        found += feasible.diagnostics(space, patience)
    return found


def once(found: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """In source order, without the second report of a place that several nets use."""
    kept: dict[object, Diagnostic] = {}
    for d in found:
        # The numbers in a message about shapes are those of one net.
        key = (d.code, d.span) if d.code.startswith("E04") else (d.code, d.span, d.message)
        kept.setdefault(key, d)
    return tuple(sorted(kept.values(), key=lambda d: d.position))
