"""How well the sum of measured operations stands for a whole network: rank correlation over random genotypes.

    python benchmarks/latency.py [SPACE] [-p NAME=VALUE] [--net NAME] [--image 3x64x64] [--networks 30] [--threads 1]

Every different operation of the networks is measured alone, as `nasdsl latency` does, and every network whole. The
networks take turns, several rounds of them, so that a machine that slows down slows all; each figure is the lowest of
the rounds' medians, for what else a machine does only adds. Run it on an idle one. Printed are Spearman's and Kendall's
correlations of sums and networks, the ratio of the two, and beside them the correlations of what needs no table:
multiply-adds, and the number of operations.
"""

from __future__ import annotations

import argparse
import random
import statistics
import sys
import time
from collections.abc import Sequence
from itertools import combinations

import nasdsl
from nasdsl.relax.latency import machine, measure, whole
from nasdsl.relax.operation import different, operations
from nasdsl.relax.table import LatencyTable

ROUNDS = 5


def ranks(values: Sequence[float]) -> list[float]:
    """Ranks from 0; equal values share the mean of theirs."""
    order = sorted(values)
    return [order.index(v) + (order.count(v) - 1) / 2 for v in values]


def spearman(left: Sequence[float], right: Sequence[float]) -> float:
    return statistics.correlation(ranks(left), ranks(right))


def kendall(left: Sequence[float], right: Sequence[float]) -> float:
    """Kendall's tau-a: the share of pairs in one order less the share of those in two."""
    signs = [(left[i] - left[j]) * (right[i] - right[j]) for i, j in combinations(range(len(left)), 2)]
    return (sum(s > 0 for s in signs) - sum(s < 0 for s in signs)) / len(signs)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("space", nargs="?", default="darts")
    parser.add_argument("-p", dest="params", action="append", default=[])
    parser.add_argument("--net", default=None)
    parser.add_argument("--image", default=None)
    parser.add_argument("--networks", type=int, default=30)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--batch", type=int, default=1)
    parser.add_argument("--repeats", type=int, default=30)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    params = {name: int(value) for name, value in (text.split("=") for text in args.params)}
    space = nasdsl.load(args.space, params, args.net, prefer_search=True)
    rng = random.Random(args.seed)
    width, *size = map(int, args.image.split("x")) if args.image else (0, 0, 0)
    binding = nasdsl.Binding(width, (size[0], size[1])) if args.image else None
    networks = [nasdsl.network(space.sample(rng), binding) for _ in range(args.networks)]
    here = machine("cpu", args.threads, args.batch)
    table, started = LatencyTable(machine=here), time.perf_counter()
    wanted = different(networks)
    measure(table, wanted, args.repeats, lambda: None, lambda done, of: None)
    print(f"{space.name}, net {space.net}, {args.image or 'its own input'}, {here}")
    print(f"{len(wanted)} operations measured in {time.perf_counter() - started:.0f} s")
    sums = [sum(table.latencies(network, "", network.live)) for network in networks]
    rounds: list[list[float]] = []
    busy = 1.0
    for number in range(ROUNDS):
        taken = [whole(network, here, args.repeats) for network in networks]
        busy = min([busy, *(entry.busy for entry in taken)])
        rounds.append([entry.ms for entry in taken])
        print(f"round {number + 1} of {ROUNDS}", file=sys.stderr)
    whole_ms = [min(taken) for taken in zip(*rounds, strict=True)]
    repeated = statistics.median(spearman(a, b) for a, b in combinations(rounds, 2))
    macs = [float(network.macs) for network in networks]
    counts = [float(sum(o is not None and i in n.live for i, o in enumerate(operations(n)))) for n in networks]
    print(f"networks take {min(whole_ms):.2f} to {max(whole_ms):.2f} ms, median {statistics.median(whole_ms):.2f}")
    ratios = sorted(total / ms for total, ms in zip(sums, whole_ms, strict=True))
    print(f"sum / network: {ratios[0]:.3f} to {ratios[-1]:.3f}, median {statistics.median(ratios):.3f}")
    print(f"the least share of a measurement in which nothing else ran: {busy:.2f}; below 0.9 the figures say little")
    print(f"two rounds of the same networks: Spearman {repeated:.3f}")
    for name, guess in (("sum of the table", sums), ("multiply-adds", macs), ("number of operations", counts)):
        print(f"{name:22} Spearman {spearman(guess, whole_ms):.3f}, Kendall {kendall(guess, whole_ms):.3f}")


if __name__ == "__main__":
    main()
