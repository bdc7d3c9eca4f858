"""Which help is applied in which way."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from nasdsl.diagnostics import Diagnostic
from nasdsl.fixes import ways
from nasdsl.fixes.ways import USE, Changes, Words
from nasdsl.source import Span
from nasdsl.syntax import tree

# What could stand in a file as it is.
CODE: Final = r"(?!.*\.\.\.).+"
Row = tuple[str, str, str, Callable[[Diagnostic, Span, Words], Changes]]
# Codes, the whole text of the help or the label, the title, and the way to apply it. The first row that fits is taken.
HELPS: Final[tuple[Row, ...]] = (
    (".*", rf"did you mean `(\w+)`\? {USE}", r"Change to `\1` and import it", ways.rename_and_import),
    ("E0210", r"did you mean `([\w.]+)`\?", r"Change to `\1`", ways.module),
    ("E050[46]", r"did you mean `(.+)`\?", r"Change to `\1`", ways.nearest),
    (".*", r"did you mean `(.+)`\?", r"Change to `\1`", ways.same_kind),
    ("E0201", USE, r"Import `\2` from `\1`", ways.add_import),
    ("E0201", r"((\w+)(?:\([\d, ]*\))?)", r"Change to `\1`", ways.instead),
    ("E0212", USE, r"Import `\2` from `\1`", ways.import_from),
    ("E0211", f"({USE})", r"Change to `\1`", ways.replace),
    ("W0201", f"{USE}|delete `{USE}`", "Delete the import", ways.no_import),
    ("W0201", r"delete `([^`]+)`", r"Delete `\1`", ways.no_declaration),
    ("W0201|W0203", r"or (?:keep it, and )?call it `(\w+)`.*", r"Call it `\1`", ways.call_it),
    ("E0107", f"({USE})", r"Change to `\1`", ways.line),
    ("E0104", r"close it with `}`", "Insert `}`", ways.closing_brace),
    ("E0103", r"close it with `(\")`", r"Insert `\1`", ways.behind),
    ("E0105", r"`.` is closed by `(.)`, not by `(.)`", r"Change `\2` to `\1`", ways.other_bracket),
    ("E0115", r"delete the `(.)`", r"Delete `\1`", ways.delete),
    ("E0106", r"another name, for example `(\w+)`.*", r"Rename to `\1`", ways.replace),
    ("E0101", r"type `(;)` before .*", r"Insert `\1`", ways.before),
    ("E0101", r"type `(.+)` before `.+`", r"Insert `\1`", ways.missing_word),
    ("E0101", r"delete the `(,)` before it.*", r"Delete the `\1` before", ways.comma_before),
    ("E0101", r"steps and clauses are separated by `;`.*", "Change to `;`", ways.separate),
    ("E0101", r"without quotes: (\w+)", r"Change to `\1`", ways.replace),
    ("E0101", r"a comment begins with `#`.*", "Change `//` to `#`", ways.as_comment),
    ("E0101", r"write (\S+)", r"Change to `\1`", ways.zero),
    ("E0119", r"type `(=)`", r"Change to `\1`", ways.equals),
    ("E0102", r"type `(.+)`", r"Change to `\1`", ways.replace),
    ("E0102", r"delete it", "Delete it", ways.delete),
    ("E0111", r"(net .*)", r"Insert `\1`", ways.at_end),
    ("E01..", r"type a plain space", "Change to a plain space", ways.space),
    ("E01..", r"write (\S+)", r"Change to `\1`", ways.replace),
    ("E0109", r"a size is one number: (\d+)", r"Change to `\1`", ways.replace),
    ("E0119|E0120|E0121", rf"({CODE})", r"Change to `\1`", ways.line),
    ("E0101|E0107|E0122", rf"({CODE})", r"Change to `\1`", ways.whole_line),
    ("E0101|E0107|E0122", rf"({CODE})", r"Change to `\1`", ways.phrase),
    ("E0101|E0107|E0122", rf"({CODE})", r"Change to `\1`", ways.rest),
    ("E0304", r"or let a value be used twice: `(.+)`", r"Change to `\1`", ways.replace),
    ("E0304|E0319", r"(pick .+)", r"Change to `\1`", ways.replace),
    ("E0213|E0217|E0305|E0325", rf"(one of {CODE}|\w+\[\d+\])", r"Change to `\1`", ways.replace),
    ("E0213", r"(\w+(?:\([\d, ]*\))?)", r"Change to `\1`", ways.replace),
    ("E0325", r"absorb (.+)", r"Change to `\1`", ways.replace),
    ("E0327", r"(align .+)", r"Change to `\1`", ways.clause),
    ("W0204", r"(fresh \w+)", r"Change to `\1`", ways.replace),
    ("E020[34]", r"((\w+)\(.+\))", r"Change to `\1`", ways.call),
    ("E0205", r"(\d+\.\.\d+)", r"Change to `\1`", ways.replace),
    ("E0303", r"from (\w+)", r"Change to `\1`", ways.replace),
    ("E0309", r"by (level)", r"Change to `by \1`", ways.replace),
    ("E0310|E0311", r"(?:out )?((?:concat|last|unused).*)", r"Change to `\1`", ways.replace),
    ("E0323", r"input (.+)", r"Change to `\1`", ways.replace),
    ("E0313", r"(from .+)", r"Insert `\1`", ways.body(tree.Node, first=True)),
    ("E0316", r"(merge .+)", r"Insert `\1`", ways.body(tree.Node, first=False)),
    ("E0401", r"(then .+)", r"Insert `\1`", ways.body(tree.Node, first=False)),
    ("E0401", r"or let it be as wide as it is: `(width free)`", r"Insert `\1`", ways.body(tree.Node, first=False)),
    ("E0318", r"(merge .+)", r"Change to `\1`", ways.clause),
    ("E0401", r"(align .+)", r"Insert `\1`", ways.body(tree.Graph, first=True)),
    ("E0308", r"(out .+)", r"Insert `\1`", ways.body(tree.Graph, first=False)),
    ("E0321", r"(input .+)", r"Insert `\1`", ways.body(tree.Net, first=True)),
)  # fmt: skip
LABELS: Final[tuple[Row, ...]] = (
    ("E0105", r"`(.)` is missing before this", r"Insert `\1`", ways.closing_bracket),
    ("E0118", r"type `(.+)` here", r"Insert `\1`", ways.replace),
    ("E0119", r"type `(=)`", r"Change to `\1`", ways.equals),
    ("E0120", r"type `(==?)`", r"Change to `\1`", ways.replace),
    ("E0119", r"delete it", "Delete it", ways.delete),
)
# Ways that may be wrong: where in the line such a help belongs, nobody says.
TRIED: Final = (ways.whole_line, ways.phrase, ways.rest)
