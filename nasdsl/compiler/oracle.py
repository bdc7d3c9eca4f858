"""Decisions answered in every combination, and remembered as the reason of what came of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from nasdsl.space.decisions import Subset
from nasdsl.space.gates import Gates
from nasdsl.space.group import Decision
from nasdsl.space.positions import Positions

# What was decided: own alternatives by path; the member that slot j of a subset reads by (path, j), and
# those that gates let through by (path, member).
Reason = Mapping[str | tuple[str, int], object]


def union(reasons: Iterable[Reason]) -> Reason:
    """All that was decided; where reasons disagree the first holds."""
    found: dict[str | tuple[str, int], object] = {}
    for reason in reasons:
        if not found:
            found.update(reason)
            continue
        for path, decided in reason.items():
            found.setdefault(path, decided)
    return found


class Oracle(Mapping[str, object]):
    """Answers decisions so that repeated runs meet every combination of the alternatives that are asked for."""

    def __init__(self, decisions: Mapping[str, Decision]) -> None:
        self.decisions = decisions
        self.trail: list[tuple[int, int]] = []
        self.taken: dict[str | tuple[str, int], object] = {}
        self.at = 0

    def __getitem__(self, path: str) -> object:
        if path not in self.taken:
            decision = self.decisions[path]
            self.taken[path] = decision.alternative(self.branch(decision.choices))
        return self.taken[path]

    def __iter__(self) -> Iterator[str]:
        return iter(self.decisions)

    def __len__(self) -> int:
        return len(self.decisions)

    def branch(self, ways: int) -> int:
        if self.at == len(self.trail):
            self.trail.append((0, ways))
        taken = self.trail[self.at][0]
        self.at += 1
        return taken

    def runs(self) -> Iterator[None]:
        """One iteration for each combination."""
        self.trail = []
        while True:
            self.taken, self.at = {}, 0
            yield
            while self.trail and self.trail[-1][0] + 1 == self.trail[-1][1]:
                self.trail.pop()
            if not self.trail:
                return
            last, ways = self.trail[-1]
            self.trail[-1] = (last + 1, ways)


class Answers(Mapping[str, object]):
    """One genotype: what a reason says, and for all else the alternative that `default` picks among so many."""

    def __init__(self, decisions: Mapping[str, Decision], reason: Reason, taken: Mapping[str, object]) -> None:
        self.decisions = decisions
        self.reason = reason
        self.taken = dict(taken)

    def __getitem__(self, path: str) -> object:
        if path not in self.taken:
            self.taken[path] = self.reason[path] if path in self.reason else self.first(path)
        return self.taken[path]

    def __iter__(self) -> Iterator[str]:
        return iter(self.decisions)

    def __len__(self) -> int:
        return len(self.decisions)

    def first(self, path: str) -> object:
        """An alternative that reads what the reason says."""
        decision = self.decisions[path]
        slots = {k[1]: m for k, m in self.reason.items() if isinstance(k, tuple) and k[0] == path}
        if slots and isinstance(decision, Gates):
            return _with(sorted(slots), len(decision.members), decision.least)
        if slots and isinstance(decision, Subset):
            return _drawn(decision, slots)  # type: ignore[arg-type]
        return decision.alternative(0)


def _drawn(decision: Subset, slots: Mapping[int, int]) -> Positions:
    """A draw whose slots read these members, as far as they can all be met."""
    n = len(decision.members)
    if decision.mode == "set":
        return _with(sorted(set(slots.values()))[: decision.most], n, max(decision.least, _length(slots, decision)))
    left = iter([m for m in range(n) if m not in slots.values()] or [0])
    return tuple(
        slots[j] if j in slots else 0 if decision.mode == "repeats" else next(left)
        for j in range(max(decision.least, _length(slots, decision)))
    )


def _length(slots: Mapping[int, int], decision: Subset) -> int:
    return min(max(slots) + 1, decision.most)


def _with(members: Sequence[int], n: int, least: int) -> Positions:
    """These members and, where that is too few, the first of the others."""
    others = [m for m in range(n) if m not in members]
    return tuple(sorted([*members, *others[: max(least - len(members), 0)]]))
