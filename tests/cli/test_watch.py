"""What a run shows while it goes on."""

from __future__ import annotations

import dataclasses
import io
from pathlib import Path

import pytest

from nasdsl.evolve.progress import Row, Started, Summary, Told
from nasdsl.terminal import runs
from nasdsl.terminal.program import ExitCode, wants_animation, wants_color
from nasdsl.terminal.watch import Lines, Panel, speed

STARTED = Started(Path("runs/a"), "hierarchical", "search", 7**46, "aging", 500, 2, "1x14x14, 10 classes")
TOLD = Told(
    n=0, status="ok", score=0.7, reason="", alias=None, parents=(), code="1f", done=1, budget=500, best=0.7, best_n=0,
    duplicates=0, draws=1, failures=0, rate=None, eta=None,
)  # fmt: skip
ROW = Row(n=87, code="1f3c", score=0.8125, test=0.803, params=45_120, macs=3_100_000)
SUMMARY = Summary(
    folder=Path("runs/a"), space="hierarchical", net="search", strategy="aging", seed=0, ending="finished", done=500,
    budget=500, failures=2, duplicates=14, draws=514, seconds=731.0, best=(ROW,), files=(Path("runs/a/best.svg"),),
)  # fmt: skip


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_lines_come_every_few_seconds_only() -> None:
    now, written = 0.0, []
    lines = Lines(written.append, clock=lambda: now)
    lines.started(STARTED)
    opening = len(written)
    assert written[0] == "net search on 1x14x14, 10 classes"
    for n in range(100):
        now += 0.5
        lines.told(dataclasses.replace(TOLD, n=n, done=n + 1, rate=2.0, eta=200.0, duplicates=3, draws=n + 4))
    assert len(written) - opening == 10
    assert written[-1] == "91/500  best 0.7000  2.0/s, 3m20s left  3 duplicates (3%), 0 failed"


def test_the_last_result_is_always_written() -> None:
    written = []
    lines = Lines(written.append, clock=lambda: 0.0)
    lines.told(TOLD)
    lines.told(dataclasses.replace(TOLD, n=499, done=500))
    assert [line.split()[0] for line in written] == ["1/500", "500/500"]


def test_a_failure_is_told_with_its_reason_at_once_and_its_alias_is_not() -> None:
    written = []
    lines = Lines(written.append, clock=lambda: 0.0)
    failed = dataclasses.replace(
        TOLD, status="failed", score=None, best=None, best_n=None, reason="the loss became NaN"
    )
    lines.told(failed)
    lines.told(dataclasses.replace(failed, n=1, alias=0))
    assert written[0] == "#0 failed: the loss became NaN"
    assert len(written) == 2


def test_slow_rates_are_told_by_the_minute() -> None:
    assert speed(dataclasses.replace(TOLD, rate=0.5, eta=60.0)) == "30.0/min, 1m00s left"
    assert speed(TOLD) == "-"


def test_the_panel_shows_the_best_the_rate_and_the_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    from rich.console import Console

    panel = Panel()
    panel._console = Console(file=io.StringIO(), width=100)

    def shown() -> str:
        console = Console(file=io.StringIO(), width=100)
        console.print(panel._render())
        return console.file.getvalue()

    assert "starting" in shown()
    panel.started(STARTED)
    assert "first candidates" in shown()
    panel.told(dataclasses.replace(TOLD, rate=0.4, eta=90.0, duplicates=2, draws=10, failures=1))
    text = shown()
    for part in ("best 0.7000", "(#0)", "1/500", "24.0/min", "1m30s left", "2 duplicates (20%)", "1 failed"):
        assert part in text
    panel.finishing("testing the best", 1, 5)
    assert "testing the best: 1 of 5" in shown()


def test_square_brackets_in_a_reason_are_not_markup() -> None:
    from rich.console import Console

    panel = Panel()
    panel._console = Console(file=io.StringIO(), width=100)
    panel.note("small[0] of [bold]")
    assert "small[0] of [bold]" in panel._console.file.getvalue()


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({}, ExitCode.OK),
        ({"ending": "interrupted", "done": 3}, ExitCode.INTERRUPTED),
        ({"ending": "exhausted", "done": 3}, ExitCode.INCOMPLETE),
        ({"best": ()}, ExitCode.INCOMPLETE),
    ],
)
def test_exit_codes_of_a_run(change: dict[str, object], code: ExitCode) -> None:
    assert runs.exit_code(dataclasses.replace(SUMMARY, **change)) == code


def test_the_end_of_a_run() -> None:
    text = runs.as_text(SUMMARY)
    assert "finished after 500 of 500 evaluations in 12m11s" in text
    assert "14 duplicates (3% of what was drawn), 2 failed" in text
    head, line = [each for each in text.splitlines() if "validation" in each or "#87" in each]
    assert head.split() == ["best", "number", "validation", "test", "parameters", "multiply-adds", "genotype"]
    assert line.split() == ["1", "#87", "0.8125", "0.8030", "45.1K", "3.1M", "1f3c"]
    assert "runs/a/best.svg" in text


def test_a_stopped_run_says_how_to_go_on() -> None:
    assert "nasdsl resume runs/a" in runs.as_text(dataclasses.replace(SUMMARY, ending="interrupted"))


def test_colour_and_animation_need_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NO_COLOR", "CI"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    assert not wants_color(io.StringIO())
    assert not wants_animation(io.StringIO())
    assert wants_color(Terminal())
    assert wants_animation(Terminal())
    monkeypatch.setenv("NO_COLOR", "1")
    assert not wants_color(Terminal())
    monkeypatch.setenv("TERM", "dumb")
    assert not wants_animation(Terminal())
