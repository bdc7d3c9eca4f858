"""Every mistake has a pair of files here: NAME.nas and NAME.err, the report a user sees.

`NASDSL_GOLDEN=write pytest tests/errors` writes the reports anew; read the difference before you keep it.
"""

import os
from pathlib import Path

import pytest

from nasdsl import report
from nasdsl.diagnostics import NasdslError
from nasdsl.syntax.parser import parse, read

HERE = Path(__file__).parent
NAMES = sorted(path.stem for path in HERE.glob("*.nas"))

check = parse  # what each file is given to


@pytest.mark.parametrize("name", NAMES)
def test_report(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(HERE)
    with pytest.raises(NasdslError) as caught:
        check(read(f"{name}.nas"))
    shown = report.terminal(caught.value.diagnostics)
    golden = HERE / f"{name}.err"
    if os.environ.get("NASDSL_GOLDEN") == "write":
        golden.write_text(shown, encoding="utf-8")
    assert shown == golden.read_text(encoding="utf-8")


def test_no_report_is_left_over() -> None:
    assert sorted(path.stem for path in HERE.glob("*.err")) == NAMES
