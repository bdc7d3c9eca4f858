"""Quick fixes: what a help says, done. The law runs over every mistake of tests/errors."""

import importlib.util
from pathlib import Path

import pytest

from nasdsl import fixes
from nasdsl.compiler.examine import diagnostics
from nasdsl.diagnostics import Diagnostic
from nasdsl.source import SourceFile
from nasdsl.syntax.parser import parse_partly

ERRORS = Path(__file__).parent / "errors"

# Edits that do not take their diagnostic away, and why that is right.
EXEMPT: dict[tuple[str, str], str] = {
    (
        "net_stage_arguments",
        "Change to `width`",
    ): "of two wrong names in a row both are nearest to `width`, given twice then",
    ("genotype_mistakes", "Change to `prev2`"): "a clause further right in the line is wrong in the same way",
}


def golden():
    spec = importlib.util.spec_from_file_location("golden", ERRORS / "test_errors.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


GOLDEN = golden()


def line(d: Diagnostic) -> int:
    return d.span.source.position(d.span.start)[0] if d.span else 0


def count(found: tuple[Diagnostic, ...], code: str, where: int) -> int:
    return sum(d.code == code and line(d) == where for d in found)


@pytest.mark.parametrize("name", GOLDEN.NAMES)
def test_an_edit_takes_its_diagnostic_away(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ERRORS)
    found = GOLDEN.found(name)
    wrong = []
    for d in found:
        for edit in fixes.edits(d):
            source = d.span.source
            text = edit.applied(source.text)
            after = SourceFile(source.name, text, source.path)
            assert text != source.text
            assert len(parse_partly(after)[1]) <= len(parse_partly(source)[1]), f"{d.code} {edit.title}:\n{text}"
            left = diagnostics(after, *GOLDEN.options(source))
            same = count(left, d.code, after.position(edit.moved(d.span.start))[0])
            if same >= count(found, d.code, line(d)) and (name, edit.title) not in EXEMPT:
                wrong.append(f"{d.code} in line {line(d)} is still there after: {edit.title}\n{text}")
    assert not wrong, "\n".join(wrong)
