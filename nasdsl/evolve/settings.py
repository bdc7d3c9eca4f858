"""What a run is asked to do: pydantic models at the border, and their errors in a person's words."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, PlainValidator, ValidationError

from nasdsl.diagnostics import Diagnostic, NasdslError, did_you_mean
from nasdsl.space import mutations

StrategyName = Literal["aging", "tournament", "mutation", "random"]


def _mutation(given: Any) -> str | float:
    try:
        return mutations.known(given)
    except NasdslError:
        raise ValueError(f"should be {', '.join(mutations.NAMES)} or a probability up to 1") from None


class TrainSettings(BaseModel):
    """One candidate's training: SGD with Nesterov momentum under a one-cycle learning rate.

    `drop_path` is the share of edges dropped at the end; it rises from 0 in a straight line (DARTS, section 3.2).
    A part of an epoch is that part of the images, drawn anew by each candidate's seed.
    """

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)

    epochs: float = Field(default=0.4, gt=0, le=1000, strict=False)
    batch: int = Field(default=64, ge=2, le=4096)
    learning_rate: float = Field(default=0.1, gt=0, le=10)
    momentum: float = Field(default=0.9, ge=0, lt=1)
    weight_decay: float = Field(default=5e-4, ge=0, le=1)
    label_smoothing: float = Field(default=0.0, ge=0, lt=1)
    drop_path: float = Field(default=0.0, ge=0, lt=1)
    warmup: float = Field(default=0.2, ge=0, lt=1)
    validation: float = Field(default=0.2, gt=0, lt=1)

    def steps(self, images: int) -> int:
        """How many batches of `images` a candidate is trained on, at least one; an odd rest of an epoch is left out."""
        return max(1, round(self.epochs * max(1, images // self.batch)))


class RunSettings(BaseModel):
    """Everything that decides a run. `workers` decides only its speed, and may be changed by a resume.

    `population`, `sample` and `offspring` are filled in by `settled` where they are None, before they are stored.
    `sample` is the size of a tournament (None for `tournament`: 5 % of the population); `offspring` is lambda.
    `mutation` is one of `nasdsl.space.mutations`; `crossover` is the share of children that have two parents.
    """

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)

    space: str = Field(min_length=1)
    net: str | None = None
    params: dict[str, int | float] = Field(default_factory=dict)
    ops: tuple[str, ...] = ()
    restrict: list[str] = Field(default_factory=list)
    fix: list[str] = Field(default_factory=list)
    strategy: StrategyName = "aging"
    budget: int = Field(default=500, ge=1, le=10_000_000)
    seed: int = Field(default=0, ge=0, lt=2**63)
    population: int | None = Field(default=None, ge=1, le=1_000_000)
    sample: int | None = Field(default=None, ge=1, le=1_000_000)
    offspring: int | None = Field(default=None, ge=1, le=1_000_000)
    mutation: Annotated[str | float, PlainValidator(_mutation)] = "any"
    crossover: float = Field(default=0.0, ge=0, le=1)
    crossing: Literal["uniform", "subtree"] = "uniform"
    inflight: int = Field(default=8, ge=1, le=1024)
    workers: int | None = Field(default=None, ge=1, le=1024)
    data: str | None = None
    device: str = Field(default="cpu", pattern=r"^(cpu|cuda(:\d+)?|mps)$")
    max_macs: int | None = Field(default=None, ge=1)
    max_params: int | None = Field(default=None, ge=1)
    train: TrainSettings = Field(default_factory=TrainSettings)

    def settled(self) -> RunSettings:
        """The same settings with every default that depends on another setting written out."""
        population = self.population or min(100, max(10, self.budget // 10))
        sample = self.sample
        if sample is None and self.strategy == "aging":
            sample = max(3, population // 4)
        offspring = self.offspring or population
        workers = self.workers or min(os.cpu_count() or 1, self.inflight)
        return self.model_copy(
            update={"population": population, "sample": sample, "offspring": offspring, "workers": workers}
        )


def settings(**values: Any) -> RunSettings:
    """Checked settings, or every mistake in them at once as a `NasdslError` (E0604).

    >>> settings(space="nasnet", budget=100).strategy
    'aging'
    """
    try:
        made = RunSettings(**values)
    except ValidationError as problem:
        raise NasdslError(diagnostic(each) for each in problem.errors()) from None
    check_workers(made.workers, made.inflight)
    return made


def check_workers(workers: int | None, inflight: int) -> None:
    """Refuses more workers than the window keeps busy (E0604)."""
    if workers is not None and workers > inflight:
        message = f"{workers} workers are more than the {inflight} candidates in flight"
        helps = (f"--workers {inflight}", f"or --inflight {workers} on a new run: it is part of what decides a run")
        raise NasdslError([Diagnostic("E0604", message, helps=helps)])


KNOWN = (*RunSettings.model_fields, *TrainSettings.model_fields)


def diagnostic(problem: Any, known: Iterable[str] = KNOWN) -> Diagnostic:
    """A validation error of pydantic in a person's words (E0604), for settings of these names."""
    where = ".".join(str(part) for part in problem["loc"])
    if problem["type"] == "extra_forbidden":
        return Diagnostic("E0604", f"there is no setting `{where}`", helps=did_you_mean(where.split(".")[-1], known))
    if problem["type"] == "missing":
        return Diagnostic("E0604", f"the setting `{where}` is missing")
    given = problem.get("input")
    wanted = str(problem["msg"]).removeprefix("Input ").removeprefix("Value error, ").removeprefix("should ")
    if where == "device":
        wanted = "be cpu, cuda, cuda:0 or mps"
    return Diagnostic("E0604", f"the setting `{where}` is {given!r}, and should {wanted}")
