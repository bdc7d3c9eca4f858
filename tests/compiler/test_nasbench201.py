"""The `exact` classes of NAS-Bench-201: what they join is one network, by its outputs and by its measured accuracy."""

from __future__ import annotations

import csv
import os
from collections import defaultdict
from pathlib import Path
from random import Random
from statistics import median, pstdev

import pytest
import torch
from torch import Tensor, nn

from nasdsl import Genotype, SearchSpace, architecture, build, exact, load, network
from nasdsl.compiler.canonical import _below_and_above, _readers
from nasdsl.compiler.census import census
from nasdsl.compiler.keys import reduced
from nasdsl.compiler.resolved import resolved
from nasdsl.compiler.rows import Label

# The classes of all 15,625, without the dead ones, which are one more.
CLASSES = 5_259


@pytest.fixture(scope="module")
def space() -> SearchSpace:
    return load("nasbench201", {"C": 4, "N": 1})


def opened(label: Label) -> list[Label]:
    return [label] if label.rows is None else [each for row in label.rows for each in opened(row.label)]


def matched(genotype: Genotype) -> nn.Module:
    """The module of a genotype with weights that depend on nothing but what a vertex is and where it stands."""
    made = resolved(genotype)
    graph = reduced(made)
    colours = _below_and_above(graph.vertices, _readers(graph.vertices), graph.marks)
    colour = dict(zip(graph.rows, colours, strict=False))
    seeds: list[int] = []
    for row in made.live():
        inner = [label for label in opened(made.rows[row].label) if label.params]
        seeds += [(colour[row] + i) % 2**31 for i in range(len(inner))]
    module = build(architecture(network(genotype)), dtype=torch.float64)
    # As they are run, which is the order of the rows.
    trainable: list[nn.Module] = []
    hooks = [
        part.register_forward_hook(lambda part, *_: trainable.append(part))
        for part in module.modules()
        if any(True for _ in part.parameters(recurse=False))
    ]
    module(torch.zeros(2, 3, 8, 8, dtype=torch.float64))
    for hook in hooks:
        hook.remove()
    assert len(trainable) == len(seeds)
    for part, seed in zip(trainable, seeds, strict=True):
        rng = torch.Generator().manual_seed(seed)
        for parameter in part.parameters():
            with torch.no_grad():
                parameter.copy_(torch.randn(parameter.shape, generator=rng, dtype=torch.float64) * 0.3)
    return module.train()


def outputs(genotype: Genotype, batch: Tensor) -> Tensor:
    return matched(genotype)(batch)


def pairs(space: SearchSpace, count: int) -> list[tuple[Genotype, Genotype]]:
    """Pairs of different genotypes of one class, drawn from all of them."""
    classes: dict[str, list[Genotype]] = defaultdict(list)
    for rank in range(space.size):
        if space.valid(space[rank]):
            classes[exact(space[rank])].append(space[rank])
    rng = Random(0)
    several = [members for members in classes.values() if len(members) > 1]
    return [tuple(rng.sample(rng.choice(several), 2)) for _ in range(count)]


def test_one_class_is_one_function_with_the_same_parameters(space: SearchSpace) -> None:
    batch = torch.randn(4, 3, 8, 8, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    for one, other in pairs(space, 25):
        assert sorted(p.shape for p in matched(one).parameters()) == sorted(
            p.shape for p in matched(other).parameters()
        )
        torch.testing.assert_close(outputs(one, batch), outputs(other, batch), rtol=0, atol=1e-9)


def test_the_number_of_classes(space: SearchSpace) -> None:
    assert census(space, "exact").classes == CLASSES


def table() -> list[dict[str, str]]:
    """All architectures, of the file that NASDSL_NB201 names: `ops` are the edges 0>1 0>2 1>2 0>3 1>3 2>3."""
    path = os.environ.get("NASDSL_NB201")
    if path is None:
        pytest.fail("NASDSL_NB201 names no table of NAS-Bench-201")
    with Path(path).open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.mark.prove
def test_costs_of_the_table_count_dead_operations() -> None:
    """All 15,625 rows, on CIFAR-10. The benchmark counts the ten additions of the bias at the end as multiply-adds."""
    costs = {row["ops"]: (int(row["params_c10"]), int(row["flops_c10"])) for row in table()}
    space = load("nasbench201")
    assert len(costs) == space.size
    for genotype in space:
        found = genotype.metrics(with_dead=True)
        digits = "".join(str(genotype.assignment[d.path]) for d in space.decisions)
        assert (found.params, found.macs + 10) == costs[digits]


@pytest.mark.prove
def test_accuracy_inside_a_class_is_that_of_training_noise() -> None:
    accuracy = {row["ops"]: float(row["c10_test_200"]) for row in table()}
    space = load("nasbench201")
    classes: dict[str, list[float]] = defaultdict(list)
    for rank in range(space.size):
        genotype = space[rank]
        if space.valid(genotype):
            digits = "".join(str(genotype.assignment[d.path]) for d in space.decisions)
            classes[exact(genotype)].append(accuracy[digits])
    spread = [pstdev(found) for found in classes.values() if len(found) > 1]
    print(f"{len(classes):,} classes, {len(spread):,} of several, median spread {median(spread):.3f} points")
    assert median(spread) <= 0.15
