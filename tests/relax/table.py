"""The table of the shipped spaces by the methods: which space each method can relax, tried out cell by cell.

A cell says `yes` where the method was begun, took a step on two images of noise, and gave a genotype whose network was
built and took a step of its own; else the error that says why not.
"""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

import nasdsl
from nasdsl.compiler.dag import architecture as architecture_graph
from nasdsl.compiler.frame import Binding
from nasdsl.compiler.lower import network
from nasdsl.compiler.module import build
from nasdsl.compiler.openlower import OpenNetwork, opened
from nasdsl.compiler.searchform import SearchForm
from nasdsl.compiler.supernet import Supernet
from nasdsl.diagnostics import NasdslError
from nasdsl.evolve.train import DivergedError
from nasdsl.relax import resource
from nasdsl.relax.architecture import architecture
from nasdsl.relax.method import Method
from nasdsl.relax.methods import METHODS
from nasdsl.relax.search import Cosine, Search

# Parameters and narrowings that keep a space's decisions, or what it can be relaxed with, and make it small.
SMALL: Mapping[str, Mapping[str, int | float]] = {
    "bifpn": {"W": 8}, "darts": {"S": 1}, "darts_rnn": {"N": 4, "C": 16}, "enas_macro": {"C": 8},
    "goldnas": {"N": 1, "C": 4}, "hierarchical": {"C": 4}, "nasbench101": {"N": 1, "C": 8}, "nasbench201": {"N": 1},
    "nasfpn": {"N": 1, "W": 8}, "nasrl": {"L": 6}, "swish": {"D": 1, "C": 4}, "textnas": {"C": 8},
}  # fmt: skip
# Nets of two cells, for spaces whose own have five or more of thousands of candidates.
TWO = "net two {{\n input image(3, 32, 32); stem conv_bn(3, width = 8)\n stage (width = 4) {{ normal }}\n"
TWO += " stage (width = 8) {{ reduce }}\n head {head}\n}}\n"
NETS = {
    **dict.fromkeys(
        ("amoebanet", "amoebanet_specs", "amoebanet_wide", "darts_family", "nasnet"), TWO.format(head="classifier(10)")
    ),
    "enas_micro": TWO.format(head="logits(10)"),
    "pnas": TWO.format(head="classifier(10)").replace("normal", "c").replace("reduce", "c(stride = 2)"),
}
FIXED = {"ofa": ("imagenet.input.height", "128")}
SIDE, CLASSES, BATCH = 32, 10, 2
# Nets that end at a 32nd of the size: of one pixel in two images, batch norms would amplify whatever differs.
LARGER = dict.fromkeys(("detnas", "fairnas", "mnasnet", "mobilenetv3", "proxylessnas", "spos", "tfnas"), 64)

HEAD = """\
# Spaces by methods of relaxation

`python -m tests.relax > docs/relaxation.md` made this page; it takes a quarter of an hour. `yes`: the method
was begun on the space's supernet, took a step, and gave a genotype whose network was built and took a step. Else the
error that `nasdsl relax` gives. Spaces are those of their net `search`, or their first, at small parameters; those of
thousands of candidates stand in a net of two cells.

"""


@dataclass
class Space:
    """A shipped space at small parameters, bound to small images where it takes images."""

    name: str

    def __post_init__(self) -> None:
        nets = nasdsl.load(self.name)
        with suppress(NasdslError):
            nets = nasdsl.load(self.name, net="search")
        self.space = nasdsl.load(self.name, net=nets.net, params=dict(SMALL.get(self.name, {})))
        if self.name in NETS:
            text = nasdsl.shipped()[self.name].read_text(encoding="utf-8")
            self.space = nasdsl.loads(f"{text}\n{NETS[self.name]}", net="two")
        if self.name in FIXED:
            self.space = self.space.fix(*FIXED[self.name])
        self.kind = self.space.skeleton.root.input.primitive
        self.binding = None
        if self.kind == "image":
            side = LARGER.get(self.name, SIDE)
            self.binding = Binding(3, (side, side), CLASSES)
        elif self.kind == "pyramid":
            self.binding = Binding(3, (2 * SIDE, 2 * SIDE))
        self.held: dict[SearchForm, OpenNetwork | NasdslError] = {}

    def open(self, form: SearchForm) -> OpenNetwork:
        if form not in self.held:
            try:
                self.held[form] = opened(self.space, self.binding, form)
            except NasdslError as mistake:
                self.held[form] = mistake
        found = self.held[form]
        if isinstance(found, NasdslError):
            raise found
        return found

    def inputs(self, held: OpenNetwork, seed: int) -> Any:
        """Noise of the shapes that the net reads."""
        generator = torch.Generator().manual_seed(seed)
        ops = [held.network.ops[i] for i in held.network.inputs]
        made: list[Tensor] = []
        for op in sorted(ops, key=lambda op: op.shape.level if op.shape else 0):
            assert op.shape is not None
            shape = (BATCH, op.shape.width, *op.shape.size)
            if op.name == "tokens":
                made.append(torch.randint(0, op.shape.width, (BATCH, *op.shape.size), generator=generator))
            else:
                made.append(torch.randn(shape, generator=generator))
        return made if self.kind == "pyramid" else made[0]


class Noise(Search):
    """A search whose loss takes the outputs of any net: here nothing is learned."""

    def forward(self, images: Any, weights: Any, active: Any = None) -> Tensor:
        return flat(self.supernet(images, weights, active))

    def loss(self, logits: Tensor, labels: Tensor) -> Tensor:
        return logits.square().mean()


def flat(outputs: Any) -> Tensor:
    """What a net delivers, images of a pyramid averaged over their pixels: (batch, numbers)."""
    values = outputs if isinstance(outputs, list) else [outputs]
    return torch.cat([value.flatten(2).mean(2) if value.dim() > 2 else value for value in values], 1)


def made(kind: type[Method]) -> Method:
    """A method that judges one candidate and does not rest, so that a step moves all that it ever moves."""
    wanted = {"rest": 0, "candidates": 1, "resting_share": 0.0}
    fields = kind.Settings.model_fields
    return kind(kind.Settings(**{name: value for name, value in wanted.items() if name in fields}))


def cell(at: Space, kind: type[Method]) -> str:
    """`yes`, or the code of the error."""
    method = made(kind)
    try:
        held = at.open(kind.form)
        method.check(held)
    except NasdslError as mistake:
        return mistake.diagnostics[0].code
    supernet = Supernet(held, seed=0)
    limit = resource.parse("macs") if kind.name == "gold-nas" else None
    search = Noise(
        supernet=supernet,
        architecture=architecture(held, torch.Generator().manual_seed(1)),
        optimiser=torch.optim.SGD(supernet.parameters(), lr=0.025, momentum=0.9),
        schedule=Cosine(epochs=2),
        generator=torch.Generator().manual_seed(2),
        rng=random.Random(3),
        epochs=2,
        resource=limit,
        judge=lambda weights: 0.5,
    )
    labels = torch.zeros(BATCH, dtype=torch.long)
    train, other = (at.inputs(held, 4), labels), (at.inputs(held, 5), labels)
    supernet.train()
    method.begin(search)
    search.begin_epoch(1)
    method.begin_epoch(search, 1)
    before = [p.detach().clone() for p in supernet.parameters()]
    method.step(search, train, other)
    moved = any(not torch.equal(a, b) for a, b in zip(before, supernet.parameters(), strict=True))
    genotype = method.genotype(search)
    assert genotype in at.space
    assert at.space.valid(genotype)
    net = build(architecture_graph(network(genotype, at.binding)), seed=0)
    optimiser = torch.optim.SGD(net.parameters(), lr=0.01)
    torch.autograd.backward(flat(net(train[0])).square().mean())
    optimiser.step()
    return "yes" if moved else "no: nothing moved"


def page(names: list[str] | None = None) -> Iterator[str]:
    """The lines of the page as Markdown."""
    torch.set_num_threads(1)
    yield HEAD
    yield f"| space | {' | '.join(METHODS)} |\n|{'---|' * (len(METHODS) + 1)}\n"
    reasons: dict[str, str] = {}
    for name in names or nasdsl.shipped():
        at, began = Space(name), time.monotonic()
        cells = []
        for kind in METHODS.values():
            try:
                found = cell(at, kind)
                why = "" if found == "yes" else told(at, kind)
            except DivergedError as problem:
                # What `nasdsl relax` says of it.
                found, why = "E0912", str(problem)
            except NasdslError as mistake:
                found, why = mistake.diagnostics[0].code, mistake.diagnostics[0].message
            cells.append(found)
            if why:
                reasons.setdefault(f"{found} of {name}", why)
        yield f"| {name} | {' | '.join(cells)} |\n"
        print(f"{name}: {time.monotonic() - began:.0f} s", file=sys.stderr, flush=True)
    yield "\n" + "".join(f"- {where}: {why}\n" for where, why in reasons.items())


def told(at: Space, kind: type[Method]) -> str:
    """The first line of the error, as a user reads it."""
    try:
        made(kind).check(at.open(kind.form))
    except NasdslError as mistake:
        return mistake.diagnostics[0].message
    return "no error"
