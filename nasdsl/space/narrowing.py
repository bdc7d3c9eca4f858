"""How a space is narrowed from outside, as texts: light, so that commands that narrow nothing load nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from nasdsl.diagnostics import Diagnostic, NasdslError
from nasdsl.source import SourceFile

if TYPE_CHECKING:
    from nasdsl.space.model import SearchSpace


@dataclass(frozen=True)
class Narrowing:
    """How a space is narrowed from the command line: the texts behind `--fix` and `--restrict`, in order."""

    restrict: tuple[str, ...] = ()
    fix: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.restrict or self.fix)

    def of(self, space: SearchSpace) -> SearchSpace:
        """The space that is left of one; NasdslError with the mistakes of all texts."""
        if not self:
            return space
        from nasdsl.space import narrow

        problems: list[Diagnostic] = []
        ways = (("--fix", self.fix, narrow.fixed), ("--restrict", self.restrict, narrow.restricted))
        for option, texts, way in ways:
            for text in texts:
                try:
                    space = way(space, SourceFile(option, text))
                except NasdslError as mistake:
                    problems += mistake.diagnostics
        if problems:
            raise NasdslError(problems)
        return space


WHOLE = Narrowing()
"""Nothing is left out."""
