"""One line that counts, for what takes more than two seconds."""

from __future__ import annotations

import time
from types import TracebackType
from typing import Self, TextIO

from nasdsl.terminal.program import wants_animation

PATIENCE = 2.0
EVERY = 0.2


class Counter:
    """`340,000 of 1,000,000 genotypes looked at` on a terminal, gone when all is done; nothing anywhere else."""

    def __init__(self, what: str, stream: TextIO) -> None:
        self.what, self.stream = what, stream
        self.shown = False
        self.next = time.monotonic() + PATIENCE

    def __enter__(self) -> Self:
        return self

    def told(self, done: int, of: int) -> None:
        now = time.monotonic()
        if now < self.next or not wants_animation(self.stream):
            return
        self.next, self.shown = now + EVERY, True
        self.stream.write(f"\r{done:,} of {of:,} {self.what}")
        self.stream.flush()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self.shown:
            self.stream.write("\r\x1b[K")
            self.stream.flush()
