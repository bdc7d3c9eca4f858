"""One point of a space."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from importlib import import_module
from operator import getitem
from random import Random
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from nasdsl.diagnostics import error
from nasdsl.space import group, text, vary
from nasdsl.space.group import Values

if TYPE_CHECKING:
    from nasdsl.space.model import SearchSpace

FORMAT = 1
"""The format of a genotype as JSON."""


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
        active = vary.active(self.space.decisions, self.values)
        return MappingProxyType({d.path: d.chosen(value) for d, value in active})

    @property
    def hypers(self) -> dict[str, Any]:
        """The values of the file's `hyper` declarations, by name: what the evaluator is handed beside the network."""
        return dict(self.space.handed(self))

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
