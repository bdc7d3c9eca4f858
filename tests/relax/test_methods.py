"""Each method is what it says: tests that would fail if it were DARTS in disguise."""

from __future__ import annotations

import io
import math
from collections import Counter
from collections.abc import Callable, Iterable
from types import SimpleNamespace
from typing import Any

import pytest
import torch

from nasdsl.diagnostics import NasdslError
from nasdsl.relax import mixing
from nasdsl.relax.method import Losses, Method, known
from nasdsl.relax.methods import METHODS
from nasdsl.relax.search import Search

Made = Callable[..., Search]
Batches = Callable[..., tuple[torch.Tensor, torch.Tensor]]

WITHOUT_A_SPACE = [name for name in METHODS if name not in ("spos", "enas")]


def made(name: str, **settings: Any) -> Any:
    return METHODS[name](METHODS[name].Settings(**settings))


def begun(name: str, search: Search, **settings: Any) -> Any:
    method = made(name, **settings)
    method.begin(search)
    return method


def values(search: Search) -> dict[str, torch.Tensor]:
    return {name: alpha.detach().clone() for name, alpha in search.architecture.items()}


def changed(before: dict[str, torch.Tensor], search: Search) -> bool:
    return any(not torch.equal(before[name], alpha) for name, alpha in search.architecture.items())


def same(some: Iterable[torch.Tensor], others: Iterable[torch.Tensor]) -> bool:
    return all(torch.equal(a, b) for a, b in zip(some, others, strict=True))


class Calls:
    """What ran in each forward pass."""

    def __init__(self, search: Search) -> None:
        self.each: list[Counter[str]] = []
        search.supernet.register_forward_hook(lambda toy, *_: self.each.append(Counter(toy.calls)))

    def rows(self, at: int) -> Counter[str]:
        """How many candidates each row ran in a pass."""
        return Counter(call.rsplit(".", 1)[0] for call in self.each[at])


def test_every_method_of_the_list_is_there() -> None:
    assert list(METHODS) == [
        "darts", "snas", "gdas", "pc-darts", "p-darts", "darts+", "fair-darts", "gold-nas", "nasp", "amended",
        "merge-nas", "proxyless", "drnas", "spos", "fairnas", "enas", "one-shot",
    ]  # fmt: skip
    for name, kind in METHODS.items():
        assert kind.name == name
        assert kind.summary
        assert "," in kind.paper


def test_an_unknown_method_is_named() -> None:
    with pytest.raises(NasdslError) as raised:
        known("pcdarts", METHODS)
    (diagnostic,) = raised.value.diagnostics
    assert diagnostic.code == "E0906"
    assert diagnostic.helps == ("did you mean `pc-darts`?",)


# What each kind of row is relaxed by.
REFUSALS = {
    "order": {"gdas", "p-darts", "fair-darts", "gold-nas", "nasp", "proxyless", "drnas", "fairnas", "one-shot"},
    "depth": {"fair-darts", "gold-nas", "fairnas"},
    "edge": {"fairnas"},
    "source": {"fairnas"},
    "gate": {"fairnas"},
    "choice": set(),
}


@pytest.mark.parametrize("kind", REFUSALS)
def test_a_decision_that_a_method_cannot_relax_is_named_with_the_methods_that_can(
    kind: str, search: Made, table: SimpleNamespace
) -> None:
    rows = table.choices("levels", 4, ("one", "two", "three", "four"), kind)
    for name in METHODS:
        opened = search(rows).supernet.open
        if name not in REFUSALS[kind]:
            made(name).check(opened)
            continue
        with pytest.raises(NasdslError) as raised:
            made(name).check(opened)
        first, *_ = raised.value.diagnostics
        assert len(raised.value.diagnostics) == 4  # one of each path
        assert (first.code, first.message) == ("E0901", f"`{name}` cannot relax `levels[0]`")
        assert first.notes[0]
        able = [other for other in METHODS if other not in REFUSALS[kind]]
        assert first.helps[-1] == f"able are {', '.join(able)}"


@pytest.mark.parametrize("name", WITHOUT_A_SPACE)
def test_a_search_goes_on_exactly_from_its_state(name: str, search: Made, images: Batches, units: Any) -> None:
    """Five epochs of two steps, and the same with everything written out and read after the third."""
    tables = (search().supernet.tables[0],) if name != "fairnas" else None

    def fresh() -> tuple[Search, Any]:
        at = search(*(tables or _choices()), epochs=6, resource=units)
        return at, begun(name, at)

    def epoch(at: Search, method: Any, number: int) -> None:
        at.begin_epoch(number)
        method.begin_epoch(at, number)
        for step in range(2):
            done = method.step(at, images(10 * number + step), images(500 + 10 * number + step))
            assert math.isfinite(done.train)

    whole, method = fresh()
    for number in range(3):
        epoch(whole, method, number)
    buffer = io.BytesIO()
    torch.save({"search": whole.state_dict(), "method": method.state_dict()}, buffer)
    for number in range(3, 6):
        epoch(whole, method, number)

    buffer.seek(0)
    state = torch.load(buffer, weights_only=True)
    resumed, method = fresh()
    method.load_state_dict(state["method"])
    resumed.load_state_dict(state["search"])
    for number in range(3, 6):
        epoch(resumed, method, number)
    assert all(
        torch.equal(a, b) for a, b in zip(whole.supernet.parameters(), resumed.supernet.parameters(), strict=True)
    )
    assert not changed(values(whole), resumed)


def _choices() -> tuple[Any, ...]:
    from nasdsl.compiler.tables import Row, Table

    def rows(name: str, count: int, columns: tuple[str, ...]) -> Table:
        return Table(name, tuple(Row("choice", f"{name}[{i}]", "", columns, name, i) for i in range(count)))

    return rows("wide", 3, ("conv(1)", "conv(3)", "conv(5)", "identity")), rows("narrow", 2, ("conv(1)", "conv(3)"))


# ---- DARTS and what differs from it in the gradient


@pytest.mark.parametrize("name", ["darts", "snas", "fair-darts", "merge-nas", "pc-darts", "p-darts"])
def test_the_gradient_of_the_architecture_is_that_of_finite_differences(
    name: str, search: Made, images: Batches
) -> None:
    """Through mixing, supernet and loss, with the draws repeated."""
    at = search(edges=name == "pc-darts", scale=0.5, epoch=3)
    method = begun(name, at, **({"rest": 0} if name == "pc-darts" else {}))
    state = at.generator.get_state()

    def loss() -> torch.Tensor:
        at.generator.set_state(state)
        return method.objective(at, images(1))

    found = torch.autograd.grad(loss(), method.alphas, allow_unused=True)
    for alpha, gradient in zip(method.alphas, found, strict=True):
        for place in range(0, alpha.numel(), 7):
            flat = alpha.data.view(-1)
            before, losses = flat[place].item(), []
            for step in (1e-6, -1e-6):
                flat[place] = before + step
                losses.append(loss().item())
            flat[place] = before
            expected = (losses[0] - losses[1]) / 2e-6
            actual = gradient.view(-1)[place].item() if gradient is not None else 0.0
            assert actual == pytest.approx(expected, abs=1e-8)


def test_the_second_order_gradient_is_the_exact_one(search: Made, images: Batches) -> None:
    """Against automatic differentiation through the step, momentum and decay included."""
    at = search(scale=0.5)
    method = begun("darts", at, order=2)
    made("darts").begin(at)
    for step in range(2):  # so that there is momentum
        at.weight_step(method.inner(at, images(20 + step)))
    train, held = images(1), images(2)
    exact = exact_second_order(at, method, train, held)
    first, _ = begun("darts", at).gradient(at, train, held)
    before = [p.detach().clone() for p in (*at.supernet.parameters(), *at.supernet.buffers())]
    found, loss = method.gradient(at, train, held)
    assert all(
        torch.equal(a, b) for a, b in zip(before, (*at.supernet.parameters(), *at.supernet.buffers()), strict=True)
    )
    assert math.isfinite(loss)
    assert torch.allclose(found[0], exact, rtol=1e-3, atol=1e-7)
    assert not torch.allclose(found[0], first[0], rtol=1e-2, atol=1e-6)


def exact_second_order(at: Search, method: Any, train: Any, held: Any) -> torch.Tensor:
    (alpha,) = method.alphas
    names = [name for name, _ in at.supernet.named_parameters()]
    places = list(at.supernet.parameters())
    group = at.optimiser.param_groups[0]
    slope = torch.autograd.grad(method.inner(at, train), places, create_graph=True)
    moved = {}
    for name, parameter, gradient in zip(names, places, slope, strict=True):
        momentum = group["momentum"] * at.optimiser.state[parameter]["momentum_buffer"]
        moved[name] = parameter - group["lr"] * (momentum + gradient + group["weight_decay"] * parameter)
    logits = torch.func.functional_call(at.supernet, moved, (held[0], method.mixed(at)))
    return torch.autograd.grad(torch.nn.functional.cross_entropy(logits, held[1]), alpha)[0]


def test_the_amended_term_is_the_exact_product(search: Made, images: Batches) -> None:
    """- eta * d2L/(da dw) * H * dL_held/dw, by differentiating twice, and not DARTS's term without H."""
    at = search(scale=0.5)
    method = begun("amended", at, eta=0.1)
    (alpha,) = method.alphas
    train, held = images(1), images(2)
    places = list(at.supernet.parameters())
    held_loss = method.objective(at, held)
    direct, *vector = torch.autograd.grad(held_loss, [alpha, *places])
    slope = torch.autograd.grad(method.inner(at, train), places, create_graph=True)
    curved = torch.autograd.grad(slope, places, vector, retain_graph=True)
    (second,) = torch.autograd.grad(slope, alpha, curved)
    before = [p.detach().clone() for p in places]
    found, loss = method.gradient(at, train, held)
    assert same(before, places)
    assert loss == held_loss.item()
    assert torch.allclose(found[0], direct - 0.1 * second, rtol=1e-3, atol=1e-6)
    assert (0.1 * second).norm() > 1e-2 * direct.norm()


def test_the_architecture_learns_from_held_out_images_alone_and_weights_from_the_others(
    search: Made, images: Batches
) -> None:
    """What the architecture does in a first step is the same whatever the training images; weights see no held ones."""
    steps: dict[tuple[int, int], Search] = {}
    for train, held in ((1, 2), (3, 2), (1, 4)):
        at = search()
        begun("darts", at).step(at, images(train), images(held))
        steps[train, held] = at
    assert not changed(values(steps[1, 2]), steps[3, 2])
    assert changed(values(steps[1, 2]), steps[1, 4])


def test_one_level_methods_train_the_architecture_by_the_training_images(
    search: Made, images: Batches, units: Any
) -> None:
    for name in ("snas", "gold-nas"):
        assert METHODS[name].one_level
        after = []
        for train, held in ((1, 2), (1, 4), (3, 2)):
            at = search(resource=units)
            before = values(at)
            done = begun(name, at).step(at, images(train), images(held))
            assert done.held is None
            assert changed(before, at)
            after.append(at)
        assert not changed(values(after[0]), after[1])
        assert changed(values(after[0]), after[2])


# ---- PC-DARTS, P-DARTS, DARTS+


def test_the_architecture_of_pc_darts_rests_for_15_epochs(search: Made, images: Batches) -> None:
    at = search(edges=True)
    method = begun("pc-darts", at)
    assert (method.form.partial, method.form.edges) == (4, True)
    for epoch in range(17):
        at.begin_epoch(epoch)
        before, done = values(at), method.step(at, images(epoch), images(100 + epoch))
        assert changed(before, at) == (epoch >= 15)
        assert (done.held is None) == (epoch < 15)
    assert not torch.equal(before["normal"], at.architecture["normal"])


def test_a_short_search_rests_for_the_same_share() -> None:
    settings = made("pc-darts").settings
    assert [settings.resting(epoch, 10) for epoch in range(4)] == [True, True, True, False]
    assert not settings.resting(0, 1)
    assert [settings.resting(epoch, 100) for epoch in (14, 15)] == [True, False]


def test_p_darts_goes_from_8_to_5_to_3(search: Made, images: Batches) -> None:
    at = search(epochs=6)
    method = begun("p-darts", at)
    seen = []
    for epoch in range(6):
        at.begin_epoch(epoch)
        strongest = method.weights(at)["normal"].topk(5, 1).indices
        method.begin_epoch(at, epoch)
        weights = method.weights(at)["normal"]
        seen.append(set((weights > 0).sum(1).tolist()))
        if epoch == 2:
            assert torch.equal((weights > 0).nonzero()[:, 1].view(-1, 5), strongest.sort(1).values)
        method.step(at, images(epoch), images(100 + epoch))
        assert sum(at.supernet.calls.values()) <= sum((weights[:, 1:] > 0).sum(1).tolist())
    assert seen == [{8}, {8}, {5}, {5}, {3}, {3}]


def test_p_darts_drops_skips_less_and_less_within_a_stage(search: Made) -> None:
    at = search(epochs=75)
    method = begun("p-darts", at)
    skip = mixing.skips(at.supernet.tables[0])
    method.drop(at, 0)

    def share(epoch: int) -> float:
        at.epoch = epoch
        found = [method.mixed(at)["normal"] for _ in range(300)]
        assert all((weights[~skip] > 0).all() for weights in found)
        return torch.stack([(weights[skip] == 0).double().mean() for weights in found]).mean().item()

    assert share(0) == 0  # the first stage has none
    assert share(50) == pytest.approx(0.7 * 24 / 25, abs=0.05)
    assert share(60) == pytest.approx(0.7, abs=0.05)
    assert share(65) == pytest.approx(0.7 * math.exp(-1), abs=0.05)
    assert [method.params(epoch, 75) for epoch in (0, 74)] == [{}, {}]


def test_p_darts_asks_for_deeper_supernets() -> None:
    method = made("p-darts", stages="N = 1; N = 3; N = 5", keep="8, 5, 3")
    assert [method.params(epoch, 75)["N"] for epoch in (0, 24, 25, 49, 50, 74)] == [1, 1, 3, 3, 5, 5]


# ---- draws


def test_gdas_runs_one_candidate_an_edge(search: Made, images: Batches) -> None:
    at = search(scale=2.0)
    method = begun("gdas", at)
    calls = Calls(at)
    before = values(at)
    method.step(at, images(1), images(2))
    assert len(calls.each) == 2
    assert all(set(calls.rows(n).values()) == {1} for n in (0, 1))
    assert calls.each[0] != calls.each[1]  # drawn anew for the weights
    assert changed(before, at)


def test_gdas_reaches_parameters_of_candidates_that_did_not_run(search: Made, images: Batches) -> None:
    at = search()
    method = begun("gdas", at)
    (gradient,), _ = method.gradient(at, images(1), images(2))
    rows = gradient[gradient.abs().sum(1) > 0]
    assert len(rows)
    assert (rows != 0).all()


def test_temperatures_fall(search: Made) -> None:
    at = search(epochs=50)
    for name, hot, cold, halfway in (("snas", 1.0, 0.03, math.sqrt(0.03)), ("gdas", 10.0, 0.1, 5.05)):
        method = begun(name, at)
        found = []
        for at.epoch in (0, 24.5, 49):  # type: ignore[assignment]
            found.append(method.temperature(at))
        assert found == pytest.approx([hot, halfway, cold])


def test_snas_mixes_by_concrete_samples(search: Made) -> None:
    at = search(epochs=50)
    method = begun("snas", at)
    first, second = method.mixed(at)["normal"], method.mixed(at)["normal"]
    assert not torch.equal(first, second)
    at.epoch = 49
    assert method.mixed(at)["normal"].max(1).values.mean() > 0.95 > first.max(1).values.mean()
    assert torch.equal(method.weights(at)["normal"], at.architecture["normal"].softmax(1))


def test_drnas_mixes_by_dirichlet_samples(search: Made) -> None:
    at = search()
    method = begun("drnas", at)
    with torch.no_grad():
        at.architecture["normal"][:, 1] = 7.0
    samples = torch.stack([method.mixed(at)["normal"].detach() for _ in range(2000)])
    assert torch.allclose(samples.sum(-1), torch.ones(samples.shape[:2], dtype=torch.float64))
    # Concentrations are 8 and seven times 1: the mean is 8/15, the variance that of a beta distribution.
    assert samples[..., 1].mean().item() == pytest.approx(8 / 15, abs=0.01)
    assert samples[..., 1].var().item() == pytest.approx(8 * 7 / 15**2 / 16, rel=0.1)
    assert method.weights(at)["normal"][0, 1].item() == pytest.approx(8 / 15, abs=1e-3)


# ---- gates


def test_gates_of_fair_darts_do_not_compete(search: Made) -> None:
    at = search(scale=0.0)
    method = begun("fair-darts", at)
    before = method.weights(at)["normal"]
    with torch.no_grad():
        at.architecture["normal"][0, 3] = 4.0
    after = method.weights(at)["normal"]
    assert (before[0, 1:] == 0.5).all()
    assert (after[0, 1:] == 0.5).sum() == 6
    assert after[0, 3] > 0.98


def test_the_zero_one_loss_drives_gates_apart(search: Made, images: Batches) -> None:
    """Minus the mean squared distance from one half, times 10, on top of the cross entropy."""
    at = search(scale=1.0)
    method = begun("fair-darts", at)
    x, labels = images(1)
    weights = method.mixed(at)
    gates = at.architecture["normal"][:, 1:].sigmoid()
    expected = at.loss(at.forward(x, weights), labels) - 10 * ((gates - 0.5) ** 2).mean()
    assert method.objective(at, (x, labels)).item() == pytest.approx(expected.item())
    free = made("fair-darts", zero_one=0.0)
    free.begin(at)
    both = [torch.autograd.grad(m.objective(at, (x, labels)), m.alphas)[0] for m in (method, free)]
    drive = (both[0] - both[1])[:, 1:]
    assert torch.equal(drive < 0, gates > 0.5)  # descending makes what is above one half larger


def test_gold_nas_needs_a_resource(search: Made) -> None:
    with pytest.raises(NasdslError) as raised:
        made("gold-nas").begin(search())
    assert raised.value.diagnostics[0].code == "E0907"


def test_gold_nas_prunes_the_lowest_gates_for_good(search: Made, images: Batches, units: Any) -> None:
    at = search(resource=units)
    method = begun("gold-nas", at, pace=2, first=0.25)
    low, lowest = math.log(0.04 / 0.96), math.log(0.005 / 0.995)
    with torch.no_grad():
        alpha = at.architecture["normal"]
        alpha[0, 1], alpha[0, 2], alpha[1, 1] = low, low - 0.1, low - 0.05
        alpha[2, 1:4] = lowest
    assert method.prune(at) == 3  # the two of the pace are among those below the least
    assert (~method.kept["normal"]).nonzero().tolist() == [[2, 1], [2, 2], [2, 3]]
    assert method.prune(at) == 2
    assert method.prune(at) == 1
    assert method.prune(at) == 0
    assert (method.weights(at)["normal"] == 0).nonzero().tolist() == [[0, 1], [0, 2], [1, 1], [2, 1], [2, 2], [2, 3]]
    method.step(at, images(1), images(2))
    assert sum(at.supernet.calls.values()) == 5 * 7 - 6


def test_a_choice_of_gold_nas_keeps_its_best_gate(search: Made, table: SimpleNamespace, units: Any) -> None:
    at = search(table.choices("choice", 2), resource=units)
    method = begun("gold-nas", at, pace=100)
    with torch.no_grad():
        at.architecture["choice"].fill_(-20.0)
        at.architecture["choice"][1, 2] += 1
    method.prune(at)
    assert method.kept["choice"].nonzero().tolist() == [[0, 0], [1, 2]]


def test_the_penalty_of_gold_nas_grows_faster_while_nothing_is_pruned(search: Made, units: Any) -> None:
    at = search(resource=units)
    method = begun("gold-nas", at, first=1.0, growth=2.0, pace=1)
    found = [method.weight]
    for epoch in range(4):
        method.begin_epoch(at, epoch)
        found.append(method.weight)
    assert found == [1, 1, 3, 7, 15]
    with torch.no_grad():
        at.architecture["normal"][0, 1] = -10
    method.begin_epoch(at, 4)
    assert method.weight == 16
    weights = method.mixed(at)
    term = units.term(at.supernet, weights).item()
    assert method.penalty(at, weights).item() == pytest.approx(16 * term)


# ---- NASP, ProxylessNAS


def test_nasp_runs_the_best_candidate_of_an_edge_and_stays_in_the_box(search: Made, images: Batches) -> None:
    at = search()
    method = begun("nasp", at, lr=1.0)
    assert at.architecture["normal"][:, 1:].mean().item() == pytest.approx(0.5, abs=1e-2)
    assert at.architecture["normal"][:, 0].mean().item() == pytest.approx(0.4, abs=1e-2)
    calls = Calls(at)
    best = at.architecture["normal"].argmax(1)
    method.step(at, images(1), images(2))
    rows = at.supernet.tables[0].rows
    assert set(calls.each[0]) == {f"normal.{row.index}.{row.columns[best[row.index]]}" for row in rows}
    assert all(max(calls.rows(n).values()) == 1 for n in (0, 1))
    alpha = at.architecture["normal"].detach()
    assert 0 <= alpha.min() <= alpha.max() <= 1
    assert ((alpha == 0) | (alpha == 1)).any()  # so large a step ends at the box


def test_proxyless_touches_two_paths(search: Made, images: Batches, table: SimpleNamespace) -> None:
    at = search(table.choices("choice", 3), scale=1.0)
    method = begun("proxyless", at, lr=0.1)
    calls = Calls(at)
    before = at.architecture["choice"].detach().clone()
    method.step(at, images(1), images(2))
    after = at.architecture["choice"].detach()
    assert set(calls.rows(0).values()) == {2}  # the architecture
    assert set(calls.rows(1).values()) == {1}  # the weights
    pair = method.paths.drawn["choice"]
    assert pair.sum(1).tolist() == [2, 2, 2]
    assert torch.equal(before[~pair], after[~pair])
    assert (before[pair] != after[pair]).all()
    assert torch.allclose(before.softmax(1)[~pair], after.softmax(1)[~pair], rtol=1e-12)
    one, other = (after - before)[pair].view(3, 2).T
    assert (one * other < 0).all()  # what one gains, the other loses


def test_the_gradient_of_proxyless_is_that_of_its_two_gates(
    search: Made, images: Batches, table: SimpleNamespace
) -> None:
    """Equation 4 of the paper, row by row and path by path."""
    at = search(table.choices("choice", 2), scale=1.0)
    method = begun("proxyless", at)
    (found,), _ = method.gradient(at, images(1), images(2))
    gates = method.paths.gates["choice"].detach().requires_grad_()
    logits = at.forward(images(2)[0], {"choice": gates}, method.paths.drawn)
    (slope,) = torch.autograd.grad(at.loss(logits, images(2)[1]), gates)
    expected = torch.zeros_like(found)
    for row, pair in enumerate(method.paths.drawn["choice"]):
        i, j = pair.nonzero().flatten().tolist()
        p = at.architecture["choice"].detach()[row, [i, j]].softmax(0)
        expected[row, i] = p[0] * p[1] * (slope[row, i] - slope[row, j])
        expected[row, j] = -expected[row, i]
    assert torch.allclose(found, expected)


def test_what_proxyless_saves_moves_the_drawn_paths_alone(
    search: Made, images: Batches, table: SimpleNamespace, units: Any
) -> None:
    at = search(table.choices("choice", 3), scale=1.0, resource=units)
    method = begun("proxyless", at)
    without = search(table.choices("choice", 3), scale=1.0)
    plain = begun("proxyless", without)
    (costly,), (free,) = method.gradient(at, images(1), images(2))[0], plain.gradient(without, images(1), images(2))[0]
    pair = method.paths.drawn["choice"]
    difference = costly - free
    assert (difference[~pair] == 0).all()
    assert (difference[pair].view(3, 2)[:, 0] < 0).all()  # the cheaper one is preferred
    assert (difference[pair].view(3, 2)[:, 1] > 0).all()


# ---- paths


def test_fairnas_takes_each_candidate_once_and_moves_the_weights_once(
    search: Made, images: Batches, table: SimpleNamespace
) -> None:
    at = search(table.choices("wide", 3), table.choices("narrow", 2, ("conv(1)", "conv(3)")))
    method = begun("fairnas", at)
    calls = Calls(at)
    moved = 0

    def count(*_: object) -> None:
        nonlocal moved
        moved += 1

    at.optimiser.register_step_post_hook(count)
    done = method.step(at, images(1), images(2))
    total = sum(calls.each, Counter())
    assert (len(calls.each), moved) == (4, 1)
    assert all(set(calls.rows(n).values()) == {1} for n in range(4))
    assert [total[f"wide.{row}.{op}"] for row in range(3) for op in ("identity", "conv(1)", "conv(3)", "conv(5)")] == [
        1
    ] * 12
    assert [total[f"narrow.{row}.{op}"] for row in range(2) for op in ("conv(1)", "conv(3)")] == [2] * 4
    assert done.seen == 4 * 16


def test_the_gradients_of_fairnas_are_added(search: Made, images: Batches, table: SimpleNamespace) -> None:
    at = search(table.choices("wide", 2), clip=1e9)
    method = begun("fairnas", at)
    paths = list(method.paths(at))
    losses = torch.stack([at.loss(at.forward(images(1)[0], path), images(1)[1]) for path in paths])
    expected = torch.autograd.grad(losses.sum(), list(at.supernet.parameters()))
    method.paths = lambda _: iter(paths)
    gradients: list[torch.Tensor] = []
    at.optimiser.register_step_pre_hook(lambda *_: gradients.extend(p.grad.clone() for p in at.supernet.parameters()))
    done: Losses = method.step(at, images(1), images(2))
    assert all(torch.allclose(a, b) for a, b in zip(gradients, expected, strict=True))
    assert done.train == pytest.approx(losses.mean().item())


def test_one_shot_drops_more_and_more(search: Made, images: Batches) -> None:
    """Seven candidates of each of two edges meet at the first node, of three at the second: r ** (1 / 14), (1 / 21)."""
    at = search(epochs=11)
    method = begun("one-shot", at, rate=0.05)
    cell = at.supernet.tables[0]
    for epoch, rate in ((0, 0.0), (5, 0.025), (10, 0.05)):
        at.epoch = epoch
        gone = torch.stack([method.dropped(cell, at)[:, 1:] == 0 for _ in range(600)]).double().mean((0, 2))
        first, second = (rate ** (1 / k) if rate else 0.0 for k in (14, 21))
        assert gone[:2].mean().item() == pytest.approx(first, abs=0.03)
        assert gone[2:].mean().item() == pytest.approx(second, abs=0.03)
    weights = method.dropped(cell, at)
    assert torch.allclose(weights.sum(1), torch.ones(5))
    before = [p.detach().clone() for p in at.supernet.parameters()]
    method.step(at, images(1), images(2))
    after = list(at.supernet.parameters())
    still = sum(torch.equal(a, b) for a, b in zip(before, after, strict=True))
    assert 0 < len(after) - still < len(after)


def test_no_method_changes_what_it_does_not_train(search: Made, images: Batches, table: SimpleNamespace) -> None:
    at = search(table.choices("wide", 2))
    for name in ("fairnas", "one-shot"):
        before = values(at)
        method: Method = begun(name, at)
        method.step(at, images(1), images(2))
        assert not changed(before, at)
