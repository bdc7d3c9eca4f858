"""What a search needs of a space, and the compiler behind it: the one place where `evolve` meets the language."""

from __future__ import annotations

import random
from dataclasses import dataclass
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, Protocol

from pydantic import BaseModel, ConfigDict, Field

from nasdsl.diagnostics import NasdslError, error

if TYPE_CHECKING:
    from nasdsl.compiler.rows import Resolved


@dataclass(frozen=True, slots=True)
class Candidate:
    """A genotype's network on the data. Equal networks have equal keys; a `fault` says why it cannot be trained."""

    key: str
    params: int = 0
    macs: int = 0
    ops: int = 0
    fault: str = ""


class Problem(Protocol):
    """A space bound to data. Genotypes are opaque here; `code` and `read` are inverse."""

    @property
    def size(self) -> int: ...

    def sample(self, rng: random.Random) -> Any: ...

    def mutate(self, genotype: Any, how: str | float, rng: random.Random) -> Any: ...

    def cross(self, one: Any, other: Any, how: str, rng: random.Random) -> Any: ...

    def code(self, genotype: Any) -> str: ...

    def read(self, code: str) -> Any: ...

    def text(self, genotype: Any) -> str: ...

    def candidate(self, genotype: Any) -> Candidate: ...


class Asked(Protocol):
    """What settings say of a space: where it is, and with which net, parameters, plug-ins and narrowing."""

    @property
    def space(self) -> str: ...

    @property
    def net(self) -> str | None: ...

    @property
    def params(self) -> dict[str, int | float]: ...

    @property
    def ops(self) -> tuple[str, ...]: ...

    @property
    def restrict(self) -> list[str]: ...

    @property
    def fix(self) -> list[str]: ...


class SpaceText(BaseModel):
    """A space as a run keeps it and hands it to its workers: by its text, so that nothing else need be there."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)

    name: str
    text: str
    net: str
    params: dict[str, int | float]
    restrict: list[str] = Field(default_factory=list)
    fix: list[str] = Field(default_factory=list)
    # The texts it imports by path, and the Python modules of its plug-ins.
    imports: dict[str, str] = Field(default_factory=dict)
    ops: tuple[str, ...] = ()

    def load(self, genotypes: str | None = None) -> Any:
        """The `SearchSpace` of the text, narrowed; with the named genotypes of another text beside its own."""
        from nasdsl.compiler import load
        from nasdsl.space.narrowing import Narrowing

        space = load.loads(
            self.text, name=f"{self.name}.nas", params=self.params, net=self.net, ops=self.ops, imports=self.imports,
            genotypes=genotypes,
        )  # fmt: skip
        return Narrowing(tuple(self.restrict), tuple(self.fix)).of(space)


def find(settings: Asked) -> SpaceText:
    """The space the settings name, a file or a shipped one; its net `search` where there is one and none is named."""
    from nasdsl.compiler import gathered, load

    asked = settings.params
    space = load.load(settings.space, params=asked, net=settings.net, prefer_search=True, ops=settings.ops)
    text, imports = gathered.gathered(space)
    return SpaceText(
        name=space.name, text=text, net=space.net, params=dict(asked), imports=imports, ops=space.ops,
        restrict=settings.restrict, fix=settings.fix,
    )  # fmt: skip


@dataclass(frozen=True)
class SpaceProblem:
    """A `SearchSpace` whose nets are bound to images of some channels and (height, width), and a number of classes.

    With `by_genotype` equal networks are different candidates: what scores them tells them apart.
    """

    space: Any
    binding: Any
    by_genotype: bool = False

    @property
    def size(self) -> int:
        return int(self.space.size)

    def sample(self, rng: random.Random) -> Any:
        return self.space.sample(rng)

    def mutate(self, genotype: Any, how: str | float, rng: random.Random) -> Any:
        # What is not valid is known from the candidate, and drawn again with another parent.
        return genotype.mutate(rng, how, valid=False)

    def cross(self, one: Any, other: Any, how: str, rng: random.Random) -> Any:
        return one.cross(other, rng, how, valid=False)

    def code(self, genotype: Any) -> str:
        return str(genotype.code)

    def read(self, code: str) -> Any:
        return self.space.from_rank_text(code)

    def text(self, genotype: Any) -> str:
        return str(genotype.text("best"))

    def candidate(self, genotype: Any) -> Candidate:
        from nasdsl.compiler import judge
        from nasdsl.compiler.resolved import resolved

        # What is no network, or not valid, equals nothing but itself: constraints may tell equal networks apart.
        alone = f"genotype {genotype.code}"
        try:
            network = resolved(genotype, self.binding)
            broken = judge.broken(genotype)
        except NasdslError as problem:
            return Candidate(alone, fault=problem.diagnostics[0].message)
        labels = [network.rows[row].label for row in network.live()]
        params, macs = sum(label.params for label in labels), sum(label.macs for label in labels)
        ops = sum(len(label.rows or (label,)) for label in labels)
        if broken is not None:
            return Candidate(alone, params, macs, ops, str(broken))
        fault = "nothing reaches an output" if network.dead else ""
        key = alone if self.by_genotype else _key(network, genotype.hypers)
        return Candidate(key, params, macs, ops, fault)


def _key(network: Resolved, hypers: dict[str, Any]) -> str:
    """What tells candidates apart: the network as it is trained, and what its training is told."""
    from nasdsl.compiler import keys

    if network.dead or not (network.taps or hypers):
        return keys.exact_of(network)
    taps = [(name, weight) for name, _, weight in network.taps]
    told = repr((keys.exact_of(network.with_taps), taps, sorted(hypers.items())))
    return blake2b(told.encode(), digest_size=16).hexdigest()


def bind(space: Any, channels: int, size: tuple[int, int], classes: int, *, by_genotype: bool = False) -> SpaceProblem:
    """A space on images.

    Raises `NasdslError` where shapes do not fit, E0606 for what is no classifier of images, E0282 for an operation that
    cannot be built.
    """
    from nasdsl.compiler import check, feasible, lower
    from nasdsl.compiler.reach import reached
    from nasdsl.ops import registry

    binding = bound(channels, size, classes)
    fixed_by_data(space, size)
    problems = [each for each in check.check(space, binding) if each.severity == "error"]
    if not problems:
        problems = [each for each in feasible.diagnostics(space) if each.severity == "error"]
    if problems:
        raise NasdslError(problems)
    used = reached(space.skeleton.root, space.skeleton.graphs).primitives
    for name in sorted(used):
        if registry.get(name).build is None:
            raise registry.unbuilt(name)
    network = lower.network(space.sample(random.Random(0)), binding)
    shapes = [network.ops[position].shape for _, position in network.outputs]
    ends = [network.ops[tap.position].shape for tap in network.taps]
    wanted = (classes, ())
    if any((s.width, s.size) != wanted for s in ends if s is not None):
        shapes = [s for s in ends if s is not None and (s.width, s.size) != wanted]
    if len(network.inputs) != 1 or [(s.width, s.size) for s in shapes if s is not None] != [wanted]:
        delivered = " and ".join(map(str, shapes))
        raise error(
            "E0606",
            f"net `{space.net}` is no classifier of these images: it delivers {delivered}, not {classes} numbers",
            helps=["head classifier(10), and input image(3, 32, 32): both are fitted to the data"],
        )
    return SpaceProblem(space, binding, by_genotype)


def fixed_by_data(space: Any, size: tuple[int, int]) -> None:
    """E0616 for a decision that is of the input alone: on the data of a run it would decide nothing."""
    from nasdsl.compiler.reach import Reached

    root = space.skeleton.root
    of_input, others = Reached(space.skeleton.graphs), Reached(space.skeleton.graphs)
    of_input.walk(getattr(root, "input", ()))
    others.walk(getattr(root, "steps", ()))
    alone = of_input.paths - others.paths
    for decision in space.decisions:
        if decision.path in alone and decision.choices > 1:
            raise error(
                "E0616", f"`{decision.path}` decides what the data of a run fixes", root.input.span,
                "the size of the images", notes=(f"the images of this run are {size[0]}x{size[1]}",),
                helps=(f"input image(3, {size[0]}, {size[1]})",),
            )  # fmt: skip


def bound(channels: int, size: tuple[int, int], classes: int) -> Any:
    """The compiler's binding to images; `bind` has checked in the parent what a worker takes for granted."""
    from nasdsl.compiler.frame import Binding

    return Binding(width=channels, size=size, classes=classes)
