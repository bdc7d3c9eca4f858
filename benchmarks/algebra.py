"""What can be done with genotypes in a second of one core, beside PyGlove on an equal space in the same run.

    taskset -c 0 python benchmarks/algebra.py

Seconds are the processor's, so that what else runs on the machine does not count. PyGlove is no part of nasdsl:
`pip install pyglove==0.4.5` before, else its column stays empty.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random
from statistics import median
from typing import Any

import nasdsl
from nasdsl.space.model import SearchSpace

try:
    import pyglove as pg
except ImportError:
    pg = None

ROUNDS = 3
Step = Callable[[], object]


@dataclass(frozen=True)
class Task:
    """One thing to be done again and again: by nasdsl, and by PyGlove where it can do it."""

    what: str
    space: str
    ours: Callable[[SearchSpace], Step]
    peer: Callable[[Any], Step] | None = None


# ---- the spaces ------------------------------------------------------------------------------------


def ours(name: str) -> SearchSpace:
    """A space by its name, or behind a colon a cell of it by itself."""
    name, _, net = name.partition(":")
    here = Path(__file__).parent / f"{name}.nas"
    return nasdsl.load(here if here.exists() else name, net=net or None)


def nb101_like() -> Any:
    edges = pg.List([pg.oneof([0, 1]) for _ in range(21)])
    return pg.Dict(edges=edges, ops=pg.List([pg.oneof(["conv3", "conv1", "max_pool"]) for _ in range(5)]))


def nasnet() -> Any:
    def block(i: int) -> Any:
        sources = [pg.oneof(list(range(i + 2))) for _ in range(2)]
        ops = [pg.oneof([f"op{k}" for k in range(13)]) for _ in range(2)]
        return pg.Dict(sources=pg.List(sources), ops=pg.List(ops), merge=pg.oneof(["add", "concat"]))

    return pg.Dict(normal=pg.List(map(block, range(5))), reduce=pg.List(map(block, range(5))))


PEERS = {"nb101_like": nb101_like, "nasnet": nasnet}

# ---- the tasks -------------------------------------------------------------------------------------


def valid_samples(space: SearchSpace) -> Step:
    rng = Random(0)
    return lambda: space.sample(rng)


def peer_samples(space: Any) -> Step:
    drawn: Iterator[Any] = pg.random_sample(space, seed=0)
    return lambda: next(drawn)


def at_most_nine_edges(space: Any) -> Step:
    """By rejection. A genotype that is dead is none for nasdsl, and counts here."""
    drawn: Iterator[Any] = pg.random_sample(space, seed=0)
    return lambda: next(each for each in drawn if sum(each.edges) <= 9)


def mutants(space: SearchSpace) -> Step:
    """A random walk over valid genotypes."""
    rng = Random(0)
    at = [space.sample(rng)]

    def step() -> None:
        at[0] = at[0].mutate(rng)

    return step


def new_networks(space: SearchSpace) -> Step:
    """The same, with the key that tells whether it is a new network, which is made for that."""
    rng = Random(0)
    at = [space.sample(rng)]

    def step() -> None:
        at[0] = at[0].mutate(rng)
        _ = at[0].canonical

    return step


def proposals(space: Any) -> Step:
    """Regularized evolution, of which a proposal is a tournament and a mutation; no constraint, and no key."""
    algorithm = pg.evolution.regularized_evolution(population_size=50, tournament_size=10)
    asked = pg.sample(space, algorithm)

    def step() -> None:
        _, feedback = next(asked)
        feedback(0.0)

    return step


def graphs(space: SearchSpace) -> Step:
    """The graph of a genotype, with the shape and cost of every operation."""
    rng = Random(0)
    return lambda: nasdsl.network(space.sample(rng)).macs


TASKS = [
    Task("valid uniform samples", "nb101_like", valid_samples, at_most_nine_edges),
    Task("valid uniform samples", "nasnet", valid_samples, peer_samples),
    Task("mutate, validate", "nb101_like", mutants, proposals),
    Task("mutate, validate", "nasnet", mutants, proposals),
    Task("mutate, validate, hash", "nb101_like", new_networks, proposals),
    Task("mutate, validate, hash", "nasnet", new_networks, proposals),
    Task("graph with costs", "darts:normal", graphs),
    Task("graph with costs", "darts", graphs),
]

# ---- the measure -----------------------------------------------------------------------------------


def rate(step: Step, seconds: float) -> float:
    """How often a second, at least once."""
    done, started = 0, time.process_time()
    while True:
        step()
        done += 1
        taken = time.process_time() - started
        if taken >= seconds:
            return done / taken


def row(task: Task, seconds: float) -> str:
    space = ours(task.space)
    steps = [task.ours(space)]
    if pg is not None and task.peer is not None:
        peer = PEERS[task.space]()
        assert pg.dna_spec(peer).space_size == space.size, "the spaces are equal"
        steps.append(task.peer(peer))
    # In turn, so that a machine that slows down slows both.
    rounds = [[rate(step, seconds) for step in steps] for _ in range(ROUNDS)]
    found = [median(column) for column in zip(*rounds, strict=True)]
    shown = f"{task.what:24}{task.space:14}{found[0]:12,.0f}"
    return shown if len(found) == 1 else f"{shown}{found[1]:12,.1f}{found[0] / found[1]:10,.0f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--seconds", type=float, default=2.0, help="for each task, library and round")
    seconds = parser.parse_args().seconds
    if pg is None:
        print("PyGlove is not installed: pip install pyglove==0.4.5\n")
    heads = f"{'a second':24}{'space':14}{'nasdsl':>12}"
    print(heads if pg is None else f"{heads}{'PyGlove':>12}{'ratio':>10}")
    for task in TASKS:
        print(row(task, seconds), flush=True)


if __name__ == "__main__":
    main()
