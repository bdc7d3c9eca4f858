"""What is said of a relaxed search: while it goes on, on stderr, and once it has ended."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NoReturn

import click

from nasdsl.terminal.program import ExitCode, Stopped, wants_animation
from nasdsl.terminal.text import duration, power_of_ten, score, short

if TYPE_CHECKING:
    from nasdsl.relax.history import Epoch
    from nasdsl.relax.progress import Progress, Started, Stepped, Summary

# Seconds between two lines within an epoch where nothing is animated.
QUIET_FOR = 30.0
HEADS = (
    f"{'epoch':>9}  {'loss':>7}  {'accuracy':>8}  {'held-out':>8}  {'accuracy':>8}  {'entropy':>7}  {'time':>7}  left"
)


def watched(json_summary: bool, search: Callable[[Progress], Summary]) -> NoReturn:
    """Show a search while it goes on, then how it ended; the exit code says which."""
    with watching() as progress:
        summary = search(progress)
    click.echo(json.dumps(as_json(summary), indent=2) if json_summary else "\n" + as_text(summary))
    raise Stopped(ExitCode.INTERRUPTED if summary.ending == "interrupted" else ExitCode.OK)


@contextmanager
def watching() -> Iterator[Progress]:
    """The `Progress` that fits stderr."""
    if not wants_animation(sys.stderr):
        yield Lines(lambda text: print(text, file=sys.stderr, flush=True))
        return
    bar = Bar()
    with bar.live:
        yield bar


def opening(event: Started) -> list[str]:
    """What the first lines of a run say."""
    shapes = [f"{name} {rows}x{columns}" for name, (rows, columns) in list(event.tables.items())[:6]]
    more = f" and {len(event.tables) - 6} more" if len(event.tables) > 6 else ""
    lines = [
        f"net {event.net} on {event.binding}: {event.images:,} images train the weights, {event.held:,} are held out",
        f"{event.space}: {power_of_ten(event.size)} genotypes in one supernet of {short(event.weights)} weights; "
        f"{event.method}, {event.parameters:,} architecture parameters ({', '.join(shapes)}{more})",
        f"{event.epochs} epochs of {event.steps:,} steps on {event.device}",
        f"run: {event.folder}",
    ]
    return [*lines, f"resumed after {event.resumed:,} epochs"] if event.resumed else lines


def line(epoch: Epoch, epochs: int, eta: float | None) -> str:
    """An epoch under `HEADS`."""
    number = f"{epoch.epoch + 1}/{epochs}"
    left = duration(eta) if eta is not None and epoch.epoch + 1 < epochs and not epoch.ended else ""
    cost = f"  expected {epoch.cost_shown}" if epoch.cost_shown else ""
    return (
        f"{number:>9}  {epoch.train_loss:7.4f}  {epoch.train_accuracy:8.4f}  {epoch.held_loss:8.4f}  "
        f"{epoch.held_accuracy:8.4f}  {epoch.entropy:7.4f}  {duration(epoch.seconds):>7}  {left}{cost}"
    ).rstrip()


def within(event: Stepped) -> str:
    """Where an epoch is."""
    speed = "" if event.rate is None else f"  {event.rate:.1f} steps/s"
    left = "" if event.eta is None else f", {duration(event.eta)} left"
    at = f"epoch {event.epoch + 1}/{event.epochs}, step {event.step:,}/{event.steps:,}"
    return f"{at}  loss {event.loss:.4f}{speed}{left}"


class Lines:
    """A line an epoch, one within an epoch that takes long, and whatever is worth a line of its own."""

    def __init__(self, write: Callable[[str], None], clock: Callable[[], float] = time.monotonic) -> None:
        self._write = write
        self._clock = clock
        self._last = clock()

    def started(self, event: Started) -> None:
        for each in (*opening(event), HEADS):
            self._write(each)

    def stepped(self, event: Stepped) -> None:
        if self._clock() - self._last >= QUIET_FOR and event.step < event.steps:
            self._last = self._clock()
            self._write(within(event))

    def measured(self, epoch: Epoch, epochs: int, eta: float | None) -> None:
        self._last = self._clock()
        self._write(line(epoch, epochs, eta))

    def note(self, text: str) -> None:
        self._write(f"note: {text}")


class Bar:
    """The lines of the epochs scroll, and below them a bar shows the one that is under way."""

    def __init__(self) -> None:
        from rich.console import Console
        from rich.live import Live

        self._console = Console(stderr=True, highlight=False)
        self._event: Stepped | None = None
        self.live = Live(console=self._console, get_renderable=self._render, refresh_per_second=4, transient=True)

    def started(self, event: Started) -> None:
        for each in opening(event):
            self._say(each)
        self._console.print(HEADS, style="bold", markup=False)

    def stepped(self, event: Stepped) -> None:
        self._event = event

    def measured(self, epoch: Epoch, epochs: int, eta: float | None) -> None:
        self._say(line(epoch, epochs, eta))

    def note(self, text: str) -> None:
        self._console.print(f"note: {text}", style="yellow", markup=False)

    def _say(self, text: str) -> None:
        self._console.print(text, markup=False, soft_wrap=True)

    def _render(self) -> Any:
        from rich.progress_bar import ProgressBar
        from rich.table import Table
        from rich.text import Text

        if self._event is None:
            return Text("the supernet is being made")
        row = Table.grid(padding=(0, 1))
        row.add_row(
            ProgressBar(total=self._event.steps, completed=self._event.step, width=24), Text(within(self._event))
        )
        return row


def as_text(summary: Summary) -> str:
    """The end of a run: how it ended, the genotype, where it lies, and what may come next."""
    early = f" ({summary.reason})" if summary.reason else ""
    parts = [
        f"{summary.space}, net {summary.net}, {summary.method}, seed {summary.seed}: {summary.ending}{early} "
        f"after {summary.done:,} of {summary.epochs:,} epochs in {duration(summary.seconds)}\n"
        f"held-out accuracy of the supernet {score(summary.accuracy)}, mean entropy {score(summary.entropy)}",
        *(f"note: {warning}" for warning in summary.warnings),
        summary.genotype.rstrip() or "no epoch has ended yet, so there is no genotype",
        "\n".join(f"{name:<8}{path}" for name, path in [("run", summary.folder), *(("", p) for p in summary.files)]),
    ]
    steps = [("to go on", summary.resume)] if summary.ending == "interrupted" else []
    if summary.genotype:
        space, run, options = summary.source, summary.folder, summary.options
        steps += [
            ("its cost", f"nasdsl info {space}:{summary.name} {options} --genotypes {run}/genotype.nas"),
            ("others", f"nasdsl evolve {space} {options} --evaluator supernet:{run}"),
        ]
    width = max((len(what) for what, _ in steps), default=0) + 1
    parts += ["\n".join(f"{what + ':':<{width}} {command}" for what, command in steps)] if steps else []
    return "\n\n".join(parts)


def as_json(summary: Summary) -> dict[str, Any]:
    """The same for a program."""
    return {
        "run": str(summary.folder),
        "kind": "relax",
        "space": summary.space,
        "net": summary.net,
        "method": summary.method,
        "seed": summary.seed,
        "ending": summary.ending,
        "reason": summary.reason,
        "done": summary.done,
        "epochs": summary.epochs,
        "seconds": round(summary.seconds, 3),
        "held_accuracy": summary.accuracy,
        "best_held_accuracy": summary.best,
        "entropy": summary.entropy,
        "genotype": summary.genotype,
        "warnings": list(summary.warnings),
        "files": [str(path) for path in summary.files],
    }


def methods() -> str:
    """Every method with what it does, its paper and its settings."""
    from nasdsl.relax.methods import METHODS

    parts = []
    for name, method in METHODS.items():
        fields = method.Settings.model_fields.items()
        told = ", ".join(f"{field}={info.default}" for field, info in fields) or "none"
        parts.append(f"{name}\n  {method.summary}\n  {method.paper}\n  settings: {told}")
    return "\n\n".join(parts)
