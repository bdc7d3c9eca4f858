"""What `info` says of a space: its ports, its decisions, its size, and what a few of its networks cost."""

from __future__ import annotations

import math
import random
import re
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from typing import Any

from nasdsl.compiler import feasible, measures
from nasdsl.compiler.metrics import metrics
from nasdsl.space.arrangement import Arrangement
from nasdsl.space.counting import MOST_ENUMERATED, Count, Progress, valid_size
from nasdsl.space.decisions import Choice, Subset
from nasdsl.space.gates import Depth, Gates
from nasdsl.space.group import Decision, Group
from nasdsl.space.labels import number_label
from nasdsl.space.model import SearchSpace
from nasdsl.space.skeleton import Const, Net, Number, Port, Skeleton, Tap
from nasdsl.terminal.text import exact, power_of_ten, short, table

MOST_LOWERED = 20_000
"""Of how many genotypes the networks are looked at, where it takes networks to count the valid ones exactly."""

_INDEX = re.compile(r"\[(\d+)\]")
_WORDS: dict[type[Decision], str] = {Choice: "one of", Arrangement: "order of", Gates: "some of", Depth: "depth"}
_MEASURES = (
    ("parameters", "params", ""), ("multiply-adds", "macs", ""), ("depth", "depth", ""), ("edges", "edges", ""),
    ("peak memory", "peak_memory", "B"),
)  # fmt: skip
_KINDS = {"set": "pick {}", "order": "pick {} in order", "repeats": "pick {} with repeats"}


@dataclass(frozen=True, slots=True)
class Row:
    """Decisions of one kind with as many alternatives each, in arrays of one name: `small[0..5].n[0..2].op`."""

    path: str
    kind: str
    alternatives: int
    count: int


@dataclass(frozen=True, slots=True)
class Cost:
    """What one sampled network measures, see `nasdsl.metrics`; `peak_memory` in bytes."""

    code: str
    params: int
    macs: int
    depth: int
    edges: int
    peak_memory: int


@dataclass(frozen=True, slots=True)
class Part:
    """The net or a graph: what it reads, and in how many ways its own decisions can be taken."""

    kind: str
    name: str
    ports: tuple[str, ...]
    size: int


@dataclass(frozen=True, slots=True)
class Info:
    name: str
    net: str
    params: dict[str, int | float]
    hypers: dict[str, str]
    taps: dict[str, str]
    parts: tuple[Part, ...]
    decisions: tuple[Row, ...]
    size: int
    seed: int
    cost: tuple[Cost, ...]
    valid: Count
    # How the space was narrowed; its constraints; and how many genotypes meet them, dead ones among them, None where
    # that is not counted.
    narrowed: tuple[str, ...] = ()
    constraints: tuple[str, ...] = ()
    meeting: int | None = None
    with_dead: bool = False


def collect(
    space: SearchSpace, samples: int, seed: int, *, with_dead: bool = False, progress: Progress | None = None
) -> Info:
    """Everything `info` shows. Cost is of `samples` genotypes drawn uniformly; a file without a net has none.

    `with_dead` costs what is dead, too. `progress` is told how the counting of valid genotypes goes on.
    """
    constraints = tuple(measures.shown(*each) for each in measures.every_test(space.skeleton))
    most = MOST_LOWERED if space.pool.needs_network else MOST_ENUMERATED
    return Info(
        name=space.name,
        net=space.net,
        params=dict(space.params),
        hypers={hyper.name: number_label(hyper.value) for hyper in space.skeleton.hypers},
        taps={tap.name: number_label(tap.weight) for tap in _taps(space.skeleton)},
        parts=tuple(parts(space)),
        decisions=tuple(rows(space.decisions)),
        size=space.size,
        seed=seed,
        cost=costs(space, samples, seed, with_dead=with_dead) if isinstance(space.skeleton.root, Net) else (),
        narrowed=space.narrowed,
        constraints=constraints,
        valid=valid_size(space, most=most, progress=progress),
        meeting=feasible.met(space) if constraints else None,
        with_dead=with_dead,
    )


def parts(space: SearchSpace) -> Iterator[Part]:
    """The net and every graph it reaches; an array of motifs is one part."""
    skeleton: Skeleton = space.skeleton
    if isinstance(skeleton.root, Net):
        yield Part("net", skeleton.root.name, (_input(skeleton.root),), _own_size(space, [skeleton.root.name]))
    for keys in _arrays(skeleton.graphs):
        graph = skeleton.graphs[keys[0]]
        ports = (_port(port) for port in graph.ports)
        yield Part(graph.kind, _hull(keys), tuple(ports), _own_size(space, keys))


def rows(decisions: Group) -> Iterator[Row]:
    """The decisions in the order they are declared, alike ones of an array in one row."""
    found: dict[tuple[str, str, int], list[str]] = {}
    for decision in _every(decisions):
        key = (_INDEX.sub("[]", decision.path), kind(decision), decision.choices)
        found.setdefault(key, []).append(decision.path)
    for (_, word, alternatives), paths in found.items():
        yield Row(_hull(paths), word, alternatives, len(paths))


def kind(decision: Decision) -> str:
    """The decision in the language's words: `one of`, `pick 2 with repeats`, `order of`."""
    if isinstance(decision, Subset):
        if (decision.least, decision.most, decision.mode) == (0, len(decision.members), "set"):
            return "some of"
        count = f"{decision.least}" if decision.least == decision.most else f"{decision.least}..{decision.most}"
        return _KINDS[decision.mode].format(count)
    return next(word for kind, word in _WORDS.items() if isinstance(decision, kind))


def costs(space: SearchSpace, samples: int, seed: int, *, with_dead: bool = False) -> tuple[Cost, ...]:
    rng = random.Random(seed)
    found = []
    for _ in range(samples):
        genotype = space.sample(rng)
        m = metrics(genotype, with_dead=with_dead)
        found.append(Cost(genotype.code, m.params, m.macs, m.depth, m.edges, m.peak_memory))
    return tuple(found)


def as_text(info: Info) -> str:
    """The report for a person."""
    facts = [("space", info.name), ("net", info.net)]
    if info.params:
        facts.append(("params", ", ".join(f"{name} = {value}" for name, value in info.params.items())))
    if info.hypers:
        facts.append(("hypers", "; ".join(f"{name} = {value}" for name, value in info.hypers.items())))
    if info.taps:
        facts.append(("taps", ", ".join(f"{name} (weight {weight})" for name, weight in info.taps.items())))
    facts += [("narrowed" if i == 0 else "", text) for i, text in enumerate(info.narrowed)]
    facts += [("size", exact(info.size)), ("", f"= {power_of_ten(info.size)} genotypes")]
    facts += [("require" if i == 0 else "", text.replace("`", "")) for i, text in enumerate(info.constraints)]
    if info.meeting is not None and info.meeting != info.valid.exact:
        facts.append(("", f"met by {exact(info.meeting)} genotypes"))
    if info.constraints or info.valid.exact != info.size:
        facts += [("valid" if i == 0 else "", text) for i, text in enumerate(valid(info.valid, info.size))]
    wide = max(8, *(len(name) + 2 for name, _ in facts))
    tables = ["\n".join(f"{name:<{wide}}{value}".rstrip() for name, value in facts)]
    heads = ("part", "ports", "genotypes")
    cells = [(f"{part.kind} {part.name}", ", ".join(part.ports), exact(part.size)) for part in info.parts]
    tables.append(table(heads, cells, right=(2,), indent=""))
    total = sum(row.count for row in info.decisions)
    grouped = [(row.path, row.kind, f"{row.alternatives:,}", f"{row.count:,}") for row in info.decisions]
    columns = (f"{total:,} decision{'s' if total != 1 else ''}", "kind", "alternatives", "count")
    tables.append(table(columns, grouped, right=(2, 3), indent=""))
    if info.cost:
        dead = ", with dead operations" if info.with_dead else ""
        marks = (f"cost of {len(info.cost)} samples, seed {info.seed}{dead}", "smallest", "median", "largest")
        spread = []
        for name, measure, unit in _MEASURES:
            values = sorted(getattr(cost, measure) for cost in info.cost)
            spread.append((name, *(short(v) + unit for v in (values[0], values[len(values) // 2], values[-1]))))
        tables.append(table(marks, spread, right=(1, 2, 3), indent=""))
    return "\n\n".join(tables)


def valid(count: Count, size: int) -> Iterator[str]:
    """How many genotypes are valid, on one line or two."""
    if count.exact is not None:
        yield f"{exact(count.exact)} of {exact(size)}"
        return
    yield f"about {rounded(count.estimate)} of {rounded(size)}, estimated from {count.samples:,} samples"
    yield f"(95 % between {rounded(count.low)} and {rounded(count.high)})"


def rounded(count: int) -> str:
    """A number of which the first digits are known."""
    return f"{count:,}" if count < 10**9 else power_of_ten(count)


def as_json(info: Info) -> dict[str, Any]:
    """The same for a program; `size` is an exact integer, however long."""
    return asdict(info)


def _every(decisions: Group) -> Iterator[Decision]:
    """Decisions and those written inline under their alternatives, depth first."""
    for decision in decisions:
        yield decision
        for part in decision.below:
            yield from _every(part.decisions)


def _port(port: Port) -> str:
    if port.levels is not None:
        return f"{port.name}[{port.levels[0]}..{port.levels[-1]}]"
    return f"state {port.name}" if port.state else port.name


def _taps(skeleton: Skeleton) -> Iterator[Tap]:
    if isinstance(skeleton.root, Net):
        yield from (item.step for item in skeleton.root.steps if isinstance(item.step, Tap))


def _input(net: Net) -> str:
    args = ", ".join(f"{name} = {_number(number)}" for name, number in net.input.args)
    return f"{net.input.primitive}({args})"


def _number(number: Number) -> str:
    if isinstance(number, Const) and isinstance(number.value, tuple):
        return f"[{', '.join(map(str, number.value))}]"
    return number_label(number)


def _own_size(space: SearchSpace, keys: Iterable[str]) -> int:
    """In how many ways the decisions of these graphs can be taken."""
    prefixes = tuple(f"{key}." for key in keys)
    return math.prod(decision.size for decision in space.decisions if decision.path.startswith(prefixes))


def _arrays(keys: Iterable[str]) -> list[list[str]]:
    """Keys in order, the elements of one array together."""
    groups: dict[str, list[str]] = {}
    for key in keys:
        groups.setdefault(_INDEX.sub("[]", key), []).append(key)
    return list(groups.values())


def _hull(paths: list[str]) -> str:
    """One path for many that differ in indices: `small[0..5].n[0..2].op`."""
    if len(paths) == 1:
        return paths[0]
    columns = zip(*([int(i) for i in _INDEX.findall(path)] for path in paths), strict=True)
    ranges = iter([f"[{min(c)}]" if min(c) == max(c) else f"[{min(c)}..{max(c)}]" for c in map(list, columns)])
    return _INDEX.sub(lambda _: next(ranges), paths[0])
