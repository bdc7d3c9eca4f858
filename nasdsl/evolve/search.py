"""The loop of a search: propose by number, evaluate anywhere, commit as they finish, tell in order.

One history for any number of workers and any order of completion: proposal n is computed once results 0..n-W are told,
from exactly these (W is the window, `inflight`), and results are told in the order of their numbers. A resumed search
runs the same loop over what its store holds: every proposal is computed again and must equal the stored one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from nasdsl.diagnostics import error
from nasdsl.evolve.evaluators import Outcome, Work
from nasdsl.evolve.executors import Executor
from nasdsl.evolve.history import Proposal, Result, generator, training_seed
from nasdsl.evolve.problem import Problem
from nasdsl.evolve.progress import Progress, Rate, Told
from nasdsl.evolve.settings import RunSettings
from nasdsl.evolve.store import Store
from nasdsl.evolve.strategies import propose, strategy
from nasdsl.evolve.toolbox import Individual

# So many proposals in a row, each drawn 51 times, that were all seen before: there is nothing new to be found.
NOTHING_NEW = 100


@dataclass
class Search:
    """One run's search, from an empty store or a started one. `age` gives the run's seconds, over all its sessions."""

    problem: Problem
    settings: RunSettings
    store: Store
    progress: Progress
    age: Callable[[], float]
    predicted: Callable[[Proposal], float] = lambda proposal: 0.0
    rate: Rate = field(default_factory=Rate)
    proposals: list[Proposal] = field(default_factory=list)
    results: list[Result] = field(default_factory=list)
    _individuals: list[Individual] = field(default_factory=list)
    _seen: dict[str, int] = field(default_factory=dict)
    _aliases: int = 0
    _failures: int = 0
    _duplicates: int = 0
    _draws: int = 0
    _best: Result | None = None

    def __post_init__(self) -> None:
        self._rule = strategy(self.settings)
        self._stored = self.store.proposals()
        self._finished = self.store.results()
        # What an earlier session told is not told to the progress again.
        self._told_before = next((n for n in range(len(self._stored)) if n not in self._finished), len(self._stored))

    @property
    def exhausted(self) -> bool:
        """Whether the strategy finds nothing new any more, although budget is left."""
        return self._aliases >= NOTHING_NEW and len(self._seen) < self.settings.budget

    @property
    def evaluated(self) -> int:
        """How many results were told that are no aliases: what the budget counts."""
        return sum(self.proposals[result.n].alias is None for result in self.results)

    @property
    def resumed(self) -> int:
        """How many evaluations earlier sessions have left, told or not."""
        return sum(self._stored[n].alias is None for n in self._finished if n < len(self._stored))

    def run(self, executor: Executor, stopped: Callable[[], bool]) -> bool:
        """Goes on to the end of the budget, or until `stopped()`. Whether the end was reached."""
        while True:
            while self._tell_next() or self._propose_next(executor):
                if stopped():
                    return False
            if len(self.results) == len(self.proposals):
                return True
            outcome = executor.wait(stopped)
            if outcome is None:
                return False
            self._commit(outcome)

    def _propose_next(self, executor: Executor) -> bool:
        """Computes the next proposal if there is one and its results are told; hands it out if it needs training."""
        n = len(self.proposals)
        horizon = self._rule.horizon(n)
        if len(self._seen) >= self.settings.budget or self._aliases >= NOTHING_NEW:
            return False
        if len(self.results) < max(horizon, n - self.settings.inflight + 1):
            return False
        rng = generator(self.settings.seed, n)
        proposal = propose(self.problem, self.settings, self._individuals[:horizon], self.proposals, self._seen, rng)
        if n < len(self._stored):
            self._compare(proposal, self._stored[n])
        else:
            self.store.propose(proposal)
        self.proposals.append(proposal)
        self._aliases = self._aliases + 1 if proposal.alias is not None else 0
        if proposal.alias is None:
            self._seen[proposal.key] = n
            self._hand_out(proposal, executor)
        return True

    def _hand_out(self, proposal: Proposal, executor: Executor) -> None:
        if proposal.n in self._finished:
            return
        if proposal.fault:
            self._commit(Outcome(n=proposal.n, status="failed", reason=proposal.fault))
            return
        seed = training_seed(self.settings.seed, proposal.key)
        executor.submit(Work(n=proposal.n, code=proposal.code, seed=seed, predicted=self.predicted(proposal)))

    def _commit(self, outcome: Outcome) -> None:
        result = Result(
            n=outcome.n,
            status=outcome.status,
            score=outcome.score,
            reason=outcome.reason,
            seconds=outcome.seconds,
            struck=outcome.struck,
        )
        self.store.commit(result, self.age())
        self._finished[result.n] = result
        self.rate.tick()

    def _tell_next(self) -> bool:
        """Tells the next result in order, if it is known."""
        n = len(self.results)
        if n == len(self.proposals):
            return False
        proposal = self.proposals[n]
        if proposal.alias is not None and n not in self._finished:
            result = self.results[proposal.alias].model_copy(update={"n": n, "seconds": 0.0, "struck": False})
            self.store.commit(result, self.age())
            self._finished[n] = result
        if n not in self._finished:
            return False
        result = self._finished[n]
        self.results.append(result)
        self._individuals.append(Individual.of(proposal.code, proposal.alias, result))
        self._count(proposal, result)
        if n >= self._told_before:
            self.progress.told(self._event(proposal, result))
        return True

    def _count(self, proposal: Proposal, result: Result) -> None:
        self._draws += proposal.draws
        self._duplicates += proposal.duplicates
        self._failures += proposal.alias is None and result.status == "failed"
        if result.score is not None and (self._best is None or result.score > (self._best.score or 0.0)):
            self._best = result

    def _event(self, proposal: Proposal, result: Result) -> Told:
        done = self.evaluated
        return Told(
            n=result.n,
            status=result.status,
            score=result.score,
            reason=result.reason,
            alias=proposal.alias,
            parents=proposal.parents,
            code=proposal.code,
            done=done,
            budget=self.settings.budget,
            best=self._best.score if self._best else None,
            best_n=self._best.n if self._best else None,
            duplicates=self._duplicates,
            draws=self._draws,
            failures=self._failures,
            rate=self.rate.value,
            eta=self.rate.eta(self.settings.budget - done),
        )

    def _compare(self, proposal: Proposal, stored: Proposal) -> None:
        if proposal == stored:
            return
        differs = ", ".join(name for name in Proposal.model_fields if getattr(proposal, name) != getattr(stored, name))
        raise error(
            "E0605",
            f"proposal {proposal.n} comes out differently from the stored one ({differs})",
            notes=["the run was made by a version of nasdsl that proposes differently, or its store was changed"],
            helps=["resume it with the version it was made with", "or start a new run"],
        )
