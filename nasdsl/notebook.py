"""How spaces, genotypes and mistakes show themselves in a notebook: a drawing with a short summary, in HTML."""

from __future__ import annotations

import traceback
from collections.abc import Iterable
from html import escape
from pathlib import Path

from nasdsl import draw, report
from nasdsl.compiler import dag, lower
from nasdsl.diagnostics import NasdslError
from nasdsl.space.genotype import Genotype
from nasdsl.space.model import SearchSpace
from nasdsl.terminal.text import exact, power_of_ten, short

Shown = SearchSpace | Genotype


def svg(what: Shown) -> str:
    """The drawing alone, as an element that can stand in a page. NasdslError where nothing here can draw."""
    if isinstance(what, SearchSpace):
        data = draw.space(dag.space_graph(what), "svg")
    else:
        data = draw.genotype(dag.architecture(lower.network(what)), "svg")
    return data[data.index(b"<svg") :].decode()


def html(what: Shown) -> str:
    """The drawing under its summary; what keeps it from being drawn, in its place."""
    try:
        drawing = svg(what)
    except NasdslError as mistake:
        drawing = error_html(mistake)
    facts = "".join(
        f"<tr><th style='text-align:left'>{escape(name)}</th><td style='text-align:left'>{escape(value)}</td></tr>"
        for name, value in summary(what)
    )
    return f"<div><table>{facts}</table><div style='overflow-x:auto'>{drawing}</div></div>"


def summary(what: Shown) -> list[tuple[str, str]]:
    """What it is, in a few facts."""
    if isinstance(what, SearchSpace):
        size = exact(what.size) + (f" = {power_of_ten(what.size)}" if what.size >= 10**6 else "")
        return [("space", what.name), (what.kind, what.net), ("genotypes", size)]
    facts = [("genotype", what.code), ("of", f"{what.space.name}, {what.space.net}")]
    try:
        network = lower.network(what)
    except NasdslError:
        return facts
    return [*facts, ("parameters", short(network.params)), ("multiply-adds", short(network.macs))]


def error_html(mistake: NasdslError) -> str:
    """Every mistake with its excerpt of the source."""
    return f"<pre>{escape(report.terminal(mistake.diagnostics))}</pre>"


def error_lines(mistake: NasdslError, *, color: bool) -> list[str]:
    """The same for a cell that raised it, with the line of Python that was under way, instead of a traceback."""
    own = str(Path(__file__).parent)
    frames: Iterable[traceback.FrameSummary] = reversed(traceback.extract_tb(mistake.__traceback__))
    calling = next((f for f in frames if not f.filename.startswith(own) and f.line), None)
    where = [f"line {calling.lineno}: {calling.line}", ""] if calling else []
    return [*where, *report.terminal(mistake.diagnostics, color).splitlines()]
