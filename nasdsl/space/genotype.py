"""One point of a space."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from importlib import import_module
from operator import getitem
from random import Random
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal, get_args

from nasdsl.diagnostics import did_you_mean, error
from nasdsl.space import group, mutations, subtrees, text, vary
from nasdsl.space.group import Values
from nasdsl.space.mutations import How

if TYPE_CHECKING:
    from nasdsl.space.metrics import Metrics
    from nasdsl.space.model import SearchSpace

Crossover = Literal["uniform", "subtree"]
CROSSOVERS: tuple[str, ...] = get_args(Crossover)
TRIES = 1000

FORMAT = 1
"""The format of a genotype as JSON."""


@cache
def above(name: str) -> Any:
    """A module of nasdsl that builds upon spaces: found by name, and only when it is needed."""
    return import_module(f"nasdsl.{name}")


def notebook() -> Any:
    """What draws."""
    return above("notebook")


@dataclass(frozen=True, eq=False, repr=False)
class Genotype:
    """The values of all decisions of a space. Equal where the values are equal in a space of the same name and net.

    Made by a `SearchSpace`; the values are not checked here.
    """

    space: SearchSpace = field(repr=False)
    values: Values

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Genotype):
            return NotImplemented
        same = self.space is other.space or (self.space.name, self.space.net) == (other.space.name, other.space.net)
        return same and self.values == other.values

    def __hash__(self) -> int:
        return self._hash

    def __repr__(self) -> str:
        return f"<genotype {self.code} of {self.space.net or self.space.name}>"

    def __copy__(self) -> Genotype:
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> Genotype:
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickled as the space and the rank."""
        return getitem, (self.space, self.rank)

    def _repr_html_(self) -> str:
        """In a notebook: a drawing of the network with a short summary."""
        return notebook().html(self)  # type: ignore[no-any-return]

    def _repr_svg_(self) -> str:
        return notebook().svg(self)  # type: ignore[no-any-return]

    @cached_property
    def _hash(self) -> int:
        return hash((self.space.name, self.space.net, self.values))

    @cached_property
    def rank(self) -> int:
        """The genotype's number in its space, 0 <= rank < size."""
        return group.rank(self.space.decisions, self.values)

    @property
    def code(self) -> str:
        """The rank in hexadecimal, short enough to be passed around."""
        return f"{self.rank:x}"

    @cached_property
    def canonical(self) -> str:
        """The key of the network, `nasdsl.exact`: equal keys mean the same function with the same parameters.

        Raises NasdslError where shapes do not fit.
        """
        return above("compiler.keys").exact(self)  # type: ignore[no-any-return]

    @cached_property
    def isomorphic(self) -> str:
        """The key `nasdsl.isomorphic`: equal where the live networks are isomorphic as labelled graphs."""
        return above("compiler.keys").isomorphic(self)  # type: ignore[no-any-return]

    @cached_property
    def assignment(self) -> Mapping[str, Any]:
        """What every active decision chose, by its path, without its children."""
        return MappingProxyType(vary.assigned(self.space.decisions, self.values, {}))

    @property
    def hypers(self) -> dict[str, Any]:
        """The values of the file's `hyper` declarations, by name: what the evaluator is handed beside the network."""
        return dict(self.space.handed(self))

    def metrics(self, *, with_dead: bool = False) -> Metrics:
        """What its network measures on the net's own input; `nasdsl.metrics` also takes data."""
        # The compiler builds upon spaces, so it is found by name.
        found: Metrics = import_module("nasdsl.compiler.metrics").metrics(self, with_dead=with_dead)
        return found

    def text(self, name: str = "g") -> str:
        """`genotype NAME of NET { ... }`, as it can stand in a `.nas` file."""
        return text.write(self, name)

    def to_json(self, name: str = "g") -> str:
        """One line of JSON with the code, the text and what tells the space from others; see `SearchSpace.from_json`.

        `name` is what the text calls the genotype.
        """
        space = self.space
        told = {
            "format": FORMAT, "name": name, "space": space.name, "net": space.net, "params": dict(space.params),
            "narrowed": space.narrowed, "fingerprint": space.fingerprint, "code": self.code, "text": self.text(name),
        }  # fmt: skip
        return json.dumps(told, ensure_ascii=False)

    def mutate(self, rng: Random, how: How = "any", *, valid: bool = True) -> Genotype:
        """Another genotype, by one of the mutations of `nasdsl.space.mutations`: a name, or a probability.

        With `valid` it is drawn again until it is valid. Raises E0502 where the space holds one genotype only, E0520
        for an unknown mutation, E0521 where it finds nothing to change, E0522 where no mutant is valid.
        """

        def drawn() -> Genotype:
            return Genotype(self.space, mutations.mutated(self.space, self.values, how, rng))

        return self.space.first_valid(drawn, TRIES, "mutants") if valid else drawn()

    def cross(self, other: Genotype, rng: Random, how: Crossover = "uniform", *, valid: bool = True) -> Genotype:
        """A child of two genotypes; of equal ones it is what they are.

        `uniform` takes each decision from one parent or the other, where both have it. `subtree` puts a part of
        `other` in the place of one of equal type and other decisions, perhaps elsewhere: a node, a cell, a motif, what
        an alternative brings along. With `valid` it is drawn again until it is valid.
        Raises E0503 where `other` is no genotype of this space, E0520 for an unknown crossover, E0522.
        """
        if other.space is not self.space and other not in self.space:
            raise error("E0503", f"the other parent is no genotype of `{self.space.name}`")
        if how not in CROSSOVERS:
            notes = (f"crossovers: {', '.join(CROSSOVERS)}",)
            raise error("E0520", f"`{how}` is no crossover", notes=notes, helps=did_you_mean(how, CROSSOVERS))
        if self.values == other.values:
            return self

        def drawn() -> Genotype:
            if how == "uniform":
                return Genotype(self.space, vary.crossed(self.space.decisions, self.values, other.values, rng))
            return Genotype(self.space, subtrees.crossed(self.space.entries, self.values, other.values, rng))

        return self.space.first_valid(drawn, TRIES, "children") if valid else drawn()

    def neighbours(self) -> Iterator[Genotype]:
        """Every genotype one decision away, valid or not, each once; whose neighbour this one is too.

        The decision takes another of its alternatives; what the new alternative brings along takes all its values, and
        what both have stays. All that `mutate` gives by name is among them.
        """
        return (Genotype(self.space, values) for values in vary.neighbours(self.space.decisions, self.values))

    @property
    def neighbour_count(self) -> int:
        """How many `neighbours` there are, counted without making them."""
        return vary.near(self.space.decisions, self.values)
