"""The rows of a resolved network: plain tuples, and one label for all operations that are alike."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b
from typing import NamedTuple

from nasdsl.ops.primitive import Shape


@dataclass(frozen=True, eq=False)
class Label:
    """What an operation, or a block that decides nothing, does to what it receives. One object for all that are alike.

    `digest` tells labels apart across processes. `rows` are the operations of a block, None for a single one.
    """

    name: str
    digest: bytes
    shape: Shape
    params: int = 0
    macs: int = 0
    commutes: bool = False
    rows: tuple[Row, ...] | None = None

    @cached_property
    def colour(self) -> int:
        """The digest as a number of 64 bits."""
        return int.from_bytes(self.digest[:8], "big")

    @cached_property
    def depth(self) -> int:
        """Operations on the longest way through it."""
        if self.rows is None:
            return 1
        longest = [0]
        for label, reads in self.rows:
            longest.append(label.depth + max(longest[r] for r in reads))
        return longest[-1]


class Row(NamedTuple):
    """One operation and the rows it reads, in the order of its ports."""

    label: Label
    reads: tuple[int, ...]


class Resolved(NamedTuple):
    """All rows, each after those it reads. `outputs` are (level, row), none in a dead network."""

    rows: tuple[Row, ...]
    inputs: tuple[int, ...]
    outputs: tuple[tuple[int | None, int], ...]
    feedback: tuple[tuple[int, int], ...] = ()
    taps: tuple[tuple[str, int, float], ...] = ()

    @property
    def dead(self) -> bool:
        return not self.outputs

    def live(self) -> list[int]:
        """The rows that the outputs depend on, and the inputs, ascending."""
        fed = dict(self.feedback)
        alive = bytearray(len(self.rows))
        ahead = [row for _, row in self.outputs]
        while ahead:
            row = ahead.pop()
            if not alive[row]:
                alive[row] = 1
                ahead += self.rows[row].reads
                if row in fed:
                    ahead.append(fed[row])
        for row in self.inputs:
            alive[row] = 1
        return [row for row, there in enumerate(alive) if there]

    @property
    def with_taps(self) -> Resolved:
        """The network as it is trained: what the taps deliver are outputs too, at levels below 0."""
        return self._replace(outputs=(*self.outputs, *((-1 - i, row) for i, (_, row, _) in enumerate(self.taps))))


INPUT = Label("input", b"", Shape(0))


def flattened(inner: Sequence[Row], end: int) -> tuple[tuple[Row, ...], int]:
    """The operations that `end` depends on, blocks opened and identities left out; 0 is what the whole receives."""
    needed = {end}
    for at in range(end, 0, -1):
        if at in needed:
            needed.update(inner[at].reads)
    stands = {0: 0}
    rows: list[Row] = []
    for at in range(1, end + 1):
        if at not in needed:
            continue
        label, reads = inner[at]
        if label.name == "identity":
            stands[at] = stands[reads[0]]
            continue
        base = len(rows)
        opened = label.rows if label.rows is not None else (Row(label, tuple(range(-len(reads), 0))),)
        for each, own in opened:
            if label.rows is not None:
                rows.append(Row(each, tuple(stands[reads[0]] if r == 0 else r + base for r in own)))
            else:
                rows.append(Row(each, tuple(stands[r] for r in reads)))
        stands[at] = len(rows)
    return tuple(rows), stands[end]


def digested(*parts: object) -> bytes:
    """16 bytes that tell apart what is written differently."""
    return blake2b(repr(parts).encode(), digest_size=16).digest()
