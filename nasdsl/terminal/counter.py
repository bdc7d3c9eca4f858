"""One line that counts, for what takes more than two seconds."""

from __future__ import annotations

import time
from collections.abc import Callable
from types import TracebackType
from typing import Self, TextIO

from nasdsl.terminal.program import wants_animation
from nasdsl.terminal.text import duration

PATIENCE = 2.0
"""Seconds without a word."""
EVERY = 0.2
EVERY_LINE = 5.0


class Counter:
    """`340,000 of 1,000,000 genotypes looked at, 52,000/s, 13s left`; where no total is known, how many so far.

    On a terminal in place, and gone when all is done; anywhere else a line every five seconds.
    """

    def __init__(self, what: str, stream: TextIO, clock: Callable[[], float] = time.monotonic) -> None:
        self.what, self.stream, self.clock = what, stream, clock
        self.live = wants_animation(stream)
        self.shown = False
        self.begun = clock()
        self.next = self.begun + PATIENCE

    def __enter__(self) -> Self:
        return self

    def __call__(self, done: int, of: int | None = None) -> None:
        now = self.clock()
        if now < self.next:
            return
        self.next, self.shown = now + (EVERY if self.live else EVERY_LINE), self.live
        text = self.line(done, of, now - self.begun)
        self.stream.write(f"\r{text}\x1b[K" if self.live else f"{text}\n")
        self.stream.flush()

    def line(self, done: int, of: int | None, seconds: float) -> str:
        rate = done / seconds
        total, left = ("", "") if of is None else (f" of {of:,}", f", {duration((of - done) / rate)} left")
        return f"{done:,}{total} {self.what}, {rate:,.0f}/s{left}"

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self.shown:
            self.stream.write("\r\x1b[K")
            self.stream.flush()
