"""A `.nas` text as its formatter sees it: statements and bracketed groups of words, with every comment in its place.

A comment belongs to what it stands beside or above. Inside a line that goes on, where none of the places of the
canonical layout is near, it moves above the statement or the entry that it stands in.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, get_args

from nasdsl.source import SourceFile
from nasdsl.syntax import tree
from nasdsl.syntax.lexer import Lexer, Token, comments
from nasdsl.syntax.tables import END, tables

CLAUSES: Final = frozenset(get_args(tree.ClauseKind))
_OPERANDS: Final = frozenset(
    ("NAME", "NUMBER", "STRING", *(w.upper() for w in ("in", "width", "level", "edges", "last")))
)
_CLOSING: Final = {"(": ")", "[": "]", "{": "}"}


@dataclass
class Comment:
    """A comment on a line of its own, and whether a blank line stands before it."""

    text: str
    blank: bool = False


@dataclass(eq=False)
class Word:
    """A token. `operand`: it can end a value, so that a bracket behind it is its own and a minus a difference."""

    kind: str
    text: str
    glued: bool
    operand: bool


@dataclass
class Break:
    """A line end inside a statement or an entry: the comment that ends the line, and those before the next."""

    after: str = ""
    above: list[Comment] = field(default_factory=list)

    def trailing(self, comment: str) -> None:
        if not self.after:
            self.after = comment
        elif comment:
            self.above.append(Comment(comment))


@dataclass(eq=False)
class Run:
    """A statement between braces, or an entry between brackets. `joined`: it stands on the line of the one before."""

    above: list[Comment]
    blank: bool
    joined: bool
    items: list[Word | Group] = field(default_factory=list)
    breaks: dict[int, Break] = field(default_factory=dict)  # by the item that begins the next line
    after: str = ""

    @property
    def first(self) -> Word:
        word = self.items[0]
        return word if isinstance(word, Word) else Word("", "", True, False)

    @property
    def flat(self) -> bool:
        """Whether it may stand on one line: nothing in it was written over several."""
        return not self.breaks and all(isinstance(item, Word) or item.flat for item in self.items)


@dataclass(eq=False)
class Group:
    """What stands in brackets. `holds` says what a brace holds: `node`, `net`, ... ("" for a chain)."""

    opening: str
    glued: bool
    holds: str
    runs: list[Run] = field(default_factory=list)
    head: str = ""  # the comment behind the opening bracket
    tail: list[Comment] = field(default_factory=list)
    commas: bool = False
    one_line: bool = True

    @property
    def closing(self) -> str:
        return _CLOSING[self.opening]

    @property
    def brace(self) -> bool:
        return self.opening == "{"

    @property
    def flat(self) -> bool:
        if self.head or self.tail or any(run.above or run.after for run in self.runs):
            return False
        if self.brace:
            return (self.one_line or not self.runs) and all(run.flat for run in self.runs)
        return (len(self.runs) < 2 or all(run.joined for run in self.runs)) and all(run.flat for run in self.runs)


@dataclass
class _Gap:
    """What stands between two tokens."""

    after: str = ""
    above: list[Comment] = field(default_factory=list)
    newline: bool = False
    blank: bool = False
    separates: bool = False

    @property
    def comments(self) -> list[Comment]:
        return [*([Comment(self.after)] if self.after else []), *self.above]


def pieces(source: SourceFile) -> Group:
    """The statements of a file that parses, as one group."""
    return _Reader(source).file()


def separators(run: Run) -> set[int]:
    """The items that may begin a line: `|`, `and`, and what follows a comma outside of brackets."""
    kinds = [item.kind if isinstance(item, Word) else "" for item in run.items]
    return {i for i in range(1, len(kinds)) if kinds[i] in ("VBAR", "AND") or kinds[i - 1] == "COMMA"}


class _Reader:
    """Reads the tokens of a file once, from left to right."""

    def __init__(self, source: SourceFile) -> None:
        self.text = source.text
        self.tokens: list[Token] = []
        self.gaps: list[_Gap] = []
        self.at = 0
        self.names = {terminal: text for text, terminal in tables().words.items()}
        self._fill(source)

    def _fill(self, source: SourceFile) -> None:
        notes = comments(source)
        end, note, separates = int(source.text.startswith("\ufeff")), 0, False
        for token in Lexer(source):
            if token.kind == "_NL":
                separates = True
                continue
            gap = _Gap(separates=separates)
            while note < len(notes) and notes[note].start < token.start:
                lines = self.text.count("\n", end, notes[note].start)
                shown = notes[note].text.rstrip()
                if lines or not self.tokens:
                    gap.above.append(Comment(shown, lines > 1))
                else:
                    gap.after = shown
                end, note = notes[note].end, note + 1
                gap.newline = True
            lines = self.text.count("\n", end, token.start)
            gap.newline, gap.blank = gap.newline or lines > 0, lines > 1
            self.tokens.append(token)
            self.gaps.append(gap)
            end, separates = token.end, False

    @property
    def token(self) -> Token:
        return self.tokens[self.at]

    def file(self) -> Group:
        group = Group("{", True, "file", one_line=False)
        self.runs(group, END)
        return group

    def runs(self, group: Group, closing: str) -> None:
        """Everything up to the closing bracket, which is left to read."""
        while True:
            gap = self.gaps[self.at]
            self.beside(group, gap)
            if closing in (self.token.kind, self.token.text):
                group.tail += gap.above
                return
            run = Run(gap.above, gap.blank, not gap.newline)
            if not group.runs:
                run.above[:0], group.tail = group.tail, []
            group.runs.append(run)
            self.run(group, run)
            if not group.brace and self.token.kind == "COMMA":
                group.commas = True
                self.beside(group, self.gaps[self.at])
                run.above += self.gaps[self.at].above
                self.at += 1

    def beside(self, group: Group, gap: _Gap) -> None:
        """The comment on the line of what was read last."""
        if not gap.after:
            return
        if group.runs and not group.runs[-1].after:
            group.runs[-1].after = gap.after
        elif not group.runs and not group.head:
            group.head = gap.after
        else:
            gap.above.insert(0, Comment(gap.after))

    def run(self, group: Group, run: Run) -> None:
        begin = self.at
        while True:
            token, gap = self.token, self.gaps[self.at]
            ended = token.kind == END or token.text in (")", "]", "}") or (token.kind == "COMMA" and not group.brace)
            if self.at > begin and (ended or gap.separates):
                return
            if self.at > begin and token.text != "{":
                self.broken(run, gap)
            if token.text in _CLOSING and token.kind != "STRING":
                run.items.append(self.group(group, run))
            else:
                run.items.append(self.word(group, run))
                self.at += 1

    def broken(self, run: Run, gap: _Gap) -> None:
        """Where a line ends inside a statement: before `|` and `and` and behind a comma; elsewhere it is joined."""
        if not gap.newline:
            return
        last, at = run.items[-1], len(run.items)
        if isinstance(last, Word) and last.kind in ("VBAR", "AND"):
            at -= 1  # the line is to begin with it
        elif self.token.kind not in ("VBAR", "AND") and not (isinstance(last, Word) and last.kind == "COMMA"):
            run.above += gap.comments
            return
        place = run.breaks.setdefault(at, Break())
        place.trailing(gap.after)
        place.above += gap.above

    def group(self, outer: Group, run: Run) -> Group:
        opening = self.token
        group = Group(opening.text, self.bracket_glued(run), self.holds(outer, run) if opening.text == "{" else "")
        if group.brace:
            before = self.gaps[self.at]
            group.head, group.tail = before.after, before.above
        self.at += 1
        begin = self.at
        self.runs(group, group.closing)
        group.one_line = "\n" not in self.text[opening.end : self.token.start]
        if begin == self.at:
            group.one_line = True
        self.at += 1
        return group

    def holds(self, outer: Group, run: Run) -> str:
        if outer.holds == "genotype":
            return "node"
        word = self.names.get(run.first.kind, "")
        return word if word in ("node", "net", "cell", "motif", "genotype") else ""

    def bracket_glued(self, run: Run) -> bool:
        last = run.items[-1] if run.items else None
        if isinstance(last, Group):
            return self.token.text != "{" and not last.brace
        return last is None or (self.token.text != "{" and (last.operand or _binds(last)))

    def word(self, group: Group, run: Run) -> Word:
        token, items = self.token, run.items
        last = items[-1] if items else None
        ends_value = isinstance(last, Group) or (last is not None and last.operand)
        kind = token.kind
        if kind in ("MINUS", "STAR") and not ends_value:
            kind = f"UNARY_{kind}"
        glued = last is None or token.text in (",", ":", ".", "..")
        bound = kind in ("NAME", "NUMBER")
        glued = glued or (isinstance(last, Word) and _binds(last) and (bound or last.text != ".."))
        return Word(kind, token.text, glued, kind in _OPERANDS and not self.leads(group, run, kind))

    def leads(self, group: Group, run: Run, kind: str) -> bool:
        """Whether a word that could be a value is none: a bracket behind it is not its own."""
        at, first = len(run.items), run.first.kind if run.items else ""
        if at == 0:
            return group.holds == "node" and kind in ("WIDTH", "LEVEL")
        if first in ("USE", "GENOTYPE", "STAGE"):
            return group.brace
        return at == 1 and group.brace and (first, kind) in (("TAP", "NAME"), ("ALIGN", "EDGES"))


def _binds(word: Word) -> bool:
    """Whether no space stands behind it."""
    return word.text in (".", "..") or word.kind.startswith("UNARY_")
