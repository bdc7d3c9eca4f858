"""What `check` finds in a file: mistakes in its text, and shapes that do not fit in some genotype of some net."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from nasdsl.compiler import examine, load
from nasdsl.diagnostics import Diagnostic, NasdslError
from nasdsl.space.narrowing import WHOLE, Narrowing
from nasdsl.syntax.parser import read


def diagnostics(
    where: str,
    params: Mapping[str, int | float],
    net: str | None,
    ops: Sequence[str] = (),
    narrowing: Narrowing = WHOLE,
) -> tuple[Diagnostic, ...]:
    """Everything wrong with a file, in every net unless one is named or it is narrowed; empty where all is proved."""
    try:
        source = read(load.locate(where))
    except NasdslError as mistake:
        return mistake.diagnostics
    return examine.diagnostics(source, params, net, ops, narrowing)
