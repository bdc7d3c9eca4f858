"""Every example of docs/language.md is a file without a mistake, of the size its first line says."""

import re
from pathlib import Path

import pytest

from nasdsl.compiler.examine import diagnostics
from nasdsl.compiler.load import loads
from nasdsl.source import SourceFile

PAGE = (Path(__file__).parents[2] / "docs" / "language.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"^```nas\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("text", EXAMPLES, ids=range(len(EXAMPLES)))
def test_example(text: str) -> None:
    size = re.match(r"# (\d+) genotypes?\n", text)
    assert size is not None, "its first line says its size"
    assert diagnostics(SourceFile("docs/language.md", text)) == ()
    assert loads(text).size == int(size[1])


def test_there_are_examples() -> None:
    assert len(EXAMPLES) > 15
