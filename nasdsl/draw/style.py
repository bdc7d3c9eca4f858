"""How things look: the palette by family of operation, fonts, and safe labels."""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import escape
from typing import Literal, NamedTuple, cast

Family = Literal["conv", "pool", "identity", "none", "merge", "use", "port", "align", "head", "choice", "other"]


class Paint(NamedTuple):
    fill: str
    line: str
    text: str = "#1f2937"


PALETTE: dict[Family, Paint] = {
    "conv": Paint("#dfe9fb", "#5b86d4"),
    "pool": Paint("#fdebd3", "#dd9a44"),
    "identity": Paint("#e3f3e6", "#69a974"),
    "none": Paint("#f4f5f7", "#c3c8d0", "#9aa1ad"),
    "merge": Paint("#ece3f8", "#9470c8"),
    "use": Paint("#d8f0ef", "#3d9d9a"),
    "port": Paint("#ffffff", "#6b7280"),
    "align": Paint("#f3f4f6", "#a3abb8", "#4b5563"),
    "head": Paint("#fbe0e6", "#d06b82"),
    "choice": Paint("#ffffff", "#64748b"),
    "other": Paint("#eef0f4", "#8b95a5"),
}
PALE = PALETTE["none"]
FONT = "Helvetica"  # renderers know its metrics; in an SVG the family is widened to what browsers have
GREY = "#6b7280"
FAINT = "#d3d8e0"
EDGE = "#4b5563"
MAX_LABEL = 44
MAX_TOOLTIP = 600

# Looked for in this order in the name of an operation or block.
_WORDS: tuple[tuple[Family, tuple[str, ...]], ...] = (
    ("none", ("none", "zero")),
    ("head", ("classifier", "linear", "head")),
    ("conv", ("conv", "reduction")),
    ("align", ("resample", "align", "pyramid")),
    ("merge", ("add", "concat", "mul", "sum", "merge", "global_pool", "fuse")),
    ("pool", ("pool",)),
    ("identity", ("identity", "skip")),
)
# Characters no XML document may hold, and those that turn the direction of the text around them.
_UNFIT = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")


def family(text: str, inside: Iterable[str] = ()) -> Family:
    """The family of an operation by the name its text starts with, else by the primitives inside it."""
    head = re.split(r"[\s(\[]", text.strip().lower(), maxsplit=1)[0]
    for names in ((head,), tuple(inside)):
        for kind, words in _WORDS:
            if any(word in name for name in names for word in words):
                return kind
    return "other"


def clean(text: str, limit: int) -> str:
    """Text that may stand in any output: no control characters, at most `limit` characters."""
    text = _UNFIT.sub("\ufffd", text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " "))
    return text if len(text) <= limit else text[: limit - 1] + "…"


def plain(text: str) -> str:
    """A plain (never HTML-like) value of a dot attribute that shows `text` as it is."""
    import graphviz

    text = clean(text, MAX_TOOLTIP).replace("&", "&amp;").replace("\\", "\\\\").replace("\n", "\\n")
    return cast(str, graphviz.nohtml(text))


def markup(text: str, limit: int = MAX_LABEL) -> str:
    """`text` for the inside of an HTML-like label, lines kept."""
    return "<br/>".join(escape(clean(line, limit)) for line in text.split("\n"))


def titled(
    title: str, small: str = "", *, bold: bool = False, left: bool = False, color: str = "", size: int = 11
) -> str:
    """An HTML-like label: a line, and under it a smaller one."""
    head = markup(title) or " "
    head = f"<b>{head}</b>" if bold else head
    tint = f' color="{color}"' if color else ""
    label = f'<font point-size="{size}"{tint}>{head}</font>'
    end = '<br align="left"/>' if left else "<br/>"
    if small:
        label += f'{end}<font point-size="8" color="{GREY}">{markup(small, 90)}</font>'
    return f"<{label}{end if left else ''}>"


def short(number: int) -> str:
    """`3.3M`, `540k`, `17`: a count for a person."""
    for unit, size in (("G", 10**9), ("M", 10**6), ("k", 10**3)):
        if number >= size:
            return f"{number / size:.3g}{unit}"
    return str(number)
