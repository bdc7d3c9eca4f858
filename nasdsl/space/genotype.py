"""One point of a space."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from importlib import import_module
from random import Random
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from nasdsl.diagnostics import error
from nasdsl.space import group, text, vary
from nasdsl.space.group import Values

if TYPE_CHECKING:
    from nasdsl.space.metrics import Metrics
    from nasdsl.space.model import SearchSpace


def notebook() -> Any:
    """What draws. It builds upon spaces, so it is found by name, and only when something is shown."""
    return import_module("nasdsl.notebook")


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

    def __deepcopy__(self, memo: dict[int, Any]) -> Genotype:
        return self

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
    def assignment(self) -> Mapping[str, Any]:
        """What every active decision chose, by its path, without its children."""
        active = vary.active(self.space.decisions, self.values)
        return MappingProxyType({d.path: d.chosen(value) for d, value in active})

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

    def mutate(self, rng: Random) -> Genotype:
        """Another genotype: one active decision, drawn uniformly, takes another alternative of its own, uniformly.

        Raises E0502 where the space holds one genotype only.
        """
        decisions = self.space.decisions
        sites = vary.sites(decisions, self.values)
        if not sites:
            raise error("E0502", f"`{self.space.name}` holds one genotype only, so it has no mutation")
        return Genotype(self.space, vary.mutated(decisions, self.values, rng.randrange(sites), rng))

    def cross(self, other: Genotype, rng: Random) -> Genotype:
        """A genotype in which each decision is that of one parent or the other, where both have it.

        Raises E0503 where `other` is no genotype of this space.
        """
        if other.space is not self.space and other not in self.space:
            raise error("E0503", f"the other parent is no genotype of `{self.space.name}`")
        return Genotype(self.space, vary.crossed(self.space.decisions, self.values, other.values, rng))

    def neighbours(self) -> Iterator[Genotype]:
        """Every genotype that one mutation can give."""
        return (Genotype(self.space, values) for values in vary.neighbours(self.space.decisions, self.values))
