"""Drawings of spaces and genotypes, as svg, png, dot, and, where Graphviz is installed, pdf."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from nasdsl.draw import genotypes, read, spaces
from nasdsl.draw.renderer import FORMATS, render

if TYPE_CHECKING:
    from nasdsl.draw.read import Graph

__all__ = ["FORMATS", "genotype", "genotype_source", "space", "space_source"]


def space(graph: Graph, target: str | Path) -> bytes:
    """Draw a space with its open choices (the graph of `compiler.dag.space_graph`).

    `target` is a file, whose suffix names the format, or a bare format ("svg"), and then nothing is written.
    Returns the drawing's bytes. NasdslError E0701 to E0704 as in `draw.renderer`.
    """
    return render(space_source(graph), target)


def genotype(graph: Graph, target: str | Path) -> bytes:
    """Draw one genotype (the graph of `compiler.dag.architecture`); target, result and errors as in `space`."""
    return render(genotype_source(graph), target)


def space_source(graph: Graph) -> str:
    """The dot text of a space's drawing."""
    return spaces.draw(read.open_space(graph)).source()


def genotype_source(graph: Graph) -> str:
    """The dot text of a genotype's drawing."""
    return genotypes.draw(read.architecture(graph)).source()
