"""A Pygments lexer for `.nas`: it colours documents, notebooks and terminals."""

from __future__ import annotations

from typing import ClassVar

from pygments.lexer import RegexLexer, bygroups, words
from pygments.token import Comment, Keyword, Name, Number, Operator, Punctuation, String, Whitespace

from nasdsl.highlighting import DECLARES, NAME, NUMBER, VALUES, groups, symbols

_GROUPS = groups()
_KEYWORD = rf"(?!(?:{'|'.join(word for group in _GROUPS.values() for word in group)})\b)"
_PUNCTUATION = frozenset("()[]{},;:.")


class NasLexer(RegexLexer):  # type: ignore[misc]
    """The keywords are those of the grammar; behind a dot there are none."""

    name = "nasdsl"
    aliases: ClassVar = ["nas"]
    filenames: ClassVar = ["*.nas"]
    tokens: ClassVar = {
        "root": [
            (r"\s+|\ufeff", Whitespace),
            (r"#[^\n]*", Comment.Single),
            (r'"[^"\n]*"', String.Double),
            (r"\.\.", Operator),
            (rf"(\.)(\s*)({NAME})", bygroups(Punctuation, Whitespace, Name.Attribute)),
            (
                rf"\b({'|'.join(DECLARES)})\b([ \t]+)({_KEYWORD}{NAME})",
                bygroups(Keyword.Declaration, Whitespace, Name.Class),
            ),
            (words(_GROUPS["declaration"], prefix=r"\b", suffix=r"\b"), Keyword.Declaration),
            (words(_GROUPS["statement"], prefix=r"\b", suffix=r"\b"), Keyword),
            (words(_GROUPS["operator"], prefix=r"\b", suffix=r"\b"), Operator.Word),
            (words(VALUES, prefix=r"\b", suffix=r"\b"), Name.Builtin.Pseudo),
            (rf"{NAME}(?=\s*\()", Name.Function),
            (NAME, Name),
            (NUMBER, Number),
            (words([s for s in symbols() if s not in _PUNCTUATION]), Operator),
            (words(sorted(_PUNCTUATION)), Punctuation),
        ]
    }
