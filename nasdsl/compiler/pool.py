"""The genotypes that meet the constraints that are sums, numbered: counted and drawn exactly, however rare they are."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import prod

from nasdsl.compiler.folds import Split
from nasdsl.compiler.judge import judge
from nasdsl.compiler.sums import Case, Constraint, Folding, meets
from nasdsl.compiler.tally import UndecidedError
from nasdsl.space import group as groups
from nasdsl.space.genotype import Genotype
from nasdsl.space.group import Group, Value, Values
from nasdsl.space.model import Fault, SearchSpace


def pool(space: SearchSpace) -> Pool:
    """Made for a space once, see `SearchSpace.pool`."""
    return Pool(space)


class Joint:
    """What decisions at the top can be under constraints that are sums over them."""

    def __init__(self, space: SearchSpace, constraints: Sequence[Constraint], cases: Iterable[Case]) -> None:
        self.constraints = tuple(constraints)
        places = {d.path: i for i, d in enumerate(space.decisions)}
        met = [
            ((case, [places[d.path] for d in case.decisions], sums), n)
            for case in cases for sums, n in case.ways if meets(constraints, sums)
        ]  # fmt: skip
        self.split = Split(met)
        self.size = sum(n for _, n in met)

    def fill(self, values: list[Value], index: int) -> None:
        """Puts the values of a number below `size` where their decisions stand."""
        (case, places, sums), index = self.split.find(index)
        for place, value in zip(places, case.values(sums, index), strict=True):
            values[place] = value


class Pool:
    """All genotypes of a space that meet its constraints, as far as these are sums.

    `late` are the constraints that are not looked at; with none, and no genotype dead, all of it is valid.
    """

    def __init__(self, space: SearchSpace) -> None:
        constraints = judge(space).constraints
        self.joints: list[Joint] = []
        bound: set[str] = set()
        for group, roots in independent(space, constraints):
            found = folded(space, group, tuple(d for d in space.decisions if d.path in roots))
            if found is not None:
                self.joints.append(found)
                bound |= roots
        self.count = len(space.decisions)
        self.open = [i for i, d in enumerate(space.decisions) if d.path not in bound]
        self.free: Group = tuple(space.decisions[i] for i in self.open)
        self.rest = groups.size(self.free)
        self.size = self.rest * prod(joint.size for joint in self.joints)
        self.judge = judge(space).but_for([each for joint in self.joints for each in joint.constraints])
        self.late = self.judge.constraints
        self.needs_network = bool(self.judge.late)
        self.valid = not self.late and self.judge.liveness.certain

    def fault(self, genotype: Genotype) -> Fault | None:
        """Why a genotype of the pool is not valid."""
        return self.judge.fault(genotype)

    def __getitem__(self, index: int) -> Values:
        """The values of the genotype with a number below `size`."""
        index, rest = divmod(index, self.rest)
        free = groups.unrank(self.free, rest)
        if not self.joints:
            return free
        values: list[Value] = [None] * self.count
        for place, value in zip(self.open, free, strict=True):
            values[place] = value
        for joint in self.joints:
            index, own = divmod(index, joint.size)
            joint.fill(values, own)
        return tuple(values)


def folded(space: SearchSpace, constraints: Sequence[Constraint], decisions: Group) -> Joint | None:
    """As many of the constraints as can be folded together; None where none can be."""
    kept: list[Constraint] = []
    made: Joint | None = None
    # Mostly all can be.
    for some in (constraints, *([each] for each in constraints)):
        if made is not None and len(kept) == len(constraints):
            break
        try:
            together = [*kept, *some]
            made = Joint(space, together, Folding(space, together).cases(decisions))
            kept = together
        except UndecidedError:
            continue
    return made


def independent(space: SearchSpace, constraints: Sequence[Constraint]) -> list[tuple[list[Constraint], frozenset[str]]]:
    """The constraints that are sums, in groups that depend on different decisions; with these."""
    found: list[tuple[list[Constraint], frozenset[str]]] = []
    for constraint in constraints:
        try:
            roots = Folding(space, (constraint,)).roots
        except UndecidedError:
            continue
        joined: list[Constraint] = []
        rest = []
        for members, theirs in found:
            if theirs & roots:
                joined, roots = [*joined, *members], roots | theirs
            else:
                rest.append((members, theirs))
        found = [*rest, ([*joined, constraint], roots)]
    return found
