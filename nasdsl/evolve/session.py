"""One sitting of a run: the search, then the best five trained again and tested, then the files for people."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

from nasdsl.data.images import Images
from nasdsl.evolve import folder as folders
from nasdsl.evolve import history
from nasdsl.evolve.evaluators import TRAINING, Job, Work, predicted_seconds
from nasdsl.evolve.executors import Processes
from nasdsl.evolve.history import Final, Proposal
from nasdsl.evolve.hypers import adjusted
from nasdsl.evolve.problem import SpaceProblem, SpaceText
from nasdsl.evolve.progress import Progress, Started
from nasdsl.evolve.search import Search
from nasdsl.evolve.stopping import Stopping
from nasdsl.evolve.store import Store


@dataclass
class Session:
    """Holds the workers while it is entered; they end when it is left, and when the process ends."""

    folder: Path
    record: folders.Record
    space: SpaceText
    problem: SpaceProblem
    data: Images
    store: Store
    progress: Progress
    workers: int

    def __enter__(self) -> Session:
        asked = self.record.settings
        job = Job(
            evaluator=self.record.evaluator,
            space=self.space,
            data=asked.data,
            device=asked.device,
            train=asked.train,
            inherited=self.record.inherited,
        )
        self._executor = Processes(job, self.workers, self.folder / "workers.log", self.progress.note)
        self._began = time.monotonic() - self.store.elapsed
        return self

    def __exit__(self, *raised: object) -> None:
        self._executor.close()

    def run(self, stopped: Stopping) -> None:
        """To the end of the run, or until `stopped`; whatever finished by then is stored."""
        asked = self.record.settings
        search = Search(self.problem, asked, self.store, self.progress, self._age, self._predicted)
        self.progress.started(
            Started(
                folder=self.folder,
                space=self.record.space,
                net=self.record.net,
                size=self.problem.size,
                strategy=asked.strategy,
                budget=asked.budget,
                workers=self.workers,
                binding=str(self.data),
                resumed=search.resumed,
            )
        )
        complete = search.run(self._executor, stopped)
        best = history.best(search.proposals, search.results)
        if best:
            folders.write(self.folder / "best.nas", folders.best_text(self.space, best[0].text))
        if complete and self._finish(best, stopped):
            if search.exhausted:
                self.progress.note("nothing new is found: what was proposed last had all been seen before")
            self._draw(best)
            self.store.end("exhausted" if search.exhausted else "finished")

    def _finish(self, best: tuple[Proposal, ...], stopped: Stopping) -> bool:
        """Trains the best again, each by its own seed, so with the same weights, and reads the test split with them."""
        known = self.store.finals()
        weights = self.folder / "best.pt"
        left = [p for p in best if p.n not in known or (p == best[0] and not weights.is_file())]
        self.progress.finishing("testing the best", len(best) - len(left), len(best))
        for proposal in left:
            seed = history.training_seed(self.record.settings.seed, proposal.key)
            save = str(weights) if proposal == best[0] else None
            predicted = self._predicted(proposal)
            self._executor.submit(
                Work(n=proposal.n, code=proposal.code, seed=seed, kind="final", save=save, predicted=predicted)
            )
        for count in range(len(left)):
            outcome = self._executor.wait(stopped)
            if outcome is None:
                return False
            if outcome.score is None or outcome.test is None:
                self.progress.note(f"number {outcome.n} could not be tested: {outcome.reason}")
            elif outcome.n not in known:
                self._repeated(outcome.n, outcome.score)
                self.store.final(Final(n=outcome.n, validation=outcome.score, test=outcome.test))
            self.progress.finishing("testing the best", len(best) - len(left) + count + 1, len(best))
        return True

    def _repeated(self, n: int, score: float) -> None:
        before = self.store.results()[n].score
        if before != score:
            self.progress.note(
                f"number {n} gives {score:.4f} here where the search had {before:.4f}: another machine or torch"
            )

    def _draw(self, best: tuple[Proposal, ...]) -> None:
        if not best:
            return
        from nasdsl import draw
        from nasdsl.compiler import dag, lower

        network = lower.network(self.problem.read(best[0].code), self.problem.binding)
        draw.genotype(dag.architecture(network), self.folder / "best.svg")

    def _age(self) -> float:
        return time.monotonic() - self._began

    def _predicted(self, proposal: Proposal) -> float:
        images = round(len(self.data.y_train) * (1 - self.record.settings.train.validation))
        train = self.record.settings.train
        if self.record.evaluator == TRAINING:
            train = adjusted(train, self.problem.read(proposal.code).hypers)
        return predicted_seconds(train, images, proposal.macs, proposal.ops)
