"""The text of `forward`: straight-line code of a network, or of one use of a cell or motif in it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from nasdsl.compiler.namespace import identifier
from nasdsl.compiler.network import Scope
from nasdsl.compiler.units import Graph, Key, Unit, given, readers, sources
from nasdsl.diagnostics import InternalError, error
from nasdsl.ops.primitive import Code, Shape

# The comment with the shape of a value stands behind this column.
COLUMN = 76
# A gradient of these does not ask for what they delivered, so a ReLU may overwrite it.
OVERWRITABLE = frozenset({"batch_norm", "conv", "dw_conv"})
RELU = "F.relu({0})"
# The operations at the border of a cell with a state; the loop around its step stands for them.
LOOP = ("elements", "state", "collect")
# Stands for the list of what a cell with a state delivers, which is no operation's value.
EVERY = -1


@dataclass(frozen=True, slots=True)
class Kept:
    """What the network keeps: the code of each operation, and dotted names of modules from the network's root."""

    codes: Mapping[int, Code]
    operations: Mapping[int, str]
    units: Mapping[Key, str]
    # The modules that drop the values of edges in training.
    drops: Mapping[Key, str]


@dataclass(frozen=True, slots=True)
class Line:
    """One call: an operation or an inner unit, where it stands in the unit, what it reads and what it delivers."""

    item: int | Unit
    place: tuple[Scope, ...]
    reads: tuple[int, ...]
    makes: tuple[int, ...]

    @property
    def block(self) -> tuple[Scope, ...]:
        """The place down to the outermost block that the call is a part of; nothing where it is none's."""
        if isinstance(self.item, Unit):
            return ()
        return next((self.place[: i + 1] for i, scope in enumerate(self.place) if scope.kind == "block"), ())


class Forward:
    """One unit, being written.

    A name is given again when the value that had it has been read for the last time, so that no name holds memory that
    nobody needs; in the network itself, whose values are few and large, each has a name of its own and is deleted.
    """

    def __init__(self, graph: Graph[int], unit: Unit, kept: Kept) -> None:
        self.graph = graph
        self.unit = unit
        self.kept = kept
        self.prefix = f"{kept.units[unit.key]}." if unit.scope else ""
        self.text: list[str] = []
        # Operations that deliver what another has delivered already, by that other.
        self.same: dict[int, int] = {}
        self.lines = list(self._lines())
        # The lines that read a value, past the last one what is outside.
        self.readers: dict[int, list[int]] = {}
        for i, line in enumerate(self.lines):
            for value in line.reads:
                self.readers.setdefault(value, []).append(i)
        self.looped = [number for number in unit.items if isinstance(number, int) and self.op(number) in LOOP]
        ends = [n for number in self.looped if self.op(number) == "collect" for n in sources(graph, number)]
        self.results = list(map(self.value, ends if self.looped else unit.results))
        for value in self.results:
            self.readers.setdefault(value, []).append(len(self.lines))
        self.left = {value: len(lines) for value, lines in self.readers.items()}
        self.named: dict[int, str] = {}
        self.owner: dict[str, int] = {}

    # ---- what is computed ----

    def op(self, number: int) -> str:
        return str(self.graph.nodes[number]["op"])

    def value(self, number: int) -> int:
        """The operation that computes what `number` delivers."""
        while number in self.same:
            number = self.same[number]
        return number

    def _lines(self) -> Iterator[Line]:
        """The calls. An identity is what it reads, and what keeps nothing is computed once for each value it reads."""
        known: dict[tuple[str, tuple[int, ...]], int] = {}
        for item in self.unit.items:
            if isinstance(item, Unit):
                reads = tuple(self.value(position) for _, position in given(self.graph, item))
                yield Line(item, self.place(item), reads, tuple(item.results))
                continue
            code = self.kept.codes.get(item)
            if code is None:
                continue
            reads = tuple(map(self.value, sources(self.graph, item)))
            if code.expression == "{0}" and code.kept is None:
                self.same[item] = reads[0]
                continue
            line = Line(item, self.place(item), reads, (item,))
            # An edge that may be dropped is dropped by itself.
            if code.kept is None and not self.ends_edge(line):
                first = known.setdefault((code.expression, reads), item)
                if first != item:
                    self.same[item] = first
                    continue
            yield line

    def place(self, item: int | Unit) -> tuple[Scope, ...]:
        """The scopes in which a call stands, from the unit inwards."""
        scopes: tuple[Scope, ...] = item.scopes if isinstance(item, Unit) else self.graph.nodes[item]["scopes"]
        return scopes[len(self.unit.scopes) :]

    def leaves(self, value: int, part: tuple[Scope, ...]) -> bool:
        """Whether a value is delivered by this part of the unit: read outside of the part, or of the unit."""
        depth, inner = len(self.unit.scopes), self.unit.members
        if value in self.unit.results:
            return True
        read = readers(self.graph, value)
        places = (self.graph.nodes[reader]["scopes"][depth:] if reader in inner else () for reader in read)
        return any(place[: len(part)] != part for place in places)

    # ---- names ----

    def name(self, value: int, base: str) -> str:
        """A new name for a value."""
        name, count = base, 0
        once = not self.unit.scope and base != "h"
        while name in self.owner and (once or self.left.get(self.owner[name], 0)):
            count += 1
            name = f"{base}_{count}"
        self.owner[name] = value
        self.named[value] = name
        return name

    def base(self, i: int, value: int) -> str:
        """What the value of line `i` is called: as the outermost part that delivers it, or `h` on its way in one."""
        line = self.lines[i]
        stage = next((f"{identifier(scope.name)}_" for scope in line.place if scope.kind == "stage"), "")
        for k, scope in enumerate(line.place):
            if scope.kind not in ("net", "stage") and self.leaves(value, line.place[: k + 1]):
                return stage + identifier(scope.name)
        if self.readers.get(value) == [i + 1]:
            return "h"
        source = self.named[line.reads[0]] if line.reads else "h"
        return identifier(self.op(value)) if source == "h" else f"{source}_{identifier(self.op(value))}"

    def relative(self, name: str) -> str:
        """A module as the unit reaches it."""
        return f"self.{name.removeprefix(self.prefix)}"

    # ---- text ----

    def say(self, code: str, value: int | None = None, indent: str = "") -> None:
        """A line of code; behind it the shape of a value."""
        line = f"        {indent}{code}"
        self.text.append(line if value is None else f"{line:<{COLUMN}}  # {shaped(self.shape(value))}")

    def shape(self, value: int) -> Shape:
        shape = self.graph.nodes[value]["shape"]
        if not isinstance(shape, Shape):
            raise InternalError(f"live operation {value} has no shape")
        return shape

    def body(self, lines: Iterable[int], indent: str = "") -> None:
        """The calls of these lines; a block of several has its name above it."""
        before: tuple[Scope, ...] = ()
        for i in lines:
            block = self.lines[i].block
            if block and block != before and i + 1 < len(self.lines) and self.lines[i + 1].block == block:
                self.say(f"# {heading(block, self.lines[i].place)}", indent=indent)
            before = block
            self.call(i, indent)

    def call(self, i: int, indent: str) -> None:
        line = self.lines[i]
        read = [self.named[value] for value in line.reads]
        for value in line.reads:
            self.left[value] -= 1
        names = [self.name(value, self.base(i, value)) for value in line.makes]
        if isinstance(line.item, Unit):
            made = f"{self.relative(self.kept.units[line.item.key])}({', '.join(read)})"
        else:
            made = self.expression(line, line.item, read)
        if self.ends_edge(line):
            made = f"{self.relative(self.kept.drops[self.unit.key])}({made})"
        told = line.makes[0] if len(names) == 1 and (names[0] != "h" or self.reshapes(line)) else None
        self.say(f"{', '.join(names)} = {made}", told, indent)
        if not self.unit.scope:
            gone = {self.named[value]: 0 for value in line.reads if not self.left[value]}.keys() - {"x", "h"}
            if gone:
                self.say(f"del {', '.join(sorted(gone))}", indent=indent)

    def reshapes(self, line: Line) -> bool:
        return all(self.shape(value)[:2] != self.shape(line.makes[0])[:2] for value in line.reads)

    def expression(self, line: Line, number: int, read: list[str]) -> str:
        code, own = self.kept.codes[number], self.kept.operations.get(number)
        if code.expression == RELU:
            (source,) = line.reads
            mine = source in self.kept.codes and source in self.unit.members and self.op(source) in OVERWRITABLE
            return f"F.relu({read[0]}{', inplace=True' if mine and len(self.readers[source]) == 1 else ''})"
        return code.written(read, self.relative(own) if own else "")

    def ends_edge(self, line: Line) -> bool:
        """Whether a call delivers the value of a whole edge of a node, and edges are dropped."""
        if self.unit.key not in self.kept.drops or len(line.makes) != 1:
            return False
        return any(self.leaves(line.makes[0], line.place[: i + 1]) for i in edges(line.place))

    # ---- forward ----

    def of_use(self) -> str:
        """The `forward` of a use: the values of its ports in, its results out."""
        ports = given(self.graph, self.unit)
        names = [self.name(position, identifier(name)) for name, position in ports]
        self.text.append(f"    def forward(self, {', '.join(names)}):")
        if self.looped:
            self.along_sequence()
        else:
            self.body(range(len(self.lines)))
            self.say(f"return {', '.join(self.named[value] for value in self.results)}")
        return "\n".join(self.text)

    def along_sequence(self) -> None:
        """A cell with a state: its step for every element, what it delivers fed back and stacked along the length."""
        elements = [number for number in self.looped if self.op(number) == "elements"]
        if not elements:
            name = self.unit.scope.label if self.unit.scope else self.graph.graph["name"]
            raise error("E0617", f"`{name}` reads no element of its sequence, so there is nothing to run along")
        read = [sources(self.graph, number)[0] for number in elements]
        # The loop reads them, by no operation.
        self.left |= dict.fromkeys(read, 1)
        sequences = [self.named[position] for position in read]
        steps = [self.name(number, f"{name}_t") for number, name in zip(elements, sequences, strict=True)]
        states = [number for number in self.looped if self.op(number) == "state"]
        for state in states:
            # It is read by the next element, so no other value may have its name.
            self.left[state] = self.left.get(state, 0) + 1
            zeros = f"new_zeros(len({sequences[0]}), {self.shape(state).width})"
            self.say(f"{self.name(state, 'state')} = {sequences[0]}.{zeros}", state)
        # It is read behind the loop, by no operation.
        self.left[EVERY] = 1
        outputs = self.name(EVERY, "outputs")
        self.say(f"{outputs} = []")
        over = [f"{name}.unbind(2)" for name in sequences]
        runs = over[0] if len(over) == 1 else f"zip({', '.join(over)}, strict=True)"
        self.say(f"for {', '.join(steps)} in {runs}:")
        self.body(range(len(self.lines)), "    ")
        out = self.named[self.results[0]]
        self.say(f"{outputs}.append({out})", indent="    ")
        for state in states:
            if self.named[state] != out:
                self.say(f"{self.named[state]} = {out}", indent="    ")
        self.say(f"return torch.stack({outputs}, 2)")

    def of_network(self, inputs: list[int], outputs: list[int] | int, taps: Mapping[str, int]) -> str:
        """The `forward` of the network: a tensor or a list of them in and out; in training also what taps deliver."""
        if len(inputs) == 1 and self.op(inputs[0]) != "feature":
            self.text.append(f"    def forward(self, {self.name(inputs[0], 'x')}):")
        else:
            pyramid = self.op(inputs[0]) == "feature"
            bases = [f"p{self.shape(n).level}" if pyramid else f"x{i}" for i, n in enumerate(inputs)]
            names = [self.name(n, base) for n, base in zip(inputs, bases, strict=True)]
            self.text.append("    def forward(self, features):")
            self.say(f"{', '.join(names)}{',' if len(names) == 1 else ''} = features")
        if self.looped:
            self.along_sequence()
            return "\n".join(self.text)
        tapped = [i for i, line in enumerate(self.lines) if self.is_tap(line.item)]
        self.body(range(tapped[0] if tapped else len(self.lines)))
        if isinstance(outputs, int):
            made = self.named[self.value(outputs)]
        else:
            made = f"[{', '.join(self.named[self.value(number)] for number in outputs)}]"
        if taps:
            self.say("if not self.training:")
            self.say(f"return {made}", indent="    ")
            self.body(tapped)
            made += f", {{{', '.join(f'{name!r}: {self.named[self.value(n)]}' for name, n in taps.items())}}}"
        self.say(f"return {made}")
        return "\n".join(self.text)

    def is_tap(self, item: int | Unit) -> bool:
        number = item if isinstance(item, int) else item.first
        return bool(self.graph.nodes[number]["tap"])


def edges(place: tuple[Scope, ...]) -> Iterator[int]:
    """Where in a place an edge of a node begins."""
    for i, scope in enumerate(place):
        if i and place[i - 1].kind == "node" and scope.name.startswith("op["):
            yield i


def shaped(shape: Shape) -> str:
    """`(N, 16, 32, 32)`: a batch of values."""
    return f"(N, {', '.join(map(str, (shape.width, *shape.size)))})"


def heading(block: tuple[Scope, ...], place: tuple[Scope, ...]) -> str:
    """`n[0].op[1]: sep_conv(3)`: a comment of one line, whatever a name holds.

    A block that is a choice is called by what was chosen.
    """
    where = ".".join(scope.name for scope in block if scope.kind != "net")
    inner = place[len(block) :]
    chosen = inner[0] if inner and inner[0].name.startswith("switch") and inner[0].kind == "block" else block[-1]
    return re.sub(r"[^ -~]", "?", f"{where}: {chosen.label}")
