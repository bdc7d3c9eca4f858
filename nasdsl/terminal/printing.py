"""What `print` does: a space as one flat text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from nasdsl.compiler.flatten import flat
from nasdsl.compiler.imports import Imports
from nasdsl.compiler.load import Expanded, expanded, loads, locate
from nasdsl.diagnostics import InternalError, NasdslError
from nasdsl.source import SourceFile
from nasdsl.space.model import SearchSpace
from nasdsl.syntax.declarations import file_text
from nasdsl.syntax.formatter import formatted
from nasdsl.syntax.parser import parse, read


def printed(
    where: str | Path, params: Mapping[str, int | float] | None = None, net: str | None = None, ops: Sequence[str] = ()
) -> str:
    """The text of a space that needs nothing but itself: no library, no other file, no `param`, no `fresh` cell.

    It has the same genotypes in the same order, those that the file names among them.
    """
    source = read(locate(where))
    file = parse(source)
    made = expanded(file, params, Imports(file, ops))
    space = made.named(net)
    name = f"{source.name}, printed"
    text, again = _same(made, space, net, name, ops)
    points = [_point(again, space.point(point).rank, point) for point in space.points]
    return formatted(SourceFile(name, "\n\n".join([text.rstrip("\n"), *points])))


def _same(
    made: Expanded, space: SearchSpace, net: str | None, name: str, ops: Sequence[str]
) -> tuple[str, SearchSpace]:  # fmt: skip
    """The flat text and its space, which has the same decisions."""
    wanted = [(type(d), d.size) for d in space.decisions]
    for named in (False, True):
        text = file_text(flat(made, net, named=named))
        try:
            again = loads(text, name, ops=ops)
        except NasdslError:
            # Two alternatives became one where a parameter has the value that stands beside it.
            if named:
                raise
            continue
        if [(type(d), d.size) for d in again.decisions] == wanted:
            return text, again
    raise InternalError(f"the text of {name} would be another space")


def _point(space: SearchSpace, rank: int, name: str) -> str:
    return space[rank].text(name)
