"""Hypothesis strategies for the language: random trees of every construct, and texts of them in random layouts."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from nasdsl.source import SourceFile, Span
from nasdsl.syntax import tree
from nasdsl.syntax.declarations import file_text
from nasdsl.syntax.lexer import Lexer, Token
from nasdsl.syntax.tables import tables

SPAN = Span(SourceFile("", ""), 0, 0)

# ---- expressions -------------------------------------------------------------------------------

names = st.from_regex(r"[a-z_][a-z0-9_]{0,3}", fullmatch=True).filter(lambda w: w not in tables().words)
value_words = names | st.sampled_from(["in", "width", "level", "edges", "last"])
identifiers = st.builds(tree.Identifier, st.just(SPAN), names)
refs = st.builds(tree.Ref, st.just(SPAN), value_words)
plain_refs = st.builds(tree.Ref, st.just(SPAN), names)
numbers = st.builds(
    tree.Number, st.just(SPAN), st.integers(-(10**12), 10**12) | st.floats(0, 1e12, allow_subnormal=False).map(abs)
)
whole = st.builds(tree.Number, st.just(SPAN), st.integers(0, 99))
strings = st.builds(
    tree.String, st.just(SPAN), st.text(st.characters(exclude_characters='"\n', exclude_categories=["Cs"]), max_size=5)
)


def made(kind: Any, *parts: Any) -> Any:
    return st.builds(kind, st.just(SPAN), *parts)


def tuples(inner: Any, least: int = 0, most: int = 3) -> Any:
    return st.lists(inner, min_size=least, max_size=most).map(tuple)


def calls_of(inner: Any) -> Any:
    args = made(tree.Arg, st.none() | made(tree.Identifier, value_words), inner)
    return made(tree.Call, made(tree.Identifier, value_words), tuples(args))


def bigger(inner: Any) -> Any:
    calls = calls_of(inner)
    lists = made(tree.List, tuples(inner | made(tree.Spread, identifiers)))
    ranges = made(tree.Range, inner, inner, st.none() | inner) | made(tree.Range, inner, st.none(), st.none())
    last = made(tree.Last, whole | plain_refs, refs | lists | calls)
    sets = inner | last | made(tree.Except, inner | last, inner | last)
    sets = sets | made(tree.Except, made(tree.Except, inner, inner), inner)
    counts = whole | plain_refs | ranges
    return st.one_of(
        calls,
        lists,
        ranges,
        made(tree.Index, identifiers, inner),
        made(tree.Attribute, identifiers, identifiers),
        made(tree.Binary, st.sampled_from(["+", "-", "*", "//"]), inner, inner),
        made(tree.Weighted, inner, inner),
        made(tree.Choice, tuples(inner, 2)),
        made(tree.Fresh, refs | calls),
        made(tree.Pick, counts, sets, st.sampled_from(["set", "repeats", "order"])),
        *(made(kind, sets) for kind in (tree.OneOf, tree.SomeOf, tree.AllOf, tree.OrderOf, tree.EachOf)),
    )


expressions = st.recursive(refs | numbers | strings, bigger, max_leaves=12)

# ---- declarations ------------------------------------------------------------------------------

_short = st.recursive(refs | numbers, bigger, max_leaves=4)
_arguments = tuples(made(tree.Arg, st.none() | made(tree.Identifier, value_words), _short))
_parameters = tuples(made(tree.Parameter, identifiers, _short), most=2)
_comparisons = made(
    tree.Compare, st.sampled_from(["<=", ">=", "==", "!=", "<", ">"]),
    *[_short.filter(lambda e: not isinstance(e, tree.Choice | tree.Weighted))] * 2,
)  # fmt: skip
_requires = made(tree.Require, tuples(_comparisons, 1))
_lets = made(tree.Let, identifiers, _short)


def _steps(chain: Any) -> Any:
    """A step of a chain; a bare expression may be labelled, as the nested ones may."""
    nested = st.one_of(
        made(tree.Repeat, _short, chain), made(tree.Branch, _short, tuples(chain, 2)), made(tree.Shortcut, chain)
    )
    bare = nested | _short
    return st.one_of(bare, made(tree.Labelled, identifiers, bare), _lets, made(tree.Tap, identifiers, _short))


_flat_steps = st.one_of(_short, _lets, made(tree.Tap, identifiers, _short), made(tree.Labelled, identifiers, _short))
_chains = st.recursive(
    made(tree.Chain, tuples(_flat_steps)), lambda inner: made(tree.Chain, tuples(_steps(inner))), max_leaves=6
)
_clauses = st.one_of(
    made(tree.Clause, st.sampled_from(["from", "op"]), tuples(_short, 1)),
    made(tree.Clause, st.sampled_from(["merge", "absorb", "then", "level", "width"]), tuples(_short, 1, 1)),
)
_nodes = made(tree.Node, identifiers, st.none() | _short, tuples(_clauses | _lets | _requires, most=5))
_aligns = made(
    tree.Align, st.sampled_from(["ports", "reads", "edges"]), st.sampled_from(["always", "needed"]), _short
)  # fmt: skip
_outs = made(tree.Out, _short, st.none() | made(tree.Identifier, value_words))
_ports = made(tree.Port, identifiers, st.none() | _short) | made(tree.Port, identifiers, st.none(), st.just(True))
_graphs = made(
    tree.Graph, st.sampled_from(["cell", "motif"]), identifiers, st.none() | _short, tuples(_ports), _parameters,
    tuples(_nodes | _lets | _outs | _aligns | _requires, most=4),
)  # fmt: skip
_aliases = made(
    tree.Alias, st.sampled_from(["cell", "motif"]), identifiers,
    st.one_of(
        made(tree.Fresh, refs | calls_of(_short)), calls_of(_short),
        made(tree.Index, made(tree.Identifier, value_words), _short),
    ),
)  # fmt: skip
_blocks = made(tree.Block, identifiers, tuples(made(tree.Parameter, identifiers, st.none() | _short), most=3), _chains)
_nets = made(
    tree.Net, st.none() | identifiers,
    tuples(
        st.one_of(
            made(tree.Input, st.none() | identifiers, _short), made(tree.Stem, _short), made(tree.Head, _short),
            made(tree.Stage, st.none() | identifiers, _arguments, _chains), _steps(_chains),
        ),
        most=4,
    ),
)  # fmt: skip
_pieces = made(tree.PathPart, names | st.sampled_from(["width", "from"]), st.none())
_indices = made(tree.PathPart, st.none(), st.none() | st.integers(0, 9) | made(tree.Range, whole, whole, st.none()))
_paths = st.tuples(made(tree.PathPart, names, st.none()), tuples(_pieces | _indices)).map(lambda p: (p[0], *p[1]))
_fixes = made(tree.Assign, _paths, _short) | made(tree.Point, _paths, tuples(_clauses, most=3))
_genotypes = made(tree.GenotypeBlock, identifiers, st.none() | identifiers, _arguments, tuples(_fixes, most=4))
_modules = st.lists(names, min_size=1, max_size=2).map(".".join)
items = st.one_of(
    made(tree.Use, _modules, st.none() | tuples(identifiers, 1, 5)),
    *(made(kind, identifiers, _short) for kind in (tree.Param, tree.Hyper, tree.Let, tree.Ops)),
    _graphs, _graphs, _aliases, _blocks, _blocks, _nets, _requires, _genotypes,
)  # fmt: skip
# Whole files, as their declarations.
files = tuples(items, 1, 4)

# ---- layouts -----------------------------------------------------------------------------------

_COMMENT = st.text(
    st.characters(exclude_characters="\r\n\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029", exclude_categories=["Cs"]), max_size=6
)


@st.composite
def messy(draw: Any, text: str) -> str:
    """The same tokens with other blanks and line ends, and with comments wherever a line may end."""
    tokens = list(Lexer(SourceFile("", text)))
    shown, depth = "\ufeff" if draw(st.integers(0, 9)) == 0 else "", 0
    shown += _line_end(draw) if draw(st.booleans()) else ""
    for i, token in enumerate(tokens[:-1]):
        before = tokens[i - 1] if i else None
        if token.kind == "_NL":
            shown += draw(st.sampled_from(["\n", "\n", ";", " ; "])) if draw(st.booleans()) else _line_end(draw)
            continue
        free = before is not None and (depth > 0 or _joins(before, token))
        if free and draw(st.integers(0, 5)) == 0:
            shown += _line_end(draw)
        elif before is not None and before.kind != "_NL":
            shown += draw(st.sampled_from(["", " ", "  ", "\t"])) if _may_touch(before, token) else " "
        depth += (token.text in ("(", "[")) - (token.text in (")", "]"))
        shown += token.text
    return shown + (_line_end(draw) if draw(st.booleans()) else "")


def _line_end(draw: Any) -> str:
    """A line end, or several, some with a comment before them."""
    end = ""
    for _ in range(draw(st.integers(1, 3))):
        blank = draw(st.sampled_from(["", " ", "   "]))
        note = f"#{draw(_COMMENT)}" if draw(st.integers(0, 2)) == 0 else ""
        end += blank + note + draw(st.sampled_from(["\n", "\n", "\r\n"]))
    return end + draw(st.sampled_from(["", "  "]))


def _joins(before: Token, token: Token) -> bool:
    return before.text in ("|", "and", ",") or token.text in ("|", "and", "{")


def _may_touch(before: Token, token: Token) -> bool:
    """Whether two tokens may stand without a blank between them."""
    word = "(" if before.kind == "STRING" else before.text[-1:]
    symbols = "()[]{},;"
    return word in symbols or token.text in symbols


# Texts of whole files in any layout, with comments.
texts = files.map(file_text).flatmap(messy)
