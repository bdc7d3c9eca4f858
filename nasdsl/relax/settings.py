"""What a relaxed search is asked to do: pydantic models at the border, with the defaults of DARTS."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError

from nasdsl.diagnostics import InternalError, NasdslError
from nasdsl.evolve.settings import diagnostic


class RelaxSettings(BaseModel):
    """Everything that decides a run but the number of threads and the data, which the run records beside it.

    `share` of the training images is held out: they train what a method trains on held-out data, and never the rest;
    `settled` fills it in where it is None.
    Weights are trained by SGD whose learning rate falls in half a cosine (DARTS, section A.1). `limit_batches` takes
    that many batches of an epoch and leaves the others out. `method_settings` are the method's own; `target`,
    `strength` and `form` limit the cost, see `nasdsl.relax.resource`.
    """

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)

    space: str = Field(min_length=1)
    net: str | None = None
    params: dict[str, int | float] = Field(default_factory=dict)
    ops: tuple[str, ...] = ()
    restrict: list[str] = Field(default_factory=list)
    fix: list[str] = Field(default_factory=list)
    method: str = "darts"
    method_settings: dict[str, JsonValue] = Field(default_factory=dict)
    target: str | None = None
    strength: float = Field(default=1.0, gt=0)
    form: Literal["log", "hinge", "ratio"] = "log"
    epochs: int = Field(default=50, ge=1, le=100_000)
    batch: int = Field(default=64, ge=2, le=65_536)
    limit_batches: int | None = Field(default=None, ge=1)
    seed: int = Field(default=0, ge=0, lt=2**63)
    data: str | None = None
    device: str = Field(default="cpu", pattern=r"^(cpu|cuda(:\d+)?|mps)$")
    share: float | None = Field(default=None, gt=0, lt=1)
    learning_rate: float = Field(default=0.025, gt=0, le=10)
    least_rate: float = Field(default=0.001, ge=0, le=10)
    momentum: float = Field(default=0.9, ge=0, lt=1)
    weight_decay: float = Field(default=3e-4, ge=0, le=1)
    clip: float = Field(default=5.0, gt=0)

    def settled(self, one_level: bool) -> RelaxSettings:
        """The same with the share written out: a half, or a fifth where held-out images train nothing."""
        return self.model_copy(update={"share": self.share or (0.2 if one_level else 0.5)})

    @property
    def held(self) -> float:
        """The share of settled settings."""
        if self.share is None:
            raise InternalError("the share is not settled")
        return self.share


def settings(**values: Any) -> RelaxSettings:
    """Checked settings, or every mistake in them at once as a `NasdslError` (E0604).

    >>> settings(space="darts").epochs
    50
    """
    try:
        return RelaxSettings(**values)
    except ValidationError as problem:
        known = tuple(RelaxSettings.model_fields)
        raise NasdslError(diagnostic(each, known) for each in problem.errors()) from None
