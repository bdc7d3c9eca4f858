"""What `info --range` says: the least and the most that the networks of a space cost, and how sure that is."""

from __future__ import annotations

import sys
from typing import Any

from nasdsl.compiler.bounds import Cost
from nasdsl.compiler.extremes import End, Range, space_range
from nasdsl.space.model import SearchSpace
from nasdsl.space.skeleton import Net
from nasdsl.terminal.counter import Counter
from nasdsl.terminal.text import table

_COSTS: tuple[tuple[Cost, str], ...] = (("params", "parameters"), ("macs", "multiply-adds"))
_WORDS = {"exact": "exact", "bound": "a bound", "found": "the outmost found, not proved"}
_BOTH = {"exact": "exact", "bound": "bounds", "found": "the outmost found, not proved"}


def ranges(space: SearchSpace) -> dict[Cost, Range]:
    """The range of each cost; a file without a net has none. Progress goes to stderr where it takes long."""
    if not isinstance(space.skeleton.root, Net):
        return {}
    found: dict[Cost, Range] = {}
    for cost, name in _COSTS:
        with Counter(f"networks costed for the range of {name}", sys.stderr) as counter:
            found[cost] = space_range(space, cost, counter)
    return found


def as_text(found: dict[Cost, Range]) -> str:
    rows = [(name, shown(found[cost])) for cost, name in _COSTS if cost in found]
    return table(("range", ""), rows, indent="")


def shown(found: Range) -> str:
    """`1,370,134 .. 5,144,086 (exact)`."""
    low, high = found.low, found.high
    said = _BOTH[low.kind] if low.kind == high.kind else f"least {_WORDS[low.kind]}, most {_WORDS[high.kind]}"
    near = " and ".join(f"{end.reached:,}" for end in (low, high) if end.kind == "bound")
    return f"{low.value:,} .. {high.value:,} ({said}{'; nearest found ' + near if near else ''})"


def as_json(found: dict[Cost, Range]) -> dict[str, Any]:
    return {cost: {"least": _end(r.low), "most": _end(r.high)} for cost, r in found.items()}


def _end(end: End) -> dict[str, Any]:
    return {"value": end.value, "kind": end.kind, "genotype": end.genotype.code, "reached": end.reached}
