"""The spaces that come with the package, one line each."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from textwrap import shorten
from typing import Any

from nasdsl.compiler import load
from nasdsl.terminal.text import power_of_ten, table


@dataclass(frozen=True, slots=True)
class Shipped:
    name: str
    size: int
    summary: str


def collect() -> list[Shipped]:
    """Every shipped space with its exact size and the first line of comment in its file."""
    found = []
    for name, path in sorted(load.shipped().items()):
        space = load.load(name)
        found.append(Shipped(name, space.size, _summary(path.read_text(encoding="utf-8"))))
    return found


def as_text(found: list[Shipped]) -> str:
    cells = [(each.name, power_of_ten(each.size), shorten(each.summary, 80, placeholder=" ...")) for each in found]
    return table(("space", "genotypes", ""), cells, right=(1,), indent="")


def as_json(found: list[Shipped]) -> list[dict[str, Any]]:
    return [asdict(each) for each in found]


def _summary(text: str) -> str:
    first = next(iter(text.splitlines()), "")
    return first.lstrip("# ").rstrip(".") if first.startswith("#") else ""
