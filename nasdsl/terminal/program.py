"""The command group: the one place where whatever went wrong becomes a message and an exit code."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterable, Sequence
from enum import IntEnum
from typing import Any, NoReturn, TextIO

import click

from nasdsl.diagnostics import Diagnostic, NasdslError
from nasdsl.version import VERSION


class ExitCode(IntEnum):
    """What the shell is told."""

    OK = 0
    INPUT = 1
    USAGE = 2
    INCOMPLETE = 3
    BUG = 70
    INTERRUPTED = 130
    BROKEN_PIPE = 141


EXIT_CODES = """\b
Exit codes:
  0    fine
  1    mistakes in the input: a space, a run, data, a path
  2    mistakes in the command line
  3    a search ended before its budget, or with no network
  70   a bug in nasdsl
  130  stopped by Ctrl-C (the run is kept; see resume)
  141  whoever read the output went away"""

TRACEBACK = "NASDSL_TRACEBACK"


class Stopped(click.exceptions.Exit):
    """Ends a command with a code, after it has said why."""

    def __init__(self, code: ExitCode) -> None:
        super().__init__(int(code))


class Program(click.Group):
    """Commands in the order they were written, and no traceback for a user's eyes."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.commands)

    def main(self, args: Sequence[str] | None = None, *rest: Any, **options: Any) -> NoReturn:
        options["standalone_mode"] = False
        # The size of a space is shown whole, and Python shows 4,300 digits unless told otherwise.
        sys.set_int_max_str_digits(0)
        sys.exit(int(self._guarded(args, *rest, **options)))

    def invoke(self, ctx: click.Context) -> Any:
        # click turns a broken pipe into exit code 1 further up; caught here, it has a code of its own.
        try:
            result = super().invoke(ctx)
            sys.stdout.flush()
        except BrokenPipeError:
            _silence(sys.stdout)
            raise Stopped(ExitCode.BROKEN_PIPE) from None
        return result

    def _guarded(self, *rest: Any, **options: Any) -> int:
        try:
            result = super().main(*rest, **options)
        except click.ClickException as mistake:
            mistake.show()
            return mistake.exit_code
        except (click.Abort, KeyboardInterrupt):
            return ExitCode.INTERRUPTED
        except NasdslError as mistake:
            _trace_if_asked()
            show(mistake.diagnostics)
            return ExitCode.INPUT
        except OSError as failure:
            _trace_if_asked()
            if failure.filename is None:
                return _bug(failure)
            click.echo(f"error: {os.fsdecode(failure.filename)}: {failure.strerror}", err=True)
            return ExitCode.INPUT
        except ModuleNotFoundError as failure:
            _trace_if_asked()
            package = (failure.name or "").split(".")[0]
            if package in ("", "nasdsl"):
                return _bug(failure)
            click.echo(
                f"error: the package `{package}` is missing: nasdsl was not installed with what it needs", err=True
            )
            return ExitCode.INPUT
        except Exception as failure:  # noqa: BLE001 - the last stop before the user
            _trace_if_asked()
            return _bug(failure)
        return result if isinstance(result, int) else ExitCode.OK


def show(diagnostics: Iterable[Diagnostic]) -> None:
    """All of them on stderr, in colour where that is a terminal, and one line that says where more is to be read."""
    every = tuple(diagnostics)
    if not every:
        return
    from nasdsl import explain, report

    # Not click.echo: it strips colour by its own rule, and ours has been decided.
    with contextlib.suppress(BrokenPipeError):
        print(report.terminal(every, color=wants_color(sys.stderr)) + explain.hint(every), file=sys.stderr)


def wants_color(stream: TextIO) -> bool:
    """Only a terminal, and not against NO_COLOR or a terminal that says it is dumb."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def wants_animation(stream: TextIO) -> bool:
    """Only a terminal that can move its cursor, and not in a continuous-integration log."""
    return stream.isatty() and os.environ.get("TERM") != "dumb" and not os.environ.get("CI")


def _bug(failure: Exception) -> int:
    import platform
    import traceback

    where = traceback.extract_tb(failure.__traceback__)
    ours = next((frame for frame in reversed(where) if f"nasdsl{os.sep}" in frame.filename), None)
    at = f" in {ours.name}, line {ours.lineno} of {os.path.basename(ours.filename)}" if ours else ""  # noqa: PTH119
    click.echo(
        f"this is a bug in nasdsl: {type(failure).__name__}: {failure}\n"
        f"  nasdsl {VERSION}, Python {platform.python_version()}, {platform.system()}{at}\n"
        f"  {TRACEBACK}=1 in front of the command shows the whole traceback; please report it",
        err=True,
    )
    return ExitCode.BUG


def _trace_if_asked() -> None:
    if os.environ.get(TRACEBACK, "0") not in ("", "0"):
        import traceback

        traceback.print_exc()


def _silence(stream: TextIO) -> None:
    # The interpreter flushes once more at exit; what is left has no reader.
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
