"""How a genotype gets its score. A worker makes one evaluator from a `Job` and calls it for every `Work`.

An evaluator is named `module:function`, so that a worker finds it without anything being pickled; `training` is the
default. It must give the same outcome for the same work in every process.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from nasdsl.diagnostics import InternalError
from nasdsl.evolve.problem import SpaceText, bound
from nasdsl.evolve.progress import Status
from nasdsl.evolve.settings import TrainSettings


class Inherited(BaseModel):
    """Weights that candidates are scored with instead of being trained, and so keyed by the genotype.

    They lie at `source`, whose `digest` is from the beginning of the run: no run is scored by two sets of weights.
    Batch norms take their statistics from so many training `batches`.
    """

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)

    source: str
    digest: str
    batches: int = Field(default=20, ge=1)


class Job(BaseModel):
    """What all work of a run has in common."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)

    evaluator: str
    space: SpaceText
    data: str | None
    device: str
    train: TrainSettings
    inherited: Inherited | None = None


class Work(BaseModel):
    """One genotype. `final` also reads the test split and, if `save` is a path, writes the weights there.

    `predicted` is a rough number of seconds, for the wall-clock net alone.
    """

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)

    n: int
    code: str
    seed: int
    kind: Literal["score", "final"] = "score"
    save: str | None = None
    predicted: float = 0.0


class Outcome(BaseModel):
    """What came of a work: a validation accuracy in 0..1 (and the test accuracy of a `final`), or a reason."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)

    n: int
    status: Status
    score: float | None = None
    test: float | None = None
    reason: str = ""
    seconds: float = 0.0
    struck: bool = False


Evaluator = Callable[[Work], Outcome]
TRAINING = "nasdsl.evolve.evaluators:training"


def evaluator(job: Job) -> Evaluator:
    """The evaluator a job names."""
    module, _, name = job.evaluator.partition(":")
    made: Evaluator = getattr(importlib.import_module(module), name)(job)
    return made


def training(job: Job) -> Evaluator:
    """Trains on the images of the job, one thread, and scores by validation accuracy."""
    import torch

    from nasdsl.compiler import dag, lower, module
    from nasdsl.data import images
    from nasdsl.evolve import train
    from nasdsl.evolve.hypers import adjusted
    from nasdsl.evolve.pointwise import quickened

    torch.set_num_threads(1)
    torch.set_flush_denormal(True)
    device = torch.device(job.device)
    if device.type != "cpu":  # one thread of a CPU adds in one order anyway
        torch.use_deterministic_algorithms(True, warn_only=True)
    data = images.load(Path(job.data) if job.data else None)
    space, binding = job.space.load(), bound(data.channels, data.size, data.classes)
    task = train.task(data, job.train.validation, device)

    def evaluate(work: Work) -> Outcome:
        genotype = space.from_rank_text(work.code)
        network = lower.network(genotype, binding)
        torch.manual_seed(work.seed)
        taps = {tap.name: tap.weight for tap in network.taps}
        settings = adjusted(job.train, genotype.hypers)
        dropping = 0.0 if settings.drop_path else None
        net: Any = module.build(dag.architecture(network), taps=bool(taps), drop_path=dropping)
        if device.type == "cpu":
            quickened(net)
        net.to(device=device, memory_format=torch.channels_last)
        try:
            train.train(net, task.train, settings, work.seed, taps)
            if taps:
                net = module.evaluated(net)
            score = train.accuracy(net, task.validation)
            test = train.accuracy(net, train.test(data, task)) if work.kind == "final" else None
        except train.DivergedError as problem:
            return Outcome(n=work.n, status="failed", reason=f"diverged: {problem}")
        if work.save is not None:
            torch.save(net.state_dict(), work.save)
        return Outcome(n=work.n, status="ok", score=score, test=test)

    return evaluate


def predicted_seconds(train: TrainSettings, images: int, macs: int, ops: int) -> float:
    """A rough cost on one slow core: three passes of multiply-adds at 2e9 a second and 0.5 ms an operation and step."""
    steps = train.steps(images)
    return steps * (3 * macs * train.batch / 2e9 + 5e-4 * ops)


def check(work: Work, outcome: Outcome) -> Outcome:
    """The outcome, if it is this work's and whole; a fault of the evaluator otherwise."""
    if outcome.n != work.n or (outcome.status == "ok") != (outcome.score is not None):
        raise InternalError(f"an evaluator gave {outcome!r} for number {work.n}")
    return outcome
