"""Names whose choices are shared where a reader would expect a choice of their own."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator
from functools import cached_property

from nasdsl.compiler.load import Expanded
from nasdsl.compiler.names import Definition
from nasdsl.compiler.reach import reached
from nasdsl.diagnostics import Diagnostic, Label
from nasdsl.source import Span
from nasdsl.syntax import tree
from nasdsl.syntax.printer import text
from nasdsl.syntax.symbols import Reference, Symbol, Symbols

Use = tree.Ref | tree.Call

_PARTS = (tree.Input, tree.Stem, tree.Stage, tree.Head)
_DECIDES = (tree.Choice, tree.OneOf, tree.Pick, tree.SomeOf, tree.OrderOf)


def shared_choices(file: tree.File, index: Symbols, whole: Expanded) -> list[Diagnostic]:
    """W0204 for a cell or motif with open decisions, named where what stands around it decides afresh each time.

    A candidate of a choice is not meant, nor a copy that says it shares: `cell same = normal()`.
    """
    return list(_Sharing(file, index, whole).found().values())


class _Sharing:
    def __init__(self, file: tree.File, index: Symbols, whole: Expanded) -> None:
        self.file = file
        self.index = index
        self.whole = whole
        self.warned: dict[int, Diagnostic] = {}
        # Which blocks decide something wherever they are used, and which graphs decide anything at all.
        self.blocks: dict[int, bool] = {}
        self.open: dict[str, bool] = {}

    def found(self) -> dict[int, Diagnostic]:
        """The warnings by place; of several for one place the first."""
        for part in _within(self.file):
            match part:
                case tree.Repeat() if _repeated(part.count):
                    self.repetition(part)
                case tree.Chain():
                    self.chain(part.steps)
                case tree.Net():
                    self.chain(tuple(step for step in part.parts if not isinstance(step, _PARTS)))
                case tree.Node():
                    self.node(part)
        for item in self.file.items:
            if isinstance(item, tree.Block) and self.used_again(item):
                for use in self.uses(item.body):
                    there = Label(item.name.span, "used more than once")
                    self.warn(use, f"every use of block `{item.name.text}` shares one `{_name(use)}`", there)
        return self.warned

    # ---- where a reader would expect a fresh decision ----

    def repetition(self, repeat: tree.Repeat) -> None:
        afresh = self.deciders(repeat.body)
        for use in self.uses(repeat.body) if afresh else ():
            if (other := _beside(use, afresh)) is not None:
                message = f"every repetition shares one `{_name(use)}`, and decides afresh beside it"
                self.warn(use, message, Label(other.span, "decided afresh each time"))

    def chain(self, steps: tuple[tree.Part, ...]) -> None:
        uses = [use for use in map(self.open_use, steps) if use is not None]
        first = {_name(use): use for use in reversed(uses)}
        if len(first) == len(uses):
            return
        afresh = self.deciders(steps)
        for use in uses:
            before, other = first[_name(use)], _beside(use, afresh)
            if before is not use and other is not None:
                message = f"`{_name(use)}` is one and the same at both places, and a step beside it decides afresh"
                self.warn(use, message, Label(before.span, "the first"), Label(other.span, "decided afresh"))

    def node(self, node: tree.Node) -> None:
        """As the operation of several reads or of several elements, and behind the merge of several elements."""
        reads, elements = self.sizes.get(node.name.span.start, (1, 1))
        for clause in node.clauses:
            if not isinstance(clause, tree.Clause) or clause.kind not in ("op", "then"):
                continue
            uses = [use for use in map(self.open_use, clause.values) if use is not None]
            for use in uses:
                alike = sum(_name(other) == _name(use) for other in uses)
                several = clause.kind == "op" and (alike > 1 or (len(clause.values) == 1 and reads > 1))
                if elements > 1 or several:
                    who = "element" if elements > 1 else "read"
                    there = Label(node.name.span, f"{elements} elements" if elements > 1 else f"reads {reads} values")
                    message = f"every {who} of node `{node.name.text}` shares one `{_name(use)}`"
                    self.warn(use, message, there, alone=False)

    def warn(self, use: Use, message: str, *labels: Label, alone: bool = True) -> None:
        """`alone`: where the use stands as a step, so that `fresh` can be written there."""
        name, kind = _name(use), self.kind(use)
        again = f"fresh {text(use)}" if alone else f"declare a copy for each: {kind} {name}_2 = fresh {name}"
        self.warned.setdefault(
            use.span.start,
            Diagnostic(
                "W0204", message, use.span, "decided once, wherever it is used", labels,
                helps=(again, f"or say that it is shared: {kind} same_{name} = {name}()"), severity="warning",
            ),
        )  # fmt: skip

    def kind(self, use: Use) -> str:
        found = self.definition(use)
        return found.what.kind if found is not None and isinstance(found.what, tree.Graph | tree.Alias) else "cell"

    # ---- what names stand for ----

    def definition(self, use: Use) -> Definition | None:
        """What a name of the file stands for; None for a local one."""
        place = self.index.at((use.span if isinstance(use, tree.Ref) else use.name.span).start)
        if not isinstance(place, Reference) or place.symbol is None or place.symbol.container is not None:
            return None
        return self.whole.scope.names.get(place.name)

    def open_use(self, step: object) -> Use | None:
        """A step that is a cell or motif with open decisions, named plainly."""
        while isinstance(step, tree.Labelled):
            step = step.step
        if not isinstance(step, tree.Ref | tree.Call):
            return None
        found = self.definition(step)
        shares = (
            found is not None and isinstance(found.what, tree.Alias) and not isinstance(found.what.value, tree.Fresh)
        )
        return step if found is not None and not shares and self.is_open(found) else None

    def is_open(self, found: Definition) -> bool:
        """Whether a graph, or a graph it uses, decides anything of its own."""
        what, x = found.what, self.whole.x
        key = what.name.text if isinstance(what, tree.Graph | tree.Alias) else ""
        if key not in self.open:
            graphs = reached(key, x.graphs).graphs if key in x.graphs else ()
            owners = (x.owners.get(graph) for graph in graphs)
            self.open[key] = any(owner is not None and owner.entries for owner in owners)
        return self.open[key]

    def uses(self, chain: tree.Chain) -> Iterator[Use]:
        """Plain uses in a chain and in the chains inside it, not those among the candidates of a choice."""
        for part in _within(chain):
            for step in part.steps if isinstance(part, tree.Chain) else ():
                use = self.open_use(step)
                if use is not None:
                    yield use

    def deciders(self, part: tree.Tree | tuple[tree.Tree, ...]) -> list[tree.Tree]:
        """The parts that decide afresh wherever the whole is used."""
        return [inner for inner in _within(part) if self.decides(inner)]

    def decides(self, part: tree.Tree) -> bool:
        if isinstance(part, _DECIDES) or (isinstance(part, tree.Repeat) and isinstance(part.count, tree.Range)):
            return True
        called = part.value if isinstance(part, tree.Fresh) else part
        found = self.definition(called) if isinstance(called, tree.Ref | tree.Call) else None
        if found is None or found.home.source.library:
            return False
        if isinstance(found.what, tree.Block):
            key = id(found.what)
            if key not in self.blocks:
                # A block may name itself in a default that nobody uses.
                self.blocks[key] = False
                self.blocks[key] = bool(self.deciders(found.what))
            return self.blocks[key]
        return isinstance(part, tree.Fresh) and self.is_open(found)

    # ---- how often ----

    @cached_property
    def sizes(self) -> dict[int, tuple[int, int]]:
        """By the place of a node of this file: how many values it reads at most, and how many elements it has."""
        found: dict[int, tuple[int, int]] = {}
        for graph in self.whole.x.graphs.values():
            if graph.span.source is self.file.source:
                elements = Counter(node.span.start for node in graph.nodes)
                for node in graph.nodes:
                    at = node.span.start
                    reads = sum(len(r.ops) for r in node.reads)
                    found[at] = max(reads, found.get(at, (0, 0))[0]), elements[at]
        return found

    @cached_property
    def repeated(self) -> list[Span]:
        """The outermost places whose content is there several times, in order."""
        found: list[Span] = []
        for part in _within(self.file):
            many = (isinstance(part, tree.Repeat) and _repeated(part.count)) or (
                isinstance(part, tree.Node) and max(self.sizes.get(part.name.span.start, (1, 1))) > 1
            )
            if many and (not found or part.span.start >= found[-1].end):
                found.append(part.span)
        return found

    def used_again(self, block: tree.Block) -> bool:
        """Whether a block stands in several places, or in one that is there several times."""
        symbol = self.index.at(block.name.span.start)
        uses = [r for r in self.index.references_to(symbol) if r.role == "name"] if isinstance(symbol, Symbol) else []
        return len(uses) > 1 or any(self.again(use.span.start) for use in uses)

    def again(self, offset: int) -> bool:
        i = bisect_right(self.repeated, offset, key=lambda span: span.start) - 1
        if i >= 0 and offset < self.repeated[i].end:
            return True
        blocks = (item for item in self.file.items if isinstance(item, tree.Block))
        return any(b.span.start <= offset < b.span.end and self.used_again(b) for b in blocks)


def _beside(use: Use, parts: list[tree.Tree]) -> tree.Tree | None:
    """The first part that is not the use itself, or one of its arguments."""
    return next((p for p in parts if not use.span.start <= p.span.start < use.span.end), None)


def _name(use: Use) -> str:
    return use.name if isinstance(use, tree.Ref) else use.name.text


def _repeated(count: tree.Expr) -> bool:
    return not isinstance(count, tree.Number) or count.value > 1


def _within(part: object) -> Iterator[tree.Tree]:
    """Every part of a tree, itself first."""
    if isinstance(part, tuple):
        for each in part:
            yield from _within(each)
    elif isinstance(part, tree.File):
        yield from _within(part.items)
    elif isinstance(part, tree.Tree):
        yield part
        for name in part.told:
            yield from _within(getattr(part, name))
