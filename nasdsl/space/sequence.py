"""A part of a space as a sequence: `space[10:20]`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, overload

from nasdsl.space.genotype import Genotype

if TYPE_CHECKING:
    from nasdsl.space.model import SearchSpace


@dataclass(frozen=True, repr=False)
class Genotypes(Sequence[Genotype]):
    """The genotypes of some numbers of a space, each made when it is asked for.

    `len` cannot say more than `sys.maxsize`; `ranks` is exact at any length.
    """

    space: SearchSpace
    ranks: range

    def __repr__(self) -> str:
        return f"<genotypes {self.ranks} of {self.space.name}>"

    def __len__(self) -> int:
        return len(self.ranks)

    def __bool__(self) -> bool:
        return bool(self.ranks)

    @overload
    def __getitem__(self, at: int) -> Genotype: ...
    @overload
    def __getitem__(self, at: slice) -> Genotypes: ...
    def __getitem__(self, at: int | slice) -> Genotype | Genotypes:
        return Genotypes(self.space, self.ranks[at]) if isinstance(at, slice) else self.space[self.ranks[at]]

    def __iter__(self) -> Iterator[Genotype]:
        return map(self.space.__getitem__, self.ranks)

    def __contains__(self, genotype: object) -> bool:
        return isinstance(genotype, Genotype) and genotype in self.space and self.space.rank(genotype) in self.ranks
