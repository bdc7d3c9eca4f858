"""Supernets under any weights: what the schedule computes is what every operation by itself would give, added up.

The schedule runs what has no weights once for each value, folds mixing weights into batch norms, adds up in place and
leaves out what no weight is on. The reference of `tests.relax.reference` does none of that.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Mapping
from random import Random
from typing import Any

import pytest
import torch
from torch import Tensor

import nasdsl
from nasdsl.compiler.check import check
from nasdsl.compiler.inherit import mixing
from nasdsl.compiler.openlower import OpenNetwork
from nasdsl.compiler.supernet import Supernet
from nasdsl.diagnostics import NasdslError

from .equality import FORMS, alive, difference, inputs, listed, supernet
from .reference import of_supernet
from .table import Space
from .written import Writing

CLOSE, OF_GRADIENTS, SINGLE = 1e-12, 1e-10, 2e-5
QUICK = [
    ("darts", "bifpn"), ("darts", "darts_rnn"), ("darts", "enas_macro"), ("darts", "nasbench201"),
    ("pc_darts", "nasbench201"), ("half", "enas_macro"), ("merged", "goldnas"),
]  # fmt: skip
# Without what is refused, what takes the reference minutes, and functions that are no number everywhere.
SHIPPED = sorted(set(nasdsl.shipped()) - {"nasbench101", "nasrl", "swish"})


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def made(form: str, name: str) -> Supernet:
    at = Space(name)
    return supernet(at.space, FORMS[form], at.binding)


def dense(open_network: OpenNetwork, seed: int) -> dict[str, Tensor]:
    """Some weight on everything, the rows normalised."""
    generator = torch.Generator().manual_seed(seed)
    found = {}
    for table in open_network.tables:
        weights = torch.rand(table.shape, generator=generator, dtype=torch.float64) + 0.1
        found[table.name] = weights / weights.sum(1, keepdim=True)
        if open_network.form.edges:
            found[f"{table.name}.edges"] = torch.rand(table.shape[0], generator=generator, dtype=torch.float64) + 0.1
    return found


def sparse(open_network: OpenNetwork, seed: int) -> dict[str, Tensor]:
    """No weight on half of the columns, but on one of every row; the rows are not normalised."""
    generator = torch.Generator().manual_seed(seed)
    found = dense(open_network, seed)
    for table in open_network.tables:
        kept = torch.rand(table.shape, generator=generator) < 0.5
        kept[torch.arange(table.shape[0]), torch.randint(table.shape[1], (table.shape[0],), generator=generator)] = True
        found[table.name] = found[table.name] * kept
    return found


def leaves(weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {name: w.clone().requires_grad_() for name, w in weights.items()}


def gradients(net: Supernet, outputs: Any, weights: Mapping[str, Tensor]) -> list[Tensor]:
    """Of a sum of the outputs with fixed factors: for the mixing weights, then for the weights of the net."""
    generator = torch.Generator().manual_seed(3)
    loss = torch.zeros((), dtype=torch.float64)
    for out in listed(outputs):
        loss = loss + (out * torch.randn(out.shape, generator=generator, dtype=torch.float64)).sum()
    asked = [*weights.values(), *net.parameters()]
    return list(torch.autograd.grad(loss, asked, allow_unused=True, materialize_grads=True))


def beside(net: Supernet, weights: Mapping[str, Tensor], *, training: bool) -> tuple[float, float]:
    """How far outputs and gradients are from those of the reference, relative to the largest; statistics are alike."""
    net.train(training)
    other = copy.deepcopy(net)
    given, own, others = inputs(net.open), leaves(weights), leaves(weights)
    found, wanted = net(given, own), of_supernet(other).run(given, others)
    if None in listed(wanted) or not any(out.requires_grad for out in listed(found)):
        # On this path nothing reaches the output.
        return 0.0, 0.0
    one, two = gradients(net, found, own), gradients(other, wanted, others)
    largest = max(float(g.abs().max()) for g in two)
    apart = max(float((a - b).abs().max()) for a, b in zip(one, two, strict=True)) / max(largest, 1.0)
    for name, value in net.named_buffers():
        torch.testing.assert_close(value, other.get_buffer(name), rtol=1e-9, atol=1e-9, equal_nan=True)
    return difference(found, wanted), apart


@pytest.mark.parametrize(("form", "name"), QUICK)
@pytest.mark.parametrize("draw", [dense, sparse])
def test_the_schedule_is_the_sum_of_its_candidates(
    form: str, name: str, draw: Callable[[OpenNetwork, int], dict[str, Tensor]]
) -> None:
    net = made(form, name)
    outputs, apart = beside(net, draw(net.open, 5), training=draw is dense)
    assert outputs < CLOSE
    assert apart < OF_GRADIENTS


@pytest.mark.parametrize("name", ["darts", "plain", "half", "merged"])
def test_the_schedule_of_random_spaces(name: str) -> None:
    assert random_spaces(name, range(8000, 8008)) >= 3


@pytest.mark.prove
@pytest.mark.parametrize("name", FORMS)
def test_the_schedule_of_many_random_spaces(name: str) -> None:
    assert random_spaces(name, range(8010, 8210)) >= 90


@pytest.mark.prove
@pytest.mark.parametrize("form", ["darts", "pc_darts", "plain"])
@pytest.mark.parametrize("name", SHIPPED)
def test_the_schedule_of_shipped_spaces(form: str, name: str) -> None:
    net = made(form, name)
    for draw, training in ((dense, True), (dense, False), (sparse, True), (sparse, False)):
        outputs, apart = beside(net, draw(net.open, 7), training=training)
        assert outputs < 1e-9
        assert apart < 1e-6


def random_spaces(name: str, seeds: range) -> int:
    """How many spaces were looked at, under dense and under sparse weights."""
    count = 0
    for seed in seeds:
        try:
            space = nasdsl.loads(Writing(seed).text())
            if any(d.severity == "error" for d in check(space)):
                continue
            net = supernet(space, FORMS[name])
        except NasdslError:
            continue
        for draw, training in ((dense, True), (sparse, False)):
            outputs, apart = beside(net, draw(net.open, seed), training=training)
            assert outputs < CLOSE, (seed, name, draw.__name__)
            assert apart < OF_GRADIENTS, (seed, name, draw.__name__)
        count += 1
    return count


@pytest.mark.parametrize("name", ["darts_rnn", "enas_macro", "nasbench201", "textnas"])
def test_candidates_that_are_told_to_run_change_nothing(name: str) -> None:
    """With one-hot weights everything runs, and all but one of each mixture is multiplied by 0."""
    net = made("darts", name)
    (genotype,) = alive(net, Random(2), 1)
    weights = mixing(net.open, genotype, torch.zeros((), dtype=torch.float64))
    active = {key: torch.ones_like(w, dtype=torch.bool) for key, w in weights.items()}
    given = inputs(net.open)
    net.eval()
    alone = net(given, weights)
    few = sum(net.calls.values())
    among = net(given, weights, active)
    assert sum(net.calls.values()) > 1.2 * few
    assert difference(among, alone) < CLOSE


def test_a_candidate_that_is_told_to_run_has_a_gradient() -> None:
    """What no weight is on has none; told to run it has the one that it would have with a small weight."""
    net = made("darts", "nasbench201").eval()
    weights = dense(net.open, 1)
    (name,) = weights
    weights[name][0] = torch.tensor([0.0, 1.0, 0.0, 0.0, 0.0])
    given = inputs(net.open)
    active = {name: torch.zeros_like(weights[name], dtype=torch.bool)}
    active[name][0, 3] = True
    of: list[Tensor] = []
    for told in (None, active):
        own = leaves(weights)
        of.append(gradients(net, net(given, own, told), own)[0])
    assert of[0][0, 3] == 0
    assert of[1][0, 3] != 0
    assert of[0][0, 2] == of[1][0, 2] == 0
    own = leaves(weights)
    wanted = gradients(net, of_supernet(net).run(given, own, active), own)[0]
    torch.testing.assert_close(of[1], wanted, rtol=CLOSE, atol=CLOSE)


@pytest.mark.parametrize(("form", "name"), [("darts", "nasbench201"), ("pc_darts", "enas_macro")])
def test_single_precision(form: str, name: str) -> None:
    at = Space(name)
    net = supernet(at.space, FORMS[form], at.binding, dtype=torch.float32).train()
    weights = {key: w.float() for key, w in dense(net.open, 5).items()}
    given = inputs(net.open, torch.float32)
    with torch.no_grad():
        assert difference(copy.deepcopy(net)(given, weights), of_supernet(net).run(given, weights)) < SINGLE
