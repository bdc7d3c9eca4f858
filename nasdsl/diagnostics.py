"""Mistakes in the input as values: code, severity, spans, labels, notes and a help that can be typed."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass, replace
from importlib import import_module
from itertools import islice
from typing import Any, Literal

from nasdsl.source import Span

Severity = Literal["error", "warning"]

_LONGEST_NAME = 100  # of a name that may be misspelt
_MOST_NAMES = 1000  # that are compared with it


@dataclass(frozen=True, slots=True)
class Label:
    """A second place that explains the first."""

    span: Span
    message: str = ""


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One mistake. `message` names things as the user wrote them; `helps` are texts that can be typed."""

    code: str
    message: str
    span: Span | None = None
    label: str = ""
    labels: tuple[Label, ...] = ()
    notes: tuple[str, ...] = ()
    helps: tuple[str, ...] = ()
    severity: Severity = "error"

    def __post_init__(self) -> None:
        """A mistake in an imported file shows where that was imported, there and in the root file."""
        chain = self.span.importers if self.span is not None else ()
        marked = [label.span for label in self.labels]
        ends = [Label(at, "imported here") for at in dict.fromkeys((*chain[:1], *chain[-1:])) if at not in marked]
        if ends:
            object.__setattr__(self, "labels", (*self.labels, *ends))

    @property
    def position(self) -> tuple[int, int]:
        """For sorting: the place in the root file, and within what is imported there the place in that."""
        if self.span is None:
            return (-1, -1)
        return ((self.span, *self.span.importers)[-1].start, self.span.start)


class NasdslError(Exception):
    """The input has mistakes; `diagnostics` holds every independent one, in source order."""

    def __init__(self, diagnostics: Iterable[Diagnostic]) -> None:
        self.diagnostics = tuple(diagnostics)
        super().__init__("; ".join(f"{d.code}: {d.message}" for d in self.diagnostics))

    def _render_traceback_(self) -> list[str]:
        """What IPython shows where a cell raises it: the source of the space, not that of nasdsl."""
        lines: list[str] = _notebook().error_lines(self, color=not os.environ.get("NO_COLOR"))
        return lines

    def _repr_html_(self) -> str:
        return str(_notebook().error_html(self))


def _notebook() -> Any:
    """What shows mistakes in a notebook lies far above, so it is found by name."""
    return import_module("nasdsl.notebook")


class InternalError(Exception):
    """A fault of nasdsl itself, never of its input."""


def error(
    code: str,
    message: str,
    span: Span | None = None,
    label: str = "",
    *,
    labels: Iterable[Label] = (),
    notes: Iterable[str] = (),
    helps: Iterable[str] = (),
) -> NasdslError:
    """A `NasdslError` of one diagnostic, ready to be raised."""
    return NasdslError([Diagnostic(code, message, span, label, tuple(labels), tuple(notes), tuple(helps))])


def located(mistake: NasdslError, span: Span, inside: str = "") -> NasdslError:
    """The mistake at `span` where it has no place yet, or one inside the shipped library, which no user wrote.

    `inside` is what the user wrote there.
    """
    if span.source.library or all(d.span is not None and not d.span.source.library for d in mistake.diagnostics):
        return mistake
    return NasdslError(at_home(d, span, inside) for d in mistake.diagnostics)


def at_home(diagnostic: Diagnostic, span: Span, inside: str = "") -> Diagnostic:
    """One diagnostic of `located`."""
    if diagnostic.span is not None and not diagnostic.span.source.library:
        return diagnostic
    notes = (f"met inside `{inside}`",) if inside and diagnostic.span is not None else ()
    return replace(diagnostic, span=span, notes=(*diagnostic.notes, *notes))


def did_you_mean(wrong: str, known: Iterable[str]) -> tuple[str, ...]:
    """The help for a misspelt name: at most one, and none where nothing known is close."""
    return tuple(f"did you mean `{name}`?" for name in nearest(wrong, known))


def nearest(wrong: str, known: Iterable[str]) -> tuple[str, ...]:
    """The known name that is closest, if any is close; of a great many names some are not looked at."""
    from difflib import get_close_matches  # only a file with a mistake pays for it

    length = len(wrong)
    # Of lengths further apart no two names are alike.
    alike = (name for name in known if 3 * length <= 7 * len(name) and 3 * len(name) <= 7 * length)
    return tuple(get_close_matches(wrong, list(islice(alike, _MOST_NAMES)), n=1)) if length <= _LONGEST_NAME else ()
