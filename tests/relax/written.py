"""Small spaces written at random: every kind of decision of the language, in every place where it can stand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from tests.relax.chains import Chains

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
ALIGNMENTS: Final = (
    "ports always relu_conv_bn(1)", "edges needed conv_bn(1)", "reads needed conv_bn(1)",
    "reads always relu_conv_bn(1 | 3)", "reads needed native(conv_bn(1))",
)  # fmt: skip
COMMUTING: Final = ("add", "add", "mean", "max", "mul")
ORDERED: Final = ("weighted_mean", "fuse", "concat", "concat")
PAIRS: Final = ("min", "sub", "gated", "global_pool")


# What nodes at levels read, and how that may be merged.
ACROSS: Final = (
    ("pick 2 of earlier in order", ("add", "add | global_pool", "fuse", "mean | mul")),
    ("pick 2 of earlier", ("add", "add | max")),
    ("all of earlier", ("add", "fuse")),
    ("one of earlier, one of earlier", ("add", "global_pool")),
    ("pick 1..2 of earlier", ("add", "mean")),
    ("some of earlier", ("add",)),
)
WORDS: Final = ("conv1d_bn_relu(1 | 3)", "avg_pool1d(3)", "max_pool1d(3)", "gru", "attention(2)", "identity")
UNARY: Final = ("identity", "neg", "abs", "square", "sin", "tanh", "relu", "sigmoid", "scale", "offset", "none")


class Writing(Chains):
    """One text of a file. `met` names the constructs that were written into it."""

    # ---- graphs ----

    def reads(self, seen: int, ports: Sequence[str], arrays: Sequence[str], before: str) -> tuple[str, str]:
        """What follows `from`, and what a merge may do with it: nothing to merge, a set, a pair or a sequence."""
        values = f"[{', '.join([*ports, *('*' + a for a in arrays)])}]"
        earlier = self.one(("earlier", "earlier", values))
        ways = [
            (f"all of {earlier}", "sequence"), (f"one of {earlier}", "single"), (f"some of {earlier}", "some"),
            (f"pick 2 of {earlier} with repeats", "set"), (self.one(ports), "single"),
            (f"pick 0..1 of {earlier}", "set"), (f"one of {earlier}, some of {earlier}", "set"),
            (f"{ports[0]}, one of {earlier}", "pair"),
            (f"one of {earlier}, one of {earlier}", "pair"), ("all of unused", "unused"),
        ]  # fmt: skip
        if before != "open":
            ways += [("prev", "single"), ("prev, some of earlier except prev", "some")]
        if seen > 1:
            ways += [
                (f"pick 2 of {earlier}", "set"), (f"pick 2 of {earlier}", "set"),
                (f"pick 2 of {earlier} in order", "pair"), (f"pick 1..2 of {earlier}", "set"),
                (f"pick 1..2 of {earlier} in order", "sequence"),
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
            ways = ("unused", "unused", f"some of {earlier}", ports[0], f"pick 1 of {earlier}")
            absorbed = self.one(ways)
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
            ways = (then, "relu | tanh", "batch_norm", "relu", "conv_bn(1) | identity", *self.blocks)
            return [f"then {self.one(ways)}"]
        return []

    def graph(self, kind: str, name: str, ports: Sequence[str], nodes: int) -> str:
        lines: list[str] = []
        if kind == "cell" and self.some("align", 0.4):
            lines.append(f"  align {self.one(ALIGNMENTS)}")
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
        if array:
            outs += [f"{way}({last})" for way in ("last", "last", "concat", "mean")] + [f"concat(unused({last}))"]
        else:
            outs += [last] * 4
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
        steps += [self.net_step(cells) for _ in range(self.rng.randint(1, 2))]
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
        size, kernel = self.one(("8", "10")), self.one(("3", "1 | 3"))
        net = [f"  input image(3, {size})", f"  stem conv_bn({kernel}, width = {stem})", *stages]
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
        reads, merges = self.one(ACROSS)
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
        ops = self.rng.sample(WORDS, 3)
        node = (
            f"  node l[{self.one(('2', '3'))}] {{ from one of last 2 of [first, *l]; op one of [{', '.join(ops)}]; "
            "merge add; absorb some of [first, *l]; then batch_norm }"
        )
        out = self.one(("weighted_mean([first, *l])", "last(l)", "mean(l)"))
        cell = f"cell layers(x) {{\n  node first {{ from x; op one of [{ops[0]}, tanh] }}\n{node}\n  out {out}\n}}"
        use = "use text (conv1d_bn_relu, avg_pool1d, max_pool1d, gru, attention, embedding, text_classifier)\n"
        net = "  input tokens(20, 8)\n  stem embedding(6)\n  stem conv1d_bn_relu(1, width = 4)\n"
        uses = self.one(("layers", "repeat 1..2 { layers }"))
        net += f"  stage (width = 4) {{ {uses} }}\n  head text_classifier(3)\n"
        return f"{HEAD}{use}{cell}\nnet search {{\n{net}}}\n"

    def function(self) -> str:
        """A function of numbers in many places."""
        self.met.add("function")
        unary = self.rng.sample(UNARY, 4)
        binary = self.rng.sample(("add", "mul", "sub", "max", "min", "gated", "lerp"), self.rng.choice((1, 2, 3)))
        merge = f"one of [{', '.join(binary)}]" if len(binary) > 1 else binary[0]
        count = self.one(("1..2", "2"))
        ops = ", ".join(unary)
        node = f"  node u[{count}] {{ from pick 2 of earlier with repeats; op one of [{ops}]; merge {merge} }}"
        cell = f"cell act(x) {{\n{node}\n  out last(u)\n}}"
        block = "block residual { shortcut { conv_bn(3); act; conv_bn(1) }; act }"
        use = "use pointwise (neg, abs, square, sin)\n"
        net = "  input image(3, 8)\n  stem conv_bn(3, width = 4)\n  stage (width = 4) { residual; act }\n"
        return f"{HEAD}{use}{cell}\n{block}\nnet search {{\n{net}  head classifier(3)\n}}\n"
