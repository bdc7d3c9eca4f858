"""A search's past: numbered proposals and their results, checked by pydantic wherever they are read from outside."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict, Field

from nasdsl.evolve.progress import Status


class Proposal(BaseModel):
    """What proposal `n` is and where it comes from.

    `alias` is the earlier number with the same `key`: nothing is trained. `draws` were made, `duplicates` of them seen
    before. A `fault` is known without training: over a limit, or a network that cannot be built.
    """

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)

    n: int = Field(ge=0)
    parents: tuple[int, ...]
    code: str
    text: str
    key: str
    alias: int | None
    draws: int = Field(ge=1)
    duplicates: int = Field(ge=0)
    params: int = Field(ge=0)
    macs: int = Field(ge=0)
    ops: int = Field(ge=0)
    fault: str


class Result(BaseModel):
    """What came of proposal `n`. `seconds` and `struck` (the wall-clock net ended it) are no part of the history."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)

    n: int = Field(ge=0)
    status: Status
    score: float | None
    reason: str = ""
    seconds: float = 0.0
    struck: bool = False


class Final(BaseModel):
    """One of the best, trained again at the end: its validation and test accuracy in 0..1."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)

    n: int = Field(ge=0)
    validation: float
    test: float


Line = tuple[int, tuple[int, ...], str, str, float | None]


def history(proposals: Sequence[Proposal], results: Sequence[Result]) -> tuple[Line, ...]:
    """(n, parents, genotype, status, score) of everything told: what two runs of one seed agree in."""
    return tuple((p.n, p.parents, p.code, r.status, r.score) for p, r in zip(proposals, results, strict=False))


def best(proposals: Sequence[Proposal], results: Sequence[Result], count: int = 5) -> tuple[Proposal, ...]:
    """The `count` best of what was evaluated, best first, the earlier of equals first; aliases are left out."""
    told = zip(proposals, results, strict=False)
    scored = [(-r.score, p.n, p) for p, r in told if p.alias is None and r.score is not None]
    return tuple(p for _, _, p in sorted(scored, key=lambda each: each[:2])[:count])


def generator(seed: int, n: int) -> random.Random:
    """The generator of proposal `n`: its own, so that no stream is carried from one proposal to the next."""
    return random.Random(hashed("proposal", seed, n))


def training_seed(seed: int, key: str) -> int:
    """The seed of a candidate's weights and batches, in 0..2^63-1: equal networks train alike."""
    return hashed("training", seed, key) >> 193


def hashed(*parts: object) -> int:
    """256 bits that follow from the parts alone."""
    return int.from_bytes(hashlib.sha256(":".join(map(str, parts)).encode()).digest())
