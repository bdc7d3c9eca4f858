"""What `fmt` does: files laid out anew, told or compared."""

from __future__ import annotations

import difflib
import os
import sys
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import click

from nasdsl.diagnostics import Diagnostic, NasdslError, error
from nasdsl.source import SourceFile
from nasdsl.syntax.formatter import formatted
from nasdsl.syntax.parser import LARGEST, decoded, read
from nasdsl.terminal.program import show, wants_color

STDIN: Final = "-"
_COLOURS: Final = {"+": "\033[32m", "-": "\033[31m", "@": "\033[36m"}


@dataclass(frozen=True, slots=True)
class Result:
    """One file and its canonical text, or what is wrong with it."""

    name: str
    before: str = ""
    after: str = ""
    path: Path | None = None
    mistakes: tuple[Diagnostic, ...] = ()

    @property
    def changed(self) -> bool:
        return self.before != self.after


def laid_out(names: Iterable[str], only_check: bool, diff: bool) -> bool:
    """Write, tell or compare, and say whether all was right: no mistake, and where only looked at, no change."""
    right = True
    for result in results(names):
        show(result.mistakes)
        right &= not result.mistakes and not ((only_check or diff) and result.changed)
        if diff:
            click.echo(difference(result, wants_color(sys.stdout)), nl=False, color=True)
        elif only_check:
            click.echo(f"would change {result.name}\n" if result.changed else "", nl=False)
        elif result.path is None:
            click.echo(result.after, nl=False)
        elif result.changed:
            write(result)
            click.echo(f"formatted {result.name}")
    return right


def results(names: Iterable[str]) -> Iterator[Result]:
    """Each file once; a folder stands for every `.nas` file below it, and `-` for what is typed or piped in."""
    seen: set[str] = set()
    for name in names:
        try:
            for file in _files(name):
                if file not in seen:
                    seen.add(file)
                    yield _result(file)
        except NasdslError as mistake:
            yield Result(name, mistakes=mistake.diagnostics)


def write(result: Result) -> None:
    """Put the new text in the place of the old in one step; whoever reads meanwhile finds one or the other."""
    assert result.path is not None
    target = result.path.resolve()  # a link stays a link
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    draft = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            file.write(result.after)
        draft.chmod(target.stat().st_mode & 0o7777)
        draft.replace(target)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise


def difference(result: Result, color: bool) -> str:
    """What would change, as a unified diff."""
    before, after = (text.splitlines(keepends=True) for text in (result.before, result.after))
    shown = ""
    for line in difflib.unified_diff(before, after, result.name, result.name + " (formatted)"):
        shown += _painted(line.removesuffix("\n")) if color else line.removesuffix("\n")
        shown += "\n" if line.endswith("\n") else "\n\\ No newline at end of file\n"
    return shown


def _painted(line: str) -> str:
    colour = _COLOURS.get(line[0])
    return f"{colour}{line}\033[0m" if colour and line[:3] not in ("+++", "---") else line


def _files(name: str) -> list[str]:
    folder = Path(name)
    if name == STDIN or not folder.is_dir():
        return [name]
    found = [str(path) for path in sorted(folder.rglob("*.nas")) if path.is_file()]
    if not found:
        raise error("E0116", f"there is no `.nas` file in `{name}`")
    return found


def _result(name: str) -> Result:
    try:
        source = _piped() if name == STDIN else read(name)
        return Result(source.name, source.text, formatted(source), source.path)
    except NasdslError as mistake:
        return Result(name, mistakes=mistake.diagnostics)


def _piped() -> SourceFile:
    return decoded("<stdin>", sys.stdin.buffer.read(LARGEST + 1))
