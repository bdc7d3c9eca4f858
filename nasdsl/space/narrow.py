"""Narrowing a space without editing it: `normal.n[*].op = sep_conv(3) | identity`, or the decisions of a genotype.

A path names decisions as a genotype does; an index that is left out, `[*]` and `[0..2]` name several. What ends in
`.op` names what every read passes through, `.from` what is read. A path may also begin with a cell and end with
what is decided anywhere in it: `normal.op`. In front of a genotype's name a path takes all that lies below it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import chain
from math import prod
from typing import TYPE_CHECKING, Any

from nasdsl.diagnostics import NasdslError, did_you_mean, error, located
from nasdsl.source import SourceFile, Span
from nasdsl.space import vary
from nasdsl.space.arrangement import Arrangement
from nasdsl.space.decisions import Choice, Subset
from nasdsl.space.gates import Gates
from nasdsl.space.group import UNSHOWN, Decision, Value, Written
from nasdsl.space.narrowed import Narrowed, left, narrowed, with_below
from nasdsl.space.paths import Path, Piece, assignment, every, nested, whole_span

if TYPE_CHECKING:
    from nasdsl.space.model import SearchSpace

_RANGE = re.compile(r"(-?\d+)\.\.(-?\d+)(?: step (\d+))?")


def restricted(space: SearchSpace, typed: SourceFile, option: str = "restrict") -> SearchSpace:
    """The space in which every decision named by `PATH = TEXT` is taken in one of the ways that TEXT lists.

    Raises E0821 for a text of another form, E0822 for a path that decides nothing, E0823 for a text that is not
    offered there, E0824 where no genotype is left, E0825 for what cannot be narrowed like this.
    """
    path, items = assignment(typed)
    rules = {d.path for d in path.decisions(space)}
    problem: list[Piece] = list(items)

    def rule(d: Decision) -> Decision:
        if d.path not in rules:
            return d
        made, used = taken(d, items)
        problem[:] = [item for item in problem if item not in used]
        return made

    made = rewritten(space, rule, path.span, option)
    asked = [d for d in every(space.entries) if d.path in rules]
    for item in problem:
        # What an earlier narrowing has left out was offered.
        if not any(isinstance(d, Narrowed) and taken(d.wide, [item])[1] for d in asked):
            raise _unoffered(path, asked, item)
    return _whole(made, space, path, rules)


def fixed(space: SearchSpace, typed: SourceFile) -> SearchSpace:
    """The space in which decisions are taken as in a named genotype, all (`NAME`) or those below `PATH = NAME`.

    With `PATH = TEXT` the one decision there is taken so. Errors as in `restricted`; E0510 for an unknown genotype.
    """
    if "=" not in typed.text:
        return _as_point(space, typed.text.strip(), None, whole_span(typed))
    path, items = assignment(typed)
    if len(items) > 1:
        raise error("E0821", "one text fixes a decision, not several", items[1].span, "the second",
                    helps=(f"--restrict '{typed.text.strip()}'",))  # fmt: skip
    if items[0].text in space.points:
        return _as_point(space, items[0].text, path, items[0].span)
    try:
        return restricted(space, typed, "fix")
    except NasdslError as mistake:
        first = mistake.diagnostics[0]
        if first.code != "E0823" or not space.points:
            raise
        note = "genotypes to take it from: " + ", ".join(space.points)
        raise NasdslError([replace(first, notes=(*first.notes, note))]) from None


def again(space: SearchSpace, said: Iterable[str]) -> SearchSpace:
    """The space narrowed as `narrowed` of another says."""
    for each in said:
        option, _, text = each.partition(" ")
        space = (fixed if option == "fix" else restricted)(space, SourceFile(option, text))
    return space


def _as_point(space: SearchSpace, name: str, path: Path | None, span: Span) -> SearchSpace:
    if name not in space.points:
        helps = did_you_mean(name, space.points)
        names = ", ".join(space.points)
        notes = (f"it names {names}",) if names else ("it names none",)
        raise error("E0510", f"`{space.name}` names no genotype `{name}`", span, notes=notes, helps=helps)
    values = space.points[name]
    wanted = {d.path: d.chosen(value) for d, value in vary.active(space.decisions, values)}
    if path is not None:
        wanted = {p: own for p, own in wanted.items() if path.holds(p)}
        if not wanted:
            raise path.unknown(space)

    def rule(d: Decision) -> Decision:
        if d.path not in wanted:
            return d
        return narrowed(d, (wanted[d.path],) if _offers(d, wanted[d.path]) else ())

    return _whole(rewritten(space, rule, span, "fix"), space, path, set(wanted), span)


def _offers(d: Decision, own: Any) -> bool:
    """Whether an own alternative, found at the same path elsewhere, is one of this decision."""
    try:
        return bool(d.alternative(d.index(own)) == own)
    except (LookupError, ValueError, TypeError):
        return False


def rewritten(space: SearchSpace, rule: Callable[[Decision], Decision], span: Span, option: str) -> SearchSpace:
    """The space with every decision as the rule makes it, those inside first."""

    def decision(d: Decision) -> Decision:
        made = tuple(map(written, d.below))
        return rule(with_below(d, made) if any(a is not b for a, b in zip(made, d.below, strict=True)) else d)

    def written(w: Written) -> Written:
        made = tuple(map(decision, w.decisions))
        same = all(a is b for a, b in zip(made, w.decisions, strict=True))
        return w if same else Written(w.text, made)

    try:
        entries = tuple(replace(e, parts=tuple(map(written, e.parts))) for e in space.entries)
    except NasdslError as mistake:
        raise located(mistake, span) from None
    said = f"{option} {span.source.text.strip()}"
    return replace(space, entries=entries, narrowed=(*space.narrowed, said), memory={})


def _whole(
    made: SearchSpace, space: SearchSpace, path: Path | None, rules: set[str], span: Span | None = None
) -> SearchSpace:
    """The narrowed space, if a genotype is left in it."""
    for d in made.decisions:
        if d.size == 0:
            inner = next((i.path for i in nested((d,)) if i.path in rules and i.size == 0), d.path)
            possible = [i.pattern for i in every(space.entries) if i.path == inner]
            raise error(
                "E0824", f"this leaves nothing to decide at `{inner}`", path.span if path and span is None else span,
                "no genotype is left", notes=tuple(f"possible: {pattern}" for pattern in possible[:1]),
            )  # fmt: skip
    return made


def taken(d: Decision, items: Sequence[Piece]) -> tuple[Decision, list[Piece]]:
    """The decision as the items allow it, and those of them that it offers."""
    if isinstance(d, Choice):
        return _choice(d, items)
    lists = [item for item in items if item.text.startswith("[")]
    if isinstance(d, Arrangement) and len(lists) < len(items):
        order = f"[{', '.join(d.items)}]"
        bare = next(item for item in items if item not in lists)
        raise error("E0825", f"`{d.path}` is an order, and takes whole lists", bare.span, helps=(order,))
    if lists and len(lists) < len(items):
        raise error("E0825", "either members or whole lists are named, not both", lists[0].span, "a whole list")
    if isinstance(d, Subset | Gates) and not lists:
        return _members(d, items)
    found: dict[Any, Piece] = {}
    for item in items:
        if isinstance(d, Subset):
            ways: Iterable[tuple[Any, int]] = ((d.placed(own), end) for own, end in d.drawn(item.text, 0))
        else:
            ways = ((d.chosen(value), end) for value, end in d.matches(item.text, 0))
        found.update({own: item for own, end in ways if end == len(item.text)})
        if bounds := _RANGE.fullmatch(item.text):
            low, high, by = int(bounds[1]), int(bounds[2]), int(bounds[3] or 1)
            found.update({own: item for own in left(d) if isinstance(own, int) and own in range(low, high + 1, by)})
    return narrowed(d, sorted(found, key=d.index)), list(found.values())


def _members(d: Subset | Gates, items: Sequence[Piece]) -> tuple[Decision, list[Piece]]:
    """Whatever can be drawn of these members alone."""
    names = d.members if isinstance(d, Subset) else tuple(w.pattern for w in d.members)
    kept = {p: item for p, name in enumerate(names) for item in items if item.text == name}
    if isinstance(d, Gates):
        values: dict[int, list[Any]] = {}
        for item in items:
            for p, w in enumerate(d.members):
                values.setdefault(p, []).extend(v for v, end in w.matches(item.text) if end == len(item.text))
                if values[p]:
                    kept.setdefault(p, item)
        d = _inside(d, {p: found for p, found in values.items() if found and names[p] not in {i.text for i in items}})
    small: Decision
    if isinstance(d, Subset):
        small = Subset(d.path, tuple(names[p] for p in sorted(kept)), d.least, d.most, d.mode)
    else:
        small = Gates(d.path, tuple(Written((names[p],)) for p in sorted(kept)), d.least)
    order = sorted(kept)
    drawn = (tuple(order[p] for p in own) for own in left(small))
    before = d.choices
    offered = set(kept.values())
    allowed = [own for own in drawn if _offers(d, own)]
    return (d if len(allowed) == before else narrowed(d, allowed)), list(offered)


def _choice(d: Choice, items: Sequence[Piece]) -> tuple[Decision, list[Piece]]:
    """The alternatives that are named, with what is decided inside of them as far as the text shows it."""
    values: dict[int, list[Any]] = {}
    whole: set[int] = set()
    used: list[Piece] = []
    open_ways = list(left(d))
    for item in items:
        bounds = _RANGE.fullmatch(item.text)
        for own in open_ways:
            w = d.alternatives[own]
            if w.pattern == item.text or (bounds and _within(w.pattern, bounds)):
                whole.add(own)
                used.append(item)
                continue
            read = [v for v, end in w.matches(item.text) if end == len(item.text)]
            if read:
                values.setdefault(own, []).extend(read)
                used.append(item)
    made = _inside(d, {own: read for own, read in values.items() if own not in whole})
    chosen = sorted(whole | set(values))
    return (made if chosen == open_ways else narrowed(made, chosen)), used


def _within(text: str, bounds: re.Match[str]) -> bool:
    return re.fullmatch(r"-?\d+", text) is not None and int(text) in range(
        int(bounds[1]), int(bounds[2]) + 1, int(bounds[3] or 1)
    )


def _inside(d: Any, values: Mapping[int, Sequence[tuple[Value, ...]]]) -> Any:
    """The decision with what some of its parts bring along narrowed to these values."""
    made = list(d.below)
    for p, read in values.items():
        made[p] = _written(made[p], read)
    return with_below(d, tuple(made)) if values else d


def _written(w: Written, values: Sequence[tuple[Value, ...]]) -> Written:
    """A part of which only some values are left; they must be all combinations of what each decision may be."""
    shown = {tuple(v) for v in values}
    columns = [set(column) for column in zip(*shown, strict=True)]
    if len(shown) != prod(map(len, columns)):
        names = ", ".join(f"`{d.path}`" for d in w.decisions)
        raise error("E0825", "these texts tie several decisions together", notes=(f"narrow them one by one: {names}",))
    made = []
    for d, column in zip(w.decisions, columns, strict=True):
        made.append(d if UNSHOWN in column else _values(d, column))
    return Written(w.text, tuple(made))


def _values(d: Decision, values: Iterable[Value]) -> Decision:
    """The decision with some of its values only."""
    read: dict[Any, list[tuple[Value, ...]]] = {}
    for value in values:
        chosen, children = d.split(value)
        read.setdefault(chosen, []).append(tuple(chain(*children)))
    if isinstance(d, Choice):
        d = _inside(d, {own: inner for own, inner in read.items() if inner[0]})
    return narrowed(d, sorted(read, key=d.index))


def _unoffered(path: Path, asked: Sequence[Decision], item: Piece) -> NasdslError:
    """E0823, with what is offered."""
    options = list(dict.fromkeys(o for d in asked for o in d.options))
    patterns = list(dict.fromkeys(d.pattern for d in asked))
    note = f"possible: {patterns[0]}" if len(patterns) == 1 else "possible: " + ", ".join(options)
    return error(
        "E0823", f"`{item.text}` cannot be decided at `{path.text}`", item.span, "not offered",
        notes=(note,), helps=did_you_mean(item.text, options),
    )  # fmt: skip
