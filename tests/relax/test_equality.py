"""The equality that proves a relaxation: under one-hot weights a supernet is the network of the genotype.

That network is a plain module, lowered from the genotype alone in the same search form, with the supernet's weights and
statistics copied in. It is held against the supernet in evaluation and in training, in float64.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from random import Random

import pytest
import torch

import nasdsl
from nasdsl.compiler.check import check, every_decision
from nasdsl.compiler.dag import architecture
from nasdsl.compiler.frame import Binding
from nasdsl.compiler.lower import network
from nasdsl.compiler.module import build
from nasdsl.compiler.openlower import opened
from nasdsl.compiler.searchform import SearchForm
from nasdsl.diagnostics import NasdslError
from nasdsl.relax.methods import METHODS
from nasdsl.space.model import SearchSpace
from tests.relax.equality import FORMS, alive, difference, gaps, inputs, supernet, without_dropout
from tests.relax.written import Writing

CLOSE = 1e-9
FEW, MANY = 12, 700  # texts for each form


@pytest.fixture(autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


def test_the_forms_are_those_of_the_methods() -> None:
    assert {method.form for method in METHODS.values()} <= set(FORMS.values())


# ---- random spaces -----------------------------------------------------------------------------


@dataclass
class Tally:
    """What came of some texts."""

    spaces: int = 0
    genotypes: int = 0
    refused: int = 0
    met: set[str] = field(default_factory=set)
    kinds: set[str] = field(default_factory=set)


@cache
def drawn(seed: int) -> tuple[SearchSpace, Writing] | None:
    """The space of a text; None where its shapes do not fit."""
    writing = Writing(seed)
    text = writing.text()
    try:
        space = nasdsl.loads(text)
        fits = not any(d.severity == "error" for d in check(space))
        network(space[0])
    except NasdslError:
        return None
    return (space, writing) if fits else None


def narrowed(space: SearchSpace, rng: Random) -> SearchSpace:
    """The space with two decisions narrowed, as far as they can be."""
    decisions = [d for d in every_decision(space) if d.choices > 1]
    for decision in rng.sample(decisions, min(2, len(decisions))):
        options = list(decision.options)
        kept = rng.sample(options, min(len(options), rng.choice((1, 1, 2))))
        try:
            space = space.restrict(decision.path, " | ".join(sorted(kept, key=options.index)))
        except NasdslError:
            continue
    return space


def prove(name: str, seeds: range, tally: Tally) -> None:
    """The equality for the spaces of these seeds in one form; the seed is in the message where it does not hold."""
    for seed in seeds:
        found = drawn(seed)
        if found is None:
            continue
        space, writing = found
        rng = Random(seed)
        if seed % 4 == 3:
            space = narrowed(space, rng)
        try:
            net = supernet(space, FORMS[name])
        except NasdslError as refusal:
            refused(refusal, space, seed)
            tally.refused += 1
            continue
        tally.spaces += 1
        tally.met |= writing.met
        tally.kinds |= {row.kind for row in net.open.rows}
        for genotype in alive(net, rng, 3):
            apart = max(gaps(net, genotype))
            assert apart < CLOSE, f"seed {seed}, {name}, {genotype.code}: {apart}"
            tally.genotypes += 1


def refused(refusal: NasdslError, space: SearchSpace, seed: int) -> None:
    """A refusal has a code of its own and names a decision, or a cell of which nodes share widths."""
    first = refusal.diagnostics[0]
    if first.code not in ("E0902", "E0903"):
        # Narrowing may leave only genotypes whose shapes do not fit.
        with pytest.raises(NasdslError):
            [network(space[rank]) for rank in (0, space.size - 1)]
        return
    paths = [d.path for d in every_decision(space)]
    assert any(f"`{path}`" in first.message for path in paths), (seed, first.message)


@pytest.mark.parametrize("name", FORMS)
def test_random_spaces(name: str) -> None:
    tally, first = Tally(), 1000 * list(FORMS).index(name)
    prove(name, range(first, first + FEW), tally)
    assert tally.spaces >= 4
    assert tally.genotypes >= 10


@pytest.mark.prove
@pytest.mark.parametrize("name", FORMS)
def test_many_random_spaces(name: str) -> None:
    tally, first = Tally(), 1000 * list(FORMS).index(name) + FEW
    prove(name, range(first, first + MANY), tally)
    assert tally.spaces > 0.5 * MANY
    assert tally.genotypes > MANY
    assert tally.refused < 0.25 * MANY


def test_the_texts_hold_every_kind_of_decision() -> None:
    """Those of the quick tests: what one of them leaves out another has."""
    met: set[str] = set()
    kinds: set[str] = set()
    for i in range(len(FORMS)):
        for seed in range(1000 * i, 1000 * i + FEW):
            found = drawn(seed)
            if found is not None:
                met |= found[1].met
                kinds |= {type(d).__name__ for d in every_decision(found[0])}
    assert kinds == {"Choice", "Depth", "Subset", "Gates", "Arrangement"}
    assert {
        "absorb", "absorb unused", "align edges needed", "align ports always", "array of open length",
        "block as an operation", "branch", "choice in a chain", "choice in a choice", "choice of cells",
        "depth in a chain", "depth of cells",
        "fresh cell", "fresh use", "function", "let", "level order of 3..5", "merge by choice", "merge concat",
        "motif as an operation", "no net", "op by slot", "op some of", "pyramid", "shared cell", "shortcut",
        "stage width", "state", "stem width", "tokens", "width free",
    } <= met  # fmt: skip


# ---- what a child is ---------------------------------------------------------------------------


def test_a_child_in_plain_form_is_the_network_of_its_genotype() -> None:
    """Beside it stands the ordinary lowering: the same costs, and the same function of the same weights."""
    count = 0
    for seed in range(5000, 5030):
        found = drawn(seed)
        if found is None:
            continue
        space = found[0]
        try:
            net = supernet(space, SearchForm())
        except NasdslError:
            continue
        for genotype in alive(net, Random(seed), 2):
            plain, searched = network(genotype), net.open.child(genotype)
            assert (plain.params, plain.macs) == (searched.params, searched.macs), seed
            modules = [build(architecture(made), seed, dtype=torch.float64) for made in (plain, searched)]
            one, other = (without_dropout(module)(inputs(net.open)) for module in modules)
            assert difference(one, other) < 1e-12, seed
            count += 1
    assert count > 20


# ---- the shipped spaces ------------------------------------------------------------------------


@dataclass(frozen=True)
class Small:
    """A shipped space, made so small that it is quick."""

    name: str
    net: str | None = None
    size: int | None = None
    params: dict[str, int] = field(default_factory=dict)
    narrow: tuple[str, ...] = ()

    def space(self) -> SearchSpace:
        space = nasdsl.load(self.name, self.params, self.net)
        for text in self.narrow:
            path, _, left = text.partition(" = ")
            space = space.restrict(path, left)
        return space

    def binding(self) -> Binding | None:
        return None if self.size is None else Binding(3, (self.size, self.size), 10)


SHIPPED = [
    Small("amoebanet", "cifar10", 16, {"N": 1, "C": 4}, (
        "normal.b[*].op = identity | sep_conv(3) | avg_pool(3)", "reduce.b[*].op = identity | max_pool(3)",
    )),
    Small("bifpn", None, 128, {"W": 4, "D": 2}),
    Small("darts", "search", 16, {"S": 1}),
    Small("darts_rnn", params={"N": 4, "C": 8}),
    Small("detnas", "small", 64),
    Small("enas_macro", None, 8, {"L": 5, "C": 4}),
    Small("enas_micro", None, 16, {"N": 1, "C": 4}, ("normal.b[3..4].op = identity", "reduce.b[3..4].op = identity")),
    Small("fairdarts", "search", 8),
    Small("fairnas", None, 64),
    Small("goldnas", None, 16, {"N": 1, "C": 4}),
    Small("hierarchical", "search", 16, {"C": 4}),
    Small("nasbench201", "cifar10", 16, {"N": 1, "C": 4}),
    Small("nasfpn", None, 64, {"N": 1, "W": 4}),
    Small("nasrl", None, 8, {"L": 5}),
    Small("nats_size", None, 16),
    Small("ofa", narrow=("imagenet.input.height = 128", *(f"imagenet.s{i} = 2" for i in range(1, 6)))),
    Small("proxylessnas", None, 64),
    Small("spos", None, 64),
    Small("swish", None, 16, {"D": 1, "C": 4}),
    Small("textnas", params={"C": 8}),
    Small("tfnas", None, 64),
]  # fmt: skip
LARGE = [
    Small("amoebanet", "cifar10", 32, {"N": 1, "C": 4}),
    Small("amoebanet_specs", "cifar10", 32, {"N": 1, "C": 4}),
    Small("amoebanet_wide", "imagenet", 64),
    Small("darts", "search", 32),
    Small("darts_family", "cifar10", 32),
    Small("enas_micro", None, 32, {"N": 1, "C": 8}),
    Small("hierarchical", "cifar10", 32, {"C": 8}),
    Small("mnasnet", None, 64),
    Small("mobilenetv3", "large", 64),
    Small("nasfpn", None, 128, {"N": 2, "W": 8}),
    Small("nasnet", "cifar10", 32, {"N": 1, "C": 4}),
    Small("nasnet_large", None, 128),
    Small("nasp", None, 32, {"N": 1, "C": 4}),
    Small("nasrl", None, 16),
    Small("pnas", None, 32, {"N": 1, "C": 4}),
    Small("pnasnet_large", None, 128),
]
REFUSED = {
    "nasbench101": ("E0902", "module"),
    "ofa": ("E0902", "imagenet.input.height"),
}


def every_genotype(small: Small, name: str, count: int) -> None:
    net = supernet(small.space(), FORMS[name], small.binding())
    genotypes = alive(net, Random(1), count)
    assert genotypes
    for genotype in genotypes:
        assert max(gaps(net, genotype)) < CLOSE, genotype.code


@pytest.mark.parametrize("small", SHIPPED, ids=lambda small: small.name)
def test_shipped_spaces(small: Small) -> None:
    every_genotype(small, "darts" if small.net == "search" else "plain", 2)


@pytest.mark.prove
@pytest.mark.parametrize("name", FORMS)
@pytest.mark.parametrize("small", SHIPPED, ids=lambda small: small.name)
def test_shipped_spaces_in_every_form(small: Small, name: str) -> None:
    every_genotype(small, name, 6)


@pytest.mark.prove
@pytest.mark.parametrize("name", ["darts", "plain", "pc_darts"])
@pytest.mark.parametrize("small", LARGE, ids=lambda small: f"{small.name}_{small.net}")
def test_large_spaces(small: Small, name: str) -> None:
    every_genotype(small, name, 3)


def test_every_shipped_space_is_here() -> None:
    assert {small.name for small in (*SHIPPED, *LARGE)} | set(REFUSED) == set(nasdsl.shipped())


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_refused_is_named(name: str) -> None:
    code, named = REFUSED[name]
    with pytest.raises(NasdslError) as refusal:
        opened(nasdsl.load(name))
    first = refusal.value.diagnostics[0]
    assert first.code == code
    assert f"`{named}`" in first.message
    assert first.helps
