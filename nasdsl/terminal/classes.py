"""What `info --unique` says of a space: how many different networks it holds."""

from __future__ import annotations

import sys
from dataclasses import asdict
from typing import Any

from nasdsl.compiler.census import Census, How, census
from nasdsl.space.model import SearchSpace
from nasdsl.terminal.counter import Counter
from nasdsl.terminal.text import table


def counted(space: SearchSpace, how: How) -> Census:
    """The classes of a space, with progress on stderr where it takes long; E0540 where there are too many."""
    with Counter("networks compared", sys.stderr) as counter:
        return census(space, how, counter)


def as_text(found: Census) -> str:
    rows = [("different networks", f"{found.classes:,}"), ("genotypes", f"{found.genotypes:,}")]
    return table((f"unique ({found.how})", ""), rows, indent="")


def as_json(found: Census) -> dict[str, Any]:
    return asdict(found)
