"""Children of supernets: what a genotype in search form is, and places where the equality once did not hold."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

import pytest
import torch

import nasdsl
from nasdsl.compiler import discretise
from nasdsl.compiler.check import check, every_decision
from nasdsl.compiler.dag import architecture
from nasdsl.compiler.lower import network
from nasdsl.compiler.module import build
from nasdsl.compiler.onehot import one_hot
from nasdsl.compiler.openlower import opened
from nasdsl.compiler.searchform import SearchForm
from nasdsl.compiler.supernet import Supernet
from nasdsl.diagnostics import NasdslError
from nasdsl.space.genotype import Genotype
from nasdsl.space.model import SearchSpace

from .equality import FORMS, alive, difference, gaps, inputs, supernet, without_dropout
from .written import HEAD, Writing

CLOSE = 1e-9


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def drawn(seed: int) -> SearchSpace | None:
    """The space of a text; None where its shapes do not fit."""
    try:
        space = nasdsl.loads(Writing(seed).text())
        network(space[0])
    except NasdslError:
        return None
    return None if any(d.severity == "error" for d in check(space)) else space


# ---- the form ----------------------------------------------------------------------------------


def plain(seeds: range) -> int:
    """How many genotypes were looked at."""
    count = 0
    for seed in seeds:
        space = drawn(seed)
        if space is None:
            continue
        try:
            net = supernet(space, SearchForm())
        except NasdslError:
            continue
        for genotype in alive(net, Random(seed), 2):
            ordinary(net, genotype)
            count += 1
    return count


def ordinary(net: Supernet, genotype: Genotype) -> None:
    """The child in plain form beside the ordinary network: of the same costs, and of equal weights one function."""
    one, other = network(genotype), net.open.child(genotype)
    assert (one.params, one.macs) == (other.params, other.macs), genotype.text()
    modules = [build(architecture(made), 1, dtype=torch.float64) for made in (one, other)]
    found, wanted = (without_dropout(module)(inputs(net.open)) for module in modules)
    assert difference(found, wanted) < 1e-12, genotype.text()


def test_a_child_in_plain_form_is_the_network_of_its_genotype() -> None:
    assert plain(range(5000, 5024)) > 15
    for name in TEXTS:
        net = supernet(of(name), SearchForm())
        for genotype in alive(net, Random(5), 3):
            ordinary(net, genotype)


@pytest.mark.prove
def test_many_children_in_plain_form() -> None:
    assert plain(range(20_000, 20_800)) > 700


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


def compared(seeds: range) -> int:
    """Narrowed spaces, in every form in turn: how many were looked at."""
    names, count = list(FORMS), 0
    for seed in seeds:
        space, rng = drawn(seed), Random(seed)
        if space is None:
            continue
        space = narrowed(space, rng)
        try:
            net = supernet(space, FORMS[names[seed % len(names)]])
        except NasdslError:
            continue
        count += 1
        for genotype in alive(net, rng, 3):
            assert max(gaps(net, genotype)) < CLOSE, (seed, space.narrowed, genotype.code)
    return count


def test_narrowed_spaces() -> None:
    assert compared(range(6000, 6020)) > 8


@pytest.mark.prove
def test_many_narrowed_spaces() -> None:
    assert compared(range(30_000, 31_000)) > 400


def test_the_texts_hold_every_kind_of_decision() -> None:
    met: set[str] = set()
    kinds: set[str] = set()
    for seed in range(80):
        writing = Writing(seed)
        try:
            space = nasdsl.loads(writing.text())
        except NasdslError:
            continue
        met |= writing.met
        kinds |= {type(d).__name__ for d in every_decision(space)}
    assert kinds == {"Choice", "Depth", "Subset", "Gates", "Arrangement"}
    wanted = (
        "absorb unused, array of open length, block as an operation, branch, choice in a chain, choice in a choice, "
        "choice of cells, depth in a chain, depth of cells, fresh cell, fresh use, function, let, merge by choice, "
        "motif as an operation, no net, op by slot, op some of, pyramid, shared cell, shortcut, stage width, state, "
        "stem width, tokens, width free"
    )
    assert set(wanted.split(", ")) <= met


# ---- where it once did not hold ----------------------------------------------------------------

NET = "net n { input image(3, 8); stem conv_bn(3, width = STEM); STAGES; head classifier(3) }\n"
TEXTS = {
    # Two chains of a branch, and two repetitions, choose blocks of one name.
    "paths do not depend on what others choose": (
        "", "4", "stage (width = 4) { repeat 1..2 { branch add { sep_conv(3) | relu } { sep_conv(3 | 5) | tanh } } }"
    ),
    # One decision in two places has one row, whatever edge reads through it.
    "a declared decision on edges of a set": (
        "cell f(a, b) { node n[2] { from pick 2 of earlier; op one of [shared_op, conv_bn(shared_k)]; merge add }; "
        "out last(n) }", "4", "stage (width = 4) { f }",
    ),
    "a motif on edges of a set": (
        "motif m(x) { node n[2] { from one of earlier; op one of [conv_bn(1 | 3), relu] }; out last(n) }\n"
        "cell f(a, b) { node n { from pick 1..2 of [a, b]; op one of [m, max_pool(3)]; merge add }; out n }",
        "4", "stage (width = 4) { f; f }",
    ),
    # What lies beyond the length of an array is read by nobody.
    "an array of open length that others read": (
        "cell f(x) { node n[1..3] { from prev; op one of [conv_bn(1), relu] }; "
        "node o { from all of [x, *n]; op one of [conv_bn(3), identity]; merge mean }; out o }",
        "4", "stage (width = 4) { f }",
    ),
    "what is unused through operations": (
        "cell f(a, b) { node n[2] { from some of earlier; op one of [conv_bn(1), none]; merge add; absorb a }; "
        "out concat(unused) }", "4", "stage (width = 4) { f }",
    ),
    # A merge joins as many values as in the child, and weighs those that are there.
    "a merge with a weight for each value": (
        "cell f(a, b) { node n { from a, one of [a, b]; op one of [conv_bn(1), none, identity]; merge fuse }; "
        "node m { from all of earlier; op one of [relu, none]; merge weighted_mean }; out m }",
        "4", "stage (width = 4) { f }",
    ),
    # The batch norm behind a pool stands with the pool's own number.
    "pools whose size is decided": (
        "cell f(x) { node n { from x; op one of [max_pool(3 | 5), conv_bn(1)] }; out n }",
        "4", "stage (width = 4) { f }",
    ),
    # Values of several widths, and of several sizes, at one place.
    "widths of several stages": (
        "", "4 | 8", "stage (width = 4 | 8) { sep_conv(3 | 5) | relu }; "
        "stage (width = 4 | 8) { conv_bn(1) }",
    ),
    "sizes of several cells": (
        "cell f(a, b) { node n { from pick 1..2 of [a, b]; op one of [sep_conv(3), conv_bn(1)]; merge add }; out n }\n"
        "cell g = f(stride = 2)", "4", "stage (width = 4) { f | g; f | g }",
    ),
    "images of one pixel at several levels": (
        "cell f(a, b) { node n[2] { from pick 2 of earlier; op one of [max_pool(3), conv_bn(1)]; merge add }; "
        "out last(n) }\ncell g = f(stride = 2)", "4", "stage (width = 4) { repeat 2..4 { g }; repeat 1..2 { g } }",
    ),
    # A shortcut adds its input once, whatever sum its body is.
    "shortcuts in shortcuts": (
        "block b { shortcut { shortcut { conv_bn(1) | max_pool(3) } }; shortcut { shortcut { relu } } }",
        "4", "stage (width = 4) { b }",
    ),
    # Of a node that reads nothing, what it absorbs is merged as the node says.
    "absorbed values alone": (
        "cell f(a, b) { node n { from some of [a, b]; op one of [conv_bn(1), relu]; merge mean; absorb unused }; "
        "node m { from all of unused; merge max }; out m }", "4", "stage (width = 4) { f }",
    ),
    "an operation of one alternative on edges of a set": (
        "cell f(a, b) { node n { from one of [a, b], one of [a, b]; op one of [conv_bn(1 | 3)]; merge mean }; out n }",
        "4", "stage (width = 4) { f }",
    ),
    # What is decided and reaches no output has rows all the same.
    "decisions without effect": (
        "cell f(x) { node n[1..2] { from prev; op one of [conv_bn(1 | 3), relu] }; "
        "node o { from x; op conv_bn(1 | 3) }; out o }", "4", "stage (width = 4) { f }",
    ),
    # A node that is never there has a place in a concat of what is unused, as wide as the node is.
    "nodes that are never there": (
        "cell f(a, b) { node n[3] { from one of last 2 of earlier; op one of [none] }; "
        "node m { from pick 0..1 of [a]; op one of [conv_bn(1), relu]; merge max; width 2 | 4; then conv_bn(1) }; "
        "out concat(unused) }", "4", "stage (width = 4) { f; conv(1) }",
    ),
    # In a concat an absent value keeps its place.
    "an absent value in a concat": (
        "cell f(x) { node n[2] { from prev; op some of [conv_bn(1), relu]; merge add }; out concat(n) }",
        "4", "stage (width = 4) { f }",
    ),
}  # fmt: skip


def of(name: str) -> SearchSpace:
    graphs, stem, stages = TEXTS[name]
    return nasdsl.loads(f"{HEAD}{graphs}\n{NET.replace('STEM', stem).replace('STAGES', stages)}")


@pytest.mark.parametrize("form", ["plain", "darts", "pc_darts", "half"])
@pytest.mark.parametrize("name", TEXTS)
def test_it_holds_where_it_once_did_not(name: str, form: str) -> None:
    net = supernet(of(name), FORMS[form])
    genotypes = alive(net, Random(4), 6)
    assert genotypes
    for genotype in genotypes:
        assert max(gaps(net, genotype)) < CLOSE, genotype.text()


def test_one_hot_weights_of_every_decision_turn_back() -> None:
    """Also of those that reach no output."""
    for name in TEXTS:
        space = of(name)
        rows = opened(space).rows
        for rank in (0, space.size // 2, space.size - 1):
            chosen = space[rank]
            assert discretise.genotype(space, rows, one_hot(space, rows, chosen), valid=False) == chosen, name


def test_a_declared_decision_has_one_row() -> None:
    rows = opened(of("a declared decision on edges of a set")).rows
    assert [row.name for row in rows if row.path in ("shared_op", "shared_k")] == ["shared_op", "shared_k"]


def test_what_no_genotype_reads_together_is_refused_by_name() -> None:
    """`x` or a strided node is read, never both, but a mixture would have to hold both."""
    text = (
        f"{HEAD}cell f(a, b) {{ node n {{ from pick 0..1 of [a, b]; merge mean }}; out n }}\n"
        "net n { input image(3, 8); stem conv_bn(3, width = 4); stem max_pool(3, stride = 2)\n"
        "stage (width = 4) { f }; head classifier(3) }\n"
    )
    space = nasdsl.loads(text.replace("cell f(a, b) {", "cell f(a, b) { align edges needed native(conv_bn(1));"))
    network(space[1])
    with pytest.raises(NasdslError) as refusal:
        Supernet(opened(space))
    assert refusal.value.diagnostics[0].code == "E0902"
    assert "`f.n.from`" in refusal.value.diagnostics[0].message


def test_absorbed_values_that_do_not_fit_are_the_mistake_that_they_are() -> None:
    """What a node absorbs has no name in the text, so the message names none."""
    text = """use vision (conv_bn, classifier)
cell f(a, b) {
  align ports always conv_bn(1)
  node n { from some of [a, b]; op one of [conv_bn(1), conv_bn(3)]; merge concat; absorb some of [a, b]; width free }
  out concat(n)
}
cell g = f(stride = 2)
net s { input image(3, 10); stem conv_bn(3, width = 4); stage (width = 4) { conv_bn(3); g }; head classifier(3) }
"""
    with pytest.raises(NasdslError) as refusal:
        opened(nasdsl.loads(text))
    [problem] = refusal.value.diagnostics
    assert (problem.code, problem.message) == ("E0402", "inputs of a merge have different resolutions")
    assert problem.label == "`n` receives 5x5 and 10x10"
