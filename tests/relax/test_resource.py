"""What an architecture costs, as a term of a loss: against finite differences, and in what it refuses."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random

import pytest
import torch
from torch import Tensor

import nasdsl
from nasdsl import NasdslError
from nasdsl.compiler.network import Network
from nasdsl.relax.operation import different
from nasdsl.relax.resource import FORMS, MEASURES, Form, Measure, Resource, costs, parse
from nasdsl.relax.table import Entry, LatencyTable, Machine, command

HERE = Machine(processor="Z80", device="cpu", threads=1, batch=1, torch="2.6.0")
CELL = """use vision (conv_bn, classifier)
net small {
  input image(3, 8, 8)
  stem conv_bn(3, width = 4)
  stage (width = 8) { conv_bn(3 | 5) }
  head classifier(10)
}
"""


@dataclass
class Gated:
    """A supernet whose operations are there as often as products of weights say, as gates of the compiler do."""

    gates: tuple[tuple[tuple[int, int], ...], ...]

    def cost(self, weights: Mapping[str, Tensor], each: Tensor) -> Tensor:
        (table,) = weights.values()
        there = [
            torch.stack([table[row, column] for row, column in gate]).prod() if gate else table.new_ones(())
            for gate in self.gates
        ]
        return (torch.stack(there) * each).sum()


SUPERNET = Gated(((), ((0, 0),), ((0, 1),), ((0, 1), (1, 0)), ((1, 2),), ()))
COSTS = (300.0, 0.0, 20_000.0, 7_000.0, 65_000.0, 4.0)


def resource(form: Form = "log", target: float | None = 40_000.0, measure: Measure = "macs") -> Resource:
    return Resource(measure, target, 0.7, form, COSTS)


def parameters() -> Tensor:
    return torch.randn(2, 3, generator=torch.Generator().manual_seed(3), dtype=torch.float64, requires_grad=True)


def of(text: str) -> Network:
    return nasdsl.network(nasdsl.loads(text)[0])


@dataclass
class Opened:
    network: Network


# ---- the term ----


@pytest.mark.parametrize("target", [40_000.0, 10_000.0, None])
@pytest.mark.parametrize("form", FORMS)
def test_the_gradient_is_that_of_finite_differences(form: Form, target: float | None) -> None:
    wanted = resource(form, target)
    assert torch.autograd.gradcheck(lambda a: wanted.term(SUPERNET, {"t": torch.softmax(a, 1)}), (parameters(),))


def test_one_hot_weights_cost_what_is_there() -> None:
    chosen = torch.zeros(2, 3, dtype=torch.float64)
    chosen[0, 1] = chosen[1, 0] = 1
    assert resource().expected(SUPERNET, {"t": chosen}) == pytest.approx(300 + 20_000 + 7_000 + 4, rel=1e-15)


def test_the_values_of_the_forms() -> None:
    weights = {"t": torch.softmax(parameters(), 1)}
    expected = resource().expected(SUPERNET, weights)
    log = torch.log(torch.tensor(expected / 40_000)).item()
    assert log < 0
    assert resource("log").term(SUPERNET, weights).item() == pytest.approx(-0.7 * log)
    assert resource("hinge").term(SUPERNET, weights).item() == 0
    assert resource("hinge", 10_000).term(SUPERNET, weights).item() == pytest.approx(
        0.7 * (log + 1.3862943611), rel=1e-6
    )
    assert resource("ratio").term(SUPERNET, weights).item() == pytest.approx(0.7 * expected / 40_000)


@pytest.mark.parametrize("form", FORMS)
def test_the_unit_plays_no_part(form: Form) -> None:
    weights = {"t": torch.softmax(parameters(), 1)}
    thousandths = replace(resource(form), target=40.0, costs=tuple(cost / 1000 for cost in COSTS))
    assert torch.allclose(thousandths.term(SUPERNET, weights), resource(form).term(SUPERNET, weights), rtol=1e-12)


@pytest.mark.parametrize("target", [15_000.0, 60_000.0])
def test_descent_meets_the_target_from_both_sides(target: float) -> None:
    alpha = parameters().detach().requires_grad_()
    optimiser = torch.optim.SGD([alpha], lr=0.05)
    for _ in range(400):
        optimiser.zero_grad()
        torch.autograd.backward(resource("log", target).term(SUPERNET, {"t": torch.softmax(alpha, 1)}))
        optimiser.step()
    assert resource().expected(SUPERNET, {"t": torch.softmax(alpha, 1)}) == pytest.approx(target, rel=0.05)


def test_without_a_target_the_cost_only_falls() -> None:
    alpha = parameters()
    (up,) = torch.autograd.grad(resource("log", None).term(SUPERNET, {"t": torch.softmax(alpha, 1)}), alpha)
    (cost,) = torch.autograd.grad(
        SUPERNET.cost({"t": torch.softmax(alpha, 1)}, torch.tensor(COSTS, dtype=torch.float64)), alpha
    )
    assert torch.nn.functional.cosine_similarity(up.flatten(), cost.flatten(), 0).item() == pytest.approx(1)


@pytest.mark.parametrize("form", FORMS)
def test_nothing_at_all_has_a_finite_term_and_gradient(form: Form) -> None:
    nowhere = Gated((((0, 0),),))
    weights = torch.zeros(1, 1, requires_grad=True)
    term = Resource("macs", 5.0, 1.0, form, (9.0,)).term(nowhere, {"t": weights})
    torch.autograd.backward(term)
    assert torch.isfinite(term)
    assert torch.isfinite(weights.grad).all()


def test_float32_is_near_float64_for_large_counts() -> None:
    each = tuple(float(n) for n in range(10**8, 10**8 + 2_000))
    wide = Gated(((),) * len(each))
    for dtype in (torch.float32, torch.float64):
        told = Resource("macs", 1e11, 1.0, "ratio", each).term(wide, {"t": torch.zeros(1, 1, dtype=dtype)})
        assert told.item() == pytest.approx(sum(each) / 1e11, rel=1e-6)


# ---- costs ----


@pytest.mark.parametrize("measure", ["params", "macs"])
def test_costs_of_operations_add_up_to_those_of_the_network(measure: Measure) -> None:
    network = of(CELL)
    assert sum(costs(Opened(network), measure)) == getattr(network, measure)


def filled(networks: list[Network]) -> LatencyTable:
    table = LatencyTable(machine=HERE)
    for i, operation in enumerate(different(networks), start=1):
        table.entries[operation.key] = Entry(ms=float(i), low=i - 0.5, high=i + 0.5, repeats=3)
    return table


def test_latencies_come_from_the_table() -> None:
    network = of(CELL)
    table = filled([network])
    found = costs(Opened(network), "latency", table)
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
    other = Opened(nasdsl.network(space[1]))
    code, said, helps = refusal(lambda: Resource("latency", 3.0).on(other, table, "nasdsl latency small.nas -o t.json"))
    assert code == "E0933"
    assert said == "1 operation is not in the table of latencies\nconv(k=5) 4x8x8 -> 8x8x8"
    assert helps == ("nasdsl latency small.nas -o t.json",)
    code, said, _ = refusal(lambda: costs(other, "latency", LatencyTable(machine=HERE), "measure"))
    assert code == "E0933"
    assert said.splitlines()[0] == f"{len(different([other.network]))} operations are not in the table of latencies"
    assert said.splitlines()[-1] == f"and {len(different([other.network])) - 5} more"


def test_the_command_that_is_named_measures_what_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from click.testing import CliRunner

    from nasdsl.cli import program
    from nasdsl.compiler.frame import Binding
    from nasdsl.relax.table import read

    monkeypatch.chdir(tmp_path)
    Path("my net.nas").write_text("param W = 4\n" + CELL.replace("width = 8", "width = W"), encoding="utf-8")
    space = nasdsl.load("my net.nas", {"W": 6})
    binding = Binding(1, (9, 9), 4)
    words = shlex.split(command("my net.nas", space, binding, "new table.json"))
    assert words[:1] == ["nasdsl"]
    assert CliRunner().invoke(program, [*words[1:], "--repeats", "1"]).exit_code == 0
    network = nasdsl.network(space.sample(Random(0)), binding)
    assert min(costs(Opened(network), "latency", read(Path("new table.json")))[1:]) > 0


def test_a_latency_needs_a_table() -> None:
    assert refusal(lambda: Resource("latency", 3.0).on(Opened(of(CELL))))[0] == "E0935"


@pytest.mark.parametrize("measure", ["params", "macs"])
def test_what_nothing_costs_cannot_be_limited(measure: Measure) -> None:
    bare = "use vision (max_pool)\ncell f(x) { node n { from x; op one of [max_pool(3), max_pool(5)] }; out n }\n"
    assert refusal(lambda: Resource(measure).on(Opened(of(bare))))[0] == "E0936"


def test_a_target_beyond_everything_is_refused() -> None:
    network = of(CELL)
    code, said, helps = refusal(lambda: parse("macs=300M").on(Opened(network)))
    assert code == "E0937"
    assert said.startswith("the target is 300M multiply-adds, and all there is together has ")
    lower = parse(helps[0].split("--target ")[1])
    assert lower.on(Opened(network)).costs == tuple(costs(Opened(network), "macs"))


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
