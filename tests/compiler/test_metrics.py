"""Metrics: equal to those of the network, to published ones, to what running holds, and to what a hand adds up."""

from __future__ import annotations

import json
from collections import Counter
from math import prod
from pathlib import Path
from random import Random

import pytest
import torch
from torch import Tensor

from nasdsl import (
    Binding,
    Genotype,
    NasdslError,
    SearchSpace,
    load,
    loads,
    metrics,
    network,
    shipped,
)
from nasdsl.compiler.network import Network
from nasdsl.ops import registry
from nasdsl.ops.primitive import code
from nasdsl.ops.registry import get

TESTS = Path(__file__).parent.parent
DRAFTS = sorted(path.stem for path in (TESTS / "spaces").glob("*.nas"))
SHIPPED = sorted(shipped())
PUBLISHED = json.loads((TESTS / "published" / "nasbench201.json").read_text(encoding="utf-8"))


@pytest.fixture(autouse=True)
def _plugin(monkeypatch: pytest.MonkeyPatch) -> None:
    """The operations of the drafts, for one test."""
    monkeypatch.syspath_prepend(TESTS / "spaces")
    monkeypatch.setattr(registry, "_added", dict(registry._added))
    monkeypatch.setattr(registry, "_measures", dict(registry._measures))


def space_of(name: str) -> SearchSpace:
    return load(name) if name in SHIPPED else load(TESTS / "spaces" / f"{name}.nas", ops=["operations"])


def drawn(name: str, count: int) -> list[Genotype]:
    """Genotypes with a network, dead ones among them."""
    space, rng, found = space_of(name), Random(0), []
    for genotype in (space[rng.randrange(space.size)] for _ in range(count)):
        try:
            network(genotype)
        except NasdslError:
            continue  # of `large_scale_evolution` few fit
        found.append(genotype)
    return found


def numel(net: Network, position: int) -> int:
    shape = net.ops[position].shape
    assert shape is not None
    return shape.width * prod(shape.size)


def held_most(net: Network) -> int:
    """The peak as a simulation: all that is held, operation by operation, in the network that drawings show."""
    live = sorted(net.live)
    alias = {p: net.ops[p].inputs[0] for p in live if net.ops[p].name == "identity"}

    def value(position: int) -> int:
        while position in alias:
            position = alias[position]
        return position

    reads = {p: {value(q) for q in net.ops[p].inputs} for p in live if p not in alias}
    ends = {value(p) for _, p in net.outputs}
    held: set[int] = set()
    most = 0
    order = list(reads)
    for i, position in enumerate(order):
        held.add(position)
        most = max(most, sum(numel(net, p) for p in held))
        wanted = ends.union(*(reads[later] for later in order[i + 1 :]))
        held &= wanted
    return most


def deepest(net: Network) -> int:
    far: dict[int, int] = {}
    for p in sorted(net.live):
        far[p] = max((far[q] for q in net.ops[p].inputs), default=0) + (net.ops[p].macs > 0)
    return max((far[p] for _, p in net.outputs), default=0)


@pytest.mark.parametrize("name", [*SHIPPED, *DRAFTS])
def test_all_numbers_are_those_of_the_network(name: str) -> None:
    for genotype in drawn(name, 4):
        net, found = network(genotype), metrics(genotype)
        assert (found.params, found.macs, found.depth) == (net.params, net.macs, deepest(net))
        assert found.peak_memory == 4 * found.peak_activations
        if not net.feedback:
            assert found.peak_activations == held_most(net)
        everything = genotype.metrics(with_dead=True)
        assert (everything.params, everything.macs) >= (found.params, found.macs)
        assert everything.edges == found.edges
        if not net.dead:
            assert everything.depth == found.depth


def test_bound_to_data() -> None:
    genotype = load("darts", net="search").point("darts_v2")
    binding = Binding(1, (14, 14), 10)
    net = network(genotype, binding)
    found = metrics(genotype, binding)
    assert (found.params, found.macs, found.peak_activations) == (net.params, net.macs, held_most(net))
    assert found != genotype.metrics()


# ---- published ----


def published(genotype: Genotype) -> tuple[int, int]:
    """Parameters and multiply-adds of an architecture of NAS-Bench-201, from the operations on its edges."""
    uses = Counter(genotype.assignment.values())  # 2 and 3 are the numbers of the convolutions
    base, small, large = PUBLISHED["base"], PUBLISHED["nor_conv_1x1"], PUBLISHED["nor_conv_3x3"]
    params, macs = (base[key] + uses[2] * small[key] + uses[3] * large[key] for key in ("params", "macs"))
    return params, macs


def test_published_costs_count_dead_operations() -> None:
    space, rng = space_of("nasbench201"), Random(1)
    for _ in range(500):
        genotype = space[rng.randrange(space.size)]
        found = genotype.metrics(with_dead=True)
        assert (found.params, found.macs) == published(genotype)


@pytest.mark.prove
def test_published_costs_of_all() -> None:
    space = space_of("nasbench201")
    assert space.size == int(PUBLISHED["size"])
    params = []
    for rank in range(space.size):
        genotype = space[rank]
        found = genotype.metrics(with_dead=True)
        assert (found.params, found.macs) == published(genotype)
        params.append(found.params)
    assert sum(params) == PUBLISHED["sum_params"]
    assert (min(params), max(params)) == (PUBLISHED["least"], PUBLISHED["most"])
    assert len(set(params)) == PUBLISHED["distinct_params"]


# ---- by hand ----

HEAD = "use vision (identity, none, conv, relu, batch_norm, max_pool, conv_bn, conv_bn_relu, residual, classifier)\n"


def only(text: str) -> Genotype:
    space = loads(HEAD + text)
    assert space.size == 1
    return space[0]


def net(steps: str) -> Genotype:
    return only(f"net n {{ input image(2, 4, 4); {steps} }}")


def cell(body: str) -> Genotype:
    """A cell of 3 channels on an image of 4x4: 48 numbers a value, and 32 of the input."""
    cell = f"cell c(x) {{ {body} }}\n"
    return only(f"{cell}net n {{ input image(2, 4, 4); stem conv(1, width = 3); stage (width = 3) {{ c }} }}")


PEAKS = {
    # The input and what the convolution delivers.
    "a convolution": (net("stem conv(1, width = 3)"), 32 + 48),
    # The second reads 48 and delivers 80; the input is gone.
    "a chain": (net("stem conv(1, width = 3); stem conv(1, width = 5)"), 48 + 80),
    "an identity": (net("stem identity; stem conv(1, width = 3); stem identity"), 32 + 48),
    # `x`, `a`, and the operation being run; then x is gone, and the sum stands beside its terms.
    "two readers": (cell("node a { from x, x; op conv(1), conv(3); merge add }; out a"), 3 * 48),
    # x is read again by b, so three values are held while `conv(3)` of a runs, and x, a and what b adds behind that.
    "a late reader": (cell("node a { from x; op conv(1) }; node b { from a; op conv(3) }; "
                           "node c { from b, x; op conv(1), conv(1); merge add }; out c"), 3 * 48),
    "a concat": (cell("node a { from x, x, x; op conv(1), conv(3), max_pool(3); merge concat; width free }; "
                      "node b { from a; op conv(1) }; out b"), 3 * 48 + 144),
    "what nobody reads": (cell("node a { from x; op conv(1) }; node d { from x; op conv(3) }; out a"), 2 * 48),
    # Inside the block: conv, batch norm, relu, each with what it reads.
    "a block": (net("stem conv_bn_relu(3, width = 3)"), 48 + 48),
    # x waits for the shortcut while its relu is read by the convolution, which delivers 4 x 2 x 2.
    "a residual block": (net("stem conv(1, width = 3); stage (width = 4) { residual(stride = 2) }"), 2 * 48 + 16),
}  # fmt: skip


@pytest.mark.parametrize("what", PEAKS)
def test_the_peak_is_what_a_hand_adds_up(what: str) -> None:
    genotype, peak = PEAKS[what]
    assert genotype.metrics().peak_activations == peak


def test_what_is_dead_is_run_with_dead() -> None:
    genotype = cell(
        "node a { from x; op conv(1) }; node z { from x; op none }; node d { from z; op conv(3) }; "
        "node s { from a, d; merge add }; node e { from s; op conv(1) }; out s"
    )
    live, everything = genotype.metrics(), genotype.metrics(with_dead=True)
    stem, small, large = 2 * 3, 3 * 3, 9 * 3 * 3
    assert live.params == stem + small
    # `d` reads zeros and is run; `e` is read by nobody.
    assert everything.params == stem + small + large + small
    assert (live.depth, everything.depth) == (2, 2)
    # x and a; with the zeros: a, d and their sum.
    assert (live.peak_activations, everything.peak_activations) == (2 * 48, 3 * 48)


def test_second_heads_and_what_was_not_taken_are_no_part() -> None:
    text = """
        cell c(x) { node n[1..3] { from prev; op one of [conv(1), conv(3)] }; out last(n) }
        net n {
          input image(2, 4, 4)
          stem  conv(1, width = 3)
          stage (width = 3) { repeat 0..2 { conv(1) } }
          tap aux classifier(5)
          stage (width = 3) { c }
        }
    """
    genotype = loads(HEAD + text)[0]
    assert genotype.metrics(with_dead=True) == genotype.metrics()
    assert genotype.metrics().params == 2 * 3 + 3 * 3


def test_a_dead_network_costs_nothing_but_its_input() -> None:
    genotype = cell("node a { from x; op none }; node b { from a; op conv(3) }; out b")
    found = genotype.metrics()
    assert (found.params, found.macs, found.depth, found.edges, found.peak_activations) == (0, 0, 0, 1, 32)
    assert genotype.metrics(with_dead=True).params == 2 * 3 + 9 * 3 * 3


def test_the_depth_of_resnet_20_is_20() -> None:
    text = """
        block basic { shortcut { conv_bn_relu(3); conv_bn(3) }; relu }
        net resnet20 {
          input image(3, 32, 32)
          stem  conv_bn_relu(3, width = 16)
          stage (width = 16)             { repeat 3 { basic } }
          stage (width = 32, stride = 2) { repeat 3 { basic } }
          stage (width = 64, stride = 2) { repeat 3 { basic } }
          head  classifier(10)
        }
    """
    assert only(text).metrics().depth == 20


def test_edges_are_those_of_require() -> None:
    for name, rank in (("nasbench101", 10**6), ("hierarchical", 7**40), ("darts", 12345)):
        space = space_of(name)
        found = space[rank].metrics().edges
        text = (
            TESTS / "spaces" / f"{name}.nas" if name in DRAFTS else TESTS.parent / "spaces" / f"{name}.nas"
        ).read_text()
        for bound, holds in ((found, True), (found - 1, False)):
            narrowed = loads(f"{text}\nrequire edges <= {bound}", ops=["operations"] if name in DRAFTS else [])
            said = [f for f in [narrowed.fault(narrowed[rank])] if f is not None and f"edges <= {bound}" in f.rule]
            assert (not said) is holds


def test_a_loop_holds_what_it_reads_and_collects() -> None:
    genotype = only(
        "cell rnn(x, state h) { node a { from x, h; merge add }; out a }\n"
        "net n { input sequence(3, 5); stage (width = 3) { rnn } }"
    )
    # The sequence of 15 numbers and as many collected; an element, the state and their sum.
    assert genotype.metrics().peak_activations == 15 + 15 + 3 * 3


# ---- operations that run ----


def held(network: Network, x: Tensor) -> int:
    """The most numbers held while the operations run one by one, each value let go of after its last reader."""
    live = sorted(network.live)
    left = Counter(source for i in live for source in network.ops[i].inputs)
    left.update(position for _, position in network.outputs)
    values: dict[int, Tensor] = {}
    most = 0
    for i in live:
        op = network.ops[i]
        shapes = tuple(network.ops[source].shape for source in op.inputs)
        built = get(op.name).build
        read = [values[source] for source in op.inputs]
        values[i] = code(built(shapes, op.shape, dict(op.args))).run(*read) if op.inputs else x  # type: ignore[arg-type, misc]
        most = max(most, sum({id(v): v.numel() for v in values.values()}.values()))
        left.subtract(op.inputs)
        for source in op.inputs:
            if not left[source]:
                values.pop(source, None)
    return most


@pytest.mark.parametrize(
    "name", ["a convolution", "a chain", "an identity", "two readers", "a late reader", "a concat", "a block",
             "a residual block"],
)  # fmt: skip
def test_the_peak_is_what_running_holds(name: str) -> None:
    genotype = PEAKS[name][0]
    with torch.no_grad():
        assert genotype.metrics().peak_activations == held(network(genotype), torch.zeros(1, 2, 4, 4))


def test_the_peak_of_darts_is_what_running_it_holds() -> None:
    space, rng = load("darts", {"C": 4, "N": 1}), Random(2)
    for _ in range(3):
        genotype = space[rng.randrange(space.size)]
        with torch.no_grad():
            assert genotype.metrics().peak_activations == held(network(genotype), torch.zeros(1, 3, 32, 32))
