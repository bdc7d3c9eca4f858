"""What fuzzing found, in small files that say what they give: each failed once with something else, or took seconds."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
from click.testing import CliRunner

import nasdsl
from nasdsl.cli import program

from .trial import tried

FOUND = sorted((Path(__file__).parent / "found").glob("*.nas"))


@pytest.mark.parametrize("path", FOUND, ids=lambda path: path.stem)
def test_what_was_found_stays_found(path: Path, tmp_path: Path) -> None:
    data = path.read_bytes()
    gives = data.splitlines()[0].decode().removeprefix("# gives: ").split(".")[0]
    began = time.process_time()
    codes = [d.code for d in tried(data, tmp_path) if not d.code.startswith("W02")]
    assert " ".join(sorted(codes)) == ("" if gives == "nothing" else gives)
    # About a second here, where it was six and more; far above that, for it is no measurement of speed.
    assert time.process_time() - began < 5


def test_a_size_of_any_length_is_shown() -> None:
    path = next(path for path in FOUND if path.stem == "size_of_six_thousand_digits")
    result = CliRunner().invoke(program, ["info", "--json", str(path), "--samples", "1"])
    assert result.exit_code == 0
    assert json.loads(result.output)["size"] == nasdsl.load(path).size
