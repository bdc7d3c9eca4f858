"""The methods on real supernets of small spaces: every kind of row, and genotypes that are members."""

from __future__ import annotations

import random
from collections import Counter
from functools import cache
from typing import Any

import pytest
import torch
from torch import Tensor

import nasdsl
from nasdsl.compiler.onehot import one_hot
from nasdsl.compiler.openlower import OpenNetwork, opened
from nasdsl.compiler.searchform import DARTS, SearchForm
from nasdsl.compiler.supernet import Supernet
from nasdsl.diagnostics import NasdslError
from nasdsl.relax.architecture import architecture
from nasdsl.relax.method import discretised
from nasdsl.relax.methods import METHODS
from nasdsl.relax.policy import path_of, without_return
from nasdsl.relax.resource import Resource
from nasdsl.relax.search import Cosine, Search
from nasdsl.relax.skips import chosen_skips

USE = "use vision (identity, sep_conv, avg_pool, max_pool, conv_bn, relu_conv_bn, classifier)\n"
NET = (
    "net toy {\n input image(3, 8, 8); stem conv_bn(3, width = 4); stage (width = 4) { BODY }\n head classifier(3)\n}\n"
)


def cell(reads: str, of: str = "one of", operations: str = "identity, sep_conv(3), avg_pool(3)") -> str:
    return (
        f"cell normal(prev2, prev1) {{\n node n[2] {{ from {reads} of earlier; op {of} [{operations}]; merge add }}\n"
        " out concat(n)\n}\n"
    )


SPACES = {
    "edge": (cell("pick 2"), "normal; normal"),
    "gate": (cell("all", "some of"), "normal"),
    "source": (cell("pick 2").replace("earlier", "earlier with repeats"), "normal"),
    "choice": ("", "repeat 3 { sep_conv(3) | identity | max_pool(3) | avg_pool(3) }"),
    "depth": ("", "repeat 1..3 { sep_conv(3 | 5) }"),
}


@cache
def space(name: str) -> Any:
    before, body = SPACES[name]
    return nasdsl.loads(USE + before + NET.replace("BODY", body), net="toy")


@cache
def network(name: str, form: SearchForm = DARTS) -> OpenNetwork:
    return opened(space(name), None, form)


# The share of all multiply-adds that is expected.
MACS = Resource("macs", form="ratio")


def searched(name: str, method: str = "darts", **more: Any) -> tuple[Search, Any]:
    kind = METHODS[method]
    settings = {"rest": 0} if method == "pc-darts" else {}
    made = kind(kind.Settings(**settings, **more))
    held = network(name, kind.form)
    made.check(held)
    generator = torch.Generator().manual_seed(3)
    supernet = Supernet(held, seed=5)
    search = Search(
        supernet=supernet,
        architecture=architecture(held, generator),
        optimiser=torch.optim.SGD(supernet.parameters(), lr=0.025, momentum=0.9, weight_decay=3e-4),
        schedule=Cosine(epochs=3),
        generator=generator,
        rng=random.Random(7),
        epochs=3,
        resource=MACS,  # type: ignore[arg-type]
        judge=lambda weights: 0.0,
    )
    made.begin(search)
    return search, made


def images(seed: int) -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(8, 3, 8, 8, generator=generator), torch.randint(3, (8,), generator=generator)


@pytest.mark.parametrize("name", SPACES)
def test_the_kinds_of_rows_are_those_that_are_meant(name: str) -> None:
    kinds = {row.kind for row in network(name).rows}
    assert name in kinds


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("name", SPACES)
def test_every_method_trains_on_what_it_can_relax_and_finds_a_member(name: str, method: str) -> None:
    kinds = {row.kind for row in network(name).rows}
    if kinds & set(METHODS[method].refuses):
        with pytest.raises(NasdslError) as raised:
            searched(name, method)
        first = raised.value.diagnostics[0]
        assert first.code == "E0901"
        assert first.span is not None
        return
    search, made = searched(name, method)
    before = [p.detach().clone() for p in search.supernet.parameters()]
    alphas = {key: alpha.detach().clone() for key, alpha in search.architecture.items()}
    for epoch in range(3):
        search.begin_epoch(epoch)
        made.begin_epoch(search, epoch)
        done = made.step(search, images(epoch), images(50 + epoch))
        assert 0 <= done.right <= done.seen
        search.check()
    search.check_weights()
    assert any(not torch.equal(a, b) for a, b in zip(before, search.supernet.parameters(), strict=True))
    trained = method not in ("spos", "fairnas", "one-shot")
    moved = any(not torch.equal(alphas[key], alpha) for key, alpha in search.architecture.items())
    assert moved == trained
    weights = made.weights(search)
    assert {key: value.shape for key, value in weights.items()} == {k: a.shape for k, a in search.architecture.items()}
    assert not any(value.requires_grad for value in weights.values())
    assert space(name).valid(made.genotype(search))


def test_a_space_without_decisions_is_refused() -> None:
    alone = opened(nasdsl.loads(USE + NET.replace("BODY", "sep_conv(3)"), net="toy"))
    with pytest.raises(NasdslError) as raised:
        METHODS["darts"]().check(alone)
    assert raised.value.diagnostics[0].code == "E0908"


def test_the_second_order_step_leaves_weights_and_statistics_as_they_were() -> None:
    search, made = searched("edge", order=2)
    state = {key: value.clone() for key, value in search.supernet.state_dict().items()}
    made.gradient(search, images(1), images(2))
    assert all(torch.equal(value, state[key]) for key, value in search.supernet.state_dict().items())


# ---- skips


def leaning(search: Search, column: str, by: float = 5.0) -> None:
    """Makes a column the strongest of all rows that have it."""
    with torch.no_grad():
        for table in search.supernet.tables:
            for row in table.rows:
                if column in row.columns:
                    search.architecture[table.name][row.index, row.columns.index(column)] += by


def test_darts_plus_stops_at_two_skips() -> None:
    search, made = searched("edge", "darts+")
    leaning(search, "sep_conv(3)")
    assert made.finished(search, 0) is None
    with torch.no_grad():
        search.architecture["normal"][0, 1] += 20
    assert len(chosen_skips(search, made.genotype(search))) == 1
    assert made.finished(search, 1) is None
    with torch.no_grad():
        search.architecture["normal"][1, 1] += 20
    assert made.finished(search, 2) == "the normal cell holds 2 skip connections"


def test_darts_plus_stops_when_rankings_stand() -> None:
    search, made = searched("edge", "darts+", stable=3)
    leaning(search, "sep_conv(3)")
    assert [made.finished(search, epoch) for epoch in range(3)] == [None] * 3
    assert made.finished(search, 3) == "no ranking of alternatives changed for 3 epochs"
    # What has no weights may change places as it likes.
    with torch.no_grad():
        search.architecture["normal"][:, 3] -= 1
    assert made.finished(search, 4) is not None


def test_a_ranking_that_changes_is_waited_for() -> None:
    found = nasdsl.loads(
        USE + cell("pick 2", operations="identity, sep_conv(3), sep_conv(5)") + NET.replace("BODY", "normal"), net="toy"
    )  # fmt: skip
    search, made = searched("edge", "darts+", stable=1)
    search.supernet = Supernet(opened(found), seed=1)
    leaning(search, "sep_conv(3)")
    assert made.finished(search, 0) is None
    with torch.no_grad():
        search.architecture["normal"][0, 3] += 10
    assert made.finished(search, 1) is None
    assert made.finished(search, 2) == "no ranking of alternatives changed for 1 epochs"


def test_p_darts_leaves_two_skips_in_the_normal_cell() -> None:
    search, made = searched("edge", "p-darts")
    with torch.no_grad():
        search.architecture["normal"][:, 1] = torch.tensor([5.0, 3, 4, 2, 1])
    plain = discretised(search, made.weights(search))
    found = made.genotype(search)
    assert [row for _, row, _ in chosen_skips(search, plain)] == [0, 1, 2, 3]
    assert [row for _, row, _ in chosen_skips(search, found)] == [0, 2]
    assert space("edge").valid(found)


def test_skips_of_a_reduction_cell_do_not_count() -> None:
    both = nasdsl.loads(
        USE + cell("pick 2").replace("node", "align ports always relu_conv_bn(1)\n node")
        + "cell reduce = fresh normal(stride = 2)\n" + NET.replace("BODY", "normal; reduce"), net="toy",
    )  # fmt: skip
    search, _ = searched("edge")
    search.supernet = Supernet(opened(both), seed=1)
    counts: Counter[str] = Counter()
    for seed in range(20):
        genotype = both.sample(random.Random(seed))
        hot = one_hot(both, search.supernet.open.rows, genotype)
        for name, rows in hot.items():
            counts[name] += sum(row[1] == 1 for row in rows)
        normal = sum(row[1] == 1 for row in hot["normal"])
        assert len(chosen_skips(search, genotype)) == normal
    assert counts["reduce"] > 0


def test_gold_nas_leaves_a_node_the_edges_that_it_reads() -> None:
    search, made = searched("edge", "gold-nas", pace=100)
    with torch.no_grad():
        search.architecture["normal"].fill_(-10.0)
        search.architecture["normal"][2:, 3] = torch.tensor([-9.0, -8.0, -7.0])
    assert made.prune(search) == 15 - 4
    kept = (made.weights(search)["normal"][:, 1:] > 0).nonzero().tolist()
    assert kept == [[0, 0], [1, 0], [3, 2], [4, 2]]


# ---- weights of edges


def test_edge_weights_count_for_the_genotype_of_pc_darts() -> None:
    search, made = searched("edge", "pc-darts")
    with torch.no_grad():
        for name, alpha in search.architecture.items():
            alpha.zero_()
            if not name.endswith(".edges"):
                alpha[:, 2] = 1
        search.architecture["normal.edges"][2:] = torch.tensor([0.0, 3.0, 2.0])
    hot = one_hot(space("edge"), search.supernet.open.rows, made.genotype(search))["normal"]
    assert [row[0] for row in hot] == [0, 0, 1, 0, 0]
    assert [row[2] for row in hot] == [1, 1, 0, 1, 1]


# ---- paths


def test_a_path_of_spos_is_a_uniform_genotype() -> None:
    search, made = searched("choice", "spos")
    seen: Counter[tuple[int, ...]] = Counter()
    for _ in range(640):
        path = made.path(search)
        seen[tuple(int(c) for table in search.supernet.tables for c in path[table.name].argmax(1))] += 1
    assert len(seen) == 64
    assert max(seen.values()) < 30  # 10 each are expected


def test_the_genotype_of_a_path_method_is_the_best_that_is_judged() -> None:
    search, made = searched("choice", "spos", candidates=64)
    wanted = space("choice").sample(random.Random(1))
    target = path_of(search, wanted)
    judged: list[float] = []

    def judge(weights: dict[str, Tensor]) -> float:
        judged.append(sum(float((weights[name] * target[name]).sum()) for name in target))
        return judged[-1]

    search.judge, search.resource = judge, None  # type: ignore[assignment]
    found = made.genotype(search)
    assert len(judged) == 64
    assert sum(float((path_of(search, found)[name] * target[name]).sum()) for name in target) == max(judged)


@pytest.mark.parametrize("name", SPACES)
def test_paths_of_a_policy_are_members(name: str) -> None:
    search, made = searched(name, "enas")
    with torch.no_grad():
        for alpha in search.architecture.values():
            alpha.mul_(1e4)
    for _ in range(20):
        drawn = made.policy.draw(search)
        genotype = discretised(search, drawn.path)
        assert space(name).valid(genotype)
        assert all(torch.equal(drawn.path[key], value) for key, value in path_of(search, genotype).items())
        assert drawn.log_probability.requires_grad


def test_a_policy_draws_what_its_parameters_say() -> None:
    """Of a choice: by the softmax of its logits; the log-probability is that of what was drawn."""
    search, made = searched("choice", "enas")
    with torch.no_grad():
        for alpha in search.architecture.values():
            alpha.zero_()
            alpha[0, 1] = 5.0
    expected = {n: (2.5 * torch.tanh(a.detach() / 5)).softmax(1) for n, a in search.architecture.items()}
    drawn = [made.policy.draw(search) for _ in range(800)]
    for name, shares in expected.items():
        assert torch.allclose(made.weights(search)[name], shares)
        assert torch.allclose(torch.stack([each.path[name] for each in drawn]).mean(0), shares, atol=0.06)
    path, log_probability, _ = drawn[0]
    logs = sum((path[name] * shares.log()).sum().item() for name, shares in expected.items())
    assert log_probability.item() == pytest.approx(logs, abs=1e-5)


def test_items_are_drawn_without_being_put_back() -> None:
    """Against the probabilities of all ordered pairs."""
    logits = torch.tensor([0.0, 1.0, -1.0], dtype=torch.float64)
    p = logits.softmax(0)
    generator = torch.Generator().manual_seed(0)
    seen: Counter[tuple[int, ...]] = Counter()
    for _ in range(6000):
        drawn, log = without_return(logits, 2, generator)
        i, j = drawn
        expected = p[i] * p[j] / (1 - p[i])
        assert log.item() == pytest.approx(expected.log().item())
        seen[i, j] += 1
    for (i, j), count in seen.items():
        assert count / 6000 == pytest.approx((p[i] * p[j] / (1 - p[i])).item(), abs=0.02)


def test_reinforce_finds_the_path_with_the_reward() -> None:
    search, made = searched("choice", "enas", lr=0.3, entropy=0.0, decay=0.9)
    wanted = path_of(search, space("choice").sample(random.Random(4)))

    def reward(at: Any, drawn: Any, held: Any) -> tuple[float, float]:
        return 0.0, sum(float((drawn.path[name] * wanted[name]).sum()) for name in wanted) / 3

    made.reward = reward
    for step in range(120):
        drawn = made.policy.draw(search)
        made.reinforce(drawn, made.reward(search, drawn, None)[1])
        assert step or made.baseline is not None
    assert all(torch.equal(made.weights(search)[name].argmax(1), hot.argmax(1)) for name, hot in wanted.items())


def test_the_reward_of_a_policy_is_the_held_out_accuracy_less_the_cost() -> None:
    search, made = searched("choice", "enas")
    drawn = made.policy.draw(search)
    x, labels = images(9)
    _, reward = made.reward(search, drawn, (x, labels))
    right = (search.forward(x, drawn.path).argmax(1) == labels).double().mean().item()
    cost = MACS.term(search.supernet, drawn.path).item()
    assert cost > 0
    assert reward == pytest.approx(right - cost, abs=1e-6)


@pytest.mark.parametrize(("method", "passes"), [("nasp", 2), ("gdas", 2), ("spos", 1), ("fairnas", 4), ("enas", 2)])
def test_one_candidate_of_every_choice_runs(method: str, passes: int) -> None:
    """Operations are counted on a real supernet; a separable convolution has two depthwise ones."""
    search, made = searched("choice", method)
    columns = network("choice").tables[0].rows[0].columns
    seen: list[dict[str, Tensor]] = []

    def forward(x: Tensor, weights: dict[str, Tensor], active: Any = None) -> Any:
        logits = search.supernet(x, weights, active)
        seen.append(weights)
        chosen = Counter(columns[c] for value in weights.values() for c in value.argmax(1).tolist())
        ran = Counter(path.rsplit(".", 1)[1].rstrip("[]0123456789") for path in search.supernet.calls.elements())
        assert ran["dw_conv"] == 2 * chosen["sep_conv(3)"]
        assert ran["max_pool"] == chosen["max_pool(3)"]
        assert ran["avg_pool"] == chosen["avg_pool(3)"]
        return logits

    search.forward = forward  # type: ignore[method-assign, assignment]
    for step in range(5):
        made.step(search, images(step), images(20 + step))
    assert len(seen) == 5 * passes
    assert all(sorted(value.unique().tolist()) == [0, 1] for weights in seen for value in weights.values())
    assert all((value.sum(1) == 1).all() for weights in seen for value in weights.values())
