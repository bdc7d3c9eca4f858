"""What to say about a token that cannot stand where it stands: each check knows one kind of mistake."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from nasdsl.diagnostics import Label, NasdslError, did_you_mean, error
from nasdsl.source import SourceFile, Span
from nasdsl.syntax.automaton import acceptable, states_after
from nasdsl.syntax.habits import FOREIGN, habit, other_language
from nasdsl.syntax.lexer import Lexer, Opened, Token
from nasdsl.syntax.notations import assigned, notation
from nasdsl.syntax.tables import END, tables
from nasdsl.syntax.words import CLAUSES, DECLARATIONS, OPENS, OPENS_LINE, expectation, home, words

__all__ = ["FOREIGN", "complain"]

_DECLARES: Final = frozenset(
    ["PARAM", "HYPER", "LET", "OPS", "CELL", "MOTIF", "BLOCK", "NET", "GENOTYPE", "NODE", "STAGE", "TAP", "STATE"]
)
_BODIES: Final = {"in a cell or motif": "cell name(x) { ... }", "in a net": "net name { ... }"}
_BEFORE_COUNT: Final = {"PICK": "pick 2 of ...", "REPEAT": "repeat 3 { ... }", "LAST": "last 2 of ..."}
_CLOSER: Final = {"(": ")", "[": "]", "{": "}"}


@dataclass(frozen=True)
class Trouble:
    """The tokens that were accepted, the one that was not, and the brackets around it."""

    source: SourceFile
    before: tuple[Token, ...]
    found: Token
    open: tuple[Opened, ...]
    unpaired: Opened | None

    @cached_property
    def expected(self) -> frozenset[str]:
        return acceptable(states_after(t.kind for t in self.before))

    @cached_property
    def previous(self) -> Token | None:
        """The last token with a text of its own."""
        return next((t for t in reversed(self.before) if t.kind != "_NL"), None)

    @cached_property
    def head(self) -> int:
        """The place in `before` of the first token of the statement; len(before) where `found` is the first."""
        at = len(self.before)
        while at and self.before[at - 1].kind not in ("_NL", "LBRACE", "RBRACE"):
            at -= 1
        return at

    @cached_property
    def first(self) -> Token:
        """The first token of the statement."""
        return self.before[self.head] if self.head < len(self.before) else self.found

    @property
    def span(self) -> Span:
        """Where the found token is; the end of a line or file is shown behind the last token."""
        if self.found.kind in ("_NL", END):
            end = self.previous.end if self.previous else 0
            return Span(self.source, end, end)
        return self.at(self.found)

    @property
    def found_words(self) -> str:
        if self.found.kind in ("_NL", END):
            return "`;`" if self.found.text.startswith(";") else words(self.found.kind).removeprefix("the ")
        return f"keyword `{self.found.text}`" if self.is_keyword else f"`{_short(self.found.text)}`"

    @property
    def is_keyword(self) -> bool:
        return self.found.text[:1].isalpha() and self.found.text in tables().words and self.found.kind != "NAME"

    @cached_property
    def begins_line(self) -> bool:
        number, column = self.source.position(self.found.start)
        return self.source.line(number)[: column - 1].strip(" \t\ufeff") == ""

    @property
    def column(self) -> int:
        return self.source.position(self.found.start)[1] - 1

    def at(self, token: Token) -> Span:
        return Span(self.source, token.start, token.end)

    def line(self, token: Token) -> str:
        """The line of a token without its comment."""
        return self.source.line(self.source.position(token.start)[0]).split("#")[0].strip()

    def line_after(self, token: Token) -> str:
        """What stands behind a token in its clause."""
        return re.split(r"[;}#\n]", self.source.text[token.end :], maxsplit=1)[0].strip()

    def here(self) -> str:
        """The construct around the token."""
        if not self.open:
            return "at the top of a file"
        kinds = [o.holds for o in self.open if o.token.text == "{"]
        if not kinds:
            return "inside brackets"
        if kinds[-1] == "":
            return "at a point of a genotype" if "genotype" in kinds else "inside braces"
        return f"in a {kinds[-1]}"


def complain(source: SourceFile, before: Iterable[Token], found: Token, lexer: Lexer) -> NasdslError:
    """The error for `found`, which cannot follow `before`."""
    around = lexer.open[:-1] if lexer.open and lexer.open[-1].token is found else lexer.open
    trouble = Trouble(source, tuple(before), found, tuple(around), lexer.unpaired)
    return next(made for check in _CHECKS if (made := check(trouble)))


# ---- brackets ----------------------------------------------------------------------------------


def _stray_closer(t: Trouble) -> NasdslError | None:
    if t.found.text not in (")", "]", "}") or t.open:
        return None
    opens = {")": "(", "]": "[", "}": "{"}[t.found.text]
    if (t.previous and t.previous.text == opens) or (t.first is not t.found and t.found.text != "}"):
        return None
    return error(
        "E0115",
        f"`{t.found.text}` closes nothing",
        t.span,
        f"there is no open `{opens}`",
        helps=[f"delete the `{t.found.text}`"],
    )


def _open_bracket(t: Trouble) -> NasdslError | None:
    """A `(` or `[` that is not closed: seen where the next statement begins, or another bracket closes."""
    if not t.open or t.open[-1].token.text == "{":
        return None
    opened = t.open[-1].token
    closer = _CLOSER[opened.text]
    wanted = tables().words[closer] in t.expected
    new_line = t.previous is not None and "\n" in t.source.text[t.previous.end : t.found.start]
    other_closer = t.found.text in (")", "]", "}") and t.found.text != closer
    if not (
        t.found.kind in (END, "LBRACE", "_NL")
        or other_closer
        or (new_line and (wanted or t.found.kind in OPENS_LINE) and t.found.text != closer)
    ):
        return None
    if t.found.kind == "LBRACE" and not wanted:
        return None
    if new_line and t.found.kind not in OPENS_LINE and t.found.kind in (_value_starts() | {"NAME"}) and wanted:
        return _missing_comma(t)
    label = Label(t.span, "the file ends here" if t.found.kind == END else f"`{closer}` is missing before this")
    helps = (
        [f"`{opened.text}` is closed by `{closer}`, not by `{t.found.text}`"]
        if other_closer and t.found.text != "}"
        else []
    )
    return error("E0105", f"`{opened.text}` is not closed", t.at(opened), "opened here", labels=[label], helps=helps)


def _value_starts() -> frozenset[str]:
    return acceptable(states_after(("PARAM", "NAME", "EQUAL")))


def _missing_comma(t: Trouble) -> NasdslError | None:
    if not t.open or t.open[-1].token.text == "{" or tables().words[","] not in t.expected or not t.previous:
        return None
    if t.found.kind not in _value_starts():
        return None
    span = Span(t.source, t.previous.end, t.previous.end)
    labels = [Label(t.span, "the next value")]
    return error("E0118", f"a comma is missing before `{_short(t.found.text)}`", span, "type `,` here", labels=labels)


def _open_brace(t: Trouble) -> NasdslError | None:
    """A `{` that is not closed: the file ends, or a line begins further left than what it would belong to."""
    if not t.open or t.open[-1].token.text != "{":
        return None
    opened = t.open[-1]
    outside = t.begins_line and t.found.text != "}" and t.column <= opened.indent and t.found.kind in OPENS_LINE
    declares = t.found.kind in DECLARATIONS - {"LET", "REQUIRE"} and t.begins_line and t.column == 0
    if not (
        t.found.kind == END
        or declares
        or (outside and t.previous and "\n" in t.source.text[opened.token.end : t.found.start])
    ):
        return None
    if t.found.kind == END and not {"RBRACE", "_NL"} & t.expected:
        return None
    if (t.unpaired and any(o.token is t.unpaired.token for o in t.open)) or (
        t.unpaired and (t.found.kind == END or declares)
    ):
        opened = t.unpaired
    what = f"the `{{` of this {opened.holds}" if opened.holds else "a `{`"
    ends = "the file ends here" if t.found.kind == END else f"this is outside the {opened.holds or 'braces'}"
    if declares:
        ends = "the next declaration begins here"
    labels = [Label(Span(t.source, opened.token.start, opened.token.end), "opened here")]
    return error("E0104", f"{what} is not closed", t.span, ends, labels=labels, helps=["close it with `}`"])


# ---- words -------------------------------------------------------------------------------------


def _keyword_as_name(t: Trouble) -> NasdslError | None:
    if t.previous and t.previous.kind == "STATE" and t.found.text in (")", ",", "="):
        helps = ["another name, for example `state_1`; a state port is `state h`"]
        return error("E0106", "`state` is a keyword and cannot be a name", t.at(t.previous), "reserved", helps=helps)
    if not t.is_keyword or t.previous is None:
        return None
    follows = t.source.text[t.found.end :].lstrip(" \t")
    in_header = bool(t.open) and t.open[-1].token.text == "(" and t.first.kind in ("CELL", "MOTIF", "BLOCK", "USE")
    listed_name = in_header and t.previous.text in ("(", ",")
    named = listed_name or t.previous.kind in _DECLARES or (follows[:1] == "=" and follows[:2] != "==")
    label = t.head == len(t.before) and follows[:1] == ":"
    if not ("NAME" in t.expected and (named or label)):
        return None
    helps = [f"another name, for example `{t.found.text}_1`"]
    return error("E0106", f"`{t.found.text}` is a keyword and cannot be a name", t.span, "reserved", helps=helps)


def _comment(t: Trouble) -> NasdslError | None:
    """`//` before words: where the line could end, or at its beginning."""
    if t.found.kind in ("_NL", END):
        return None
    number, column = t.source.position(t.found.start)
    line = t.source.line(number)[:1000]
    found = re.search(r"//+\s*[A-Za-z].*", line.split("#")[0])
    if found is None or not found.start() <= column - 1 or not (t.found is t.first or "_NL" in t.expected):
        return None
    begin = t.found.start - (column - 1)
    span = Span(t.source, begin + found.start(), begin + found.end())
    helps = ["# " + found.group().lstrip("/ ")]
    return error("E0122", "`//` divides; a comment begins with `#`", span, "not in the language", helps=helps)


def _programming(t: Trouble) -> NasdslError | None:
    for token in (t.found, t.first):
        known = habit(token.text, t.line(t.first)) if token.kind in ("NAME", "FROM") else None
        if known and (token.kind == "NAME" or not t.open):
            message, helps = known
            return error("E0107", message, t.at(token), "not in the language", helps=helps)
    return None


def _notation(t: Trouble) -> NasdslError | None:
    if t.found.kind in ("_NL", END):
        return None
    number, column = t.source.position(t.found.start)
    line = t.source.line(number)
    known = notation(line[: column - 1], line[column - 1 :].split("#")[0].rstrip())
    if known:
        begin = t.found.start - (column - 1)
        span = Span(t.source, begin + known.start, begin + known.end)
        return error(known.code, known.message, span, "not in the language", helps=filter(None, known.helps))
    if t.first.kind == "NAME" and (t.found is t.first or (t.found.text == "=" and t.head + 1 == len(t.before))):
        made = assigned(t.source.text[t.first.start :].split("\n")[0].split("#")[0], t.open[-1].holds if t.open else "")
        if made and "=" not in t.expected and tables().words["="] not in t.expected:
            return error("E0122", made[0], t.at(t.first), "not in the language", helps=[made[1]])
    return None


def _foreign(t: Trouble) -> NasdslError | None:
    named = other_language(t.source.text) if not any(k.kind != "_NL" for k in t.before[: t.head]) else None
    if not named:
        return None
    helps = ["net search { input image(3, 32, 32); head classifier(10) }"]
    message = f"this looks like {named}; a .nas file holds declarations"
    return error(FOREIGN, message, t.at(t.first), f"{named} begins here", helps=helps)


def _colon(t: Trouble) -> NasdslError | None:
    if t.found.text != ":":
        return None
    line, column = t.line(t.found), t.source.position(t.found.start)[1]
    left = t.source.line(t.source.position(t.found.start)[0])[: column - 1].strip()
    right = line[line.find(":", len(left)) + 1 :].strip()
    if tables().words["="] in t.expected:
        helps = [f"{left} = {right}"] if right and not t.open else ["type `=`"]
        return error("E0119", "a value is given with `=`, not with `:`", t.span, "type `=`", helps=helps)
    if "LBRACE" in t.expected:
        helps = [f"{left} {{ {right} }}" if right else f"{left} {{ ... }}"]
        return error("E0119", "a body stands in braces, not behind a colon", t.span, "type `{`", helps=helps)
    if t.previous and t.previous.kind in CLAUSES | OPENS_LINE:
        helps = [f"{left} {right}".strip()]
        return error("E0119", f"no colon follows `{t.previous.text}`", t.span, "delete it", helps=helps)
    return None


def _equals(t: Trouble) -> NasdslError | None:
    symbols = tables().words
    if t.found.text == "==" and symbols["="] in t.expected:
        helps = [t.line(t.found).replace("==", "=")]
        return error("E0120", "`==` compares; a value is given with `=`", t.span, "type `=`", helps=helps)
    if t.found.text == "=" and t.previous and t.previous.kind in OPENS_LINE - DECLARATIONS - {"STAGE"}:
        helps = [re.sub(r"\s*=\s*", " ", t.source.text[t.previous.start : t.found.end]) + t.line_after(t.found)]
        message = f"no `=` follows `{t.previous.text}`"
        return error("E0120", message, t.span, "delete it", helps=helps)
    if t.found.text == "=" and symbols["=="] in t.expected:
        return error("E0120", "`=` gives a value; a comparison is written `==` or `<=`", t.span, "type `==`")
    return None


def _misplaced(t: Trouble) -> NasdslError | None:
    place = home(t.found.kind)
    if not place or t.head != len(t.before) or t.found.kind in ("LET", "REQUIRE"):
        return None
    if t.found.kind in (OPENS.get(t.open[-1].holds, ()) if t.open else DECLARATIONS):
        return None
    if not t.open:
        labels: list[Label] = []
    else:
        last = t.open[-1]
        labels = [Label(t.at(last.token), f"the {last.holds or 'brace'} opened here is still open")]
    line = t.line(t.found)
    helps = []
    if t.found.kind in CLAUSES and not line.endswith("}"):
        helps = [f"node n {{ {line} }}"]
    elif place == "at the top of a file":
        helps = ["close what is open with `}` first"]
    elif not t.open and place in _BODIES:
        helps = [_BODIES[place].replace("...", line if line.endswith("}") or "{" not in line else "...")]
    return error("E0121", f"`{t.found.text}` stands {place}, not {t.here()}", t.span, labels=labels, helps=helps)


def _misspelt(t: Trouble) -> NasdslError | None:
    """A name where a keyword fits: the found one, or the head of a statement that goes wrong later."""
    for token, before in ((t.found, t.before), (t.first, t.before[: t.head])):
        if token.kind != "NAME" and not (token is t.found and t.is_keyword and t.head < len(t.before)):
            continue
        fits = t.expected if token is t.found else acceptable(states_after(k.kind for k in before))
        known = sorted(w for w, kind in tables().words.items() if kind in fits and w.isalpha())
        close = did_you_mean(token.text, known)
        if close:
            message = f"`{token.text}` is no word of the language"
            if token.kind != "NAME":
                message = f"unexpected {t.found_words}"
            if token is t.found:
                return error("E0108", message, t.at(token), f"expected {expectation(fits)}", helps=close)
            return error("E0108", message, t.at(token), helps=close)
    return None


def _unexpected(t: Trouble) -> NasdslError:
    helps, wanted = [], expectation(t.expected)
    if "_NL" in t.expected and t.found.kind in OPENS_LINE:
        helps = [f"type `;` before `{t.found.text}`, or put it on a line of its own"]
    elif t.found.text == "." and (digits := re.match(r"\.\d+", t.source.text[t.found.start : t.found.start + 20])):
        helps = [f"write 0{digits.group()}"]
    elif t.found.text == "," and "_NL" in t.expected:
        helps = ["steps and clauses are separated by `;` or by a line end"]
    elif t.previous and t.previous.kind in _BEFORE_COUNT and not t.found.text[:1].isdigit():
        helps = [_BEFORE_COUNT[t.previous.kind]]
    elif t.previous and t.previous.text == "," and t.found.kind in OPENS_LINE:
        helps = ["delete the `,` before it: a comma goes on with the next line"]
    elif re.fullmatch("`[a-z]+`", wanted) and t.found.kind not in ("_NL", END):
        helps = [f"type {wanted} before `{_short(t.found.text)}`"]
    elif t.found.text.startswith('"') and "NAME" in t.expected:
        helps = [f"without quotes: {t.found.text[1:-1]}"] if t.found.text[1:-1].isidentifier() else []
    return error("E0101", f"unexpected {t.found_words}", t.span, f"expected {wanted}", helps=helps)


_CHECKS: Final[tuple[Callable[[Trouble], NasdslError | None], ...]] = (
    _foreign,
    _comment,
    _notation,
    _stray_closer,
    _open_bracket,
    _open_brace,
    _programming,
    _keyword_as_name,
    _colon,
    _equals,
    _misplaced,
    _misspelt,
    _missing_comma,
    _unexpected,
)


def _short(text: str) -> str:
    return text if len(text) <= 40 else text[:37] + "..."
