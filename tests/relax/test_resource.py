"""What an architecture costs, as a term of a loss: against finite differences, and in what it refuses."""

from __future__ import annotations

import math
import shlex
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path
from random import Random

import pytest
import torch
from click.testing import CliRunner
from torch import Tensor

import nasdsl
from nasdsl import NasdslError
from nasdsl.cli import program
from nasdsl.compiler.frame import Binding
from nasdsl.compiler.gate import ONE
from nasdsl.compiler.network import Network
from nasdsl.compiler.onehot import one_hot
from nasdsl.compiler.openlower import OpenNetwork, opened
from nasdsl.compiler.searchform import DARTS, SearchForm
from nasdsl.relax.operation import different
from nasdsl.relax.resource import FORMS, MEASURES, Form, Measure, Resource, costs, evaluation, parse
from nasdsl.relax.table import Entry, LatencyTable, Machine, command, read
from nasdsl.space.genotype import Genotype
from nasdsl.space.narrowing import Narrowing

from .table import FIXED, Space
from .written import Writing

HERE = Machine(processor="Z80", device="cpu", threads=1, batch=1, torch="2.6.0")
CELL = """use vision (conv_bn, classifier)
net small {
  input image(3, 8, 8)
  stem conv_bn(3, width = 4)
  stage (width = 8) { conv_bn(3 | 5) }
  head classifier(10)
}
"""


NETS = """use vision (conv_bn, sep_conv, identity, max_pool, classifier)
cell c(prev2, prev1) {
  align ports always conv_bn(1)
  node n[2] { from pick 2 of earlier; op one of [identity, conv_bn(3), sep_conv(5)]; merge add }
  out concat(n)
}
net cells {
  input image(3, 8, 8)
  stem conv_bn(3, width = 4)
  stage (width = 4) { repeat 2 { c } }
  head classifier(10)
}
net depths {
  input image(3, 8, 8)
  stem conv_bn(3, width = 4)
  stage (width = 8) { repeat 1..3 { conv_bn(3 | 5) } }
  head classifier(10)
}
"""
PARTIAL = SearchForm(affine="outside", pool_norm=True, partial=4, edges=True)


@dataclass
class Supernet:
    """A supernet, as far as it is costed."""

    open: OpenNetwork


def supernet(net: str = "cells", form: SearchForm = DARTS) -> Supernet:
    return Supernet(opened(nasdsl.loads(NETS, net=net), None, form))


def parameters(of: OpenNetwork) -> dict[str, Tensor]:
    """Architecture parameters at random."""
    drawn = torch.Generator().manual_seed(3)
    return {t.name: torch.randn(t.shape, generator=drawn, dtype=torch.float64, requires_grad=True) for t in of.tables}


def mixed(alphas: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {name: torch.softmax(alpha, 1) for name, alpha in alphas.items()}


def filled(networks: Iterable[Network]) -> LatencyTable:
    table = LatencyTable(machine=HERE)
    for i, operation in enumerate(different(networks), start=1):
        table.entries[operation.key] = Entry(ms=float(i), low=i - 0.5, high=i + 0.5, repeats=3)
    return table


def resource(measure: Measure, of: OpenNetwork, share: float | None, form: Form = "log") -> Resource:
    """A resource whose target is a share of everything."""
    table = filled([evaluation(of).network]) if measure == "latency" else None
    free = Resource(measure, None, 0.7, form).on(table)
    return replace(free, target=None if share is None else share * free.of(of).most)


# ---- the term ----


@pytest.mark.parametrize("net", ["cells", "depths"])
@pytest.mark.parametrize("share", [0.6, 0.05, None])
@pytest.mark.parametrize(("measure", "form"), [*product(["macs"], FORMS), ("params", "log"), ("latency", "log")])
def test_the_gradient_is_that_of_finite_differences(
    measure: Measure, form: Form, share: float | None, net: str
) -> None:
    network = supernet(net)
    wanted = resource(measure, network.open, share, form)
    alphas = parameters(network.open)

    def term(*values: Tensor) -> Tensor:
        return wanted.term(network, mixed(dict(zip(alphas, values, strict=True))))

    assert torch.autograd.gradcheck(term, tuple(alphas.values()))


def test_the_values_of_the_forms() -> None:
    network = supernet()
    weights = mixed(parameters(network.open))
    expected = Resource("macs").expected(network, weights)
    for target in (expected / 4, expected * 4):
        log = math.log(expected / target)
        told = {f: Resource("macs", target, 0.7, f).term(network, weights).item() for f in FORMS}
        assert told == pytest.approx(
            {"log": 0.7 * abs(log), "hinge": 0.7 * max(log, 0), "ratio": 0.7 * expected / target}
        )


@pytest.mark.parametrize("form", FORMS)
def test_the_unit_plays_no_part(form: Form) -> None:
    network = supernet()
    weights = mixed(parameters(network.open))
    made = resource("latency", network.open, 0.3, form)
    assert made.table is not None
    assert made.target is not None
    entries = {key: entry.model_copy(update={"ms": entry.ms / 1000}) for key, entry in made.table.entries.items()}
    seconds = replace(made, target=made.target / 1000).on(made.table.model_copy(update={"entries": entries}))
    assert torch.allclose(seconds.term(network, weights), made.term(network, weights), rtol=1e-12)


@pytest.mark.parametrize("factor", [0.8, 1.15])
def test_descent_meets_the_target_from_both_sides(factor: float) -> None:
    network = supernet()
    alphas = parameters(network.open)
    target = factor * Resource("macs").expected(network, mixed(alphas))
    wanted = Resource("macs", target)
    optimiser = torch.optim.SGD(alphas.values(), lr=0.1)
    for _ in range(150):
        optimiser.zero_grad()
        torch.autograd.backward(wanted.term(network, mixed(alphas)))
        optimiser.step()
    assert wanted.expected(network, mixed(alphas)) == pytest.approx(target, rel=0.02)


def test_without_a_target_the_cost_only_falls() -> None:
    network = supernet()
    alphas = list(parameters(network.open).values())
    names = [table.name for table in network.open.tables]
    weights = mixed(dict(zip(names, alphas, strict=True)))
    of_term = torch.autograd.grad(Resource("macs").term(network, weights), alphas, retain_graph=True)
    of_cost = torch.autograd.grad(Resource("macs").of(network.open).expected(weights), alphas)
    for term, cost in zip(of_term, of_cost, strict=True):
        assert torch.nn.functional.cosine_similarity(term.flatten(), cost.flatten(), 0).item() == pytest.approx(1)


@pytest.mark.parametrize("form", FORMS)
def test_nothing_at_all_has_a_finite_term_and_gradient(form: Form) -> None:
    """A space of which everything may be left out has an expected cost of 0."""
    network = supernet()
    costs_of = Resource("macs", 5.0, 1.0, form)
    own = costs_of.of(network.open)
    own.by_gate = {gate: cost for gate, cost in own.by_gate.items() if gate != ONE}
    weights = {t.name: torch.zeros(t.shape, requires_grad=True) for t in network.open.tables}
    term = costs_of.term(network, weights)
    torch.autograd.backward(term)
    assert torch.isfinite(term)
    assert all(w.grad is None or bool(torch.isfinite(w.grad).all()) for w in weights.values())


def test_float32_is_near_float64_for_large_counts() -> None:
    network = Supernet(opened(nasdsl.load("spos")))
    wanted = resource("macs", network.open, 0.3, "ratio")
    weights = mixed(parameters(network.open))
    narrow = {name: weight.float() for name, weight in weights.items()}
    assert wanted.term(network, narrow).item() == pytest.approx(wanted.term(network, weights).item(), rel=1e-5)


# ---- with one-hot weights ----


def beside(network: Supernet, genotype: Genotype) -> None:
    """The expected costs beside those of the genotype as it is built, with what is dead and without second heads."""
    space = genotype.space
    chosen = one_hot(space, network.open.rows, genotype)
    weights = {table: torch.tensor(rows, dtype=torch.float64) for table, rows in chosen.items()}
    built = nasdsl.network(genotype)
    heads = built.with_taps.live - built.live
    for measure in ("params", "macs"):
        total = sum(getattr(op, measure) for i, op in enumerate(built.ops) if i not in heads)
        found = Resource(measure).expected(network, weights)
        assert found == pytest.approx(total, rel=1e-12 if weights else 1e-6, abs=1e-6), genotype.text()


@pytest.mark.parametrize("name", [name for name in nasdsl.shipped() if name not in ("nasbench101", *FIXED)])
def test_one_hot_weights_cost_what_the_genotype_does(name: str) -> None:
    """Also where nodes read nothing, edges are `none` and values have channels that are absent."""
    space, rng = Space(name).space, Random(0)
    network = Supernet(opened(space, None, PARTIAL if name == "darts" else DARTS))
    for _ in range(2):
        beside(network, space.sample(rng))


@pytest.mark.parametrize("name", ["nasbench201", "hierarchical", "nasnet"])
def test_nothing_costs_more_than_all_candidates(name: str) -> None:
    """Whatever the weights add up to: those of a sigmoid each are 1 together."""
    network = Supernet(opened(Space(name).space, None, DARTS))
    weights = {table.name: torch.ones(table.shape, dtype=torch.float64) for table in network.open.tables}
    for measure in ("params", "macs"):
        wanted = Resource(measure)
        assert 0 < wanted.expected(network, weights) <= wanted.of(network.open).most * (1 + 1e-12)


def test_one_hot_weights_cost_what_genotypes_of_random_spaces_do() -> None:
    count = 0
    for seed in range(40):
        try:
            space = nasdsl.loads(Writing(seed).text())
            network = Supernet(opened(space))
            genotypes = [space[Random(number).randrange(space.size)] for number in range(5)]
            for genotype in genotypes:
                nasdsl.network(genotype)
        except NasdslError:
            continue
        for genotype in genotypes:
            beside(network, genotype)
            count += 1
    assert count > 60


def test_a_method_that_goes_on_with_another_supernet_is_costed_by_that() -> None:
    wanted = Resource("macs")
    for net in ("cells", "depths", "cells"):
        network = supernet(net)
        weights = mixed(parameters(network.open))
        assert wanted.expected(network, weights) == Resource("macs").expected(network, weights)


# ---- costs ----


@pytest.mark.parametrize("measure", ["params", "macs"])
def test_costs_of_operations_add_up_to_those_of_the_network(measure: Measure) -> None:
    network = nasdsl.network(nasdsl.loads(CELL)[0])
    assert sum(costs(network, measure)) == getattr(network, measure)


def test_latencies_come_from_the_table() -> None:
    network = nasdsl.network(nasdsl.loads(CELL)[0])
    table = filled([network])
    found = costs(network, "latency", table)
    assert len(found) == len(network.ops)
    assert found[0] == 0  # the image is given, not made
    assert sorted(set(found[1:])) == sorted(entry.ms for entry in table.entries.values())


def refusal(run: Callable[[], object]) -> tuple[str, str, tuple[str, ...]]:
    with pytest.raises(NasdslError) as caught:
        run()
    [problem] = caught.value.diagnostics
    return problem.code, "\n".join((problem.message, *problem.notes)), problem.helps


def test_operations_that_were_not_measured_are_named_and_never_zero() -> None:
    space = nasdsl.loads(CELL)
    table = filled([nasdsl.network(space[0])])
    wanted = Resource("latency", 3.0).on(table, "nasdsl latency small.nas -o t.json")
    code, said, helps = refusal(lambda: wanted.check(opened(space)))
    assert code == "E0933"
    assert said == "1 operation is not in the table of latencies\nconv(k=5) 4x8x8 -> 8x8x8"
    assert helps == ("nasdsl latency small.nas -o t.json",)
    nothing = Resource("latency").on(LatencyTable(machine=HERE), "measure")
    lines = refusal(lambda: nothing.check(opened(space)))[1].splitlines()
    lacking = len(different([opened(space).network]))
    assert lines[0] == f"{lacking} operations are not in the table of latencies"
    assert lines[-1] == f"and {lacking - 5} more"


def test_the_command_that_is_named_measures_what_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("my net.nas").write_text("param W = 4\n" + CELL.replace("width = 8", "width = W"), encoding="utf-8")
    whole = nasdsl.load("my net.nas", {"W": 6})
    space = Narrowing(restrict=(f"{whole.decisions[0].path} = 5 | 3",)).of(whole)
    # A limit is one on the net's own input, whatever the images of the search are.
    words = shlex.split(command("my net.nas", space, None, "new table.json"))
    assert words[:1] == ["nasdsl"]
    done = CliRunner().invoke(program, [*words[1:], "--repeats", "1"])
    assert done.exit_code == 0, done.output
    Resource("latency").on(read(Path("new table.json"))).check(opened(space, Binding(1, (9, 9), 4)))


def test_a_latency_needs_a_table() -> None:
    assert refusal(lambda: Resource("latency", 3.0).check(supernet().open))[0] == "E0935"


@pytest.mark.parametrize("measure", ["params", "macs"])
def test_what_nothing_costs_cannot_be_limited(measure: Measure) -> None:
    bare = "use vision (max_pool)\ncell f(x) { node n { from x; op one of [max_pool(3), max_pool(5)] }; out n }\n"
    assert refusal(lambda: Resource(measure).check(opened(nasdsl.loads(bare))))[0] == "E0936"


def test_a_target_beyond_everything_is_refused() -> None:
    network = supernet().open
    code, said, helps = refusal(lambda: parse("macs=300M").check(network))
    assert code == "E0937"
    assert said.startswith("the target is 300M multiply-adds, and all there is together has ")
    parse(helps[0].split("--target ")[1]).check(network)


# ---- the text of a target ----


@pytest.mark.parametrize(
    ("text", "measure", "target"),
    [
        ("macs=300M", "macs", 3e8),
        ("macs = 0.3G", "macs", 3e8),
        ("macs=3e8", "macs", 3e8),
        ("macs=300000k", "macs", 3e8),
        ("macs=300000K", "macs", 3e8),
        ("params=3.3M", "params", 3.3e6),
        ("params=.5M", "params", 5e5),
        ("latency=12ms", "latency", 12),
        ("latency=12 ms", "latency", 12),
        ("latency=12000us", "latency", 12),
        ("latency=12000µs", "latency", 12),
        ("latency=0.012s", "latency", 12),
        ("latency", "latency", None),
    ],
)
def test_targets_that_are_read(text: str, measure: Measure, target: float | None) -> None:
    made = parse(text, 2.0, "ratio")
    assert (made.measure, made.strength, made.form) == (measure, 2.0, "ratio")
    assert made.target == (pytest.approx(target, rel=1e-12) if target is not None else None)


@pytest.mark.parametrize(
    ("text", "said", "help_"),
    [
        (
            "flops=300M",
            "`flops` is no measure\npapers that count FLOPs mostly mean multiply-adds",
            "--target macs=300M",
        ),
        ("FLOPs", "`FLOPs` is no measure\npapers that count FLOPs mostly mean multiply-adds", "--target macs"),
        ("parameters=3M", "`parameters` is no measure\nparams, macs and latency are", "--target params=3M"),
        ("latancy=3ms", "`latancy` is no measure\nparams, macs and latency are", "did you mean `latency`?"),
        ("energy=3", "`energy` is no measure\nparams, macs and latency are", "--target macs=300M"),
        ("=300M", "a target is a measure and an amount", "--target macs=300M"),
        ("macs=", "`` is no amount of macs\nunits are k, M, G, T", "--target macs=300M"),
        ("macs=lots", "`lots` is no amount of macs\nunits are k, M, G, T", "--target macs=300M"),
        ("macs=-3M", "`-3M` is no amount of macs\nunits are k, M, G, T", "--target macs=300M"),
        ("macs=300MM", "`MM` is no unit of macs\nunits are k, M, G, T", "--target macs=300M"),
        ("macs=12ms", "`ms` is no unit of macs\nunits are k, M, G, T\nit is one of latency", "--target macs=300M"),
        ("params=0", "a target of params is above 0, and this is `0`", "--target params=3.3M"),
        ("params=1e999", "a target of params is above 0, and this is `1e999`", "--target params=3.3M"),
        ("latency=12", "`12` has no unit\nunits are us, ms, s", "--target latency=12ms"),
        ("latency=3M", "`M` is no unit of latency\nunits are us, ms, s\nit is one of macs", "--target latency=12ms"),
    ],
)
def test_targets_that_are_refused(text: str, said: str, help_: str) -> None:
    assert refusal(lambda: parse(text)) == ("E0932", said, (help_,))


def test_a_hinge_has_a_target() -> None:
    assert refusal(lambda: parse("macs", form="hinge"))[0] == "E0932"


@pytest.mark.parametrize("measure", MEASURES)
@pytest.mark.parametrize("amount", [0.0123, 7.0, 999.6, 12_300.0, 3.3e6, 3e8, 1.5e12])
def test_an_amount_that_is_shown_can_be_typed(measure: Measure, amount: float) -> None:
    shown = Resource(measure).shown(amount).removesuffix(" parameters").removesuffix(" multiply-adds")
    assert parse(f"{measure}={shown}").target == pytest.approx(amount, rel=6e-3)
