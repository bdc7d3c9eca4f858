"""Every mistake has a pair of files here: NAME.nas and NAME.err, the report a user sees.

What they import by path, and the plug-ins they name, lies in `imported`.

`NASDSL_GOLDEN=write pytest tests/errors` writes the reports anew; read the difference before you keep it.
"""

import os
import re
import shlex
from itertools import pairwise
from pathlib import Path

import pytest

import nasdsl
from nasdsl import report
from nasdsl.compiler.examine import diagnostics
from nasdsl.diagnostics import Diagnostic, NasdslError
from nasdsl.source import SourceFile
from nasdsl.space.narrowing import Narrowing
from nasdsl.syntax.parser import read
from nasdsl.syntax.tables import END, tables

HERE = Path(__file__).parent
NAMES = sorted(path.stem for path in HERE.glob("*.nas"))


def found(name: str) -> tuple[Diagnostic, ...]:
    """What the whole check of a file finds; a first line `# nasdsl check FILE -p N=2 --net search` gives options.

    `# nasdsl check -` stands for a text that is no file.
    """
    try:
        source = read(f"{name}.nas")
    except NasdslError as mistake:
        return mistake.diagnostics
    if source.text.startswith("# nasdsl check -\n"):
        source = SourceFile("<text>", source.text)
    return diagnostics(source, *options(source))


def options(source: SourceFile) -> tuple[dict[str, int | float], str | None, list[str], Narrowing]:
    words = shlex.split(source.text.splitlines()[0]) if source.text.startswith("# nasdsl check ") else []
    pairs = list(pairwise(words))
    settings = (value.split("=") for option, value in pairs if option == "-p")
    nets = [value for option, value in pairs if option == "--net"]
    numbers = {key: float(value) if "." in value else int(value) for key, value in settings}
    ops = [value for option, value in pairs if option == "--ops"]
    restrict, fix = (tuple(v for option, v in pairs if option == wanted) for wanted in ("--restrict", "--fix"))
    return numbers, next(iter(nets), None), ops, Narrowing(restrict, fix)


@pytest.mark.parametrize("name", NAMES)
def test_report(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(HERE)
    monkeypatch.syspath_prepend(HERE / "imported")
    problems = found(name)
    assert problems, "this file is right"
    shown = report.terminal(problems)
    golden = HERE / f"{name}.err"
    if os.environ.get("NASDSL_GOLDEN") == "write":
        golden.write_text(shown, encoding="utf-8")
    assert shown == golden.read_text(encoding="utf-8")


def classes() -> frozenset[str]:
    """The names of every class in the package."""
    package = Path(nasdsl.__file__).parent
    text = "".join(path.read_text(encoding="utf-8") for path in package.rglob("*.py"))
    return frozenset(re.findall(r"^\s*class (\w+)", text, re.MULTILINE))


@pytest.mark.parametrize("name", NAMES)
def test_a_report_speaks_of_the_file_only(name: str) -> None:
    """Lines of the file may say anything; nasdsl says no terminal of its grammar, no class and no traceback."""
    report = (HERE / f"{name}.err").read_text(encoding="utf-8")
    said = "\n".join(line for line in report.splitlines() if not re.match(r" *\d+ \|", line))
    # What stands in backquotes is quoted from the file.
    words = set(re.findall(r"\w+", re.sub(r"`[^`]*`", "", said)))
    inner = {*tables().terminals(), END, *classes(), "None", "True", "False", "str", "int", "dict", "tuple"}
    assert not words & inner
    assert "Traceback" not in said
    assert "$END" not in said
    # What a plug-in says of itself is quoted.
    assert name == "plugin_fails" or not re.search(r"\w+Error\b|object at 0x|<class", said)


def test_no_report_is_left_over() -> None:
    assert sorted(path.stem for path in HERE.glob("*.err")) == NAMES
