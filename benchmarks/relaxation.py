"""Every method on the shipped images: what it finds in the space of DARTS, beside random genotypes trained alike.

    python benchmarks/relaxation.py --runs-dir /tmp/relaxed > relaxation.md      # about an hour on one core
    python benchmarks/relaxation.py --methods darts gdas --epochs 1 --limit-batches 5

A table in Markdown: for each method its genotype, the time of its search, and the accuracies of that genotype trained
from nothing, on the validation images and on the test images. As many random genotypes as there are methods are trained
in the same way. Searches are finished ones of the folder where there are any.
"""

from __future__ import annotations

import argparse
import random
import time
from pathlib import Path
from statistics import fmean, stdev

import nasdsl
from nasdsl.evolve.evaluators import Job, Work, training
from nasdsl.evolve.problem import find
from nasdsl.evolve.settings import TrainSettings
from nasdsl.relax import run
from nasdsl.relax.methods import METHODS
from nasdsl.space.genotype import Genotype

SPACE, NET, PARAMS = "darts", "search", {"S": 1}


def searched(method: str, options: argparse.Namespace) -> tuple[Genotype, float]:
    """The genotype that a method finds, and the seconds it searched."""
    folder = options.runs_dir / method
    # GOLD-NAS prunes by what operations cost, and needs to be told what.
    target = "macs" if method == "gold-nas" else None
    asked = run.settings(
        space=SPACE, net=NET, params=PARAMS, method=method, epochs=options.epochs, limit_batches=options.limit_batches,
        target=target, seed=options.seed,
    )  # fmt: skip
    began = time.perf_counter()
    done = (folder / "genotype.nas").exists() and run.show(folder).ending == "finished"
    if not done:
        run.start(asked, root=options.runs_dir, name=method)
    seconds = time.perf_counter() - began
    space = nasdsl.load(SPACE, net=NET, params=PARAMS, genotypes=folder / "genotype.nas")
    (name,) = set(space.points) - set(nasdsl.load(SPACE, net=NET, params=PARAMS).points)
    return space.point(name), seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--methods", nargs="+", default=list(METHODS), choices=list(METHODS))
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--limit-batches", type=int, default=20)
    parser.add_argument("--train-epochs", type=float, default=2)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--runs-dir", type=Path, default=Path("runs"))
    options = parser.parse_args()
    found = find(run.settings(space=SPACE, net=NET, params=PARAMS))
    job = Job(evaluator="", space=found, data=None, device="cpu", train=TrainSettings(epochs=options.train_epochs))
    evaluate = training(job)

    def accuracies(genotype: Genotype, number: int) -> tuple[float, float]:
        outcome = evaluate(Work(n=number, code=genotype.code, seed=options.seed, kind="final"))
        return outcome.score or 0.0, outcome.test or 0.0

    print("| method | genotype | searched, s | validation | test |\n|---|---|---|---|---|", flush=True)
    for number, method in enumerate(options.methods):
        try:
            genotype, seconds = searched(method, options)
        except nasdsl.NasdslError as mistake:
            print(f"| {method} | {str(mistake).splitlines()[0]} | | | |", flush=True)
            continue
        score, test = accuracies(genotype, number)
        print(f"| {method} | `{genotype.code}` | {seconds:.0f} | {score:.4f} | {test:.4f} |", flush=True)
    space = nasdsl.load(SPACE, net=NET, params=PARAMS)
    others = [accuracies(space.sample(random.Random(i)), i) for i in range(len(options.methods))]
    scores, tests = zip(*others, strict=True)
    print(f"\nrandom genotypes: {len(others)}, validation {told(scores)}, test {told(tests)}")


def told(values: tuple[float, ...]) -> str:
    deviation = stdev(values) if len(values) > 1 else 0.0
    return f"{fmean(values):.4f} (deviation {deviation:.4f}, {min(values):.4f} to {max(values):.4f})"


if __name__ == "__main__":
    main()
