"""Reading a genotype's JSON: everything in it is checked, and nothing in it is ever run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from nasdsl.diagnostics import Diagnostic, NasdslError, error
from nasdsl.space.genotype import FORMAT, Genotype
from nasdsl.space.model import SearchSpace

LARGEST = 1_000_000
"""The most characters, or bytes, that are read."""
MOST = 20
"""About how many mistakes are reported."""

WANTED: Mapping[str, str] = {
    "format": "a whole number from 1 on", "name": "a name", "space": "a text", "net": "a text",
    "params": "numbers by name", "narrowed": "a list of texts", "fingerprint": "32 hexadecimal digits",
    "code": "a hexadecimal number", "text": "a text",
}  # fmt: skip


class Head(BaseModel):
    """What every format has."""

    model_config = ConfigDict(strict=True)

    format: int = Field(ge=1)


class Record(BaseModel):
    """A genotype as JSON; `params` and `narrowed` are what was asked for beside the file of the space."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, allow_inf_nan=False)

    format: int
    name: str = Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")
    space: str
    net: str
    params: dict[str, int | float]
    narrowed: tuple[str, ...]
    fingerprint: str = Field(pattern=r"^[0-9a-f]{32}$")
    code: str = Field(pattern=r"^[0-9a-f]+$")
    text: str


def read(space: SearchSpace, text: str | bytes) -> Genotype:
    """The genotype of a space that a text holds; E0531 where it holds none, E0532 where it is one of another space."""
    if len(text) > LARGEST:
        raise error("E0531", f"this is no genotype: it is longer than {LARGEST:,} characters")
    record = _record(text)
    if record.fingerprint != space.fingerprint:
        raise _of_another(record, space)
    genotype = space.from_rank_text(record.code)
    # The text names its own net, which may be another of the same file.
    body = genotype.text().partition("{")[2]
    if record.text != f"genotype {record.name} of {record.net} {{{body}":
        raise error(
            "E0531", f"the code `{record.code}` and the text of this genotype are two genotypes",
            notes=("somebody changed one of them",), helps=(f"paste the text into the file of `{record.space}`",),
        )  # fmt: skip
    return genotype


def _record(text: str | bytes) -> Record:
    try:
        data = text.encode() if isinstance(text, str) else text
        head = Head.model_validate_json(data)
        if head.format > FORMAT:
            raise error(
                "E0531", f"this genotype has format {head.format}, and this nasdsl reads {FORMAT}",
                helps=("install the nasdsl that wrote it",),
            )  # fmt: skip
        return Record.model_validate_json(data)
    except UnicodeEncodeError:
        raise error("E0531", "this is no genotype: it holds half a character") from None
    except ValidationError as problem:
        # A number that is neither whole nor decimal is two mistakes to pydantic.
        said = dict.fromkeys(map(_said, problem.errors()[: 2 * MOST]))
        raise NasdslError(Diagnostic("E0531", f"this is no genotype: {each}") for each in said) from None


def _said(problem: Any) -> str:
    """A mistake that pydantic found, in a person's words."""
    where = ".".join(map(str, problem["loc"][:2]))
    if problem["type"] == "json_invalid":
        return f"no JSON, {problem['ctx']['error']}"
    if not where:
        return "an object of JSON is expected"
    if problem["type"] == "missing":
        return f"it has no `{where}`"
    if problem["type"] == "extra_forbidden":
        return f"nothing is called `{where:.60}` in one"
    return f"its `{where:.60}` is {problem['input']!r:.60}, and should be {WANTED[problem['loc'][0]]}"


def _of_another(record: Record, space: SearchSpace) -> NasdslError:
    if record.space != space.name:
        return error("E0532", f"this genotype is of `{record.space:.60}`, and not of `{space.name}`")
    theirs, ours = (list(_origin(each)) for each in (record, space))
    notes = [f"it is of {', '.join(theirs)}", f"the space here is {', '.join(ours)}"]
    if theirs == ours:
        notes = ["the file of the space was changed: what it decides is not the same"]
    return error("E0532", f"this genotype is of another `{space.name}` than this one", notes=notes)


def _origin(of: Record | SearchSpace) -> Iterator[str]:
    """Where a genotype comes from."""
    yield f"net `{of.net}`"
    yield from (f"{name} = {value}" for name, value in of.params.items())
    yield from (f"narrowed by {each}" for each in of.narrowed)
