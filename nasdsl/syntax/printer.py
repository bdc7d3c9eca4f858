"""Expressions back to text: one canonical line, with as few parentheses as the grammar allows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from nasdsl.syntax import tree

Hole = Callable[[tree.Expr], int | None]
Piece = str | int
Printable = tree.Expr | tree.Arg | tree.Spread

# How tightly an expression holds together: a position asks for at least its own level.
_CHOICE, _WEIGHTED, _SUM, _TERM, _ATOM = range(5)
_LEVEL: Final[dict[type, int]] = {tree.Choice: _CHOICE, tree.Weighted: _WEIGHTED}
_SET: Final = (tree.Ref, tree.List, tree.Range, tree.Index, tree.Call, tree.Last)
_VALUE_WORDS: Final = frozenset(("in", "width", "level", "edges", "last"))
_TAIL: Final = {"set": "", "repeats": " with repeats", "order": " in order"}


def text(expr: Printable) -> str:
    """The canonical text; `parse(text(e)) == e` for every expression that can be written."""
    return "".join(str(piece) for piece in template(expr, lambda _: None))


def template(expr: Printable, hole: Hole) -> tuple[Piece, ...]:
    """The same text in pieces, where an expression that `hole` numbers is that number, without parentheses."""
    pieces: list[Piece] = []
    _Writer(hole, pieces).write(expr, _CHOICE)
    joined: list[Piece] = []
    for piece in pieces:
        if isinstance(piece, str) and joined and isinstance(joined[-1], str):
            joined[-1] += piece
        else:
            joined.append(piece)
    return tuple(joined)


def number(value: int | float) -> str:
    """A number as it is written: never with a suffix, and a float always with a point or an exponent."""
    return repr(value)


class _Writer:
    """Appends the pieces of expressions to a list."""

    def __init__(self, hole: Hole, pieces: list[Piece]) -> None:
        self._hole, self._pieces = hole, pieces

    def write(self, expr: Any, least: int) -> None:
        """Writes where a tightness of at least `least` is asked."""
        found = None if isinstance(expr, (tree.Arg, tree.Spread)) else self._hole(expr)
        if found is not None:
            self._pieces.append(found)
        elif _level(expr) < least:
            self.put("(", (expr, _CHOICE), ")")
        else:
            _FORMS[type(expr)](self, expr)

    def put(self, *parts: Any) -> None:
        """Writes strings as they are and (expression, least) pairs."""
        for part in parts:
            if isinstance(part, str):
                self._pieces.append(part)
            else:
                self.write(*part)

    def joined(self, items: tuple[Any, ...], between: str, least: int) -> None:
        for i, item in enumerate(items):
            self.put(*([between] if i else []), (item, least))

    def members(self, expr: Any, *, excepting: bool = True) -> None:
        """The set behind `of`, where only names, lists, ranges, calls and `last` stand without parentheses."""
        if self._hole(expr) is None and isinstance(expr, tree.Except) and excepting:
            self.members(expr.members)
            self.put(" except ")
            self.members(expr.removed, excepting=False)
        else:
            self.put((expr, _CHOICE) if isinstance(expr, _SET) or self._hole(expr) is not None else (expr, _ATOM + 1))

    def bound(self, expr: Any) -> None:
        """An end of a range: a number or a plain name, else parentheses."""
        plain = isinstance(expr, tree.Number) and expr.value >= 0
        plain = plain or (isinstance(expr, tree.Ref) and expr.name not in _VALUE_WORDS)
        self.put((expr, _ATOM if plain else _ATOM + 1))


def _level(expr: Any) -> int:
    if isinstance(expr, tree.Binary):
        return _SUM if expr.op in "+-" else _TERM
    return _LEVEL.get(type(expr), _ATOM)


def _call(w: _Writer, e: tree.Call) -> None:
    w.put(e.name.text, "(")
    w.joined(e.args, ", ", _CHOICE)
    w.put(")")


def _arg(w: _Writer, e: tree.Arg) -> None:
    w.put(*([f"{e.name.text} = "] if e.name else []), (e.value, _CHOICE))


def _range(w: _Writer, e: tree.Range) -> None:
    w.bound(e.start)
    w.put("..")
    if e.stop is not None:
        w.bound(e.stop)
    if e.step is not None:
        w.put(" step ")
        w.bound(e.step)


def _list(w: _Writer, e: tree.List) -> None:
    w.put("[")
    w.joined(e.items, ", ", _CHOICE)
    w.put("]")


def _binary(w: _Writer, e: tree.Binary) -> None:
    level = _level(e)
    w.put((e.left, level), f" {e.op} ", (e.right, level + 1))


def _of(words: str) -> Callable[[_Writer, Any], None]:
    def form(w: _Writer, e: Any) -> None:
        w.put(words)
        w.members(e.members)

    return form


def _pick(w: _Writer, e: tree.Pick) -> None:
    w.put("pick ", (e.count, _ATOM), " of ")
    w.members(e.members)
    w.put(_TAIL[e.mode])


def _last(w: _Writer, e: tree.Last) -> None:
    w.put("last ", (e.count, _ATOM), " of ")
    w.members(e.members, excepting=False)


def _except(w: _Writer, e: tree.Except) -> None:
    # It stands only behind `of`, so this text is for messages.
    w.members(e)


_FORMS: Final[dict[type, Callable[[_Writer, Any], None]]] = {
    tree.Number: lambda w, e: w.put(number(e.value)),
    tree.String: lambda w, e: w.put(f'"{e.value}"'),
    tree.Ref: lambda w, e: w.put(e.name),
    tree.Call: _call,
    tree.Arg: _arg,
    tree.Index: lambda w, e: w.put(e.name.text, "[", (e.index, _CHOICE), "]"),
    tree.Attribute: lambda w, e: w.put(f"{e.name.text}.{e.attribute.text}"),
    tree.Range: _range,
    tree.Spread: lambda w, e: w.put(f"*{e.name.text}"),
    tree.List: _list,
    tree.Binary: _binary,
    tree.Choice: lambda w, e: w.joined(e.alternatives, " | ", _WEIGHTED),
    tree.Weighted: lambda w, e: w.put((e.value, _SUM), " @ ", (e.weight, _SUM)),
    tree.OneOf: _of("one of "),
    tree.Pick: _pick,
    tree.SomeOf: _of("some of "),
    tree.AllOf: _of("all of "),
    tree.OrderOf: _of("order of "),
    tree.EachOf: _of("each "),
    tree.Except: _except,
    tree.Last: _last,
    tree.Fresh: lambda w, e: w.put("fresh ", (e.value, _ATOM)),
}
