"""The least and the most that networks cost: met by a genotype where they are called exact, never passed by any."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random

import pytest

from nasdsl import NasdslError, SearchSpace, load, loads, metrics, network, shipped, space_range
from nasdsl.compiler import extremes
from nasdsl.compiler.bounds import Cost, UnboundedError, bounds
from nasdsl.compiler.extremes import Range
from nasdsl.ops import registry
from nasdsl.space import model

TESTS = Path(__file__).parent.parent
USE = "use vision (identity, none, conv, sep_conv, dil_conv, max_pool, conv_bn, relu_conv_bn, residual, classifier)\n"
NET = "net n { input image(3, 8, 8); stem conv_bn(3, width = 4); stage (width = 4) { f }; head classifier(2) }\n"
WINDOW = """
net n {
  input image(3, 8, 8)
  stem  conv_bn(3, width = 4)
  stage (width = 4) { repeat 2 { f } }
  stage (width = 8) { r; f }
  head  classifier(2)
}
"""
COSTS: tuple[Cost, ...] = ("params", "macs")

# At most a few thousand genotypes each.
SMALL = {
    "picked": "cell f(a) { node n[2] { from pick 1 of earlier; op one of [conv(1), conv(3), max_pool(3)]; merge add }; "
    "out concat(n) }\n" + NET.replace("{ f }", "{ f; conv(1) }"),
    "two ports": "cell f(a, b) { align ports always relu_conv_bn(1)\nnode n[2] { from pick 2 of earlier; "
    "op one of [identity, sep_conv(3), max_pool(3)]; merge add }; out concat(n) }\ncell r = f(stride = 2)\n" + WINDOW,
    "a port that may be left out": "cell f(a, b) { align ports always relu_conv_bn(1)\nnode n[2] { "
    "from pick 1 of earlier; op one of [identity, sep_conv(3)] }; out concat(n) }\ncell r = f(stride = 2)\n" + WINDOW,
    "none": "cell f(a) { node n[2] { from all of earlier; op one of [none, identity, conv(1), conv(3)]; merge add }; "
    "out last(n) }\n" + NET,
    "none of two ports": "cell f(a, b) { align ports always relu_conv_bn(1)\nnode n[1] { from all of earlier; "
    "op one of [none, identity, conv(3)]; merge add }; out concat(n) }\ncell r = fresh f(stride = 2)\n" + WINDOW,
    "motifs": "motif m[2](x) { node n[2] { from all of earlier; op one of [none, identity, conv(3)]; merge add }; "
    "out last(n) }\ncell f(a) { node o { from a; op one of [*m, conv(1)] }; out o }\n" + NET,
    "a concat with a step behind": "cell f(a) { node n[2] { from all of earlier; op one of [none, conv(1), conv(3)]; "
    "merge concat; then conv(1) }; out last(n) }\n" + NET,
    "gates": "cell f(a) { node n[2] { from some of earlier; op conv(3); merge add }; out concat(n) }\n"
    + NET.replace("{ f }", "{ f; conv(1) }"),
    "parallel": "cell f(a) { node n { from a; op some of [conv(1), conv(3), sep_conv(3)]; merge add }; out n }\n" + NET,
    "unused": "cell f(a) { node n[3] { from pick 1 of earlier; op one of [conv(1), conv(3)] }; "
    "out add(unused(n)) }\n" + NET,
    "an array of open length": "cell f(a) { node n[1..3] { from prev; op one of [conv(1), conv(3)] }; "
    "out last(n) }\n" + NET,
    "a chain": "net n { input image(3, 8, 8); stem conv_bn(3, width = 4)\n"
    "stage (width = one of [4, 8, 12]) { repeat 1..3 { conv(1) | conv(3) } }\nhead classifier(2) }\n",
    "depth at a stride": "net n { input image(3, 8, 8); stem conv_bn(3, width = 4)\n"
    "stage (width = 8, stride = 2) { residual; repeat 0..2 { sep_conv(3) | sep_conv(5) } }\nhead classifier(2) }\n",
    "an image of open size": "net n { input image(3, one of [8, 16]); stem conv_bn(3, width = 4)\n"
    "stage (width = 8) { conv(1) | conv(3) }\nhead classifier(2) }\n",
    "shared": "cell f(a) { let k = 1 | 3\nnode n[2] { from earlier; op conv(k); merge add }; out last(n) }\n"
    + NET.replace("{ f }", "{ f; f }"),
    "add or concat": "cell f(a, b) { align ports always relu_conv_bn(1)\nalign edges needed relu_conv_bn(1)\n"
    "node n[2] { from pick 2 of earlier with repeats; op one of [identity]; merge add | concat; width free }; "
    "out concat(unused(n)) }\ncell r = f(stride = 2)\n" + WINDOW,
    "loose ends": "cell f(a, b) { align ports always relu_conv_bn(1)\nnode n[2] { from pick 2 of earlier with repeats; "
    "op one of [identity, conv(3)]; merge add }; out concat(unused) }\ncell r = f(stride = 2)\n" + WINDOW,
    "a constraint": "cell f(a) { node n[2] { from all of earlier; op one of [none, conv(1), conv(3)]; merge add }; "
    "out last(n); require edges == 2 }\n" + NET + "require params >= 300\n",
}  # fmt: skip


def small(name: str) -> SearchSpace:
    return loads(USE + SMALL[name])


def judged(space: SearchSpace, cost: Cost) -> list[int]:
    """The costs of all valid genotypes, each from its network."""
    return [getattr(network(g), cost) for g in map(space.__getitem__, range(space.size)) if space.valid(g)]


def proved(space: SearchSpace, cost: Cost, found: Range) -> None:
    """A genotype has what is called exact, and a bound is beyond what was found."""
    for end, sign in ((found.low, -1), (found.high, 1)):
        assert space.valid(end.genotype)
        assert getattr(network(end.genotype), cost) == end.reached
        assert end.reached == end.value if end.kind != "bound" else sign * end.reached < sign * end.value


@pytest.mark.parametrize("cost", COSTS)
@pytest.mark.parametrize("name", SMALL)
def test_small_spaces_are_exact(name: str, cost: Cost) -> None:
    space = small(name)
    assert space.size <= 5_000
    costs = judged(space, cost)
    found = space_range(space, cost)
    assert found.exact
    assert (found.low.value, found.high.value) == (min(costs), max(costs))
    proved(space, cost, found)


@pytest.mark.parametrize("cost", COSTS)
@pytest.mark.parametrize("name", SMALL)
def test_without_looking_through_them_nothing_lies_beyond(
    name: str, cost: Cost, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(extremes, "MOST_ENUMERATED", 0)
    space = small(name)
    costs, found = judged(space, cost), space_range(space, cost)
    proved(space, cost, found)
    ends = ((found.low, min(costs), -1), (found.high, max(costs), 1))
    for end, true, sign in ends:
        if end.kind == "exact":
            assert end.value == true
        elif end.kind == "bound":
            assert sign * end.value >= sign * true


def test_what_is_exact_without_looking_through_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that bounds do not become idle unseen: these are met."""
    monkeypatch.setattr(extremes, "MOST_ENUMERATED", 0)
    exact = {name for name in SMALL if all(space_range(small(name), cost).exact for cost in COSTS)}
    assert exact >= {
        "picked", "two ports", "none", "motifs", "a concat with a step behind", "parallel", "unused",
        "a chain", "depth at a stride", "an image of open size", "shared",
    }  # fmt: skip


@pytest.mark.parametrize("name", ["darts", "hierarchical"])
@pytest.mark.parametrize("cost", COSTS)
def test_the_extremes_of_large_spaces_are_met(name: str, cost: Cost) -> None:
    space = load(name)
    found = space_range(space, cost)
    assert found.exact
    proved(space, cost, found)


def test_every_network_of_nasfpn_has_at_most_the_parameters_of_any() -> None:
    found = space_range(load("nasfpn"), "params")
    assert (found.low.kind, found.high.kind) == ("bound", "exact")
    assert found.low.value < found.low.reached == found.high.value


def test_the_parameters_of_darts_added_up() -> None:
    """C = 36 and 20 cells: every operation without parameters at the one end, every one `sep_conv(5)` at the other."""
    space = load("darts")
    found = space_range(space, "params")
    for op, end in (("max_pool(3)", found.low), ("sep_conv(5)", found.high)):
        only = space.restrict("normal.op", op).restrict("reduce.op", op)
        assert only[0].metrics().params == end.value


def test_the_published_range_of_nasbench201() -> None:
    published = json.loads((TESTS / "published" / "nasbench201.json").read_text(encoding="utf-8"))
    space = load("nasbench201")
    found = space_range(space, "params")
    assert found.exact
    assert (found.low.value, found.high.value) == (published["least"], published["most"])


SHIPPED = sorted(shipped())
# No net, a state, values of any shape, a concat of any number of values.
UNBOUNDED = {"darts_rnn", "densenas", "large_scale_evolution", "nasbench101", "nasfpn_fixed", "nasrl"}


@pytest.mark.parametrize("name", [*SHIPPED, *sorted(path.stem for path in (TESTS / "spaces").glob("*.nas"))])
def test_no_genotype_passes_the_bounds(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    # The operations of the drafts, for this test.
    monkeypatch.syspath_prepend(TESTS / "spaces")
    monkeypatch.setattr(registry, "_added", dict(registry._added))
    monkeypatch.setattr(registry, "_measures", dict(registry._measures))
    where = name if name in SHIPPED else TESTS / "spaces" / f"{name}.nas"
    space, rng = load(where, ops=["operations"]), Random(5)
    if name in UNBOUNDED:
        with pytest.raises(UnboundedError):
            bounds(space, "params")
        return
    ends = {cost: bounds(space, cost) for cost in COSTS}
    for genotype in (space[rng.randrange(space.size)] for _ in range(10)):
        if not network(genotype).dead:
            found = metrics(genotype)
            for cost, (low, high) in ends.items():
                assert low <= getattr(found, cost) <= high


def test_a_space_without_a_valid_genotype(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model, "TRIES", 100)
    space = loads(USE + SMALL["none"] + "require params >= 1M\n")
    with pytest.raises(NasdslError) as raised:
        space_range(space, "params")
    assert raised.value.diagnostics[0].code == "E0501"


def test_only_costs_have_ranges() -> None:
    with pytest.raises(ValueError, match="params"):
        space_range(load("darts"), "depth")  # type: ignore[arg-type]


def test_progress_counts_up() -> None:
    seen: list[int] = []
    space_range(small("motifs"), "params", seen.append)
    assert seen == list(range(1, len(seen) + 1))
