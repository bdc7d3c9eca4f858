"""A whole space as one network in which every decision is a mixture, and a genotype of it in the same form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from nasdsl.compiler.check import every_decision
from nasdsl.compiler.frame import Binding, ends
from nasdsl.compiler.gate import Gate
from nasdsl.compiler.lower import network
from nasdsl.compiler.mixing import Draft, Segments
from nasdsl.compiler.network import Network
from nasdsl.compiler.searchform import DARTS, SearchForm
from nasdsl.compiler.searchlower import SearchLowering
from nasdsl.compiler.tables import Row, Table
from nasdsl.compiler.unmet import Unmet
from nasdsl.diagnostics import NasdslError, error
from nasdsl.space import skeleton as sk
from nasdsl.space.decisions import Subset
from nasdsl.space.genotype import Genotype
from nasdsl.space.group import Decision
from nasdsl.space.model import SearchSpace


@dataclass(frozen=True, eq=False)
class OpenNetwork:
    """A space in search form. Position by position of `network.ops`: `gates` say how much each operation is there.

    `mixtures` are the weights of what `mix` operations add up; `segments` the channels of values that have not always
    all of them. `rows` number the weights in gates; `aliases` gives the operations that stand at a path.
    """

    space: SearchSpace
    binding: Binding | None
    form: SearchForm
    network: Network
    gates: tuple[Gate, ...]
    mixtures: Mapping[int, tuple[Gate, ...]]
    segments: Mapping[int, Segments]
    tables: tuple[Table, ...]
    rows: tuple[Row, ...]
    aliases: Mapping[str, list[int]]

    @cached_property
    def decisions(self) -> dict[str, Decision]:
        return {d.path: d for d in every_decision(self.space)}

    def child(self, genotype: Genotype) -> Network:
        """The network of a genotype in the same search form."""
        lowering = _lowering(self.space, genotype.assignment, self.binding, self.form, sharing=False)
        return lowering.network()


def opened(space: SearchSpace, binding: Binding | None = None, form: SearchForm = DARTS) -> OpenNetwork:
    """The space with every decision open. Raises E0902 and E0903 for what cannot be mixed, by name."""
    lowering = _lowering(space, {}, binding, form, sharing=True)
    try:
        name, inputs, result = lowering.delivered()
    except NasdslError as mistake:
        raise together(space, binding, lowering, mistake) from mistake
    made = Network(name, tuple(lowering.ops), inputs, ends(result), tuple(lowering.taps), tuple(lowering.feedback))
    covered(space, lowering)
    Unmet(lowering).add(space.decisions)
    rows, tables = arranged(lowering.drafts, space.skeleton)
    return OpenNetwork(
        space, binding, form, made, tuple(lowering.gates), lowering.mixtures, lowering.segments, tables, rows,
        lowering.aliases,
    )  # fmt: skip


def together(
    space: SearchSpace, binding: Binding | None, lowering: SearchLowering, mistake: NasdslError
) -> NasdslError:
    """E0902 for values that do not fit together where all decisions are open, though they do in every genotype.

    What does not fit in a genotype either stays the mistake that it is.
    """
    first = mistake.diagnostics[0]
    if first.code.startswith("E09"):
        return mistake
    try:
        network(space[0], binding)
        network(space[-1], binding)
    except NasdslError:
        return mistake
    paths = [path for path, d in lowering.decisions.items() if d.choices > 1 and lowering.is_open(path)]
    paths = [path for path in paths if path.startswith(f"{lowering.failed}.")] or paths
    shown = ", ".join(f"`{path}`" for path in paths[:3]) + (" and others" if len(paths) > 3 else "")
    return error(
        "E0902", f"values whose shapes depend on {shown} are never read together, and do not fit where they are mixed",
        first.span, "cannot be relaxed", notes=(first.message,), helps=("decide some before: --fix or --restrict",),
    )  # fmt: skip


def _lowering(
    space: SearchSpace, chosen: Mapping[str, object], binding: Binding | None, form: SearchForm, *, sharing: bool
) -> SearchLowering:
    decisions = {d.path: d for d in every_decision(space)}
    # What was narrowed to one alternative is decided.
    settled = {d.path: d.alternative(0) for d in decisions.values() if d.allowed is not None and d.choices == 1}
    return SearchLowering(space.skeleton, decisions, {**settled, **chosen}, binding, form, sharing=sharing)


def covered(space: SearchSpace, lowering: SearchLowering) -> None:
    """E0902 for a decision that no network shows, as a hyper-parameter is."""
    weighed = {draft.path for draft in lowering.drafts}
    for decision in every_decision(space):
        if decision.path in weighed and isinstance(decision, Subset):
            # What its places decide is weighed by its members.
            weighed |= {inner.path for part in decision.reads for inner in below(part.decisions)}
    hypers = {h.name for h in space.skeleton.hypers}
    for decision in every_decision(space):
        if decision.choices > 1 and decision.path not in weighed and decision.path.partition(".")[0] in hypers:
            first = decision.options[0]
            raise error(
                "E0902", f"`{decision.path}` is no part of the network, so no weight can stand for it",
                decision.span, "cannot be relaxed", helps=(f"--fix {decision.path}={first}",),
            )  # fmt: skip


def below(group: tuple[Decision, ...]) -> list[Decision]:
    found: list[Decision] = []
    for decision in group:
        found.append(decision)
        for part in decision.below:
            found += below(part.decisions)
    return found


def arranged(drafts: list[Draft], skeleton: sk.Skeleton) -> tuple[tuple[Row, ...], tuple[Table, ...]]:
    """The rows in their tables: those of one graph with equally many columns, and every decision of the net alone."""
    keys: dict[tuple[str, int], list[int]] = {}
    for number, draft in enumerate(drafts):
        owner = next((key for key in skeleton.graphs if draft.path.startswith(f"{key}.")), draft.path)
        keys.setdefault((owner, len(draft.columns)), []).append(number)
    owners = [owner for owner, _ in keys]
    rows: dict[int, Row] = {}
    tables: list[Table] = []
    for (owner, columns), numbers in keys.items():
        name = owner if owners.count(owner) == 1 else f"{owner}/{columns}"
        made = []
        for index, number in enumerate(numbers):
            d = drafts[number]
            row = Row(d.kind, d.path, d.place, d.columns, name, index, d.group)
            rows[number] = row
            made.append(row)
        tables.append(Table(name, tuple(made)))
    return tuple(rows[i] for i in range(len(drafts))), tuple(tables)
