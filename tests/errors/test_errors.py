"""Every mistake has a pair of files here: NAME.nas and NAME.err, the report a user sees.

What they import by path, and the plug-ins they name, lies in `imported`.

`NASDSL_GOLDEN=write pytest tests/errors` writes the reports anew; read the difference before you keep it.
"""

import os
from itertools import pairwise
from pathlib import Path

import pytest

from nasdsl import report
from nasdsl.compiler.examine import diagnostics
from nasdsl.diagnostics import Diagnostic, NasdslError
from nasdsl.source import SourceFile
from nasdsl.syntax.parser import read

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


def options(source: SourceFile) -> tuple[dict[str, int | float], str | None, list[str]]:
    words = source.text.splitlines()[0].split() if source.text.startswith("# nasdsl check ") else []
    pairs = list(pairwise(words))
    settings = (value.split("=") for option, value in pairs if option == "-p")
    nets = [value for option, value in pairs if option == "--net"]
    numbers = {key: float(value) if "." in value else int(value) for key, value in settings}
    return numbers, next(iter(nets), None), [value for option, value in pairs if option == "--ops"]


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


def test_no_report_is_left_over() -> None:
    assert sorted(path.stem for path in HERE.glob("*.err")) == NAMES
