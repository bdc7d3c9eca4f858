"""Names of modules and variables in generated code, made from the paths of operations."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from keyword import iskeyword

# What generated code says by itself, and so no variable may hide; and what a network has beside its modules.
_SAID = ("self", "torch", "F", "zip", "len")
_HAS = ("label", "written", "code", "plain", "heads", "normed", "places")


class Namespace:
    """Dotted names of submodules, made from the paths of operations.

    Whatever the paths:
    - every part of a name is an ASCII identifier, no keyword and no attribute of a module (`train`, `type`, `forward`);
    - names are unique, and none is the beginning of another: a name is a module or holds modules, never both;
    - paths that begin alike give names that begin alike;
    - a name depends on its path and on the names given before, so a later operation renames none.

    >>> names = Namespace()
    >>> names.name("stage[0].n[2].op[0]", "conv"), names.name("stage[0].n[2].op[0]", "conv")
    ('stage0.n2.op0.conv', 'stage0.n2.op0.conv_1')
    """

    def __init__(self) -> None:
        self._holders: dict[str, str] = {"": ""}
        self._taken: set[str] = set()

    def name(self, path: str, op: str) -> str:
        """A new name for the operation `op` at `path`."""
        return self._new(self.holder(holding(path, op)), _leaf(path, op))

    def holder(self, parts: Iterable[str]) -> str:
        """The name of what holds everything whose path begins with these parts."""
        walked = holder = ""
        for part in parts:
            walked = f"{walked}.{part}"
            if walked not in self._holders:
                self._holders[walked] = self._new(holder, part)
            holder = self._holders[walked]
        return holder

    def _new(self, holder: str, part: str) -> str:
        base = name = f"{holder}.{identifier(part)}" if holder else identifier(part)
        number = 0
        while name in self._taken:
            number += 1
            name = f"{base}_{number}"
        self._taken.add(name)
        return name


def holding(path: str, op: str) -> list[str]:
    """The parts of `path` without a last one that only repeats the operation's name."""
    parts = [part for part in path.split(".") if part]
    return parts[:-1] if parts and parts[-1].partition("[")[0] == op else parts


def _leaf(path: str, op: str) -> str:
    last = path.rpartition(".")[2]
    return last if last.partition("[")[0] == op else op


@cache
def _reserved() -> frozenset[str]:
    from torch import nn

    return frozenset({*dir(nn.Module()), *_SAID, *_HAS})


@cache
def identifier(part: str) -> str:
    """A legal identifier close to `part`: `n[2]` is `n2`, `v1[0]` is `v1_0`, `train` is `train_`."""
    text = re.sub(r"(?<![0-9])\[([0-9]+)\]", r"\1", part)
    text = re.sub(r"[^0-9A-Za-z]+", "_", text).strip("_") or "part"
    text = f"n{text}" if text[0].isdigit() else text
    return f"{text}_" if iskeyword(text) or text in _reserved() else text
