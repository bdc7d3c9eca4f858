"""The alignments that a cell has without saying so."""

from __future__ import annotations

from nasdsl.compiler.expansion import Context, Expansion, Slot
from nasdsl.compiler.names import library
from nasdsl.compiler.steps import use
from nasdsl.source import Span
from nasdsl.space import skeleton as sk
from nasdsl.syntax import tree


def default_alignment(x: Expansion) -> sk.Align:
    """Cells of two ports align both with `relu_conv_bn(1)`, as NASNet and DARTS do."""
    vision = library("vision")
    span = Span(vision.source, 0, 0)
    arg = tree.Arg(span, None, tree.Number(span, 1))
    found = vision.find("relu_conv_bn", span)
    return sk.Align("ports", "always", use(x, found, "relu_conv_bn", (arg,), span, Context(vision), Slot(), ""))


def reduction(x: Expansion) -> sk.Step:
    """The alignment at a stride: `factorized_reduction` (DARTS, Liu et al., 2019)."""
    vision = library("vision")
    span = Span(vision.source, 0, 0)
    found = vision.find("factorized_reduction", span)
    return use(x, found, "factorized_reduction", (), span, Context(vision), Slot(), "")
