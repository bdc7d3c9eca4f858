"""One genotype of a space, named by its code or by its name in the file, and what `info` says of it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from nasdsl.compiler import lower
from nasdsl.diagnostics import NasdslError, error
from nasdsl.space.model import Genotype, SearchSpace
from nasdsl.space.skeleton import Net
from nasdsl.terminal.text import exact


@dataclass(frozen=True, slots=True)
class Output:
    """A value that the network delivers, and its pyramid level, where it has one: `10`, `256x32x32`."""

    level: int | None
    shape: str


@dataclass(frozen=True, slots=True)
class Cost:
    """Trainable parameters, and multiply-adds for one image."""

    params: int
    macs: int


@dataclass(frozen=True, slots=True)
class Point:
    """`fault` says why a genotype is not valid. One whose shapes do not fit has no costs, keys and outputs."""

    space: str
    net: str
    params: dict[str, int | float]
    narrowed: tuple[str, ...]
    name: str | None
    code: str
    size: int
    valid: bool
    fault: str | None
    hypers: dict[str, Any]
    text: str
    # None in a file without a net.
    cost: Cost | None = None
    outputs: tuple[Output, ...] = ()
    exact: str | None = None
    isomorphic: str | None = None


def named(space: SearchSpace, typed: str) -> Genotype:
    """The genotype of a name or a code: E0507 for a code, E0510 for a name that is none. A name goes first."""
    if not typed:
        raise error("E0507", f"a code or a name is expected behind `{space.name}:`", notes=(space.codes,))
    # `cafe` may be either.
    if typed not in {*space.points, *space.elsewhere} and set(typed.lower()) <= set("0123456789abcdef"):
        return space.from_rank_text(typed)
    try:
        return space.point(typed)
    except NasdslError as mistake:
        first = mistake.diagnostics[0]
        if first.code != "E0510" or typed in space.points:
            raise
        notes = (*first.notes, f"and {space.codes}")
        raise error("E0510", first.message, notes=notes, helps=first.helps) from None


def name_of(genotype: Genotype, typed: str) -> str:
    """What the text of a genotype calls it, that was asked for by a name or a code."""
    return typed if typed in genotype.space.points else "g"


def point(space: SearchSpace, typed: str) -> Point:
    """Everything `info` shows of a genotype."""
    genotype = named(space, typed)
    name = name_of(genotype, typed)
    told: dict[str, Any] = {}
    try:
        fault = space.fault(genotype)
        network = lower.network(genotype)
        shapes = [(level, network.ops[position].shape) for level, position in network.outputs]
        told = {
            "valid": fault is None,
            "fault": str(fault) if fault is not None else None,
            "outputs": tuple(Output(level, str(shape)) for level, shape in shapes),
            "exact": genotype.canonical,
            "isomorphic": genotype.isomorphic,
        }
        if isinstance(space.skeleton.root, Net):
            told["cost"] = Cost(network.params, network.macs)
    except NasdslError as mistake:
        told = {"valid": False, "fault": mistake.diagnostics[0].message}
    return Point(
        space=space.name, net=space.net, params=dict(space.params), narrowed=space.narrowed,
        name=name if name == typed else None, code=genotype.code, size=space.size, hypers=genotype.hypers,
        text=genotype.text(name), **told,
    )  # fmt: skip


def as_text(point: Point) -> str:
    """The report for a person."""
    facts = [("space", point.space), ("net", point.net)]
    if point.params:
        facts.append(("params", ", ".join(f"{name} = {value}" for name, value in point.params.items())))
    facts += [("narrowed" if i == 0 else "", text) for i, text in enumerate(point.narrowed)]
    facts.append(("genotype", point.code if point.name is None else f"{point.code}, {point.name}"))
    facts.append(("", f"of {exact(point.size)}"))
    facts.append(("valid", "yes" if point.valid else f"no: {point.fault}".replace("`", "")))
    if point.hypers:
        facts.append(("hypers", ", ".join(f"{name} = {value}" for name, value in point.hypers.items())))
    if point.cost is not None:
        facts += [("parameters", f"{point.cost.params:,}"), ("multiply-adds", f"{point.cost.macs:,}")]
    shapes = [each.shape if each.level is None else f"{each.shape} at level {each.level}" for each in point.outputs]
    facts += [("output" if i == 0 else "", text) for i, text in enumerate(shapes)]
    facts += [(name, key) for name, key in (("exact", point.exact), ("isomorphic", point.isomorphic)) if key]
    wide = max(len(name) for name, _ in facts) + 2
    return "\n".join(f"{name:<{wide}}{value}" for name, value in facts) + f"\n\n{point.text}"


def as_json(point: Point) -> dict[str, Any]:
    """The same for a program."""
    return asdict(point)
