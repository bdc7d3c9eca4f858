"""Positions drawn from `n` members in one of three ways, counted and ranked in lexicographic order.

- `set`      ascending positions, C(n, k)
- `order`    distinct positions in any order, n! / (n - k)!
- `repeats`  positions in any order, each as often as wished, n^k
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise
from math import comb, factorial, perm
from random import Random
from typing import Literal

Mode = Literal["set", "order", "repeats"]
Positions = tuple[int, ...]


def count(mode: Mode, n: int, k: int) -> int:
    """How many ways there are to draw `k` of `n`."""
    if mode == "set":
        return comb(n, k)
    return perm(n, k) if mode == "order" else n**k


def legal(mode: Mode, n: int, positions: object) -> bool:
    """Whether these are positions of `n` members, drawn this way."""
    if not isinstance(positions, tuple) or not all(type(p) is int and 0 <= p < n for p in positions):
        return False
    if mode == "set":
        return all(a < b for a, b in pairwise(positions))
    return mode == "repeats" or len(set(positions)) == len(positions)


@lru_cache(maxsize=1 << 14)
def rank(mode: Mode, n: int, positions: Positions) -> int:
    """The number of `positions` among those of its length; the first position is the most significant."""
    k, total, start = len(positions), 0, 0
    left = list(range(n)) if mode == "order" else []
    for j, p in enumerate(positions):
        if mode == "set":
            total += sum(comb(n - 1 - x, k - 1 - j) for x in range(start, p))
            start = p + 1
        elif mode == "order":
            total += left.index(p) * perm(n - 1 - j, k - 1 - j)
            left.remove(p)
        else:
            total = total * n + p
    return total


@lru_cache(maxsize=1 << 14)
def unrank(mode: Mode, n: int, k: int, rank: int) -> Positions:
    """The inverse of `rank` for 0 <= rank < count(mode, n, k)."""
    if mode == "set":
        return _combination(n, k, rank)
    left = list(range(n))
    drawn = []
    for j in range(k):
        i, rank = divmod(rank, count(mode, n - 1 - j if mode == "order" else n, k - 1 - j))
        drawn.append(left.pop(i) if mode == "order" else i)
    return tuple(drawn)


def favoured(mode: Mode, weights: Sequence[float], least: int, most: int, rng: Random) -> Positions:
    """From `least` to `most` positions, with a probability proportional to the product of their weights."""
    counts = range(least, most + 1)
    if mode == "repeats":
        total = sum(weights)
        k = rng.choices(counts, [total**k for k in counts])[0]
        return tuple(rng.choices(range(len(weights)), weights, k=k))
    sums = _sums(weights, most)
    orders = [factorial(k) if mode == "order" else 1 for k in counts]
    k = rng.choices(counts, [sums[0][k] * ways for k, ways in zip(counts, orders, strict=True)])[0]
    drawn: list[int] = []
    for i, weight in enumerate(weights):
        left = k - len(drawn)
        if left and rng.random() * sums[i][left] < weight * sums[i + 1][left - 1]:
            drawn.append(i)
    if mode == "order":
        rng.shuffle(drawn)
    return tuple(drawn)


def _sums(weights: Sequence[float], most: int) -> list[list[float]]:
    """`[i][k]`: the products of the weights of k positions from i on, summed over all ways to draw them."""
    sums = [[1.0] + [0.0] * most]
    for weight in reversed(weights):
        behind = sums[-1]
        sums.append([1.0] + [behind[k] + weight * behind[k - 1] for k in range(1, most + 1)])
    return sums[::-1]


def _combination(n: int, k: int, rank: int) -> Positions:
    drawn, x = [], 0
    for j in range(k - 1, -1, -1):
        while rank >= (starting := comb(n - 1 - x, j)):
            rank -= starting
            x += 1
        drawn.append(x)
        x += 1
    return tuple(drawn)
