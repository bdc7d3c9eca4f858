"""A run as it goes on: a live panel on a terminal, a line every few seconds anywhere else. Both on stderr."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NoReturn

import click

from nasdsl.terminal.program import Stopped, wants_animation
from nasdsl.terminal.text import duration, power_of_ten, score

if TYPE_CHECKING:
    from nasdsl.evolve.progress import Progress, Started, Summary, Told

# Seconds between two lines where nothing is animated.
QUIET_FOR = 5.0


def watched(json_summary: bool, search: Callable[[Progress], Summary]) -> NoReturn:
    """Show a search while it goes on, then how it ended; the exit code says which."""
    from nasdsl.terminal import runs

    with watching() as progress:
        summary = search(progress)
    click.echo(json.dumps(runs.as_json(summary), indent=2) if json_summary else "\n" + runs.as_text(summary))
    raise Stopped(runs.exit_code(summary))


@contextmanager
def watching() -> Iterator[Progress]:
    """The `Progress` that fits stderr."""
    if not wants_animation(sys.stderr):
        yield Lines(lambda text: print(text, file=sys.stderr, flush=True))
        return
    panel = Panel()
    with panel.live:
        yield panel


def opening(event: Started) -> list[str]:
    """What the first lines of a run say."""
    lines = [
        f"net {event.net} on {event.binding}",
        f"{event.space}: {power_of_ten(event.size)} genotypes; {event.strategy}, {event.budget:,} evaluations, "
        f"{event.workers} worker{'s' if event.workers != 1 else ''}",
        f"run: {event.folder}",
    ]
    return [*lines, f"resumed after {event.resumed:,} evaluations"] if event.resumed else lines


def counts(event: Told) -> str:
    """Duplicates and failures so far."""
    rate = f" ({event.duplicates / event.draws:.0%})" if event.draws else ""
    return f"{event.duplicates:,} duplicates{rate}, {event.failures:,} failed"


def speed(event: Told) -> str:
    """Evaluations a second and the time that is left, as far as they are known."""
    if event.rate is None:
        return "-"
    # Slow runs are told by the minute: 0.02/s says little.
    pace = f"{event.rate:.1f}/s" if event.rate >= 1 else f"{event.rate * 60:.1f}/min"
    return pace if event.eta is None else f"{pace}, {duration(event.eta)} left"


class Lines:
    """One line every few seconds, the first and the last result, and whatever is worth a line of its own."""

    def __init__(self, write: Callable[[str], None], clock: Callable[[], float] = time.monotonic) -> None:
        self._write = write
        self._clock = clock
        self._last = float("-inf")

    def started(self, event: Started) -> None:
        for line in opening(event):
            self._write(line)

    def told(self, event: Told) -> None:
        if event.status == "failed" and event.alias is None:
            self._write(f"#{event.n} failed: {event.reason}")
        now = self._clock()
        if now - self._last >= QUIET_FOR or event.done >= event.budget:
            self._last = now
            self._write(f"{event.done:,}/{event.budget:,}  best {score(event.best)}  {speed(event)}  {counts(event)}")

    def finishing(self, what: str, done: int, total: int) -> None:
        self._write(f"{what}: {done} of {total}")

    def note(self, text: str) -> None:
        self._write(f"note: {text}")


class Panel:
    """The same in place: a bar, the best so far and the counts. Notes and failures scroll above it."""

    def __init__(self) -> None:
        from rich.console import Console
        from rich.live import Live

        self._console = Console(stderr=True, highlight=False)
        self._since = time.monotonic()
        self._started: Started | None = None
        self._told: Told | None = None
        self._finishing = ""
        self.live = Live(console=self._console, get_renderable=self._render, refresh_per_second=4)

    def started(self, event: Started) -> None:
        self._started = event
        self._since = time.monotonic()
        for line in opening(event):
            self._say(line)

    def told(self, event: Told) -> None:
        self._told = event
        if event.status == "failed" and event.alias is None:
            self._say(f"#{event.n} failed: {event.reason}")

    def finishing(self, what: str, done: int, total: int) -> None:
        self._finishing = f"{what}: {done} of {total}"

    def note(self, text: str) -> None:
        self._say(f"note: {text}")

    def _say(self, text: str) -> None:
        self._console.print(text, markup=False)

    def _render(self) -> Any:
        from rich.panel import Panel as Frame
        from rich.progress_bar import ProgressBar
        from rich.table import Table
        from rich.text import Text

        if self._started is None:
            return Text("starting")
        told, budget = self._told, self._started.budget
        rows = Table.grid(padding=(0, 1), expand=True)
        rows.add_column(ratio=1)
        rows.add_column(justify="right", no_wrap=True)
        done = told.done if told else self._started.resumed
        rows.add_row(ProgressBar(total=budget, completed=done), Text(f"{done:,}/{budget:,}"))
        best = f"best {score(told.best)}" if told else "best -"
        if told and told.best_n is not None:
            best += f"  (#{told.best_n})"
        rows.add_row(Text(best, style="bold"), Text(speed(told) if told else "-"))
        below = self._finishing or (counts(told) if told else "the first candidates are being trained")
        rows.add_row(Text(below), Text(duration(time.monotonic() - self._since)))
        title = Text(f"{self._started.space} · {self._started.strategy}")
        return Frame(rows, title=title, title_align="left", width=min(self._console.width, 88))
