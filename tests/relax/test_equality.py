"""The law of relaxation: under one-hot weights a supernet computes what the genotype does, in the form of every method.

In float64 within 1e-9 of the largest output, in evaluation and in training, with the weights of the supernet copied
into the network of the genotype; on spaces written at random and on all shipped ones.
"""

from __future__ import annotations

from collections import Counter
from random import Random
from typing import Any

import pytest
import torch

import nasdsl
from nasdsl.compiler.check import check
from nasdsl.compiler.inherit import mixing
from nasdsl.compiler.searchform import DARTS
from nasdsl.compiler.supernet import Supernet
from nasdsl.diagnostics import NasdslError
from nasdsl.relax.methods import METHODS
from nasdsl.space.model import SearchSpace

from .equality import FORMS, alive, difference, gaps, inputs, listed, ready, supernet
from .reference import of_supernet
from .table import Space
from .written import Writing

LEAST = 1e-9
# What no method can mix, and the decision that the error names.
REFUSED = {"nasbench101": "module"}
MADE = {name: name for name in nasdsl.shipped() if name not in REFUSED}
# Of ten thousand candidates, or of millions of weights.
HEAVY = ("mnasnet", "mobilenetv3", "nasnet_large", "pnasnet_large")


@pytest.fixture(autouse=True)
def one_thread() -> Any:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def written(seed: int) -> SearchSpace | None:
    """A space written at random, None where its shapes do not fit in every genotype."""
    try:
        space = nasdsl.loads(Writing(seed).text())
        if any(problem.severity == "error" for problem in check(space)):
            return None
        for rank in (0, space.size - 1, *(Random(number).randrange(space.size) for number in range(6))):
            nasdsl.network(space[rank])
    except NasdslError:
        return None
    return space


def mixed(space: SearchSpace, form: str) -> Supernet | NasdslError:
    try:
        return supernet(space, FORMS[form])
    except NasdslError as mistake:
        return mistake


def proved(seeds: range) -> Counter[str]:
    """How many spaces and genotypes were compared; a space that cannot be mixed is refused by name."""
    names, count = list(FORMS), Counter[str]()
    for seed in seeds:
        space = written(seed)
        if space is None:
            continue
        net = mixed(space, names[seed % len(names)])
        if isinstance(net, NasdslError):
            told = net.diagnostics[0]
            assert (told.code in ("E0902", "E0903"), "`" in told.message) == (True, True), told.message
            count["refused"] += 1
            continue
        for genotype in alive(net, Random(seed), 3):
            assert max(gaps(net, genotype)) < LEAST, f"seed {seed}, genotype {genotype.code}"
            count["genotypes"] += 1
        count["spaces"] += 1
    return count


def test_spaces_written_at_random() -> None:
    found = proved(range(36))
    assert found["spaces"] > 8
    assert found["genotypes"] > 20


@pytest.mark.prove
def test_many_spaces_written_at_random() -> None:
    found = proved(range(1000, 3000))
    print(dict(found))
    assert found["spaces"] > 500


def compared(name: str, form: str, count: int) -> None:
    at = Space(name)
    net = supernet(at.space, FORMS[form], at.binding)
    for genotype in alive(net, Random(1), count):
        assert max(gaps(net, genotype)) < LEAST, genotype.code


@pytest.mark.parametrize("name", [name for name in MADE if name not in HEAVY])
def test_shipped_spaces(name: str) -> None:
    """Each in one of the forms; all of them in every form below."""
    names = list(FORMS)
    compared(name, names[list(MADE).index(name) % len(names)], 1)


@pytest.mark.prove
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", MADE)
def test_shipped_spaces_in_every_form(name: str, form: str) -> None:
    compared(name, form, 5)


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_mixed_is_refused_by_name(name: str) -> None:
    with pytest.raises(NasdslError) as refusal:
        supernet(Space(name).space, DARTS)
    assert refusal.value.diagnostics[0].code == "E0902"
    assert f"`{REFUSED[name]}`" in refusal.value.diagnostics[0].message


def test_the_form_of_every_method_is_among_them() -> None:
    assert {kind.form for kind in METHODS.values()} <= set(FORMS.values())


@pytest.mark.parametrize("name", ["darts", "enas_macro", "tfnas"])
def test_the_schedule_is_the_plain_computation(name: str) -> None:
    """Under weights that leave all candidates in: beside each operation by itself, nothing shared or folded."""
    at = Space(name)
    net = ready(supernet(at.space, DARTS, at.binding)).train()
    generator, given = torch.Generator().manual_seed(5), inputs(net.open)
    weights = {
        table.name: torch.rand(table.shape, generator=generator, dtype=torch.float64).requires_grad_()
        for table in net.tables
    }
    asked = [*weights.values(), *net.parameters()]
    ours = net(given, weights)
    aim = sum(value.square().mean() for value in listed(ours))
    found = torch.autograd.grad(aim, asked, allow_unused=True, materialize_grads=True)
    plain = of_supernet(net).run(given, weights)
    assert difference(ours, plain) < 1e-12
    aim = sum(value.square().mean() for value in listed(plain))
    wanted = torch.autograd.grad(aim, asked, allow_unused=True, materialize_grads=True)
    most = max(float(gradient.abs().max()) for gradient in wanted)
    assert max(float((a - b).abs().max()) for a, b in zip(found, wanted, strict=True)) < 1e-10 * max(most, 1.0)


def test_candidates_of_weight_zero_change_nothing_where_they_run() -> None:
    at = Space("darts")
    net = supernet(at.space, DARTS, at.binding).train()
    genotype = alive(net, Random(2), 1)[0]
    weights = mixing(net.open, genotype, torch.zeros((), dtype=torch.float64))
    given = inputs(net.open)
    with torch.no_grad():
        alone, few = net(given, weights), sum(net.calls.values())
        everything = {name: torch.ones_like(value, dtype=torch.bool) for name, value in weights.items()}
        whole, all_of_them = net(given, weights, everything), sum(net.calls.values())
    assert all_of_them > 3 * few
    assert difference(whole, alone) < 1e-12
