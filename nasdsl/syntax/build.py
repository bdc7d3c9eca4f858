"""From the productions of the grammar to the tree: one function for each rule."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from nasdsl.diagnostics import Label, error
from nasdsl.source import Span
from nasdsl.syntax import tree
from nasdsl.syntax.lexer import Token

_LONGEST_NUMBER: Final = 40

Action = Callable[[list[Any], Span], Any]


class _Wrapped(tree.Tree):
    """A part in its own brackets or behind its own word, which only the rule around it can place."""

    role: str
    value: Any


class _BareName(tree.Tree):
    """`a` or `p[3..7]` or `state h` in a header: a port of a cell, a parameter of a block."""

    port: tree.Port


def _name(token: Token, span: Span) -> tree.Identifier:
    return tree.Identifier(Span(span.source, token.start, token.end), token.text)


def _names(parts: list[Any], span: Span) -> list[Any]:
    return [_name(p, span) if isinstance(p, Token) else p for p in parts]


def _take(parts: list[Any], role: str) -> Any:
    """Removes the part of a role from `parts`, which may lack it."""
    for i, part in enumerate(parts):
        if isinstance(part, _Wrapped) and part.role == role:
            return parts.pop(i).value
    return None


def _wrap(role: str) -> Action:
    def action(parts: list[Any], span: Span) -> _Wrapped:
        values = _names(parts, span)
        return _Wrapped(span, role, tuple(values) if role in ("args", "ports", "names") else values[0])

    return action


def _mark(role: str, value: Any) -> Action:
    return lambda parts, span: _Wrapped(span, role, value)


def _plain(kind: Callable[..., Any]) -> Action:
    """A node whose fields are the parts in order."""
    return lambda parts, span: kind(span, *_names(parts, span))


def _binary(op: str) -> Action:
    return lambda parts, span: tree.Binary(span, op, *parts)  # type: ignore[arg-type]


def _clause(kind: str) -> Action:
    return lambda parts, span: tree.Clause(span, kind, tuple(parts))  # type: ignore[arg-type]


def _tuple(kind: Callable[..., Any]) -> Action:
    return lambda parts, span: kind(span, tuple(parts))


def _word(parts: list[Any], span: Span) -> Any:
    return _Wrapped(span, "word", parts[0].text)


# ---- expressions -------------------------------------------------------------------------------


def _number(parts: list[Any], span: Span) -> tree.Number:
    text = parts[0].text
    if len(text) > _LONGEST_NUMBER:
        raise error("E0109", f"a number has at most {_LONGEST_NUMBER} characters", span)
    scale = {"K": 10**3, "M": 10**6, "G": 10**9}.get(text[-1], 1)
    digits = text if scale == 1 else text[:-1]
    value = int(digits) if digits.isdigit() else float(digits)
    value = value if scale == 1 else value * scale
    if isinstance(value, float) and value == float("inf"):
        raise error("E0109", "the number is too large", span)
    return tree.Number(span, int(value) if scale > 1 and value == int(value) else value)


def _range(parts: list[Any], span: Span) -> tree.Range:
    start, stop, step = (*parts, None, None)[:3]
    return tree.Range(span, start, stop, step)


def _call(parts: list[Any], span: Span) -> tree.Call:
    return tree.Call(span, _name(parts[0], span), parts[1].value)


def _arg(parts: list[Any], span: Span) -> tree.Arg:
    return tree.Arg(span, None if len(parts) == 1 else _name(parts[0], span), parts[-1])


def _pick(parts: list[Any], span: Span) -> tree.Pick:
    mode: Any = parts.pop().role if isinstance(parts[-1], _Wrapped) else "set"
    return tree.Pick(span, parts[0], parts[1], mode)


# ---- chains and graphs -------------------------------------------------------------------------


def _optional_name(parts: list[Any], span: Span) -> tuple[tree.Identifier | None, list[Any]]:
    named = bool(parts) and isinstance(parts[0], Token) and parts[0].kind == "NAME"
    return (_name(parts[0], span), parts[1:]) if named else (None, parts)


def _input(parts: list[Any], span: Span) -> tree.Input:
    name, rest = _optional_name(parts, span)
    return tree.Input(span, name, rest[0])


def _stage(parts: list[Any], span: Span) -> tree.Stage:
    name, rest = _optional_name(parts, span)
    return tree.Stage(span, name, rest[0].value, rest[1])


def _net(parts: list[Any], span: Span) -> tree.Net:
    name, rest = _optional_name(parts, span)
    return tree.Net(span, name, tuple(rest))


def _branch(parts: list[Any], span: Span) -> tree.Branch:
    return tree.Branch(span, parts[0], tuple(parts[1:]))


def _node(parts: list[Any], span: Span) -> tree.Node:
    count = _take(parts, "count")
    return tree.Node(span, _name(parts[0], span), count, tuple(parts[1:]))


def _align(parts: list[Any], span: Span) -> tree.Align:
    when: Any = _take(parts, "when") or "needed"
    return tree.Align(span, parts[0].value, when, parts[1])


def _out(parts: list[Any], span: Span) -> tree.Out:
    by = _take(parts, "by")
    return tree.Out(span, parts[0], by)


# ---- declarations ------------------------------------------------------------------------------


def _use(parts: list[Any], span: Span) -> tree.Use:
    names = parts[1].value if len(parts) > 1 else None
    if isinstance(parts[0], tree.String):
        return tree.Use(span, parts[0].value, names, parts[0])
    return tree.Use(span, parts[0], names)


def _port(parts: list[Any], span: Span) -> _BareName:
    levels = _take(parts, "count")
    return _BareName(span, tree.Port(span, _name(parts[0], span), levels))


def _state(parts: list[Any], span: Span) -> _BareName:
    return _BareName(span, tree.Port(span, _name(parts[0], span), state=True))


def _graph(parts: list[Any], span: Span) -> tree.Graph:
    count, header = _take(parts, "count"), _take(parts, "ports")
    ports: list[tree.Port] = []
    parameters: list[tree.Parameter] = []
    for entry in header:
        if isinstance(entry, tree.Parameter):
            parameters.append(entry)
        elif parameters:
            labels = [Label(parameters[0].span, "the first parameter")]
            message = f"the port `{entry.port.name.text}` stands behind a parameter"
            raise error("E0113", message, entry.span, "ports come first", labels=labels)
        else:
            ports.append(entry.port)
    kind, name, *body = parts
    return tree.Graph(span, kind.value, _name(name, span), count, tuple(ports), tuple(parameters), tuple(body))


def _alias(parts: list[Any], span: Span) -> tree.Alias:
    return tree.Alias(span, parts[0].value, _name(parts[1], span), parts[2])


def _block(parts: list[Any], span: Span) -> tree.Block:
    parameters = tuple(_block_parameter(entry) for entry in _take(parts, "ports") or ())
    return tree.Block(span, _name(parts[0], span), parameters, parts[1])


def _block_parameter(entry: tree.Parameter | _BareName) -> tree.Parameter:
    if isinstance(entry, tree.Parameter):
        return entry
    if entry.port.levels is not None or entry.port.state:
        raise error("E0113", "a block is a chain and has parameters, not ports", entry.span, "a port",
                    helps=["a graph with ports is a `cell`"])  # fmt: skip
    return tree.Parameter(entry.span, entry.port.name, None)


def _genotype(parts: list[Any], span: Span) -> tree.GenotypeBlock:
    of, args = _take(parts, "of"), _take(parts, "args") or ()
    return tree.GenotypeBlock(span, _name(parts[0], span), of, args, tuple(parts[1:]))


def _step_index(parts: list[Any], span: Span) -> tree.PathPart:
    value = parts[0]
    if isinstance(value, tree.Number):
        if not isinstance(value.value, int):
            raise error("E0109", "an index is a whole number", value.span)
        return tree.PathPart(span, None, value.value)
    return tree.PathPart(span, None, value if isinstance(value, tree.Range) else None)


def _fix(kind: Callable[..., Any]) -> Action:
    def action(parts: list[Any], span: Span) -> Any:
        path, *rest = parts
        return kind(span, path, rest[0] if kind is tree.Assign else tuple(rest))

    return action


ACTIONS: Final[dict[str, Action]] = {
    "number": _number,
    "negative": lambda parts, span: tree.Number(span, -_number(parts, span).value),
    "string": lambda parts, span: tree.String(span, parts[0].text[1:-1]),
    "ref": lambda parts, span: tree.Ref(span, parts[0].text),
    "name": lambda parts, span: tree.Ref(span, parts[0].text),
    "call": _call,
    "arg": _arg,
    "args": _wrap("args"),
    "index": _plain(tree.Index),
    "attr": _plain(tree.Attribute),
    "range": _range,
    "list": _tuple(tree.List),
    "spread": _plain(tree.Spread),
    "choice": _tuple(tree.Choice),
    "weighted": _plain(tree.Weighted),
    "add": _binary("+"),
    "sub": _binary("-"),
    "mul": _binary("*"),
    "floordiv": _binary("//"),
    "one_of": _plain(tree.OneOf),
    "pick": _pick,
    "repeats": _mark("repeats", None),
    "ordered": _mark("order", None),
    "some_of": _plain(tree.SomeOf),
    "all_of": _plain(tree.AllOf),
    "order_of": _plain(tree.OrderOf),
    "each_of": _plain(tree.EachOf),
    "except": _plain(tree.Except),
    "last": _plain(tree.Last),
    "fresh": _plain(tree.Fresh),
    "chain": _tuple(tree.Chain),
    "repeat": _plain(tree.Repeat),
    "branch": _branch,
    "shortcut": _plain(tree.Shortcut),
    "label": _plain(tree.Labelled),
    "let": _plain(tree.Let),
    "tap": _plain(tree.Tap),
    "stage": _stage,
    "input": _input,
    "stem": _plain(tree.Stem),
    "head": _plain(tree.Head),
    "node": _node,
    "count": _wrap("count"),
    **{kind: _clause(kind) for kind in ("from", "op", "merge", "absorb", "then", "level", "width")},
    "where": _word,
    "when": lambda parts, span: _Wrapped(span, "when", parts[0].text),
    "align": _align,
    "out": _out,
    "by": _wrap("by"),
    "compare": lambda parts, span: tree.Compare(span, parts[1].value, parts[0], parts[2]),
    "relation": _word,
    "require": _tuple(tree.Require),
    "use": _use,
    "dotted": lambda parts, span: ".".join(p.text for p in parts),
    "names": _wrap("names"),
    "param": _plain(tree.Param),
    "hyper": _plain(tree.Hyper),
    "ops": _plain(tree.Ops),
    "kind": _word,
    "ports": _wrap("ports"),
    "port": _port,
    "state": _state,
    "parameter": _plain(tree.Parameter),
    "graph": _graph,
    "alias": _alias,
    "block": _block,
    "net": _net,
    "genotype": _genotype,
    "of": _wrap("of"),
    "path": lambda parts, span: tuple(parts),
    "step_name": lambda parts, span: tree.PathPart(span, parts[0].text),
    "step_name_after": lambda parts, span: tree.PathPart(span, parts[0].text),
    "step_index": _step_index,
    "star": _word,
    "assign": _fix(tree.Assign),
    "point": _fix(tree.Point),
    "start": lambda parts, span: parts,
}
