"""How many genotypes of a space are valid: exactly where that can be told, else between two numbers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor, sqrt
from random import Random
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nasdsl.space.model import SearchSpace

MOST_ENUMERATED = 1_000_000
SAMPLES = 2_000
# Of a space whose constraints ask what a network costs.
FEW = 300
NORMAL_95 = 1.959964
REPORTED = 1_000

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Count:
    """A number: `exact`, or estimated from `samples`, with the ends of the 95 % interval.

    The interval is that of Wilson (1927) for the share of the samples.
    """

    exact: int | None
    estimate: int
    low: int
    high: int
    samples: int = 0


def certain(number: int) -> Count:
    return Count(number, number, number, number)


def valid_size(space: SearchSpace, *, most: int = MOST_ENUMERATED, progress: Progress | None = None) -> Count:
    """How many genotypes are valid.

    Constraints that are sums are counted. Where there are others, or some genotypes are dead, up to `most` genotypes
    that meet those sums are looked at one by one, `progress` told how many of how many; beyond that it is an estimate
    from samples with a fixed seed.
    """
    pool = space.pool
    if pool.valid:
        return certain(pool.size)
    if pool.size <= most:
        found = 0
        for index in range(pool.size):
            found += pool.fault(space.member(index)) is None
            if progress is not None and (index + 1) % REPORTED == 0:
                progress(index + 1, pool.size)
        return certain(found)
    rng = Random(0)
    samples = FEW if pool.needs_network else SAMPLES
    found = sum(pool.fault(space.member(rng.randrange(pool.size))) is None for _ in range(samples))
    low, high = wilson(found, samples)
    share = Fraction(found, samples)
    return Count(None, round(pool.size * share), floor(pool.size * low), ceil(pool.size * high), samples)


def wilson(found: int, samples: int) -> tuple[Fraction, Fraction]:
    """The 95 % interval of a share of which `found` of `samples` were seen (Wilson, 1927)."""
    z2, share = NORMAL_95**2, found / samples
    middle = share + z2 / (2 * samples)
    spread = NORMAL_95 * sqrt(share * (1 - share) / samples + z2 / (4 * samples**2))
    whole = 1 + z2 / samples
    low, high = (middle - spread) / whole, (middle + spread) / whole
    # The ends are exact where all or none were seen; a float would leave a rest.
    return (
        Fraction(0) if found == 0 else Fraction(max(low, 0.0)),
        Fraction(1) if found == samples else Fraction(min(high, 1.0)),
    )
