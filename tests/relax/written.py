"""Small spaces written at random: every kind of decision of the language, in every place where it can stand."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random
from typing import Final, TypeVar

HEAD: Final = """\
use vision (
  identity, none, sep_conv, dil_conv, conv_1xn_nx1, conv_bn, relu_conv_bn, conv_bn_relu, max_pool, avg_pool, conv,
  batch_norm, relu, tanh, sigmoid, global_avg, linear, classifier,
)
use mobile (mbconv, squeeze_excite, shuffle_v2, dw_conv, swish)
use primitives (resample, layer_norm, scale, offset)
let shared_k = 1 | 3
let shared_op = sep_conv(3) | avg_pool(3)
"""
CONVOLUTIONS: Final = (
    "conv_bn(1)", "conv_bn(1 | 3)", "sep_conv(3)", "sep_conv(3 | 5)", "dil_conv(3)", "conv_1xn_nx1(3)", "relu_conv_bn(3)",
    "conv(3, groups = 1 | 2)", "mbconv(3 | 5, 2 | 3)", "conv_bn(shared_k)", "conv(1, bias = 1)", "mbconv(3, 2, se = squeeze_excite(4))",
)  # fmt: skip
# What leaves the width as it is.
KEEPING: Final = (
    "identity", "max_pool(3)", "avg_pool(3)", "relu", "tanh", "sigmoid", "batch_norm", "max_pool(3 | 5)", "scale", "offset", "dw_conv(3 | 5)",
)  # fmt: skip
COMMUTING: Final = ("add", "add", "mean", "max", "mul")
ORDERED: Final = ("weighted_mean", "fuse", "concat", "concat")
PAIRS: Final = ("min", "sub", "gated", "global_pool")


T = TypeVar("T")


class Writing:
    """One text. `met` names the constructs that were written into it."""

    def __init__(self, seed: int) -> None:
        self.rng = Random(seed)
        self.met: set[str] = set()
        self.blocks: list[str] = []
        self.motifs: list[str] = []
        self.declared: list[str] = []
        # Whether the graph that is being written takes a stride.
        self.strided = False

    def one(self, options: Sequence[T]) -> T:
        return self.rng.choice(options)

    def some(self, tag: str, chance: float) -> bool:
        """Whether a construct is written now."""
        drawn = self.rng.random() < chance
        if drawn:
            self.met.add(tag)
        return drawn

    # ---- operations ----

    def operation(self, *, none: bool = True) -> str:
        """One candidate of an edge."""
        pool = [*CONVOLUTIONS, *KEEPING[:3], "shared_op"]
        if none:
            pool += ["none"] * 2
        if not self.strided:
            pool += [*KEEPING[3:], *self.blocks * 3, *self.motifs * 3]
        made = self.one(pool)
        if made in self.blocks:
            self.met.add("block as an operation")
        if made in self.motifs:
            self.met.add("motif as an operation")
        if "shared" in made:
            self.met.add("let")
        return made

    def candidates(self) -> list[str]:
        found: dict[str, str] = {}
        for _ in range(self.rng.choice((2, 2, 3, 4))):
            made = self.operation()
            # `sep_conv(3)` is among `sep_conv(3 | 5)`, and may be offered once.
            found.setdefault(made.partition("(")[0], made)
        return list(found.values())

    def op(self) -> str:
        """What follows `op` for every edge alike."""
        if self.some("op fixed", 0.15):
            return self.operation(none=False)
        if self.some("op by inline choice", 0.25):
            return " | ".join(self.candidates()) if self.rng.random() < 0.5 else self.nested()
        return f"one of [{', '.join(self.candidates())}]"

    def nested(self) -> str:
        self.met.add("choice in a choice")
        return f"({self.one(CONVOLUTIONS)} | {self.one(KEEPING[:3])}) | {self.operation()}"

    # ---- chains ----

    def step(self, depth: int) -> str:
        kinds: list[Callable[[int], str]] = [lambda _: self.one(CONVOLUTIONS), lambda _: self.one(KEEPING), self.choice]
        if depth:
            kinds += [self.repeat, self.shortcut, self.branch]
        made = self.rng.choice(kinds)(depth)
        return f"t{self.rng.randrange(10**6)}: {made}" if self.some("label", 0.1) else made

    def choice(self, depth: int) -> str:
        self.met.add("choice in a chain")
        other = self.one([*KEEPING, *self.blocks])
        return f"{self.one(CONVOLUTIONS)} | {other}"

    def repeat(self, depth: int) -> str:
        self.met.add("depth in a chain")
        return f"repeat {self.one(('1..2', '1 | 3', '0..2', '2'))} {{ {self.chain(depth - 1, 2)} }}"

    def shortcut(self, depth: int) -> str:
        self.met.add("shortcut")
        return f"shortcut {{ {self.chain(depth - 1, 2)} }}"

    def branch(self, depth: int) -> str:
        self.met.add("branch")
        if self.some("branch concat", 0.3):
            return "branch concat { conv(1, width = width // 2) } { conv_bn(1 | 3, width = width - width // 2) }"
        merge = self.one(("add", "mean", "mul", "add | max", "max"))
        return f"branch {merge} {{ {self.chain(depth - 1, 2)} }} {{ {self.chain(depth - 1, 2)} }}"

    def chain(self, depth: int, most: int) -> str:
        return "; ".join(self.step(depth) for _ in range(self.rng.randint(1, most)))

    def declare_blocks(self) -> None:
        for i in range(self.rng.choice((0, 1, 1, 2))):
            if self.some("block with parameters", 0.3):
                self.declared.append(f"block b{i}(k = 3, f = relu) {{ {self.chain(1, 2)}; conv_bn(k); f }}")
                self.blocks.append(
                    self.one((f"b{i}(k = 1 | 3)", f"b{i}(3, tanh | relu)", f"b{i}(f = conv_bn(1) | identity)"))
                )
            else:
                self.declared.append(f"block b{i} {{ {self.chain(2, 2)} }}")
                self.blocks.append(f"b{i}")

    # ---- graphs ----

    def reads(self, seen: int, ports: Sequence[str], arrays: Sequence[str], before: str) -> tuple[str, str]:
        """What follows `from`, and what a merge may do with it: nothing to merge, a set, a pair or a sequence."""
        values = f"[{', '.join([*ports, *('*' + a for a in arrays)])}]"
        earlier = self.one(("earlier", "earlier", values))
        ways = [
            (f"all of {earlier}", "sequence"), (f"one of {earlier}", "single"), (f"some of {earlier}", "some"),
            (f"pick 2 of {earlier} with repeats", "set"), (self.one(ports), "single"), (f"pick 0..1 of {earlier}", "set"),
            (f"one of {earlier}, some of {earlier}", "set"), (f"{ports[0]}, one of {earlier}", "pair"),
            (f"one of {earlier}, one of {earlier}", "pair"), ("all of unused", "unused"),
        ]  # fmt: skip
        if before != "open":
            ways += [("prev", "single"), ("prev, some of earlier except prev", "some")]
        if seen > 1:
            ways += [
                (f"pick 2 of {earlier}", "set"), (f"pick 2 of {earlier}", "set"), (f"pick 2 of {earlier} in order", "pair"),
                (f"pick 1..2 of {earlier}", "set"), (f"pick 1..2 of {earlier} in order", "sequence"),
                ("one of last 2 of earlier", "single"), (f"pick 2 of {earlier} in order", "pair"),
            ]  # fmt: skip
        made = self.rng.choice(ways)
        self.met.add(f"from {made[0].replace(earlier, 'S')}" if made[0] not in ports else "from x")
        return made

    def merge(self, kind: str, op_some: bool) -> str:
        pool = list(COMMUTING)
        if kind in ("pair", "sequence") and not op_some:
            pool += ORDERED
        if kind == "pair" and not op_some:
            pool += PAIRS
        if kind == "some" and self.rng.random() < 0.3:
            pool = ["concat"]
        made = self.one(pool)
        if self.some("merge by choice", 0.3):
            other = self.one(pool)
            return f"{made} | {other}" if other != made else made
        self.met.add(f"merge {made}")
        return made

    def node(self, name: str, count: str, ports: Sequence[str], arrays: Sequence[str], before: str) -> str:
        seen = len(ports) + sum(1 for a in arrays)
        reads, kind = self.reads(seen, ports, arrays, before)
        clauses = [f"from {reads}"]
        op_some = False
        if kind == "unused":
            kind = "set"
        elif self.rng.random() < 0.85:
            if ("all of" in reads or reads == "prev" or reads in ports) and self.some("op some of", 0.3):
                clauses.append(f"op some of [{', '.join(self.candidates())}]")
                op_some, kind = True, "set"
            elif reads.startswith("pick 2 of") and self.some("op by slot", 0.15):
                clauses.append(f"op {self.operation()}, {self.op()}")
            else:
                clauses.append(f"op {self.op()}")
        merge = self.merge(kind, op_some) if kind != "single" else ""
        absorb = []
        if self.some("absorb", 0.2):
            earlier = self.one(("earlier", f"[{', '.join(ports)}]"))
            absorbed = self.one(("unused", "unused", f"some of {earlier}", ports[0], f"pick 1 of {earlier}"))
            self.met.add(f"absorb {absorbed.split(' of ')[0] if absorbed not in ports else 'x'}")
            absorb = [f"absorb {absorbed}"]
            merge = merge or "add"
        clauses += [f"merge {merge}"] if merge else []
        clauses += [*absorb, *self.closing("concat" in merge)]
        return f"  node {name}{count} {{ {'; '.join(clauses)} }}"

    def closing(self, concat: bool) -> list[str]:
        then = self.one(("conv_bn(1)", "conv_bn(1 | 3)", "relu_conv_bn(1) | conv(1)"))
        if concat:
            if self.some("width free", 0.3):
                return ["width free"]
            return [f"then {then}"]
        if self.some("node width", 0.1):
            return [f"width {self.one(('2 | 4', 'width // 2', '6'))}", f"then {then}"]
        if self.some("then", 0.35):
            return [
                f"then {self.one((then, 'relu | tanh', 'batch_norm', 'relu', 'conv_bn(1) | identity', *self.blocks))}"
            ]
        return []

    def graph(self, kind: str, name: str, ports: Sequence[str], nodes: int) -> str:
        lines: list[str] = []
        if kind == "cell" and self.some("align", 0.4):
            lines.append(
                self.one(
                    (
                        "  align ports always relu_conv_bn(1)",
                        "  align edges needed conv_bn(1)",
                        "  align reads needed conv_bn(1)",
                        "  align reads always relu_conv_bn(1 | 3)",
                        "  align reads needed native(conv_bn(1))",
                    )
                )  # fmt: skip
            )
            self.met.add(" ".join(lines[-1].split()[:3]))
        arrays: list[str] = []
        before = ""
        for i in range(nodes):
            count = self.one(("", "", "[2]", "[2]", "[1..2]", "[3]"))
            self.met.add("array of open length" if ".." in count else "array")
            lines.append(self.node(f"n{i}", count, ports, arrays, "open" if ".." in count else before))
            before = "open" if ".." in count else ""
            arrays.append(f"n{i}" if count else "")
            arrays = [a for a in arrays if a]
            last, array = f"n{i}", bool(count)
        outs = ["concat(unused)", "add(unused)"]
        outs += (
            [f"last({last})", f"last({last})", f"concat({last})", f"mean({last})", f"concat(unused({last}))"]
            if array
            else [last] * 4
        )
        out = self.one(outs)
        self.met.add(f"out {out.replace(last, 'n')}")
        lines.append(f"  out {out}")
        return f"{kind} {name}({', '.join(ports)}) {{\n" + "\n".join(lines) + "\n}"

    def declare_graphs(self) -> list[tuple[str, int]]:
        """Motifs, then cells; the names of the cells with how many values they read."""
        if self.some("motif", 0.3):
            several = self.some("motif array", 0.5)
            self.declared.append(self.graph("motif", "m[2]" if several else "m", ["x"], 1))
            self.motifs = ["m[0]", "m[1]"] if several else ["m"]
        found: list[tuple[str, int]] = []
        ports = ["x"] if self.rng.random() < 0.6 else ["a", "b"]
        self.met.add(f"{len(ports)} ports")
        self.strided = self.rng.random() < 0.5
        self.declared.append(self.graph("cell", "f", ports, self.rng.choice((1, 2, 2, 3))))
        found.append(("f", len(ports)))
        if not self.strided:
            return found
        self.strided = False
        if self.some("fresh cell", 0.5):
            self.declared.append("cell g = fresh f(stride = 2)")
            found.append(("g", len(ports)))
        else:
            self.met.add("shared cell")
            self.declared.append("cell g = f(stride = 2)")
            found.append(("g", len(ports)))
        return found

    # ---- nets ----

    def stage(self, cells: Sequence[tuple[str, int]], at: int) -> str:
        width = self.one(("4", "8", "4", "6", "4 | 8")) if self.rng.random() < 0.9 else "4 | 6 | 8"
        strided = self.some("stage with a stride", 0.25)
        if "|" in width:
            self.met.add("stage width")
        steps: list[str] = []
        if strided:
            steps.append(self.one(("conv_bn(3)", "sep_conv(3 | 5)", "sep_conv(3) | max_pool(3)", "relu_conv_bn(3)")))
        for _ in range(self.rng.randint(1, 2)):
            steps.append(self.net_step(cells))
        name = f" s{at}" if self.rng.random() < 0.5 else ""
        return f"  stage{name} (width = {width}{', stride = 2' if strided else ''}) {{ {'; '.join(steps)} }}"

    def net_step(self, cells: Sequence[tuple[str, int]]) -> str:
        drawn = self.rng.random()
        if drawn < 0.45:
            used = self.one([name for name, _ in cells])
            if used == "f" and self.some("fresh use", 0.2):
                used = "fresh f"
            if self.some("depth of cells", 0.25):
                return f"repeat {self.one(('1..2', '2', '1 | 3', '0..2'))} {{ {used} }}"
            return used
        if drawn < 0.55 and len(cells) > 1:
            self.met.add("choice of cells")
            return "one of [f, f(stride = 1)]" if self.rng.random() < 0.2 else "f | g"
        if drawn < 0.75:
            self.met.add("depth in a stage")
            return f"repeat {self.one(('1..2', '0..2', '1 | 2', '2'))} {{ {self.chain(1, 2)} }}"
        return self.step(2)

    def text(self) -> str:
        root = self.rng.random()
        if root < 0.08:
            return self.pyramid()
        if root < 0.14:
            return self.recurrent()
        if root < 0.2:
            return self.words()
        if root < 0.26:
            return self.function()
        return self.images()

    def images(self) -> str:
        self.declare_blocks()
        cells = self.declare_graphs()
        stem = self.one(("4", "8", "4 | 8", "6"))
        stages = [self.stage(cells, i) for i in range(self.rng.choice((1, 1, 2, 2, 3)))]
        if "|" in stem:
            self.met.add("stem width")
        if self.some("no net", 0.1):
            return HEAD + "\n".join(line for line in self.declared if not line.startswith("cell g")) + "\n"
        net = [
            f"  input image(3, {self.one(('8', '10'))})",
            f"  stem conv_bn({self.one(('3', '1 | 3'))}, width = {stem})",
            *stages,
        ]
        if self.rng.random() < 0.8:
            net.append("  head classifier(3)")
        return HEAD + "\n".join(self.declared) + "\nnet search {\n" + "\n".join(net) + "\n}\n"

    # ---- other inputs ----

    def pyramid(self) -> str:
        """Cells over the levels 3 to 5 of a small image."""
        self.met.add("pyramid")
        nodes: list[str] = []
        for i in range(self.rng.choice((0, 1, 1))):
            level = self.one(("one of 3..5", "4", "3 | 4"))
            self.met.add(f"level {level}")
            nodes.append(f"  node mid{i}{self.one(('', '[2]'))} {{ {self.levelled(level)} }}")
        level = self.one(("order of 3..5", "order of 3..5", "[3, 4, 5]", "[5, 3, 4]"))
        self.met.add(f"level {level}")
        nodes.append(f"  node o[3] {{ {self.levelled(level)} }}")
        cell = "cell fpn(p[3..5]) {\n  align edges needed resample\n" + "\n".join(nodes) + "\n  out o by level\n}"
        uses = self.one(("fpn", "repeat 2 { fpn }", "repeat 1..2 { fpn }", "repeat 2 { fresh fpn }"))
        net = f"  input pyramid(levels = 3..5, widths = [4, 4, 4], size = 64)\n  stage (width = 4) {{ {uses} }}"
        return HEAD + f"{cell}\nnet search {{\n{net}\n}}\n"

    def levelled(self, level: str) -> str:
        reads, merges = self.one((
            ("pick 2 of earlier in order", ("add", "add | global_pool", "fuse", "mean | mul")), ("pick 2 of earlier", ("add", "add | max")),
            ("all of earlier", ("add", "fuse")), ("one of earlier, one of earlier", ("add", "global_pool")),
            ("pick 1..2 of earlier", ("add", "mean")), ("some of earlier", ("add",)),
        ))  # fmt: skip
        self.met.add(f"from {reads} across levels")
        op = self.one(("", "", "; op identity | conv_bn(1)", "; op one of [sep_conv(3), none, identity]"))
        absorb = "; absorb unused" if self.some("absorb unused by level", 0.4) else ""
        then = self.one(("", "; then relu_conv_bn(3)", "; then conv_bn(1 | 3)"))
        return f"from {reads}; level {level}{op}; merge {self.one(merges)}{absorb}{then}"

    def recurrent(self) -> str:
        """A cell with a state along a sequence."""
        self.met.add("state")
        act = self.one(("tanh | relu | sigmoid", "one of [tanh, identity]", "tanh"))
        ops = self.one((act, "one of [tanh, relu, none]", "(tanh | identity) | relu"))
        reads = self.one((
            "from one of earlier except [x, h]", "from pick 2 of earlier except [x, h] with repeats; merge add | mul",
            "from some of earlier except [x, h]; merge add", "from one of [s, *n]",
        ))  # fmt: skip
        count = self.one(("2", "3", "1..2"))
        out = self.one(("mean(n)", "last(n)", "add(n)"))
        cell = (
            f"cell rnn(x, state h) {{\n  node s {{ from x, h; op linear; merge add; then {act} }}\n"
            f"  node n[{count}] {{ {reads}; op {ops}; then linear(bias = 0) }}\n  out {out}\n}}"
        )
        uses = self.one(("rnn", "repeat 2 { rnn }", "rnn; fresh rnn", "repeat 1..2 { rnn }"))
        return HEAD + f"{cell}\nnet search {{\n  input sequence(4, 5)\n  stage (width = 4) {{ {uses} }}\n}}\n"

    def words(self) -> str:
        """Operations along a text."""
        self.met.add("tokens")
        ops = self.rng.sample(
            ("conv1d_bn_relu(1 | 3)", "avg_pool1d(3)", "max_pool1d(3)", "gru", "attention(2)", "identity"), 3
        )
        node = (
            f"  node l[{self.one(('2', '3'))}] {{ from one of last 2 of [first, *l]; op one of [{', '.join(ops)}]; merge add; "
            f"absorb some of [first, *l]; then batch_norm }}"
        )
        out = self.one(("weighted_mean([first, *l])", "last(l)", "mean(l)"))
        cell = f"cell layers(x) {{\n  node first {{ from x; op one of [{ops[0]}, tanh] }}\n{node}\n  out {out}\n}}"
        use = "use text (conv1d_bn_relu, avg_pool1d, max_pool1d, gru, attention, embedding, text_classifier)\n"
        net = "  input tokens(20, 8)\n  stem embedding(6)\n  stem conv1d_bn_relu(1, width = 4)\n"
        stage = (
            f"  stage (width = 4) {{ {self.one(('layers', 'repeat 1..2 { layers }'))} }}\n  head text_classifier(3)\n"
        )
        return f"{HEAD}{use}{cell}\nnet search {{\n{net}{stage}}}\n"

    def function(self) -> str:
        """A function of numbers in many places."""
        self.met.add("function")
        unary = self.rng.sample(
            ("identity", "neg", "abs", "square", "sin", "tanh", "relu", "sigmoid", "scale", "offset", "none"), 4
        )
        binary = self.rng.sample(("add", "mul", "sub", "max", "min", "gated", "lerp"), self.rng.choice((1, 2, 3)))
        merge = f"one of [{', '.join(binary)}]" if len(binary) > 1 else binary[0]
        count = self.one(("1..2", "2"))
        node = f"  node u[{count}] {{ from pick 2 of earlier with repeats; op one of [{', '.join(unary)}]; merge {merge} }}"
        cell = f"cell act(x) {{\n{node}\n  out last(u)\n}}"
        block = "block residual { shortcut { conv_bn(3); act; conv_bn(1) }; act }"
        use = "use pointwise (neg, abs, square, sin)\n"
        net = "  input image(3, 8)\n  stem conv_bn(3, width = 4)\n"
        return f"{HEAD}{use}{cell}\n{block}\nnet search {{\n{net}  stage (width = 4) {{ residual; act }}\n  head classifier(3)\n}}\n"
