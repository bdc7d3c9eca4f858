"""The JSON of diagnostics is what docs/diagnostics.md says, and holds what the terminal shows."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

import pytest
from pydantic import BaseModel, ConfigDict, NonNegativeInt, PositiveInt

TESTS = Path(__file__).parent.parent
FILES = sorted((TESTS / "errors").glob("*.nas"))


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class Place(Strict):
    file: str
    line: PositiveInt
    column: PositiveInt
    end_line: PositiveInt
    end_column: PositiveInt


class Label(Strict):
    place: Place
    message: str


class Found(Strict):
    code: str
    severity: Literal["error", "warning"]
    message: str
    place: Place | None
    label: str
    labels: list[Label]
    notes: list[str]
    helps: list[str]


class Whole(Strict):
    errors: NonNegativeInt
    warnings: NonNegativeInt
    diagnostics: list[Found]


def whole(call: Callable[..., Any], *files: Path) -> Whole:
    return Whole.model_validate_json(call("check", *map(str, files), "--format", "json").stdout)


@pytest.mark.parametrize("name", ["pick_too_many", "shape_not_proved", "shape_widths", "syntax_random_bytes"])
def test_json_holds_what_the_terminal_shows(name: str, call: Callable[..., Any]) -> None:
    file = TESTS / "errors" / f"{name}.nas"
    shown, (found,) = call("check", str(file)).stderr, whole(call, file).diagnostics
    assert f"{found.severity}[{found.code}]: {found.message.split(chr(10))[0]}" in shown
    assert found.place is not None
    assert f"--> {found.place.file}:{found.place.line}:{found.place.column}\n" in shown
    for text in (found.label, *(each.message for each in found.labels)):
        assert text in shown
    assert re.findall(r"= help: (.*)", shown) == found.helps
    assert re.findall(r"= note: (.*)", shown) == found.notes


def test_every_golden_has_the_form(call: Callable[..., Any]) -> None:
    found = whole(call, *FILES)
    assert found.errors + found.warnings == len(found.diagnostics) > 150
    for each in found.diagnostics:
        assert re.fullmatch(r"[EW]\d{4}", each.code)
        for place in (each.place, *(label.place for label in each.labels)):
            assert place is None or (place.line, place.column) <= (place.end_line, place.end_column)


def test_a_mistake_in_no_file_has_no_place(call: Callable[..., Any]) -> None:
    result = whole(call, Path("nosuch"))
    assert (result.errors, result.warnings, result.diagnostics[0].place) == (1, 0, None)


def test_the_document_names_every_field() -> None:
    text = (TESTS.parent / "docs" / "diagnostics.md").read_text(encoding="utf-8")
    for model in (Whole, Found, Place, Label):
        for name in model.model_fields:
            assert f"`{name}`" in text
    golden = (TESTS / "errors" / "pick_too_many.err").read_text(encoding="utf-8")
    assert golden in text
