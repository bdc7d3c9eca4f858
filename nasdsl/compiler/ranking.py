"""Lists in ascending order of what they cost, made one by one: sums of lists, subsets, assignments.

Each is exact: what comes later costs no less. What is not asked for is not made, so lists may be very long.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from heapq import heappop, heappush
from math import inf
from typing import Generic, TypeVar

from nasdsl.space.positions import Positions

T = TypeVar("T")
Costs = Sequence[float]
State = tuple[int, ...]


class Ranked(Generic[T]):
    """A list in ascending order of cost that is made as far as it is read."""

    def __init__(self, made: Iterator[tuple[float, T]]) -> None:
        self._made = made
        self._kept: list[tuple[float, T]] = []

    def get(self, index: int) -> tuple[float, T] | None:
        """Cost and item number `index`; None behind the last."""
        while len(self._kept) <= index:
            found = next(self._made, None)
            if found is None:
                return None
            self._kept.append(found)
        return self._kept[index]

    def __iter__(self) -> Iterator[tuple[float, T]]:
        index = 0
        while (found := self.get(index)) is not None:
            yield found
            index += 1


def sums(lists: Sequence[Ranked[T]]) -> Iterator[tuple[float, tuple[T, ...]]]:
    """One item of each list, in ascending order of the sum of their costs.

    The first takes only the first of each list. A step from one combination to the next looks at three others, however
    many lists there are: the lists are sorted by what their second item costs more than the first, and a combination
    is a way to move on in the last list that moved, to move the one behind it too, or to move that one instead.
    """
    firsts = [each.get(0) for each in lists]
    items = [first[1] for first in firsts if first is not None]
    if len(items) < len(lists):
        return
    least = sum(first[0] for first in firsts if first is not None)
    yield least, tuple(items)
    gaps: list[tuple[float, int]] = []
    for i, each in enumerate(lists):
        second, first = each.get(1), firsts[i]
        if second is not None and first is not None:
            gaps.append((second[0] - first[0], i))
    gaps.sort()
    # A state is the lists that moved, by their place among the gaps, each with how far.
    ahead: list[tuple[float, tuple[State, ...]]] = [(gaps[0][0], ((0, 1),))] if gaps else []
    while ahead:
        more, moved = heappop(ahead)
        taken = list(items)
        for place, index in moved:
            found = lists[gaps[place][1]].get(index)
            assert found is not None
            taken[gaps[place][1]] = found[1]
        yield least + more, tuple(taken)
        *others, (place, index) = moved
        own = lists[gaps[place][1]]
        here, further = own.get(index), own.get(index + 1)
        if here is not None and further is not None:
            heappush(ahead, (more + further[0] - here[0], (*others, (place, index + 1))))
        if place + 1 < len(gaps):
            gap = gaps[place + 1][0]
            heappush(ahead, (more + gap, (*moved, (place + 1, 1))))
            if index == 1:
                heappush(ahead, (more - gaps[place][0] + gap, (*others, (place + 1, 1))))


def nested(
    outer: Iterable[tuple[float, T]], inner: Callable[[T], Ranked[tuple[object, ...]]]
) -> Iterator[tuple[float, tuple[T, tuple[object, ...]]]]:
    """Each item of `outer` with each of the list it brings along, in ascending order of the sum of their costs.

    The first of every inner list costs nothing, so the first of `outer` is told without a look at the second.
    """
    lists: list[tuple[float, T, Ranked[tuple[object, ...]]]] = []
    ahead: list[tuple[float, int, int]] = []

    def further(number: int, index: int) -> None:
        cost, _, own = lists[number]
        found = own.get(index)
        if found is not None:
            heappush(ahead, (cost + found[0], number, index))

    def emitted(number: int, index: int) -> tuple[float, tuple[T, tuple[object, ...]]]:
        cost, item, own = lists[number]
        found = own.get(index)
        assert found is not None
        return cost + found[0], (item, found[1])

    for cost, item in outer:
        while ahead and ahead[0][0] < cost:
            _, number, index = heappop(ahead)
            yield emitted(number, index)
            further(number, index + 1)
        lists.append((cost, item, inner(item)))
        yield emitted(len(lists) - 1, 0)
        further(len(lists) - 1, 1)
    while ahead:
        _, number, index = heappop(ahead)
        yield emitted(number, index)
        further(number, index + 1)


def walks(
    length: int, options: Callable[[State], Iterable[tuple[int, float]]], rest: Callable[[State], float]
) -> Iterator[tuple[float, State]]:
    """Walks of `length` steps in ascending order of cost: `options` are the steps behind a walk and what they cost.

    `rest` is exactly what the cheapest way to the end costs, inf where there is none, so no walk is followed in vain.
    Of equal ones the first in lexicographic order comes first.
    """
    ahead: list[tuple[float, State, float]] = [(rest(()), (), 0.0)]
    while ahead:
        total, state, cost = heappop(ahead)
        if total == inf:
            return
        if len(state) == length:
            yield cost, state
            continue
        for step, more in options(state):
            walked = (*state, step)
            heappush(ahead, (cost + more + rest(walked), walked, cost + more))


def subsets(present: Costs, absent: Costs, least: int, most: int) -> Iterator[tuple[float, Positions]]:
    """Sets of `least` to `most` members, each of which costs what it does present or absent."""
    n = len(present)
    # [i][k]: the cheapest way on for the members from i, where k are drawn already.
    ways = [[0.0 if least <= k <= most else inf for k in range(n + 2)]]
    for i in range(n - 1, -1, -1):
        behind = ways[-1]
        ways.append([min(present[i] + behind[k + 1], absent[i] + behind[k]) for k in range(n + 1)] + [inf])
    ways.reverse()
    # Step 0 draws the member, so that of equal sets the one of earlier members comes first.
    found = walks(
        n,
        lambda state: ((0, present[len(state)]), (1, absent[len(state)])),
        lambda state: ways[len(state)][state.count(0)],
    )
    return ((cost, tuple(i for i, step in enumerate(state) if step == 0)) for cost, state in found)


def ascending(costs: Sequence[Costs]) -> Iterator[tuple[float, Positions]]:
    """A member for each slot, in ascending order of their positions; `costs[slot][member]`."""
    n = len(costs[0]) if costs else 0
    ways = [[0.0] * (n + 1)]
    for own in reversed(costs):
        behind, best = ways[-1], [inf] * (n + 1)
        for m in range(n - 1, -1, -1):
            best[m] = min(best[m + 1], own[m] + behind[m + 1])
        ways.append(best)
    ways.reverse()

    def start(state: State) -> int:
        return state[-1] + 1 if state else 0

    return walks(
        len(costs),
        lambda state: ((m, costs[len(state)][m]) for m in range(start(state), n)),
        lambda state: ways[len(state)][start(state)],
    )


def independent(costs: Sequence[Costs]) -> Iterator[tuple[float, Positions]]:
    """A member for each slot, the same as often as wished."""

    def sorted_by(own: Costs) -> Iterator[tuple[float, int]]:
        return iter(sorted((cost, m) for m, cost in enumerate(own)))

    return sums([Ranked(sorted_by(own)) for own in costs])


def distinct(costs: Sequence[Costs]) -> Iterator[tuple[float, Positions]]:
    """A member for each slot, no two the same: assignments in ascending order of cost.

    What the rest of an assignment costs is itself an assignment, so each takes at most slots * members of those.
    """
    n = len(costs[0]) if costs else 0

    def left(state: State) -> list[int]:
        return [m for m in range(n) if m not in state]

    def rest(state: State) -> float:
        members = left(state)
        slots = [[own[m] for m in members] for own in costs[len(state) :]]
        return sum(own[m] for own, m in zip(slots, assigned(slots), strict=True))

    return walks(len(costs), lambda state: ((m, costs[len(state)][m]) for m in left(state)), rest)


def assigned(costs: Sequence[Costs]) -> list[int]:
    """The cheapest assignment of distinct members, at least as many as slots: the Hungarian method (Kuhn, 1955).

    Slots are added one by one, each along the cheapest path that moves others aside; prices of slots and members keep
    every reduced cost at 0 or above. Takes time slots^2 * members.
    """
    n = len(costs[0]) if costs else 0
    slot_prices, prices = [0.0] * len(costs), [0.0] * (n + 1)
    # The slot that has each member; member n stands for the one that the slot to be added starts from.
    holder = [-1] * (n + 1)
    for slot in range(len(costs)):
        holder[n] = slot
        nearest, before, met = [inf] * n, [n] * n, [False] * (n + 1)
        at = n
        while holder[at] >= 0:
            met[at] = True
            own, row = holder[at], costs[holder[at]]
            for m in range(n):
                reduced = row[m] - slot_prices[own] - prices[m]
                if not met[m] and reduced < nearest[m]:
                    nearest[m], before[m] = reduced, at
            behind = min((m for m in range(n) if not met[m]), key=nearest.__getitem__)
            step = nearest[behind]
            for m in range(n + 1):
                if met[m]:
                    slot_prices[holder[m]] += step
                    prices[m] -= step
                elif m < n:
                    nearest[m] -= step
            at = behind
        while at != n:
            holder[at], at = holder[before[at]], before[at]
    found = [0] * len(costs)
    for m in range(n):
        if holder[m] >= 0:
            found[holder[m]] = m
    return found
