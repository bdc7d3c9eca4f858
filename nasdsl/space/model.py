"""A search space: decisions, the text that shows them, and the skeleton they complete."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import blake2b
from random import Random
from typing import Any, Protocol, overload

from nasdsl.diagnostics import did_you_mean, error
from nasdsl.source import SourceFile, Span
from nasdsl.space import counting, group, paths
from nasdsl.space.counting import Count
from nasdsl.space.genotype import Genotype, above, notebook
from nasdsl.space.group import Group, Values
from nasdsl.space.reading import Said, read
from nasdsl.space.sequence import Genotypes
from nasdsl.space.text import Entry

__all__ = ["Entry", "Fault", "Genotype", "Said", "SearchSpace"]

TRIES = 10_000


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a genotype is not valid: the rule it breaks, and how."""

    rule: str
    found: str = ""

    def __str__(self) -> str:
        return f"{self.rule}: {self.found}" if self.found else self.rule


def faultless(genotype: Genotype) -> Fault | None:
    """Every genotype is valid."""
    return None


class Pool(Protocol):
    """Genotypes of a space, numbered from 0, all valid ones among them; `valid` says that no others are.

    `needs_network` says that it takes networks, and so time, to find the others.
    """

    size: int
    valid: bool
    needs_network: bool

    def __getitem__(self, index: int) -> Values:
        """The values of the genotype with a number below `size`."""

    def fault(self, genotype: Genotype) -> Fault | None:
        """Why a genotype of these is not valid."""


class Everything:
    """All genotypes, by their ranks."""

    needs_network = False

    def __init__(self, space: SearchSpace) -> None:
        self.space = space
        self.size = space.size
        self.valid = space.fault is faultless

    def __getitem__(self, index: int) -> Values:
        return group.unrank(self.space.decisions, index)

    def fault(self, genotype: Genotype) -> Fault | None:
        return self.space.fault(genotype)


def nothing(genotype: Genotype) -> Mapping[str, Any]:
    """There is nothing to hand to the evaluator."""
    return {}


@dataclass(frozen=True, eq=False)
class SearchSpace:
    """A finite set of genotypes, numbered from 0, and the sequence of them; made by the compiler.

    Numbers run over all genotypes; sampling gives those that have no `fault`. Two spaces are equal only when they are
    one. `narrowed` says how it was narrowed, option by option. A space is pickled as its text, and compiled again.
    """

    name: str
    net: str
    entries: tuple[Entry, ...] = field(repr=False)
    params: Mapping[str, int | float] = field(default_factory=dict)
    source: str = field(default="", repr=False)
    # The texts it imports by path, by their normal paths from its folder, and the Python modules of its plug-ins.
    imports: Mapping[str, str] = field(default_factory=dict, repr=False)
    ops: tuple[str, ...] = ()
    skeleton: Any = field(default=None, repr=False)
    fault: Callable[[Genotype], Fault | None] = field(default=faultless, repr=False)
    pooled: Callable[[SearchSpace], Pool] = field(default=Everything, repr=False)
    handed: Callable[[Genotype], Mapping[str, Any]] = field(default=nothing, repr=False)
    kind: str = "net"
    points: Mapping[str, Values] = field(default_factory=dict, repr=False)
    # Named genotypes that have other decisions than this space, and the parameters at which they were published.
    elsewhere: Mapping[str, Mapping[str, int | float]] = field(default_factory=dict, repr=False)
    # What was found out about the space and is kept for the next question.
    memory: dict[Any, Any] = field(default_factory=dict, repr=False)
    narrowed: tuple[str, ...] = ()

    @cached_property
    def decisions(self) -> Group:
        """All decisions that are always present, first most significant."""
        return tuple(d for entry in self.entries for d in entry.decisions)

    @cached_property
    def size(self) -> int:
        """The exact number of genotypes."""
        return group.size(self.decisions)

    @cached_property
    def pool(self) -> Pool:
        """The genotypes among which valid ones are looked for."""
        return self.pooled(self)

    @cached_property
    def valid_size(self) -> Count:
        """How many genotypes are valid, exactly or estimated; `counting.valid_size` tells how that goes on."""
        return counting.valid_size(self)

    def member(self, index: int) -> Genotype:
        """The genotype of a number in the pool."""
        return Genotype(self, self.pool[index])

    @cached_property
    def fingerprint(self) -> str:
        """32 hexadecimal digits, equal in spaces that decide the same, under the same paths, in the same order.

        A genotype of one is, value for value, text and code, a genotype of the other. What is fixed plays no part.
        """
        told = [(entry.path, entry.clause, *(part.form for part in entry.parts)) for entry in self.entries]
        inner = [d.path for d in paths.every(self.entries)]
        return blake2b(repr((told, inner)).encode(), digest_size=16).hexdigest()

    def __copy__(self) -> SearchSpace:
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> SearchSpace:
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        return above("compiler.again").reduced(self)  # type: ignore[no-any-return]

    def _repr_html_(self) -> str:
        """In a notebook: a drawing with a short summary."""
        return notebook().html(self)  # type: ignore[no-any-return]

    def _repr_svg_(self) -> str:
        return notebook().svg(self)  # type: ignore[no-any-return]

    @overload
    def __getitem__(self, rank: int) -> Genotype: ...
    @overload
    def __getitem__(self, rank: slice) -> Genotypes: ...
    def __getitem__(self, rank: int | slice) -> Genotype | Genotypes:
        """The genotype of a number, from the end where it is negative; of a slice, all of them, made when asked for.

        Raises IndexError outside of -size <= rank < size.
        """
        if isinstance(rank, slice):
            return Genotypes(self, self._ranks[rank])
        try:
            found = self._ranks[rank]
        except IndexError:
            # A number may have more digits than Python shows.
            raise IndexError(f"the numbers of the genotypes of `{self.name}` go from 0 to its size less one") from None
        return Genotype(self, group.unrank(self.decisions, found))

    @cached_property
    def _ranks(self) -> range:
        return range(self.size)

    def __iter__(self) -> Iterator[Genotype]:
        """Every genotype, valid or not, in the order of their numbers."""
        return iter(self[:])

    def __len__(self) -> int:
        """The size, where Python's `len` can say it."""
        try:
            return len(self._ranks)
        except OverflowError:
            raise OverflowError(f"`{self.name}` has more genotypes than len() can say; size says how many") from None

    def __bool__(self) -> bool:
        return True

    def __contains__(self, genotype: object) -> bool:
        return (
            isinstance(genotype, Genotype)
            and (genotype.space.name, genotype.space.net) == (self.name, self.net)
            and group.contains(self.decisions, genotype.values)
        )

    def valid(self, genotype: Genotype) -> bool:
        """Whether the genotype's output is alive and every constraint holds (law 4 of the language)."""
        return self.fault(genotype) is None

    def restrict(self, path: str, text: str) -> SearchSpace:
        """The space in which the decisions at `path` are taken as `text` lists: `a | b`; see `space.narrow`.

            space.restrict("normal.n[*].op", "sep_conv(3) | identity")

        Raises E0822 to E0825. Genotypes keep their values and texts; numbers and codes are those of the new space.
        """
        from nasdsl.space import narrow

        return narrow.restricted(self, SourceFile("restrict", f"{path} = {text}"))

    def fix(self, path: str, text: str | None = None) -> SearchSpace:
        """The space in which decisions are as in a named genotype, or one decision is as a text says.

        `fix("darts_v2")` takes all of them, `fix("normal", "darts_v2")` those below a path, and
        `fix("normal.n[0].op[0]", "identity")` one. Errors as in `restrict`, and E0510.
        """
        from nasdsl.space import narrow

        return narrow.fixed(self, SourceFile("fix", path if text is None else f"{path} = {text}"))

    def point(self, name: str) -> Genotype:
        """A genotype that the file names; E0510 where it names none so, E0511 where it needs other parameters.

        E0510 also where the space was narrowed to others.
        """
        if name in self.elsewhere:
            published = self.elsewhere[name]
            own = ", ".join(f"{key} = {value}" for key, value in published.items()) or "the parameters of the file"
            here = ", ".join(f"{key} = {value}" for key, value in self.params.items()) or "the parameters of the file"
            raise error(
                "E0511", f"genotype `{name}` is one at {own}, and does not fit at {here}",
                helps=(" ".join(f"-p {key}={value}" for key, value in published.items()),) if published else (),
            )  # fmt: skip
        if name not in self.points:
            raise error(
                "E0510", f"`{self.name}` names no genotype `{name}`", helps=did_you_mean(name, self.points),
                notes=("it names " + ", ".join(self.points),) if self.points else (),
            )  # fmt: skip
        if not group.contains(self.decisions, self.points[name]):
            raise error("E0510", f"the genotype `{name}` is left out of the space", notes=self.narrowed)
        return Genotype(self, self.points[name])

    def drawn(self, rng: Random) -> Genotype:
        """A genotype by weights, alive or not."""
        return Genotype(self, group.weighed(self.decisions, rng))

    def rank(self, genotype: Genotype) -> int:
        """The number of a genotype, 0 <= rank < size; E0503 where it is none of this space."""
        if genotype.space is not self and genotype not in self:
            raise error("E0503", f"`{genotype.space.name}:{genotype.code}` is no genotype of `{self.name}`")
        return group.rank(self.decisions, genotype.values)

    def index(self, genotype: Genotype) -> int:
        """The same, by the name that sequences have for it."""
        return self.rank(genotype)

    def from_json(self, text: str | bytes) -> Genotype:
        """The genotype that `Genotype.to_json` wrote; E0531 for any other text, E0532 for one of another space.

        What the space decides must be the same; its fixed parameters, its net and its name may have changed.
        """
        return above("genotype_file").read(self, text)  # type: ignore[no-any-return]

    def genotype(self, values: object) -> Genotype:
        """The genotype with these values, one for each of `decisions`; E0503 where a value is none of its decision."""
        if not isinstance(values, tuple) or len(values) != len(self.decisions):
            raise error("E0503", f"a genotype of `{self.name}` has {len(self.decisions)} values in a tuple")
        for d, value in zip(self.decisions, values, strict=True):
            if not d.contains(value):
                raise error("E0503", f"`{d.path}` cannot be {value!r}", d.span, notes=(f"possible: {d.pattern}",))
        return Genotype(self, values)

    @property
    def codes(self) -> str:
        """Which codes there are, for a person."""
        last = f"{self.size - 1:x}"
        return f"codes go from 0 to {last}" if len(last) <= 80 else f"codes have at most {len(last):,} digits"

    def from_rank_text(self, code: str) -> Genotype:
        """The genotype of a code, its number in hexadecimal; E0507 where there is none."""
        digits = code.strip().lower()
        rank = int(digits, 16) if digits and set(digits) <= set("0123456789abcdef") else self.size
        if rank >= self.size:
            raise error("E0507", f"`{self.name}` has no genotype `{code}`", notes=(self.codes,))
        return self[rank]

    def first_valid(self, drawn: Callable[[], Genotype], most: int, what: str) -> Genotype:
        """The first drawn genotype that is valid; E0522 where none of the first `most` is."""
        broken: Counter[str] = Counter()
        for _ in range(most):
            genotype = drawn()
            fault = self.fault(genotype)
            if fault is None:
                return genotype
            broken[fault.rule] += 1
        raise error(
            "E0522", f"none of {most:,} {what} in `{self.name}` is a valid genotype",
            notes=[f"in {count:,} of them {rule}" for rule, count in broken.most_common()],
            helps=("`valid=False` takes any genotype of the space",),
        )  # fmt: skip

    def read(self, said: Mapping[str, Mapping[str, Said]], span: Span | None = None) -> Genotype:
        """The genotype whose text, by path and clause, is `said`; every mistake is reported, see `reading.read`."""
        return Genotype(self, read(self.entries, said, span))

    def sample(self, rng: Random, *, weighted: bool = False) -> Genotype:
        """A genotype that is valid, each with the same probability; E0501 where none is found.

        With `weighted` every decision is drawn by the weights of its alternatives (`op @ 2`), one inside the other.
        """
        return self.sample_counted(rng, weighted=weighted)[0]

    def sample_counted(self, rng: Random, *, weighted: bool = False) -> tuple[Genotype, int]:
        """A sample, and how many were drawn until one was valid."""
        broken: list[str] = []
        # Of an empty pool it is told what each of its genotypes breaks.
        pool = self.pool if self.pool.size and not weighted else Everything(self)
        for tries in range(1, TRIES + 1):
            genotype = self.drawn(rng) if weighted else Genotype(self, pool[rng.randrange(pool.size)])
            fault = None if pool.valid else pool.fault(genotype)
            if fault is None:
                return genotype, tries
            broken.append(fault.rule)
        raise error(
            "E0501", f"none of {TRIES:,} samples of `{self.name}` is a valid genotype",
            notes=[f"in {count:,} of them {rule}" for rule, count in Counter(broken).most_common()],
        )  # fmt: skip
