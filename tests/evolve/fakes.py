"""A space of nested tuples, an evaluator that is a pure function, and an executor that finishes in any order."""

from __future__ import annotations

import hashlib
import os
import random
import time
from collections.abc import Callable

from nasdsl.evolve.evaluators import Job, Outcome, Work
from nasdsl.evolve.problem import Candidate

Pair = tuple[int, tuple[int, int]]


class Pairs:
    """(a, (b, c)) with a, b, c in 0..sides-1; b and c commute, so half of the genotypes repeat another network."""

    def __init__(self, sides: int = 12) -> None:
        self.sides = sides

    @property
    def size(self) -> int:
        return self.sides**3

    def sample(self, rng: random.Random) -> Pair:
        draw = lambda: rng.randrange(self.sides)  # noqa: E731
        return draw(), (draw(), draw())

    def mutate(self, genotype: Pair, how: str | float, rng: random.Random) -> Pair:
        a, (b, c) = genotype
        values = [a, b, c]
        values[rng.randrange(3)] = rng.randrange(self.sides)
        return values[0], (values[1], values[2])

    def cross(self, one: Pair, other: Pair, how: str, rng: random.Random) -> Pair:
        return (one[0], other[1]) if how == "uniform" else (one[0], (one[1][0], other[1][1]))

    def code(self, genotype: Pair) -> str:
        a, (b, c) = genotype
        return f"{(a * self.sides + b) * self.sides + c:x}"

    def read(self, code: str) -> Pair:
        rest, c = divmod(int(code, 16), self.sides)
        a, b = divmod(rest, self.sides)
        return a, (b, c)

    def text(self, genotype: Pair) -> str:
        return repr(genotype)

    def candidate(self, genotype: Pair) -> Candidate:
        a, pair = genotype
        return Candidate(repr((a, sorted(pair))), params=a, macs=1000 * a, ops=3)


def outcome(work: Work) -> Outcome:
    """Better for a larger code; one in twelve fails."""
    noise = hashlib.sha256(f"{work.code} {work.seed}".encode()).digest()
    if noise[0] < 21:
        return Outcome(n=work.n, status="failed", reason="diverged: a made-up reason")
    score = round(int(work.code, 16) / 64000 + noise[1] / 10000, 6)
    return Outcome(n=work.n, status="ok", score=score, test=score - 0.01 if work.kind == "final" else None)


def pure(job: Job) -> Callable[[Work], Outcome]:
    """Takes some milliseconds, different ones for each work."""

    def evaluate(work: Work) -> Outcome:
        time.sleep(work.seed % 37 / 1000)
        return outcome(work)

    return evaluate


def reading(job: Job) -> Callable[[Work], Outcome]:
    """A score that only the space's own text gives."""
    from nasdsl.compiler import lower

    space = job.space.load()

    def evaluate(work: Work) -> Outcome:
        ops = len(lower.network(space.from_rank_text(work.code)).live)
        score = ops / 1000 + int(work.code, 16) / 1e12
        return Outcome(n=work.n, status="ok", score=score, test=score if work.kind == "final" else None)

    return evaluate


def mixed(job: Job) -> Callable[[Work], Outcome]:
    """Number 1 kills its process, number 2 raises, number 3 hangs."""

    def evaluate(work: Work) -> Outcome:
        if work.n == 1:
            os.kill(os.getpid(), 9)
        if work.n == 2:
            raise RuntimeError("no kernel for this")
        if work.n == 3:
            time.sleep(60)
        return outcome(work).model_copy(update={"status": "ok", "score": 0.5, "reason": ""})

    return evaluate


def hanging(job: Job) -> Callable[[Work], Outcome]:
    def evaluate(work: Work) -> Outcome:
        # Busy, as training is: the process must end without this thread's help.
        while True:
            sum(range(1000))

    return evaluate


def broken(job: Job) -> Callable[[Work], Outcome]:
    raise ImportError("a library is missing")


class AnyOrder:
    """At most `workers` works run at once, and the one that `rng` picks finishes next."""

    def __init__(self, workers: int, rng: random.Random) -> None:
        self.workers, self.rng = workers, rng
        self.waiting: list[Work] = []
        self.count = 0

    def submit(self, work: Work) -> None:
        self.waiting.append(work)

    def wait(self, stopped: Callable[[], bool]) -> Outcome | None:
        if stopped():
            return None
        self.count += 1
        return outcome(self.waiting.pop(self.rng.randrange(min(self.workers, len(self.waiting)))))

    def close(self) -> None:
        pass
