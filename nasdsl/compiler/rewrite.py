"""A tree with its file-level names replaced, where they are such names and nothing nearer has the same name."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final, Literal

from nasdsl.compiler.names import Definition, Scope
from nasdsl.compiler.quantities import IMPLICIT
from nasdsl.ops.registry import PRIMITIVES
from nasdsl.record import Record
from nasdsl.syntax import tree

# What a name can be: an operation or a list of them, a number, or a value of the graph around it.
Mode = Literal["step", "number", "value"]

_NUMBERS: Final[dict[type, tuple[str, ...]]] = {
    tree.Arg: ("value",), tree.Binary: ("left", "right"), tree.Range: ("start", "stop", "step"),
    tree.Index: ("index",), tree.Last: ("count",), tree.Pick: ("count",), tree.Weighted: ("weight",),
    tree.Repeat: ("count",), tree.Node: ("count",), tree.Graph: ("count",), tree.Port: ("levels",),
    tree.Parameter: ("default",), tree.Compare: ("left", "right"),
}  # fmt: skip
_CLAUSES: Final[dict[str, Mode]] = {"from": "value", "absorb": "value", "level": "number", "width": "number"}
_SEQUENCES: Final[dict[type, str]] = {
    tree.Chain: "steps", tree.Net: "parts", tree.Graph: "body", tree.Node: "clauses",
}  # fmt: skip


@dataclass(frozen=True)
class Local:
    """The names of a body: shared choices, which stand for anything, and parameters, which stand for numbers."""

    lets: frozenset[str] = frozenset()
    symbols: frozenset[str] = frozenset()

    def hides(self, name: str, mode: Mode) -> bool:
        return name in self.lets or (mode == "number" and (name in self.symbols or name in IMPLICIT))


@dataclass
class Rewriting:
    """`used` says what a use becomes, given its name, its arguments where it has some, and the use itself."""

    used: Callable[[str, tuple[tree.Arg, ...] | None, Any], tree.Expr]

    def rewritten(self, part: Any, local: Local = Local(), mode: Mode = "step") -> Any:
        """The part with everything in it rewritten."""
        if isinstance(part, tuple):
            return tuple(self.rewritten(each, local, mode) for each in part)
        if not isinstance(part, tree.Tree) or isinstance(part, tree.Identifier):
            return part
        if type(part) in _SEQUENCES:
            return self.body(part, local)
        if isinstance(part, tree.Ref | tree.Call | tree.Index | tree.Spread) and mode != "value":
            return self.use(part, local, mode)
        match part:
            case tree.Ref():
                return part
            case tree.Block():
                local = Local(frozenset(), frozenset(p.name.text for p in part.parameters))
            case tree.Clause():
                mode = _CLAUSES.get(part.kind, "step")
            case tree.Let() | tree.Input():
                mode = "number"
            case tree.Out():
                return part.but(value=self.delivered(part.value, local))
        return self.fields(part, local, mode)

    def use(self, part: Any, local: Local, mode: Mode) -> Any:
        """What becomes of a name, alone or with what stands in its brackets."""
        if isinstance(part, tree.Ref):
            return part if local.hides(part.name, mode) else self.used(part.name, None, part)
        part = self.fields(part, local, mode)
        if local.hides(part.name.text, "step"):
            return part
        if isinstance(part, tree.Call):
            return self.used(part.name.text, part.args, part)
        made = self.used(part.name.text, None, part)
        return part.but(name=tree.Identifier(part.name.span, made.name)) if isinstance(made, tree.Ref) else made

    def fields(self, part: tree.Tree, local: Local, mode: Mode, without: str = "") -> Any:
        numbers = _NUMBERS.get(type(part), ())
        if mode == "value" and isinstance(part, tree.Arg):
            numbers = ()
        changed = {}
        for name in part.told:
            value = getattr(part, name)
            if name != without and isinstance(value, Record | tuple):
                changed[name] = self.rewritten(value, local, "number" if name in numbers else mode)
        return part.but(**changed)

    def body(self, part: Any, local: Local) -> Any:
        """A body, in which a `let` is known behind itself; in a node it is known to every clause."""
        if isinstance(part, tree.Graph):
            local = Local(frozenset(), frozenset(p.name.text for p in part.parameters))
        name = _SEQUENCES[type(part)]
        part = self.fields(part, local, "step", without=name)
        made = []
        known = local
        if isinstance(part, tree.Node):
            lets = frozenset(item.name.text for item in part.clauses if isinstance(item, tree.Let))
            known = Local(local.lets | lets, local.symbols)
        for item in getattr(part, name):
            made.append(self.rewritten(item, known))
            if isinstance(item, tree.Let):
                known = Local(known.lets | {item.name.text}, known.symbols)
        return part.but(**{name: tuple(made)})

    def delivered(self, value: tree.Expr, local: Local) -> tree.Expr:
        """The value of an `out`: values, joined by a merge where it is a call."""
        if not isinstance(value, tree.Call):
            made: tree.Expr = self.rewritten(value, local, "value")
            return made
        args = self.rewritten(value.args, local, "value")
        if value.name.text in ("last", "unused") or local.hides(value.name.text, "step"):
            return value.but(args=args)
        return self.used(value.name.text, args, value)


def lookup(scope: Scope, name: str) -> Definition | None:
    """What a name of a file stands for; None where it is no such name, as `earlier` or `params`."""
    found = scope.names.get(name) or scope.given.get(name) or scope.implied.get(name)
    if found is None and name in PRIMITIVES and PRIMITIVES[name].role == "merge":
        return Definition(PRIMITIVES[name], scope, None)
    return found


def parts(part: Any) -> Iterator[Any]:
    """A tree and everything in it."""
    if isinstance(part, tuple):
        for each in part:
            yield from parts(each)
    elif isinstance(part, tree.Tree):
        yield part
        for name in part.told:
            yield from parts(getattr(part, name))
