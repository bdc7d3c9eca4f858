"""A search beside random search: did it climb, and is its winner better when trained for longer?

    python benchmarks/against_random.py runs/hierarchical-aging-1 runs/hierarchical-random-1 --epochs 3 --seeds 3

For each run: the mean validation accuracy of the first and last hundred evaluated candidates, their difference in
standard errors of the difference, and the test accuracy of the best candidate trained anew with each seed.
"""

from __future__ import annotations

import argparse
from math import sqrt
from pathlib import Path
from statistics import fmean, stdev, variance

from nasdsl.evolve import folder as folders
from nasdsl.evolve.evaluators import Job, Work, training
from nasdsl.evolve.store import Store


def scores(folder: Path) -> list[float]:
    """Validation accuracies of what was trained, in the order of the numbers."""
    with Store.open(folder / folders.STORE) as store:
        aliases = {p.n for p in store.proposals() if p.alias is not None}
        results = store.results()
    return [r.score for n, r in sorted(results.items()) if r.score is not None and n not in aliases]


def climbed(found: list[float], count: int = 100) -> str:
    first, last = found[:count], found[-count:]
    error = sqrt(variance(first) / len(first) + variance(last) / len(last))
    rise = fmean(last) - fmean(first)
    return (
        f"first {len(first)}: {fmean(first):.4f} (sd {stdev(first):.4f})   last {len(last)}: {fmean(last):.4f} "
        f"(sd {stdev(last):.4f})   difference {rise:+.4f} = {rise / error:.1f} standard errors   best {max(found):.4f}"
    )


def retrained(folder: Path, seeds: int, epochs: float) -> list[float]:
    """Test accuracies of the best candidate, trained with seeds 1, 2, ..."""
    record, space = folders.read(folder)
    asked = record.settings
    with Store.open(folder / folders.STORE) as store:
        proposals, results = store.proposals(), store.results()
    best = max((r for r in results.values() if r.score is not None), key=lambda r: (r.score, -r.n))
    longer = asked.train.model_copy(update={"epochs": epochs})
    job = Job(evaluator=record.evaluator, space=space, data=asked.data, device=asked.device, train=longer)
    evaluate = training(job)
    tests = []
    for seed in range(1, seeds + 1):
        outcome = evaluate(Work(n=best.n, code=proposals[best.n].code, seed=seed, kind="final"))
        if outcome.test is not None:
            tests.append(outcome.test)
    return tests


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("runs", nargs="+", type=Path)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--epochs", type=float, default=3.0)
    given = parser.parse_args()
    for folder in given.runs:
        print(folder.name)
        print("  " + climbed(scores(folder)))
        tests = retrained(folder, given.seeds, given.epochs)
        shown = " ".join(f"{t:.4f}" for t in tests)
        spread = f", sd {stdev(tests):.4f}" if len(tests) > 1 else ""
        what = f"winner, {given.epochs:g} epochs, {len(tests)} seeds"
        print(f"  {what}, test: {shown} (mean {fmean(tests):.4f}{spread})")


if __name__ == "__main__":
    main()
