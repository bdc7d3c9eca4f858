"""Operations, chains and blocks of small spaces, written at random."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random
from typing import Final, TypeVar

CONVOLUTIONS: Final = (
    "conv_bn(1)", "conv_bn(1 | 3)", "sep_conv(3)", "sep_conv(3 | 5)", "dil_conv(3)", "conv_1xn_nx1(3)",
    "relu_conv_bn(3)", "conv(3, groups = 1 | 2)", "mbconv(3 | 5, 2 | 3)", "conv_bn(shared_k)", "conv(1, bias = 1)",
    "mbconv(3, 2, se = squeeze_excite(4))",
)  # fmt: skip
# What leaves the width as it is.
KEEPING: Final = (
    "identity", "max_pool(3)", "avg_pool(3)", "relu", "tanh", "sigmoid", "batch_norm", "max_pool(3 | 5)", "scale",
    "offset", "dw_conv(3 | 5)",
)  # fmt: skip
T = TypeVar("T")


class Chains:
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
                uses = (f"b{i}(k = 1 | 3)", f"b{i}(3, tanh | relu)", f"b{i}(f = conv_bn(1) | identity)")
                self.blocks.append(self.one(uses))
            else:
                self.declared.append(f"block b{i} {{ {self.chain(2, 2)} }}")
                self.blocks.append(f"b{i}")
